"""Targets behind load balancers whose listeners or rules were not read, each with its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Json, Lab, allow
from network.test_load_balancers import (
    ALB,
    GROUP,
    NLB,
    balancer,
    behind_alb,
    failing,
    listener,
    one,
    target,
    target_group,
)
from snapshot_files import ACCOUNT, REGION, Denied

NAME = listener()["ListenerArn"]
SECOND = GROUP.replace("web", "admin")
FIXED: list[Json] = [{"Type": "fixed-response", "Order": 1}]

Judge = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def attached(lab: Lab, group: str = GROUP, to: str = ALB) -> Lab:
    lab.item(group)["LoadBalancerArns"] = [to] if to else []
    return lab


def unread(**more: Any) -> Lab:
    """A load balancer with one target group attached, whose listeners were refused."""
    lab = behind_alb()
    balancer(lab, listeners=Denied, **more)
    return attached(lab)


def ways(found: list[Reach], node: str) -> list[Reach]:
    return [reach for reach in found if reach.target == node and "alb" in reach.mechanism]


def test_targets_behind_listeners_that_were_refused_are_unknown(judge: Judge) -> None:
    reach = one(judge(unread()), INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.ports, reach.via) == (Verdict.UNKNOWN, ("tcp/8080",), (ALB,))
    gap = f"not_collected:elbv2.describe_listeners({ALB})@{ACCOUNT}/{REGION}"
    assert reach.answer.conditions == (gap,)

    read = attached(behind_alb())
    assert one(judge(read), INSTANCE, "alb/ipv4").verdict is Verdict.YES
    none = behind_alb()
    balancer(none, listeners=[])
    assert not ways(judge(attached(none)), INSTANCE)


def test_a_group_of_another_load_balancer_stands_not_behind_this_one(judge: Judge) -> None:
    lab = unread()
    attached(lab, to="")
    assert not ways(judge(lab), INSTANCE)


def test_a_group_that_tells_no_load_balancer_may_be_behind_one_of_its_vpc(judge: Judge) -> None:
    lab = unread()
    del lab.item(GROUP)["LoadBalancerArns"]
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.UNKNOWN
    lab.item(GROUP)["VpcId"] = "vpc-2"
    assert not ways(judge(lab), INSTANCE)


def test_a_lock_that_was_seen_closed_stays_one(judge: Judge) -> None:
    lab = unread()
    lab.item("sg-web")["IpPermissions"] = []
    reach = one(judge(lab), INSTANCE, "alb/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, {"security group in"})
    assert one(judge(unread(Scheme="internal")), INSTANCE, "alb/ipv4").verdict is Verdict.NO


def second_group(rules: Any) -> Lab:
    """A listener that answers by itself, beside rules that may lead to a group."""
    lab = behind_alb()
    balancer(lab, listeners=[listener(actions=FIXED)], rules={NAME: rules} if rules else None)
    return attached(lab)


def test_rules_that_were_refused_may_lead_to_what_the_default_does_not(judge: Judge) -> None:
    found = judge(second_group(Denied))
    reach = one(found, INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.UNKNOWN, ("tcp/8080",))
    assert "describe_rules" in reach.answer.conditions[0]
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES
    assert not ways(judge(second_group(None)), INSTANCE)


def test_a_way_that_was_seen_is_told_before_one_that_may_be(judge: Judge) -> None:
    """The default's group is reached if no rule comes first; another group is not known."""
    lab = behind_alb()
    balancer(lab, rules={NAME: Denied})
    attached(lab)
    target_group(lab, SECOND, [target("i-web", 9000)])
    attached(lab, SECOND)
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "0.0.0.0/0"), allow("tcp/9000")]
    reach = one(judge(lab), INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.CONDITIONAL, ("tcp/8080",))
    assert reach.other_ports == ("tcp/9000=unknown",)


def test_a_range_that_gets_through_one_listener_says_nothing_of_the_other(judge: Judge) -> None:
    """Of two listeners the rules of one were refused: what it lets in is not known."""
    narrow = [
        {
            "RuleArn": f"{NAME}/r",
            "Priority": "1",
            "Conditions": [
                {"Field": "source-ip", "SourceIpConfig": {"Values": ["198.51.100.0/24"]}}
            ],
            "Actions": [{"Type": "forward", "TargetGroupArn": GROUP, "Order": 1}],
        },
        {"RuleArn": f"{NAME}/d", "Priority": "default", "Conditions": [], "Actions": FIXED},
    ]
    other = listener(2, 444, actions=FIXED)
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443-444")]
    both = [listener(), other]
    balancer(lab, listeners=both, rules={NAME: narrow, other["ListenerArn"]: Denied})
    found = {r.source: r.verdict for r in ways(judge(attached(lab)), INSTANCE)}
    assert found == {"cidr:198.51.100.0/24": Verdict.YES, "internet": Verdict.UNKNOWN}
    balancer(lab, listeners=both, rules={NAME: narrow})
    found = {r.source: r.verdict for r in ways(judge(lab), INSTANCE)}
    assert found == {"cidr:198.51.100.0/24": Verdict.YES}


def test_an_inner_load_balancer_whose_listeners_were_refused(judge: Judge) -> None:
    outer = GROUP.replace("web", "outer")
    forward = {"Type": "forward", "TargetGroupArn": outer, "Order": 1}
    verdicts = []
    for lab in (unread(Scheme="internal"), attached(behind_alb())):
        lab.item(ALB)["Scheme"] = "internal"
        balancer(lab, NLB, [listener(3, protocol="TCP", actions=[forward])])
        target_group(lab, outer, [target(ALB, 443)], kind="alb", protocol="TCP", port=443)
        attached(lab, outer, NLB)
        reach = one(judge(lab), INSTANCE, "alb/ipv4")
        assert reach.via == (NLB, ALB)
        verdicts.append(reach.verdict)
    assert verdicts == [Verdict.UNKNOWN, Verdict.YES]
