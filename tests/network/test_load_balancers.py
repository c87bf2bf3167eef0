"""Load balancers as front doors and what stands behind them, each case with its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Json, Lab, allow, arn, entry, exposed, open_acl
from snapshot_files import ACCOUNT, REGION, Absent, Denied

ALB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/front/1"
NLB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/front/2"
CLB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/old"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"

Judge = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    count = iter(range(100))
    return lambda lab: internet_reach(lab.build(tmp_path / str(next(count))))


def one(found: list[Reach], target: str, mechanism: str) -> Reach:
    (reach,) = [r for r in found if (r.target, r.mechanism) == (target, mechanism)]
    return reach


def failing(reach: Reach) -> set[str]:
    return {step.name for step in reach.answer.steps if step.result == "fail"}


def forward(group: str = GROUP) -> Json:
    return {"Type": "forward", "TargetGroupArn": group, "Order": 1}


def listener(
    number: int = 1, port: int = 443, protocol: str = "HTTPS", actions: list[Json] | None = None
) -> Json:
    return {
        "ListenerArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/{number}",
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": actions or [forward()],
    }


def balancer(
    lab: Lab,
    node: str = ALB,
    listeners: Any = None,
    *,
    rules: dict[str, Any] | None = None,
    attributes: Any = None,
    subnets: tuple[str, ...] = ("subnet-a",),
    **more: Any,
) -> None:
    listeners = [listener()] if listeners is None else listeners
    kind = "network" if "/net/" in node else "application"
    item = {
        "LoadBalancerArn": node,
        "Type": kind,
        "Scheme": "internet-facing",
        "State": {"Code": "active"},
        "VpcId": "vpc-1",
        "IpAddressType": "ipv4",
        "SecurityGroups": ["sg-lb"] if kind == "application" else [],
        "AvailabilityZones": [{"SubnetId": s} for s in subnets],
    } | more
    calls: dict[str, Any] = {
        "describe_listeners": listeners,
        "describe_load_balancer_attributes": attributes or [],
    }
    for given in listeners if isinstance(listeners, list) else []:
        name = given["ListenerArn"]
        default = [
            {
                "RuleArn": f"{name}/d",
                "Priority": "default",
                "Conditions": [],
                "Actions": given["DefaultActions"],
            }
        ]
        calls[f"describe_rules(ListenerArn={name})"] = (rules or {}).get(name, default)
    lab.add("elbv2:load-balancer", node, node, item, **calls)


def target_group(
    lab: Lab,
    node: str = GROUP,
    targets: Any = None,
    *,
    kind: str = "instance",
    protocol: str = "HTTP",
    port: int = 8080,
    attributes: Any = None,
) -> None:
    if targets is None:
        targets = [target("i-web")]
    lab.add(
        "elbv2:target-group",
        node,
        node,
        {
            "TargetGroupArn": node,
            "TargetType": kind,
            "Protocol": protocol,
            "Port": port,
            "VpcId": "vpc-1",
        },
        describe_target_health=targets,
        describe_target_group_attributes=attributes or [],
    )


def target(name: str, port: int | None = 8080, state: str = "healthy") -> Json:
    found: Json = {"Target": {"Id": name}, "TargetHealth": {"State": state}}
    if port:
        found["Target"]["Port"] = port
    return found


def referring(group: str, port: int = 8080) -> Json:
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "UserIdGroupPairs": [{"GroupId": group}],
    }


def behind_alb() -> Lab:
    """A private instance in a subnet of its own behind an internet-facing ALB on 443."""
    lab = exposed([referring("sg-lb")])
    lab.subnet("subnet-p", "vpc-1", "10.0.1.0/24")
    lab.table("rtb-p", "vpc-1", [], subnets=("subnet-p",))
    lab.acl("acl-p", "vpc-1", open_acl(), ("subnet-p",))
    lab.eni("eni-web", "subnet-p", ("sg-web",), private="10.0.1.10", instance="i-web")
    lab.instance("i-web", ("eni-web",))
    lab.group("sg-lb", [allow("tcp/443")])
    balancer(lab)
    target_group(lab)
    return lab


def test_alb_and_the_instance_behind_it(judge: Judge) -> None:
    found = judge(behind_alb())
    front = one(found, ALB, "alb/ipv4")
    assert (front.source, front.verdict, front.ports) == ("internet", Verdict.YES, ("tcp/443",))
    web = one(found, INSTANCE, "alb/ipv4")
    assert (web.verdict, web.ports, web.via) == (Verdict.YES, ("tcp/8080",), (ALB,))
    assert one(found, INSTANCE, "eni/ipv4").verdict is Verdict.NO


WEB_ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/shop/0123"
PROTECTS = "list_resources_for_web_acl(ResourceType=APPLICATION_LOAD_BALANCER)"


@pytest.mark.parametrize(
    ("protects", "guards"),
    [
        ([ALB], (f"waf {WEB_ACL}",)),
        ([], ()),
        (Denied, (f"waf (not_collected:wafv2.list_resources_for_web_acl@{ACCOUNT}/{REGION})",)),
    ],
)
def test_a_web_acl_is_a_guard_and_changes_no_verdict(
    judge: Judge, protects: Any, guards: tuple[str, ...]
) -> None:
    lab = behind_alb()
    lab.answered.add("wafv2.list_web_acls")
    lab.add("wafv2:web-acl", "shop", WEB_ACL, {"ARN": WEB_ACL}, **{PROTECTS: protects})
    for reach in (one(judge(lab), ALB, "alb/ipv4"), one(judge(lab), INSTANCE, "alb/ipv4")):
        assert reach.verdict is Verdict.YES
        assert reach.answer.guards == guards


def test_web_acls_that_were_not_listed_are_a_gap_of_the_guard(judge: Judge) -> None:
    front = one(judge(behind_alb()), ALB, "alb/ipv4")
    assert front.answer.guards == (f"waf (not_collected:wafv2.list_web_acls@{ACCOUNT}/{REGION})",)


def test_internal_balancer_is_no_front_door(judge: Judge) -> None:
    lab = behind_alb()
    lab.item(ALB)["Scheme"] = "internal"
    found = judge(lab)
    assert failing(one(found, ALB, "alb/ipv4")) == {"address"}
    assert one(found, INSTANCE, "alb/ipv4").verdict is Verdict.NO


def test_balancers_group_must_admit_the_listener_port(judge: Judge) -> None:
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/80")]
    assert failing(one(judge(lab), ALB, "alb/ipv4")) == {"security group"}


def test_one_passing_subnet_is_enough_and_none_is_not(judge: Judge) -> None:
    lab = behind_alb()
    lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
    lab.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
    balancer(lab, subnets=("subnet-b", "subnet-a"))
    assert one(judge(lab), ALB, "alb/ipv4").verdict is Verdict.YES
    balancer(lab, subnets=("subnet-b",))
    assert "return route" in failing(one(judge(lab), ALB, "alb/ipv4"))


def test_targets_group_must_admit_the_balancer(judge: Judge) -> None:
    lab = behind_alb()
    lab.item("sg-web")["IpPermissions"] = []
    found = judge(lab)
    assert failing(one(found, INSTANCE, "alb/ipv4")) == {"security group in"}
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.YES


def test_balancers_own_egress_and_the_acls_between_are_locks(judge: Judge) -> None:
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissionsEgress"] = [allow("tcp/9000")]
    assert failing(one(judge(lab), INSTANCE, "alb/ipv4")) == {"security group out"}
    lab = behind_alb()
    lab.item("acl-p")["Entries"] = [
        entry(90, "deny", protocol="6", ports=(8080, 8080)),
        *open_acl(),
    ]
    assert failing(one(judge(lab), INSTANCE, "alb/ipv4")) == {"network ACL in"}


def test_redirect_only_leads_nowhere_but_answers(judge: Judge) -> None:
    lab = behind_alb()
    balancer(lab, listeners=[listener(actions=[{"Type": "redirect", "Order": 1}])])
    found = judge(lab)
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES
    assert not [r for r in found if r.target == INSTANCE and r.mechanism == "alb/ipv4"]


def rule(priority: str, conditions: list[Json], actions: list[Json]) -> Json:
    return {
        "RuleArn": f"rule/{priority}",
        "Priority": priority,
        "Conditions": conditions,
        "Actions": actions,
    }


DENY = {"Type": "fixed-response", "Order": 1}
NAME = listener()["ListenerArn"]


def with_rules(*rules: Json, default: Json = DENY) -> Lab:
    lab = behind_alb()
    given = [*rules, rule("default", [], [default])]
    balancer(lab, listeners=[listener(actions=[default])], rules={NAME: given})
    return lab


def source_ip(*cidrs: str) -> Json:
    return {"Field": "source-ip", "SourceIpConfig": {"Values": list(cidrs)}}


def test_source_ip_rule_narrows_to_the_range(judge: Judge) -> None:
    lab = with_rules(rule("1", [source_ip("203.0.113.0/24")], [forward()]))
    found = judge(lab)
    assert one(found, INSTANCE, "alb/ipv4").source == "cidr:203.0.113.0/24"
    assert one(found, ALB, "alb/ipv4").source == "cidr:203.0.113.0/24"
    lab = with_rules(rule("1", [source_ip("0.0.0.0/0")], [forward()]))
    assert one(judge(lab), INSTANCE, "alb/ipv4").source == "internet"


def test_secret_header_is_a_condition_and_a_clients_header_is_not(judge: Judge) -> None:
    secret = {
        "Field": "http-header",
        "HttpHeaderConfig": {"HttpHeaderName": "X-Origin", "Values": ["s"]},
    }
    reach = one(judge(with_rules(rule("1", [secret], [forward()]))), INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("secret:http-header/X-Origin",),
    )
    agent = {
        "Field": "http-header",
        "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["s"]},
    }
    path = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}
    reach = one(judge(with_rules(rule("1", [agent, path], [forward()]))), INSTANCE, "alb/ipv4")
    assert reach.verdict is Verdict.YES
    assert any("/api/*" in text for text in reach.answer.evidence)


def test_rule_for_everything_shadows_what_comes_after(judge: Judge) -> None:
    everything = {"Field": "path-pattern", "Values": ["/*"]}
    lab = with_rules(rule("1", [everything], [DENY]), default=forward())
    assert not [r for r in judge(lab) if r.target == INSTANCE and r.mechanism == "alb/ipv4"]
    lab = with_rules(
        rule("1", [{"Field": "path-pattern", "Values": ["/x"]}], [DENY]), default=forward()
    )
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.YES


@pytest.mark.parametrize(
    ("unauthenticated", "verdict", "conditions"),
    [("authenticate", Verdict.CONDITIONAL, ("authn:oidc",)), ("allow", Verdict.YES, ())],
)
def test_sign_in_at_the_balancer(
    judge: Judge, unauthenticated: str, verdict: Verdict, conditions: tuple[str, ...]
) -> None:
    lab = behind_alb()
    ask = {
        "Type": "authenticate-oidc",
        "Order": 1,
        "AuthenticateOidcConfig": {"OnUnauthenticatedRequest": unauthenticated},
    }
    balancer(lab, listeners=[listener(actions=[forward() | {"Order": 2}, ask])])
    found = judge(lab)
    for name in (ALB, INSTANCE):
        reach = one(found, name, "alb/ipv4")
        assert (reach.verdict, reach.answer.conditions) == (verdict, conditions)


def test_mutual_tls_and_weight_zero(judge: Judge) -> None:
    lab = behind_alb()
    balancer(lab, listeners=[listener() | {"MutualAuthentication": {"Mode": "verify"}}])
    assert one(judge(lab), INSTANCE, "alb/ipv4").answer.conditions == ("authn:mtls",)
    idle = {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": GROUP, "Weight": 0}]},
    }
    balancer(lab, listeners=[listener(actions=[idle])])
    assert not [r for r in judge(lab) if r.target == INSTANCE and r.mechanism == "alb/ipv4"]


def test_health(judge: Judge) -> None:
    lab = behind_alb()
    target_group(lab, targets=[target("i-web", state="unhealthy")])
    reach = one(judge(lab), INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:target-health=all-unhealthy",),
    )
    target_group(lab, targets=[target("i-web", state="unhealthy"), target("i-other")])
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.DORMANT
    target_group(lab)
    lab.item("i-web")["State"]["Name"] = "stopped"
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.DORMANT


def test_what_was_denied_is_unknown(judge: Judge) -> None:
    lab = behind_alb()
    balancer(lab, listeners=Denied)
    reach = one(judge(lab), ALB, "alb/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert "describe_listeners" in reach.answer.conditions[0]
    lab = behind_alb()
    target_group(lab, targets=Denied)
    found = judge(lab)
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES
    reach = one(found, GROUP, "alb/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert "describe_target_health" in reach.answer.conditions[0]
    lab = behind_alb()
    balancer(lab, rules={NAME: Denied})
    found = judge(lab)
    assert one(found, ALB, "alb/ipv4").verdict is Verdict.YES
    reach = one(found, INSTANCE, "alb/ipv4")
    assert reach.verdict is Verdict.CONDITIONAL
    assert reach.answer.conditions[0].startswith("not_collected:")


def test_a_target_behind_a_subnet_that_was_not_read_is_unknown(judge: Judge) -> None:
    lab = behind_alb()
    lab.deny("describe_subnets")
    for name in ("subnet-a", "subnet-p"):
        lab.remove(name)
    reach = one(judge(lab), INSTANCE, "alb/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_subnets" in term for term in reach.answer.conditions)


def test_dualstack_without_public_ipv4_is_ipv6_only(judge: Judge) -> None:
    lab = behind_alb()
    lab.item("sg-lb")["IpPermissions"].append(allow("tcp/443", "::/0"))
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": "2001:db8::/64"}]
    lab.item(ALB)["IpAddressType"] = "dualstack-without-public-ipv4"
    found = judge(lab)
    assert one(found, ALB, "alb/ipv6").verdict is Verdict.YES
    assert one(found, INSTANCE, "alb/ipv6").verdict is Verdict.YES
    assert not [r for r in found if (r.target, r.mechanism) == (ALB, "alb/ipv4")]
    lab.item(ALB)["IpAddressType"] = "dualstack"
    assert one(judge(lab), ALB, "alb/ipv4").verdict is Verdict.YES


def behind_nlb(**more: Any) -> Lab:
    lab = behind_alb()
    lab.remove(ALB)
    balancer(lab, NLB, [listener(port=443, protocol="TCP")], **more)
    target_group(lab, protocol="TCP")
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080")]
    return lab


def test_nlb_without_groups_passes_the_client_on_to_the_instances_group(judge: Judge) -> None:
    lab = behind_nlb()
    found = judge(lab)
    assert one(found, NLB, "nlb/ipv4").verdict is Verdict.YES
    assert one(found, INSTANCE, "nlb/ipv4").source == "internet"
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "203.0.113.0/24")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").source == "cidr:203.0.113.0/24"
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    assert failing(one(judge(lab), INSTANCE, "nlb/ipv4")) == {"security group in"}
    off = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]
    target_group(lab, protocol="TCP", attributes=off)
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.YES


def test_what_lets_the_client_in_is_named_with_its_facts(judge: Judge) -> None:
    """By the client's address, by the balancer's group, and a group without any rule."""

    def told(lab: Any, name: str = "security group in") -> tuple[str, set[str]]:
        steps = one(judge(lab), INSTANCE, "nlb/ipv4").answer.steps
        (step,) = (step for step in steps if step.name == name)
        return step.text, {ref.pointer for ref in step.refs}

    text, pointers = told(behind_nlb())
    assert "admit it on tcp/8080" in text
    assert arn("security-group", "sg-web") in text
    assert any("IpPermissions/0" in pointer for pointer in pointers)
    shut = behind_nlb()
    shut.item("sg-web")["IpPermissions"] = []
    steps = one(judge(shut), INSTANCE, "nlb/ipv4").answer.steps
    (blocked,) = (step for step in steps if step.result == "fail")
    assert {ref.id for ref in blocked.refs} == {arn("security-group", "sg-web")}
    referred = behind_nlb(SecurityGroups=["sg-lb"])
    referred.item("sg-web")["IpPermissions"] = [referring("sg-lb")]
    text, pointers = told(referred)
    assert "admit the load balancer's security group" in text
    assert any("IpPermissions/0" in pointer for pointer in pointers)
    referred.item("sg-lb")["IpPermissions"] = []
    text, pointers = told(referred, "security group")
    assert text == "The security groups have no inbound rules."
    assert pointers == {"/item"}


def test_nlb_with_a_group_that_the_target_refers_to(judge: Judge) -> None:
    lab = behind_nlb(SecurityGroups=["sg-lb"])
    lab.item("sg-web")["IpPermissions"] = [referring("sg-lb")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").source == "internet"
    lab.item("sg-lb")["IpPermissions"] = []
    assert "security group" in failing(one(judge(lab), INSTANCE, "nlb/ipv4"))


def test_clients_address_meets_the_targets_acl(judge: Judge) -> None:
    lab = behind_nlb()
    lab.item("acl-p")["Entries"] = [entry(100, cidr="10.0.0.0/8"), entry(100, egress=True)]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.NO
    off = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]
    target_group(lab, protocol="TCP", attributes=off)
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.YES


def test_ip_targets_see_the_balancer_by_default(judge: Judge) -> None:
    lab = behind_nlb()
    target_group(lab, kind="ip", protocol="TCP", targets=[target("10.0.1.10")])
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "10.0.0.0/24")]
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.YES
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "203.0.113.0/24")]
    assert failing(one(judge(lab), INSTANCE, "nlb/ipv4")) == {"security group in"}


def test_zone_without_cross_zone_is_reached_from_its_own_node_only(judge: Judge) -> None:
    lab = behind_nlb()
    lab.subnet("subnet-b", "vpc-1", "10.0.2.0/24", zone="b")
    lab.table("rtb-b", "vpc-1", [], subnets=("subnet-b",))
    lab.item("subnet-p")["AvailabilityZone"] = f"{REGION}b"
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=("subnet-a", "subnet-b"))
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.NO
    on = [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=("subnet-a", "subnet-b"), attributes=on)
    assert one(judge(lab), INSTANCE, "nlb/ipv4").verdict is Verdict.YES
    balancer(lab, NLB, [listener(protocol="TCP")], subnets=("subnet-a",), attributes=on)
    (step,) = [s for s in one(judge(lab), INSTANCE, "nlb/ipv4").answer.steps if s.result == "fail"]
    assert step.code == "ELB_INSTALLED_AZ_RESTRICTION"


def test_function_target(judge: Judge) -> None:
    lab = behind_alb()
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:hello"
    target_group(lab, kind="lambda", targets=[target(function, None)])
    reach = one(judge(lab), function, "alb/ipv4")
    assert (reach.verdict, reach.ports, reach.via) == (Verdict.YES, ("tcp/443",), (ALB,))


def test_chain_of_nlb_and_internal_alb(judge: Judge) -> None:
    lab = behind_alb()
    lab.item(ALB)["Scheme"] = "internal"
    outer = GROUP + "-alb"
    balancer(lab, NLB, [listener(2, protocol="TCP", actions=[forward(outer)])])
    target_group(lab, outer, kind="alb", protocol="TCP", port=443, targets=[target(ALB, 443)])
    found = judge(lab)
    assert one(found, ALB, "nlb/ipv4").verdict is Verdict.YES
    reach = one(found, INSTANCE, "alb/ipv4")
    assert (reach.verdict, reach.via, reach.ports) == (Verdict.YES, (NLB, ALB), ("tcp/8080",))
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443", "192.168.0.0/16")]
    found = judge(lab)
    assert one(found, ALB, "nlb/ipv4").verdict is Verdict.NO
    assert one(found, INSTANCE, "alb/ipv4").verdict is Verdict.NO


def peered() -> Lab:
    """An ALB with an ip target in a VPC of another account, behind a peering connection."""
    other = "444455556666"
    lab = behind_alb()
    lab.vpc("vpc-2", "10.2.0.0/16", other)
    lab.subnet("subnet-2", "vpc-2", "10.2.0.0/24", account=other)
    to = {"VpcPeeringConnectionId": "pcx-1", "State": "active"}
    lab.table(
        "rtb-2", "vpc-2", [to | {"DestinationCidrBlock": "10.0.0.0/16"}], main=True, account=other
    )
    lab.acl("acl-2", "vpc-2", open_acl(), ("subnet-2",), account=other)
    lab.group("sg-2", [allow("tcp/8080", "10.0.0.0/16")], "vpc-2", other)
    lab.eni("eni-2", "subnet-2", ("sg-2",), private="10.2.0.9", vpc="vpc-2", account=other)
    lab.item("rtb-main")["Routes"].append(to | {"DestinationCidrBlock": "10.2.0.0/16"})
    item = {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": "active"},
        "RequesterVpcInfo": {"VpcId": "vpc-1"},
        "AccepterVpcInfo": {"VpcId": "vpc-2"},
    }
    lab.add("ec2:vpc-peering", "pcx-1", arn("vpc-peering-connection", "pcx-1"), item)
    target_group(lab, kind="ip", targets=[target("10.2.0.9")])
    return lab


def test_ip_target_in_a_peered_vpc(judge: Judge) -> None:
    node = arn("network-interface", "eni-2", "444455556666")
    lab = peered()
    assert one(judge(lab), node, "alb/ipv4").verdict is Verdict.YES
    lab.item("pcx-1")["Status"]["Code"] = "deleted"
    assert failing(one(judge(lab), node, "alb/ipv4")) == {"route", "reply route"}
    lab = peered()
    lab.item("rtb-2")["Routes"].clear()
    assert failing(one(judge(lab), node, "alb/ipv4")) == {"reply route"}


def test_ip_target_that_cannot_be_resolved_is_unknown(judge: Judge) -> None:
    lab = peered()
    lab.item("rtb-main")["Routes"][-1] = {
        "DestinationCidrBlock": "10.2.0.0/16",
        "TransitGatewayId": "tgw-1",
        "State": "active",
    }
    (reach,) = [r for r in judge(lab) if r.target.endswith(":10.2.0.9")]
    assert reach.verdict is Verdict.UNKNOWN
    (term,) = reach.answer.conditions
    assert "describe_transit_gateway_vpc_attachments" in term


def classic(lab: Lab, **more: Any) -> None:
    item = {
        "LoadBalancerName": "old",
        "Scheme": "internet-facing",
        "VPCId": "vpc-1",
        "Subnets": ["subnet-a"],
        "SecurityGroups": ["sg-lb"],
        "ListenerDescriptions": [
            {"Listener": {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstancePort": 8080}}
        ],
        "Instances": [{"InstanceId": "i-web"}],
    } | more
    lab.add(
        "elb:load-balancer",
        "old",
        CLB,
        item,
        describe_instance_health=[{"InstanceId": "i-web", "State": "InService"}],
        describe_load_balancer_attributes=Absent,
    )


def test_classic_balancer(judge: Judge) -> None:
    lab = behind_alb()
    lab.remove(ALB)
    classic(lab)
    found = judge(lab)
    assert one(found, CLB, "clb/ipv4").ports == ("tcp/443",)
    reach = one(found, INSTANCE, "clb/ipv4")
    assert (reach.verdict, reach.ports, reach.via) == (Verdict.YES, ("tcp/8080",), (CLB,))
    classic(lab, Scheme="internal")
    assert failing(one(judge(lab), CLB, "clb/ipv4")) == {"address"}
    classic(lab, ListenerDescriptions=[])
    assert failing(one(judge(lab), CLB, "clb/ipv4")) == {"listener"}


def test_classic_balancers_outbound_meets_the_acl_even_inside_its_subnet(judge: Judge) -> None:
    lab = behind_alb()
    lab.remove(ALB)
    lab.eni("eni-web", "subnet-a", ("sg-web",), private="10.0.0.10", instance="i-web")
    lab.instance("i-web", ("eni-web",))
    classic(lab)
    closed = entry(50, "deny", egress=True, protocol="6", ports=(8080, 8080), cidr="10.0.0.0/16")
    lab.item("acl-1")["Entries"].append(closed)
    assert failing(one(judge(lab), INSTANCE, "clb/ipv4")) == {"network ACL out"}
    balancer(lab)
    assert one(judge(lab), INSTANCE, "alb/ipv4").verdict is Verdict.YES


def test_gateway_balancer_is_never_a_front_door(judge: Judge) -> None:
    lab = behind_alb()
    lab.item(ALB)["Type"] = "gateway"
    assert failing(one(judge(lab), ALB, "gwlb/ipv4")) == {"address"}


def test_balancer_that_is_not_active_is_dormant(judge: Judge) -> None:
    lab = behind_alb()
    lab.item(ALB)["State"]["Code"] = "provisioning"
    assert one(judge(lab), ALB, "alb/ipv4").verdict is Verdict.DORMANT
