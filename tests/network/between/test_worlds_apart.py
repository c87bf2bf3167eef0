"""Two networks with the same short ids, in two accounts or regions: neither touches the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mapper.errors import WrongUsageError
from mapper.reaching import Reacher
from network.aws_shapes import Lab
from network.between.test_taken_away import WORLDS
from snapshot_files import ACCOUNT, REGION, write_snapshot

ELSEWHERE = {"account": (ACCOUNT, "999988887777"), "region": (REGION, "us-east-1")}


def beside(lab: Lab, where: str) -> tuple[dict[Any, Any], list[Any]]:
    """The lab's lines and ledger, and the same again elsewhere."""
    old, new = ELSEWHERE[where]

    def there(value: Any) -> Any:
        return json.loads(json.dumps(value).replace(old, new))

    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    twin = {tuple(there(list(key))): there(found) for key, found in rows.items()}
    ledger = list(lab.ledger())
    return rows | twin, [*ledger, *there(ledger)]


def told(snapshot: Any, source: str, target: str) -> list[tuple[Any, ...]]:
    found = Reacher(snapshot).answer(source, target).found
    return [(one.source, one.target, one.mechanism, str(one.verdict), one.ports) for one in found]


def node(lab: Lab, name: str) -> str:
    """The node id of a name in the lab; names of no line are themselves."""
    lines = (found[name]["id"] for found in lab.lines.values() if name in found)
    return str(next(lines, name))


@pytest.mark.parametrize("where", ELSEWHERE)
@pytest.mark.parametrize("name", WORLDS)
def test_the_same_ids_elsewhere_change_nothing(tmp_path: Path, name: str, where: str) -> None:
    build, source, target = WORLDS[name]
    lab = build()
    rows, ledger = beside(lab, where)
    both = write_snapshot(tmp_path / "both", rows, ledger)
    first = {key: found for key, found in rows.items() if key in lab.lines}
    alone = write_snapshot(tmp_path / "alone", first, list(lab.ledger()))
    ends = node(lab, source), node(lab, target)
    assert told(both, *ends) == told(alone, *ends)
    old, new = ELSEWHERE[where]
    there = [one.replace(old, new) for one in ends]
    expected = [
        (*(str(part).replace(old, new) for part in row[:4]), row[4]) for row in told(alone, *ends)
    ]
    assert told(both, *there) == expected


def test_a_short_id_of_two_things_is_asked_back(tmp_path: Path) -> None:
    build, source, target = WORLDS["peering"]
    both = write_snapshot(tmp_path, *beside(build(), "account"))
    with pytest.raises(WrongUsageError, match="means 2 things"):
        told(both, source, target)
