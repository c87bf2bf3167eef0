"""Steps N8 and N9, rule by rule: whom security groups admit, and in which state."""

from __future__ import annotations

import pytest

from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import allow, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6
from snapshot_files import Denied

__all__ = ["judge"]


def test_a_rule_for_a_group_admits_nobody_of_the_internet(judge: Build) -> None:
    pair = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    lab = exposed([pair | {"UserIdGroupPairs": [{"GroupId": "sg-web"}]}])
    assert failing(over(judge(lab))) == ["security group"]
    lab = exposed([pair | {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    assert over(judge(lab)).verdict is Verdict.YES


@pytest.mark.parametrize(("vpc", "account"), [("vpc-2", "111122223333"), ("vpc-1", "444455556666")])
def test_a_group_of_another_vpc_or_account_counts_where_it_is_attached(
    judge: Build, vpc: str, account: str
) -> None:
    """Groups can be associated with several VPCs, and shared with an organisation."""
    lab = exposed([])
    lab.group("sg-far", [allow("tcp/443")], vpc, account)
    assert failing(over(judge(lab))) == ["security group"]
    lab.item("eni-web")["Groups"] = [{"GroupId": "sg-far"}]
    assert over(judge(lab)).ports == ("tcp/443",)


def test_a_list_of_aws_admits_one_family(judge: Build) -> None:
    """CloudFront has a list for each family; one that was not read is told by its name."""

    def listed(name: str) -> list[str]:
        pair = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
        lab = v6(exposed([pair | {"PrefixListIds": [{"PrefixListId": "pl-cf"}]}]))
        lab.prefix_list("pl-cf", Denied, title=name, owner="AWS")
        found = judge(lab)
        return [one.family for one in found if one.verdict is not Verdict.NO]

    assert listed("com.amazonaws.global.cloudfront.origin-facing") == [Family.IPV4]
    assert listed("com.amazonaws.global.ipv6.cloudfront.origin-facing") == [Family.IPV6]


def test_a_rule_without_ports_that_make_sense_is_for_its_sources_only(judge: Build) -> None:
    nonsense = {"IpProtocol": "tcp", "FromPort": 9, "ToPort": 3}
    lab = exposed([nonsense | {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab = exposed([nonsense | {"UserIdGroupPairs": [{"GroupId": "sg-web"}]}])
    assert failing(over(judge(lab))) == ["security group"]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("pending", Verdict.YES),
        ("running", Verdict.YES),
        ("stopping", Verdict.DORMANT),
        ("stopped", Verdict.DORMANT),
        ("shutting-down", Verdict.NO),
        ("terminated", Verdict.NO),
    ],
)
def test_each_state_of_an_instance(judge: Build, state: str, verdict: Verdict) -> None:
    lab = exposed()
    lab.item("i-web")["State"]["Name"] = state
    assert over(judge(lab)).verdict is verdict
