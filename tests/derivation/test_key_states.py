"""A KMS key that is switched off serves nobody, in its own account or in another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derivation.aws_world import DEV, PROD, REGION, VENDOR, World, allow, doc
from graph.derive import derive
from graph.iam.access import actions_of
from graph.iam.key_states import asleep, serves

KEY = f"arn:aws:kms:{REGION}:{PROD}:key/k"
USE = ["kms:Decrypt", "kms:PutKeyPolicy"]


def verdicts(folder: Path, state: str) -> dict[tuple[str, str], str]:
    """By who and action: the verdict of ``CAN_ACCESS``."""
    world = World()
    world.organisation(prod=PROD, dev=DEV)
    world.user("own", allow(USE), account=PROD)
    world.user("other", allow("kms:Decrypt"), account=DEV)
    named = allow("kms:Decrypt", Principal={"AWS": [VENDOR, DEV]})
    delegated = allow(USE, Principal={"AWS": PROD})
    world.add(
        "kms:key",
        KEY,
        {"KeyId": "k"},
        region=REGION,
        get_key_policy={"Policy": json.dumps(doc(named, delegated))},
        list_grants=[],
        describe_key={"KeyMetadata": {"KeyState": state, "KeyManager": "CUSTOMER"}},
    )
    return {
        (row.start.rpartition(":")[2], action): str(row.props["verdict"])
        for row in derive(world.write(folder)).relationships
        if row.type == "CAN_ACCESS" and row.end == KEY
        for action in row.props["actions"]
    }


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("Enabled", "yes"),
        ("Disabled", "dormant"),
        ("PendingDeletion", "dormant"),
        ("PendingImport", "dormant"),
        ("Unavailable", "dormant"),
    ],
)
def test_whoever_may_decrypt_may_do_so_when_the_key_serves(
    tmp_path: Path, state: str, verdict: str
) -> None:
    assert verdicts(tmp_path, state) == {
        (VENDOR, "kms:Decrypt"): verdict,
        (DEV, "kms:Decrypt"): verdict,
        ("user/other", "kms:Decrypt"): verdict,
        ("user/own", "kms:Decrypt"): verdict,
        ("user/own", "kms:PutKeyPolicy"): "yes",
    }


def test_every_state_lists_actions_of_keys() -> None:
    """In none of them can data be read or written; the policy can be changed in all."""
    named = {action.name: action.level for action in actions_of("AWS::KMS::Key")}
    for state in asleep():
        served = {action for action in named if serves(state, action)}
        assert "kms:PutKeyPolicy" in served
        assert {named[action] for action in served} == {"admin"}
    assert all(serves("Enabled", action) for action in named)
