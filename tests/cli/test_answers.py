"""The commands on a snapshot and a graph: exit codes, formats, filters, gaps."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

import mapper.schema as schema_package
from collector.snapshot import Status
from collector.snapshot.ledger import LedgerRow
from tests.cli.conftest import SNAPSHOT_ID, seen, write_snapshot
from tests.queries import organisation as org

SCHEMA = json.loads(
    (Path(next(iter(schema_package.__path__))) / "mapper-1.schema.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ANSWERS = (["public"], ["public", "--source", "cidr"], ["trusts"], ["admins"],
           ["admins", "--compute"], ["paths"], ["blast", "internet"],
           ["query", "peerings"])  # fmt: skip


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_json_is_as_the_schema_says(ask, command: list[str]) -> None:
    outcome = ask(*command, "--format", "json")
    assert (outcome.code, outcome.err) == (0, "")
    VALIDATOR.validate(outcome.json)
    assert outcome.json["command"] == command[0]
    assert outcome.json["rows"]
    assert outcome.json["snapshot"]["id"] == SNAPSHOT_ID


def test_the_schema_refuses_what_the_contract_does(ask) -> None:
    good = ask("public", "--format", "json").json
    for change in (
        {"verdict": "maybe"},
        {"severity": "awful"},
        {"key": "short"},
        {"conditions": ["moon:full"]},
        {"other_ports": ["tcp/80"]},
    ):
        bad = json.loads(json.dumps(good))
        bad["rows"][0].update(change)
        assert list(VALIDATOR.iter_errors(bad)), change


def test_coverage_and_lists_are_as_the_schema_says(place, mapper) -> None:
    VALIDATOR.validate(mapper("coverage", "--format", "json").json)
    VALIDATOR.validate(mapper("query", "--list", "--format", "json").json)


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_a_table_fits_its_width_and_shows_short_keys(
    ask, monkeypatch: pytest.MonkeyPatch, command: list[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    table, full = ask(*command).out, ask(*command, "--format", "json").json
    assert max(map(len, table.splitlines())) <= width
    assert "\x1b" not in table
    for row in full["rows"]:
        if row.get("verdict") in ("yes", "conditional", "dormant"):
            assert row["key"][:8] in table
            assert row["key"] not in table


def test_unknown_is_folded_by_cause_and_listed_when_asked(ask) -> None:
    folded = ask("public").out
    assert "i-0maybe" not in folded
    assert "1 more unknown: not_collected:ec2.describe_route_tables" in folded
    assert "i-0maybe" in ask("public", "--verdict", "unknown").out
    assert any(row["id"] == org.I_MAYBE for row in ask("public", "--format", "json").json["rows"])


def test_calls_that_were_not_asked_for_are_one_line_by_account(place, ask, needed) -> None:
    calls = [("ec2", "describe_vpcs", "ec2:vpc"), ("ec2", "describe_subnets", "ec2:subnet")]
    calls.append(("elbv2", "describe_load_balancers", "elbv2:load-balancer"))
    rows = [LedgerRow(org.DEV, "global", *call, Status.NOT_ATTEMPTED) for call in calls]
    write_snapshot(place.snapshot, [*seen(*needed), *rows])
    table = " ".join(ask("public").out.split())
    assert "Not asked for in dev: ec2 (2 calls), elbv2:describe_load_balancers;" in table
    denied = [LedgerRow(org.DEV, "global", *call, Status.DENIED) for call in calls]
    write_snapshot(place.snapshot, [*seen(*needed), *denied])
    assert "Not asked for" not in ask("public").out


def test_a_gap_is_named_below_the_table(place, ask, needed: list[str]) -> None:
    assert "Everything that this needs was collected." in ask("public").out
    denied = LedgerRow(
        org.DEV, "us-east-1", "ec2", "describe_route_tables", "ec2:route-table", Status.DENIED
    )
    write_snapshot(place.snapshot, [*seen(*needed), denied])
    table = ask("public").out
    assert "Not seen: ec2:describe_route_tables denied in dev (us-east-1)" in table
    coverage = ask("public", "--format", "json").json["coverage"]
    assert coverage["complete"] is False
    assert coverage["missing"] == [
        {
            "account_id": org.DEV,
            "region": "us-east-1",
            "service": "ec2",
            "operation": "describe_route_tables",
            "status": "denied",
        }
    ]
    assert ask("query", "service-trusts", "--format", "json").json["coverage"]["complete"]


def test_fail_on_exits_3_where_a_row_is_as_strong(ask) -> None:
    assert ask("public", "--type", "bucket", "--fail-on", "yes").code == 3
    assert ask("public", "--region", "us-east-1", "--fail-on", "yes").code == 0
    assert ask("public", "--region", "us-east-1", "--fail-on", "unknown").code == 3
    assert ask("public", "--format", "targets", "--fail-on", "yes").code == 3
    assert ask("public", "--format", "targets", "--port", "9", "--fail-on", "yes").code == 0


def test_an_accepted_risk_does_not_fail(place, ask) -> None:
    (row,) = ask("public", "--type", "bucket", "--format", "json").json["rows"]
    text = f'[[accepted]]\nkey = "{row["key"][:8]}"\nreason = "a web site"\n'
    (place.folder / "mapper.toml").write_text(text)
    outcome = ask("public", "--type", "bucket", "--fail-on", "yes")
    assert outcome.code == 0
    assert "1 accepted" in outcome.out
    (place.folder / "mapper.toml").write_text(text + "until = 2020-01-01\n")
    assert ask("public", "--type", "bucket", "--fail-on", "yes").code == 3


def test_names_of_the_configuration_stand_in_the_table(place, ask) -> None:
    assert "prod eu-west-1" in ask("public", "--type", "bucket").out
    (place.folder / "mapper.toml").write_text(f'[accounts]\n"{org.PROD}" = "shop"\n')
    assert "shop eu-west-1" in ask("public", "--type", "bucket").out
    ids = {row["id"] for row in ask("public", "--account", "shop", "--format", "json").json["rows"]}
    ours = {org.ALB, org.I_WEB, org.I_OPEN, org.BUCKET, org.TOPIC}
    assert ids == ours | {org.CI_ROLE, org.OPEN_KEY}


def test_csv_has_every_column_and_row(ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("public", "--format", "csv").out)))
    full = ask("public", "--format", "json").json["rows"]
    assert [row["key"] for row in rows] == [row["key"] for row in full]
    assert set(rows[0]) == set(full[0])


def test_targets_are_host_and_port(ask) -> None:
    assert ask("public", "--format", "targets").out.splitlines() == [
        "203.0.113.10:22",
        "shop-1.eu-west-1.elb.amazonaws.com:443",
    ]


def test_output_goes_to_a_file(place, ask) -> None:
    outcome = ask("public", "--format", "json", "-o", "rows.json")
    assert outcome.out == ""
    VALIDATOR.validate(json.loads((place.folder / "rows.json").read_text()))


def test_own_cypher_is_run_and_may_not_write(ask) -> None:
    text = "MATCH (n:S3Bucket) RETURN n.id AS id"
    assert ask("query", "--cypher", text, "--format", "json").json["rows"] == [{"id": org.BUCKET}]
    refused = ask("query", "--cypher", "MATCH (n) DETACH DELETE n")
    assert refused.code == 1
    assert "DELETE" in refused.err
    assert len(refused.err.splitlines()) == 1


def test_query_paths_add_queries(place, ask) -> None:
    (place.folder / "mine").mkdir()
    (place.folder / "mapper.toml").write_text('query_paths = ["mine"]\n')
    (place.folder / "mine" / "topics.cypher").write_text(
        "// title: Topics\n// answers: Which.\n// column id: it\n// severity: info\n"
        "// needs: sns:topic\n// fix: none\nMATCH (n:SNSTopic) RETURN n.id AS id\n"
    )
    assert ask("query", "topics", "--format", "json").json["rows"] == [{"id": org.TOPIC}]


def test_a_map_is_one_file(place, ask) -> None:
    outcome = ask("map", "-o", "map.html")
    assert outcome.code == 0, outcome.err
    assert (place.folder / "map.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "Wrote map.html" in outcome.err


def test_two_maps_of_one_snapshot_are_equal(place, ask) -> None:
    for name in ("a.html", "b.html"):
        ask("map", "-o", name)
    assert (place.folder / "a.html").read_bytes() == (place.folder / "b.html").read_bytes()
