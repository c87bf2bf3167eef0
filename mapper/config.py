"""``mapper.toml``: names, trust and accepted risks. It applies when answering, never to a graph."""

from __future__ import annotations

import datetime
import difflib
import ipaddress
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mapper.errors import MapperError, WrongUsageError

FILE_NAME = "mapper.toml"
_SECTIONS = (
    "accounts",
    "trusted",
    "vendors",
    "sensitive",
    "thresholds",
    "accepted",
    "query_paths",
)
UNUSED_DAYS = 90
_ACCOUNT = re.compile(r"[0-9]{12}")
_KEY = re.compile(r"[0-9a-f]{8,20}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the user accepts.

    Attributes:
        key: the row's key or its first eight characters and more.
        reason: why.
        until: the last day on which it is accepted; None for always.
    """

    key: str
    reason: str
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What ``mapper.toml`` says; empty without one.

    Attributes:
        path: the file, None without one.
        accounts: account id to name.
        trusted_accounts, trusted_cidrs: whose access is no surprise.
        vendors: account id to vendor; goes before the packaged list.
        accepted: findings that do not count.
        query_paths: folders of further queries, absolute.
        sensitive_tags: ``key`` or ``key=value`` that marks sensitive data.
        unused_days: days without use after which a role counts as unused.
    """

    path: Path | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    trusted_accounts: tuple[str, ...] = ()
    trusted_cidrs: tuple[str, ...] = ()
    vendors: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[Accepted, ...] = ()
    query_paths: tuple[Path, ...] = ()
    sensitive_tags: tuple[str, ...] = ()
    unused_days: int = UNUSED_DAYS

    def accepted_on(self, day: datetime.date) -> dict[str, str]:
        """Key to reason of what is accepted on that day."""
        return {a.key: a.reason for a in self.accepted if a.until is None or day <= a.until}


def load_config(given: Path | None = None, start: Path | None = None) -> Config:
    """Read ``given``, or the nearest ``mapper.toml`` in ``start`` (the current folder) or above.

    Raises:
        WrongUsageError: the file given is missing, not TOML, or holds something unknown.
    """
    path = given or _find(start or _here())
    if path is None:
        return Config()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise WrongUsageError(f"{path} cannot be read: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise WrongUsageError(f"{path} is not TOML: {problem}.") from None
    return _read(path, data)


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as problem:
        raise MapperError(
            f"The current folder cannot be found ({problem.strerror}). Change to another one."
        ) from None


def _find(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def _read(path: Path, data: Mapping[str, Any]) -> Config:
    _only(path, "the file", data, _SECTIONS)
    trusted = _table(path, "trusted", data)
    _only(path, "[trusted]", trusted, ("accounts", "cidrs"))
    sensitive = _table(path, "sensitive", data)
    _only(path, "[sensitive]", sensitive, ("tags",))
    thresholds = _table(path, "thresholds", data)
    _only(path, "[thresholds]", thresholds, ("unused_days",))
    return Config(
        path=path,
        accounts=_names(path, "accounts", data),
        trusted_accounts=_accounts(path, _texts(path, "trusted.accounts", trusted.get("accounts"))),
        trusted_cidrs=_cidrs(path, _texts(path, "trusted.cidrs", trusted.get("cidrs"))),
        vendors=_names(path, "vendors", data),
        accepted=_accepted(path, data.get("accepted", [])),
        query_paths=tuple(
            path.parent / text for text in _texts(path, "query_paths", data.get("query_paths"))
        ),
        sensitive_tags=_texts(path, "sensitive.tags", sensitive.get("tags")),
        unused_days=_days(path, "thresholds.unused_days", thresholds.get("unused_days")),
    )


def _only(path: Path, where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]!r}?" if near else f" It may hold: {', '.join(known)}."
            raise WrongUsageError(f"{path}: {where} has an unknown key {key!r}.{hint}")


def _table(path: Path, name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise WrongUsageError(f"{path}: {name} is a table: write [{name}].")
    return table


def _names(path: Path, name: str, data: Mapping[str, Any]) -> dict[str, str]:
    table = _table(path, name, data)
    _accounts(path, table)
    for account, text in table.items():
        if not isinstance(text, str) or not text:
            raise WrongUsageError(f"{path}: [{name}] {account} needs a name in quotes.")
    return dict(table)


def _texts(path: Path, name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise WrongUsageError(f'{path}: {name} is a list of texts: ["...", "..."].')
    return tuple(value)


def _days(path: Path, name: str, value: Any) -> int:
    if value is None:
        return UNUSED_DAYS
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongUsageError(f"{path}: {name} is a number of days, such as {UNUSED_DAYS}.")
    return value


def _accounts(path: Path, ids: Iterable[str]) -> tuple[str, ...]:
    given = tuple(ids)
    for account in given:
        if not _ACCOUNT.fullmatch(account):
            raise WrongUsageError(
                f"{path}: {account!r} is not an account id (twelve digits in quotes)."
            )
    return given


def _cidrs(path: Path, texts: Iterable[str]) -> tuple[str, ...]:
    given = tuple(texts)
    for text in given:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise WrongUsageError(f"{path}: {text!r} is not an address range (CIDR).") from None
    return given


def _accepted(path: Path, rows: Any) -> tuple[Accepted, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongUsageError(f"{path}: accepted risks are tables: write [[accepted]] for each.")
    made: list[Accepted] = []
    for row in rows:
        _only(path, "[[accepted]]", row, ("key", "reason", "until"))
        key, reason, until = row.get("key"), row.get("reason"), row.get("until")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise WrongUsageError(
                f"{path}: [[accepted]] needs key: eight characters or more of a row."
            )
        if not isinstance(reason, str) or not reason:
            raise WrongUsageError(f"{path}: [[accepted]] {key} needs a reason.")
        if until is not None and (
            isinstance(until, datetime.datetime) or not isinstance(until, datetime.date)
        ):
            raise WrongUsageError(
                f"{path}: [[accepted]] {key}: until is a date such as 2027-01-31."
            )
        made.append(Accepted(key, reason, until))
    return tuple(made)
