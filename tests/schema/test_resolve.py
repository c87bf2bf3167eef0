"""Which node a reference means, for those who derive relationships."""

from __future__ import annotations

import pytest

from graph.schema.declare import Reference
from graph.schema.registry import REGISTRY
from graph.schema.resolve import Place, Resolver
from tests.schema.aws_lines import EAST, PROD, SHARED, VENDOR, VPC, WEST, ec2, iam

HERE = Place(PROD, WEST, "x")


def resolver() -> Resolver:
    known = Resolver(REGISTRY)
    known.add("VPC", VPC, Place(PROD, WEST, ec2("vpc", VPC)))
    known.add("IAMRole", "app", Place(PROD, "global", iam("role", "a/app")))
    known.add("IAMRole", "app", Place(SHARED, "global", iam("role", "b/app", SHARED)))
    return known


@pytest.mark.parametrize(
    ("reference", "node_id"),
    [
        (Reference(short=VPC), ec2("vpc", VPC)),
        (Reference(short=VPC, account=SHARED, region=EAST), ec2("vpc", VPC)),
        (Reference(id=ec2("vpc", VPC)), ec2("vpc", VPC)),
        (Reference(id=ec2("vpc", VPC, VENDOR)), ec2("vpc", VPC)),
        (Reference(short="app", label="IAMRole", region="global"), iam("role", "a/app")),
        (
            Reference(short="app", label="IAMRole", region="global", account=SHARED),
            iam("role", "b/app", SHARED),
        ),
        (
            Reference(short="app", label="IAMRole", region="global", must_exist=True),
            iam("role", "a/app"),
        ),
    ],
)
def test_what_was_collected_is_found(reference: Reference, node_id: str) -> None:
    known = resolver()
    assert known.resolve(reference, HERE, "aws") == node_id
    assert known.minimal_nodes() == []


@pytest.mark.parametrize(
    ("reference", "node_id", "label", "account", "region"),
    [
        (Reference(short="vpc-0f0f0f0f"), "vpc-0f0f0f0f", "VPC", None, WEST),
        (
            Reference(short="vpc-0f0f0f0f", account=VENDOR, region=EAST),
            ec2("vpc", "vpc-0f0f0f0f", VENDOR, EAST),
            "VPC",
            VENDOR,
            EAST,
        ),
        (
            Reference(short="ami-0f0f0f0f"),
            f"arn:aws-cn:ec2:{WEST}::image/ami-0f0f0f0f",
            "AMI",
            None,
            WEST,
        ),
        (Reference(short="ipam-0f0f0f0f"), "ipam-0f0f0f0f", "OtherResource", None, WEST),
        (Reference(id=iam("root", "")[:-1]), iam("root", "")[:-1], "RootUser", PROD, "global"),
        (Reference(id="cidr:203.0.113.0/24"), "cidr:203.0.113.0/24", "ExternalCidr", None, None),
        (Reference(id="arn:aws:s3:::b"), "arn:aws:s3:::b", "S3Bucket", None, None),
    ],
)
def test_what_was_not_collected_is_a_minimal_node(
    reference: Reference, node_id: str, label: str, account: str | None, region: str | None
) -> None:
    known = resolver()
    partition = "aws-cn" if reference.short.startswith("ami") else "aws"
    assert known.resolve(reference, HERE, partition) == node_id
    (node,) = known.minimal_nodes()
    assert (node.id, node.labels[0]) == (node_id, label)
    assert (node.props["account_id"], node.props["region"]) == (account, region)
    assert node.props["collected"] is False


@pytest.mark.parametrize(
    "reference",
    [
        Reference(short="some-name", label="RDSInstance"),
        Reference(short="vpc-0f0f0f0f", must_exist=True),
        Reference(id=iam("role", "gone"), must_exist=True),
        Reference(id=iam("role", "*")),
        Reference(id="nonsense"),
        Reference(short="vpc-*"),
        Reference(short="<script>"),
        Reference(),
    ],
)
def test_what_cannot_be_named_is_no_node(reference: Reference) -> None:
    known = resolver()
    assert known.resolve(reference, HERE, "aws") == ""
    assert known.minimal_nodes() == []
