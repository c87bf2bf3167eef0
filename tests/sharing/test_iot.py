"""Policies of IoT Core: attached or not, read or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing import access_judgements
from snapshot_files import ACCOUNT, REGION, Absent, Denied, line, write_snapshot

POLICY = f"arn:aws:iot:{REGION}:{ACCOUNT}:policy/sensors"
CERTIFICATE = f"arn:aws:iot:{REGION}:{ACCOUNT}:cert/abc"
CONNECT = {"Effect": "Allow", "Action": ["IOT:connect", "iot:Publish"], "Resource": "*"}
NOTHING = CONNECT | {"Effect": "Deny"}


def given(*statements: dict[str, Any]) -> dict[str, str]:
    return {"policyDocument": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


@pytest.mark.parametrize(
    ("text", "targets", "verdict", "conditions"),
    [
        (given(CONNECT), [CERTIFICATE], "conditional", ("authn:iot-device",)),
        (given(CONNECT), [], "no", ()),
        (given(NOTHING), [CERTIFICATE], "no", ()),
        (
            given(CONNECT),
            Denied,
            "unknown",
            (f"not_collected:iot.list_targets_for_policy@{ACCOUNT}/{REGION}",),
        ),
        (
            Denied,
            [CERTIFICATE],
            "unknown",
            (f"not_collected:iot.get_policy@{ACCOUNT}/{REGION}",),
        ),
        (
            {"policyDocument": "no JSON"},
            [CERTIFICATE],
            "unknown",
            (f"not_collected:iot.get_policy@{ACCOUNT}/{REGION}",),
        ),
        (Absent, [], "no", ()),
    ],
)
def test_who_acts_as_a_device(
    tmp_path: Path, text: Any, targets: Any, verdict: str, conditions: tuple[str, ...]
) -> None:
    row = line(POLICY, {"policyName": "sensors"}, get_policy=text, list_targets_for_policy=targets)
    snapshot = write_snapshot(tmp_path, {(ACCOUNT, REGION, "iot:policy"): [row]})
    found = [
        one
        for one in access_judgements(snapshot, from_snapshot(snapshot))
        if one.mechanism == "iot-policy"
    ]
    (one,) = found
    assert (one.source, one.target, str(one.answer.verdict)) == ("internet", POLICY, verdict)
    assert one.answer.conditions == conditions
    if verdict == "conditional":
        assert one.actions == ("iot:Connect", "iot:Publish")
