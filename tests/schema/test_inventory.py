"""The simulated organisation's lines as nodes and relationships, compared as whole sets."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from collector.snapshot import Change, Overlay
from graph.inventory import Inventory, inventory
from graph.records import Node
from graph.schema.registry import REGISTRY
from tests.schema.aws_lines import (
    ABSENT,
    ALB,
    AMI,
    ANCHOR,
    CLUSTER,
    DENIED,
    ENI,
    FUNCTION,
    GROUP,
    INSTANCE,
    KEY,
    MANAGEMENT,
    ORG,
    PCX,
    PERSON,
    POOL,
    PROD,
    RDS,
    SET,
    SG,
    SHARED,
    SUBNET_ARN,
    TABLE,
    VENDOR,
    VPC,
    VPC_B,
    WEST,
    Lines,
    ec2,
    iam,
    line,
    more,
    ok,
    organisation,
    tags,
    write,
)

# Ids are written by their last part, with A for 0a0a0a0a0a0a0a0a1; "-": named only, not collected.
NODES = """
account:111122223333 AWSAccount
account:444455556666 AWSAccount
account:777766665555 ExternalAccount Source -
account:999988887777 AWSAccount -
eigw-A EgressOnlyInternetGateway
eipalloc-A ElasticIP
i-A EC2Instance
igw-A InternetGateway
nat-A NATGateway
acl-A NetworkAcl
eni-A NetworkInterface
rtb-A RouteTable
sg-A SecurityGroup
tgw-attach-A TransitGatewayAttachment
tgw-attach-B TransitGatewayAttachment
vpce-svc-A VPCEndpointService
vpce-A VPCEndpoint
pcx-A VPCPeeringConnection
vpc-A VPC
sg-B SecurityGroup -
subnet-A Subnet
tgw-rtb-A TransitGatewayRouteTable
tgw-A TransitGateway
vpc-B VPC
ami-A AMI
snap-A EBSSnapshot
pl-A PrefixList
vpc-E VPC -
image ECRRepository
a1 LoadBalancer ALB
b1 LoadBalancer NLB
old ClassicLoadBalancer LoadBalancer
c1 TargetGroup
c1-fn TargetGroup
catalog GlueDataCatalog -
registry ECRRegistry
ops IAMGroup
app-profile InstanceProfile
token.actions.githubusercontent.com OIDCProvider FederatedProvider Source
limit IAMPolicy
app IAMRole
okta SAMLProvider FederatedProvider Source
ann IAMUser
deployer IAMRole -
AdministratorAccess IAMPolicy -
11111111-2222-3333-4444-555555555555 KMSKey
hello LambdaFunction
ou-1 OrganizationalUnit
p-1 OrganizationPolicy ServiceControlPolicy
r-1 OrganizationRoot
aaaa ResourceShare
aurora-1 RDSClusterSnapshot
aurora RDSCluster
main RDSInstance
main-1 RDSSnapshot
dbs DBSubnetGroup
elsewhere S3Bucket -
logs S3Bucket
site S3Bucket
ap S3AccessPoint
db-AbCdEf Secret
news SNSTopic
jobs SQSQueue
deleted:AROAAAAAAAAAAAAAAAAAA DeletedPrincipal -
federated:accounts.google.com FederatedProvider Source -
org:o-abc Organization Source
region:111122223333/eu-west-1 Region
region:111122223333/us-east-1 Region
service:ec2.amazonaws.com AWSService Source -
service:lambda.amazonaws.com AWSService Source -
vgw-0a0a0a0a VPNGateway -
11111111-2222-3333-4444-555555555555 CognitoIdentityPool
aaaa RolesAnywhereProfile
aaaa TrustAnchor FederatedProvider Source
g-1 IdentityCenterGroup
gone IAMRole -
main EKSCluster
ps-1 PermissionSet
ssoins-1 IdentityCenterInstance
u-1 IdentityCenterUser
"""

RELATIONSHIPS = """
ALLOWS_FROM sg-A sg-A
ALLOWS_FROM sg-A sg-B
ALLOWS_FROM sg-A pl-A
APPLIES_TO acl-A subnet-A
APPLIES_TO rtb-A vpc-A
APPLIES_TO rtb-A subnet-A
APPLIES_TO sg-A vpc-B
APPLIES_TO tgw-rtb-A tgw-attach-A
APPLIES_TO p-1 account:111122223333
APPLIES_TO p-1 ou-1
ATTACHED_TO eigw-A vpc-A
ATTACHED_TO eipalloc-A eni-A
ATTACHED_TO igw-A vpc-A
ATTACHED_TO tgw-attach-A vpc-A
ATTACHED_TO tgw-attach-A tgw-A
ATTACHED_TO pcx-A vpc-A
ATTACHED_TO pcx-A vpc-E
ATTACHED_TO tgw-rtb-A tgw-A
ATTACHED_TO ap site
CONTAINS ami-A snap-A
CONTAINS app-profile app
CONTAINS aaaa subnet-A
CONTAINS aaaa catalog
ENCRYPTED_WITH snap-A 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH main 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH db-AbCdEf 11111111-2222-3333-4444-555555555555
FORWARDS_TO vpce-svc-A b1
FORWARDS_TO a1 c1
FORWARDS_TO a1 c1
FORWARDS_TO old i-A
FORWARDS_TO c1 i-A
FORWARDS_TO c1-fn hello
HAS_BOUNDARY ann limit
HAS_INSTANCE_PROFILE i-A app-profile
HAS_INTERFACE i-A eni-A
HAS_POLICY ann AdministratorAccess
HAS_SECURITY_GROUP i-A sg-A
HAS_SECURITY_GROUP eni-A sg-A
HAS_SECURITY_GROUP vpce-A sg-A
HAS_SECURITY_GROUP a1 sg-A
HAS_SECURITY_GROUP old sg-A
HAS_SECURITY_GROUP hello sg-A
HAS_SECURITY_GROUP main sg-A
IN_SUBNET i-A subnet-A
IN_SUBNET nat-A subnet-A
IN_SUBNET eni-A subnet-A
IN_SUBNET tgw-attach-A subnet-A
IN_SUBNET vpce-A subnet-A
IN_SUBNET a1 subnet-A
IN_SUBNET old subnet-A
IN_SUBNET hello subnet-A
IN_SUBNET main subnet-A
IN_SUBNET dbs subnet-A
IN_VPC i-A vpc-A
IN_VPC nat-A vpc-A
IN_VPC acl-A vpc-A
IN_VPC eni-A vpc-A
IN_VPC rtb-A vpc-A
IN_VPC sg-A vpc-A
IN_VPC vpce-A vpc-A
IN_VPC subnet-A vpc-B
IN_VPC a1 vpc-A
IN_VPC b1 vpc-A
IN_VPC old vpc-A
IN_VPC c1 vpc-A
IN_VPC hello vpc-A
IN_VPC main vpc-A
IN_VPC dbs vpc-A
LOGS_TO site elsewhere
MEMBER_OF ann ops
MEMBER_OF main aurora
PARENT_OF ou-1 account:111122223333
PARENT_OF ou-1 account:444455556666
PARENT_OF r-1 account:999988887777
PARENT_OF r-1 ou-1
PARENT_OF org:o-abc r-1
PEERED_WITH vpc-A vpc-E
ROUTES_VIA rtb-A eigw-A
ROUTES_VIA rtb-A igw-A
ROUTES_VIA rtb-A pcx-A
ROUTES_VIA rtb-A tgw-A
ROUTES_VIA rtb-A vgw-0a0a0a0a
ROUTES_VIA tgw-rtb-A tgw-attach-A
SHARED_WITH vpce-svc-A account:777766665555
SHARED_WITH subnet-A account:111122223333
SHARED_WITH ami-A account:777766665555
SHARED_WITH ami-A ou-1
SHARED_WITH ami-A org:o-abc
SHARED_WITH catalog account:111122223333
SHARED_WITH aaaa account:111122223333
SHARED_WITH main-1 account:777766665555
SNAPSHOT_OF main-1 main
TRUSTS app account:444455556666
TRUSTS app account:777766665555
TRUSTS app token.actions.githubusercontent.com
TRUSTS app app
TRUSTS app deployer
TRUSTS app deleted:AROAAAAAAAAAAAAAAAAAA
TRUSTS app federated:accounts.google.com
TRUSTS app service:ec2.amazonaws.com
TRUSTS app service:lambda.amazonaws.com
USES_IMAGE i-A ami-A
ADMITS main ann
ASSIGNED g-1 ps-1
ASSIGNED u-1 ps-1
CONTAINS ssoins-1 ps-1
GIVES_ROLE 11111111-2222-3333-4444-555555555555 app
GIVES_ROLE 11111111-2222-3333-4444-555555555555 gone
GIVES_ROLE aaaa app
GIVES_ROLE main app
HAS_POLICY ps-1 AdministratorAccess
IN_VPC main vpc-A
ISSUES_TOKENS_FOR main token.actions.githubusercontent.com
MEMBER_OF u-1 g-1
PROVISIONED_TO ps-1 account:111122223333
"""


def read(folder: Path, lines: Lines) -> Inventory:
    return inventory(write(folder, lines))


def short(node_id: str) -> str:
    named = re.sub(r"0([a-e])(?:0\1){7}1", lambda found: found[1].upper(), node_id)
    return re.split(r"[:/]", named)[-1] if node_id.startswith("arn:") else named


def node(result: Inventory, node_id: str) -> Node:
    return next(found for found in result.nodes if found.id == node_id)


def ends(result: Inventory, relationship_type: str) -> set[tuple[str, str]]:
    return {(r.start, r.end) for r in result.relationships if r.type == relationship_type}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return read(tmp_path_factory.mktemp("organisation"), organisation())


def _rows(*texts: str) -> list[str]:
    return [row for text in texts for row in text.split("\n")[1:-1]]


def test_every_resource_is_one_node_with_its_labels(whole: Inventory) -> None:
    found = [
        " ".join((short(n.id), *n.labels, *([] if n.props["collected"] else ["-"])))
        for n in whole.nodes
    ]
    assert Counter(found) == Counter(_rows(NODES, *(module.NODES for module in more())))


def test_every_relationship_stands_once(whole: Inventory) -> None:
    found = [f"{r.type} {short(r.start)} {short(r.end)}" for r in whole.relationships]
    expected = _rows(RELATIONSHIPS, *(module.RELATIONSHIPS for module in more()))
    assert Counter(found) == Counter(expected)
    assert len({r.key for r in whole.relationships}) == len(whole.relationships)


def test_the_organisation_has_no_problems_and_both_ends_of_everything(whole: Inventory) -> None:
    ids = {found.id for found in whole.nodes}
    assert whole.problems == ()
    assert {r.start for r in whole.relationships} | {r.end for r in whole.relationships} <= ids


def test_every_node_has_what_every_node_has(whole: Inventory) -> None:
    for found in whole.nodes:
        assert found.props.keys() >= {
            "name",
            "resource_type",
            "account_id",
            "region",
            "tags",
            "resource_id",
            "collected",
            "category",
        }
        assert found.props["name"], found.id
        assert found.props.get("arn") in (None, found.id) or found.labels == ("AWSAccount",)
        for value in found.props.values():
            assert isinstance(value, str | int | list | None), found.id


PROPERTIES: list[tuple[str, dict[str, Any]]] = [
    (
        f"account:{PROD}",
        {
            "name": "prod",
            "arn": f"{ORG}:account/o-abc/{PROD}",
            "aliases": ["acme-prod"],
            "resource_id": PROD,
            "root_mfa_enabled": True,
            "root_access_keys_present": False,
            "root_password_last_used": "2026-01-02T00:00:00+00:00",
            "s3_block_public_acls": False,
            "s3_restrict_public_buckets": False,
        },
    ),
    (f"account:{SHARED}", {"delegated_services": ["guardduty.amazonaws.com"]}),
    (f"account:{MANAGEMENT}", {"name": "management", "region": "global"}),
    (
        f"account:{VENDOR}",
        {"name": VENDOR, "account_id": VENDOR, "resource_type": "AWS::Organizations::Account"},
    ),
    (
        f"region:{PROD}/{WEST}",
        {
            "name": WEST,
            "region": WEST,
            "account_id": PROD,
            "vpc_block_public_access_mode": "block-ingress",
            "snapshot_block_public_access_state": "unblocked",
            "image_block_public_access_state": None,
            "has_ecr_registry_policy": True,
        },
    ),
    (
        ec2("vpc", VPC),
        {
            "name": "web",
            "tags": ["Name=web", "team=a"],
            "cidr_blocks": ["10.0.0.0/16"],
            "ipv6_cidr_blocks": [],
            "vpc_block_public_access_exclusion": "allow-egress",
        },
    ),
    (
        SUBNET_ARN,
        {
            "account_id": SHARED,
            "tags": ["Name=shared-a"],
            "map_public_ip_on_launch": True,
            "default_for_az": False,
        },
    ),
    (ec2("route-table", TABLE), {"is_main": True}),
    (
        ec2("security-group", SG),
        {
            "name": "web",
            "open_ipv4": True,
            "open_ipv6": False,
            "ingress": [
                "all pl-0a0a0a0a0a0a0a0a1",
                "tcp/443 0.0.0.0/0",
                f"tcp/443 {SG}",
                "tcp/443 sg-0b0b0b0b0b0b0b0b1",
            ],
            "egress": ["all ::/0"],
        },
    ),
    (
        ec2("network-interface", ENI),
        {"name": "eth0", "public_ips": ["203.0.113.5"], "private_ips": ["10.0.0.5"]},
    ),
    (
        ec2("instance", INSTANCE),
        {
            "name": "web-1",
            "state": "running",
            "image_id": AMI,
            "http_tokens": "optional",
            "http_put_response_hop_limit": 2,
            "http_endpoint": None,
            "public_ips": [],
            "iam_instance_profile_arn": iam("instance-profile", "app-profile"),
        },
    ),
    (f"arn:aws:ec2:{WEST}::image/{AMI}", {"account_id": PROD, "shared_with_all": False}),
    (
        f"arn:aws:ec2:{WEST}::snapshot/snap-0a0a0a0a0a0a0a0a1",
        {"shared_with_all": True, "encrypted": True, "kms_key_id": KEY},
    ),
    (ALB, {"name": "web", "listener_ports": ["443"], "load_balancer_type": "application"}),
    (GROUP, {"target_ids": [INSTANCE], "preserve_client_ip": True, "port": 80}),
    (
        FUNCTION,
        {
            "role_arn": iam("role", "service/app"),
            "has_policy": False,
            "url_without_authentication": True,
            "function_urls": ["https://x.lambda-url/"],
        },
    ),
    (
        iam("user", "ann"),
        {
            "inline_policies": ["inline"],
            "password_enabled": True,
            "password_last_used": None,
            "mfa_active": False,
            "access_key_1_active": True,
            "access_key_2_active": None,
        },
    ),
    (iam("role", "service/app"), {"name": "app", "region": "global", "unique_id": "AROA1"}),
    (
        iam("oidc-provider", "token.actions.githubusercontent.com"),
        {"client_ids": ["sts.amazonaws.com"], "tags": ["a=b"]},
    ),
    (iam("saml-provider", "okta"), {"entity_id": "https://idp.example.com/a?b&c"}),
    (
        f"arn:aws:cognito-identity:{WEST}:{PROD}:identitypool/{POOL}",
        {
            "name": "shop",
            "allow_unauthenticated_identities": True,
            "allow_classic_flow": False,
            "login_providers": ["accounts.google.com"],
            "tags": ["team=web"],
        },
    ),
    (ANCHOR, {"name": "factory", "enabled": True, "region": WEST}),
    (
        CLUSTER,
        {
            "name": "main",
            "endpoint_public_access": True,
            "public_access_cidrs": ["0.0.0.0/0"],
            "tags": ["team=k8s"],
        },
    ),
    (SET, {"name": "Ops", "has_inline_policy": True, "customer_managed_policies": None}),
    (PERSON, {"name": "ann@example.com", "account_id": PROD}),
    (f"{RDS}:db:main", {"endpoint_port": 5432, "publicly_accessible": True, "tags": ["team=db"]}),
    (f"{RDS}:snapshot:main-1", {"shared_with_all": True}),
    (f"{RDS}:cluster-snapshot:aurora-1", {"shared_with_all": None}),
    (
        "arn:aws:s3:::logs",
        {
            "region": "us-east-1",
            "account_id": PROD,
            "block_public_policy": False,
            "has_policy": False,
            "policy_is_public": None,
            "website": None,
        },
    ),
    (
        "arn:aws:s3:::site",
        {
            "region": "eu-west-1",
            "tags": ["team=web"],
            "block_public_acls": True,
            "block_public_policy": False,
            "has_policy": True,
            "policy_is_public": True,
            "policy_public_by_rule": True,
            "object_ownership": None,
            "website": True,
            "logs_to": "elsewhere",
        },
    ),
    ("arn:aws:s3:::elsewhere", {"account_id": None, "region": None, "name": "elsewhere"}),
    (KEY, {"name": "alias/data", "aliases": ["alias/data", "alias/old"], "grant_count": None}),
    (f"arn:aws:sns:{WEST}:{PROD}:news", {"subscriptions_confirmed": 2, "has_policy": True}),
    (f"arn:aws:sqs:{WEST}:{PROD}:jobs", {"has_policy": None, "sqs_managed_sse": None}),
]


@pytest.mark.parametrize(("node_id", "expected"), PROPERTIES, ids=[case[0] for case in PROPERTIES])
def test_a_node_holds_what_was_collected(
    whole: Inventory, node_id: str, expected: dict[str, Any]
) -> None:
    props = node(whole, node_id).props
    assert {name: props[name] for name in expected} == expected


def test_two_rules_between_the_same_nodes_are_two_relationships(whole: Inventory) -> None:
    found = {
        (r.props["listener"], r.props["priority"])
        for r in whole.relationships
        if (r.type, r.start) == ("FORWARDS_TO", ALB)
    }
    assert found == {("https/443", "default"), ("https/443", "5")}


def test_relationships_of_federation_say_for_whom(whole: Inventory) -> None:
    found = {
        (r.type, short(r.start), tuple(sorted((k, v) for k, v in r.props.items() if v)))
        for r in whole.relationships
        if r.type in ("GIVES_ROLE", "ASSIGNED")
    }
    pool = POOL.partition(":")[2]
    assert found == {
        ("GIVES_ROLE", pool, (("identity", "unauthenticated"),)),
        ("GIVES_ROLE", pool, (("identity", "rule"), ("provider", "accounts.google.com"))),
        ("GIVES_ROLE", "main", (("namespace", "shop"), ("service_account", "web"))),
        ("GIVES_ROLE", "aaaa", ()),
        ("ASSIGNED", "u-1", (("account_id", PROD),)),
        ("ASSIGNED", "g-1", (("account_id", PROD),)),
    }
    (entry,) = [r.props for r in whole.relationships if r.type == "ADMITS"]
    assert entry == {
        "entry_type": "STANDARD",
        "kubernetes_groups": ["ops"],
        "access_policies": ["View in shop"],
    }


def test_a_denied_call_is_null_where_an_absent_one_is_false(tmp_path: Path) -> None:
    lines = organisation()
    for row in lines[PROD, "global", "s3:bucket"]:
        row["calls"]["get_public_access_block"] = DENIED
    found = node(read(tmp_path, lines), "arn:aws:s3:::logs").props
    assert (found["block_public_policy"], found["has_policy"]) == (None, False)


def test_only_an_active_peering_connects(tmp_path: Path) -> None:
    lines = organisation()
    pcx = lines[PROD, WEST, "ec2:vpc-peering"][0]["item"]
    pcx["Status"]["Code"] = "pending-acceptance"
    result = read(tmp_path, lines)
    assert ends(result, "PEERED_WITH") == set()
    assert (ec2("vpc-peering-connection", PCX), ec2("vpc", VPC)) in ends(result, "ATTACHED_TO")


def test_the_owners_view_wins_and_the_others_fill_gaps(tmp_path: Path) -> None:
    lines = organisation()
    lines[PROD, WEST, "ec2:subnet"][0]["item"] |= {
        "CidrBlock": "192.0.2.0/24",
        "Tags": tags(Name="the participant's"),
    }
    del lines[SHARED, WEST, "ec2:subnet"][0]["item"]["AvailabilityZone"]
    found = node(read(tmp_path, lines), SUBNET_ARN).props
    assert found["name"] == "shared-a"
    assert found["cidr_block"] == "10.1.0.0/24"
    assert found["availability_zone"] == "eu-west-1a"


def test_without_the_owners_view_the_participants_counts(tmp_path: Path) -> None:
    lines = organisation()
    del lines[SHARED, WEST, "ec2:subnet"]
    found = node(read(tmp_path, lines), SUBNET_ARN)
    assert found.props["collected"] is True
    assert found.props["account_id"] == SHARED
    assert found.props["name"] == found.props["resource_id"]


def test_a_vpc_that_was_not_collected_is_named_without_a_guessed_owner(tmp_path: Path) -> None:
    lines = organisation()
    del lines[SHARED, WEST, "ec2:vpc"]
    found = node(read(tmp_path, {k: v for k, v in lines.items() if k[2] == "ec2:subnet"}), VPC_B)
    assert found.labels == ("VPC",)
    assert (found.props["account_id"], found.props["region"]) == (None, WEST)
    assert found.props["collected"] is False


def test_the_organisations_list_decides_who_is_an_outside_account(tmp_path: Path) -> None:
    lines = organisation()
    del lines[SHARED, "global", "org:account"]
    labels = {n.id: n.labels for n in read(tmp_path, lines).nodes}
    assert labels[f"account:{PROD}"] == ("AWSAccount",)
    assert labels[f"account:{MANAGEMENT}"] == ("ExternalAccount", "Source")


def test_a_setting_of_a_region_that_was_not_listed_still_stands(tmp_path: Path) -> None:
    lines = {k: v for k, v in organisation().items() if k[2] == "ec2:account-guards"}
    (found,) = read(tmp_path, lines).nodes
    assert (found.id, found.labels) == (f"region:{PROD}/{WEST}", ("Region",))
    assert found.props["snapshot_block_public_access_state"] == "unblocked"
    assert (found.props["region"], found.props["account_id"]) == (WEST, PROD)


def test_a_user_that_only_the_credential_report_names_is_not_collected(tmp_path: Path) -> None:
    lines = organisation()
    del lines[PROD, "global", "iam:user"]
    found = node(read(tmp_path, lines), iam("user", "ann"))
    assert (found.labels, found.props["collected"]) == (("IAMUser",), False)
    assert found.props["mfa_active"] is False


def test_a_shape_surprise_is_a_problem_that_names_file_and_id(tmp_path: Path) -> None:
    lines = organisation()
    lines[PROD, WEST, "ec2:instance"][0]["item"]["State"] = ["running"]
    result = read(tmp_path, lines)
    (problem,) = result.problems
    assert problem.file == f"accounts/{PROD}/{WEST}/ec2/instance.jsonl"
    assert problem.id == ec2("instance", INSTANCE)
    found = node(result, ec2("instance", INSTANCE)).props
    assert (found["state"], found["image_id"]) == (None, AMI)


def test_an_overlay_changes_exactly_its_own_records(tmp_path: Path, whole: Inventory) -> None:
    lines = organisation()
    snapshot = write(tmp_path, lines)
    file = f"accounts/{PROD}/{WEST}/ec2/internet-gateway.jsonl"
    row = lines[PROD, WEST, "ec2:internet-gateway"][0]
    changed = row | {"item": row["item"] | {"Attachments": []}}
    overlay = Overlay([Change("replace", file, row["id"], changed)])
    result = inventory(snapshot.with_overlay(overlay))
    gone = set(map(repr, whole.relationships)) ^ set(map(repr, result.relationships))
    assert len(gone) == 1
    assert "ATTACHED_TO" in gone.pop()
    assert result.nodes == whole.nodes


EMPTY_LINES = sorted(
    (declared.snapshot_type, declared.node_id is not REGISTRY.by_label["VPC"].node_id)
    for declared in REGISTRY.node_types
)


@pytest.mark.parametrize(("type_id", "id_from_the_line"), EMPTY_LINES)
def test_a_line_that_says_nothing_is_a_gap_not_a_crash(
    tmp_path: Path, type_id: str, id_from_the_line: bool
) -> None:
    arn = "arn:aws:some:eu-west-1:111122223333:thing/x"
    result = read(tmp_path, {(PROD, WEST, type_id): [line(arn)]})
    assert result.problems == ()
    if type_id == "org:organization":
        assert not [node for node in result.nodes if node.id.startswith("org:")]
        return
    # An ARN of a region is another type's; where there is no policy, there is no node for it.
    policies = ("ecr:registry", "glue:catalog", "logs:account-settings", "xray:policy")
    if type_id.startswith("wafv2:cloudfront-") or type_id in policies:
        assert not [node for node in result.nodes if node.props["collected"]]
        return
    (found,) = (n for n in result.nodes if n.props["collected"])
    unknown = {name: value for name, value in found.props.items() if value not in (None, [])}
    assert unknown.keys() <= {
        "name",
        "resource_type",
        "account_id",
        "region",
        "resource_id",
        "category",
        "collected",
        "arn",
        # Facts of a line without members: nothing is open, main, in use, ...
        "open_ipv4",
        "open_ipv6",
        "is_main",
        "associated",
        "entry_count",
        "has_user_data",
        "privileged",
        "rotation_enabled",
        "has_session_policy",
        "has_policy",
    }
    assert found.props.get("region") in (WEST, "x", arn)


def test_an_alias_of_a_key_that_was_not_listed(tmp_path: Path) -> None:
    lines = organisation()
    del lines[PROD, WEST, "kms:key"]
    lines[PROD, WEST, "kms:alias"].append(
        line(
            f"arn:aws:kms:{WEST}:{PROD}:alias/aws/ebs",
            {"AliasName": "alias/aws/ebs", "TargetKeyId": "99999999-2222-3333-4444-555555555555"},
        )
    )
    result = read(tmp_path, lines)
    keys = [n for n in result.nodes if n.labels == ("KMSKey",)]
    assert [(n.id, n.props["name"], n.props["collected"]) for n in keys] == [
        (KEY, "alias/data", False)
    ]
    assert result.problems == ()


def test_an_empty_id_is_no_relationship_and_no_problem(tmp_path: Path) -> None:
    lines = organisation()
    lines[PROD, WEST, "ec2:address"][0]["item"]["NetworkInterfaceId"] = ""
    result = read(tmp_path, lines)
    assert result.problems == ()
    assert not [r for r in result.relationships if ":elastic-ip/" in r.start]


def test_an_absent_call_says_no_where_a_missing_call_says_nothing(tmp_path: Path) -> None:
    arn = f"arn:aws:sns:{WEST}:{PROD}:news"
    for status, expected in ((ABSENT, False), (ok({"Attributes": {}}), False), (DENIED, None)):
        lines = {(PROD, WEST, "sns:topic"): [line(arn, get_topic_attributes=status)]}
        (found,) = read(tmp_path / str(len(str(status))), lines).nodes
        assert found.props["has_policy"] is expected


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"describe_organization": DENIED},
        {"describe_organization": ABSENT},
    ],
    ids=["not asked", "denied", "in none"],
)
def test_an_account_without_an_organisation_is_no_problem(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    result = read(tmp_path, {(PROD, "global", "org:organization"): [line(PROD, **asked)]})
    assert (result.problems, result.nodes) == ((), ())


def test_twin_an_answer_without_an_organisation_in_it_is_one(tmp_path: Path) -> None:
    answered = {"describe_organization": ok({"Organization": {"FeatureSet": "ALL"}})}
    result = read(tmp_path, {(PROD, "global", "org:organization"): [line(PROD, **answered)]})
    assert "which resource" in result.problems[0].what
