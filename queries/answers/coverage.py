"""What was not collected of the things that an answer needs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot, Status

_NOT_EVALUATED = Path(__file__).parent.parent / "data" / "not-evaluated.json"


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of the ledger.

    Attributes:
        account_id: twelve digits.
        region: a region name, ``global``, or ``*`` where the type was not asked for at all.
        service, operation: boto3's names; ``*`` where the type was not asked for at all.
        status: e.g. ``denied``.
        type: the snapshot type that it was for, e.g. ``ec2:vpc``.
    """

    account_id: str
    region: str
    service: str
    operation: str
    status: str
    type: str

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

    A type that an account was never asked for (``mapper collect --services``) is a gap too:
    ``not_attempted``. Types of the organisation are asked of one account only, so they are
    missing only where no account was asked.
    """
    wanted = sorted(set(needs))
    gaps = [
        Gap(row.account_id, row.region, row.service, row.operation, str(row.status), row.type)
        for row in snapshot.gaps(*wanted)
    ]
    asked = {(row.account_id, row.type) for row in snapshot.ledger}
    asked_types = {kind for _, kind in asked}
    for kind in wanted:
        service = kind.partition(":")[0]
        if service == "org":
            accounts = () if kind in asked_types else snapshot.accounts[:1]
        else:
            accounts = tuple(a for a in snapshot.accounts if (a, kind) not in asked)
        gaps.extend(
            Gap(account, "*", service, "*", str(Status.NOT_ATTEMPTED), kind) for account in accounts
        )
    return Coverage(tuple(dict.fromkeys(gaps)))


@cache
def not_evaluated(command: str) -> tuple[str, ...]:
    """What this version does not evaluate for a command, one sentence each."""
    data = json.loads(_NOT_EVALUATED.read_text(encoding="utf-8"))
    return tuple(data.get(command, ()))
