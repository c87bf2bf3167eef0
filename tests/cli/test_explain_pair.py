"""``mapper explain FROM TO`` for a principal and what it may reach: a proof of that very pair."""

from __future__ import annotations

from tests.cli import asked_world as here
from tests.cli.test_can import ask, snapshot

__all__ = ["ask", "snapshot"]


def proofs(ask, start, end):
    rows = ask("explain", start, end)["rows"]
    assert rows
    assert {(row["source"], row["target"]) for row in rows} == {(start, end)}
    return {row["mechanism"]: (row["verdict"], row["why"]) for row in rows}


def test_what_is_refused_is_proven_too(ask):
    refused = proofs(ask, here.ALICE, here.LOGS)
    assert {verdict for verdict, _ in refused.values()} == {"no"}
    reasons = {how: why for how, (_, why) in refused.items() if not how.endswith("Acl")}
    assert all("identity policies" in why for why in reasons.values())


def test_what_is_allowed_is_proven_for_the_pair(ask):
    (found,) = {verdict for verdict, _ in proofs(ask, here.ALICE, here.DATA).values()}
    assert found == "yes"


def test_one_of_many_alike_has_a_proof_of_its_own(ask):
    reader = f"arn:aws:iam::{here.PROD}:role/reader-07"
    rows = ask("explain", reader, here.LOGS)["rows"]
    assert {(row["source"], row["target"]) for row in rows} == {(reader, here.LOGS)}
    allowed = [row for row in rows if row["verdict"] == "yes"]
    assert allowed
    assert all("For instance" not in line for row in rows for line in row["evidence"])
