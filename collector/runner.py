"""Runs declarations: lists items, follows up on each, keeps the tally, writes lines.

It knows neither boto3 nor files: a :class:`Transport` answers, live or from recorded answers.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from collector.declare import (
    Call,
    FollowUp,
    ListCall,
    ResourceType,
    Start,
)
from collector.job import Job
from collector.outcome import CallError, Outcome
from collector.parameters import (
    filled_in,
    holds,
    subjects_of,
    subjects_of_list,
    unanswered,
    with_started,
)
from collector.paths import fill, value_at, values_at
from collector.redact import Redactor
from collector.snapshot.canonical import plain
from collector.snapshot.ledger import LedgerRow, Status, worst
from collector.snapshot.spool import Spool
from collector.tally import Tallies

Submit = Callable[[Callable[[], None]], None]
"""Runs a task now or later, in this thread or another."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to be answered.

    Attributes:
        account_id: in whose name.
        region: the region whose endpoint is asked.
        place: under which the answer is filed (a region or ``global``).
        client: boto3's client name.
        call: the declaration.
        params: the parameters, filled in.
        subjects: how a recorded answer may be named for this call, best first; empty when the
            call has no subject.
        start_params: the parameters of what starts it.
    """

    account_id: str
    region: str
    place: str
    client: str
    call: Call
    params: Mapping[str, Any]
    subjects: tuple[str, ...] = ()
    start_params: Mapping[str, Any] = field(default_factory=dict)


class Transport(Protocol):
    """Answers calls.

    Attributes:
        batches: whether one call may describe several items; a recording answers for one.
    """

    batches: bool

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """The answer's pages.

        Raises:
            CallError: there is no answer, or the rest of the pages is missing.
        """

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        """Start what an asynchronous call needs, or only wait a little to ask ``again``.

        Returns:
            the starting call's answer; empty when it was only waited.

        Raises:
            CallError: it cannot be started, or has been waited for long enough.
        """


Closed = Callable[[Job, "dict[str, Spool]", "list[LedgerRow]"], None]
"""Called once when all lines of a job are spooled."""
Left = Callable[[Job, Outcome], None]
"""Called once when a job was left because credentials expired: nothing of it is kept."""


class JobRun:
    """One job: the types that share list calls, in one account and place."""

    def __init__(
        self,
        job: Job,
        transport: Transport,
        redactor: Redactor,
        spool: Callable[[str], Spool],
        submit: Submit,
        closed: Closed,
        left: Left | None,
    ) -> None:
        self.job = job
        self._transport = transport
        self._redactor = redactor
        self._submit = submit
        self._closed = closed
        self._left = left
        self._types = {declared.id: declared for declared in job.types}
        self._spools = {declared.id: spool(declared.id) for declared in job.types}
        self._seen: dict[str, set[str]] = {declared.id: set() for declared in job.types}
        self._waiting: dict[str, list[tuple[dict[str, Any], str]]] = {}
        self._tallies = Tallies()
        self._open = 1
        self._why_left: Outcome | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        """List everything; follow-ups are submitted.

        Raises:
            OSError: the snapshot cannot be written.
        """
        with self._piece():
            for declared in self.job.types:
                if not declared.arn:
                    self._submitted(declared, {}, self.job.line_id)
            for same in self._listings(""):
                self._list(same)

    def _listings(self, listed_for: str) -> list[list[tuple[ResourceType, ListCall]]]:
        """List calls for items of a type (empty: for none), those that are one call together."""
        groups: dict[tuple[str, str, str], list[tuple[ResourceType, ListCall]]] = {}
        for declared in self.job.types:
            for call in declared.lists if declared.listed_for == listed_for else ():
                key = (declared.client, call.operation, repr(dict(call.params)))
                groups.setdefault(key, []).append((declared, call))
        return list(groups.values())

    def _list(
        self,
        same: list[tuple[ResourceType, ListCall]],
        above: Mapping[str, Any] = MappingProxyType({}),
        above_id: str = "",
    ) -> None:
        declared, call = same[0]
        params = filled_in(call.params, above, above, self.job)
        ask = Ask(
            account_id=self.job.account_id,
            region=self.job.region,
            place=self.job.place,
            client=declared.client,
            call=call,
            params=params,
            subjects=subjects_of_list(declared, call, params, above_id),
        )
        found = 0
        last: Mapping[str, Any] = {}
        outcome = Outcome(Status.EMPTY)
        try:
            for page in self._transport.pages(ask):
                last = page
                for owner, own_call in same:
                    for raw in values_at(page, _elements(own_call.result)):
                        found += self._listed(owner, own_call, raw, above)
            outcome = _completeness(call, last) or Outcome(Status.OK if found else Status.EMPTY)
        except CallError as problem:
            outcome = self._told(call, problem)
        self._send_waiting()
        self._note(outcome)
        self._tallies.listed([owner for owner, _ in same], call.operation, outcome, found)

    def _listed(
        self, declared: ResourceType, call: ListCall, raw: Any, above: Mapping[str, Any]
    ) -> int:
        item = plain({call.wrap: raw} if call.wrap else raw)
        if not isinstance(item, dict):
            self._tallies.broken(declared, call.operation, f"a {type(raw).__name__} for an item")
            return 0
        for member in declared.carry:
            item.setdefault(member, above.get(member))
        return self._found(declared, call.operation, item)

    def _found(self, declared: ResourceType, operation: str, item: dict[str, Any]) -> int:
        """Take one item; 1 if it is new and kept, else 0."""
        if not all(holds(when, item, {}, self.job) for when in declared.keep):
            return 0
        if declared.only_here and not self._is_here(item, declared.only_here):
            return 0
        try:
            line_id = fill(declared.arn, item, self.job.context)
        except KeyError as problem:
            self._tallies.broken(declared, operation, f"an item has no {problem.args[0]}")
            return 0
        for child in self.job.types:
            if declared.id in child.each_of:
                self._found(child, operation, {name: item.get(name) for name in child.carry})
        with self._lock:
            if line_id in self._seen[declared.id]:
                return 0
            self._seen[declared.id].add(line_id)
        self._submitted(declared, item, line_id)
        return 1

    def _is_here(self, item: Mapping[str, Any], path: str) -> bool:
        parts = str(value_at(item, path) or "").split(":")
        return len(parts) < 6 or parts[3] in ("", self.job.region)

    def _submitted(self, declared: ResourceType, item: dict[str, Any], line_id: str) -> None:
        sizes = [call.batch.size for call in declared.follow_ups if call.batch]
        if sizes:
            with self._lock:
                waiting = self._waiting.setdefault(declared.id, [])
                waiting.append((item, line_id))
                if len(waiting) < (min(sizes) if self._transport.batches else 1):
                    return
                del self._waiting[declared.id]
            self._described_together(declared, waiting)
        elif declared.follow_ups or (declared.arn and self._listings(declared.id)):
            self._later(_Completion(self, declared, item, line_id).complete)
        else:
            self.write(declared, item, line_id, {})

    def _send_waiting(self) -> None:
        """Describe the items that wait for others to be described together with."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for type_id, items in waiting.items():
            self._described_together(self._types[type_id], items)

    def _described_together(
        self, declared: ResourceType, items: list[tuple[dict[str, Any], str]]
    ) -> None:
        completions = [_Completion(self, declared, item, line_id) for item, line_id in items]

        def describe() -> None:
            for call in declared.follow_ups:
                if call.batch:
                    ask_together(call, completions)
            for completion in completions:
                self._later(completion.complete)

        self._later(describe)

    def _later(self, task: Callable[[], None]) -> None:
        """Submit a part of the job."""
        with self._lock:
            self._open += 1

        def run() -> None:
            with self._piece():
                task()

        self._submit(run)

    def list_below(self, declared: ResourceType, item: dict[str, Any], line_id: str) -> None:
        """List what is listed for each item of a type."""
        for same in self._listings(declared.id) if declared.arn else ():
            self._list(same, item, line_id)

    def write(
        self,
        declared: ResourceType,
        item: dict[str, Any],
        line_id: str,
        calls: dict[str, dict[str, Any]],
    ) -> None:
        """Redact a line and put it down."""
        if self._why_left is not None:
            return
        clean = self._redactor
        for paths, act in ((declared.redact, clean.apply), (declared.scan, clean.scan)):
            for path in paths:
                for value, inner in _held_at(path, item, calls):
                    act(value, inner)
        self._spools[declared.id].add({"id": line_id, "item": item, "calls": calls})

    @contextlib.contextmanager
    def _piece(self) -> Iterator[None]:
        """A part of the job; the last one to end closes it."""
        try:
            yield
        except BaseException as problem:
            with self._lock:
                self._why_left = self._why_left or Outcome(Status.ERROR, type(problem).__name__)
            raise
        finally:
            with self._lock:
                self._open -= 1
                last = self._open == 0
            if last:
                self._close()

    def _close(self) -> None:
        if self._why_left is not None:
            for spool in self._spools.values():
                spool.discard()
            if self._left is not None and self._why_left.status is Status.EXPIRED:
                self._left(self.job, self._why_left)
            return
        self._closed(self.job, self._spools, self._tallies.rows(self.job))

    def _note(self, outcome: Outcome) -> None:
        """Leave the job when credentials are gone: what is asked now would only be missing."""
        if self._left is not None and outcome.status is Status.EXPIRED:
            with self._lock:
                self._why_left = outcome

    def _told(self, call: Call, problem: CallError) -> Outcome:
        """What came of a failed call; AWS's words may quote what was sent or stored."""
        outcome = meant(call, problem.outcome)
        return replace(outcome, message=self._redactor.text(outcome.message))

    @property
    def batches(self) -> bool:
        """Whether one call may describe several items."""
        return self._transport.batches

    def answer(self, declared: ResourceType, ask: Ask) -> tuple[Outcome, Any]:
        """Make one follow-up call and put it into the tally."""
        call = ask.call
        if self._why_left is not None:
            return self._why_left, None
        value: Any = [] if _is_list(call) else None
        page: Mapping[str, Any] = {}
        try:
            for page in self._pages(declared, ask):
                if isinstance(value, list):
                    value += [plain(each) for each in values_at(page, _elements(call.result))]
                else:
                    value = _useful(call, page)
            outcome = _completeness(call, page) or Outcome(Status.OK if value else Status.EMPTY)
        except CallError as problem:
            outcome = self._told(call, problem)
            value = value or None
        self._note(outcome)
        self._tallies.followed(declared, call.operation, outcome)
        return outcome, value

    def not_asked(self, declared: ResourceType, call: Call, why: str) -> Outcome:
        """Put into the tally that a follow-up call could not be made."""
        outcome = Outcome(Status.NOT_ATTEMPTED, "NotAsked", why)
        self._tallies.unasked(declared, call.operation, outcome)
        return outcome

    def _pages(self, declared: ResourceType, ask: Ask) -> Iterator[Mapping[str, Any]]:
        start = ask.call.start if isinstance(ask.call, FollowUp) else None
        if start is None:
            yield from self._transport.pages(ask)
            return
        if start.first:
            ask = replace(ask, params=with_started(ask.params, self._started(declared, ask, start)))
        while True:
            try:
                for page in self._transport.pages(ask):
                    path, pending = start.while_value
                    if path and value_at(page, path) == pending:
                        break
                    yield page
                else:
                    return
                self._transport.start(ask, start, again=True)
            except CallError as problem:
                code = problem.outcome.code
                if code in start.on:
                    self._started(declared, ask, start)
                elif code in start.pending:
                    self._transport.start(ask, start, again=True)
                else:
                    raise

    def _started(self, declared: ResourceType, ask: Ask, start: Start) -> Mapping[str, Any]:
        try:
            answer = self._transport.start(ask, start, again=False)
        except CallError as problem:
            if start.first:
                outcome = self._told(ask.call, problem)
                self._tallies.followed(declared, start.operation, outcome)
            raise
        # Whether a report has to be made depends on when one was made last: no part of the world.
        if start.first:
            self._tallies.followed(declared, start.operation, Outcome(Status.OK))
        return answer

    def discovered(self, type_id: str, operation: str, elements: list[Any]) -> None:
        """Items of another type that a follow-up has found."""
        for element in elements:
            if isinstance(element, dict):
                self._found(self._types[type_id], operation, dict(element))
        self._send_waiting()


