"""Glue development endpoints and EMR Studios, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

ENDPOINT = f"arn:aws:glue:{REGION}:{ACCOUNT}:devEndpoint/dev"
STUDIO = f"arn:aws:elasticmapreduce:{REGION}:{ACCOUNT}:studio/es-1"
PUBLIC = {"PublicAddress": "198.51.100.4"}
PRIVATE = {"PrivateAddress": "10.0.0.4", "SubnetId": "subnet-a"}


def endpoint(status: str = "READY", **more: Any) -> Lab:
    lab = Lab()
    lab.add("glue:dev-endpoint", "dev", ENDPOINT, {"EndpointName": "dev", "Status": status, **more})
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (endpoint(**PUBLIC), Verdict.YES, []),
        (endpoint(**PRIVATE), Verdict.NO, ["address"]),
        (endpoint(), Verdict.UNKNOWN, []),
        (endpoint("FAILED", **PUBLIC), Verdict.DORMANT, []),
        (endpoint("", **PUBLIC), Verdict.UNKNOWN, []),
        (endpoint("FAILED", **PRIVATE), Verdict.NO, ["address"]),
    ],
)
def test_an_endpoint_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    reach = one(lab, tmp_path, ENDPOINT, "glue-dev-endpoint/ipv4")
    assert (reach.verdict, failing(reach)) == (verdict, locks)
    assert reach.ports == (() if locks else ("tcp/22",))


@pytest.mark.parametrize(
    ("mode", "term"),
    [
        ("IAM", "authn:iam"),
        ("SSO", "authn:identity-center"),
        (None, "authn:iam-or-identity-center"),
    ],
)
def test_a_studio_asks_for_a_sign_in(tmp_path: Path, mode: str | None, term: str) -> None:
    lab = Lab()
    lab.add("emr:studio", "es-1", STUDIO, {"StudioId": "es-1", "AuthMode": mode})
    reach = one(lab, tmp_path, STUDIO, "emr-studio/ipv4")
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, (term,))
