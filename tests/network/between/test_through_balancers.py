"""From inside through load balancers, as attack walks go: each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.derivation.network import network_part
from graph.network.between.ends import end_of, end_to_end
from graph.records import Relationship
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, arn, entry, open_acl
from network.test_load_balancers import (
    ALB,
    GROUP,
    NLB,
    balancer,
    behind_alb,
    forward,
    listener,
    referring,
    target,
    target_group,
)
from queries.answers.attack import AttackGraph, Tree
from snapshot_files import Denied

ATTACKER, OTHER = arn("instance", "i-in"), arn("instance", "i-other")
PRESERVE = [{"Key": "preserve_client_ip.enabled", "Value": "true"}]
NOT_KEPT = [{"Key": "preserve_client_ip.enabled", "Value": "false"}]
LEVELS = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)


def machine(lab: Lab, name: str, subnet: str, group: str, address: str) -> None:
    lab.eni(f"eni-{name}", subnet, (group,), private=address, instance=f"i-{name}")
    lab.instance(f"i-{name}", (f"eni-{name}",))


def intranet(scheme: str = "internal") -> Lab:
    """An attacker's machine, an ALB on 443 that the VPC reaches, a target that admits it alone."""
    lab = behind_alb()
    lab.item(ALB)["Scheme"] = scheme
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443", "10.0.0.0/8")]
    lab.group("sg-in", [])
    machine(lab, "in", "subnet-a", "sg-in", "10.0.0.50")
    return lab


def with_nlb(*, attributes: Any = (), admits: str = "10.0.0.0/16", **more: Any) -> Lab:
    """The same with a network load balancer without groups, on TCP 443."""
    lab = intranet()
    lab.remove(ALB)
    balancer(lab, NLB, [listener(protocol="TCP")], Scheme="internal", **more)
    target_group(lab, protocol="TCP", attributes=list(attributes))
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", admits)]
    return lab


def classic() -> Lab:
    lab = intranet()
    lab.remove(ALB)
    item = {
        "LoadBalancerName": "old",
        "Scheme": "internal",
        "VPCId": "vpc-1",
        "Subnets": ["subnet-a"],
        "SecurityGroups": ["sg-lb"],
        "ListenerDescriptions": [
            {
                "Listener": {
                    "Protocol": "TCP",
                    "LoadBalancerPort": 443,
                    "InstanceProtocol": "TCP",
                    "InstancePort": 8080,
                }
            }
        ],
        "Instances": [{"InstanceId": "i-web"}],
    }
    states = [{"InstanceId": "i-web", "State": "InService"}]
    node = ALB.rpartition("loadbalancer/")[0] + "loadbalancer/old"
    lab.add("elb:load-balancer", "old", node, item, describe_instance_health=states)
    return lab


def steps(lab: Lab, folder: Path) -> list[Relationship]:
    return list(network_part(lab.build(folder)).relationships)


def walked(found: list[Relationship], start: str = ATTACKER) -> dict[str, Verdict]:
    """Everything that a walk from a machine gets to by its network, with the best verdict."""
    names = {name for one in found for name in (one.start, one.end)}
    nodes = [
        {
            "id": name,
            "name": name,
            "resource_type": "",
            "account_id": None,
            "region": None,
            "labels": [_label(name)],
            "category": "",
            "tags": [],
            "last_used": None,
            "http_tokens": None,
            "http_endpoint": None,
            "hop_limit": None,
        }
        for name in sorted(names)
    ]
    optional = ("mechanism", "source", "family", "level", "technique", "reached")
    listed = ("ports", "actions", "via", "session", "techniques", "limits")
    rows = [
        dict.fromkeys(optional)
        | {name: [] for name in listed}
        | dict(one.props)
        | {"from_id": one.start, "to_id": one.end, "relationship": one.type, "key": one.key}
        for one in found
        if one.type in ("CAN_REACH", "TARGETS", "IN_GROUP")
    ]
    graph = AttackGraph(nodes, rows)
    told: dict[str, Verdict] = {}
    for level in LEVELS:
        for node in Tree(graph, [start], level).nodes:
            told.setdefault(node, level)
    passed = ("network-range:", "network-group:", "private-target:")
    return {n: v for n, v in told.items() if n != start and not n.startswith(passed)}


