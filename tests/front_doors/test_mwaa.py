"""MWAA environments, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

FLOWS = f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/flows"


def environment(mode: Any = "PUBLIC_ONLY", status: str = "AVAILABLE", call: Any = None) -> Lab:
    lab = Lab()
    told = {"Environment": {"Name": "flows", "WebserverAccessMode": mode, "Status": status}}
    lab.add("mwaa:environment", "flows", FLOWS, {"Name": "flows"}, get_environment=call or told)
    return lab


@pytest.mark.parametrize("mode", ["PUBLIC_ONLY", "PUBLIC_AND_PRIVATE"])
def test_a_public_web_server_asks_for_a_token_of_iam(tmp_path: Path, mode: str) -> None:
    reach = one(environment(mode), tmp_path, FLOWS, "mwaa/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.CONDITIONAL, ("tcp/443",))
    assert reach.answer.conditions == ("authn:iam",)


def test_a_private_web_server_is_not_reached(tmp_path: Path) -> None:
    reach = one(environment("PRIVATE_ONLY"), tmp_path, FLOWS, "mwaa/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["web server access"])


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (environment(status="UPDATING"), Verdict.CONDITIONAL),
        (environment(status="UNAVAILABLE"), Verdict.DORMANT),
        (environment("PRIVATE_ONLY", status="UNAVAILABLE"), Verdict.NO),
        (environment(mode=None), Verdict.UNKNOWN),
        (environment(status=""), Verdict.UNKNOWN),
        (environment(call=Denied), Verdict.UNKNOWN),
    ],
)
def test_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, FLOWS, "mwaa/ipv4").verdict is verdict
