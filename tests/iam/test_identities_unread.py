"""A collected account of which some identities were not read: a trust may name one of these.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import pytest

from graph.iam.assume import assume_answers
from graph.iam.from_snapshot import from_snapshot
from tests.iam.test_from_snapshot import gaad_ledger
from tests.iam.worlds import A, B, C, doc
from tests.snapshot_files import line, write_snapshot

TARGET = f"arn:aws:iam::{A}:role/target"
USER, ROLE = f"arn:aws:iam::{B}:user/x", f"arn:aws:iam::{B}:role/r"
READER = f"arn:aws:iam::{B}:role/reader"


def role_line(arn, *trusted):
    name = arn.rpartition("/")[2]
    who = {"AWS": list(trusted)} if trusted else {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    item = {"Arn": arn, "RoleName": name, "RoleId": f"AROA{name.upper()}", "Path": "/"}
    return line(arn, {**item, "AssumeRolePolicyDocument": doc(trust)})


def denied(type_id):
    operation = f"list_{type_id.partition(':')[2]}s"
    return gaad_ledger(B, "denied", type_id, operation)


def assumers(folder, *trusted, unread=()):
    """{source: (kind, verdict, conditions)} of a role of another account."""
    lines = {
        (A, "global", "iam:role"): [role_line(TARGET, *trusted)],
        (B, "global", "iam:role"): [role_line(READER)],
    }
    ledger = [gaad_ledger(A), *map(denied, unread)]
    here = from_snapshot(write_snapshot(folder, lines, ledger))
    assert here.account(B).collected
    return {
        row.source: (row.kind, str(row.answer.verdict), row.answer.conditions)
        for row in assume_answers(here, TARGET)
    }


def unknown(kind, type_id):
    return (kind, "unknown", (f"not_collected:{type_id}={B}",))


@pytest.mark.parametrize(("arn", "type_id"), [(USER, "iam:user"), (ROLE, "iam:role")])
def test_one_who_was_not_read_is_unknown(tmp_path, arn, type_id):
    got = assumers(tmp_path, arn, unread=[type_id])
    assert got == {arn: unknown("outside-principal", type_id)}


@pytest.mark.parametrize(("arn", "type_id"), [(USER, "iam:role"), (ROLE, "iam:user")])
def test_one_of_a_type_that_was_read_is_not_there(tmp_path, arn, type_id):
    """Twin: it is the other type that was not read."""
    assert assumers(tmp_path, arn, unread=[type_id]) == {}


@pytest.mark.parametrize("type_id", ["iam:user", "iam:role"])
def test_an_account_may_have_somebody_who_was_not_read(tmp_path, type_id):
    got = assumers(tmp_path / "gap", B, unread=[type_id])
    assert got == {f"account:{B}": unknown("account", type_id)}
    assert assumers(tmp_path / "whole", B) == {}


def test_a_session_of_a_role_that_was_read_is_no_gap(tmp_path):
    session = f"arn:aws:sts::{B}:assumed-role/{{}}/s"
    known, missing = session.format("reader"), session.format("r")
    assert known not in assumers(tmp_path / "1", known, unread=["iam:role"])
    got = assumers(tmp_path / "2", missing, unread=["iam:role"])
    assert got == {missing: unknown("outside-principal", "iam:role")}


def test_an_account_that_was_not_collected_counts_as_granted(tmp_path):
    """Twin: nothing of the account was read, whose owner is the actor."""
    assert assumers(tmp_path, C, unread=["iam:user"]) == {f"account:{C}": ("account", "yes", ())}
