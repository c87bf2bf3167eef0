"""What there is to collect: who asks, which accounts, which regions of each."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from collector.accounts import Caller, Target, enter_first, find_caller, find_targets
from collector.credentials import CodePrompt
from collector.job import GLOBAL, Job
from collector.limits import Brakes, Wait
from collector.live import LiveTransport
from collector.regions import Regions, check_names, regions_of
from collector.request import CollectError, CollectRequest, LeftOut
from collector.services import LIMITS
from collector.session import Clients
from collector.snapshot.ledger import ALL_TYPES, LedgerRow, Status
from collector.work import AccountWork

_AT_A_TIME = 8


@dataclass
class World:
    """What there is to collect, as found out before the first job.

    Attributes:
        caller: who asks.
        targets: the accounts that can be entered.
        left_out: those that cannot.
        states: account to region to AWS's word for its opt-in state.
        regions: account to the regions that are collected.
        warnings: sentences for the user.
        closed: ledger rows of regions that are not enabled.
    """

    caller: Caller
    targets: list[Target]
    left_out: list[LeftOut]
    states: dict[str, dict[str, str]] = field(default_factory=dict)
    regions: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    closed: list[LedgerRow] = field(default_factory=list)

    def home_of(self, target: Target) -> str:
        """The region that an account's global questions go to."""
        return target.home or self.caller.home

    @property
    def all_regions(self) -> list[str]:
        """Every region that is collected in some account."""
        return sorted(set().union(*self.regions.values()) if self.regions else set())

    def account_work(self, target: Target, request: CollectRequest) -> AccountWork:
        """What is to be done in one account."""
        own = self.caller.account_id
        absent = all(other.account_id != own for other in self.targets)
        return AccountWork(
            account_id=target.account_id,
            partition=target.partition,
            home=self.home_of(target),
            regions=tuple(self.regions[target.account_id]),
            type_ids=request.type_ids,
            sees_organisation=absent or target.account_id == own,
        )

    def jobs(self, target: Target, request: CollectRequest) -> list[Job]:
        """The jobs of one account, in order."""
        found = self.account_work(target, request).jobs()
        if not request.only:
            return found
        parts = {(part.account_id, part.place): part.types for part in request.only}
        return [
            job
            for job in found
            if parts.get((job.account_id, job.place), frozenset()) & {t.id for t in job.types}
        ]

    def refused(self) -> list[LedgerRow]:
        """Ledger rows of the accounts that were asked for and gave nothing."""
        return [
            LedgerRow(
                account_id=account.account_id,
                region=GLOBAL,
                service="organizations" if account.operation == "list_accounts" else "sts",
                operation=account.operation,
                type=ALL_TYPES,
                status=account.status,
                code="".join(word.title() for word in account.operation.split("_")),
                message=account.reason,
            )
            for account in self.left_out
            if account.asked
        ]


def clients_for(request: CollectRequest, wait: Wait) -> Clients:
    """The clients of a run.

    Raises:
        CollectError: the AWS configuration cannot be used.
    """
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    try:
        return Clients(
            request.profile, request.workers, request.patience, Brakes(LIMITS, wait), wait
        )
    except ProfileNotFound:
        name = (
            request.profile
            or os.environ.get("AWS_PROFILE")
            or os.environ.get("AWS_DEFAULT_PROFILE")
        )
        where = "leave out --profile" if request.profile else "unset AWS_PROFILE"
        raise CollectError(
            f"There is no AWS profile named {name!r}. Look into ~/.aws/config, or {where}.",
            exit_code=2,
        ) from None
    except BotoCoreError as problem:
        raise CollectError(f"The AWS configuration cannot be used: {problem}") from None


def look_around(
    clients: Clients,
    request: CollectRequest,
    wait: Callable[[float], bool],
    note: Callable[[str], None],
) -> tuple[World, LiveTransport]:
    """Find accounts and regions; what is asked here is not asked again by the jobs.

    Args:
        clients: of the run.
        request: what is asked for.
        wait: waits some seconds; true when work was asked to stop meanwhile.
        note: takes sentences for the user.

    Raises:
        CollectError: the credentials do not work, or what is asked for does not exist.
    """
    request.check()
    prompt = CodePrompt(request.mfa_code, request.ask_code)

    def transport_for(credentials: dict[str, Any]) -> LiveTransport:
        return LiveTransport(clients, credentials, wait)

    caller, transport = find_caller(
        clients, transport_for, request.profile, request.regions, prompt
    )
    caller = enter_first(clients, transport, caller, request, prompt)
    warnings: list[str] = []
    targets, left_out = find_targets(clients, transport, caller, request, prompt, warnings)
    world = World(caller, targets, left_out, warnings=warnings)
    for account in left_out:
        world.warnings.append(f"Account {account.account_id} {account.name}: {account.reason}")
    for target in targets:
        transport.add_account(target.account_id, target.credentials)
    if request.only:
        for target in targets:
            places = {p.place for p in request.only if p.account_id == target.account_id}
            world.regions[target.account_id] = sorted(places - {GLOBAL})
    else:
        _find_regions(clients, transport, world, request)
    transport.remembering = False
    tell_closed_regions(transport, world, request)
    for warning in world.warnings:
        note(warning)
    return world, transport


def tell_closed_regions(transport: LiveTransport, world: World, request: CollectRequest) -> None:
    """Let the transport find out which regions a policy closes."""
    works = [world.account_work(target, request) for target in world.targets]
    transport.tell_closed_regions(request.type_ids, works)


def _find_regions(
    clients: Clients, transport: LiveTransport, world: World, request: CollectRequest
) -> None:
    def asked(target: Target) -> Regions:
        return regions_of(clients, transport, target, world.home_of(target))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        found = list(zip(world.targets, pool.map(asked, world.targets), strict=True))
    known = frozenset().union(*(regions.known for _, regions in found))
    if found:
        check_names(request.regions, known, [target.partition for target, _ in found])
    for target, regions in found:
        if regions.odd:
            names = ", ".join(map(ascii, regions.odd[:5]))
            world.warnings.append(
                f"Account {target.account_id} lists {len(regions.odd)} regions whose names are "
                f"none: {names}; nothing is collected there"
            )
        if regions.guess:
            world.warnings.append(
                f"Account {target.account_id} does not say which regions it has "
                f"({regions.guess}): all {len(regions.usable)} that botocore knows are tried"
            )
        _choose_regions(world, target, regions, frozenset(request.regions))


def _choose_regions(world: World, target: Target, regions: Regions, wanted: frozenset[str]) -> None:
    chosen = wanted & regions.known if wanted else regions.known
    world.states[target.account_id] = (
        dict(sorted(regions.states.items())) if not regions.guess else {}
    )
    world.regions[target.account_id] = sorted(chosen & regions.usable)
    for region in sorted(chosen - regions.usable):
        if wanted:
            world.warnings.append(f"Account {target.account_id} has not enabled {region}")
        world.closed.append(
            LedgerRow(
                account_id=target.account_id,
                region=region,
                service="ec2",
                operation="describe_regions",
                type=ALL_TYPES,
                status=Status.REGION_DISABLED,
                calls=0,
                code=regions.states[region],
            )
        )
