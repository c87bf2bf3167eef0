"""Route 53 Global Resolvers, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT

RESOLVER = f"arn:aws:route53globalresolver::{ACCOUNT}:global-resolver/gr-1"


def resolver(public: Any = "ENABLED_RESERVED", **more: Any) -> Lab:
    lab = Lab()
    item = {"id": "gr-1", "publicIpStatus": public, "status": "OPERATIONAL", **more}
    lab.add("route53globalresolver:resolver", "gr-1", RESOLVER, item)
    return lab


def test_whom_it_answers_is_not_collected(tmp_path: Path) -> None:
    reach = one(resolver(), tmp_path, RESOLVER, "global-resolver/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert len(reach.answer.conditions) == 1
    assert "list_access_sources" in reach.answer.conditions[0]
    assert set(reach.ports) == {"tcp/53", "tcp/443", "tcp/853", "udp/53"}


@pytest.mark.parametrize("status", ["DISABLED_RESERVED", "DISABLED_RELEASED"])
def test_without_public_addresses_it_is_not_reached(tmp_path: Path, status: str) -> None:
    reach = one(resolver(status), tmp_path, RESOLVER, "global-resolver/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["address"])


@pytest.mark.parametrize("more", [{"public": None}, {"status": ""}])
def test_what_was_not_told_is_named_too(tmp_path: Path, more: dict[str, Any]) -> None:
    reach = one(resolver(**more), tmp_path, RESOLVER, "global-resolver/ipv4")
    assert any("list_global_resolvers" in term for term in reach.answer.conditions)


def test_dual_stack(tmp_path: Path) -> None:
    found = judged(resolver(ipAddressType="DUAL_STACK"), tmp_path)
    assert {str(reach.family) for reach in found} == {"ipv4", "ipv6"}
