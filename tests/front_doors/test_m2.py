"""Mainframe Modernization environments, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

MAINFRAME = f"arn:aws:m2:{REGION}:{ACCOUNT}:env/e-1"


def environment(
    public: Any = True,
    status: str = "Available",
    rules: list[dict[str, Any]] | None = None,
    call: Any = None,
    **more: Any,
) -> Lab:
    lab = exposed([allow("tcp/8196")] if rules is None else rules)
    told = {"publiclyAccessible": public, "status": status, "vpcId": "vpc-1"}
    told |= {"subnetIds": ["subnet-a"], "securityGroupIds": ["sg-web"]} | more
    lab.add("m2:environment", "e-1", MAINFRAME, {}, get_environment=call or told)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (environment(), Verdict.YES, []),
        (environment(public=False), Verdict.NO, ["public access"]),
        (environment(public=None), Verdict.UNKNOWN, []),
        (environment(status="Failed"), Verdict.DORMANT, []),
        (environment(status=""), Verdict.UNKNOWN, []),
        (environment(call=Denied), Verdict.UNKNOWN, []),
        (environment(securityGroupIds=["sg-gone"]), Verdict.UNKNOWN, []),
        (environment(securityGroupIds=None), Verdict.UNKNOWN, []),
        (environment(securityGroupIds=[]), Verdict.UNKNOWN, []),
        (environment(subnetIds=[]), Verdict.UNKNOWN, []),
        (environment(rules=[]), Verdict.NO, ["security group"]),
        (environment(public=False, securityGroupIds=None), Verdict.NO, ["public access"]),
    ],
)
def test_an_environment_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    reach = one(lab, tmp_path, MAINFRAME, "m2/ipv4")
    assert (reach.verdict, failing(reach)) == (verdict, locks)


def test_the_groups_ports_are_named(tmp_path: Path) -> None:
    assert one(environment(), tmp_path, MAINFRAME, "m2/ipv4").ports == ("tcp/8196",)


@pytest.mark.parametrize(("kind", "families"), [("ipv4", {"ipv4"}), ("dual", {"ipv4", "ipv6"})])
def test_families(tmp_path: Path, kind: str, families: set[str]) -> None:
    lab = environment(networkType=kind)
    found = {str(r.family) for r in judged(lab, tmp_path) if r.target == MAINFRAME}
    assert found == families
