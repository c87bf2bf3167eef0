"""Reading a snapshot: a directory, or one zip of it."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from collector.snapshot import archive
from collector.snapshot.ledger import LedgerRow, Status
from collector.snapshot.overlay import Change, Overlay

FORMAT_VERSION = 1
# What the disk and zipfile raise: RuntimeError for an encrypted member, NotImplementedError for a
# compression of another tool.
_UNREADABLE = (
    OSError,
    UnicodeDecodeError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    zipfile.BadZipFile,
    archive.UnsafeZipError,
)


class SnapshotError(Exception):
    """The snapshot cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """What a follow-up call gave: a value, or the reason why there is none."""

    status: Status
    value: Any = None
    error: str = ""

    @property
    def known(self) -> bool:
        """Whether this is a fact (also the fact that there is nothing)."""
        return self.status in (Status.OK, Status.EMPTY, Status.ABSENT, Status.NOT_ENABLED)


NOT_ATTEMPTED = CallResult(Status.NOT_ATTEMPTED)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a snapshot file: a resource as AWS described it.

    Attributes:
        account_id: the account it was collected from (the owner may differ: shared subnets).
        region: a region name or ``global``.
        type: e.g. ``ec2:vpc``.
        file: path inside the snapshot.
        id: the ARN where AWS defines one; the node's id in the graph.
        item: what the list call gave; empty for a call without an item.
        calls: follow-up calls by ``operation`` or ``operation(Param=value,...)``.
    """

    account_id: str
    region: str
    type: str
    file: str
    id: str
    item: Mapping[str, Any]
    calls: Mapping[str, CallResult]

    def call(self, name: str) -> CallResult:
        """The result of a follow-up call; ``not_attempted`` if it was not made."""
        return self.calls.get(name, NOT_ATTEMPTED)

    def calls_of(self, operation: str) -> Iterator[tuple[str, CallResult]]:
        """All results of one operation: ``(arguments, result)``, arguments as in the key."""
        for name, result in self.calls.items():
            base, _, arguments = name.partition("(")
            if base == operation:
                yield arguments.removesuffix(")"), result


class Snapshot:
    """A finished snapshot, optionally seen through an overlay.

    Iteration order is account, region, id: two readings give the same sequence.
    """

    def __init__(self, path: Path, overlay: Overlay | None = None) -> None:
        self.path = path
        self.overlay = overlay or Overlay()
        self._zip = _open_zip(path) if path.is_file() else None

    @classmethod
    def open(cls, path: str | Path, overlay: Overlay | None = None) -> Snapshot:
        """Open a snapshot directory or zip.

        Raises:
            SnapshotError: it is missing, not ours, from a newer version, truncated or unfinished.
        """
        snapshot = cls(Path(path), overlay)
        snapshot._check()
        return snapshot

    def with_overlay(self, overlay: Overlay) -> Snapshot:
        """The same snapshot seen through another overlay."""
        return Snapshot(self.path, overlay)

    def misplaced_changes(self) -> list[Change]:
        """Changes of the overlay that do not fit the stored lines; see :meth:`Overlay.misplaced`.

        Raises:
            SnapshotError: a line is truncated or not ours.
        """
        return [
            change
            for file in sorted(self.overlay.files)
            for change in self.overlay.misplaced(
                file, (str(line.get("id")) for line in self._stored_lines(file))
            )
        ]

    @property
    def id(self) -> str:
        """The snapshot's id, e.g. ``2026-11-22T04-35-24Z-ab12``."""
        return str(self.manifest["id"])

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """``manifest.json``."""
        if not self.path.exists():
            raise SnapshotError(
                f"There is no snapshot at {self.path}. Make one with: mapper collect"
            )
        try:
            manifest = json.loads(self._read("manifest.json"))
        except KeyError:
            raise SnapshotError(
                f"{self.path} is not a mapper snapshot: it has no manifest.json."
            ) from None
        except (ValueError, RecursionError):
            raise SnapshotError(
                f"{self.path}: manifest.json is truncated or not JSON. Collect again."
            ) from None
        if not isinstance(manifest, dict) or "format" not in manifest or "files" not in manifest:
            raise SnapshotError(f"{self.path} is not a mapper snapshot (foreign manifest.json).")
        _check_version(self.path, manifest["format"])
        problem = _foreign(manifest)
        if problem:
            raise SnapshotError(
                f"{self.path} is not a mapper snapshot: in its manifest.json {problem}."
            )
        return manifest

    @cached_property
    def files(self) -> frozenset[str]:
        """Every data file of the manifest and of the overlay."""
        return frozenset(self.manifest["files"]) | self.overlay.files

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts that were collected, sorted."""
        return tuple(sorted(str(row["id"]) for row in self.manifest["accounts"]))

    @cached_property
    def ledger(self) -> tuple[LedgerRow, ...]:
        """Every row of ``coverage.jsonl``."""
        try:
            return tuple(LedgerRow.from_json(row) for row in self._lines("coverage.jsonl"))
        except (KeyError, TypeError, ValueError) as problem:
            raise SnapshotError(
                f"{self.path}: coverage.jsonl has a row that is not ours ({problem})."
            ) from None

    @cached_property
    def _status(self) -> dict[tuple[str, str, str, str], LedgerRow]:
        return {
            (row.account_id, row.region, row.service, row.operation): row for row in self.ledger
        }

    def status(self, account_id: str, region: str, service: str, operation: str) -> Status:
        """What came of an operation; ``not_attempted`` if the ledger has no row for it."""
        row = self._status.get((account_id, region, service, operation))
        return row.status if row else Status.NOT_ATTEMPTED

    def gaps(self, *types: str) -> list[LedgerRow]:
        """Ledger rows that hide something, of the given types (``ec2:vpc``) or of all."""
        wanted = set(types)
        return [row for row in self.ledger if row.is_gap and (not wanted or row.is_about(wanted))]

    def items(
        self, type_id: str, account_id: str | None = None, region: str | None = None
    ) -> Iterator[Item]:
        """Every item of a type, e.g. ``ec2:vpc``, by account, region and id.

        Raises:
            SnapshotError: a line is truncated or not ours.
        """
        for file, account, place in self._files_of(type_id):
            if account_id in (None, account) and region in (None, place):
                for line in self.overlay.apply(file, self._stored_lines(file)):
                    yield _item(line, account, place, type_id, file)

    def items_holding(self, type_id: str, fragments: Collection[str]) -> Iterator[Item]:
        """Items of a type in whose stored line one of some lower-case texts stands.

        Only those lines are parsed. Files that the overlay changes are given whole.

        Raises:
            SnapshotError: a line is truncated or not ours.
        """
        for file, account, place in self._files_of(type_id):
            if file in self.overlay.files:
                lines: Iterable[Mapping[str, Any]] = self.overlay.apply(
                    file, self._stored_lines(file)
                )
            else:
                lines = self._lines(file, fragments)
            for line in lines:
                yield _item(line, account, place, type_id, file)

    def types(self) -> frozenset[str]:
        """The types that have a file."""
        return frozenset(self._index)

    @cached_property
    def _index(self) -> dict[str, list[tuple[str, str, str]]]:
        index: dict[str, list[tuple[str, str, str]]] = {}
        for file in sorted(self.files):
            parts = file.removesuffix(".jsonl").split("/")
            if len(parts) == 5 and parts[0] == "accounts":
                _, account, place, service, name = parts
                index.setdefault(f"{service}:{name}", []).append((file, account, place))
        return index

    def _files_of(self, type_id: str) -> list[tuple[str, str, str]]:
        return self._index.get(type_id, [])

    def _stored_lines(self, file: str) -> Iterator[dict[str, Any]]:
        return self._lines(file) if file in self.manifest["files"] else iter(())

    def _lines(self, file: str, holding: Collection[str] = ()) -> Iterator[dict[str, Any]]:
        try:
            text = self._read(file)
        except KeyError:
            raise SnapshotError(
                f"{self.path}: {file} is listed in the manifest but missing. Copy the snapshot "
                "again, or collect again."
            ) from None
        for number, line in enumerate(text.split("\n"), start=1):
            if not line or (holding and not any(part in line.lower() for part in holding)):
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise SnapshotError(
                    f"{self.path}: {file} line {number} is truncated or not JSON. Copy the "
                    "snapshot again, or collect again."
                ) from None
            if not isinstance(row, dict):
                raise SnapshotError(f"{self.path}: {file} line {number} is not an object.")
            yield row

    def _read(self, file: str) -> str:
        """Text of a file; KeyError if there is none."""
        try:
            data = self._bytes(file)
            if file != "manifest.json":
                self._check_whole(file, data)
            return data.decode()
        except (FileNotFoundError, NotADirectoryError):
            raise KeyError(file) from None
        except _UNREADABLE as problem:
            raise SnapshotError(f"{self.path}: {file} cannot be read: {problem}") from None

    def _bytes(self, file: str) -> bytes:
        if self._zip is not None:
            return archive.member(self._zip, file)
        return (self.path / file).read_bytes()

    def _check_whole(self, file: str, data: bytes) -> None:
        digest = self.manifest["files"].get(file)
        if digest and hashlib.sha256(data).hexdigest() != digest:
            raise SnapshotError(
                f"{self.path}: {file} was truncated or changed after it was written. Copy the "
                "snapshot again, or collect again."
            )

    def _check(self) -> None:
        if not self.manifest.get("finished"):
            raise SnapshotError(
                f"{self.path} is unfinished. Continue it with the mapper collect command that "
                f"began it{_asked_for(self.manifest.get('scope'))}."
            )


def _asked_for(scope: object) -> str:
    """What a collection was asked for, in brackets; nothing where the manifest does not tell."""
    told = scope if isinstance(scope, dict) else {}
    parts = ["the organisation"] if told.get("organisation") else []
    for member in ("accounts", "profiles", "role_arns", "regions"):
        values = told.get(member)
        if isinstance(values, list) and values:
            shown = ", ".join(map(str, values[:5])) + (", ..." if len(values) > 5 else "")
            parts.append(f"{member.replace('_arns', 's')} {shown}")
    return f" (it asked for {'; '.join(parts)})" if parts else ""


def _check_version(path: Path, version: object) -> None:
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise SnapshotError(
            f"{path} was written by a newer mapper (format {version}, this one reads "
            f"up to {FORMAT_VERSION}). Upgrade: pipx upgrade aws-mapper"
        )


def _foreign(manifest: Mapping[str, Any]) -> str:
    """What of a manifest is not ours; empty for one that is."""
    name, files, accounts = (manifest.get(member) for member in ("id", "files", "accounts"))
    if not isinstance(name, str) or not name.isprintable() or not name:
        return "id is no name"
    if not isinstance(files, dict) or not all(isinstance(d, str) for d in files.values()):
        return "files is no list of files with their hashes"
    outside = next((file for file in files if _leads_out(file)), None)
    if outside is not None:
        return f"{outside!r} leads out of the snapshot"
    if not isinstance(accounts, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), str) for row in accounts
    ):
        return "accounts is no list of accounts"
    regions = manifest.get("regions", [])
    if not isinstance(regions, list) or not all(isinstance(one, str) for one in regions):
        return "regions is no list of names"
    if not isinstance(manifest.get("finished"), str | None):
        return "finished is no time"
    return ""


def _leads_out(file: str) -> bool:
    parts = file.split("/")
    return "\\" in file or "\0" in file or not all(parts) or not {".", ".."}.isdisjoint(parts)


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise SnapshotError(
            f"{path} is neither a snapshot directory nor a whole zip of one."
        ) from None
    except OSError as problem:
        raise SnapshotError(f"{path} cannot be read ({problem.strerror}).") from None


def _item(line: Mapping[str, Any], account: str, region: str, type_id: str, file: str) -> Item:
    if not isinstance(line.get("item") or {}, Mapping):
        raise SnapshotError(f"{file}: a line is not ours (its item is no object).")
    try:
        calls = {
            name: CallResult(Status(row["status"]), row.get("value"), str(row.get("error", "")))
            for name, row in line.get("calls", {}).items()
        }
        return Item(
            account_id=account,
            region=region,
            type=type_id,
            file=file,
            id=str(line["id"]),
            item=line.get("item") or {},
            calls=calls,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise SnapshotError(f"{file}: a line is not ours ({problem!r}).") from None
