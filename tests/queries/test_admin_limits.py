"""An account that is had does not lead on to those whom an SCP keeps from its admins.

The way of AWS Control Tower, whose guardrails keep its own roles from everybody in the account:
https://docs.aws.amazon.com/controltower/latest/controlreference/cannot-change-with-gr-api.html
(AWS-GR_IAM_ROLE_CHANGE_PROHIBITED)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from derivation.aws_world import DEV, FULL, LAMBDA, PROD, VENDOR, allow, iam, trusting
from escalation.technique_lab import TechniqueWorld, with_scp
from mapper.session import Session

GUARDED = iam("role", "guarded")
GUARD = {"Effect": "Deny", "Action": ["iam:*", "sts:*"], "Resource": GUARDED}
OTHER = {**GUARD, "Resource": iam("role", "x")}


def world() -> TechniqueWorld:
    """A guarded role that may assume an admin role of the other account."""
    made = TechniqueWorld()
    made.role("x", [LAMBDA])
    made.role("guarded", [LAMBDA], allow("sts:AssumeRole"))
    made.role("boss", [trusting({"AWS": GUARDED})], FULL, account=DEV)
    made.role("open", [trusting({"AWS": f"arn:aws:iam::{VENDOR}:root"})], FULL)
    made.user("mallory", FULL)
    for account in (PROD, DEV):
        made.add(
            "aws:account", account, {}, account=account, get_caller_identity={"Account": account}
        )
    return made


@pytest.fixture(params=["guarded", "another is guarded", "no SCP"])
def asked(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The world's answers, and whether its admins get to the other account."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    made = world()
    if request.param != "no SCP":
        made = with_scp(made, GUARD if request.param == "guarded" else OTHER)  # type: ignore[assignment]
    with Session(made.write(tmp_path / "test")) as session:
        yield session, request.param != "guarded"


def test_admins_do_not_go_on_through_a_guarded_role(asked) -> None:
    session, led = asked
    ends = {(row.id, row.own["admin_of"]) for row in session.admin_rows}
    assert (iam("user", "mallory"), f"account:{PROD}") in ends
    assert (GUARDED, f"account:{DEV}") in ends
    assert ((iam("user", "mallory"), f"account:{DEV}") in ends) is led


def test_chains_of_trust_do_not_go_on_through_a_guarded_role(asked) -> None:
    session, led = asked
    rows = [row for row in session.trust_rows if row.own["from"] == f"account:{VENDOR}"]
    ends = {end for row in rows for end in (row.own["ends_in"], *row.own["admin_of"])}
    assert f"account:{PROD}" in ends
    boss = iam("role", "boss", DEV)
    assert (bool({boss, f"account:{DEV}"} & ends)) is led
