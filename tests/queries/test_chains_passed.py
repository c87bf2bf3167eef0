"""Every role that a chain leads to stands on some row of its start, as surely as it is reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas
from hypothesis import given

from graph.verdict import Verdict
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import trust_rows
from queries.answers.walk import Hop
from tests.queries.test_chains import found, hop, worlds


def record(one: Hop) -> dict[str, Any]:
    ends = {
        f"{side}_{name}": value
        for side, node in (("from", one.start), ("to", one.end))
        for name, value in (
            ("id", node.id),
            ("name", node.name),
            ("type", None),
            ("account", node.account_id),
            ("region", None),
            ("labels", sorted(node.labels)),
        )
    }
    lists = {name: [] for name in ("conditions", "guards", "assumes", "evidence")}
    told = {"relationship": one.type, "mechanism": one.mechanism, "why": ""}
    return ends | lists | told | {"verdict": str(one.answer.verdict), "session": list(one.session)}


def rows_of(hops: Sequence[Hop]) -> list[Row]:
    records = [record(one) for one in hops]
    trusts = [row for row in records if row["relationship"] == "CAN_ASSUME"]
    frames = (pandas.DataFrame(trusts), pandas.DataFrame(records), pandas.DataFrame())
    return trust_rows(*frames, Parties())


def told(rows: Sequence[Row], start: str) -> dict[str, Verdict]:
    """How surely each node is had by what the rows of a start say."""
    best: dict[str, Verdict] = {}
    for row in rows:
        if row.own["from"] == start:
            for node in (*(step["id"] for step in row.own["hops"]), *row.own["admin_of"]):
                if best.get(node, Verdict.NO).rank < row.verdict.rank:
                    best[node] = row.verdict
    return best


@given(worlds())
def test_whatever_a_chain_leads_to_is_told(hops: list[Hop]) -> None:
    rows = rows_of(hops)
    admins = {one.start.id for one in hops if one.type == "HAS_ADMIN"}
    for (start, to), chain in found(hops).items():
        inside = chain.start.account_id == chain.end.account_id
        if inside or to in admins or to.startswith("account:") or chain.way[0].type == "IN_GROUP":
            continue  # Of an admin the row says how surely it is admin.
        best = told(rows, start)
        known = max(
            (best.get(node, Verdict.NO) for node in (to, f"account:{chain.end.account_id}")),
            key=lambda verdict: verdict.rank,
        )
        assert known.rank >= chain.level.rank


def ways(hops: Sequence[Hop], start: str) -> set[tuple[str, ...]]:
    rows = [row for row in rows_of(hops) if row.own["from"] == start]
    return {way for row in rows if len(way := tuple(step["id"] for step in row.own["hops"])) > 1}


BASE = (hop("r1a", "r2x"), hop("r2x", "r2y"))


def test_a_step_back_home_hides_no_chain() -> None:
    assert ways(BASE, "r1a") == {("r2x", "r2y")}
    assert ways((*BASE, hop("r2y", "r1z")), "r1a") == {("r2x", "r2y")}


def test_a_longer_chain_tells_the_shorter_one_if_it_is_as_sure() -> None:
    assert ways((*BASE, hop("r2y", "r3x")), "r1a") == {("r2x", "r2y", "r3x")}
    perhaps = (*BASE, hop("r2y", "r3x", Verdict.CONDITIONAL))
    assert ways(perhaps, "r1a") == {("r2x", "r2y"), ("r2x", "r2y", "r3x")}


def test_roles_that_assume_one_another_are_each_an_end() -> None:
    round_and_round = [
        hop(start, to) for start in ("r2x", "r2y", "r3x", "r3y") for to in ("r2y", "r3x", "r3y")
    ]
    there = hop("r1a", "r2x")
    assert ways((there, *round_and_round), "r1a") == {
        ("r2x", "r2y"),
        ("r2x", "r3x"),
        ("r2x", "r3y"),
    }


def test_a_step_that_no_session_can_take_hides_no_chain() -> None:
    alice = hop("r1a", "r2x", session=("sts:sourceidentity=alice",))
    for session, expected in (
        ("sts:sourceidentity=bob", {("r2x", "r2y")}),
        ("sts:sourceidentity=alice", {("r2x", "r2y", "r3x")}),
    ):
        last = hop("r2y", "r3x", session=(session,))
        assert ways((alice, hop("r2x", "r2y"), last), "r1a") == expected
