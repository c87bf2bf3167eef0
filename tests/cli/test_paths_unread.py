"""``mapper paths`` where types were not read: no path, and what could hide one is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import LAMBDA, PROD, allow, iam, trusting
from escalation.technique_lab import TechniqueWorld
from graph.escalation.needs import needed_types
from snapshot_files import REGION

KIND = "codebuild:project"


def world(*, refused: bool) -> TechniqueWorld:
    """Somebody who may start builds of projects that were, or were not, listed."""
    read = {one for one in needed_types() if not one.startswith(("iam:", "org:", "sso:"))}
    made = TechniqueWorld(read=read - {KIND} if refused else read)
    made.unread = {KIND} if refused else set()
    made.role("boss", [LAMBDA], allow("*"))
    made.role("plain", [trusting({"AWS": iam("root", "").removesuffix("/")})])
    made.user("mallory", allow("codebuild:StartBuild"), allow("sts:AssumeRole"))
    made.user("reader", allow("codebuild:ListProjects"), allow("sts:AssumeRole"))
    return made


@pytest.fixture
def unread(mapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a command on a world in which a type was, or was not, refused."""

    def call(refused: bool, *arguments: str) -> Any:
        folder = tmp_path / str(refused)
        monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / f"cache-{refused}"))
        if not folder.exists():
            world(refused=refused).write(folder)
        return mapper(*arguments, "--snapshot", folder, "--format", "json")

    return call


def notes(outcome: Any) -> str:
    assert outcome.code == 0, outcome.err
    assert outcome.json["rows"] == []
    return " ".join(outcome.json.get("notes", ()))


@pytest.mark.parametrize("more", [(), ("--choke",)])
def test_no_path_names_the_types_that_may_hide_one(unread, more: tuple[str, ...]) -> None:
    told = unread(True, "paths", "--from", "mallory", *more)
    text = notes(told)
    assert f"hidden by what was not collected: {KIND} of {PROD}" in text
    assert f"not collected in {REGION}" in text
    missing = told.json["coverage"]["missing"]
    assert {"codebuild"} == {one["service"] for one in missing if one["region"] == REGION}


def test_what_was_read_hides_nothing_and_neither_does_what_one_may_not_use(unread) -> None:
    assert "hidden" not in notes(unread(False, "paths", "--from", "mallory"))
    assert "hidden" not in notes(unread(True, "paths", "--from", "reader"))


def test_the_saved_query_tells_how_many_steps_hang_on_the_refused_call(unread) -> None:
    (row,) = unread(True, "query", "unknowns").json["rows"]
    assert row["cause"] == f"not_collected:{KIND}={PROD}/{REGION}"
    assert (row["relationship"], row["steps"]) == ("CAN_ESCALATE_TO", 1)
    assert unread(False, "query", "unknowns").json["rows"] == []


def test_nobody_is_admin_or_may_become_one_by_what_was_not_read(unread) -> None:
    refused = unread(True, "admins").json["rows"]
    read = unread(False, "admins").json["rows"]
    assert [row["id"] for row in refused] == [row["id"] for row in read]
