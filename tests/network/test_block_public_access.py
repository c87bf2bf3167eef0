"""Step N2, setting by setting: whose VPC Block Public Access counts, and what excludes from it."""

from __future__ import annotations

import pytest

from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, arn, exposed, open_acl
from network.test_internet_to_instance import Build, failing, judge, over
from snapshot_files import ACCOUNT, REGION

__all__ = ["judge"]

OWNER = "444455556666"
BLOCKED = ["VPC block public access"]


@pytest.mark.parametrize(("vpc", "locks"), [("vpc-1", []), ("vpc-2", BLOCKED)])
def test_an_exclusion_of_the_vpc_is_one_of_its_subnets(
    judge: Build, vpc: str, locks: list[str]
) -> None:
    lab = exposed()
    lab.vpc("vpc-2", "10.2.0.0/16")
    excluded = {
        "ResourceArn": arn("vpc", vpc),
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": "update-complete",
    }
    lab.block_public_access("block-bidirectional", [excluded])
    assert failing(over(judge(lab))) == locks


@pytest.mark.parametrize(("state", "locks"), [("create-complete", []), ("create-failed", BLOCKED)])
def test_an_exclusion_that_was_not_made_excludes_nothing(
    judge: Build, state: str, locks: list[str]
) -> None:
    lab = exposed()
    excluded = {
        "ResourceArn": arn("subnet", "subnet-a"),
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": state,
    }
    lab.block_public_access("block-ingress", [excluded])
    assert failing(over(judge(lab))) == locks


@pytest.mark.parametrize(("mode", "locks"), [("off", []), ("block-ingress", BLOCKED)])
def test_the_vpcs_mode_counts_where_the_accounts_was_not_read(
    judge: Build, mode: str, locks: list[str]
) -> None:
    lab = exposed()
    lab.deny("ec2.describe_vpc_block_public_access_options")
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab.item("vpc-1")["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": mode}
    assert failing(over(judge(lab))) == locks
    assert (over(judge(lab)).verdict is Verdict.YES) == (not locks)


def shared() -> Lab:
    """A participant's interface in a subnet of another account."""
    lab = exposed()
    lab.vpc("vpc-s", "10.9.0.0/16", OWNER)
    for seen_by in (OWNER, ACCOUNT):
        lab.subnet("subnet-s", "vpc-s", "10.9.0.0/24", account=OWNER, seen_by=seen_by)
    gateway = {
        "InternetGatewayId": "igw-s",
        "Attachments": [{"VpcId": "vpc-s", "State": "available"}],
        "OwnerId": OWNER,
    }
    lab.add(
        "ec2:internet-gateway", "igw-s", arn("internet-gateway", "igw-s", OWNER), gateway, OWNER
    )
    way = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-s", "State": "active"}
    lab.table("rtb-s", "vpc-s", [way], main=True, account=OWNER)
    lab.acl("acl-s", "vpc-s", open_acl(), ("subnet-s",), account=OWNER)
    lab.eni(
        "eni-s", "subnet-s", ("sg-web",), public="198.51.100.9", vpc="vpc-s", private="10.9.0.4"
    )
    return lab


def block(lab: Lab, account: str, mode: str) -> None:
    lab.add(
        "ec2:vpc-bpa",
        f"bpa-{account}",
        f"{account}/{REGION}",
        {},
        account,
        describe_vpc_block_public_access_options={
            "VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": mode}
        },
        describe_vpc_block_public_access_exclusions=[],
    )


@pytest.mark.parametrize(
    ("owner", "participant", "locks"),
    [("off", "block-bidirectional", []), ("block-bidirectional", "off", BLOCKED)],
)
def test_of_a_shared_subnet_the_owners_setting_counts(
    judge: Build, owner: str, participant: str, locks: list[str]
) -> None:
    lab = shared()
    block(lab, ACCOUNT, participant)
    block(lab, OWNER, owner)
    found: list[Reach] = judge(lab, arn("network-interface", "eni-s"))
    assert failing(over(found)) == locks
