"""What cannot be read is unknown: it neither opens nor closes; what is told stays as it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, entry, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6
from network.test_load_balancers import ALB, behind_alb
from snapshot_files import ACCOUNT, REGION

__all__ = ["judge"]

Rows = Callable[[Lab], list[Reach]]
NO_TEXT = (None, -5, {"x": 1})
JUNK = (*NO_TEXT, "x")


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    """Everything the internet reaches in a lab, each time in a folder of its own."""
    number = itertools.count()
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(number))))


def balancer(found: list[Reach], target: str) -> Reach:
    (one,) = [r for r in found if r.target == target and r.mechanism == "alb/ipv4"]
    return one


def member(name: str, *path: Any) -> Callable[[Lab, Any], None]:
    """Sets a member of an item, deep inside."""

    def change(lab: Lab, value: Any) -> None:
        at: Any = lab.item(name)
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (member("acl-1", "Entries"), JUNK),
        (member("acl-1", "Entries", 0, "RuleAction"), JUNK),
        (member("acl-1", "Entries", 0, "Egress"), JUNK),
        (member("acl-1", "Associations"), JUNK),
        (member("sg-web", "IpPermissions"), JUNK),
        (member("sg-web", "IpPermissions", 0, "IpProtocol"), JUNK),
        (member("sg-web", "IpPermissions", 0, "IpRanges"), JUNK),
        (member("sg-web", "IpPermissions", 0, "IpRanges", 0), JUNK),
        (member("rtb-main", "Routes"), JUNK),
        (member("rtb-main", "Routes", 1), JUNK),
        (member("rtb-main", "Routes", 1, "GatewayId"), NO_TEXT),
        (member("rtb-main", "Routes", 1, "DestinationCidrBlock"), JUNK),
        (member("rtb-main", "Associations"), JUNK),
        (member("igw-1", "Attachments"), JUNK),
        (member("igw-1", "Attachments", 0), JUNK),
        (member("eni-web", "Groups"), JUNK),
        (member("eni-web", "Groups", 0), JUNK),
        (member("eni-web", "SubnetId"), NO_TEXT),
        (member("subnet-a", "AvailabilityZone"), NO_TEXT),
        (member("i-web", "State"), JUNK),
    ],
)
def test_a_member_that_cannot_be_read_leaves_the_answer_open(
    judge: Build, change: Callable[[Lab, Any], None], values: tuple[Any, ...]
) -> None:
    assert over(judge(exposed())).verdict is Verdict.YES
    for junk in values:
        lab = exposed()
        change(lab, junk)
        assert over(judge(lab)).verdict is Verdict.UNKNOWN, junk


def test_an_entry_that_cannot_be_read_doubts_what_it_may_match_alone(judge: Build) -> None:
    lab = exposed([allow("tcp/22"), allow("udp/53")])
    deny = entry(50, "deny", protocol="6", ports=(9999, 9999))
    lab.item("acl-1")["Entries"].insert(0, deny)
    assert over(judge(lab)).ports == ("tcp/22", "udp/53")
    deny["PortRange"] = "x"
    doubted = over(judge(lab))
    assert (doubted.verdict, doubted.ports) == (Verdict.YES, ("udp/53",))
    assert doubted.other_ports == ("tcp/22=unknown",)
    deny["RuleNumber"] = 32000
    assert over(judge(lab)).ports == ("tcp/22", "udp/53")


def test_a_deny_behind_what_cannot_be_read_still_closes_the_rest(judge: Build) -> None:
    lab = exposed()
    entries = lab.item("acl-1")["Entries"]
    entries[:] = [e for e in entries if e["Egress"]]
    entries.insert(0, {**entry(50, "allow", protocol="17", ports=(53, 53)), "RuleAction": None})
    assert failing(over(judge(lab))) == ["network ACL in"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("22", "22", ("tcp/22",)), (22, "23", ("tcp/22-23",)), (22, "x", None), (None, 22, None)],
)
def test_ports_written_as_text_are_numbers_and_nothing_else_is(
    judge: Build, first: Any, last: Any, expected: tuple[str, ...] | None
) -> None:
    lab = exposed()
    lab.item("sg-web")["IpPermissions"][0] |= {"FromPort": first, "ToPort": last}
    found = over(judge(lab))
    assert found.verdict is (Verdict.YES if expected else Verdict.UNKNOWN)
    if expected:
        assert found.ports == expected


def test_what_cannot_be_read_elsewhere_changes_nothing(judge: Build) -> None:
    lab = exposed()
    lab.item("sg-web")["IpPermissions"] = []
    lab.item("rtb-main")["Routes"] = None
    assert failing(over(judge(lab))) == ["security group"]


@pytest.mark.parametrize("mode", [None, "x", "block"])
def test_a_mode_that_is_none_of_aws_is_not_known(judge: Build, mode: Any) -> None:
    lab = exposed()
    lab.block_public_access(mode, [])
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab.block_public_access("off", [])
    assert over(judge(lab)).verdict is Verdict.YES


def test_an_exclusion_that_cannot_be_read_may_be_of_any_subnet(judge: Build) -> None:
    lab = exposed()
    lab.block_public_access("block-ingress", [{"ResourceArn": None}])
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab.block_public_access("off", [{"ResourceArn": None}])
    assert over(judge(lab)).verdict is Verdict.YES


def test_an_attachment_that_cannot_be_read_is_told(judge: Build) -> None:
    lab = exposed()
    lab.item("igw-1")["Attachments"] = None
    found = over(judge(lab))
    assert found.answer.conditions == (
        f"not_collected:ec2.describe_internet_gateways@{ACCOUNT}/{REGION}",
    )


@pytest.mark.parametrize("scheme", [None, "x", {}])
def test_a_scheme_that_cannot_be_read_may_be_either(rows: Rows, scheme: Any) -> None:
    lab = behind_alb()
    lab.item(ALB)["Scheme"] = scheme
    assert balancer(rows(lab), ALB).verdict is Verdict.UNKNOWN
    lab.item(ALB)["Scheme"] = "internal"
    assert balancer(rows(lab), ALB).verdict is Verdict.NO


@pytest.mark.parametrize("junk", JUNK)
def test_a_listener_whose_port_cannot_be_read(rows: Rows, junk: Any) -> None:
    lab = behind_alb()
    assert balancer(rows(lab), ALB).verdict is Verdict.YES
    calls = lab.lines[(ACCOUNT, REGION, "elbv2:load-balancer")][ALB]["calls"]
    calls["describe_listeners"]["value"][0]["Port"] = junk
    assert balancer(rows(lab), ALB).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("junk", ["x", {"x": 1}, [None]])
def test_a_balancers_groups_that_cannot_be_read(rows: Rows, junk: Any) -> None:
    lab = behind_alb()
    assert balancer(rows(lab), INSTANCE).verdict is Verdict.YES
    lab.item(ALB)["SecurityGroups"] = junk
    assert balancer(rows(lab), INSTANCE).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("kind", ["PublicIp", "Ipv6"])
def test_addresses_that_cannot_be_read(judge: Build, kind: str) -> None:
    lab = v6(exposed([allow("tcp/22"), allow("tcp/22", "::/0")]))
    family = Family.IPV4 if kind == "PublicIp" else Family.IPV6
    item = lab.item("eni-web")
    assert over(judge(lab), family).verdict is Verdict.YES
    if family is Family.IPV4:
        item["Association"] = item["PrivateIpAddresses"][0]["Association"] = {"PublicIp": 5}
    else:
        item["Ipv6Addresses"] = "x"
    lab.instance("i-web", ("eni-web",))
    assert over(judge(lab), family).verdict is Verdict.UNKNOWN
    item.pop("Association"), item["PrivateIpAddresses"][0].pop("Association")
    item["Ipv6Addresses"] = []
    lab.instance("i-web", ("eni-web",))
    assert failing(over(judge(lab), family)) == ["address"]
