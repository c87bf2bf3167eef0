"""AgentCore gateways and runtimes, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Absent, Denied

GATEWAY = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:gateway/g-1"
RUNTIME = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:runtime/r-1"


def policy(principal: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Resource": GATEWAY}
    statement["Action"] = "bedrock-agentcore:InvokeGateway"
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def gateway(
    kind: str = "NONE", status: str = "READY", document: Any = Absent, call: Any = None
) -> Lab:
    lab = Lab()
    told = {"gatewayId": "g-1", "authorizerType": kind, "status": status}
    calls = {"get_gateway": call or told, "get_resource_policy": document}
    lab.add("agentcore:gateway", "g-1", GATEWAY, {"gatewayId": "g-1"}, **calls)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict", "terms"),
    [
        (gateway(), Verdict.YES, set()),
        (gateway("CUSTOM_JWT"), Verdict.CONDITIONAL, {"authn:jwt"}),
        (gateway("AUTHENTICATE_ONLY"), Verdict.CONDITIONAL, {"authn:jwt"}),
        (gateway("AWS_IAM"), Verdict.CONDITIONAL, {"authn:sigv4"}),
        (gateway("AWS_IAM", document=policy({"AWS": "1"})), Verdict.CONDITIONAL, {"authn:sigv4"}),
        (gateway(document=policy("*")), Verdict.YES, set()),
        (gateway(status="UPDATING"), Verdict.YES, set()),
    ],
)
def test_a_gateway(tmp_path: Path, lab: Lab, verdict: Verdict, terms: set[str]) -> None:
    reach = one(lab, tmp_path, GATEWAY, "agentcore-gateway/ipv4")
    assert (reach.verdict, set(reach.answer.conditions)) == (verdict, terms)


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (gateway(status="FAILED"), Verdict.DORMANT),
        (gateway(status=""), Verdict.UNKNOWN),
        (gateway(""), Verdict.UNKNOWN),
        (gateway(call=Denied), Verdict.UNKNOWN),
        (gateway(document=Denied), Verdict.CONDITIONAL),
        (gateway(document={"policy": "{"}), Verdict.UNKNOWN),
    ],
)
def test_a_gateways_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, GATEWAY, "agentcore-gateway/ipv4").verdict is verdict


def test_a_policy_for_one_account_is_a_condition(tmp_path: Path) -> None:
    lab = gateway(document=policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    reach = one(lab, tmp_path, GATEWAY, "agentcore-gateway/ipv4")
    assert reach.verdict is Verdict.CONDITIONAL
    assert reach.answer.conditions == ("context:resource-policy",)


def runtime(status: str = "READY", call: Any = None, **more: Any) -> Lab:
    lab = Lab()
    told = {"agentRuntimeId": "r-1", "status": status, **more}
    lab.add("agentcore:runtime", "r-1", RUNTIME, {}, get_agent_runtime=call or told)
    return lab


JWT = {"authorizerConfiguration": {"customJWTAuthorizer": {"discoveryUrl": "https://id"}}}


@pytest.mark.parametrize(
    ("lab", "verdict", "term"),
    [
        (runtime(), Verdict.CONDITIONAL, "authn:sigv4"),
        (runtime(**JWT), Verdict.CONDITIONAL, "authn:jwt"),
        (runtime("CREATE_FAILED"), Verdict.DORMANT, "authn:sigv4"),
        (runtime(""), Verdict.UNKNOWN, "authn:sigv4"),
        (runtime(call=Denied), Verdict.UNKNOWN, "authn:jwt-or-sigv4"),
    ],
)
def test_a_runtime_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict, term: str) -> None:
    reach = one(lab, tmp_path, RUNTIME, "agentcore-runtime/ipv4")
    assert reach.verdict is verdict
    assert term in reach.answer.conditions
