"""Load balancers, control by control: what each of their settings opens and closes."""

from __future__ import annotations

from typing import Any

import pytest

from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, entry
from network.test_load_balancers import (
    ALB,
    CLB,
    DENY,
    NLB,
    Judge,
    balancer,
    behind_alb,
    behind_nlb,
    classic,
    failing,
    forward,
    judge,
    listener,
    one,
    referring,
    rule,
    source_ip,
    target,
    target_group,
    with_rules,
)
from snapshot_files import Denied

__all__ = ["judge"]


def test_an_application_balancer_that_lists_no_group_is_unknown(judge: Judge) -> None:
    """Every one has some; only a Network Load Balancer may be without."""
    lab = behind_alb()
    lab.item(ALB)["SecurityGroups"] = []
    assert one(judge(lab), ALB, "alb/ipv4").verdict is Verdict.UNKNOWN
    assert one(judge(behind_nlb()), NLB, "nlb/ipv4").verdict is Verdict.YES


def dual(scheme: str, attributes: Any) -> Lab:
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissions"].append(allow("tcp/443", "::/0"))
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8::/64"}]
    balancer(lab, attributes=attributes, IpAddressType="dualstack", Scheme=scheme)
    return lab


def refusing(value: str) -> list[dict[str, str]]:
    return [{"Key": "ipv6.deny_all_igw_traffic", "Value": value}]


@pytest.mark.parametrize(
    ("scheme", "attributes", "verdict"),
    [
        ("internet-facing", [], Verdict.YES),
        ("internet-facing", refusing("true"), Verdict.NO),
        ("internal", [], Verdict.NO),
        ("internal", refusing("true"), Verdict.NO),
        ("internal", refusing("false"), Verdict.YES),
        ("internal", Denied, Verdict.UNKNOWN),
    ],
)
def test_ipv6_is_refused_by_an_attribute_not_by_the_scheme(
    judge: Judge, scheme: str, attributes: Any, verdict: Verdict
) -> None:
    assert one(judge(dual(scheme, attributes)), ALB, "alb/ipv6").verdict is verdict


def test_a_node_in_a_subnet_without_ipv6_has_no_such_address(judge: Judge) -> None:
    lab = dual("internet-facing", [])
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = []
    assert failing(one(judge(lab), ALB, "alb/ipv6")) == {"address"}


OFF = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]


@pytest.mark.parametrize(("protocol", "verdict"), [("UDP", Verdict.NO), ("TCP", Verdict.YES)])
def test_over_udp_the_target_always_sees_the_client(
    judge: Judge, protocol: str, verdict: Verdict
) -> None:
    lab = behind_nlb()
    balancer(lab, NLB, [listener(port=53, protocol=protocol)])
    target_group(lab, protocol=protocol, port=53, targets=[target("i-web", 53)], attributes=OFF)
    lab.item("sg-web")["IpPermissions"] = [allow(f"{protocol.lower()}/53", "10.0.0.0/24")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is verdict


def test_over_ipv6_an_ipv4_target_sees_the_balancer(judge: Judge) -> None:
    lab = behind_nlb()
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8::/64"}]
    balancer(lab, NLB, [listener(protocol="TCP")], IpAddressType="dualstack")
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    found = judge(lab)
    assert one(found, INSTANCE, "nlb/ipv6").verdict is Verdict.YES
    assert failing(one(found, INSTANCE, "nlb/ipv4")) == {"security group in"}


@pytest.mark.parametrize(
    ("acl", "entries", "lock"),
    [
        ("acl-p", [entry(100)], "reply, network ACL out"),
        (
            "acl-1",
            [entry(90, protocol="6", ports=(443, 443)), entry(100, egress=True)],
            "reply, network ACL in",
        ),
    ],
)
def test_a_targets_replies_must_come_back(
    judge: Judge, acl: str, entries: list[Any], lock: str
) -> None:
    lab = behind_alb()
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.YES
    lab.item(acl)["Entries"] = entries
    found = judge(lab)
    assert failing(one(found, INSTANCE, "alb/ipv4")) == {lock}
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("healthy", Verdict.YES),
        ("initial", Verdict.YES),
        ("unavailable", Verdict.YES),
        ("draining", Verdict.DORMANT),
        ("unused", Verdict.DORMANT),
        ("unhealthy", Verdict.CONDITIONAL),
    ],
)
def test_each_health_of_the_only_target(judge: Judge, state: str, verdict: Verdict) -> None:
    lab = behind_alb()
    target_group(lab, targets=[target("i-web", state=state)])
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is verdict