def _label(name: str) -> str:
    if name.startswith(("network-target:", "private-target:")):
        return "NetworkTarget"
    return "Source" if name == "internet" or name.startswith("on-prem:") else "Resource"


def reached(lab: Lab, folder: Path, start: str = ATTACKER) -> dict[str, Verdict]:
    return walked(steps(lab, folder), start)


@pytest.mark.parametrize("scheme", ["internal", "internet-facing"])
def test_through_a_load_balancer_of_its_own_network(scheme: str, tmp_path: Path) -> None:
    lab = intranet(scheme)
    found = reached(lab, tmp_path / "0")
    assert found == {ALB: Verdict.YES, INSTANCE: Verdict.YES}
    lab.item("sg-web")["IpPermissions"] = []
    assert reached(lab, tmp_path / "1") == {ALB: Verdict.YES}
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443", "10.9.0.0/16")]
    assert reached(lab, tmp_path / "2") == {}


def test_a_classic_load_balancer(tmp_path: Path) -> None:
    found = reached(classic(), tmp_path / "0")
    assert list(found.values()) == [Verdict.YES, Verdict.YES]
    assert INSTANCE in found
    lab = classic()
    lab.item("sg-web")["IpPermissions"] = [referring("sg-in")]
    # It asks for the machine's group: that is reached without the load balancer.
    assert reached(lab, tmp_path / "1")[INSTANCE] is Verdict.YES
    lab.item("sg-web")["IpPermissions"] = [referring("sg-other")]
    assert INSTANCE not in reached(lab, tmp_path / "2")


def test_ports_and_proof_are_of_the_target(tmp_path: Path) -> None:
    lab = intranet()
    (step,) = (
        one
        for one in steps(lab, tmp_path)
        if (one.type, one.start, one.end) == ("TARGETS", ALB, INSTANCE)
    )
    assert (step.props["ports"], step.props["door_ports"]) == (["tcp/8080"], ["tcp/443"])
    assert (step.props["family"], step.props["mechanism"]) == ("ipv4", "alb")
    assert str(step.props["source"]).startswith("private-target:")
    assert ALB in str(step.props["why"])
    assert "internet" not in str(step.props["why"])


def test_its_interfaces_serve_as_well_as_its_subnets(tmp_path: Path) -> None:
    lab = intranet()
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.9")
    lab.item("eni-lb")["Description"] = "ELB app/front/1"
    assert reached(lab, tmp_path) == {ALB: Verdict.YES, INSTANCE: Verdict.YES}


def test_who_reaches_one_listener_does_not_inherit_what_another_serves(tmp_path: Path) -> None:
    second = GROUP.replace("web", "api")

    def two(opened: str) -> Lab:
        lab = intranet()
        lab.remove(ALB)
        balancer(
            lab,
            listeners=[listener(1, 443), listener(2, 8443, actions=[forward(second)])],
            Scheme="internal",
        )
        lab.group("sg-other", [referring("sg-lb")])
        machine(lab, "other", "subnet-p", "sg-other", "10.0.1.20")
        target_group(lab, second, [target("i-other")])
        lab.item("sg-lb")["IpPermissions"] = [allow(opened, "10.0.0.0/8")]
        return lab

    assert reached(two("tcp/443"), tmp_path / "0") == {ALB: Verdict.YES, INSTANCE: Verdict.YES}
    assert reached(two("tcp/8443"), tmp_path / "1") == {ALB: Verdict.YES, OTHER: Verdict.YES}
    assert set(reached(two("tcp/1-9000"), tmp_path / "2")) == {ALB, INSTANCE, OTHER}


