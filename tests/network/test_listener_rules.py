"""What listeners and their rules let through, and whose address a target sees; with twins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.facts import LoadBalancer, TargetGroup
from graph.network.links import preserves_client
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Json, Lab, allow
from network.test_load_balancers import (
    ALB,
    DENY,
    GROUP,
    NLB,
    balancer,
    behind_alb,
    behind_nlb,
    forward,
    listener,
    one,
    rule,
    source_ip,
    target,
    target_group,
    with_rules,
)

Judge = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def header(*values: str, regex: bool = False, name: str = "X-Origin") -> Json:
    member = "RegexValues" if regex else "Values"
    config = {"HttpHeaderName": name, member: list(values)}
    return {"Field": "http-header", "HttpHeaderConfig": config}


SECRET = ("secret:http-header/X-Origin",)


@pytest.mark.parametrize(
    ("asked", "verdict", "conditions"),
    [
        (header("f00d"), Verdict.CONDITIONAL, SECRET),
        (header("f00d", "*"), Verdict.YES, ()),
        (header("?*"), Verdict.YES, ()),
        (header("^.+$", regex=True), Verdict.YES, ()),
        (header("^f00d.*$", regex=True), Verdict.CONDITIONAL, SECRET),
        (header("navigate", name="Sec-Fetch-Mode"), Verdict.YES, ()),
        (header("443", name="X-Forwarded-Port"), Verdict.YES, ()),
        (header("DE", name="CloudFront-Viewer-Country"), Verdict.YES, ()),
        (
            header("DE", name="CloudFront-Secret"),
            Verdict.CONDITIONAL,
            ("secret:http-header/CloudFront-Secret",),
        ),
    ],
)
def test_a_header_that_may_have_any_value_is_no_secret(
    judge: Judge, asked: Json, verdict: Verdict, conditions: tuple[str, ...]
) -> None:
    found = one(judge(with_rules(rule("1", [asked], [forward()]))), INSTANCE, "alb/ipv4")
    assert (found.verdict, found.answer.conditions) == (verdict, conditions)


@pytest.mark.parametrize(
    ("kind", "member", "term"),
    [
        ("authenticate-cognito", "AuthenticateCognitoConfig", "authn:cognito"),
        ("authenticate-oidc", "AuthenticateOidcConfig", "authn:oidc"),
    ],
)
@pytest.mark.parametrize("otherwise", ["authenticate", "deny", "allow"])
def test_who_must_sign_in(judge: Judge, kind: str, member: str, term: str, otherwise: str) -> None:
    ask = {"Type": kind, "Order": 1, member: {"OnUnauthenticatedRequest": otherwise}}
    lab = behind_alb()
    balancer(lab, listeners=[listener(actions=[ask, forward() | {"Order": 2}])])
    found = one(judge(lab), INSTANCE, "alb/ipv4")
    expected = () if otherwise == "allow" else (term,)
    assert found.answer.conditions == expected


def test_a_token_is_asked_for(judge: Judge) -> None:
    ask = {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": {"Issuer": "https://i"}}
    lab = behind_alb()
    balancer(lab, listeners=[listener(actions=[ask, forward() | {"Order": 2}])])
    assert one(judge(lab), INSTANCE, "alb/ipv4").answer.conditions == ("authn:jwt",)
    balancer(lab)
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [("verify", Verdict.CONDITIONAL), ("passthrough", Verdict.YES), ("off", Verdict.YES)],
)
def test_only_mutual_tls_that_verifies_is_a_lock(judge: Judge, mode: str, verdict: Verdict) -> None:
    lab = behind_alb()
    balancer(lab, listeners=[listener() | {"MutualAuthentication": {"Mode": mode}}])
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is verdict


@pytest.mark.parametrize(("weight", "reached"), [(1, True), (0, False)])
def test_weighted_groups(judge: Judge, weight: int, reached: bool) -> None:
    lab = behind_alb()
    other = GROUP + "-other"
    target_group(lab, other, kind="ip", targets=[target("10.0.1.10")])
    shares = [
        {"TargetGroupArn": GROUP, "Weight": weight},
        {"TargetGroupArn": other, "Weight": 10},
    ]
    target_group(lab, targets=[target("i-web", 9999)])
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/1-10000", "10.0.0.0/16")]
    both = {"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}
    balancer(lab, listeners=[listener(actions=[both])])
    found = one(judge(lab), INSTANCE, "alb/ipv4")
    assert found.ports == (("tcp/8080", "tcp/9999") if reached else ("tcp/8080",))


def test_rules_by_host_and_by_address(judge: Judge) -> None:
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["intern.example"]}}
    found = one(judge(with_rules(rule("1", [host], [forward()]))), INSTANCE, "alb/ipv4")
    assert found.verdict is Verdict.YES
    assert any("intern.example" in text for text in found.answer.evidence)
    both = rule("1", [host, source_ip("203.0.113.0/24")], [forward()])
    assert one(judge(with_rules(both)), INSTANCE, "alb/ipv4").source == "cidr:203.0.113.0/24"
    private = rule("1", [source_ip("10.0.0.0/8")], [forward()])
    found_by_rule = [r for r in judge(with_rules(private)) if r.mechanism == "alb/ipv4"]
    assert [r for r in found_by_rule if r.target == ALB]
    assert not [r for r in found_by_rule if r.target == INSTANCE]
    first = rule("1", [source_ip("203.0.113.0/24")], [DENY])
    found = one(judge(with_rules(first, default=forward())), INSTANCE, "alb/ipv4")
    assert (found.source, found.verdict) == ("internet", Verdict.YES)
    assert any("203.0.113.0/24" in text for text in found.answer.evidence)


NETWORK = LoadBalancer("front", "network")


@pytest.mark.parametrize(
    ("kind", "protocol", "told", "expected"),
    [
        ("instance", "TCP", None, True),
        ("instance", "TLS", False, False),
        ("instance", "UDP", False, True),
        ("ip", "TCP", None, False),
        ("ip", "TLS", True, True),
        ("ip", "UDP", None, True),
        ("ip", "TCP_UDP", False, True),
        ("ip", "QUIC", None, True),
        ("ip", "TCP_QUIC", None, True),
    ],
)
def test_whose_address_a_target_sees(
    kind: str, protocol: str, told: bool | None, expected: bool
) -> None:
    group = TargetGroup("group", kind, protocol, preserve_client_ip=told)
    assert preserves_client(NETWORK, group, Family.IPV4) is expected
    assert preserves_client(NETWORK, group, Family.IPV6) is False
    front = LoadBalancer("front", "application")
    assert preserves_client(front, group, Family.IPV4) is False


def dualstack(**more: Any) -> Lab:
    """A network load balancer that clients reach over IPv6, its target by IPv4."""
    lab = behind_nlb(IpAddressType="dualstack", **more)
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8::/64"}]
    return lab


def test_clients_over_ipv6_are_seen_as_the_load_balancer_by_a_target_over_ipv4(
    judge: Judge,
) -> None:
    lab = dualstack()
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    found = judge(lab)
    assert one(found, INSTANCE, "nlb/ipv6").verdict is Verdict.YES
    assert one(found, INSTANCE, "nlb/ipv4").verdict is Verdict.NO
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "203.0.113.0/24")]
    assert one(judge(lab), INSTANCE, "nlb/ipv6").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("protocol", "reached"),
    [
        ("TLS", ("tcp/8080",)),
        ("UDP", ("udp/8080",)),
        ("QUIC", ("udp/8080",)),
        ("TCP_UDP", ("tcp/8080", "udp/8080")),
        ("TCP_QUIC", ("tcp/8080", "udp/8080")),
    ],
)
def test_protocols_of_network_listeners(
    judge: Judge, protocol: str, reached: tuple[str, ...]
) -> None:
    lab = behind_nlb()
    balancer(lab, NLB, [listener(port=443, protocol=protocol)])
    target_group(lab, protocol=protocol)
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080"), allow("udp/8080")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").ports == reached
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8081"), allow("udp/8081")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.NO
