"""Step N2 behind an appliance: whose subnet VPC Block Public Access looks at AWS leaves open."""

from __future__ import annotations

import pytest

from network.aws_shapes import arn
from network.test_internet_to_instance import Build, failing, firewalled, judge, over

__all__ = ["judge"]

OPEN = "context:block-public-access"


@pytest.mark.parametrize(
    ("excluded", "verdict"),
    [
        ("subnet-fw", "conditional"),
        ("subnet-a", "conditional"),
        ("subnet-other", "no"),
    ],
    ids=["the appliance's", "the target's", "another"],
)
def test_an_exclusion_of_the_appliances_subnet_is_left_open(
    judge: Build, excluded: str, verdict: str
) -> None:
    lab = firewalled()
    exclusion = {
        "ResourceArn": arn("subnet", excluded),
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": "create-complete",
    }
    lab.block_public_access("block-bidirectional", [exclusion])
    reach = over(judge(lab))
    assert str(reach.verdict) == verdict
    assert (OPEN in reach.answer.conditions) == (excluded == "subnet-fw")
    assert failing(reach) == (["VPC block public access"] if verdict == "no" else [])


def test_an_appliance_that_no_gateway_names_opens_nothing(judge: Build) -> None:
    lab = firewalled()
    exclusion = {
        "ResourceArn": arn("subnet", "subnet-fw"),
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": "create-complete",
    }
    lab.block_public_access("block-ingress", [exclusion])
    lab.item("rtb-edge")["Routes"][0]["GatewayId"] = "local"
    assert failing(over(judge(lab))) == ["VPC block public access"]
