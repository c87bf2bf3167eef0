"""Which snapshot is meant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.errors import MapperError, WrongUsageError

if TYPE_CHECKING:
    from collector.snapshot import Snapshot

FOLDER = Path("snapshots")


def find_snapshot(given: Path | None, folder: Path | None = None) -> Path:
    """The snapshot that was named, by option or ``MAPPER_SNAPSHOT``, else the newest finished one.

    Raises:
        MapperError: there is none.
    """
    if given is not None:
        return given
    if named := os.environ.get("MAPPER_SNAPSHOT"):
        return Path(named)
    place = folder or FOLDER
    finished = sorted(_finished(place))
    if not finished:
        unfinished = place.is_dir() and any(place.iterdir())
        what = f"no finished snapshot under {place}" if unfinished else f"no snapshot under {place}"
        raise MapperError(
            f"There is {what}. Make one with: mapper collect (or try: mapper demo), or name one "
            "with --snapshot."
        )
    return finished[-1][1]


def find_by_id(snapshot_id: str, folder: Path | None = None) -> Path | None:
    """The snapshot of that id under ``folder``, None if it is not there."""
    place = folder or FOLDER
    for candidate in (place / snapshot_id, place / f"{snapshot_id}.zip"):
        if candidate.exists():
            return candidate
    return None


def open_snapshot(path: Path, what_if: Path | None = None) -> Snapshot:
    """Open a snapshot, seen through the changes of a file.

    Args:
        path: a directory or a zip.
        what_if: JSON, a list of ``{"op", "file", "id", "line"}``.

    Raises:
        collector.snapshot.SnapshotError: it cannot be read.
        WrongUsageError: the changes cannot be read, or do not fit the snapshot: an answer that
            silently left one out would pass for the answer to the change.
    """
    from collector.snapshot import Overlay, Snapshot

    if what_if is None:
        return Snapshot.open(path)
    try:
        changes = json.loads(what_if.read_text(encoding="utf-8"))
        overlay = Overlay.from_json(changes)
    except OSError as problem:
        raise WrongUsageError(f"--what-if: {what_if} cannot be read: {problem.strerror}.") from None
    except (ValueError, TypeError, KeyError) as problem:
        why = f"a change lacks {problem}" if isinstance(problem, KeyError) else problem
        raise WrongUsageError(
            f'--what-if: {what_if} is not a list of {{"op", "file", "id", "line"}}: {why}.'
        ) from None
    snapshot = Snapshot.open(path, overlay)
    for change in snapshot.misplaced_changes():
        there = "already has" if change.op == "add" else "has no"
        raise WrongUsageError(
            f"--what-if: {what_if} cannot {change.op} {change.id}: {change.file} of the snapshot "
            f"{there} line with this id. mapper explain X -v names files and ids."
        )
    return snapshot


def snapshot_note(snapshot: Snapshot, what_if: Path | None = None) -> str:
    """Which snapshot answered, and whether it was asked as it is or with changes."""
    if what_if is None:
        return f"Snapshot {snapshot.id}."
    made = len(snapshot.overlay)
    changes = f"{made} change{'s' * (made != 1)} of {what_if}"
    return f"Snapshot {snapshot.id}, answered as if the {changes} had been made."


def _finished(folder: Path) -> Iterator[tuple[str, Path]]:
    """(time finished, path) of what looks like a finished snapshot."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.suffix == ".zip":
            from collector.snapshot import Snapshot, SnapshotError

            try:
                manifest = Snapshot(path).manifest
            except SnapshotError:
                continue
        else:
            try:
                manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
        if isinstance(manifest, dict) and manifest.get("finished"):
            yield str(manifest["finished"]), path
