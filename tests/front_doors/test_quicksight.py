"""QuickSight dashboards, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Absent, Denied

BOARD = f"arn:aws:quicksight:{REGION}:{ACCOUNT}:dashboard/d-1"
ANYONE = "arn:aws:quicksight:::publicAnonymousUser/*"
PEOPLE = f"arn:aws:quicksight:{REGION}:{ACCOUNT}:namespace/default"


def dashboard(*principals: Any, public: Any = True, call: Any = None, settings: Any = None) -> Lab:
    lab = Lab()
    shared = {"Permissions": [{"Principal": p, "Actions": ["x"]} for p in principals]}
    told: dict[str, Any] = {"DashboardArn": BOARD, "Permissions": []}
    told |= {"LinkSharingConfiguration": shared} if principals else {}
    permissions = told if call is None else call
    lab.add("quicksight:dashboard", "d-1", BOARD, {}, describe_dashboard_permissions=permissions)
    switch = {"AccountSettings": {"PublicSharingEnabled": public}}
    answer = switch if settings is None else settings
    line = f"{ACCOUNT}/{REGION}"
    lab.add("quicksight:account", "settings", line, {}, describe_account_settings=answer)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (dashboard(PEOPLE, ANYONE), Verdict.YES, []),
        (dashboard(PEOPLE), Verdict.NO, ["link sharing"]),
        (dashboard(), Verdict.NO, ["link sharing"]),
        (dashboard(ANYONE, public=False), Verdict.NO, ["public sharing"]),
        (dashboard(PEOPLE, public=False), Verdict.NO, ["link sharing", "public sharing"]),
        (dashboard(ANYONE, settings=Denied), Verdict.UNKNOWN, []),
        (dashboard(ANYONE, settings=Absent), Verdict.UNKNOWN, []),
        (dashboard(call=Denied), Verdict.UNKNOWN, []),
        (dashboard(call={}), Verdict.UNKNOWN, []),
        (dashboard(call=Denied, public=False), Verdict.NO, ["public sharing"]),
        (dashboard(PEOPLE, None), Verdict.UNKNOWN, []),
        (dashboard(call=Absent), Verdict.NO, ["link sharing"]),
    ],
)
def test_a_dashboard_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    reach = one(lab, tmp_path, BOARD, "quicksight/ipv4")
    assert (reach.verdict, failing(reach)) == (verdict, locks)


def test_the_switch_is_told_in_another_region(tmp_path: Path) -> None:
    lab = dashboard(ANYONE, settings=Absent)
    (found,) = lab.lines[ACCOUNT, REGION, "quicksight:account"].values()
    call = {"status": "ok", "value": {"AccountSettings": {"PublicSharingEnabled": True}}}
    elsewhere = {**found, "id": f"{ACCOUNT}/us-east-1"}
    elsewhere["calls"] = {"describe_account_settings": call}
    lab.lines[ACCOUNT, "us-east-1", "quicksight:account"] = {"settings": elsewhere}
    assert one(lab, tmp_path, BOARD, "quicksight/ipv4").verdict is Verdict.YES
