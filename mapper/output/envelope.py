"""The JSON object of every command (``docs/json.md``, ``mapper-1.schema.json``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mapper.graphs import tool_version

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from queries.answers.coverage import Coverage

SCHEMA = "mapper/1"


def envelope(
    command: str,
    parameters: Mapping[str, Any],
    snapshot: Snapshot | None,
    rows: Sequence[Mapping[str, Any]],
    *,
    totals: Mapping[str, Any] | None = None,
    assumes: Sequence[str] = (),
    coverage: Coverage | None = None,
    not_evaluated: Sequence[str] = (),
) -> dict[str, Any]:
    """Put rows into the object that every command's JSON is.

    Args:
        command: e.g. ``public``.
        parameters: the options that were given.
        snapshot: None where the command has none.
        rows: JSON objects.
        totals: counts; at least ``rows``.
        assumes: layers that were invisible and taken as absent.
        coverage: gaps among what the command needs; complete if left out.
        not_evaluated: what this version does not evaluate for the command.
    """
    missing = coverage.as_json() if coverage else {"complete": True, "missing": []}
    return {
        "schema": SCHEMA,
        "command": command,
        "tool_version": tool_version(),
        "parameters": dict(parameters),
        "snapshot": None if snapshot is None else snapshot_facts(snapshot),
        "totals": {"rows": len(rows), **(totals or {})},
        "assumes": list(assumes),
        "coverage": missing,
        "not_evaluated": list(not_evaluated),
        "rows": [dict(row) for row in rows],
    }


def snapshot_facts(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as JSON names it."""
    return {
        "id": snapshot.id,
        "finished": snapshot.manifest["finished"],
        "accounts": list(snapshot.accounts),
    }


def as_json(value: Mapping[str, Any]) -> str:
    """JSON text, indented; everything outside ASCII escaped, so a terminal is safe from it."""
    return json.dumps(value, indent=2, ensure_ascii=True, default=str) + "\n"
