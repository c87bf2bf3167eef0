"""ElastiCache Serverless caches, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

CACHE = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:serverlesscache:burst"


def cache(without: tuple[str, ...] = (), **more: Any) -> Lab:
    lab = Lab()
    item = {
        "ServerlessCacheName": "burst",
        "Status": "available",
        "ConnectionType": "public",
        "Endpoint": {"Address": "burst.example.com", "Port": 6379},
        "ReaderEndpoint": {"Address": "burst.example.com", "Port": 6380},
    } | more
    item = {key: value for key, value in item.items() if key not in without}
    lab.add("elasticache:serverless-cache", "burst", CACHE, item)
    return lab


def reach(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, CACHE, "elasticache/ipv4")


def test_a_public_cache_answers_signed_logins_on_both_of_its_ports(tmp_path: Path) -> None:
    found = reach(cache(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.CONDITIONAL, ("tcp/6379-6380",))
    assert found.answer.conditions == ("authn:sigv4",)


@pytest.mark.parametrize("lab", [cache(ConnectionType="vpc"), cache(("ConnectionType",))])
def test_a_cache_behind_a_vpc_endpoint_is_not(tmp_path: Path, lab: Lab) -> None:
    found = reach(lab, tmp_path)
    assert found.verdict is Verdict.NO
    assert failing(found) == ["connection type"]


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (cache(ConnectionType="else"), Verdict.UNKNOWN),
        (cache(("Endpoint", "ReaderEndpoint")), Verdict.UNKNOWN),
        (cache(Status="CREATING"), Verdict.DORMANT),
        (cache(("Status",)), Verdict.CONDITIONAL),
    ],
    ids=["type", "port", "creating", "no state"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


@pytest.mark.parametrize(
    ("network", "families"),
    [("ipv4", {"ipv4"}), ("ipv6", {"ipv6"}), ("dual_stack", {"ipv4", "ipv6"})],
)
def test_its_network_type_says_the_families(
    tmp_path: Path, network: str, families: set[str]
) -> None:
    assert {str(one.family) for one in judged(cache(NetworkType=network), tmp_path)} == families
