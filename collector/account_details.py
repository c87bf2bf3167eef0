"""``import gaad``: files of ``aws iam get-account-authorization-details`` -> snapshot.

A file holds the whole answer, one page of it, a list of pages, or ``{account id: one of these}``.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from collector.raw import import_recording
from collector.recording import HeldAnswer, Recording, UnreadableError, parsed, read_file
from collector.request import CollectError, CollectResult

CALL = ("iam", "get_account_authorization_details")
MEMBERS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
STDIN = Path("-")
_TOKENS = ("Marker", "NextToken")
_OWNER = re.compile(r"arn:[a-z0-9-]+:iam::([0-9]{12}):")
_ACCOUNT = re.compile(r"[0-9]{12}")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the call.

    Attributes:
        file: the file that holds it.
        account_id: as the file's key or the ARNs inside say; empty if neither does.
        value: the answer.
    """

    file: str
    account_id: str
    value: Mapping[str, Any]

    @property
    def is_last(self) -> bool:
        """Whether nothing follows it."""
        return not (self.value.get("IsTruncated") or any(self.value.get(t) for t in _TOKENS))

    def entries(self) -> Iterator[tuple[str, Any]]:
        """``(ARN, entry)`` of everything listed."""
        for member in MEMBERS:
            for entry in self.value.get(member) or ():
                if isinstance(entry, dict) and isinstance(entry.get("Arn"), str):
                    yield entry["Arn"], entry


def import_details(
    files: Sequence[Path],
    path: Path | None = None,
    *,
    account_id: str = "",
    snapshots: Path = Path("snapshots"),
    redaction_key: bytes | None = None,
) -> CollectResult:
    """Make a snapshot of account details of one or more accounts.

    Args:
        files: JSON, packed with gzip or not; ``-`` is standard input. Several files are several
            accounts or several pages of one.
        path: the snapshot's own directory; by default a new name under ``snapshots``.
        account_id: whose details they are, for files whose ARNs do not say.
        snapshots: the directory of snapshots.
        redaction_key: 32 bytes or more; by default the user's own.

    Raises:
        CollectError: a file is none of these, or the snapshot cannot be written; the message
            names the file.
    """
    recording = recording_of(
        (page for file in dict.fromkeys(files) for page in pages_of(file)), account_id
    )
    return import_recording(
        recording, "gaad", path, snapshots=snapshots, redaction_key=redaction_key
    )


def pages_of(file: Path) -> list[Page]:
    """The pages in a file.

    Raises:
        CollectError: it cannot be read, or holds something else.
    """
    name = "standard input" if file == STDIN else str(file)
    try:
        held = parsed(name, sys.stdin.buffer.read if file == STDIN else partial(read_file, file))
    except UnreadableError as problem:
        code = 2 if file != STDIN and not file.is_file() else 1
        raise CollectError(f"{problem}.", code) from None
    found = list(_pages_in(name, held, ""))
    if not found:
        raise _foreign(name, "it holds no account details")
    return found


def _pages_in(name: str, held: Any, account_id: str) -> Iterator[Page]:
    if isinstance(held, list):
        for page in held:
            if isinstance(page, list):
                raise _foreign(name, "it holds a list of lists")
            yield from _pages_in(name, page, account_id)
    elif not isinstance(held, dict):
        raise _foreign(name, f"it holds {_kind(held)}")
    elif not account_id and held and all(_ACCOUNT.fullmatch(key) for key in held):
        for key, inner in held.items():
            yield from _pages_in(name, inner, key)
    else:
        yield _page(name, held, account_id)


def _page(name: str, held: Mapping[str, Any], account_id: str) -> Page:
    error = held.get("Error")
    if isinstance(error, dict) and error.get("Code"):
        raise _foreign(name, f"it holds AWS's refusal {error['Code']}")
    present = [member for member in MEMBERS if member in held]
    if not present:
        raise _foreign(name, f"it has none of {', '.join(MEMBERS)}")
    for member in present:
        if not isinstance(held[member], list):
            raise _foreign(name, f"its {member} is {_kind(held[member])} and no list")
    page = Page(name, account_id, held)
    owners = sorted({found[1] for arn, _ in page.entries() if (found := _OWNER.match(arn))})
    if len(owners) > 1:
        raise CollectError(
            f"{name} mixes accounts: its ARNs name {_some(owners)}. Give each account a file of "
            'its own, or one file {"account id": details, ...}.',
            2,
        )
    if account_id and owners and owners != [account_id]:
        raise CollectError(f"{name} files the details of {owners[0]} under {account_id}.", 2)
    return Page(name, account_id or "".join(owners), held)


def recording_of(pages: Iterable[Page], account_id: str = "") -> Recording:
    """The recording that pages make.

    Args:
        pages: of any number of accounts.
        account_id: whose pages they are, for those that do not say.

    Raises:
        CollectError: a page's account is not known, or an account has two states.
    """
    accounts: dict[str, _Account] = {}
    for page in pages:
        owner = _owner(page, account_id)
        accounts.setdefault(owner, _Account(owner)).take(page)
    recording = Recording()
    for owner in sorted(accounts):
        accounts[owner].file(recording)
    return recording


def _owner(page: Page, account_id: str) -> str:
    if account_id and page.account_id and page.account_id != account_id:
        raise CollectError(
            f"{page.file} holds the details of {page.account_id}, not of {account_id}.", 2
        )
    owner = page.account_id or account_id
    if not owner:
        raise CollectError(
            f"{page.file} names no account: it has no user, group, role or own policy. Say whose "
            "it is with --account ID.",
            2,
        )
    return owner


@dataclass
class _Account:
    """The pages of one account, and what they list."""

    id: str
    pages: list[Page] = field(default_factory=list)
    seen: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    repeated: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def take(self, page: Page) -> None:
        """Add a page.

        Raises:
            CollectError: it contradicts an earlier one.
        """
        for arn, entry in page.entries():
            written = _digest(entry)
            if arn not in self.seen:
                self.seen[arn] = (page.file, written)
                continue
            first, known = self.seen[arn]
            if known != written:
                raise CollectError(
                    f"{page.file} and {first} describe {arn} differently. They are two states "
                    f"of account {self.id}: give one of them.",
                    2,
                )
            self.repeated.setdefault((page.file, first), []).append(arn)
        self.pages.append(page)

    def file(self, recording: Recording) -> None:
        """Put the account into a recording."""
        recording.places.setdefault(self.id, set())
        for page in self.pages:
            value = {
                name: inner
                for name, inner in page.value.items()
                if name not in (*_TOKENS, "IsTruncated")
            }
            recording.add(self.id, *CALL, "", "global", HeldAnswer(page.file, value))
        if not any(page.is_last for page in self.pages):
            files = _some(list(dict.fromkeys(page.file for page in self.pages)))
            why = f"the last page of account {self.id} is missing ({files} say that more follows)"
            recording.partial[(self.id, *CALL)] = why
            recording.ignored.append(why[:1].upper() + why[1:])
        for (later, first), arns in self.repeated.items():
            recording.ignored.append(
                f"{later} repeats {len(arns)} entries of {first}, taken once: {_some(arns)}"
            )


def _digest(entry: Any) -> bytes:
    written = json.dumps(entry, sort_keys=True)  # in ASCII
    return hashlib.sha256(written.encode()).digest()


def _foreign(name: str, why: str) -> CollectError:
    return CollectError(
        f"{name} is not the output of aws iam get-account-authorization-details: {why}.", 2
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "nothing" if value is None else "an object")
