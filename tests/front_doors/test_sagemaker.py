"""SageMaker notebook instances and domains, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

NOTEBOOK = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/notes"
DOMAIN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/d-1"


def notebook(status: str = "InService", call: Any = None) -> Lab:
    lab = Lab()
    item = {"NotebookInstanceName": "notes", "NotebookInstanceStatus": status}
    lab.add("sagemaker:notebook", "notes", NOTEBOOK, item, describe_notebook_instance=call or item)
    return lab


def domain(mode: Any = "IAM", status: str = "InService", call: Any = None) -> Lab:
    lab = Lab()
    told = {"DomainId": "d-1", "AuthMode": mode, "Status": status}
    item = {"DomainId": "d-1", "Status": status}
    lab.add("sagemaker:domain", "d-1", DOMAIN, item, describe_domain=call or told)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (notebook(), Verdict.CONDITIONAL),
        (notebook(call=Denied), Verdict.CONDITIONAL),
        (notebook("Stopped"), Verdict.DORMANT),
        (notebook(""), Verdict.UNKNOWN),
    ],
)
def test_a_notebook_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    reach = one(lab, tmp_path, NOTEBOOK, "sagemaker-notebook/ipv4")
    assert (reach.verdict, reach.ports) == (verdict, ("tcp/443",))
    assert "authn:iam" in reach.answer.conditions


@pytest.mark.parametrize(
    ("lab", "verdict", "term"),
    [
        (domain(), Verdict.CONDITIONAL, "authn:iam"),
        (domain("SSO"), Verdict.CONDITIONAL, "authn:identity-center"),
        (domain(call=Denied), Verdict.CONDITIONAL, "authn:iam-or-identity-center"),
        (domain(status="Failed"), Verdict.DORMANT, "authn:iam"),
        (domain(status=""), Verdict.UNKNOWN, "authn:iam"),
    ],
)
def test_a_domain_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict, term: str) -> None:
    reach = one(lab, tmp_path, DOMAIN, "sagemaker-studio/ipv4")
    assert reach.verdict is verdict
    assert term in reach.answer.conditions
