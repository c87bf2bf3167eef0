"""App Runner services, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

SERVICE = f"arn:aws:apprunner:{REGION}:{ACCOUNT}:service/web/0123456789abcdef0123456789abcdef"


def service(public: Any = True, status: str = "RUNNING", address: str = "IPV4", **more: Any) -> Lab:
    lab = Lab()
    network = {"IngressConfiguration": {"IsPubliclyAccessible": public}, "IpAddressType": address}
    told = {"Service": {"ServiceArn": SERVICE, "NetworkConfiguration": network}}
    item = {"ServiceArn": SERVICE, "ServiceName": "web", "Status": status}
    lab.add("apprunner:service", "web", SERVICE, item, **{"describe_service": told, **more})
    return lab


def test_a_public_service_is_reached_over_https(tmp_path: Path) -> None:
    reach = one(service(), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.YES
    assert reach.ports == ("tcp/443",)
    assert reach.answer.conditions == ()


def test_a_private_service_is_not(tmp_path: Path) -> None:
    reach = one(service(public=False), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["ingress"]


def test_a_paused_service_is_dormant(tmp_path: Path) -> None:
    reach = one(service(status="PAUSED"), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.DORMANT


def test_a_private_service_is_no_even_if_it_is_paused(tmp_path: Path) -> None:
    lab = service(public=False, status="PAUSED")
    assert one(lab, tmp_path, SERVICE, "apprunner/ipv4").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("address", "families"), [("IPV4", {"ipv4"}), ("DUAL_STACK", {"ipv4", "ipv6"})]
)
def test_a_dual_stack_service_is_reached_over_both(
    tmp_path: Path, address: str, families: set[str]
) -> None:
    found = judged(service(address=address), tmp_path)
    assert {str(reach.family) for reach in found} == families


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    reach = one(service(describe_service=Denied), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_service" in term for term in reach.answer.conditions)
