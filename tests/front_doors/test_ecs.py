"""ECS tasks, services and gateways, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import LB
from front_doors.door_lab import failing, judged, one
from front_doors.test_cloudfront_vpc import balanced
from graph.network.exposure import internet_reach
from graph.network.from_snapshot import network_world
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied, write_snapshot

TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/web/0123456789abcdef0123456789abcdef"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/web/front"
GATEWAY = f"arn:aws:ecs:{REGION}:{ACCOUNT}:gateway/edge"
MACHINE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/web/4567"
Json = dict[str, Any]


def with_interface(lab: Lab, short: str = "eni-task", public: str = "198.51.100.9") -> Lab:
    """A Fargate task with its own interface."""
    lab.eni(short, "subnet-a", ("sg-web",), private="10.0.0.20", public=public)
    details = [{"name": "networkInterfaceId", "value": short}]
    told = {"lastStatus": "RUNNING", "attachments": [{"details": details}]}
    lab.add("ecs:task", "task", TASK, {"taskArn": TASK}, describe_tasks=told)
    return lab


def on_machine(lab: Lab, *bindings: Json, machine: Any = None, **more: Any) -> Lab:
    """A task in bridge mode on the instance of the lab."""
    told = {
        "lastStatus": "RUNNING",
        "containerInstanceArn": MACHINE,
        "containers": [{"name": "web", "networkBindings": list(bindings)}],
    }
    lab.add("ecs:task", "task", TASK, {"taskArn": TASK}, describe_tasks=told | more)
    calls = {"describe_container_instances": machine or {"ec2InstanceId": "i-web"}}
    lab.add("ecs:container-instance", "machine", MACHINE, {}, **calls)
    return lab


def binding(port: int, protocol: str = "tcp", **more: Any) -> Json:
    return {"hostPort": port, "containerPort": 80, "protocol": protocol} | more


# Tasks with an interface of their own.


def test_a_task_is_reached_by_its_interface(tmp_path: Path) -> None:
    reach = one(with_interface(exposed()), tmp_path, TASK, "eni/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))


def test_without_a_public_address_it_is_not(tmp_path: Path) -> None:
    reach = one(with_interface(exposed(), public=""), tmp_path, TASK, "eni/ipv4")
    assert failing(reach) == ["address"]


def test_the_interface_is_the_tasks_for_the_whole_engine(tmp_path: Path) -> None:
    lab = with_interface(exposed())
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    world = network_world(write_snapshot(tmp_path, rows, list(lab.ledger())))
    assert TASK in {reach.target for reach in internet_reach(world) if reach.verdict == "yes"}


def test_an_interface_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = with_interface(exposed())
    lab.remove("eni-task")
    assert one(lab, tmp_path, TASK, "ecs/ipv4").verdict is Verdict.UNKNOWN


def test_a_task_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = exposed()
    lab.add("ecs:task", "task", TASK, {"taskArn": TASK}, describe_tasks=Denied)
    reach = one(lab, tmp_path, TASK, "ecs/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_tasks" in term for term in reach.answer.conditions)


# Tasks on the account's machines.


def test_a_host_port_is_reached_where_the_machine_is(tmp_path: Path) -> None:
    reach = one(on_machine(exposed([allow("tcp/8080")]), binding(8080)), tmp_path, TASK, "ecs/ipv4")
    assert (reach.verdict, reach.ports, reach.via) == (Verdict.YES, ("tcp/8080",), (INSTANCE,))


@pytest.mark.parametrize("opened", [[allow("tcp/22")], [allow("udp/8080")], []])
def test_another_port_of_the_machine_does_not_reach_the_task(
    tmp_path: Path, opened: list[Json]
) -> None:
    reach = one(on_machine(exposed(opened), binding(8080)), tmp_path, TASK, "ecs/ipv4")
    assert failing(reach) == ["security group"]


def test_a_range_of_ports_over_udp(tmp_path: Path) -> None:
    lab = exposed([allow("udp/5000-5009")])
    on_machine(lab, {"hostPortRange": "5005-5020", "protocol": "udp"})
    assert one(lab, tmp_path, TASK, "ecs/ipv4").ports == ("udp/5005-5009",)


def test_a_task_without_host_ports_is_not_reached(tmp_path: Path) -> None:
    reach = one(on_machine(exposed()), tmp_path, TASK, "ecs/ipv4")
    assert failing(reach) == ["host port"]


def test_a_machine_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = on_machine(exposed([allow("tcp/8080")]), binding(8080), machine=Denied)
    reach = one(lab, tmp_path, TASK, "ecs/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_container_instances" in term for term in reach.answer.conditions)


def test_a_stopped_machine_or_task_is_dormant(tmp_path: Path) -> None:
    lab = on_machine(exposed([allow("tcp/8080")]), binding(8080), lastStatus="STOPPED")
    assert one(lab, tmp_path, TASK, "ecs/ipv4").verdict is Verdict.DORMANT
    lab = on_machine(exposed([allow("tcp/8080")]), binding(8080))
    lab.item("i-web")["State"] = {"Name": "stopped"}
    assert one(lab, tmp_path / "b", TASK, "ecs/ipv4").verdict is Verdict.DORMANT


@pytest.mark.parametrize(("port", "verdict"), [(80, Verdict.YES), (81, Verdict.NO)])
def test_through_a_load_balancer_to_the_tasks_port(
    tmp_path: Path, port: int, verdict: Verdict
) -> None:
    reach = one(on_machine(balanced(), binding(port)), tmp_path, TASK, "ecs/ipv4")
    assert reach.verdict is verdict
    if verdict is Verdict.YES:
        assert reach.via == (LB, INSTANCE)


def test_each_family_of_the_machine_by_itself(tmp_path: Path) -> None:
    lab = exposed([allow("tcp/8080")])
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    lab.item("eni-web")["Ipv6Addresses"] = [{"Ipv6Address": "2001:db8:1::7"}]
    on_machine(lab, binding(8080))
    assert one(lab, tmp_path, TASK, "ecs/ipv4").verdict is Verdict.YES
    assert one(lab, tmp_path / "b", TASK, "ecs/ipv6").verdict is Verdict.NO


# Services.


def service(
    assign: Any = "ENABLED", network: bool = True, lab: Lab | None = None, **more: Any
) -> Lab:
    lab = lab or exposed()
    config = {"subnets": ["subnet-a"], "securityGroups": ["sg-web"], "assignPublicIp": assign}
    told: Json = {"status": "ACTIVE", "desiredCount": 2, "runningCount": 2} | more
    if network:
        told["networkConfiguration"] = {"awsvpcConfiguration": config}
    lab.add("ecs:service", "front", SERVICE, {"serviceArn": SERVICE}, describe_services=told)
    return lab


def test_a_service_whose_tasks_get_public_addresses(tmp_path: Path) -> None:
    reach = one(service(), tmp_path, SERVICE, "ecs-service/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))


@pytest.mark.parametrize("assign", ["DISABLED", None])
def test_without_public_addresses_it_is_not(tmp_path: Path, assign: Any) -> None:
    reach = one(service(assign), tmp_path, SERVICE, "ecs-service/ipv4")
    assert failing(reach) == ["public address"]


def over_ipv6(cidr: str = "10.0.0.0/24", way_out: str = "igw-1") -> Lab:
    """Tasks without public IPv4 addresses in a subnet with IPv6."""
    lab = service("DISABLED", lab=exposed([allow("tcp/22", "::/0")]))
    subnet = lab.item("subnet-a")
    state = {"State": "associated"}
    six = {"Ipv6CidrBlock": "2600:1:0:1::/64", "Ipv6CidrBlockState": state}
    subnet["Ipv6CidrBlockAssociationSet"] = [six]
    subnet["CidrBlock"] = cidr or None
    (route,) = [r for r in lab.item("rtb-main")["Routes"] if "DestinationIpv6CidrBlock" in r]
    route["GatewayId"] = way_out
    return lab


@pytest.mark.parametrize(
    ("cidr", "verdict", "terms"),
    [
        ("10.0.0.0/24", Verdict.CONDITIONAL, ("context:dualStackIPv6",)),
        ("", Verdict.YES, ()),
    ],
)
def test_tasks_in_a_subnet_with_ipv6_get_such_addresses(
    tmp_path: Path, cidr: str, verdict: Verdict, terms: tuple[str, ...]
) -> None:
    reach = one(over_ipv6(cidr), tmp_path, SERVICE, "ecs-service/ipv6")
    assert (reach.verdict, reach.answer.conditions) == (verdict, terms)
    assert reach.ports == ("tcp/22",)


def test_an_egress_only_gateway_lets_nobody_in(tmp_path: Path) -> None:
    reach = one(over_ipv6(way_out="eigw-1"), tmp_path, SERVICE, "ecs-service/ipv6")
    assert reach.verdict is Verdict.NO
    assert not [r for r in judged(service(), tmp_path / "b") if r.mechanism == "ecs-service/ipv6"]


def test_a_service_on_the_machines_network_is_judged_by_its_tasks(tmp_path: Path) -> None:
    reach = one(service(network=False), tmp_path, SERVICE, "ecs-service/ipv4")
    assert failing(reach) == ["public address"]


def test_closed_groups_close_a_service(tmp_path: Path) -> None:
    reach = one(service(lab=exposed([])), tmp_path, SERVICE, "ecs-service/ipv4")
    assert failing(reach) == ["security group"]


@pytest.mark.parametrize("more", [{"desiredCount": 0, "runningCount": 0}, {"status": "DRAINING"}])
def test_a_service_without_tasks_is_dormant(tmp_path: Path, more: Json) -> None:
    reach = one(service(**more), tmp_path, SERVICE, "ecs-service/ipv4")
    assert reach.verdict is Verdict.DORMANT


def test_a_service_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = exposed()
    lab.add("ecs:service", "front", SERVICE, {}, describe_services=Denied)
    assert one(lab, tmp_path, SERVICE, "ecs-service/ipv4").verdict is Verdict.UNKNOWN


# Gateways.


def gateway(access: Any = "PUBLIC", scheme: Any = "internet-facing", **more: Any) -> Lab:
    lab = exposed([allow("tcp/443")])
    network = {"inboundSecurityGroup": "sg-web", "subnets": ["subnet-a"], "ipAddressType": "ipv4"}
    shared = {"networkConfiguration": network, "scheme": scheme, "protocol": "HTTPS", "port": 443}
    told = {
        "gateway": {
            "gatewayArn": GATEWAY,
            "status": more.pop("status", "ACTIVE"),
            "accessType": access,
            "configuration": {"hostSharedAlb": shared | more},
        }
    }
    routes = [{"serviceArn": SERVICE, "status": "ACTIVE"}]
    calls = {"describe_gateway": told, "list_gateway_routes": routes}
    lab.add("ecs:gateway", "edge", GATEWAY, {"gatewayArn": GATEWAY, "name": "edge"}, **calls)
    return lab


def test_a_public_gateway_and_its_services(tmp_path: Path) -> None:
    reach = one(gateway(), tmp_path, GATEWAY, "ecs-gateway/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    behind = one(gateway(), tmp_path / "b", SERVICE, "ecs-gateway/ipv4")
    assert (behind.verdict, behind.via) == (Verdict.YES, (GATEWAY,))


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ({"access": "PRIVATE"}, "access type"),
        ({"scheme": "internal"}, "scheme"),
        ({"port": 8443}, "security group"),
    ],
)
def test_what_closes_a_gateway_closes_its_services(tmp_path: Path, more: Json, step: str) -> None:
    found = judged(gateway(**more), tmp_path)
    for target in (GATEWAY, SERVICE):
        (reach,) = [one for one in found if one.target == target]
        assert (reach.verdict, failing(reach)) == (Verdict.NO, [step])


def test_a_deleted_gateway_is_dormant(tmp_path: Path) -> None:
    reach = one(gateway(status="DELETED"), tmp_path, GATEWAY, "ecs-gateway/ipv4")
    assert reach.verdict is Verdict.DORMANT


def test_a_gateway_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = Lab()
    lab.add("ecs:gateway", "edge", GATEWAY, {"name": "edge"}, describe_gateway=Denied)
    assert one(lab, tmp_path, GATEWAY, "ecs-gateway/ipv4").verdict is Verdict.UNKNOWN


def test_a_web_acl_is_a_guard(tmp_path: Path) -> None:
    reach = one(gateway(webACLArn="arn:acl"), tmp_path, GATEWAY, "ecs-gateway/ipv4")
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, ("waf arn:acl",))
