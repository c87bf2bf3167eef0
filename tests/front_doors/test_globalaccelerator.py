"""Global Accelerator, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import LB
from front_doors.door_lab import failing, judged, one
from front_doors.test_cloudfront_vpc import balanced, private
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, arn, entry, exposed
from snapshot_files import ACCOUNT, Denied

ACCELERATOR = f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator/1234"
LISTENER = f"{ACCELERATOR}/listener/5678"
V4 = "globalaccelerator/ipv4"
Json = dict[str, Any]


def endpoint(name: str, **more: Any) -> Json:
    usual = {"Weight": 128, "HealthState": "HEALTHY", "ClientIPPreservationEnabled": True}
    return {"EndpointId": name} | usual | more


def accelerator(
    lab: Lab | None = None,
    *endpoints: Json,
    ports: tuple[int, int] = (443, 443),
    group: Json | None = None,
    listeners: Any = None,
    groups: Any = None,
    protocol: str = "TCP",
    **more: Any,
) -> Lab:
    lab = lab or Lab()
    item = {
        "AcceleratorArn": ACCELERATOR,
        "Name": "edge",
        "IpAddressType": "IPV4",
        "Enabled": True,
        "DnsName": "a123.awsglobalaccelerator.com",
        "Status": "DEPLOYED",
    }
    spans = [{"FromPort": ports[0], "ToPort": ports[1]}]
    listed = [{"ListenerArn": LISTENER, "Protocol": protocol, "PortRanges": spans}]
    one_group = {"TrafficDialPercentage": 100.0, "EndpointDescriptions": list(endpoints)}
    calls = {
        "list_listeners": listed if listeners is None else listeners,
        f"list_endpoint_groups(ListenerArn={LISTENER})": groups or [one_group | (group or {})],
    }
    lab.add("globalaccelerator:accelerator", "edge", ACCELERATOR, item | more, **calls)
    return lab


def hidden(permissions: list[Json] | None = None) -> Lab:
    """An instance without a public address in a subnet without a route to the internet."""
    lab = exposed([allow("tcp/443")] if permissions is None else permissions)
    lab.item("rtb-main")["Routes"] = []
    for seen in (lab.item("eni-web"), lab.item("i-web")["NetworkInterfaces"][0]):
        del seen["Association"]
        seen["PrivateIpAddresses"][0].pop("Association", None)
    return lab


def to_instance(lab: Lab, folder: Path, **more: Any) -> Reach:
    return one(accelerator(lab, endpoint("i-web"), **more), folder, INSTANCE, V4)


# The accelerator.


def test_an_accelerator_is_reached_on_its_listeners_ports(tmp_path: Path) -> None:
    reach = one(accelerator(hidden(), endpoint("i-web")), tmp_path, ACCELERATOR, V4)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any("a123.awsglobalaccelerator.com" in text for text in reach.answer.evidence)


def test_a_disabled_one_is_dormant_with_what_is_behind_it(tmp_path: Path) -> None:
    lab = accelerator(hidden(), endpoint("i-web"), Enabled=False)
    found = {r.target: r.verdict for r in judged(lab, tmp_path) if r.mechanism == V4}
    assert found == {ACCELERATOR: Verdict.DORMANT, INSTANCE: Verdict.DORMANT}


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"listeners": []}, Verdict.NO),
        ({"listeners": Denied}, Verdict.UNKNOWN),
        ({"listeners": [{"ListenerArn": LISTENER, "Protocol": "TCP"}]}, Verdict.UNKNOWN),
        ({"groups": Denied}, Verdict.UNKNOWN),
        ({"group": {"EndpointDescriptions": []}}, Verdict.NO),
        ({"Enabled": None}, Verdict.UNKNOWN),
    ],
)
def test_what_it_needs(tmp_path: Path, more: Json, verdict: Verdict) -> None:
    lab = accelerator(hidden(), endpoint("i-web"), **more)
    assert one(lab, tmp_path, ACCELERATOR, V4).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "families"), [("IPV4", {"ipv4"}), ("DUAL_STACK", {"ipv4", "ipv6"})]
)
def test_families(tmp_path: Path, kind: str, families: set[str]) -> None:
    found = judged(accelerator(hidden(), endpoint("i-web"), IpAddressType=kind), tmp_path)
    assert {str(r.family) for r in found if r.target == ACCELERATOR} == families


# Instances.


def test_an_instance_in_a_private_subnet_is_reached(tmp_path: Path) -> None:
    reach = to_instance(hidden(), tmp_path)
    assert (reach.verdict, reach.via, reach.ports) == (Verdict.YES, (ACCELERATOR,), ("tcp/443",))


def test_its_vpc_needs_an_internet_gateway(tmp_path: Path) -> None:
    lab = hidden()
    lab.remove("igw-1")
    assert failing(to_instance(lab, tmp_path)) == ["internet gateway"]


def test_block_public_access_stops_it(tmp_path: Path) -> None:
    lab = hidden()
    lab.block_public_access("block-bidirectional")
    assert failing(to_instance(lab, tmp_path)) == ["VPC block public access"]


def test_its_group_must_admit_the_client(tmp_path: Path) -> None:
    assert failing(to_instance(hidden([]), tmp_path)) == ["security group"]


def test_a_range_in_its_group_narrows_the_client(tmp_path: Path) -> None:
    lab = accelerator(hidden([allow("tcp/443", "203.0.113.0/24")]), endpoint("i-web"))
    (reach,) = [r for r in judged(lab, tmp_path) if r.target == INSTANCE]
    assert (reach.source, reach.verdict) == ("cidr:203.0.113.0/24", Verdict.YES)


@pytest.mark.parametrize(("name", "verdict"), [("GlobalAccelerator", "yes"), ("other", "no")])
def test_the_accelerators_own_group_admits_it(tmp_path: Path, name: str, verdict: str) -> None:
    lab = hidden([])
    lab.group("sg-aga", [])
    lab.item("sg-aga")["GroupName"] = name
    pair = {"UserIdGroupPairs": [{"GroupId": "sg-aga"}]}
    span = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    lab.item("sg-web")["IpPermissions"] = [span | pair]
    assert to_instance(lab, tmp_path).verdict == verdict


@pytest.mark.parametrize(
    ("entries", "steps"),
    [
        ([entry(100), entry(100, egress=True)], []),
        ([entry(100, egress=True)], []),
        ([entry(100)], ["network ACL out"]),
    ],
)
def test_the_network_acl_decides_about_the_reply_alone(
    tmp_path: Path, entries: list[Json], steps: list[str]
) -> None:
    lab = hidden()
    lab.item("acl-1")["Entries"] = entries
    assert failing(to_instance(lab, tmp_path)) == steps


def test_an_acl_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = hidden()
    lab.remove("acl-1")
    lab.deny("ec2.describe_network_acls")
    assert to_instance(lab, tmp_path).verdict is Verdict.UNKNOWN


def test_a_stopped_instance_is_dormant(tmp_path: Path) -> None:
    lab = hidden()
    lab.item("i-web")["State"] = {"Name": "stopped"}
    assert to_instance(lab, tmp_path).verdict is Verdict.DORMANT


def test_ports_that_are_overridden(tmp_path: Path) -> None:
    moved = {"PortOverrides": [{"ListenerPort": 443, "EndpointPort": 8443}]}
    assert failing(to_instance(hidden(), tmp_path, group=moved)) == ["security group"]
    reach = to_instance(hidden([allow("tcp/8443")]), tmp_path / "b", group=moved)
    assert reach.ports == ("tcp/8443",)


def test_udp_is_not_tcp(tmp_path: Path) -> None:
    assert failing(to_instance(hidden(), tmp_path, protocol="UDP")) == ["security group"]


def test_an_endpoint_that_is_not_in_the_snapshot_is_unknown(tmp_path: Path) -> None:
    lab = accelerator(hidden(), endpoint("i-elsewhere"))
    assert one(lab, tmp_path, "i-elsewhere", V4).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "group", "verdict"),
    [
        ({"Weight": 0}, {}, Verdict.DORMANT),
        ({}, {"TrafficDialPercentage": 0.0}, Verdict.DORMANT),
        ({"HealthState": "UNHEALTHY"}, {}, Verdict.CONDITIONAL),
        ({"HealthState": "INITIAL"}, {}, Verdict.YES),
    ],
)
def test_weight_dial_and_health(
    tmp_path: Path, changes: Json, group: Json, verdict: Verdict
) -> None:
    lab = accelerator(hidden(), endpoint("i-web", **changes), group=group)
    assert one(lab, tmp_path, INSTANCE, V4).verdict is verdict


def test_an_unhealthy_one_beside_a_healthy_one_is_dormant(tmp_path: Path) -> None:
    ill = endpoint("i-web", HealthState="UNHEALTHY")
    lab = accelerator(hidden(), ill, endpoint("i-elsewhere"))
    assert one(lab, tmp_path, INSTANCE, V4).verdict is Verdict.DORMANT


# Load balancers and Elastic IPs.


def test_an_internal_load_balancer_and_its_targets(tmp_path: Path) -> None:
    lab = accelerator(private(), endpoint(LB))
    reach = one(lab, tmp_path, LB, V4)
    assert (reach.verdict, reach.via) == (Verdict.YES, (ACCELERATOR,))
    target = one(lab, tmp_path / "b", INSTANCE, V4)
    assert (target.verdict, target.via, target.ports) == (
        Verdict.YES,
        (ACCELERATOR, LB),
        ("tcp/80",),
    )


def test_it_needs_a_listener_on_that_port(tmp_path: Path) -> None:
    lab = accelerator(private(), endpoint(LB), ports=(80, 80))
    assert failing(one(lab, tmp_path, LB, V4)) == ["listener"]


@pytest.mark.parametrize(
    ("admitted", "preserved", "source", "verdict"),
    [
        ("0.0.0.0/0", False, "internet", Verdict.YES),
        ("203.0.113.0/24", False, "internet", Verdict.UNKNOWN),
        ("203.0.113.0/24", True, "cidr:203.0.113.0/24", Verdict.YES),
        ("0.0.0.0/0", None, "internet", Verdict.YES),
        ("203.0.113.0/24", None, "cidr:203.0.113.0/24", Verdict.UNKNOWN),
        ("none", False, "internet", Verdict.NO),
    ],
)
def test_whose_address_its_groups_see(
    tmp_path: Path, admitted: str, preserved: bool | None, source: str, verdict: Verdict
) -> None:
    lab = accelerator(private(admitted), endpoint(LB, ClientIPPreservationEnabled=preserved))
    assert one(lab, tmp_path, LB, V4, source).verdict is verdict


def test_a_load_balancer_whose_listeners_were_not_read_is_unknown(tmp_path: Path) -> None:
    lab = private()
    for lines in lab.lines.values():
        if "web" in lines and lines["web"]["id"] == LB:
            lines["web"]["calls"]["describe_listeners"] = {"status": "denied", "error": "no"}
    assert one(accelerator(lab, endpoint(LB)), tmp_path, LB, V4).verdict is Verdict.UNKNOWN


def test_ipv6_does_not_reach_a_load_balancer_of_ipv4(tmp_path: Path) -> None:
    lab = accelerator(balanced(), endpoint(LB), IpAddressType="DUAL_STACK")
    assert one(lab, tmp_path, LB, "globalaccelerator/ipv6").verdict is Verdict.NO
    assert one(lab, tmp_path / "b", LB, V4).verdict is Verdict.YES


ADDRESS = arn("elastic-ip", "eipalloc-1")


def elastic(permissions: list[Json], interface: str = "eni-web") -> Lab:
    lab = exposed(permissions)
    address = {
        "AllocationId": "eipalloc-1",
        "PublicIp": "198.51.100.7",
        "NetworkInterfaceId": interface,
        "PrivateIpAddress": "10.0.0.10",
    }
    lab.add("ec2:address", "eipalloc-1", ADDRESS, address)
    return accelerator(lab, endpoint("eipalloc-1", ClientIPPreservationEnabled=False))


@pytest.mark.parametrize(
    ("permissions", "verdict"),
    [
        ([allow("tcp/443")], Verdict.YES),
        ([allow("tcp/443", "203.0.113.0/24")], Verdict.UNKNOWN),
        ([], Verdict.NO),
    ],
)
def test_an_elastic_ip_is_reached_as_from_the_internet(
    tmp_path: Path, permissions: list[Json], verdict: Verdict
) -> None:
    assert one(elastic(permissions), tmp_path, INSTANCE, V4).verdict is verdict


def test_an_elastic_ip_in_use_by_nothing_leads_nowhere(tmp_path: Path) -> None:
    assert one(elastic([], ""), tmp_path, ADDRESS, V4).verdict is Verdict.NO


# Custom routing.

CUSTOM = f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator/custom"
ROUTED = "globalaccelerator-custom-routing/ipv4"


def custom(enabled: bool = True, listeners: Any = None) -> Lab:
    lab = exposed()
    spans = [{"FromPort": 5000, "ToPort": 10000}]
    listed = [{"ListenerArn": LISTENER, "PortRanges": spans}]
    groups = [{"EndpointDescriptions": [{"EndpointId": "subnet-a"}]}]
    calls = {
        "list_custom_routing_listeners": listed if listeners is None else listeners,
        f"list_custom_routing_endpoint_groups(ListenerArn={LISTENER})": groups,
    }
    item = {"AcceleratorArn": CUSTOM, "Enabled": enabled}
    lab.add("globalaccelerator:custom-routing-accelerator", "custom", CUSTOM, item, **calls)
    return lab


def test_where_custom_routing_leads_is_unknown(tmp_path: Path) -> None:
    assert one(custom(), tmp_path, CUSTOM, ROUTED).verdict is Verdict.UNKNOWN
    subnet = one(custom(), tmp_path / "b", arn("subnet", "subnet-a"), ROUTED)
    assert (subnet.verdict, subnet.via) == (Verdict.UNKNOWN, (CUSTOM,))


@pytest.mark.parametrize(("listeners", "verdict"), [([], "no"), (Denied, "unknown")])
def test_custom_routing_without_listeners(tmp_path: Path, listeners: Any, verdict: str) -> None:
    assert one(custom(listeners=listeners), tmp_path, CUSTOM, ROUTED).verdict == verdict


@pytest.mark.parametrize(("addresses", "found"), [([], "no"), (["2600:1:0:1::7"], "yes")])
def test_an_instance_takes_ipv6_at_an_ipv6_address_only(
    tmp_path: Path, addresses: list[str], found: str
) -> None:
    lab = accelerator(
        hidden([allow("tcp/443"), allow("tcp/443", "::/0")]),
        endpoint("i-web"),
        IpAddressType="DUAL_STACK",
    )
    six = [{"Ipv6Address": one} for one in addresses]
    for seen in (lab.item("eni-web"), lab.item("i-web")["NetworkInterfaces"][0]):
        seen["Ipv6Addresses"] = six
    reach = one(lab, tmp_path, INSTANCE, "globalaccelerator/ipv6")
    assert reach.verdict == found
    assert one(lab, tmp_path / "v4", INSTANCE, V4).verdict is Verdict.YES
