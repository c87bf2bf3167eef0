"""The ledger: one row per account, region, service and operation, and what came of it."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from typing import Any


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


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of ``coverage.jsonl``.

    Attributes:
        account_id: twelve digits.
        region: a region name or ``global``.
        service: boto3's client name.
        operation: boto3's method name.
        type: the resource type it was called for, e.g. ``ec2:vpc``.
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
    def is_gap(self) -> bool:
        """Whether the row hides something."""
        return self.status in GAPS

    def as_json(self) -> dict[str, Any]:
        """The row as it stands in the file."""
        return asdict(self) | {"status": str(self.status)}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> LedgerRow:
        """Read a row, ignoring columns that a later version added.

        Raises:
            KeyError: a column is missing. ValueError: the status is not one of ours.
        """
        known = {name: row[name] for name in cls.__slots__ if name in row}
        return cls(**(known | {"status": Status(row["status"])}))
