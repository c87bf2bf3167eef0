"""``import cloudmapper``: the files that CloudMapper's ``collect`` leaves -> snapshot.

``account-data/<account name>/<region>/<service>-<operation>.json``; follow-up calls lie in a
directory of that name without ``.json``, one file for each value of the parameter, named by it in
URL quoting. Calls that AWS refused, and those that found nothing (no bucket policy), left no file:
both are unknown here. Which account a name stands for is told by its ``sts-get-caller-identity``
or ``config.json``.
https://github.com/duo-labs/cloudmapper (commands/collect.py, 2026-01)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import unquote_plus

import botocore.session

from collector.raw import import_recording
from collector.recording import AnswerFile, Recording, UnreadableError, parsed, read_file
from collector.request import CollectError, CollectResult
from collector.services import TYPES, operations

_ACCOUNT = re.compile(r"[0-9]{12}")
_OWNER = re.compile(rb'"arn:[a-z0-9-]+:iam::([0-9]{12}):')


def import_cloudmapper(
    directory: Path,
    path: Path | None = None,
    *,
    account_ids: Mapping[str, str] | None = None,
    snapshots: Path = Path("snapshots"),
    redaction_key: bytes | None = None,
) -> CollectResult:
    """Make a snapshot of CloudMapper's ``account-data``.

    Args:
        directory: CloudMapper's own directory, its ``account-data``, or one account's directory.
        path: the snapshot's own directory; by default a new name under ``snapshots``.
        account_ids: account ids by account name, where the files do not say.
        snapshots: the directory of snapshots.
        redaction_key: 32 bytes or more; by default the user's own.

    Raises:
        CollectError: there is nothing to import, an account's id is not known, or the snapshot
            cannot be written.
    """
    try:
        recording = _recording(directory, dict(account_ids or {}))
    except OSError as problem:
        what = problem.filename or directory
        code = 2 if isinstance(problem, FileNotFoundError | NotADirectoryError) else 1
        raise CollectError(f"{what} cannot be read ({problem.strerror}).", code) from None
    return import_recording(
        recording, "cloudmapper", path, snapshots=snapshots, redaction_key=redaction_key
    )


def _recording(directory: Path, account_ids: dict[str, str]) -> Recording:
    inner = directory / "account-data"
    root = inner if inner.is_dir() else directory
    accounts = [folder for folder in _folders(root) if _regions(folder)]
    if not accounts and _regions(root):
        accounts = [root.resolve()]
    if not accounts or _is_raw(accounts):
        if _is_raw(_folders(root)):
            raise CollectError(
                f"{directory} holds recorded answers of the AWS CLI, not CloudMapper's: "
                f"mapper import raw {directory}",
                exit_code=2,
            )
        raise CollectError(
            f"{directory} holds no account of CloudMapper's. Expected: "
            "account-data/<account name>/<region>/<service>-<operation>.json",
            exit_code=2,
        )
    configured = _configured(directory, root) | account_ids
    recording = Recording()
    for folder in accounts:
        account_id = _account_id(folder, configured)
        if account_id in recording.places:
            raise CollectError(
                f"{folder.name} and {recording.names[account_id]} are both account {account_id}. "
                "Import them one by one.",
                exit_code=2,
            )
        recording.names[account_id] = folder.name
        _Reader(recording, account_id, folder).read()
    return recording


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[:1] != ".")


def _is_raw(accounts: list[Path]) -> bool:
    """Whether these are accounts of ``import raw``: files are ``service.operation.json``."""
    named = (
        any(folder.glob("*/*.*.json")) and not any(folder.glob("*/*-*-*.json"))
        for folder in accounts
        if _ACCOUNT.fullmatch(folder.name)
    )
    return any(named)


def _regions(folder: Path) -> list[Path]:
    known = _region_names()
    return [path for path in _folders(folder) if path.name in known]


def _region_names() -> frozenset[str]:
    session = botocore.session.Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    )


def _configured(*folders: Path) -> dict[str, str]:
    """Account ids by name, of the ``config.json`` beside or above ``account-data``."""
    found: dict[str, str] = {}
    for folder in (*folders, *(folder.resolve().parent for folder in folders)):
        file = folder / "config.json"
        if not file.is_file():
            continue
        try:
            held = parsed(str(file), partial(read_file, file))
        except UnreadableError:
            continue
        accounts = held.get("accounts") if isinstance(held, dict) else None
        for row in accounts if isinstance(accounts, list) else ():
            if isinstance(row, dict) and _ACCOUNT.fullmatch(str(row.get("id"))):
                found.setdefault(str(row.get("name")), str(row["id"]))
    return found


def _account_id(folder: Path, configured: Mapping[str, str]) -> str:
    """Who the caller was, what the configuration says, or whose principals are most.

    Raises:
        CollectError: nothing tells.
    """
    for file in sorted(folder.glob("*/sts-get-caller-identity.json")):
        try:
            held = parsed(str(file), partial(read_file, file))
        except UnreadableError:
            continue
        if isinstance(held, dict) and _ACCOUNT.fullmatch(str(held.get("Account"))):
            return str(held["Account"])
    if folder.name in configured:
        return configured[folder.name]
    if _ACCOUNT.fullmatch(folder.name):
        return folder.name
    owners: Counter[bytes] = Counter()
    for file in sorted(folder.glob("*/iam-get-account-authorization-details.json")):
        if file.is_file():
            owners.update(_OWNER.findall(file.read_bytes()))
    if owners:
        return owners.most_common(1)[0][0].decode()
    raise CollectError(
        f"Nothing in {folder} says which account {folder.name} is. Put CloudMapper's config.json "
        f"beside account-data, or name it: --account {folder.name}=ID",
        exit_code=2,
    )


@dataclass
class _Reader:
    """Files of one account's directory, into a recording."""

    recording: Recording
    account_id: str
    folder: Path
    known: Mapping[str, tuple[str, str]] = field(default_factory=lambda: _calls_by_name())
    lists: frozenset[tuple[str, str]] = field(default_factory=lambda: _plain_lists())

    def read(self) -> None:
        """Find every file."""
        regions = _regions(self.folder)
        self.recording.places[self.account_id] = {path.name for path in regions}
        for region in regions:
            for entry in sorted(region.iterdir()):
                self._entry(region.name, entry)

    def _entry(self, place: str, entry: Path) -> None:
        found = self.known.get(entry.name.removesuffix(".json"))
        name = entry.relative_to(self.folder.parent).as_posix()
        if found is None:
            self.recording.ignored.append(f"{name} is of no operation that is used")
        elif entry.is_dir():
            for file, subject in _followed(entry):
                self._follow_up(place, found, file, subject)
        elif entry.suffix == ".json":
            self._add(place, found, "", entry)

    def _follow_up(self, place: str, call: tuple[str, str], file: Path, subject: str) -> None:
        if subject == self.account_id:
            subject = ""  # asked about the account itself
        elif call in self.lists:
            # Listed for each of some parent, which misses what has no parent.
            key = (self.account_id, *call)
            self.recording.partial[key] = f"CloudMapper lists {call[1]} of some parents only"
            subject = ""
        self._add(place, call, subject, file)

    def _add(self, place: str, call: tuple[str, str], subject: str, file: Path) -> None:
        name = file.relative_to(self.folder.parent).as_posix()
        self.recording.add(self.account_id, *call, subject, place, AnswerFile(file, name))


def _followed(folder: Path) -> Iterator[tuple[Path, str]]:
    """``(file, subject)`` below a follow-up's directory; two parameters are two levels."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name[:1] != ".":
            parts = file.relative_to(folder).parts
            yield file, ",".join(unquote_plus(part) for part in parts)


def _calls_by_name() -> dict[str, tuple[str, str]]:
    return {
        f"{client}-{operation.replace('_', '-')}": (client, operation)
        for client, operation in operations()
    }


def _plain_lists() -> frozenset[tuple[str, str]]:
    """Calls that we make once and without a parent."""
    return frozenset(
        (declared.client, call.operation) for declared in TYPES.values() for call in declared.lists
    )
