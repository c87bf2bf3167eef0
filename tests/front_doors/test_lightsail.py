"""Lightsail instances, databases, load balancers and container services, with twins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

ARN = f"arn:aws:lightsail:{REGION}:{ACCOUNT}:"
INSTANCE, DATABASE = f"{ARN}Instance/i-1", f"{ARN}RelationalDatabase/d-1"
BALANCER, CONTAINER = f"{ARN}LoadBalancer/lb-1", f"{ARN}ContainerService/c-1"


def port(
    first: int = 22, last: int | None = None, *, protocol: str = "tcp", **more: Any
) -> dict[str, Any]:
    found = {"fromPort": first, "toPort": first if last is None else last, "protocol": protocol}
    sources = more or {"cidrs": ["0.0.0.0/0"], "ipv6Cidrs": ["::/0"]}
    return {**found, "accessDirection": "inbound", "accessType": "Public", **sources}


def instance(ports: Any = None, state: str = "running", **more: Any) -> Lab:
    lab = Lab()
    item = {
        "name": "blog",
        "publicIpAddress": "198.51.100.20",
        "ipAddressType": "ipv4",
        "state": {"name": state},
        "networking": {"ports": [port()] if ports is None else ports},
        **more,
    }
    lab.add("lightsail:instance", "blog", INSTANCE, item)
    return lab


def test_an_open_port_is_reached(tmp_path: Path) -> None:
    reach = one(instance(), tmp_path, INSTANCE, "lightsail/ipv4")
    assert reach.verdict is Verdict.YES
    assert reach.ports == ("tcp/22",)
    assert reach.answer.conditions == ()


def test_no_open_port_is_no(tmp_path: Path) -> None:
    reach = one(instance(ports=[]), tmp_path, INSTANCE, "lightsail/ipv4")
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["firewall"]


def test_ports_that_were_not_told_are_unknown(tmp_path: Path) -> None:
    reach = one(instance(networking={}), tmp_path, INSTANCE, "lightsail/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("get_instances" in term for term in reach.answer.conditions)


def test_a_stopped_instance_is_dormant(tmp_path: Path) -> None:
    lab = instance(state="stopped")
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.DORMANT


def test_a_stopped_instance_without_address_gets_one_when_it_starts(tmp_path: Path) -> None:
    lab = instance(state="stopped", publicIpAddress=None)
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.DORMANT


def test_a_stopped_instance_with_a_closed_firewall_is_no(tmp_path: Path) -> None:
    lab = instance(ports=[], state="stopped")
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.NO


def test_a_range_is_the_source(tmp_path: Path) -> None:
    lab = instance(ports=[port(443, cidrs=["203.0.113.0/24"])])
    found = {(reach.source, reach.verdict) for reach in judged(lab, tmp_path)}
    assert found == {("cidr:203.0.113.0/24", Verdict.YES)}


def test_every_port_has_its_own_sources(tmp_path: Path) -> None:
    lab = instance(ports=[port(80), port(22, cidrs=["203.0.113.0/24"])])
    found = {(reach.source, reach.ports) for reach in judged(lab, tmp_path)}
    assert found == {("internet", ("tcp/80",)), ("cidr:203.0.113.0/24", ("tcp/22",))}


def test_two_halves_of_the_internet_are_the_internet(tmp_path: Path) -> None:
    lab = instance(ports=[port(cidrs=["0.0.0.0/1"]), port(cidrs=["128.0.0.0/1"])])
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.YES


def test_halves_of_the_internet_meet_where_their_ports_overlap(tmp_path: Path) -> None:
    lab = instance(ports=[port(20, 30, cidrs=["0.0.0.0/1"]), port(cidrs=["128.0.0.0/1"])])
    found = {(reach.source, reach.ports) for reach in judged(lab, tmp_path)}
    assert found == {
        ("internet", ("tcp/22",)),
        ("cidr:0.0.0.0/1", ("tcp/20-21", "tcp/23-30")),
    }


@pytest.mark.parametrize(
    ("rule", "ports"),
    [
        (port(0, 65535, protocol="all"), ("all",)),
        (port(8, -1, protocol="icmp"), ("icmp/8",)),
        (port(53, protocol="udp"), ("udp/53",)),
    ],
)
def test_protocols(tmp_path: Path, rule: dict[str, Any], ports: tuple[str, ...]) -> None:
    assert one(instance(ports=[rule]), tmp_path, INSTANCE, "lightsail/ipv4").ports == ports


def test_the_consoles_client_is_nobodys_range(tmp_path: Path) -> None:
    lab = instance(ports=[port(cidrs=[], cidrListAliases=["lightsail-connect"])])
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("access", "verdict"),
    [("Anywhere (0.0.0.0/0)", Verdict.YES), ("Custom", Verdict.UNKNOWN)],
)
def test_ranges_in_words_only(tmp_path: Path, access: str, verdict: Verdict) -> None:
    lab = instance(ports=[port(accessFrom=access)])
    found = {reach.verdict for reach in judged(lab, tmp_path)}
    assert found == {verdict}


def test_a_rule_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    lab = instance(ports=[port(protocol="quic")])
    assert {reach.verdict for reach in judged(lab, tmp_path)} == {Verdict.UNKNOWN}


def test_a_range_beside_one_that_cannot_be_read(tmp_path: Path) -> None:
    lab = instance(ports=[port(cidrs=["203.0.113.0/24", "office"])])
    found = {(reach.source, reach.verdict) for reach in judged(lab, tmp_path)}
    assert found == {("cidr:203.0.113.0/24", Verdict.YES), ("internet", Verdict.UNKNOWN)}


def test_dual_stack_is_reached_over_both(tmp_path: Path) -> None:
    lab = instance(ipAddressType="dualstack", ipv6Addresses=["2001:db8::1"])
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv6").verdict is Verdict.YES
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.YES


def test_ipv6_ranges_count_for_ipv6_only(tmp_path: Path) -> None:
    lab = instance([port(ipv6Cidrs=["::/0"])], ipAddressType="dualstack", ipv6Addresses=["::1"])
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv6").verdict is Verdict.YES
    assert one(lab, tmp_path, INSTANCE, "lightsail/ipv4").verdict is Verdict.NO


def test_an_ipv6_only_instance_has_no_ipv4(tmp_path: Path) -> None:
    lab = instance(ipAddressType="ipv6", publicIpAddress=None, ipv6Addresses=["2001:db8::1"])
    assert {str(reach.family) for reach in judged(lab, tmp_path)} == {"ipv6"}


def database(public: Any = True, state: str = "available", port: Any = 3306) -> Lab:
    lab = Lab()
    item = {"name": "db", "publiclyAccessible": public, "state": state}
    lab.add("lightsail:database", "db", DATABASE, item | {"masterEndpoint": {"port": port}})
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "ports"),
    [
        (database(), Verdict.YES, ("tcp/3306",)),
        (database(public=False), Verdict.NO, ()),
        (database(public=None), Verdict.UNKNOWN, ("tcp/3306",)),
        (database(state="stopped"), Verdict.DORMANT, ("tcp/3306",)),
        (database(state="backing-up"), Verdict.YES, ("tcp/3306",)),
        (database(port=None), Verdict.UNKNOWN, ("tcp/0-65535",)),
        (database(public=False, state="stopped"), Verdict.NO, ()),
    ],
)
def test_a_database_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, ports: tuple[str, ...]
) -> None:
    reach = one(lab, tmp_path, DATABASE, "lightsail-db/ipv4")
    assert (reach.verdict, reach.ports) == (verdict, ports)


def balancer(
    health: str = "healthy", state: str = "active", instance_state: str = "running", **more: Any
) -> Lab:
    lab = instance(ports=[], state=instance_state)
    item = {
        "name": "front",
        "state": state,
        "ipAddressType": "ipv4",
        "publicPorts": [80, 443],
        "instancePort": 8080,
        "instanceHealthSummary": [{"instanceName": "blog", "instanceHealth": health}],
        **more,
    }
    lab.add("lightsail:load-balancer", "front", BALANCER, item)
    return lab


def test_a_load_balancer_and_what_stands_behind_it(tmp_path: Path) -> None:
    door = one(balancer(), tmp_path / "a", BALANCER, "lightsail-lb/ipv4")
    behind = one(balancer(), tmp_path / "b", INSTANCE, "lightsail-lb/ipv4")
    assert (door.verdict, door.ports) == (Verdict.YES, ("tcp/80", "tcp/443"))
    assert (behind.verdict, behind.ports) == (Verdict.YES, ("tcp/8080",))
    assert behind.via == (BALANCER,)


@pytest.mark.parametrize(
    ("change", "door", "behind"),
    [
        ({"state": "provisioning"}, Verdict.DORMANT, Verdict.DORMANT),
        ({"state": "unknown"}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        ({"health": "unhealthy"}, Verdict.YES, Verdict.DORMANT),
        ({"health": "unavailable"}, Verdict.YES, Verdict.UNKNOWN),
        ({"instance_state": "stopped"}, Verdict.YES, Verdict.DORMANT),
        ({"instancePort": None}, Verdict.YES, Verdict.UNKNOWN),
        ({"publicPorts": None}, Verdict.UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_a_load_balancers_twins(
    tmp_path: Path, change: dict[str, Any], door: Verdict, behind: Verdict
) -> None:
    lab = balancer(**change)
    assert one(lab, tmp_path / "a", BALANCER, "lightsail-lb/ipv4").verdict is door
    assert one(lab, tmp_path / "b", INSTANCE, "lightsail-lb/ipv4").verdict is behind


def test_ipv6_is_unknown_where_the_address_type_was_not_told(tmp_path: Path) -> None:
    lab = balancer(ipAddressType=None)
    assert one(lab, tmp_path / "a", BALANCER, "lightsail-lb/ipv6").verdict is Verdict.UNKNOWN
    lab = balancer(ipAddressType="dualstack")
    assert one(lab, tmp_path / "b", BALANCER, "lightsail-lb/ipv6").verdict is Verdict.YES


def container(state: str | None = "RUNNING", deployment: Any = "", **more: Any) -> Lab:
    lab = Lab()
    shown = {"publicEndpoint": {"containerName": "nginx", "containerPort": 80}}
    item = {"containerServiceName": "api", "url": "https://api.example/", "state": state}
    item["currentDeployment"] = shown if deployment == "" else deployment
    lab.add("lightsail:container-service", "api", CONTAINER, item | more)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (container(), Verdict.YES),
        (container(deployment={"state": "ACTIVE"}), Verdict.NO),
        (container(isDisabled=True), Verdict.DORMANT),
        (container(state="READY", deployment=None), Verdict.DORMANT),
        (container(deployment=None), Verdict.UNKNOWN),
        (container(state=None), Verdict.UNKNOWN),
        (container(state="DEPLOYING"), Verdict.YES),
        (container(state="DEPLOYING", deployment=None), Verdict.DORMANT),
        (container(state="DISABLED", deployment={"state": "ACTIVE"}), Verdict.NO),
    ],
)
def test_a_container_service_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    reach = one(lab, tmp_path, CONTAINER, "lightsail-container/ipv4")
    assert reach.verdict is verdict
    assert reach.ports == (() if verdict is Verdict.NO else ("tcp/443",))
