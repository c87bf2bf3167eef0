"""Transfer Family servers and web apps, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, exposed
from snapshot_files import ACCOUNT, REGION, Denied

SERVER = f"arn:aws:transfer:{REGION}:{ACCOUNT}:server/s-1"
APP = f"arn:aws:transfer:{REGION}:{ACCOUNT}:webapp/w-1"


def server(
    kind: str = "PUBLIC",
    state: str = "ONLINE",
    lab: Lab | None = None,
    call: Any = None,
    **more: Any,
) -> Lab:
    lab = lab or Lab()
    told = {"Server": {"EndpointType": kind, "Protocols": ["SFTP"], **more}}
    item = {"ServerId": "s-1", "EndpointType": kind, "State": state}
    lab.add("transfer:server", "s-1", SERVER, item, describe_server=call or told)
    return lab


def in_vpc(
    rules: list[dict[str, Any]] | None = None, elastic: Any = ("eipalloc-1",), **more: Any
) -> Lab:
    lab = exposed([allow("tcp/22")] if rules is None else rules)
    item = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "Groups": [{"GroupId": "sg-web"}]}
    lab.add("ec2:vpc-endpoint", "vpce-1", arn("vpc-endpoint", "vpce-1"), item)
    details = {"SubnetIds": ["subnet-a"], "VpcId": "vpc-1", "VpcEndpointId": "vpce-1"}
    if elastic is not None:
        details["AddressAllocationIds"] = list(elastic)
    return server("VPC", lab=lab, EndpointDetails=details, **more)


def test_a_public_server_is_reached_on_its_port(tmp_path: Path) -> None:
    reach = one(server(), tmp_path, SERVER, "transfer/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))
    assert reach.answer.conditions == ()


def test_it_may_have_ports_of_its_own(tmp_path: Path) -> None:
    lab = server(ProtocolDetails={"SftpPorts": [{"SftpPort": 2022}, {"SftpPort": 22}]})
    assert one(lab, tmp_path, SERVER, "transfer/ipv4").ports == ("tcp/22", "tcp/2022")


def test_a_dual_stack_server_is_reached_over_both(tmp_path: Path) -> None:
    found = judged(server(IpAddressType="DUALSTACK"), tmp_path)
    assert {(str(r.family), r.verdict) for r in found} == {
        ("ipv4", Verdict.YES),
        ("ipv6", Verdict.YES),
    }


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (server(state="OFFLINE"), Verdict.DORMANT),
        (server(state=""), Verdict.UNKNOWN),
        (server(kind="VPC_ENDPOINT"), Verdict.NO),
        (server(kind="VPC_ENDPOINT", state="OFFLINE"), Verdict.NO),
        (server(call=Denied), Verdict.YES),
        (server(kind="", call=Denied), Verdict.UNKNOWN),
        (server(kind="VPC", call=Denied), Verdict.UNKNOWN),
    ],
)
def test_twins_of_a_public_server(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, SERVER, "transfer/ipv4").verdict is verdict


def test_a_server_in_a_vpc_with_elastic_addresses_is_reached(tmp_path: Path) -> None:
    reach = one(in_vpc(), tmp_path, SERVER, "transfer/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))


def test_without_elastic_addresses_it_is_not(tmp_path: Path) -> None:
    reach = one(in_vpc(elastic=None), tmp_path, SERVER, "transfer/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["address"])


def test_the_endpoints_group_decides(tmp_path: Path) -> None:
    lab = in_vpc(rules=[allow("tcp/443")])
    assert one(lab, tmp_path, SERVER, "transfer/ipv4").verdict is Verdict.NO


def test_a_range_in_the_group_is_the_source(tmp_path: Path) -> None:
    found = judged(in_vpc(rules=[allow("tcp/22", "203.0.113.0/24")]), tmp_path)
    assert {(r.source, r.verdict) for r in found} == {("cidr:203.0.113.0/24", Verdict.YES)}


def test_without_a_route_it_is_not(tmp_path: Path) -> None:
    lab = in_vpc()
    lab.item("rtb-main")["Routes"] = []
    assert one(lab, tmp_path, SERVER, "transfer/ipv4").verdict is Verdict.NO


@pytest.mark.parametrize("told", [True, False])
def test_an_endpoint_whose_groups_are_not_known_is_unknown(tmp_path: Path, told: bool) -> None:
    lab = in_vpc()
    lab.item("vpce-1")["Groups"] = []
    if not told:
        lab.remove("vpce-1")
    reach = one(lab, tmp_path, SERVER, "transfer/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("vpce-1" in term for term in reach.answer.conditions)


@pytest.mark.parametrize(
    ("protocol", "ports"),
    [
        ("FTPS", ("tcp/21", "tcp/8192-8200")),
        ("AS2", ("tcp/5080",)),
        ("SFTP", ("tcp/22", "tcp/2222-2223", "tcp/22000")),
    ],
)
def test_each_protocol_has_its_ports(tmp_path: Path, protocol: str, ports: tuple[str, ...]) -> None:
    lab = in_vpc(rules=[allow("tcp/1-65535")], Protocols=[protocol])
    assert one(lab, tmp_path, SERVER, "transfer/ipv4").ports == ports


def web_app(kind: str | None) -> Lab:
    lab = Lab()
    told = {"WebApp": {"WebAppId": "w-1"} | ({"EndpointType": kind} if kind else {})}
    lab.add("transfer:web-app", "w-1", APP, {"WebAppId": "w-1"}, describe_web_app=told)
    return lab


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("PUBLIC", Verdict.CONDITIONAL), ("VPC", Verdict.NO), (None, Verdict.UNKNOWN)],
)
def test_a_web_app_and_its_twins(tmp_path: Path, kind: str | None, verdict: Verdict) -> None:
    reach = one(web_app(kind), tmp_path, APP, "transfer-web-app/ipv4")
    assert reach.verdict is verdict
    assert ("authn:identity-center" in reach.answer.conditions) is (verdict is not Verdict.NO)
