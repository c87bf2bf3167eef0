"""A small organisation as AWS-shaped snapshot lines, one or more of every type.

Prod (111122223333) and shared (444455556666) are collected; management (999988887777) is a member
that was not; 777766665555 is an outside vendor.
"""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

from collector.snapshot import Snapshot

PROD, SHARED, MANAGEMENT, VENDOR = "111122223333", "444455556666", "999988887777", "777766665555"
WEST, EAST = "eu-west-1", "us-east-1"
ORG = f"arn:aws:organizations::{MANAGEMENT}"

Line = dict[str, Any]
Lines = dict[tuple[str, str, str], list[Line]]


def ok(value: Any) -> Line:
    return {"status": "ok", "value": value}


DENIED: Line = {"status": "denied", "error": "AccessDenied"}
ABSENT: Line = {"status": "absent", "error": "NoSuchThing"}


def line(line_id: str, item: Line | None = None, **calls: Line) -> Line:
    return {"id": line_id, "item": item or {}, "calls": calls}


def ec2(kind: str, short: str, account: str = PROD, region: str = WEST) -> str:
    return f"arn:aws:ec2:{region}:{account}:{kind}/{short}"


def iam(kind: str, name: str, account: str = PROD) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def tags(**pairs: str) -> list[Line]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


VPC, SUBNET, SG = (
    "vpc-0a0a0a0a0a0a0a0a1",
    "subnet-0a0a0a0a0a0a0a0a1",
    "sg-0a0a0a0a0a0a0a0a1",
)
VPC_B, SG_B = "vpc-0b0b0b0b0b0b0b0b1", "sg-0b0b0b0b0b0b0b0b1"
IGW, NAT, ENI, PCX = (
    "igw-0a0a0a0a0a0a0a0a1",
    "nat-0a0a0a0a0a0a0a0a1",
    "eni-0a0a0a0a0a0a0a0a1",
    "pcx-0a0a0a0a0a0a0a0a1",
)
INSTANCE, AMI, SNAPSHOT = (
    "i-0a0a0a0a0a0a0a0a1",
    "ami-0a0a0a0a0a0a0a0a1",
    "snap-0a0a0a0a0a0a0a0a1",
)
TGW, ATTACHMENT, TGW_TABLE = (
    "tgw-0a0a0a0a0a0a0a0a1",
    "tgw-attach-0a0a0a0a0a0a0a0a1",
    "tgw-rtb-0a0a0a0a0a0a0a0a1",
)
ENDPOINT, SERVICE, EIGW, EIP = (
    "vpce-0a0a0a0a0a0a0a0a1",
    "vpce-svc-0a0a0a0a0a0a0a0a1",
    "eigw-0a0a0a0a0a0a0a0a1",
    "eipalloc-0a0a0a0a0a0a0a0a1",
)
TABLE, ACL, LIST = "rtb-0a0a0a0a0a0a0a0a1", "acl-0a0a0a0a0a0a0a0a1", "pl-0a0a0a0a0a0a0a0a1"
KEY = f"arn:aws:kms:{WEST}:{PROD}:key/11111111-2222-3333-4444-555555555555"
ELB = f"arn:aws:elasticloadbalancing:{WEST}:{PROD}"
ALB, NLB = f"{ELB}:loadbalancer/app/web/a1", f"{ELB}:loadbalancer/net/svc/b1"
CLASSIC, GROUP = f"{ELB}:loadbalancer/old", f"{ELB}:targetgroup/web/c1"
LISTENER = f"{ELB}:listener/app/web/a1/d1"
FUNCTION = f"arn:aws:lambda:{WEST}:{PROD}:function:hello"
RDS = f"arn:aws:rds:{WEST}:{PROD}"
SHARE = f"arn:aws:ram:{WEST}:{SHARED}:resource-share/aaaa"
SUBNET_ARN = ec2("subnet", SUBNET, SHARED)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"

