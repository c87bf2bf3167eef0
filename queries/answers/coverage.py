"""What was not collected of the things that an answer needs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot, Status
from collector.snapshot.ledger import ALL_TYPES, LedgerRow

_GLOBAL = frozenset({"aws", "iam", "org", "s3", "sso"})
_OF_ORGANISATION = frozenset({"org", "sso"})
"""Services that one account is asked for on behalf of all."""
_NOT_EVALUATED = Path(__file__).parent.parent / "data" / "not-evaluated.json"


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of the ledger.

    Attributes:
        account_id: twelve digits.
        region: a region name, ``global``, or ``*`` where the type was not asked for at all.
        service, operation: boto3's names; ``*`` where nothing of the kind was asked for.
        status: e.g. ``denied``.
        type: the snapshot type that it was for, e.g. ``ec2:vpc``.
    """

    account_id: str
    region: str
    service: str
    operation: str
    status: str
    type: str

    @classmethod
    def of(cls, row: LedgerRow) -> Gap:
        """The gap that a row of the ledger is."""
        status = str(row.status)
        return cls(row.account_id, row.region, row.service, row.operation, status, row.type)

    def as_json(self) -> dict[str, Any]:
        """The gap as it stands under ``coverage.missing``."""
        return {
            "account_id": self.account_id,
            "region": self.region,
            "service": self.service,
            "operation": self.operation,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """Gaps among the needed types, in the ledger's order."""

    missing: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing that was needed is missing."""
        return not self.missing

    def hides(self, account_id: str | None, region: str | None) -> bool:
        """Whether a gap may hide something of that account and region."""
        return any(
            gap.account_id == account_id
            and (gap.region in ("global", "*", region) or region is None)
            for gap in self.missing
        )

    def as_json(self) -> dict[str, Any]:
        """``{complete, missing}``."""
        return {"complete": self.complete, "missing": [gap.as_json() for gap in self.missing]}


def coverage_of(snapshot: Snapshot, needs: Iterable[str]) -> Coverage:
    """The gaps of a snapshot among the types ``needs``.

    What an account was never asked for is a gap too, ``not_attempted``: a type that the scope left
    out (``mapper collect --services``), an enabled region that it left out (``--region``). Types of
    the organisation are asked of one account only, so they are missing only where none was asked.
    """
    wanted = sorted(set(needs))
    gaps = [Gap.of(row) for row in snapshot.gaps(*wanted)]
    gaps.extend(_types_never_asked(snapshot, wanted))
    if any(kind.partition(":")[0] not in _GLOBAL for kind in wanted):
        gaps.extend(_regions_never_asked(snapshot))
    return Coverage(tuple(dict.fromkeys(gaps)))


def gaps_of_ledger(rows: Iterable[LedgerRow]) -> Coverage:
    """Every gap of a ledger, whatever needs it."""
    return Coverage(tuple(Gap.of(row) for row in rows if row.is_gap))


def _types_never_asked(snapshot: Snapshot, wanted: Iterable[str]) -> Iterable[Gap]:
    # A region that is disabled or denied has a row for all types; what other regions were asked for
    # it does not say. An account that gave nothing has one such row of its own.
    asked = {
        (row.account_id, kind)
        for row in snapshot.ledger
        for kind in row.types
        if kind != ALL_TYPES or (row.is_gap and row.region == "global")
    }
    asked_types = {kind for _, kind in asked}
    for kind in wanted:
        service = kind.partition(":")[0]
        if ALL_TYPES in asked_types and service in _OF_ORGANISATION:
            continue
        if service in _OF_ORGANISATION:
            accounts = () if kind in asked_types else snapshot.accounts[:1]
        else:
            accounts = tuple(
                account
                for account in snapshot.accounts
                if (account, kind) not in asked and (account, ALL_TYPES) not in asked
            )
        for account in accounts:
            yield Gap(account, "*", service, "*", str(Status.NOT_ATTEMPTED), kind)


def _regions_never_asked(snapshot: Snapshot) -> Iterable[Gap]:
    """Regions that an account has enabled and of which the ledger knows nothing."""
    asked = {(row.account_id, row.region) for row in snapshot.ledger}
    partitions = {_partition(region) for _, region in asked}
    for item in snapshot.items("aws:region"):
        name = str(item.item.get("RegionName") or item.id.rpartition("/")[2])
        enabled = item.item.get("OptInStatus") in (None, "opted-in", "opt-in-not-required")
        if enabled and _partition(name) in partitions and (item.account_id, name) not in asked:
            yield Gap(item.account_id, name, "*", "*", str(Status.NOT_ATTEMPTED), ALL_TYPES)


def _partition(region: str) -> str:
    """A region's partition by its name: GovCloud, China and the isolated ones are apart."""
    prefixes = ("us-gov-", "cn-", "us-iso", "eu-iso", "eusc-")
    return next((prefix for prefix in prefixes if region.startswith(prefix)), "aws")


@cache
def not_evaluated(command: str) -> tuple[str, ...]:
    """What this version does not evaluate for a command, one sentence each."""
    data = json.loads(_NOT_EVALUATED.read_text(encoding="utf-8"))
    return tuple(data.get(command, ()))
