"""``mapper trusts --accounts`` and ``mapper map accounts`` on a snapshot and a graph."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from graph.records import Node
from graph.store import LoadStamp, open_store
from mapper.config import Config
from mapper.mapping_accounts import accounts_map
from mapper.session import open_session
from queries.answers.answer import Filters
from tests.cli.conftest import ACCOUNTS, SNAPSHOT_ID
from tests.cli.test_answers import VALIDATOR
from tests.queries import organisation as org
from tests.queries.organisation import linked
from viz.map import render_map

HOSTILE = "=cmd|' /C calc'!A0<script>pwned('name')</script>\x1b[31m\u202e"


@pytest.fixture
def hostile(place: Any) -> Any:
    """The organisation with an account of a name that means harm, loaded anew."""
    evil = Node(
        "account:666666666666",
        ("ExternalAccount", "Source"),
        {
            "name": HOSTILE,
            "resource_type": "AWS::Organizations::Account",
            "account_id": "666666666666",
            "region": None,
            "tags": [],
        },
    )
    both_ways = (
        linked(evil.id, org.PROD, "data", HOSTILE),
        linked(f"account:{org.PROD}", "666666666666", "trust", HOSTILE),
    )
    links = [*org.relationships(), *both_ways]
    stamp = LoadStamp(SNAPSHOT_ID, "organisation o-1", "test", "2026-11-22T04:40:00Z", ACCOUNTS)
    place.graph.unlink()
    with open_store(place.graph) as store:
        store.load([*org.nodes(), evil], links, stamp)
    return place


def test_json_is_as_the_schema_says_and_has_the_contracts_fields(ask: Any) -> None:
    outcome = ask("trusts", "--accounts", "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    VALIDATOR.validate(outcome.json)
    assert outcome.json["command"] == "trusts"
    rows = outcome.json["rows"]
    assert {"from", "to", "hops", "outside", "ends_in"} <= rows[0].keys()
    assert {row["kind"] for row in rows} == {"trust", "data", "network", "management"}
    broken = outcome.json | {"rows": [rows[0] | {"kind": "friendship"}]}
    assert list(VALIDATOR.iter_errors(broken))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_table_fits_and_shows_unknown_links_too(
    ask: Any, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    table = ask("trusts", "--accounts").out
    assert max(map(len, table.splitlines())) <= width
    head = next(line for line in table.splitlines() if "From" in line)
    assert head.split() == ["Key", "From", "To", "Trust", "Data", "Network", "Management"]
    assert "yes 1 of 2" in table
    assert "dormant 1" in table
    assert "Datadog (vendor)" in table


def test_csv_is_a_matrix(ask: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(ask("trusts", "--accounts", "--format", "csv").out)))
    found = {line["from"]: line for line in lines}
    assert found[org.PROD][f"security {org.SEC}"] == "trust yes 1"
    assert found[org.NOBODY]["outside"] == "unknown"


def test_markdown(ask: Any) -> None:
    text = ask("trusts", "--accounts", "--format", "md").out
    assert text.startswith("## What one account has of another")
    assert "| From | To | Trust | Data | Network | Management |" in text


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        # The snapshot does not say which organisation is its own.
        (["--external"], {org.VENDOR, org.NOBODY, "org:o-ours"}),
        (["--vendors"], {org.VENDOR}),
        (["--from", "security"], {org.SEC}),
        (["--to", "security"], {org.PROD}),
        (["--account", "security"], {org.PROD, org.SEC}),
        (["--verdict", "dormant"], {org.PROD}),
    ],
)
def test_options_leave_rows_out(ask: Any, options: list[str], starts: set[str]) -> None:
    rows = ask("trusts", "--accounts", "--format", "json", *options).json["rows"]
    assert {row["from"].removeprefix("account:") for row in rows} == starts


@pytest.mark.parametrize("option", [["--unused"], ["--single-hop"], ["--region", "eu-west-1"]])
def test_options_of_single_chains_are_refused(ask: Any, option: list[str]) -> None:
    outcome = ask("trusts", "--accounts", *option)
    assert outcome.code == 2
    assert option[0] in outcome.err
    assert outcome.out == ""


def test_a_name_that_nothing_has_is_refused_with_the_nearest(ask: Any) -> None:
    outcome = ask("trusts", "--accounts", "--from", "securty")
    assert outcome.code == 2
    assert "security" in outcome.err


def test_fail_on(ask: Any) -> None:
    assert ask("trusts", "--accounts", "--fail-on", "yes").code == 3
    weak = ("--from", "prod", "--to", "dev")
    assert ask("trusts", "--accounts", "--fail-on", "yes", *weak).code == 0
    assert ask("trusts", "--accounts", "--fail-on", "dormant", *weak).code == 3


def test_the_matrix_has_the_hostile_name_as_row_and_as_column(hostile: Any, ask: Any) -> None:
    heading, *lines = csv.reader(
        io.StringIO(ask("trusts", "--accounts", "--format", "csv").out, newline="")
    )
    (column,) = (text for text in heading if "666666666666" in text)
    assert column.startswith("'=cmd")
    assert any(line[0] == "666666666666" and line[1].startswith("'=cmd") for line in lines)


def test_hostile_names_are_only_text(hostile: Any, ask: Any) -> None:
    for kind in ("table", "md", "csv"):
        out = ask("trusts", "--accounts", "--format", kind).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "666666666666" in out or "cmd" in out
    assert not any(
        cell.startswith("=")
        for line in csv.reader(io.StringIO(ask("trusts", "--accounts", "--format", "csv").out))
        for cell in line
    )


def test_the_map_has_every_account_once_and_every_link(place: Any) -> None:
    with open_session(place.snapshot, Config(), target=str(place.graph)) as session:
        model = accounts_map(session, Filters())
    nodes = {node.id: node for node in model.nodes}
    assert {node.parents[0].label for node in model.nodes} == {"Own accounts", "Outside"}
    assert nodes[f"account:{org.PROD}"].parents[0].label == "Own accounts"
    assert nodes[f"account:{org.VENDOR}"].parents[0].label == "Outside"
    assert nodes[f"account:{org.VENDOR}"].name == "Datadog"
    assert nodes["org:o-ours"].kind == "Organisation"
    kinds = {(link.relationship, link.kind) for link in model.links}
    assert len(kinds) == len({kind for _, kind in kinds}) == 4
    (trust,) = [
        link
        for link in model.links
        if link.source == f"account:{org.VENDOR}" and link.relationship == "LINKED_TO trust"
    ]
    assert trust.label == "yes 1 of 2"
    assert {org.VENDOR_ROLE, org.VENDOR_SAFE} <= set(trust.evidence)
    assert dict(model.totals)["links"] == len(model.links) == 8
    assert nodes[f"account:{org.SEC}"].facts == (
        ("Has of", "prod: management yes 1"),
        ("Gives to", "prod: trust yes 1"),
    )
    assert model.all_links


def test_the_map_of_one_account_has_only_its_links(place: Any) -> None:
    with open_session(place.snapshot, Config(), target=str(place.graph)) as session:
        model = accounts_map(session, Filters(accounts=(org.SEC,)))
    assert {node.id for node in model.nodes} == {f"account:{org.SEC}", f"account:{org.PROD}"}


def test_the_command_writes_a_file_that_asks_nobody(ask: Any, tmp_path: Path) -> None:
    outcome = ask("map", "accounts", "-o", tmp_path / "accounts.html")
    assert outcome.code == 0
    text = (tmp_path / "accounts.html").read_text("utf-8")
    assert "Content-Security-Policy" in text
    assert "What one account has of another" in text


def test_hostile_names_are_inert_in_the_map(hostile: Any) -> None:
    with open_session(hostile.snapshot, Config(), target=str(hostile.graph)) as session:
        model = accounts_map(session, Filters())
    assert any(HOSTILE in node.name for node in model.nodes)
    assert "<script>pwned" not in render_map(model)