class _Completion:
    """The follow-ups of one item."""

    def __init__(
        self, run: JobRun, declared: ResourceType, item: dict[str, Any], line_id: str
    ) -> None:
        self._run = run
        self._declared = declared
        self.item = item
        self._line_id = line_id
        self.calls: dict[str, dict[str, Any]] = {}

    def complete(self) -> None:
        """Make the calls that describe one item, write its line, list what lies below it."""
        alone = tuple(call for call in self._declared.follow_ups if not call.batch)
        self.ask_all(alone, self.item, "")
        self._run.write(self._declared, self.item, self._line_id, self.calls)
        self._run.list_below(self._declared, self.item, self._line_id)

    def wants(self, call: FollowUp, element: Any) -> bool:
        """Whether the call's conditions hold."""
        return all(holds(when, element, self.calls, self._run.job) for when in call.when)

    def ask_all(self, follow_ups: tuple[FollowUp, ...], element: Any, parent: str) -> None:
        """Make the calls for the item, or for one element of a parent's value."""
        for call in follow_ups:
            if self.wants(call, element):
                self._ask(call, element, parent)

    def _ask(self, call: FollowUp, element: Any, parent: str) -> None:
        if missing := unanswered(call.params, self.calls):
            why = f"{missing} gave nothing to ask with"
            self.store(call, element, self._run.not_asked(self._declared, call, why), None)
            return
        outcome, value = self.answer([element], call, parent)
        if call.fallback and outcome.status in (Status.NOT_SUPPORTED, Status.NOT_ATTEMPTED):
            other, other_value = self.answer([element], call.fallback, parent)
            if other.status is not Status.NOT_ATTEMPTED:
                self.store(call.fallback, element, other, other_value)
        self.store(call, element, outcome, value)
        self._go_on(call, value)

    def _go_on(self, call: FollowUp, value: Any) -> None:
        """What follows from a list that a call gave."""
        if not isinstance(value, list):
            return
        if call.discovers:
            self._run.discovered(call.discovers, call.operation, value)
        for inner in call.then:
            if inner.batch:
                self._ask_in_batches(inner, value, call.operation)
        alone = tuple(inner for inner in call.then if not inner.batch)
        for element in value if alone else ():
            self.ask_all(alone, element, call.operation)

    def _ask_in_batches(self, call: FollowUp, elements: list[Any], parent: str) -> None:
        """Describe the elements of a list, many with one call; all stand in one value."""
        wanted = [element for element in elements if self.wants(call, element)]
        if not wanted:
            return
        size = call.batch.size if call.batch and self._run.batches else 1
        found: list[Any] = []
        outcomes: list[Outcome] = []
        for at in range(0, len(wanted), size):
            chunk = wanted[at : at + size]
            outcome, value = self.answer(chunk, call, parent)
            outcomes.append(outcome)
            found += [each for element in chunk for each in matching(call, element, value)]
        outcome = next(o for o in outcomes if o.status is worst(o.status for o in outcomes))
        self.store(call, wanted[0], outcome, found)
        self._go_on(call, found)

    def answer(self, elements: list[Any], call: FollowUp, parent: str) -> tuple[Outcome, Any]:
        """Make one call, for one element or (a batch) for several."""
        return self._run.answer(self._declared, self._ask_for(call, elements, parent))

    def store(self, call: FollowUp, element: Any, outcome: Outcome, value: Any) -> None:
        """Put a call's result under its name."""
        result: dict[str, Any] = {"status": str(outcome.status)}
        if value is not None:
            result["value"] = value
        if outcome.code:
            result["error"] = outcome.words
        name = call.operation
        if call.key:
            params = filled_in(call.params, element, self.item, self._run.job, self.calls)
            name += "(" + ",".join(f"{key}={params[key]}" for key in call.key) + ")"
        self.calls[name] = result

    def _ask_for(self, call: FollowUp, elements: list[Any], parent: str) -> Ask:
        job = self._run.job
        params = filled_in(call.params, elements[0], self.item, job, self.calls)
        if call.batch and call.batched:
            (source,) = call.params[call.batched]
            params[call.batched] = [value_at(element, source.path) for element in elements]
        start = call.start.params if call.start else {}
        start_params = filled_in(start, elements[0], self.item, job)
        named = Call(operation=call.operation, params=start) if start else call
        name = str(self.item.get("Name") or "")
        subjects = subjects_of(named, start_params or params, self._line_id, name, bool(parent))
        return Ask(
            account_id=job.account_id,
            region=self._region(call) or job.region,
            place=job.place,
            client=self._declared.client,
            call=call,
            params=params,
            # A batch may be recorded as one answer for all.
            subjects=(*subjects, "") if call.batch else subjects,
            start_params=start_params,
        )

    def _region(self, call: FollowUp) -> str:
        if not call.region:
            return ""
        earlier, _, path = call.region.rpartition(":")
        result = self.calls.get(earlier, {})
        if earlier and "value" not in result:
            return ""
        named = value_at(result["value"] if earlier else self.item, path)
        return self._run.job.region_named(named)