def test_a_classic_balancer_does_not_fail_open(judge: Judge) -> None:
    lab = behind_alb()
    lab.remove(ALB)
    classic(lab)
    assert one(judge(lab), INSTANCE, "clb/ipv4").verdict is Verdict.YES
    (line,) = [found["old"] for found in lab.lines.values() if "old" in found]
    line["calls"]["describe_instance_health"]["value"][0]["State"] = "OutOfService"
    found = judge(lab)
    assert one(found, INSTANCE, "clb/ipv4").verdict is Verdict.DORMANT
    assert one(found, CLB, "clb/ipv4").verdict is Verdict.YES


def test_rules_are_tried_by_priority(judge: Judge) -> None:
    wide, office = [source_ip("0.0.0.0/0")], [source_ip("203.0.113.0/24")]
    lab = with_rules(rule("1", office, [forward()]), rule("2", wide, [DENY]))
    assert one(judge(lab), INSTANCE, "alb/ipv4").source == "cidr:203.0.113.0/24"
    lab = with_rules(rule("2", office, [forward()]), rule("1", wide, [DENY]))
    assert not [r for r in judge(lab) if (r.target, r.mechanism) == (INSTANCE, "alb/ipv4")]


def test_a_range_that_an_earlier_rule_answers_is_left_out_of_later_ones(judge: Judge) -> None:
    def told(lab: Lab) -> tuple[str, ...]:
        return one(judge(lab), INSTANCE, "alb/ipv4").answer.evidence

    gone = "Every address but 203.0.113.0/24."
    refused = rule("1", [source_ip("203.0.113.0/24")], [DENY])
    assert gone in told(with_rules(refused, default=forward()))
    named = {"Field": "host-header", "Values": ["admin.example.com"]}
    refused = rule("1", [source_ip("203.0.113.0/24"), named], [DENY])
    assert gone not in told(with_rules(refused, default=forward()))


def test_a_target_is_reached_on_its_own_port(judge: Judge) -> None:
    lab = behind_alb()
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/1-65535", "10.0.0.0/16")]
    assert one(judge(lab), INSTANCE, "alb/ipv4").ports == ("tcp/8080",)
    target_group(lab, targets=[target("i-web", 9000)])
    assert one(judge(lab), INSTANCE, "alb/ipv4").ports == ("tcp/9000",)


def test_a_group_for_both_protocols_gets_what_the_listener_brings(judge: Judge) -> None:
    lab = behind_nlb()
    lab.item("sg-web")["IpPermissions"] = [allow("-1")]
    target_group(lab, protocol="TCP_UDP", port=53, targets=[target("i-web", 53)])
    balancer(lab, NLB, [listener(port=53, protocol="TCP_UDP")])
    assert one(judge(lab), INSTANCE, "nlb/ipv4").ports == ("tcp/53", "udp/53")
    balancer(lab, NLB, [listener(port=53, protocol="UDP")])
    assert one(judge(lab), INSTANCE, "nlb/ipv4").ports == ("udp/53",)


@pytest.mark.parametrize(("group", "verdict"), [("sg-lb", Verdict.YES), ("sg-x", Verdict.NO)])
def test_a_rule_for_the_network_balancers_group_admits_its_clients(
    judge: Judge, group: str, verdict: Verdict
) -> None:
    lab = behind_nlb(SecurityGroups=["sg-lb"])
    lab.item("sg-web")["IpPermissions"] = [referring(group)]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is verdict
