"""Each label against the commands' own answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from collector.raw import import_raw
from mapper import api
from mapper.errors import WrongUsageError
from tests.scenarios import (
    access,
    admins,
    chains,
    cross_account,
    more,
    more_ways,
    organisation,
    passing,
    traps,
    workloads,
)
from tests.scenarios.labels import SCENARIOS, Claim, Scenario
from tests.scenarios.worlds import Estate

MODULES = (
    chains,
    workloads,
    cross_account,
    more,
    more_ways,
    organisation,
    passing,
    traps,
    admins,
    access,
)
ORDER = ("no", "unknown", "dormant", "conditional", "yes")
WRONG = json.loads((Path(__file__).parent / "known_wrong.json").read_text(encoding="utf-8"))
MEANS = {"possible": {"yes", "conditional"}, "not-yes": set(ORDER) - {"yes"}}


def claims() -> Iterator[object]:
    """Each label; what the engine says otherwise today is expected to fail."""
    for one in SCENARIOS.values():
        for number, claim in enumerate(one.put(Estate()), 1):
            wrong = WRONG.get(one.name, {})
            reason = wrong.get("*") or wrong.get(str(number))
            marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
            short = "-".join(word.rpartition("/")[2].rpartition(":")[2] for word in claim.words)
            name = f"{one.name}-{number:02}-{claim.question}-{short}-{claim.verdict}"
            yield pytest.param(one, claim, id=name, marks=marks)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The world of a scenario."""
    folder = tmp_path_factory.mktemp("scenarios")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAPPER_CACHE", str(folder / "cache"))
    config = folder / "mapper.toml"
    config.write_text('[sensitive]\ntags = ["classification=pii"]\n', encoding="utf-8")

    @cache
    def of(names: tuple[str, ...]) -> api.World:
        estate = Estate()
        for name in names:
            SCENARIOS[name].put(estate)
        place = folder / names[0]
        estate.write(place / "raw")
        result = import_raw(place / "raw", place / "snapshot", redaction_key=b"0" * 32)
        return api.open(result.path, config=config)

    def choose(one: Scenario) -> api.World:
        return of((one.name,))

    yield choose
    patch.undo()


def strongest(verdicts: list[str]) -> str:
    return max(verdicts, key=ORDER.index, default="no")


def answer(world: api.World, claim: Claim) -> str:
    """The verdict that the product gives."""
    words = claim.words
    if claim.question == "path":
        try:
            rows = list(world.paths(*words).rows)
        except WrongUsageError as problem:
            if "no attack step starts or ends there" in str(problem):
                return "no"
            raise
        fitting = [row for row in rows if fits(row.own["techniques"], claim)]
        return strongest([str(row.verdict) for row in fitting])
    if claim.question in ("blast", "blast_class"):
        rows = list(world.blast(words[0]).rows)
        if claim.question == "blast_class":
            return " ".join(sorted({row.own["class"] for row in rows if row.id == words[1]}))
        return strongest([str(row.verdict) for row in rows if row.id == words[1]])
    if claim.question in ("admin", "compute"):
        rows = world.admins(compute=claim.question == "compute").rows
        held = [row for row in rows if row.id == words[0] and row.own["admin_of"] == words[1]]
        return strongest([str(row.verdict) for row in held])
    if claim.question == "can":
        (row,) = world.can(*words, **claim.given).rows
        return str(row.verdict)
    rows = world.who_can(*words[:2]).rows
    return strongest([str(row.verdict) for row in rows if row.id == words[2]])


def fits(techniques: list[str], claim: Claim) -> bool:
    """Whether a path has each technique that the label names."""
    return all(set(one.split("|")) & set(techniques) for one in claim.through)


@pytest.mark.parametrize(("one", "claim"), list(claims()))
def test_the_label_holds(one: Scenario, claim: Claim, opened) -> None:
    found = answer(opened(one), claim)
    means = MEANS.get(claim.verdict, {claim.verdict})
    assert found in means, f"{claim.why} ({one.source})"


def test_what_is_known_to_be_wrong_is_labelled() -> None:
    for name, numbers in WRONG.items():
        labels = SCENARIOS[name].put(Estate())
        assert all(number == "*" or int(number) <= len(labels) for number in numbers)


def test_there_are_as_many_labels_as_promised() -> None:
    labels = [claim for one in SCENARIOS.values() for claim in one.put(Estate())]
    false = [claim for claim in labels if claim.verdict == "no"]
    assert len(SCENARIOS) >= 50
    assert len(labels) >= 400
    assert len(false) >= 200
    assert all(claim.why for claim in labels)