def ask_together(call: FollowUp, completions: list[_Completion]) -> None:
    """Make one call for several items. Where one of them spoils it, each is asked for alone."""
    wanted = [each for each in completions if each.wants(call, each.item)]
    if not wanted:
        return
    outcome, value = wanted[0].answer([each.item for each in wanted], call, "")
    if outcome.status in (Status.ERROR, Status.ABSENT) and len(wanted) > 1:
        for each in wanted:
            ask_together(call, [each])
        return
    for each in wanted:
        if value is None:
            each.store(call, each.item, outcome, None)
            continue
        (found, *_) = [*matching(call, each.item, value), None]
        missing = Outcome(Status.ABSENT) if outcome.status is not Status.ERROR else outcome
        each.store(call, each.item, outcome if found is not None else missing, found)


def matching(call: FollowUp, element: Any, value: Any) -> list[Any]:
    """What a batched answer says about one element."""
    if call.batch is None or not isinstance(value, list):
        return []
    theirs, ours = call.batch.match
    return [each for each in value if value_at(each, theirs) == value_at(element, ours)]


def meant(call: Call, outcome: Outcome) -> Outcome:
    """The outcome with what the declaration knows of the operation's own error codes."""
    own = (
        (Status.ABSENT, call.absent),
        (Status.NOT_ENABLED, call.not_enabled),
        (Status.NOT_SUPPORTED, call.not_supported),
    )
    for status, codes in own:
        for code, _, words in (listed.partition(":") for listed in codes):
            if outcome.code == code and words in outcome.message:
                return replace(outcome, status=status)
    return outcome


