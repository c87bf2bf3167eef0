"""What the library says of policies' texts, each answer beside what it must leave out."""

from __future__ import annotations

from collections.abc import Callable

import pandas
import pytest

from tests.queries.organisation import (
    ADMIN_POLICY,
    ALMOST,
    BROKEN,
    DAVE,
    DEPLOY,
    DEPLOY_POLICY,
    DEV,
    FULL,
    HOP_ROLE,
    PROD,
    SCP,
    TOPIC,
    statement,
)

Frame = Callable[..., pandas.DataFrame]


def allowing(frame: Frame, action: str, **more: object) -> set[tuple[str, str, str]]:
    rows = frame("statements-allowing", action=action, **more)
    return set(zip(rows["holder"], rows["statement"], rows["match"], strict=True))


EVERYTHING = {
    (ADMIN_POLICY, statement(FULL, 0), "wildcard"),
    (DAVE, statement(FULL, 0), "wildcard"),
    (HOP_ROLE, statement(ALMOST, 0), "not excluded"),
}


@pytest.mark.parametrize("action", ["iam:PassRole", "IAM:passrole"])
def test_an_action_is_found_by_name_by_wildcard_and_by_not_being_excluded(
    frame: Frame, action: str
) -> None:
    """Neither the Deny of the same document nor what only caps (the SCP) allows anything."""
    named = (DEPLOY_POLICY, statement(DEPLOY, 0), "named")
    assert allowing(frame, action) == {named} | EVERYTHING


def test_an_action_that_is_excluded_is_not_allowed(frame: Frame) -> None:
    assert allowing(frame, "organizations:LeaveOrganization") == {
        row for row in EVERYTHING if row[2] != "not excluded"
    }


@pytest.mark.parametrize(("action", "fits"), [("s3:GetObject", True), ("s3:PutObject", False)])
def test_a_wildcard_fits_up_to_where_it_begins(frame: Frame, action: str, fits: bool) -> None:
    one = (DEPLOY_POLICY, statement(DEPLOY, 2), "wildcard")
    assert allowing(frame, action) == EVERYTHING | ({one} if fits else set())


def test_a_part_of_an_action_is_enough(frame: Frame) -> None:
    assert (DEPLOY_POLICY, statement(DEPLOY, 2), "named") in allowing(frame, "s3:")


def test_only_one_accounts_policies(frame: Frame) -> None:
    assert {row[0] for row in allowing(frame, "iam:PassRole", account=DEV)} == {DAVE}


def test_a_row_says_how_often_the_policy_is_used_and_under_which_conditions(frame: Frame) -> None:
    rows = frame("statements-allowing", action="iam:PassRole", account=PROD).to_dict("records")
    (row,) = rows
    assert (row["policy"], row["kind"], row["used_by"], row["sid"]) == (
        "deploy",
        "managed",
        1,
        "Pass",
    )
    assert row["conditions"] == ["StringEquals iam:PassedToService=ec2.amazonaws.com"]
    assert row["resources"] == [f"arn:aws:iam::{PROD}:role/app-*"]


def test_policies_that_allow_everything(frame: Frame) -> None:
    rows = frame("wildcard-policies")
    found = dict(zip(rows["holder"], rows["used_by"], strict=True))
    assert found == {ADMIN_POLICY: 2, DAVE: 0}


def test_with_caps_the_default_of_the_organisation_too(frame: Frame) -> None:
    assert set(frame("wildcard-policies", caps=True)["holder"]) == {ADMIN_POLICY, DAVE, SCP}


def test_broken_policies_are_named_with_the_reason(frame: Frame) -> None:
    (row,) = frame("broken-policies").to_dict("records")
    assert (row["holder"], row["reason"], row["document"]) == (TOPIC, "not JSON", BROKEN)
