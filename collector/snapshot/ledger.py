"""The ledger: one row per account, region, service and operation, and what came of it."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from collector.denial import denied_by


class Status(enum.StrEnum):
    """What came of a call."""

    OK = "ok"
    EMPTY = "empty"
    ABSENT = "absent"
    NOT_ENABLED = "not_enabled"
    NOT_SUPPORTED = "not_supported"
    REGION_DISABLED = "region_disabled"
    DENIED = "denied"
    REGION_DENIED = "region_denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    ERROR = "error"
    NOT_ATTEMPTED = "not_attempted"


FACTS = frozenset({Status.OK, Status.EMPTY, Status.ABSENT, Status.NOT_ENABLED})
NOT_GAPS = frozenset({Status.NOT_SUPPORTED, Status.REGION_DISABLED})
GAPS = frozenset(set(Status) - FACTS - NOT_GAPS)

# What a row shows when its calls ended differently, the first that occurs: gaps before all else,
# then facts by how much they hold, then what is no gap.
_PRECEDENCE = (
    Status.EXPIRED,
    Status.UNREACHABLE,
    Status.ERROR,
    Status.THROTTLED,
    Status.DENIED,
    Status.REGION_DENIED,
    Status.NOT_ATTEMPTED,
    Status.OK,
    Status.EMPTY,
    Status.ABSENT,
    Status.NOT_ENABLED,
    Status.NOT_SUPPORTED,
    Status.REGION_DISABLED,
)

ALL_TYPES = "*"
"""The ``type`` of a row that hides everything of its account (a role that was not assumed)."""

LISTED_AGAIN = "ListedAgain"
"""The ``code`` of a row that is no gap: an item came twice with other content, one is kept."""


def worst(statuses: Iterable[Status]) -> Status:
    """The status that stands for several calls.

    Raises:
        ValueError: there is none.
    """
    return min(statuses, key=_PRECEDENCE.index)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of ``coverage.jsonl``.

    Attributes:
        account_id: twelve digits.
        region: a region name or ``global``.
        service: boto3's client name.
        operation: boto3's method name.
        type: the resource type it was called for, e.g. ``ec2:vpc``; several, joined by commas,
            where one operation serves several; ``*`` where the row hides all types.
        status: the worst status among the calls that the row stands for.
        items: how many items (list calls) or answers (follow-up calls) were had.
        calls: how many calls the row stands for (pages are not counted).
        code: the error code AWS gave, empty if none.
        message: AWS's own words, empty if none.
    """

    account_id: str
    region: str
    service: str
    operation: str
    type: str
    status: Status
    items: int = 0
    calls: int = 1
    code: str = ""
    message: str = ""

    @property
    def types(self) -> frozenset[str]:
        """The types of the row, apart."""
        return frozenset(self.type.split(","))

    def is_about(self, types: Collection[str]) -> bool:
        """Whether the row concerns one of the types."""
        return self.type == ALL_TYPES or not self.types.isdisjoint(types)

    @property
    def is_gap(self) -> bool:
        """Whether the row hides something."""
        return self.status in GAPS

    @property
    def warning(self) -> str:
        """What is odd about the row's answers though it is no gap; empty if nothing is."""
        if self.code != LISTED_AGAIN:
            return ""
        where = f"{self.service}:{self.operation} in {self.account_id} {self.region}"
        return f"{where}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """The row as it stands in the file."""
        return {name: getattr(self, name) for name in self.__slots__} | {"status": str(self.status)}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> LedgerRow:
        """Read a row, ignoring columns that a later version added.

        Raises:
            KeyError: a column is missing. ValueError: a column is not of its kind.
        """
        known = {name: row[name] for name in cls.__slots__ if name in row}
        for name, value in known.items():
            if not isinstance(value, int if name in ("items", "calls") else str):
                raise ValueError(f"{name} is {value!r}")
        return cls(**(known | {"status": Status(row["status"])}))


def combined(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """One row per account, region, service and operation, sorted; a region that a policy closes
    is told apart from single refusals.
    """
    by_key: dict[tuple[str, str, str, str], list[LedgerRow]] = {}
    for row in rows:
        key = (row.account_id, row.region, row.service, row.operation)
        by_key.setdefault(key, []).append(row)
    return _with_closed_regions([_one(by_key[key]) for key in sorted(by_key)])


def _one(rows: list[LedgerRow]) -> LedgerRow:
    if len(rows) == 1:
        return rows[0]
    status = worst(row.status for row in rows)
    shown = min(
        (row for row in rows if row.status is status),
        key=lambda row: (row.code != LISTED_AGAIN, row.code, row.message),
    )
    return replace(
        shown,
        type=",".join(sorted(frozenset().union(*(row.types for row in rows)))),
        items=sum(row.items for row in rows),
        calls=sum(row.calls for row in rows),
    )


_SERVICES_THAT_TELL = 5
_Place = tuple[str, str]


def _with_closed_regions(rows: list[LedgerRow]) -> list[LedgerRow]:
    """Tell a region that a policy closes from single refusals: that hides no more than what nobody
    there may touch.

    A region is closed where every call of several services was denied though the account is
    answered elsewhere; or where AWS's words name a service control policy for several services
    that answer in another region. Policies exempt services, so in the second case only what the
    policy refused is told apart.
    """
    asked: dict[_Place, list[LedgerRow]] = {}
    answered: dict[str, set[str]] = {}
    for row in rows:
        if not row.calls or row.region == "global":
            continue
        asked.setdefault((row.account_id, row.region), []).append(row)
        if row.status in (Status.OK, Status.EMPTY):
            answered.setdefault(row.account_id, set()).add(row.service)
    whole = {
        place
        for place, made in asked.items()
        if place[0] in answered and all(row.status is Status.DENIED for row in made)
        if len({row.service for row in made}) >= _SERVICES_THAT_TELL
    }
    partly = {
        place
        for place, made in asked.items()
        if len(_refused_by_scp(made) & answered.get(place[0], set())) >= _SERVICES_THAT_TELL
    }
    return [_told_apart(row, whole, partly) for row in rows]


def _refused_by_scp(rows: Iterable[LedgerRow]) -> set[str]:
    return {row.service for row in rows if row.status in _DENIED and _names_scp(row)}


_DENIED = frozenset({Status.DENIED, Status.REGION_DENIED})


def _names_scp(row: LedgerRow) -> bool:
    return denied_by(row.message) == "scp"


def _told_apart(row: LedgerRow, whole: set[_Place], partly: set[_Place]) -> LedgerRow:
    place = (row.account_id, row.region)
    closed = (place in whole and row.status is not Status.EMPTY) or (
        place in partly and row.status is Status.DENIED and _names_scp(row)
    )
    return replace(row, status=Status.REGION_DENIED) if closed else row