def test_what_is_handed_on_inside_is_not_handed_on_from_the_internet(tmp_path: Path) -> None:
    """A listener that only the VPC reaches, of a balancer that the internet reaches too."""
    second = GROUP.replace("web", "api")
    lab = intranet("internet-facing")
    lab.remove(ALB)
    balancer(lab, listeners=[listener(1, 443), listener(2, 8443, actions=[forward(second)])])
    lab.group("sg-other", [referring("sg-lb")])
    machine(lab, "other", "subnet-p", "sg-other", "10.0.1.20")
    target_group(lab, second, [target("i-other")])
    lab.item("sg-lb")["IpPermissions"] = [allow("tcp/443"), allow("tcp/8443", "10.0.0.0/8")]
    found = steps(lab, tmp_path)
    assert set(walked(found, "internet")) >= {ALB, INSTANCE}
    alone = AttackFromInternet(found)
    assert OTHER not in alone.first
    assert {ALB, INSTANCE, OTHER} <= set(walked(found))


class AttackFromInternet:
    """What the internet gets to before any machine's own network is used."""

    def __init__(self, found: list[Relationship]) -> None:
        self.first = set(walked([one for one in found if one.type != "IN_GROUP"], "internet"))


@pytest.mark.parametrize(
    ("state", "verdict"), [("healthy", Verdict.YES), ("draining", Verdict.DORMANT)]
)
def test_health(state: str, verdict: Verdict, tmp_path: Path) -> None:
    lab = intranet()
    target_group(lab, targets=[target("i-web", state=state)])
    assert reached(lab, tmp_path)[INSTANCE] is verdict


def test_a_load_balancer_that_is_not_in_service(tmp_path: Path) -> None:
    lab = intranet()
    lab.item(ALB)["State"] = {"Code": "provisioning"}
    assert reached(lab, tmp_path)[INSTANCE] is Verdict.DORMANT


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (["10.0.0.0/16"], Verdict.YES),
        (["10.0.0.50/32"], Verdict.CONDITIONAL),
        (["192.0.2.0/24"], None),
    ],
)
def test_rules_by_the_clients_address(
    values: list[str], verdict: Verdict | None, tmp_path: Path
) -> None:
    lab = intranet()
    machine(lab, "third", "subnet-a", "sg-in", "10.0.0.60")
    lab.remove(ALB)
    only = {
        "RuleArn": "rule",
        "Priority": "1",
        "Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": values}}],
        "Actions": [forward()],
    }
    last = {
        "RuleArn": "rule/d",
        "Priority": "default",
        "Conditions": [],
        "Actions": [{"Type": "fixed-response", "Order": 1}],
    }
    first = listener(actions=[{"Type": "fixed-response", "Order": 1}])
    balancer(lab, listeners=[first], rules={first["ListenerArn"]: [only, last]}, Scheme="internal")
    assert reached(lab, tmp_path).get(INSTANCE) is verdict


@pytest.mark.parametrize(
    ("attributes", "admits", "verdict"),
    [
        ((), "10.0.0.0/16", Verdict.YES),
        ((), "10.0.0.50/32", Verdict.CONDITIONAL),
        ((), "10.0.0.4/32", None),
        (NOT_KEPT, "10.0.0.0/24", Verdict.YES),
        (NOT_KEPT, "10.0.0.50/32", Verdict.CONDITIONAL),
        (NOT_KEPT, "10.0.7.0/24", None),
    ],
)
def test_a_target_that_sees_the_client_admits_its_address(
    attributes: Any, admits: str, verdict: Verdict | None, tmp_path: Path
) -> None:
    """By default targets by instance see the client (Network Load Balancer guide)."""
    lab = with_nlb(attributes=attributes, admits=admits)
    machine(lab, "third", "subnet-a", "sg-in", "10.0.0.60")
    # What admits the machine's own address is reached without the load balancer: it has no way out.
    lab.item("sg-in")["IpPermissionsEgress"] = [allow("tcp/443")]
    assert reached(lab, tmp_path).get(INSTANCE) is verdict


