"""Toxic combinations: each part of a score with its twin, and what is told as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queries.answers.toxic import DATA, PARTS, toxic_rows
from tests.queries.attack_world import PARTIES, B, Made, web

ADMIN = f"account:{B}"
V1 = {"http_tokens": "optional", "http_endpoint": "enabled"}
DOCS = Path(__file__).parents[2] / "docs" / "paths.md"


def told(made, *, reaches="admin"):
    graph = made.graph()
    rows = toxic_rows(graph.from_internet(), PARTIES)
    return [row for row in rows if row.own["reaches"] == reaches]


def parts(row):
    return {part["part"]: part["word"] for part in row.own["parts"]}


def exposed(port="tcp/443", **machine):
    made = Made().step("internet", "CAN_REACH", "i1", ports=[port]).step("i1", "HAS_ROLE", "role1")
    made.node("i1", **{**V1, **machine})
    return made


def test_a_machine_whose_role_is_admin():
    (row,) = told(exposed().step("role1", "HAS_ADMIN", ADMIN))
    assert (row.own["score"], row.own["machine"], row.own["role"]) == (80, "i1", "role1")
    assert parts(row) == {
        "exposure": "open port",
        "machine": "IMDSv1",
        "role": "admin",
        "data": "an account",
        "verdict": "yes",
    }


@pytest.mark.parametrize(
    ("port", "word"),
    [
        ("tcp/6379", "port without login"),
        ("tcp/22", "administration port"),
        ("tcp/80", "open port"),
    ],
)
def test_the_port_counts(port, word):
    (row,) = told(exposed(port).step("role1", "HAS_ADMIN", ADMIN))
    assert parts(row)["exposure"] == word


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"http_tokens": "required"}, "IMDSv2"),
        ({"http_endpoint": "disabled"}, "IMDS off"),
        ({"http_tokens": None, "http_endpoint": None}, "IMDS not read"),
    ],
)
def test_the_metadata_service_counts(options, word):
    (row,) = told(exposed(**options).step("role1", "HAS_ADMIN", ADMIN))
    assert parts(row)["machine"] == word


@pytest.mark.parametrize(
    ("how", "word"), [("CAN_ASSUME", "assumes roles"), ("CAN_ESCALATE_TO", "escalates")]
)
def test_how_the_role_gets_there_counts(how, word):
    made = exposed().step("role1", how, "role2").step("role2", "HAS_ADMIN", ADMIN)
    (row,) = told(made)
    assert parts(row)["role"] == word


def test_data_counts_by_its_tags_and_by_how_it_is_had():
    made = exposed().step("role1", "CAN_ACCESS", "bucket1")
    (plain,) = told(made, reaches="data")
    made.node("bucket1", tags=["pii=yes"])
    (marked,) = told(made, reaches="sensitive")
    assert marked.own["score"] > plain.own["score"]
    assert parts(plain)["role"] == "uses it"
    made.steps[-1]["from_id"] = "role2"
    made.step("role1", "CAN_ASSUME", "role2")
    (onward,) = told(made, reaches="sensitive")
    assert parts(onward)["role"] == "further steps"
    assert onward.own["score"] < marked.own["score"]


def test_a_condition_lowers_the_score():
    made = exposed().step("role1", "HAS_ADMIN", ADMIN, "conditional", conditions=["context:x"])
    (row,) = told(made)
    assert (row.own["score"], parts(row)["verdict"]) == (48, "conditional")


def test_machines_behind_one_door_with_one_role_are_one_row():
    made = web().step("alb1", "TARGETS", "i2", source="internet").step("i2", "HAS_ROLE", "role1")
    (row,) = told(made)
    assert (row.own["machine"], row.own["alike"]) == ("i1", ["i2"])
    made.steps[-1]["to_id"] = "role9"
    made.step("role9", "CAN_ASSUME", "role2")
    assert len(told(made)) == 2


def test_what_the_machine_leads_to_is_counted():
    made = exposed().step("role1", "CAN_ACCESS", "bucket1").step("role1", "CAN_ACCESS", "bucket2")
    (row,) = told(made, reaches="data")
    assert row.own["targets"] == 2


def test_a_role_that_leads_nowhere_or_a_machine_that_nobody_reaches_is_no_combination():
    assert told(exposed()) == []
    made = exposed().step("role1", "HAS_ADMIN", ADMIN)
    del made.steps[0]
    assert told(made) == []


def test_the_page_has_every_factor():
    text = DOCS.read_text(encoding="utf-8")
    data = json.loads(DATA.read_text(encoding="utf-8"))
    for part in PARTS:
        for row in data[part]:
            assert f"{row['word']} {row['factor']:g}" in text
