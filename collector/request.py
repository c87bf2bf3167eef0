"""What a collection is asked to do, what it says while it works, and what it gives back."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collector.declare import Depth
from collector.patience import Patience
from collector.services import TYPES
from collector.snapshot.ledger import LedgerRow, Status

DEFAULT_ROLES = ("OrganizationAccountAccessRole", "AWSControlTowerExecution")
"""Roles that AWS itself makes in the accounts of an organisation, tried after those given.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
https://docs.aws.amazon.com/controltower/latest/userguide/roles-how.html
"""


class CollectError(Exception):
    """Nothing, or not everything, was collected. The message is one sentence with the remedy.

    Attributes:
        exit_code: 2 when what was asked for cannot be, 1 when it failed or is unfinished.
        path: the unfinished snapshot that the same command continues, if there is one.
    """

    def __init__(self, message: str, exit_code: int = 1, path: Path | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.path = path


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the world: some types of one account and place (a region or ``global``)."""

    account_id: str
    place: str
    types: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CollectRequest:
    """What to collect.

    Attributes:
        profile: of the AWS configuration files; ``None`` takes boto3's usual chain.
        profiles: several profiles, each with its own account; ``profile`` is then the first, whose
            configuration (endpoints, proxies) applies.
        organisation: every active account of the organisation, by assuming a role.
        role_names: roles to try before :data:`DEFAULT_ROLES`.
        role_arns: roles to assume, each for its account; those of one account are tried in order.
            With ``organisation``: the one role from whose session the organisation is seen.
        external_id: sent when a role is assumed.
        mfa_serial: the device whose code goes with the first role that is assumed; its session
            then assumes the others.
        mfa_code: the code, if it is known before it is asked for.
        ask_code: asks the user for a code, with a text; ``None`` where nobody can be asked.
        accounts: ids (or names, with ``organisation``) to restrict to; without ``organisation``
            the accounts whose role is assumed.
        regions: names to restrict to; empty for every region that an account has enabled.
        services: services (``ec2``) or types (``ec2:vpc``) to restrict to.
        skip: services or types to leave out.
        depth: how deep to go; types named in ``services`` are collected all the same.
        snapshots: the directory of snapshots.
        path: the snapshot's own directory, instead of a new name under ``snapshots``.
        fresh: do not continue an unfinished snapshot.
        workers: calls at the same time, in each process.
        processes: that share the accounts; ``None`` for as many as the machine and the number of
            accounts make sensible.
        patience: how long AWS is waited for.
        redaction_key: 32 bytes or more; by default the user's own.
        only: with ``base``: collect these parts again and take all else from ``base``.
        base: a finished snapshot directory.
    """

    profile: str | None = None
    profiles: tuple[str, ...] = ()
    organisation: bool = False
    role_names: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    external_id: str | None = None
    mfa_serial: str | None = None
    mfa_code: str | None = field(default=None, repr=False)
    ask_code: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    depth: Depth = Depth.FULL
    snapshots: Path = Path("snapshots")
    path: Path | None = None
    fresh: bool = False
    workers: int = 16
    processes: int | None = None
    patience: Patience = field(default_factory=Patience)
    redaction_key: bytes | None = None
    only: tuple[Part, ...] = ()
    base: Path | None = None

    @property
    def type_ids(self) -> tuple[str, ...]:
        """The declared types that are asked for.

        Raises:
            CollectError: a name in ``services`` or ``skip`` is neither service nor type.
        """
        wanted = _matching(self.services) if self.services else set(TYPES)
        wanted -= _matching(self.skip)
        return tuple(t for t in TYPES if t in wanted and self._is_deep_enough(t))

    def _is_deep_enough(self, type_id: str) -> bool:
        declared = TYPES[type_id]
        if type_id in self.services:
            return True
        return not declared.opt_in and (self.depth is Depth.FULL or declared.depth is Depth.CORE)

    def as_scope(self) -> dict[str, Any]:
        """What decides the content, for the manifest; two runs that agree here continue."""
        return {
            "organisation": self.organisation,
            "accounts": sorted(self.accounts),
            "regions": sorted(self.regions),
            "types": sorted(self.type_ids),
            "roles": list(self.role_names),
            "role_arns": list(self.role_arns),
            "profiles": list(self.profiles),
        }

    def check(self) -> None:
        """Refuse what does not go together.

        Raises:
            CollectError: names the options, with what to do instead.
        """
        if not self.type_ids:
            raise CollectError("The services that are left after --skip are none.", exit_code=2)
        if len(self.profiles) > 1 and (self.organisation or self.accounts or self.role_arns):
            raise CollectError(
                "Several profiles name their accounts themselves: leave out --org, --account and "
                "--role-arn, or give one profile.",
                exit_code=2,
            )
        if self.role_arns and self.accounts and not self.organisation:
            raise CollectError(
                "--role-arn names its account itself: leave out --account, or give --role.",
                exit_code=2,
            )
        if self.organisation and len(self.role_arns) > 1:
            raise CollectError(
                "With --org one --role-arn is assumed first and sees the organisation; roles of "
                "its accounts are named with --role.",
                exit_code=2,
            )


def _matching(names: Iterable[str]) -> set[str]:
    found = set()
    services = {declared.service for declared in TYPES.values()}
    for name in names:
        hit = {t.id for t in TYPES.values() if name in (t.id, t.service, t.client)}
        if not hit:
            near = difflib.get_close_matches(name, sorted(services | set(TYPES)), 3, 0.5)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise CollectError(
                f"{name!r} is no service or type that mapper collects.{hint} "
                f"Services: {', '.join(sorted(services))}.",
                exit_code=2,
            )
        found |= hit
    return found


class Progress:
    """Told what happens. Every method does nothing; override what is wanted.

    Calls come from several threads, one at a time.
    """

    def note(self, text: str) -> None:
        """Something the user should read, one sentence."""

    def planned(self, jobs: Mapping[tuple[str, str], int], done: int) -> None:
        """How many jobs each (account, place) has, and how many were done in an earlier run."""

    def finished(self, account_id: str, place: str, rows: list[LedgerRow]) -> None:
        """A job ended with these rows of the ledger."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An account that gave nothing.

    Attributes:
        account_id: twelve digits.
        name: as the organisation calls it; may be empty.
        reason: why, in AWS's words where it has any.
        asked: whether it was asked for and should have given something; else it is suspended.
        operation: of STS, that failed.
        status: what came of it.
    """

    account_id: str
    name: str
    reason: str
    asked: bool
    operation: str = "assume_role"
    status: Status = Status.DENIED


@dataclass(frozen=True, kw_only=True)
class CollectResult:
    """A finished collection.

    Attributes:
        path: the snapshot.
        id: its id.
        accounts: the accounts that were collected, ids.
        left_out: those that were not; a caller exits with 4 when one of them was ``asked`` for.
        regions: every region that was asked.
        calls: requests made in this run.
        seconds: this run took.
        items: lines by type.
        statuses: ledger rows by status.
        gaps: the rows that hide something.
        resumed: whether an unfinished snapshot was continued.
        warnings: sentences for the user.
        stopped_too_late: whether Ctrl-C came when the snapshot was finished already.
    """

    path: Path
    id: str
    accounts: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    regions: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    items: int = 0
    statuses: Mapping[Status, int] = field(default_factory=Counter)
    gaps: tuple[LedgerRow, ...] = ()
    resumed: bool = False
    warnings: tuple[str, ...] = ()
    stopped_too_late: bool = False

    @property
    def exit_code(self) -> int:
        """0, or 4 when an account that was asked for gave nothing."""
        return 4 if any(account.asked for account in self.left_out) else 0