SITE_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::site/*",
            }
        ],
    }
)
_SUBNET_ITEM = {
    "SubnetId": SUBNET,
    "SubnetArn": SUBNET_ARN,
    "VpcId": VPC_B,
    "OwnerId": SHARED,
    "CidrBlock": "10.1.0.0/24",
    "AvailabilityZone": "eu-west-1a",
    "MapPublicIpOnLaunch": True,
}
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {
                "AWS": [
                    f"arn:aws:iam::{VENDOR}:root",
                    SHARED,
                    iam("role", "ci/deployer", SHARED),
                    f"arn:aws:sts::{PROD}:assumed-role/app/session",
                    "AROAAAAAAAAAAAAAAAAAA",
                    "*",
                ],
                "Service": "ec2.amazonaws.com",
                "Federated": [
                    iam("oidc-provider", "token.actions.githubusercontent.com"),
                    "accounts.google.com",
                ],
            },
        },
        {
            "Effect": "Allow",
            "Action": ["sts:Assume*"],
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": PROD}},
        },
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "123412341234"}},
        {"Effect": "Allow", "Action": "sts:TagSession", "Principal": {"AWS": "123412341234"}},
    ],
}


def more() -> list[ModuleType]:
    """The modules ``*_lines`` beside this one, each about a family of services.

    Each has ``lines()``, the ``NODES`` and ``RELATIONSHIPS`` that follow from them in the notation
    of ``test_inventory``, and the names of its types that are CloudFormation's, ``CLOUDFORMATION``.
    """
    here = pkgutil.iter_modules([str(Path(__file__).parent)])
    names = [m.name for m in here if m.name.endswith("_lines") and m.name != "aws_lines"]
    return [importlib.import_module(f"tests.schema.{name}") for name in sorted(names)]


def organisation() -> Lines:
    """The lines of every file, fresh for each caller."""
    found = _identity() | _federation() | _network() | _compute() | _data()
    for module in more():
        found |= module.lines()
    return copy.deepcopy(found)


def _identity() -> Lines:
    report = (
        "user,arn,password_enabled,password_last_used,mfa_active,access_key_1_active\n"
        f"<root_account>,arn:aws:iam::{PROD}:root,not_supported,2026-01-02T00:00:00+00:00,true,false\n"
        f"ann,{iam('user', 'ann')},true,N/A,false,true\n"
    )
    caller = iam("user", "auditor")
    return {
        (PROD, "global", "aws:account"): [
            line(PROD, get_caller_identity=ok({"Account": PROD, "Arn": caller, "UserId": "X"}))
        ],
        (SHARED, "global", "aws:account"): [
            line(SHARED, get_caller_identity=ok({"Account": SHARED, "Arn": caller, "UserId": "X"}))
        ],
        (PROD, "global", "aws:account-alias"): [
            line(
                PROD,
                list_account_aliases=ok(["acme-prod"]),
                get_account_summary=ok(
                    {"SummaryMap": {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0}}
                ),
            )
        ],
        (PROD, WEST, "aws:region"): [
            line(WEST, {"RegionName": WEST, "OptInStatus": "opt-in-not-required"}),
            line(EAST, {"RegionName": EAST, "OptInStatus": "opt-in-not-required"}),
        ],
        (PROD, "global", "org:organization"): [
            line(
                PROD,
                describe_organization=ok(
                    {
                        "Organization": {
                            "Id": "o-abc",
                            "MasterAccountId": MANAGEMENT,
                            "FeatureSet": "ALL",
                        }
                    }
                ),
            )
        ],
        (SHARED, "global", "org:root"): [
            line(
                f"{ORG}:root/o-abc/r-1",
                {
                    "Id": "r-1",
                    "Name": "Root",
                    "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
                },
                list_organizational_units_for_parent=ok(
                    [{"Id": "ou-1", "Arn": f"{ORG}:ou/o-abc/ou-1", "Name": "Workloads"}]
                ),
                list_accounts_for_parent=ok(
                    [{"Id": MANAGEMENT, "Arn": f"{ORG}:account/o-abc/{MANAGEMENT}"}]
                ),
            )
        ],
        (SHARED, "global", "org:organizational-unit"): [
            line(
                f"{ORG}:ou/o-abc/ou-1",
                {"Id": "ou-1", "Name": "Workloads"},
                list_organizational_units_for_parent=ok([]),
                list_accounts_for_parent=DENIED,
            )
        ],
        (SHARED, "global", "org:account"): [
            line(
                f"{ORG}:account/o-abc/{account}",
                {"Id": account, "Name": name, "Arn": f"{ORG}:account/o-abc/{account}"},
                list_parents=ok([{"Id": parent, "Type": kind}]),
            )
            for account, name, parent, kind in (
                (PROD, "prod", "ou-1", "ORGANIZATIONAL_UNIT"),
                (SHARED, "shared", "ou-1", "ORGANIZATIONAL_UNIT"),
                (MANAGEMENT, "management", "r-1", "ROOT"),
            )
        ],
        (SHARED, "global", "org:policy"): [
            line(
                f"{ORG}:policy/o-abc/service_control_policy/p-1",
                {"Id": "p-1", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY"},
                list_targets_for_policy=ok(
                    [
                        {"TargetId": "ou-1", "Arn": f"{ORG}:ou/o-abc/ou-1", "Type": "OU"},
                        {"TargetId": PROD, "Arn": "whatever", "Type": "ACCOUNT"},
                    ]
                ),
            )
        ],
        (SHARED, "global", "org:delegated-admin"): [
            line(
                f"{ORG}:account/o-abc/{SHARED}",
                {"Id": SHARED},
                list_delegated_services_for_account=ok(
                    [{"ServicePrincipal": "guardduty.amazonaws.com"}]
                ),
            )
        ],
        (PROD, "global", "iam:user"): [
            line(
                iam("user", "ann"),
                {
                    "UserName": "ann",
                    "UserId": "AIDA1",
                    "Path": "/",
                    "Tags": tags(team="web"),
                    "GroupList": ["ops"],
                    "UserPolicyList": [{"PolicyName": "inline", "PolicyDocument": {}}],
                    "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": ADMIN}],
                    "PermissionsBoundary": {
                        "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                        "PermissionsBoundaryArn": iam("policy", "limit"),
                    },
                },
            )
        ],
        (PROD, "global", "iam:group"): [
            line(iam("group", "ops"), {"GroupName": "ops", "AttachedManagedPolicies": []})
        ],
        (PROD, "global", "iam:role"): [
            line(
                iam("role", "service/app"),
                {"RoleName": "app", "RoleId": "AROA1", "AssumeRolePolicyDocument": _TRUST},
            )
        ],
        (PROD, "global", "iam:policy"): [
            line(iam("policy", "limit"), {"PolicyName": "limit", "DefaultVersionId": "v1"})
        ],
        (PROD, "global", "iam:instance-profile"): [
            line(
                iam("instance-profile", "app-profile"),
                {
                    "InstanceProfileName": "app-profile",
                    "Roles": [{"RoleName": "app", "Arn": iam("role", "service/app")}],
                },
            )
        ],
        (PROD, "global", "iam:credential-report"): [
            line(PROD, get_credential_report=ok({"Content": report, "ReportFormat": "text/csv"}))
        ],
        (PROD, "global", "iam:saml-provider"): [
            line(
                iam("saml-provider", "okta"),
                {"ValidUntil": "2030-01-01T00:00:00Z"},
                get_saml_provider=ok(
                    {
                        "SAMLMetadataDocument": '<?xml version="1.0"?><md:EntityDescriptor '
                        'xmlns:md="urn:x" entityID="https://idp.example.com/a?b&amp;c"><md:I'
                        "... (9000 more characters)"
                    }
                ),
            )
        ],
        (PROD, "global", "iam:oidc-provider"): [
            line(
                iam("oidc-provider", "token.actions.githubusercontent.com"),
                get_open_id_connect_provider=ok(
                    {
                        "Url": "token.actions.githubusercontent.com",
                        "ClientIDList": ["sts.amazonaws.com"],
                        "Tags": tags(a="b"),
                    }
                ),
            )
        ],
    }


POOL = f"{WEST}:11111111-2222-3333-4444-555555555555"
ANCHOR = f"arn:aws:rolesanywhere:{WEST}:{PROD}:trust-anchor/aaaa"
CLUSTER = f"arn:aws:eks:{WEST}:{PROD}:cluster/main"
CENTER, SET = "arn:aws:sso:::instance/ssoins-1", "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
PERSON, TEAM = "arn:aws:identitystore:::user/u-1", "arn:aws:identitystore:::group/g-1"


def _federation() -> Lines:
    return {
        (PROD, WEST, "cognito:identity-pool"): [
            line(
                f"arn:aws:cognito-identity:{WEST}:{PROD}:identitypool/{POOL}",
                {"IdentityPoolId": POOL, "IdentityPoolName": "shop"},
                describe_identity_pool=ok(
                    {
                        "IdentityPoolId": POOL,
                        "IdentityPoolName": "shop",
                        "AllowUnauthenticatedIdentities": True,
                        "SupportedLoginProviders": {"accounts.google.com": "client"},
                        "IdentityPoolTags": {"team": "web"},
                    }
                ),
                get_identity_pool_roles=ok(
                    {
                        "Roles": {"unauthenticated": iam("role", "service/app")},
                        "RoleMappings": {
                            "accounts.google.com": {
                                "Type": "Rules",
                                "RulesConfiguration": {
                                    "Rules": [{"Claim": "x", "RoleARN": iam("role", "gone")}]
                                },
                            }
                        },
                    }
                ),
            )
        ],
        (PROD, WEST, "iam:roles-anywhere-trust-anchor"): [
            line(
                ANCHOR,
                {
                    "trustAnchorId": "aaaa",
                    "name": "factory",
                    "enabled": True,
                    "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {}},
                },
            )
        ],
        (PROD, WEST, "iam:roles-anywhere-profile"): [
            line(
                ANCHOR.replace("trust-anchor", "profile"),
                {
                    "profileId": "aaaa",
                    "name": "machines",
                    "enabled": False,
                    "roleArns": [iam("role", "service/app")],
                    "sessionPolicy": "{}",
                },
            )
        ],
        (PROD, WEST, "eks:cluster"): [
            line(
                CLUSTER,
                {"name": "main"},
                **{
                    "describe_cluster": ok(
                        {
                            "cluster": {
                                "name": "main",
                                "resourcesVpcConfig": {
                                    "vpcId": VPC,
                                    "endpointPublicAccess": True,
                                    "publicAccessCidrs": ["0.0.0.0/0"],
                                },
                                "identity": {
                                    "oidc": {
                                        "issuer": "https://token.actions.githubusercontent.com"
                                    }
                                },
                                "tags": {"team": "k8s"},
                            }
                        }
                    ),
                    "describe_access_entry(principalArn=x)": ok(
                        {
                            "accessEntry": {
                                "principalArn": iam("user", "ann"),
                                "type": "STANDARD",
                                "kubernetesGroups": ["ops"],
                            }
                        }
                    ),
                    "list_associated_access_policies(principalArn=x)": ok(
                        [
                            {
                                "policyArn": "arn:aws:eks::aws:cluster-access-policy/View",
                                "accessScope": {"type": "namespace", "namespaces": ["shop"]},
                            }
                        ]
                    ),
                    "describe_pod_identity_association(associationId=a-1)": ok(
                        {
                            "association": {
                                "namespace": "shop",
                                "serviceAccount": "web",
                                "roleArn": iam("role", "service/app"),
                            }
                        }
                    ),
                },
            )
        ],
        (PROD, WEST, "sso:instance"): [
            line(CENTER, {"InstanceArn": CENTER, "OwnerAccountId": PROD, "IdentityStoreId": "d-1"})
        ],
        (PROD, WEST, "sso:permission-set"): [
            line(
                SET,
                {"PermissionSetArn": SET, "InstanceArn": CENTER},
                **{
                    "describe_permission_set": ok({"PermissionSet": {"Name": "Ops"}}),
                    "list_managed_policies_in_permission_set": ok([{"Arn": ADMIN}]),
                    "get_inline_policy_for_permission_set": ok({"InlinePolicy": "{}"}),
                    "list_accounts_for_provisioned_permission_set": ok([PROD]),
                    f"list_account_assignments(AccountId={PROD})": ok(
                        [
                            {"AccountId": PROD, "PrincipalType": kind, "PrincipalId": short}
                            for kind, short in (("USER", "u-1"), ("GROUP", "g-1"))
                        ]
                    ),
                },
            )
        ],
        (PROD, WEST, "sso:user"): [line(PERSON, {"UserId": "u-1", "UserName": "ann@example.com"})],
        (PROD, WEST, "sso:group"): [
            line(
                TEAM,
                {"GroupId": "g-1", "DisplayName": "ops"},
                list_group_memberships=ok([{"MemberId": {"UserId": "u-1"}}]),
            )
        ],
    }


def _network() -> Lines:
    return {
        (PROD, WEST, "ec2:vpc"): [
            line(
                ec2("vpc", VPC),
                {
                    "VpcId": VPC,
                    "OwnerId": PROD,
                    "CidrBlock": "10.0.0.0/16",
                    "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16"}],
                    "Tags": tags(Name="web", team="a"),
                },
            )
        ],
        (SHARED, WEST, "ec2:vpc"): [
            line(ec2("vpc", VPC_B, SHARED), {"VpcId": VPC_B, "OwnerId": SHARED})
        ],
        # One subnet, shared through RAM: the participant sees no tags.
        (PROD, WEST, "ec2:subnet"): [line(SUBNET_ARN, _SUBNET_ITEM | {"DefaultForAz": False})],
        (SHARED, WEST, "ec2:subnet"): [
            line(SUBNET_ARN, _SUBNET_ITEM | {"Tags": tags(Name="shared-a")})
        ],
        (PROD, WEST, "ec2:vpc-bpa"): [
            line(
                f"{PROD}/{WEST}",
                describe_vpc_block_public_access_options=ok(
                    {
                        "VpcBlockPublicAccessOptions": {
                            "InternetGatewayBlockMode": "block-ingress",
                            "State": "update-complete",
                        }
                    }
                ),
                describe_vpc_block_public_access_exclusions=ok(
                    [
                        {
                            "ExclusionId": "e-1",
                            "InternetGatewayExclusionMode": "allow-egress",
                            "ResourceArn": ec2("vpc", VPC),
                            "State": "create-complete",
                        }
                    ]
                ),
            )
        ],
        (PROD, WEST, "ec2:route-table"): [
            line(
                ec2("route-table", TABLE),
                {
                    "RouteTableId": TABLE,
                    "VpcId": VPC,
                    "OwnerId": PROD,
                    "Associations": [
                        {"Main": True, "AssociationState": {"State": "associated"}},
                        {"Main": False, "SubnetId": SUBNET},
                        {
                            "Main": False,
                            "SubnetId": "subnet-0c0c0c0c0c0c0c0c1",
                            "AssociationState": {"State": "disassociated"},
                        },
                    ],
                    "Routes": [
                        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                        {
                            "DestinationCidrBlock": "0.0.0.0/0",
                            "GatewayId": IGW,
                            "State": "active",
                            "Origin": "CreateRoute",
                        },
                        {"DestinationCidrBlock": "10.8.0.0/16", "GatewayId": "vgw-0a0a0a0a"},
                        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": EIGW},
                        {"DestinationPrefixListId": LIST, "TransitGatewayId": TGW},
                        {"DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": PCX},
                    ],
                },
            )
        ],
        (PROD, WEST, "ec2:internet-gateway"): [
            line(
                ec2("internet-gateway", IGW),
                {
                    "InternetGatewayId": IGW,
                    "OwnerId": PROD,
                    "Attachments": [{"VpcId": VPC, "State": "available"}],
                },
            )
        ],
        (PROD, WEST, "ec2:egress-only-igw"): [
            line(
                ec2("egress-only-internet-gateway", EIGW),
                {
                    "EgressOnlyInternetGatewayId": EIGW,
                    "Attachments": [{"VpcId": VPC, "State": "attached"}],
                },
            )
        ],
        (PROD, WEST, "ec2:nat-gateway"): [
            line(
                ec2("natgateway", NAT),
                {
                    "NatGatewayId": NAT,
                    "VpcId": VPC,
                    "SubnetId": SUBNET,
                    "NatGatewayAddresses": [{"PublicIp": "198.51.100.1"}],
                },
            )
        ],
        (PROD, WEST, "ec2:network-acl"): [
            line(
                ec2("network-acl", ACL),
                {
                    "NetworkAclId": ACL,
                    "VpcId": VPC,
                    "OwnerId": PROD,
                    "Entries": [{}, {}],
                    "Associations": [{"SubnetId": SUBNET}],
                },
            )
        ],
        (PROD, WEST, "ec2:security-group"): [
            line(
                ec2("security-group", SG),
                {
                    "GroupId": SG,
                    "GroupName": "web",
                    "VpcId": VPC,
                    "OwnerId": PROD,
                    "IpPermissions": [
                        {
                            "IpProtocol": "tcp",
                            "FromPort": 443,
                            "ToPort": 443,
                            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                            "UserIdGroupPairs": [
                                {"GroupId": SG, "UserId": PROD},
                                {"GroupId": SG_B, "UserId": SHARED},
                            ],
                        },
                        {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": LIST}]},
                    ],
                    "IpPermissionsEgress": [
                        {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
                    ],
                },
            )
        ],
        (PROD, WEST, "ec2:sg-vpc-association"): [
            line(
                f"{SG}/{VPC_B}",
                {"GroupId": SG, "VpcId": VPC_B, "GroupOwnerId": PROD, "State": "associated"},
            )
        ],
        (PROD, WEST, "ec2:prefix-list"): [
            line(
                f"arn:aws:ec2:{WEST}:aws:prefix-list/{LIST}",
                {"PrefixListId": LIST, "PrefixListName": "com.amazonaws.s3", "OwnerId": "AWS"},
                get_managed_prefix_list_entries=ok([{"Cidr": "192.0.2.0/24"}]),
            )
        ],
        (PROD, WEST, "ec2:network-interface"): [
            line(
                ec2("network-interface", ENI),
                {
                    "NetworkInterfaceId": ENI,
                    "OwnerId": PROD,
                    "VpcId": VPC,
                    "SubnetId": SUBNET,
                    "InterfaceType": "interface",
                    "Groups": [{"GroupId": SG}],
                    "PrivateIpAddresses": [
                        {
                            "PrivateIpAddress": "10.0.0.5",
                            "Association": {"PublicIp": "203.0.113.5"},
                        }
                    ],
                    "Attachment": {"InstanceId": INSTANCE, "InstanceOwnerId": PROD},
                    "TagSet": tags(Name="eth0"),
                },
            )
        ],
        (PROD, WEST, "ec2:address"): [
            line(
                ec2("elastic-ip", EIP),
                {
                    "AllocationId": EIP,
                    "PublicIp": "203.0.113.5",
                    "AssociationId": "eipassoc-1",
                    "NetworkInterfaceId": ENI,
                },
            )
        ],
        (PROD, WEST, "ec2:vpc-peering"): [
            line(
                ec2("vpc-peering-connection", PCX),
                {
                    "VpcPeeringConnectionId": PCX,
                    "Status": {"Code": "active"},
                    "RequesterVpcInfo": {"VpcId": VPC, "OwnerId": PROD, "Region": WEST},
                    "AccepterVpcInfo": {
                        "VpcId": "vpc-0e0e0e0e0e0e0e0e1",
                        "OwnerId": VENDOR,
                        "Region": EAST,
                    },
                },
            )
        ],
        (PROD, WEST, "ec2:vpc-endpoint"): [
            line(
                ec2("vpc-endpoint", ENDPOINT),
                {
                    "VpcEndpointId": ENDPOINT,
                    "VpcId": VPC,
                    "OwnerId": PROD,
                    "VpcEndpointType": "Interface",
                    "SubnetIds": [SUBNET],
                    "Groups": [{"GroupId": SG, "GroupName": "web"}],
                },
            )
        ],
        (PROD, WEST, "ec2:vpc-endpoint-service"): [
            line(
                ec2("vpc-endpoint-service", SERVICE),
                {
                    "ServiceId": SERVICE,
                    "ServiceName": f"com.amazonaws.vpce.{WEST}.{SERVICE}",
                    "NetworkLoadBalancerArns": [NLB],
                },
                describe_vpc_endpoint_service_permissions=ok(
                    [{"Principal": f"arn:aws:iam::{VENDOR}:root"}, {"Principal": "*"}]
                ),
            )
        ],
        (SHARED, WEST, "ec2:transit-gateway"): [
            line(ec2("transit-gateway", TGW, SHARED), {"TransitGatewayId": TGW, "OwnerId": SHARED})
        ],
        (PROD, WEST, "ec2:transit-gateway-attachment"): [
            line(
                ec2("transit-gateway-attachment", ATTACHMENT),
                {
                    "TransitGatewayAttachmentId": ATTACHMENT,
                    "TransitGatewayId": TGW,
                    "ResourceType": "vpc",
                    "ResourceId": VPC,
                    "ResourceOwnerId": PROD,
                },
            )
        ],
        (PROD, WEST, "ec2:transit-gateway-vpc-attachment"): [
            line(
                ec2("transit-gateway-attachment", ATTACHMENT),
                {
                    "TransitGatewayAttachmentId": ATTACHMENT,
                    "SubnetIds": [SUBNET],
                    "Options": {"ApplianceModeSupport": "disable"},
                },
            )
        ],
        (PROD, WEST, "ec2:transit-gateway-peering-attachment"): [
            line(
                ec2("transit-gateway-attachment", "tgw-attach-0b0b0b0b0b0b0b0b1"),
                {
                    "TransitGatewayAttachmentId": "tgw-attach-0b0b0b0b0b0b0b0b1",
                    "AccepterTgwInfo": {"OwnerId": VENDOR, "Region": EAST},
                },
            )
        ],
        (SHARED, WEST, "ec2:transit-gateway-route-table"): [
            line(
                ec2("transit-gateway-route-table", TGW_TABLE, SHARED),
                {"TransitGatewayRouteTableId": TGW_TABLE, "TransitGatewayId": TGW},
                search_transit_gateway_routes=ok(
                    [
                        {
                            "DestinationCidrBlock": "10.0.0.0/16",
                            "State": "active",
                            "Type": "propagated",
                            "TransitGatewayAttachments": [
                                {"TransitGatewayAttachmentId": ATTACHMENT}
                            ],
                        },
                        {"DestinationCidrBlock": "10.9.0.0/16", "State": "blackhole"},
                    ]
                ),
                get_transit_gateway_route_table_associations=ok(
                    [{"TransitGatewayAttachmentId": ATTACHMENT, "State": "associated"}]
                ),
            )
        ],
    }


def _compute() -> Lines:
    return {
        (PROD, WEST, "ec2:instance"): [
            line(
                ec2("instance", INSTANCE),
                {
                    "InstanceId": INSTANCE,
                    "State": {"Name": "running"},
                    "ImageId": AMI,
                    "VpcId": VPC,
                    "SubnetId": SUBNET,
                    "SecurityGroups": [{"GroupId": SG}],
                    "IamInstanceProfile": {"Arn": iam("instance-profile", "app-profile")},
                    "MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 2},
                    "NetworkInterfaces": [{"NetworkInterfaceId": ENI}],
                    "Tags": tags(Name="web-1"),
                },
            )
        ],
        (PROD, WEST, "ec2:image"): [
            line(
                f"arn:aws:ec2:{WEST}::image/{AMI}",
                {
                    "ImageId": AMI,
                    "OwnerId": PROD,
                    "Name": "golden",
                    "Public": False,
                    "BlockDeviceMappings": [{"Ebs": {"SnapshotId": SNAPSHOT}}],
                },
                describe_image_attribute=ok(
                    {
                        "LaunchPermissions": [
                            {"UserId": VENDOR},
                            {"OrganizationArn": f"{ORG}:organization/o-abc"},
                            {"OrganizationalUnitArn": f"{ORG}:ou/o-abc/ou-1"},
                        ]
                    }
                ),
            )
        ],
        (PROD, WEST, "ec2:snapshot"): [
            line(
                f"arn:aws:ec2:{WEST}::snapshot/{SNAPSHOT}",
                {"SnapshotId": SNAPSHOT, "OwnerId": PROD, "Encrypted": True, "KmsKeyId": KEY},
                describe_snapshot_attribute=ok({"CreateVolumePermissions": [{"Group": "all"}]}),
            )
        ],
        (PROD, WEST, "ec2:account-guards"): [
            line(
                f"{PROD}/{WEST}",
                get_snapshot_block_public_access_state=ok({"State": "unblocked"}),
                get_image_block_public_access_state=DENIED,
            )
        ],
        (PROD, WEST, "elb:load-balancer"): [
            line(
                CLASSIC,
                {
                    "LoadBalancerName": "old",
                    "Scheme": "internet-facing",
                    "VPCId": VPC,
                    "Subnets": [SUBNET],
                    "SecurityGroups": [SG],
                    "Instances": [{"InstanceId": INSTANCE}],
                    "ListenerDescriptions": [{"Listener": {"LoadBalancerPort": 80}}],
                },
            )
        ],
        (PROD, WEST, "elbv2:load-balancer"): [
            line(
                ALB,
                {
                    "LoadBalancerName": "web",
                    "Type": "application",
                    "VpcId": VPC,
                    "SecurityGroups": [SG],
                    "AvailabilityZones": [{"SubnetId": SUBNET}],
                },
                describe_listeners=ok(
                    [
                        {
                            "ListenerArn": LISTENER,
                            "Protocol": "HTTPS",
                            "Port": 443,
                            "DefaultActions": [{"Type": "forward", "TargetGroupArn": GROUP}],
                        }
                    ]
                ),
                **{
                    f"describe_rules(ListenerArn={LISTENER})": ok(
                        [
                            {"Priority": "default", "IsDefault": True, "Actions": []},
                            {
                                "Priority": "5",
                                "Actions": [
                                    {
                                        "Type": "forward",
                                        "ForwardConfig": {
                                            "TargetGroups": [
                                                {"TargetGroupArn": GROUP, "Weight": 1},
                                                {"TargetGroupArn": GROUP + "0", "Weight": 0},
                                            ]
                                        },
                                    }
                                ],
                            },
                        ]
                    )
                },
            ),
            line(NLB, {"LoadBalancerName": "svc", "Type": "network", "VpcId": VPC}),
        ],
        (PROD, WEST, "elbv2:target-group"): [
            line(
                GROUP,
                {"TargetGroupName": "web", "TargetType": "instance", "VpcId": VPC, "Port": 80},
                describe_target_health=ok(
                    [
                        {
                            "Target": {"Id": INSTANCE, "Port": 80},
                            "TargetHealth": {"State": "healthy"},
                        }
                    ]
                ),
                describe_target_group_attributes=ok(
                    [{"Key": "preserve_client_ip.enabled", "Value": "true"}]
                ),
            ),
            line(
                f"{GROUP}-fn",
                {"TargetGroupName": "fn", "TargetType": "lambda"},
                describe_target_health=ok(
                    [{"Target": {"Id": f"{FUNCTION}:live"}, "TargetHealth": {}}]
                ),
            ),
        ],
        (PROD, WEST, "lambda:function"): [
            line(
                FUNCTION,
                {
                    "FunctionName": "hello",
                    "Role": iam("role", "service/app"),
                    "VpcConfig": {
                        "VpcId": VPC,
                        "SubnetIds": [SUBNET],
                        "SecurityGroupIds": [SG],
                    },
                    "Environment": {"Variables": {"TOKEN": {"redacted": {"length": 9}}}},
                },
                get_policy=ABSENT,
                list_function_url_configs=ok(
                    [{"FunctionUrl": "https://x.lambda-url/", "AuthType": "NONE"}]
                ),
            )
        ],
    }


def _data() -> Lines:
    return {
        (PROD, WEST, "rds:db-instance"): [
            line(
                f"{RDS}:db:main",
                {
                    "DBInstanceIdentifier": "main",
                    "DBClusterIdentifier": "aurora",
                    "PubliclyAccessible": True,
                    "Endpoint": {"Address": "main.rds", "Port": 5432},
                    "KmsKeyId": KEY,
                    "DBSubnetGroup": {
                        "VpcId": VPC,
                        "Subnets": [{"SubnetIdentifier": SUBNET}],
                    },
                    "VpcSecurityGroups": [{"VpcSecurityGroupId": SG, "Status": "active"}],
                    "TagList": tags(team="db"),
                },
            )
        ],
        (PROD, WEST, "rds:db-cluster"): [
            line(f"{RDS}:cluster:aurora", {"DBClusterIdentifier": "aurora", "Port": 5432})
        ],
        (PROD, WEST, "rds:subnet-group"): [
            line(
                f"{RDS}:subgrp:dbs",
                {
                    "DBSubnetGroupName": "dbs",
                    "VpcId": VPC,
                    "Subnets": [{"SubnetIdentifier": SUBNET}],
                },
            )
        ],
        (PROD, WEST, "rds:db-snapshot"): [
            line(
                f"{RDS}:snapshot:main-1",
                {"DBSnapshotIdentifier": "main-1", "DBInstanceIdentifier": "main"},
                describe_db_snapshot_attributes=ok(
                    {
                        "DBSnapshotAttributesResult": {
                            "DBSnapshotAttributes": [
                                {
                                    "AttributeName": "restore",
                                    "AttributeValues": ["all", VENDOR],
                                }
                            ]
                        }
                    }
                ),
            )
        ],
        (PROD, WEST, "rds:db-cluster-snapshot"): [
            line(
                f"{RDS}:cluster-snapshot:aurora-1",
                {
                    "DBClusterSnapshotIdentifier": "aurora-1",
                    "DBClusterIdentifier": "deleted-long-ago",
                },
            )
        ],
        (PROD, "global", "s3:account-bpa"): [line(PROD, get_public_access_block=ABSENT)],
        (PROD, "global", "s3:bucket"): [
            line(
                "arn:aws:s3:::logs",
                {"Name": "logs"},
                get_bucket_location=ok({"LocationConstraint": None}),
                get_bucket_policy=ABSENT,
                get_public_access_block=ABSENT,
            ),
            line(
                "arn:aws:s3:::site",
                {"Name": "site"},
                get_bucket_location=ok({"LocationConstraint": "EU"}),
                get_bucket_policy=ok({"Policy": SITE_POLICY}),
                get_bucket_policy_status=ok({"PolicyStatus": {"IsPublic": True}}),
                get_public_access_block=ok(
                    {
                        "PublicAccessBlockConfiguration": {
                            "BlockPublicAcls": True,
                            "IgnorePublicAcls": True,
                            "BlockPublicPolicy": False,
                            "RestrictPublicBuckets": False,
                        }
                    }
                ),
                get_bucket_ownership_controls=DENIED,
                get_bucket_tagging=ok({"TagSet": tags(team="web")}),
                get_bucket_logging=ok({"LoggingEnabled": {"TargetBucket": "elsewhere"}}),
                get_bucket_website=ok({"IndexDocument": {"Suffix": "index.html"}}),
            ),
        ],
        (PROD, WEST, "s3:access-point"): [
            line(
                f"arn:aws:s3:{WEST}:{PROD}:accesspoint/ap",
                {"Name": "ap", "Bucket": "site", "NetworkOrigin": "Internet"},
            )
        ],
        (PROD, WEST, "kms:key"): [
            line(
                KEY,
                {"KeyId": KEY.split("/")[1]},
                describe_key=ok({"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}}),
                list_grants=DENIED,
            )
        ],
        (PROD, WEST, "kms:alias"): [
            line(
                f"arn:aws:kms:{WEST}:{PROD}:alias/{name}",
                {"AliasName": f"alias/{name}", "TargetKeyId": KEY.split("/")[1]},
            )
            for name in ("data", "old")
        ]
        + [line(f"arn:aws:kms:{WEST}:{PROD}:alias/aws/s3", {"AliasName": "alias/aws/s3"})],
        (PROD, WEST, "secretsmanager:secret"): [
            line(
                f"arn:aws:secretsmanager:{WEST}:{PROD}:secret:db-AbCdEf",
                {"Name": "db", "KmsKeyId": KEY},
                get_resource_policy=ok({"Name": "db"}),
            )
        ],
        (PROD, WEST, "sns:topic"): [
            line(
                f"arn:aws:sns:{WEST}:{PROD}:news",
                {},
                get_topic_attributes=ok(
                    {
                        "Attributes": {
                            "Policy": "{}",
                            "SubscriptionsConfirmed": "2",
                            "KmsMasterKeyId": "alias/data",
                        }
                    }
                ),
            )
        ],
        (PROD, WEST, "sqs:queue"): [
            line(
                f"arn:aws:sqs:{WEST}:{PROD}:jobs",
                {"QueueUrl": f"https://sqs.{WEST}.amazonaws.com/{PROD}/jobs"},
                get_queue_attributes=DENIED,
            )
        ],
        (PROD, WEST, "ecr:repository"): [
            line(
                f"arn:aws:ecr:{WEST}:{PROD}:repository/team/image",
                {"repositoryName": "team/image", "registryId": PROD},
                get_repository_policy=ok({"policyText": "{}"}),
            )
        ],
        (PROD, WEST, "ecr:registry"): [
            line(f"{PROD}/{WEST}", get_registry_policy=ok({"policyText": "{}"}))
        ],
        (SHARED, WEST, "ram:share"): [
            line(
                SHARE,
                {"name": "subnets", "owningAccountId": SHARED, "status": "ACTIVE"},
                **{
                    "get_resource_share_associations(associationType=PRINCIPAL)": ok(
                        [
                            {"associatedEntity": PROD, "status": "ASSOCIATED"},
                            {"associatedEntity": VENDOR, "status": "DISASSOCIATED"},
                        ]
                    ),
                    "get_resource_share_associations(associationType=RESOURCE)": ok(
                        [
                            {"associatedEntity": SUBNET_ARN, "status": "ASSOCIATED"},
                            {
                                "associatedEntity": f"arn:aws:glue:{WEST}:{SHARED}:catalog",
                                "status": "ASSOCIATED",
                            },
                        ]
                    ),
                },
            )
        ],
        (PROD, WEST, "ram:share"): [
            line(SHARE, {"name": "subnets", "owningAccountId": SHARED, "status": "ACTIVE"})
        ],
    }


def write(folder: Path, lines: Lines) -> Snapshot:
    """Write lines as a snapshot, in the order given, and open it."""
    files = {}
    for (account, region, type_id), rows in lines.items():
        service, name = type_id.split(":")
        file = f"accounts/{account}/{region}/{service}/{name}.jsonl"
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        files[file] = ""
    manifest = {
        "format": 1,
        "id": "test",
        "finished": "2026-11-22T00:00:01Z",
        "accounts": [{"id": PROD}, {"id": SHARED}],
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "coverage.jsonl").write_text("", encoding="utf-8")
    return Snapshot.open(folder)
