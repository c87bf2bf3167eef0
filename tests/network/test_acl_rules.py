"""Steps N6 and N7, rule by rule: which entry decides, for whom, and what replies need."""

from __future__ import annotations

from typing import Any

import pytest

from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, entry, exposed, open_acl
from network.test_internet_to_instance import Build, failing, judge, over, v6

__all__ = ["judge"]

RANGE = "203.0.113.0/24"
OUT = entry(100, egress=True)


def filtered(permissions: list[Json], *entries: Json) -> Lab:
    """The exposed instance behind a network ACL with these entries."""
    lab = exposed(permissions)
    lab.item("acl-1")["Entries"] = list(entries)
    return lab


def test_an_entry_is_for_its_sources(judge: Build) -> None:
    lab = filtered([allow()], entry(100, cidr=RANGE), OUT)
    assert over(judge(lab)).source == f"cidr:{RANGE}"
    lab = filtered([allow()], entry(100, cidr="10.0.0.0/8"), OUT)
    assert failing(over(judge(lab))) == ["network ACL in"]
    lab = filtered([allow("tcp/22", RANGE)], entry(90, "deny", cidr=RANGE), entry(100), OUT)
    assert failing(over(judge(lab))) == ["network ACL in"]


def test_entries_of_one_family_are_not_the_others(judge: Build) -> None:
    lab = v6(exposed([allow(), allow("tcp/22", "::/0")]))
    lab.item("acl-1")["Entries"] = [entry(100), OUT]
    found = judge(lab)
    assert over(found).verdict is Verdict.YES
    assert failing(over(found, Family.IPV6)) == ["network ACL in", "network ACL out"]
    lab.item("acl-1")["Entries"] = open_acl()
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES


def test_a_subnets_own_acl_comes_before_the_vpcs_default(judge: Build) -> None:
    lab = exposed()
    lab.acl("acl-0", "vpc-1", [], ())
    lab.item("acl-0")["IsDefault"] = True
    assert over(judge(lab)).verdict is Verdict.YES
    lab.item("acl-1")["Associations"] = []
    assert failing(over(judge(lab))) == ["network ACL in", "network ACL out"]
    lab.item("acl-0")["Entries"] = open_acl()
    assert over(judge(lab)).verdict is Verdict.YES


def icmp(number: int, kind: int, *, egress: bool = False) -> Json:
    return entry(number, egress=egress, protocol="1") | {"IcmpTypeCode": {"Type": kind, "Code": -1}}


def test_an_icmp_entry_is_for_its_type(judge: Build) -> None:
    assert over(judge(filtered([allow("icmp")], icmp(100, 8), OUT))).ports == ("icmp/8",)
    assert over(judge(filtered([allow("icmp")], icmp(100, -1), OUT))).ports == ("icmp",)


ONE_WAY = ("ports:one-way",)


@pytest.mark.parametrize(("kind", "conditions"), [(0, ()), (8, ONE_WAY)])
def test_a_ping_is_answered_by_an_echo_reply(
    judge: Build, kind: int, conditions: tuple[str, ...]
) -> None:
    reach = over(judge(filtered([allow("icmp")], entry(100), icmp(100, kind, egress=True))))
    assert reach.answer.conditions == conditions
    assert reach.verdict is (Verdict.CONDITIONAL if conditions else Verdict.YES)


@pytest.mark.parametrize(("kind", "conditions"), [(129, ()), (128, ONE_WAY)])
def test_a_ping_over_ipv6_is_answered_by_its_own_echo_reply(
    judge: Build, kind: int, conditions: tuple[str, ...]
) -> None:
    lab = v6(exposed([allow("icmpv6", "::/0")]))
    reply = entry(100, egress=True, protocol="58", cidr="::/0")
    reply["IcmpTypeCode"] = {"Type": kind, "Code": 0}
    lab.item("acl-1")["Entries"] = [entry(100, cidr="::/0"), reply]
    reach = over(judge(lab), Family.IPV6)
    assert (reach.ports, reach.answer.conditions) == (("icmpv6",), conditions)


@pytest.mark.parametrize(("protocol", "conditions"), [("50", ()), ("6", ONE_WAY)])
def test_another_protocol_is_answered_by_itself(
    judge: Build, protocol: str, conditions: tuple[str, ...]
) -> None:
    reply = entry(100, egress=True, protocol=protocol)
    reach = over(judge(filtered([allow("50")], entry(100), reply)))
    assert (reach.ports, reach.answer.conditions) == (("protocol/50",), conditions)


@pytest.mark.parametrize(
    ("out", "result", "said"),
    [
        (
            [],
            "conditional",
            "lets no IPv4 reply out; what needs none, such as a UDP packet, still comes in.",
        ),
        ([entry(100, egress=True, protocol="6", ports=(1024, 65535))], "pass", "replies out."),
    ],
)
def test_an_acl_that_lets_no_reply_out_says_so(
    judge: Build, out: list[Any], result: str, said: str
) -> None:
    reach = over(judge(filtered([allow("-1")], entry(100), *out)))
    (step,) = (one for one in reach.answer.steps if one.name == "network ACL out")
    assert step.result == result
    assert said in step.text


def test_replies_go_to_clients_that_an_entry_lets_out_to(judge: Build) -> None:
    reach = over(judge(filtered([allow()], entry(100), entry(100, egress=True, cidr=RANGE))))
    assert (reach.source, reach.verdict) == (f"cidr:{RANGE}", Verdict.YES)
    lab = filtered([allow()], entry(100), entry(90, "deny", egress=True, cidr=RANGE), OUT)
    reach = over(judge(lab))
    assert reach.source == "internet"
    assert f"Every address but {RANGE}." in reach.answer.evidence


def test_the_first_entry_decides_over_replies_too(judge: Build) -> None:
    low = {"egress": True, "protocol": "6", "ports": (1024, 65535)}
    closed: list[Any] = [entry(100), entry(90, "deny", **low), OUT]  # type: ignore[arg-type]
    assert failing(over(judge(filtered([allow()], *closed)))) == ["network ACL out"]
    closed[1]["RuleNumber"] = 110
    assert over(judge(filtered([allow()], *closed))).verdict is Verdict.YES


def test_an_entry_for_replies_that_cannot_be_read_leaves_them_unknown(judge: Build) -> None:
    lab = filtered([allow()], entry(100), entry(90, "deny", egress=True, cidr=RANGE), OUT)
    assert over(judge(lab)).verdict is Verdict.YES
    lab.item("acl-1")["Entries"][1]["CidrBlock"] = "203.0.113.0/240"
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
