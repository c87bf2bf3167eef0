"""Writing small snapshots by hand: AWS-shaped JSON in the documented format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot

ACCOUNT = "111122223333"
REGION = "eu-west-1"


def line(line_id: str, item: Mapping[str, Any] | None = None, **calls: Any) -> dict[str, Any]:
    """A line; a call's value may be ``Denied`` or ``Absent`` instead of a value."""
    return {
        "id": line_id,
        "item": dict(item or {}),
        "calls": {name: _call(value) for name, value in calls.items()},
    }


class Denied:
    """A call that AWS refused."""


class Absent:
    """A call that answered: there is none."""


def _call(value: Any) -> dict[str, Any]:
    if value is Denied:
        return {"status": "denied", "error": "AccessDenied: not authorised"}
    if value is Absent:
        return {"status": "absent", "error": "NoSuchThing"}
    return {"status": "ok", "value": value}


def write_snapshot(
    folder: Path,
    lines: Mapping[tuple[str, str, str], list[dict[str, Any]]],
    ledger: list[dict[str, Any]] | None = None,
) -> Snapshot:
    """Write lines by (account, region, type id) and open the snapshot."""
    files = {}
    for (account, region, type_id), rows in lines.items():
        service, name = type_id.split(":")
        file = f"accounts/{account}/{region}/{service}/{name}.jsonl"
        text = "".join(json.dumps(r, sort_keys=True) + "\n" for r in sorted(rows, key=_id))
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        files[file] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "coverage.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in ledger or []), encoding="utf-8"
    )
    manifest = {
        "format": 1,
        "id": "test",
        "tool_version": "0",
        "started": "2026-11-22T00:00:00Z",
        "finished": "2026-11-22T00:00:01Z",
        "accounts": [{"id": a, "name": a} for a in sorted({key[0] for key in lines})],
        "regions": sorted({key[1] for key in lines} - {"global"}),
        "scope": {},
        "callers": {},
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Snapshot.open(folder)


def _id(row: dict[str, Any]) -> str:
    return str(row["id"])
