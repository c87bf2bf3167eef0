"""Before collecting: who is asking, what there is to ask, and what will be denied.

Whatever IAM's simulator may be asked about is simulated; for the rest one cheap call is made for
each operation that needs nothing but a place. What is asked about single resources cannot be
tried before there is one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

from collector.actions import Operation, Permission, needed_by, operations_of, types_calling
from collector.asking import Ask, Transport
from collector.closed_regions import ClosedRegions
from collector.declare import Call, Scope
from collector.estimate import estimate
from collector.job import GLOBAL, Job
from collector.outcome import CallError, Outcome
from collector.parameters import filled_in
from collector.preflight_result import Answer, Checked, Ground, Preflight, RegionState, Word
from collector.reach import NetworkGoneError
from collector.request import CollectError, CollectRequest
from collector.services import LIMITS
from collector.simulation import Decision, Principal, principal_arn, simulate
from collector.snapshot.ledger import Status
from collector.trying import Try, judged, probe_of, small, tries_of
from collector.world import World, clients_for, look_around

ATTEMPTS = 3
"""Of a call that is throttled or fails at AWS's side."""

ACCOUNTS_AT_A_TIME = 8

_ALIASES = Call(operation="list_account_aliases")
_IDENTITY = Call(operation="get_caller_identity")

Tell = Callable[[str], None]
"""Told which account is being asked."""


def preflight(
    request: CollectRequest, note: Tell = lambda _: None, tell: Tell = lambda _: None
) -> tuple[World, Preflight]:
    """Look at what a request would collect, without collecting it.

    Args:
        request: what would be collected.
        note: takes sentences for the user.
        tell: told of each account.

    Raises:
        CollectError: the credentials do not work, or what is asked for does not exist.
    """

    def wait(seconds: float) -> bool:
        time.sleep(seconds)
        return False

    # Who throttles or fails is unknown, and is not waited for as a collection does.
    request = replace(request, patience=replace(request.patience, attempts=ATTEMPTS))
    clients = clients_for(request, wait)
    world, transport = look_around(clients, request, wait, note)
    # Every region is asked here all the same.
    transport.closed = ClosedRegions((), transport.kept)
    grounds = [
        Ground(
            target.account_id,
            target.name,
            target.partition,
            _arn(transport, target.account_id, world.home_of(target)),
            target.role,
            world.home_of(target),
            tuple(world.regions[target.account_id]),
            tuple(row.region for row in world.closed if row.account_id == target.account_id),
            tuple(world.jobs(target, request)),
        )
        for target in world.targets
    ]
    try:
        return world, check(transport, grounds, request.workers, tell, clients.get)
    except NetworkGoneError as problem:
        raise CollectError(
            f"AWS cannot be reached any more: {problem}. Check the network and the proxy."
        ) from problem


def _arn(transport: Transport, account_id: str, home: str) -> str:
    """Who we are in an account, as AWS says it; empty where it does not."""
    try:
        (answer,) = transport.pages(Ask(account_id, home, GLOBAL, "sts", _IDENTITY, {}))
    except CallError:
        return ""
    return str(answer.get("Arn", ""))


def check(
    transport: Transport,
    grounds: Sequence[Ground],
    workers: int = 16,
    tell: Tell = lambda _: None,
    prepare: Callable[[str, str], object] = lambda *_: None,
) -> Preflight:
    """Find out what will be denied, account by account.

    Args:
        transport: answers.
        grounds: the accounts that were entered.
        workers: calls at the same time.
        tell: told of each account.
        prepare: makes ready what asking a service in a region takes, which is not measured.
    """
    latencies: list[float] = []
    timed = _Timed(transport, latencies, prepare)
    # An account waits for its calls, so the two kinds of work have threads of their own.
    with (
        _ended(ThreadPoolExecutor(ACCOUNTS_AT_A_TIME)) as accounts,
        _ended(ThreadPoolExecutor(workers)) as calls,
    ):

        def checked(ground: Ground) -> Checked:
            tell(ground.account_id)
            return _Check(timed, ground, calls).run()

        checks = tuple(accounts.map(checked, grounds))
    jobs = (job for ground in grounds for job in ground.jobs)
    return Preflight(checks, estimate(jobs, latencies, workers, LIMITS), len(latencies))


@contextlib.contextmanager
def _ended(pool: ThreadPoolExecutor) -> Iterator[ThreadPoolExecutor]:
    """Begin nothing more when something goes wrong, or Ctrl-C is pressed."""
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Timed:
    """A transport that takes the time of each call's first page."""

    def __init__(
        self,
        transport: Transport,
        latencies: list[float],
        prepare: Callable[[str, str], object],
    ) -> None:
        self._transport = transport
        self._latencies = latencies
        self._prepare = prepare

    def first(self, ask: Ask) -> Outcome:
        """Make a call, of pages only the first; what came of it."""
        self._prepare(ask.client, ask.region)
        started = time.monotonic()
        try:
            for _ in self._transport.pages(ask):
                break
        except CallError as problem:
            return problem.outcome
        finally:
            self._latencies.append(time.monotonic() - started)
        return Outcome(Status.OK)

    @property
    def whole(self) -> Transport:
        """The transport itself."""
        return self._transport


