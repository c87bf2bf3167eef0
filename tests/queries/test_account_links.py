"""Rows of ``trusts --accounts``, its table and its matrix, on the small organisation."""

from __future__ import annotations

from collections.abc import Callable

import pandas
import pytest

from mapper.output.accounts_table import cell_of, matrix, pairs_of
from queries.answers.account_links import account_link_rows, chosen_links
from queries.answers.chains_wanted import Wanted
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.runner import run_query
from tests.queries import organisation as org
from tests.queries.organisation import linked

PARTIES = Parties(
    collected=frozenset({org.PROD, org.DEV, org.SEC}),
    organisation=frozenset({org.PROD, org.DEV, org.SEC, org.CLOSED}),
    names={org.PROD: "prod", org.DEV: "dev", org.SEC: "security"},
    organisation_ids=frozenset({"o-ours"}),
)


@pytest.fixture
def rows(frame: Callable[[str], pandas.DataFrame]) -> list[Row]:
    return account_link_rows(frame("account-links"), PARTIES)


def by_ends(rows: list[Row]) -> dict[tuple[str, str, str], Row]:
    def short(node: str) -> str:
        return node.removeprefix("account:")

    return {(short(row.own["from"]), short(row.id), row.own["kind"]): row for row in rows}


def test_a_row_says_who_has_what_of_whom(rows: list[Row]) -> None:
    row = by_ends(rows)[org.VENDOR, org.PROD, "trust"]
    assert (row.own["outside"], row.own["vendor"]) == ("vendor", "Datadog")
    assert (row.own["to_outside"], row.account_id, row.name) == ("organisation", org.PROD, "prod")
    assert (row.own["count"], row.own["definite_count"]) == (2, 1)
    assert row.own["examples"] == [org.VENDOR_ROLE, org.VENDOR_SAFE]
    assert row.accounts == (org.PROD, org.VENDOR)
    assert str(row.verdict) == "yes"
    assert by_ends(rows)[org.NOBODY, org.PROD, "trust"].own["outside"] == "unknown"


def test_an_organisation_of_ones_own_is_inside_and_a_foreign_one_is_not(
    frame: Callable[[str], pandas.DataFrame],
) -> None:
    found = by_ends(account_link_rows(frame("account-links"), PARTIES))
    assert found["org:o-ours", org.PROD, "trust"].own["outside"] == "organisation"
    foreign = by_ends(account_link_rows(frame("account-links"), Parties()))
    assert foreign["org:o-ours", org.PROD, "trust"].own["outside"] == "unknown"


def test_keys_are_of_the_ends_and_the_kind(rows: list[Row], changed: Callable[..., object]) -> None:
    assert len({row.key for row in rows}) == len(rows)
    weaker = linked(f"account:{org.NOBODY}", org.PROD, "trust", org.OPEN_ROLE, verdict="unknown")
    store = changed(
        without=lambda r: r.type == "LINKED_TO" and r.start == weaker.start and r.key == "trust",
        plus=(weaker,),
    )
    after = by_ends(account_link_rows(run_query(store, "account-links"), PARTIES))  # type: ignore[arg-type]
    ends = (org.NOBODY, org.PROD, "trust")
    assert (after[ends].key, str(after[ends].verdict)) == (by_ends(rows)[ends].key, "unknown")


def test_outsiders_stand_first_and_a_pair_is_one_line(rows: list[Row]) -> None:
    pairs = pairs_of(rows)
    assert len(pairs) == len({(row.own["from"], row.id) for row in rows})
    outside = [pair.first.own["outside"] in ("unknown", "vendor") for pair in pairs]
    assert outside == sorted(outside, reverse=True)
    assert any(outside)
    (nobody,) = [pair for pair in pairs if pair.start == f"account:{org.NOBODY}"]
    assert set(nobody.kinds) == {"trust", "data"}


@pytest.mark.parametrize(
    ("things", "sure", "verdict", "text"),
    [
        (("a", "b"), 2, "yes", "yes 2"),
        (("a", "b"), 1, "yes", "yes 1 of 2"),
        (("a",), 0, "dormant", "dormant 1"),
        (("a",), 0, "unknown", "unknown 1"),
    ],
)
def test_a_cell_is_the_verdict_and_how_many(
    changed: Callable[..., object], things: tuple[str, ...], sure: int, verdict: str, text: str
) -> None:
    one = linked(f"account:{org.SEC}", org.DEV, "trust", *things, sure=sure, verdict=verdict)
    store = changed(without=lambda r: r.type == "LINKED_TO", plus=(one,))
    (row,) = account_link_rows(run_query(store, "account-links"), PARTIES)  # type: ignore[arg-type]
    assert cell_of(row) == text


def test_the_matrix_has_a_line_for_who_gets_and_a_column_for_whose(rows: list[Row]) -> None:
    lines, columns = matrix(rows)
    assert columns[:3] == ["from", "name", "outside"]
    assert f"prod {org.PROD}" in columns
    found = {line["from"]: line for line in lines}
    assert found[org.NOBODY][f"prod {org.PROD}"] == "trust yes 1; data yes 1"
    assert found[org.PROD][f"dev {org.DEV}"] == "network dormant 1"
    assert f"dev {org.DEV}" not in found[org.NOBODY]
    assert sum(len(line) - 3 for line in lines) == len(pairs_of(rows))
    assert matrix([]) == ([], ["from", "name", "outside"])


@pytest.mark.parametrize(
    ("wanted", "ends"),
    [
        (Wanted(starts=("datadog",)), {(org.VENDOR, org.PROD), (org.VENDOR, org.DEV)}),
        (Wanted(starts=("PROD",)), {(org.PROD, org.SEC), (org.PROD, org.DEV)}),
        (Wanted(ends=(org.SEC,)), {(org.PROD, org.SEC)}),
        (Wanted(vendors=True), {(org.VENDOR, org.PROD), (org.VENDOR, org.DEV)}),
        (
            Wanted(external=True),
            {(org.VENDOR, org.PROD), (org.VENDOR, org.DEV), (org.NOBODY, org.PROD)},
        ),
    ],
)
def test_what_is_wanted(rows: list[Row], wanted: Wanted, ends: set[tuple[str, str]]) -> None:
    found = by_ends(chosen_links(rows, wanted, PARTIES))
    assert {(start, end) for start, end, _ in found} == ends
    assert len(found) < len(rows)


def test_what_ours_has_of_somebody_outside_is_external_too(changed: Callable[..., object]) -> None:
    ours = linked(f"account:{org.PROD}", org.NOBODY, "trust", "arn:aws:iam::999999999999:role/x")
    store = changed(without=lambda r: r.type == "LINKED_TO", plus=(ours,))
    rows = account_link_rows(run_query(store, "account-links"), PARTIES)  # type: ignore[arg-type]
    (row,) = chosen_links(rows, Wanted(external=True), PARTIES)
    assert (row.own["outside"], row.own["to_outside"]) == ("organisation", "unknown")
