"""``mapper.api``: admins, paths and blast answer as the commands of that name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from mapper import api
from mapper.errors import WrongUsageError
from tests.queries import organisation as org


@pytest.fixture
def world(place) -> Iterator[api.World]:
    with api.open(place.snapshot, graph=str(place.graph)) as opened:
        yield opened


def rows(answer) -> list[dict]:
    return [row.as_json() for row in answer.rows]


def told(outcome) -> list[dict]:
    return [
        {name: value for name, value in row.items() if name != "account_name"}
        for row in outcome.json["rows"]
    ]


def test_paths_are_those_of_the_command(world, ask) -> None:
    assert rows(world.paths()) == told(ask("paths", "--format", "json"))
    assert rows(world.paths())
    ends = ("--from", "source", "--to", "iamrole")
    listed = told(ask("paths", *ends, "--format", "json"))
    assert rows(world.paths("source", "iamrole")) == listed
    assert rows(world.paths("source", "iamrole", most=1)) == listed[:1]
    assert world.paths("source", "iamrole", most=1).left_out == len(listed) - 1


def test_filters_are_those_of_the_command(world, ask) -> None:
    listed = told(ask("paths", "--account", org.SEC, "--format", "json"))
    assert rows(world.paths(accounts=org.SEC)) == listed
    assert len(listed) < len(rows(world.paths("source")))


def test_no_path_says_how_far_it_leads(world) -> None:
    answer = world.paths(org.OPEN_ROLE, "admin")
    assert (answer.rows, bool(answer.remarks)) == ((), True)
    assert world.paths("dave", "admin").remarks == ()


def test_blast_is_that_of_the_command(world, ask) -> None:
    found = world.blast("dave")
    assert rows(found) == told(ask("blast", "dave", "--format", "json"))
    assert {row.own["class"] for row in found.rows} >= {"admin", "principal"}


def test_admins_are_those_of_the_command(world, ask) -> None:
    assert rows(world.admins()) == told(ask("admins", "--format", "json"))
    compute = told(ask("admins", "--compute", "--format", "json"))
    assert rows(world.admins(compute=True)) == compute
    assert {row["id"] for row in compute} == {org.I_WEB, org.I_INSIDE}


@pytest.mark.parametrize("name", ["paths", "blast"])
def test_a_name_that_nothing_has_is_said(world, name) -> None:
    with pytest.raises(WrongUsageError, match="nothing called 'nobody-of-that-name'"):
        getattr(world, name)("nobody-of-that-name")


def test_an_answer_becomes_a_frame(world) -> None:
    frame = world.frame(world.paths("dave", "admin"))
    assert list(frame["verdict"]) == ["yes"]
    assert frame["to"][0] == f"account:{org.DEV}"


def test_importing_the_library_loads_nothing_that_answers() -> None:
    script = (
        "import sys; import mapper.api; "
        "print([n for n in ('pandas', 'networkx', 'queries.answers.paths', 'graph.derive', "
        "'queries.answers.answer') if n in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