@dataclass
class _Check:
    """What is being found out about one account."""

    transport: _Timed
    ground: Ground
    pool: ThreadPoolExecutor
    answers: dict[Operation, Answer] = field(default_factory=dict)

    def run(self) -> Checked:
        tries = tries_of(self.ground.jobs)
        wanted = list(dict.fromkeys(op for job in self.ground.jobs for op in _operations(job)))
        states, tried = self._regions(tries)
        region = next((s.name for s in states if s.state == "open"), self._first_region)
        asked_as = self._simulate(wanted, region)
        contradicted = tuple(op for op in tried if self._contradicts(op, tried[op]))
        if contradicted:
            # The simulator does not see what denies: what it allows is worth nothing here.
            self.answers = {op: a for op, a in self.answers.items() if a.answer == "denied"}
        self.answers |= {op: a for op, a in tried.items() if a.answer != "unknown"}
        waiting = [
            tries[op]
            for op in wanted
            if op in tries and (op not in self.answers or self.answers[op].answer == "unknown")
        ]
        for made in self.pool.map(lambda one: self._tried(one, region), waiting):
            self.answers[made.operation] = made
        account_id = self.ground.account_id
        return Checked(
            self.ground,
            self._alias(),
            asked_as,
            tuple(states),
            tuple(self.answers.get(op, Answer(account_id, op, "not tried")) for op in wanted),
            contradicted,
        )

    @property
    def _first_region(self) -> str:
        regions = self.ground.regions
        home = self.ground.home
        return home if home in regions or not regions else regions[0]

    def _alias(self) -> str:
        ask = Ask(self.ground.account_id, self.ground.home, GLOBAL, "iam", _ALIASES, {})
        try:
            for page in self.transport.whole.pages(ask):
                return str(next(iter(page.get("AccountAliases") or ()), ""))
        except CallError:
            pass
        return ""

    # Regions

    def _regions(
        self, tries: Mapping[Operation, Try]
    ) -> tuple[list[RegionState], dict[Operation, Answer]]:
        """One call in every region: which are open, and what came of it where one is."""
        probe = probe_of(tries)
        if probe is None:
            return [RegionState(name, "unknown") for name in self.ground.regions], {}
        made = list(
            self.pool.map(lambda name: (name, self._tried(probe, name)), self.ground.regions)
        )
        states = [RegionState(name, _state(answer), answer.message) for name, answer in made]
        best = sorted(made, key=lambda pair: _ORDER.index(pair[1].answer))
        return states, {probe.operation: best[0][1]} if best else {}

    # Simulating

    def _simulate(self, wanted: Iterable[Operation], region: str) -> str:
        """Fill in what the simulator says; whose policies it was asked about."""
        ground = self.ground
        needs = {operation: needed for operation in wanted if (needed := needed_by(*operation))}
        free = (operation for operation, needed in needs.items() if not needed.permission)
        self.answers |= {op: Answer(ground.account_id, op, "allowed") for op in free}
        arn = (
            f"arn:{ground.partition}:iam::{ground.account_id}:role/{ground.role}"
            if ground.role
            else principal_arn(self.transport.whole, ground.account_id, ground.arn, ground.home)
        )
        if not arn:
            return ""
        permissions = {p for needed in needs.values() for p in needed.permissions}
        principal = Principal(ground.account_id, arn, region, ground.home)
        try:
            decisions = simulate(self.transport.whole, principal, permissions)
        except CallError:
            return ""
        for operation, needed in needs.items():
            if operation in self.answers:
                continue
            made = _simulated(ground.account_id, operation, needed.permissions, decisions)
            if made is not None:
                self.answers[operation] = made
        return arn

    def _contradicts(self, operation: Operation, tried: Answer) -> bool:
        simulated = self.answers.get(operation)
        return simulated is not None and simulated.answer == "allowed" and tried.answer == "denied"

    # Trying

    def _tried(self, one: Try, region: str) -> Answer:
        """Make one call and say what came of it."""
        ground = self.ground
        is_regional = one.declared.scope in (Scope.REGIONAL, Scope.ORGANISATION_REGIONAL)
        asked_in = one.declared.asked_in if ground.partition == "aws" else ""
        where = region if is_regional else asked_in or ground.home
        place = region if is_regional else GLOBAL
        job = Job(ground.account_id, ground.partition, place, where, (one.declared,))
        params = filled_in(one.call.params, {}, {}, job)
        call = replace(one.call, paging=small(one.call.paging))
        ask = Ask(ground.account_id, where, place, one.declared.client, call, params)
        return judged(ground.account_id, one.operation, self.transport.first(ask), where)


_ORDER: tuple[Word, ...] = ("allowed", "denied", "unknown", "not tried")


def _state(answer: Answer) -> Literal["open", "closed", "unknown"]:
    if answer.answer == "allowed":
        return "open"
    return "closed" if answer.denial.by == "scp" else "unknown"


def _operations(job: Job) -> list[Operation]:
    return operations_of(declared.id for declared in job.types)


def types_asked(grounds: Iterable[Ground]) -> dict[Operation, tuple[str, ...]]:
    """The types that are asked for and call each operation."""
    asked = {declared.id for g in grounds for job in g.jobs for declared in job.types}
    return {
        operation: tuple(t for t in types if t in asked)
        for operation, types in types_calling().items()
    }


def _simulated(
    account_id: str,
    operation: Operation,
    permissions: Iterable[Permission],
    decisions: Mapping[Permission, Decision],
) -> Answer | None:
    """What decisions on its permissions mean for an operation; None where one is missing."""
    wanted = list(permissions)
    if any(permission not in decisions for permission in wanted):
        return None
    made = [decisions[permission] for permission in wanted]
    for decision in made:
        if decision.allowed is False:
            return Answer(account_id, operation, "denied", "simulated", decision.denial)
    for decision in made:
        if decision.allowed is None:
            return Answer(account_id, operation, "unknown", "simulated", message=decision.words)
    return Answer(account_id, operation, "allowed", "simulated")
