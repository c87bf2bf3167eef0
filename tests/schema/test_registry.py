"""What every declaration must be, and that every snapshot type has one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from graph.schema import path
from graph.schema.convert import text
from graph.schema.declare import ExtraLabel, Link, NodeType, Property, Reference, Setting
from graph.schema.derived import (
    GROUPS,
    OTHER_LABELS,
    SOURCES,
    VERDICT_PROPERTIES,
    WALKED,
    named_node,
)
from graph.schema.registry import (
    REGISTRY,
    Registry,
    RegistryError,
    account_of_arn,
    is_good_arn,
    region_of_arn,
    short_id_of,
)
from tests.schema.aws_lines import more, organisation

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"

# CloudFormation's own names, from its resource type reference.
CLOUDFORMATION = {
    "AWS::Cognito::IdentityPool",
    "AWS::EC2::EIP",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::Instance",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::PrefixList",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCEndpointService",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::ECR::Repository",
    "AWS::EKS::Cluster",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::IAM::Group",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Role",
    "AWS::IAM::SAMLProvider",
    "AWS::IAM::User",
    "AWS::IdentityStore::Group",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::Organizations::Account",
    "AWS::Organizations::Organization",
    "AWS::Organizations::OrganizationalUnit",
    "AWS::Organizations::Policy",
    "AWS::RAM::ResourceShare",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::RolesAnywhere::Profile",
    "AWS::RolesAnywhere::TrustAnchor",
    "AWS::S3::AccessPoint",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSO::Instance",
    "AWS::SSO::PermissionSet",
    "AWS::SecretsManager::Secret",
}


def types_of_the_architecture() -> set[str]:
    """The first column of the table of snapshot types."""
    rows = [row for row in ARCHITECTURE.read_text(encoding="utf-8").split("\n") if row[:3] == "| `"]
    cells = [row.split("|")[1] for row in rows]
    return {name for cell in cells for name in re.findall(r"`([a-z0-9]+:[a-z0-9-]+)`", cell)}


def test_every_snapshot_type_has_a_declaration() -> None:
    documented = types_of_the_architecture()
    assert len(documented) > 50
    assert documented - REGISTRY.snapshot_types == set()


def test_the_test_organisation_has_every_declared_type() -> None:
    assert {key[2] for key in organisation()} == REGISTRY.snapshot_types


def test_cloudformation_names_are_cloudformations() -> None:
    known = CLOUDFORMATION.union(*(module.CLOUDFORMATION for module in more()))
    assert {t.resource_type for t in REGISTRY.node_types if t.cloudformation} == known
    others = {t.resource_type for t in REGISTRY.node_types if not t.cloudformation}
    assert not others & known


def test_relationships_lead_to_labels_that_exist() -> None:
    labels = {t.label for t in REGISTRY.node_types} | {e.label for _, e in REGISTRY.extra_labels()}
    labels |= {found.label for found in (*SOURCES, *GROUPS, *OTHER_LABELS)}
    named = {label for start, link in REGISTRY.links() for label in (start, *link.to)}
    assert named <= labels


def test_configuration_relationships_are_never_walked_ones() -> None:
    assert not {link.type for _, link in REGISTRY.links()} & {found.type for found in WALKED}


def test_properties_never_hide_those_of_every_node() -> None:
    reserved = {"id", "resource_type", "account_id", "region", "tags", "resource_id", "category"}
    reserved |= {"collected", "title", "type", "label", "node_type"}
    names = {p.name for found in REGISTRY.declarations for p in found.properties}
    assert not names & reserved
    verdict = {name for name, _ in VERDICT_PROPERTIES}
    assert not verdict & {name for _, link in REGISTRY.links() for name, _ in link.properties}


def test_the_same_property_of_one_label_is_declared_with_one_meaning() -> None:
    for label in REGISTRY.by_label:
        found = [
            (prop.name, prop.description)
            for setting in REGISTRY.settings
            if setting.label == label
            for prop in setting.properties
            if prop.name not in ("name", "aliases")
        ]
        names = [name for name, _ in found]
        assert len(names) == len(set(names)), label


def test_two_types_with_one_label_are_refused() -> None:
    vpc = REGISTRY.by_label["VPC"]
    with pytest.raises(RegistryError, match="two types declare the label VPC"):
        Registry((vpc, replace(vpc, snapshot_type="ec2:other")))
    with pytest.raises(RegistryError, match="nodes for ec2:vpc"):
        Registry((vpc, replace(vpc, label="Other")))
    assert Registry((vpc,)).node_types == (vpc,)


def test_a_setting_of_an_unknown_label_is_refused() -> None:
    setting = Setting("x:y", "Nothing", lambda line: None, "What.")
    with pytest.raises(RegistryError, match="unknown Nothing"):
        Registry((setting,))


@pytest.mark.parametrize("name", ["Camel", "with-dash", "", "1st", "a__b"])
def test_a_property_has_a_snake_case_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a good name"):
        Property(name, "Path", "Means.", text)


@pytest.mark.parametrize("description", ["", " ", "two\nlines", "a | bar"])
def test_a_property_has_a_description_of_one_line(description: str) -> None:
    with pytest.raises(ValueError, match="description"):
        Property("name", "Path", description)


def test_links_and_labels_have_good_names() -> None:
    with pytest.raises(ValueError, match="not a good name"):
        Link("inVpc", ("VPC",), "Means.", lambda line: ())
    with pytest.raises(ValueError, match="not a good name"):
        Link("IN_VPC", ("vpc",), "Means.", lambda line: ())
    with pytest.raises(ValueError, match="not a good name"):
        ExtraLabel("a::b", "Means.")
    assert Link("IN_VPC", ("VPC",), "Means.", lambda line: ()).type == "IN_VPC"


def test_a_type_has_a_category_and_a_type_name() -> None:
    vpc = REGISTRY.by_label["VPC"]
    with pytest.raises(ValueError, match="category"):
        replace(vpc, category="misc")
    with pytest.raises(ValueError, match="type name"):
        replace(vpc, resource_type="vpc")
    prop = vpc.properties[0]
    with pytest.raises(ValueError, match="twice"):
        replace(vpc, properties=(prop, prop))


@pytest.mark.parametrize(
    ("arn", "label"),
    [
        ("arn:aws:iam::111122223333:role/a/b", "IAMRole"),
        ("arn:aws:iam::111122223333:group/g", "IAMGroup"),
        ("arn:aws-cn:ec2:cn-north-1:111122223333:vpc/vpc-1", "VPC"),
        ("arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-1", "VPCEndpoint"),
        (
            "arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint-service/vpce-svc-1",
            "VPCEndpointService",
        ),
        ("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/1", "LoadBalancer"),
        ("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1", "TargetGroup"),
        ("arn:aws:s3:::bucket", "S3Bucket"),
        ("arn:aws:s3:::bucket/object", None),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/a", "S3AccessPoint"),
        ("arn:aws:sns:eu-west-1:111122223333:topic", "SNSTopic"),
        ("arn:aws:sns:eu-west-1:111122223333:topic:subscription", None),
        ("arn:aws:rds:eu-west-1:111122223333:cluster:c", "RDSCluster"),
        ("arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:c", "RDSClusterSnapshot"),
        ("arn:aws:glue:eu-west-1:111122223333:catalog", "GlueDataCatalog"),
        ("arn:aws:glue:eu-west-1:111122223333:blueprint/b", None),
        ("not an arn", None),
    ],
)
def test_an_arn_tells_its_label(arn: str, label: str | None) -> None:
    found = REGISTRY.of_arn(arn)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("short", "label"),
    [
        ("vpc-1", "VPC"),
        ("vpce-1", "VPCEndpoint"),
        ("vpce-svc-1", "VPCEndpointService"),
        ("tgw-1", "TransitGateway"),
        ("tgw-attach-1", "TransitGatewayAttachment"),
        ("igw-1", "InternetGateway"),
        ("vgw-1", "VPNGateway"),
        ("lgw-rtb-1", "LocalGatewayRouteTable"),
        ("ipam-1", None),
    ],
)
def test_a_short_id_tells_its_label(short: str, label: str | None) -> None:
    found = REGISTRY.of_short_id(short)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::111122223333:role/a?",
        "arn:aws:iam::*:role/a",
        "arn:*:iam::111122223333:role/a",
        "arn:aws:iam::111122223333:",
        "arn:aws:iam::111122223333:role/a b",
        "arn:aws:iam::111122223333:role/a\n",
        "arn:aws:iam::" + "1" * 12 + ":role/" + "a" * 3000,
        "role/a",
    ],
)
def test_what_is_not_one_resource_is_no_good_arn(arn: str) -> None:
    assert not is_good_arn(arn)
    assert is_good_arn("arn:aws:iam::111122223333:role/a")


def test_parts_of_an_arn() -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:hello"
    assert (account_of_arn(arn), region_of_arn(arn), short_id_of(arn)) == (
        "111122223333",
        "eu-west-1",
        "hello",
    )
    managed = "arn:aws:iam::aws:policy/x"
    assert (account_of_arn(managed), region_of_arn(managed)) == (None, None)
    assert short_id_of("internet") == "internet"


@pytest.mark.parametrize(
    ("node_id", "label", "name"),
    [
        ("internet", "Internet", "Internet"),
        ("any-aws-principal", "AnyAWSPrincipal", "Any AWS principal"),
        ("any-aws-account", "AnyAWSAccount", "Any AWS account"),
        ("any-account-via:sns.amazonaws.com", "AnyAccountVia", "Any account via sns.amazonaws.com"),
        ("any-customer-of:cloudfront", "AnyCustomerOf", "Any customer of cloudfront"),
        ("self-sign-up:eu-west-1_abc", "SelfSignUp", "Self sign-up at eu-west-1_abc"),
        ("federated:accounts.google.com", "FederatedProvider", "accounts.google.com"),
        ("cidr:203.0.113.0/24", "ExternalCidr", "203.0.113.0/24"),
        ("cidr:2001:db8::/32", "ExternalCidr", "2001:db8::/32"),
        ("org:o-abc", "Organization", "o-abc"),
        ("account:777766665555", "ExternalAccount", "777766665555"),
        ("service:ec2.amazonaws.com", "AWSService", "ec2.amazonaws.com"),
        ("on-prem:vgw-1", "OnPrem", "On premises via vgw-1"),
    ],
)
def test_a_sources_node_follows_from_its_id(node_id: str, label: str, name: str) -> None:
    found = named_node(node_id)
    assert (found.id, found.labels, found.props["name"]) == (node_id, (label, "Source"), name)


def test_every_source_of_the_contract_is_declared() -> None:
    assert [found.label for found in SOURCES] == [
        "Internet",
        "AnyAWSPrincipal",
        "AnyAWSAccount",
        "AnyAccountVia",
        "AnyCustomerOf",
        "SelfSignUp",
        "FederatedProvider",
        "ExternalCidr",
        "Organization",
        "ExternalAccount",
        "AWSService",
        "OnPrem",
    ]


@pytest.mark.parametrize("node_id", ["", "intranet", "cidr:", "account:", "internet:x", "arn:a:b"])
def test_what_is_no_sources_id_is_refused(node_id: str) -> None:
    with pytest.raises(ValueError, match="not the id of a source"):
        named_node(node_id)


def test_a_path_is_checked_when_it_is_declared() -> None:
    for wrong in ("a//b", "[Key=x", "[Key]/Value", "[=x]"):
        with pytest.raises(ValueError, match=r"."):
            path.check(wrong)
        with pytest.raises(ValueError, match=r"."):
            Property("name", wrong, "Means.")
    path.check("[Key=routing.http.x]/Value|@call(*)/A/*/B")


def test_a_type_and_a_reference_compare_by_value() -> None:
    assert Reference(short="vpc-1", label="VPC") == Reference(short="vpc-1", label="VPC")
    assert isinstance(REGISTRY.by_label["VPC"], NodeType)
