"""Lambda web functions, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Absent, Denied

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:web-function/site"
ENDPOINT = f"{FUNCTION}/endpoint/prod"


def endpoint(auth: Any = "ApplicationManaged", state: str = "Active") -> dict[str, Any]:
    found = {"endpointArn": ENDPOINT, "endpointName": "prod", "authType": auth, "state": state}
    return found | {"domainName": "prod.example.on.aws"}


def statement(effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    found = {"Effect": effect, "Principal": "*", "Action": "lambda:InvokeWebFunctionEndpoint"}
    return {**found, "Resource": ENDPOINT} | ({"Condition": condition} if condition else {})


def function(*endpoints: Any, policy: Any = Absent, call: Any = None, **calls: Any) -> Lab:
    lab = Lab()
    if isinstance(policy, dict):
        policy = {"policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})}
    calls |= {"list_web_function_endpoints": list(endpoints) if call is None else call}
    calls |= {"get_resource_policy": policy}
    lab.add("lambda-web:function", "site", FUNCTION, {"functionName": "site"}, **calls)
    return lab


SIGNED = endpoint("IamAuth")


@pytest.mark.parametrize(
    ("lab", "verdict", "locks"),
    [
        (function(endpoint()), Verdict.YES, []),
        (function(endpoint(state="Failed")), Verdict.DORMANT, []),
        (function(endpoint(state="")), Verdict.UNKNOWN, []),
        (function(endpoint() | {"throttleConfig": {"rateLimit": 0}}), Verdict.DORMANT, []),
        (function(endpoint() | {"throttleConfig": {"rateLimit": 100}}), Verdict.YES, []),
        (function(endpoint() | {"throttleConfig": 0}), Verdict.YES, []),
        (function(endpoint(auth=None)), Verdict.UNKNOWN, []),
        (function(), Verdict.NO, ["endpoint"]),
        (function(call=Denied), Verdict.UNKNOWN, []),
        (function(endpoint(), policy=Denied), Verdict.YES, []),
        (function(SIGNED), Verdict.CONDITIONAL, []),
        (function(SIGNED, endpoint()), Verdict.YES, []),
        (
            function(SIGNED, policy=statement("Deny", Null={"aws:SourceVpce": "true"})),
            Verdict.NO,
            ["resource policy"],
        ),
    ],
)
def test_a_function_and_its_twins(
    tmp_path: Path, lab: Lab, verdict: Verdict, locks: list[str]
) -> None:
    reach = one(lab, tmp_path, FUNCTION, "lambda-web/ipv4")
    assert (reach.verdict, failing(reach)) == (verdict, locks)


@pytest.mark.parametrize(
    ("policy", "terms"),
    [
        (Absent, {"authn:sigv4"}),
        (
            Denied,
            {
                "authn:sigv4",
                f"not_collected:lambda-web.get_resource_policy({FUNCTION})@{ACCOUNT}/{REGION}",
            },
        ),
    ],
)
def test_a_signature_is_the_condition(tmp_path: Path, policy: Any, terms: set[str]) -> None:
    reach = one(function(SIGNED, policy=policy), tmp_path, FUNCTION, "lambda-web/ipv4")
    assert set(reach.answer.conditions) == terms


def test_a_policy_for_everybody_lets_any_account_sign(tmp_path: Path) -> None:
    lab = function(SIGNED, policy=statement())
    reach = one(lab, tmp_path, FUNCTION, "lambda-web/ipv4", "any-aws-principal")
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))


@pytest.mark.parametrize(
    "policy",
    [
        Absent,
        statement(StringEquals={"aws:PrincipalAccount": ACCOUNT}),
        {**statement(), "Resource": f"{FUNCTION}/endpoint/other"},
    ],
)
def test_a_policy_for_the_account_does_not(tmp_path: Path, policy: Any) -> None:
    found = judged(function(SIGNED, policy=policy), tmp_path)
    assert {reach.source for reach in found} == {"internet"}


def test_an_endpoint_of_one_region_counts(tmp_path: Path) -> None:
    regional = {"eu-north-1": {"authType": "ApplicationManaged", "state": "Active"}}
    told = {"endpointArn": ENDPOINT, "regionalEndpoints": regional}
    lab = function(SIGNED, **{"get_web_function_endpoint(endpointName=prod)": told})
    assert one(lab, tmp_path, FUNCTION, "lambda-web/ipv4").verdict is Verdict.YES


def test_a_broken_policy_is_unknown(tmp_path: Path) -> None:
    lab = function(SIGNED)
    (line,) = lab.lines[ACCOUNT, REGION, "lambda-web:function"].values()
    line["calls"]["get_resource_policy"] = {"status": "ok", "value": {"policy": "{"}}
    assert one(lab, tmp_path, FUNCTION, "lambda-web/ipv4").verdict is Verdict.UNKNOWN