def _held_at(
    path: str, item: dict[str, Any], calls: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Any, str]]:
    """The values that a path of ``redact`` or ``scan`` is about, and the path inside each."""
    operation, colon, inner = path.rpartition(":")
    if not colon:
        yield item, inner
    for name, result in calls.items() if colon else ():
        if name.partition("(")[0] == operation and "value" in result:
            yield result["value"], inner


def _elements(result: str) -> str:
    return result if result.endswith("[]") else result + "[]"


def _is_list(call: Call) -> bool:
    return bool(call.result)


def _shortened(text: Any, characters: int) -> Any:
    if not isinstance(text, str) or len(text) <= characters:
        return text
    return f"{text[:characters]}... ({len(text) - characters} more characters)"


def _useful(call: Call, page: Mapping[str, Any]) -> Any:
    answer = {key: value for key, value in page.items() if key != "ResponseMetadata"}
    for path in call.text:
        held = value_at(answer, path)
        if isinstance(held, bytes | bytearray):
            answer[path] = bytes(held).decode("utf-8", errors="replace")
    for member, characters in call.cut:
        if member in answer:
            answer[member] = _shortened(answer[member], characters)
    return plain(answer)


def _completeness(call: Call, last: Mapping[str, Any]) -> Outcome | None:
    if call.incomplete and value_at(last, call.incomplete):
        return Outcome(Status.ERROR, "Incomplete", "AWS says that there is more than it lists")
    return None