def test_the_targets_network_acl_sees_the_client_too(tmp_path: Path) -> None:
    lab = with_nlb(attributes=PRESERVE)
    lab.item("sg-in")["IpPermissionsEgress"] = [allow("tcp/443")]
    assert reached(lab, tmp_path / "0")[INSTANCE] is Verdict.YES
    lab.item("acl-p")["Entries"] = [entry(1, "deny", cidr="10.0.0.50/32"), *open_acl()]
    found = reached(lab, tmp_path / "1")
    # Other machines get there: which one comes is the condition.
    assert found[INSTANCE] is Verdict.CONDITIONAL
    lab.item("acl-p")["Entries"] = [entry(1, "deny", cidr="10.0.0.0/16"), *open_acl()]
    assert INSTANCE not in reached(lab, tmp_path / "2")


def test_groups_that_name_the_network_load_balancers_admit_every_client(tmp_path: Path) -> None:
    lab = with_nlb(SecurityGroups=["sg-lb"])
    lab.item("sg-web")["IpPermissions"] = [referring("sg-lb")]
    assert reached(lab, tmp_path / "0")[INSTANCE] is Verdict.YES
    lab.item("sg-in")["IpPermissionsEgress"] = [allow("tcp/443")]
    lab.item("sg-web")["IpPermissions"] = [referring("sg-in")]
    assert INSTANCE not in reached(lab, tmp_path / "1")


def test_targets_that_were_not_read_are_unknown(tmp_path: Path) -> None:
    lab = intranet()
    target_group(lab, targets=Denied)
    found = reached(lab, tmp_path)
    assert INSTANCE not in found
    assert found.pop(ALB) is Verdict.YES
    assert set(found.values()) == {Verdict.UNKNOWN}


def test_listeners_that_were_not_read_are_unknown(tmp_path: Path) -> None:
    lab = intranet()
    lab.remove(ALB)
    balancer(lab, listeners=Denied, Scheme="internal")
    line = lab.item(GROUP)
    line["LoadBalancerArns"] = [ALB]
    assert reached(lab, tmp_path)[INSTANCE] is Verdict.UNKNOWN


def test_an_address_that_only_some_senders_rules_name_is_unknown(tmp_path: Path) -> None:
    """The interfaces were not collected: it may have any address of its subnet."""
    lab = intranet()
    lab.item("sg-in")["IpPermissionsEgress"] = [allow("tcp/443", "10.0.0.128/25")]
    assert reached(lab, tmp_path / "0")[ALB] is Verdict.UNKNOWN
    lab.item("sg-in")["IpPermissionsEgress"] = [allow("tcp/443", "10.0.0.0/24")]
    lab.group("sg-aside", [allow("tcp/9", "10.0.0.128/25")])
    assert reached(lab, tmp_path / "1")[ALB] is Verdict.YES


@pytest.mark.parametrize("opened", ["tcp/443", "tcp/80", "-1"])
@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.0.0.50/32", "10.0.1.0/24"])
def test_a_load_balancer_is_reached_as_mapper_reach_says(
    opened: str, cidr: str, tmp_path: Path
) -> None:
    lab = intranet()
    lab.item("sg-lb")["IpPermissions"] = [allow(opened, cidr)]
    world = lab.build(tmp_path)
    source, door = end_of(world, ATTACKER), end_of(world, ALB)
    assert source is not None
    assert door is not None
    best = max(end_to_end(world, source, door), key=lambda one: one.verdict.rank)
    found = walked(list(network_part(world).relationships))
    assert found.get(ALB, Verdict.NO) is best.verdict


def test_as_many_targets_as_there_are_whoever_reaches_the_door(tmp_path: Path) -> None:
    def count(senders: int, folder: str) -> int:
        lab = intranet()
        for number in range(senders):
            lab.group(f"sg-{number}", [referring("sg-in", 1000 + number)])
            machine(lab, f"m{number}", "subnet-a", f"sg-{number}", f"10.0.0.{100 + number}")
        found = steps(lab, tmp_path / folder)
        return sum((one.type, one.start) == ("TARGETS", ALB) for one in found)

    assert count(1, "0") == count(20, "1") == 1
