"""Runs declarations: lists items, follows up on each, keeps the tally, writes lines.

It knows neither boto3 nor files: a :class:`Transport` answers, live or from recorded answers.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from collector.asking import Ask, Transport
from collector.completion import Completion, ask_together
from collector.declare import (
    FollowUp,
    ListCall,
    ResourceType,
    When,
)
from collector.facts import cut_short
from collector.follow_up_calls import FollowUpCalls
from collector.items_seen import ItemsSeen, Met
from collector.job import Job
from collector.line_redaction import redact_line
from collector.outcome import CallError, Outcome
from collector.pages import completeness, path_of_elements
from collector.parameters import (
    filled_in,
    holds,
    subjects_of_list,
)
from collector.paths import fill, value_at, values_at
from collector.redact import Redactor
from collector.snapshot.canonical import plain
from collector.snapshot.ledger import LedgerRow, Status
from collector.snapshot.spool import Spool
from collector.tally import Tallies

Submit = Callable[[Callable[[], None]], None]
"""Runs a task now or later, in this thread or another."""


Closed = Callable[[Job, "dict[str, Spool]", "list[LedgerRow]"], None]
"""Called once when all lines of a job are spooled."""
Left = Callable[[Job, Outcome], None]
"""Called once when a job was left because credentials expired: nothing of it is kept."""
Waiting = dict[tuple[str, str], list[tuple[dict[str, Any], str]]]
"""Items with their lines' ids that wait for others to be described together with, by type and
parameters. Each list has its own: which items share a call must not depend on what other threads
have found by then."""


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
        self._seen = ItemsSeen(self._types)
        self._tallies = Tallies()
        self._open = 1
        self._why_left: Outcome | None = None
        self._lock = threading.Lock()
        self.calls = FollowUpCalls(
            transport, redactor, self._tallies, lambda: self._why_left, self._note
        )

    def run(self) -> None:
        """List everything; follow-ups are submitted.

        Raises:
            OSError: the snapshot cannot be written.
        """
        with self._piece():
            for declared in self.job.types:
                if not declared.arn:
                    waiting: Waiting = {}
                    self._submitted(declared, {}, self.job.line_id, waiting)
                    self._send(waiting)
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
        waiting: Waiting = {}
        last: Mapping[str, Any] | None = None
        outcome = Outcome(Status.EMPTY)
        try:
            for page in self._transport.pages(ask):
                last = page
                for owner, own_call in same:
                    for raw in values_at(page, path_of_elements(own_call.result)):
                        found += self._listed(owner, own_call, raw, above, waiting)
            status = Status.OK if found else Status.EMPTY
            outcome = completeness(call, last or {}) or Outcome(status)
        except CallError as problem:
            outcome = self.calls.told(call, problem)
            outcome = cut_short(outcome) if last is not None else outcome
        self._send(waiting)
        self._note(outcome)
        self._tallies.listed([owner for owner, _ in same], call.operation, outcome, found)

    def _listed(
        self,
        declared: ResourceType,
        call: ListCall,
        raw: Any,
        above: Mapping[str, Any],
        waiting: Waiting,
    ) -> int:
        item = plain({call.wrap: raw} if call.wrap else raw)
        if not isinstance(item, dict):
            self._tallies.broken(declared, call.operation, f"a {type(raw).__name__} for an item")
            return 0
        for member in declared.carry:
            item.setdefault(member, above.get(member))
        return self._found(declared, call.operation, item, waiting)

    def _found(
        self, declared: ResourceType, operation: str, item: dict[str, Any], waiting: Waiting
    ) -> int:
        """Take one item; 1 if it is new and kept, else 0."""
        if not all(self._is_kept(when, item) for when in declared.keep):
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
                carried = {name: item.get(name) for name in child.carry}
                self._found(child, operation, carried, waiting)
        met = self._seen.meet(declared.id, line_id, item)
        if met is Met.OTHER:
            self._tallies.listed_again(declared, operation, line_id)
            if not self._is_described(declared):
                # Lists that run side by side: the file keeps the same one whichever came first.
                self.write(declared, item, line_id, {})
        if met is Met.NEW:
            self._submitted(declared, item, line_id, waiting)
        return int(met is Met.NEW)

    def _is_here(self, item: Mapping[str, Any], path: str) -> bool:
        """Whether it is at home here; else its home has to be collected too."""
        parts = str(value_at(item, path) or "").split(":")
        if len(parts) < 6 or parts[3] in ("", self.job.region):
            return True
        return parts[3] not in self.job.regions

    def _is_kept(self, when: When, item: Mapping[str, Any]) -> bool:
        """Whether a condition on items holds; of what AWS leaves out nobody knows, so it does,
        but where the condition speaks of just that.
        """
        if value_at(item, when.path) is None:
            return None not in when.is_none_of
        return holds(when, item, {}, self.job)

    def _submitted(
        self, declared: ResourceType, item: dict[str, Any], line_id: str, waiting: Waiting
    ) -> None:
        sizes = [call.batch.size for call in declared.follow_ups if call.batch]
        if sizes:
            key = (declared.id, self._asked_with(declared, item))
            together = waiting.setdefault(key, [])
            together.append((item, line_id))
            if len(together) >= (min(sizes) if self._transport.batches else 1):
                self._described_together(declared, waiting.pop(key))
        elif self._is_described(declared):
            self._later(Completion(self, declared, item, line_id).complete)
        else:
            self.write(declared, item, line_id, {})

    def _is_described(self, declared: ResourceType) -> bool:
        """Whether calls are made for each item, or lists of what lies below it."""
        return bool(declared.follow_ups or (declared.arn and self._listings(declared.id)))

    def _asked_with(self, declared: ResourceType, item: Mapping[str, Any]) -> str:
        """What items have to agree in to be described together: all other parameters."""
        return repr(
            [
                filled_in({**call.params, call.batched: None}, item, item, self.job)
                for call in declared.follow_ups
                if call.batch
            ]
        )

    def _send(self, waiting: Waiting) -> None:
        """Describe the items that wait: no others come."""
        for (type_id, _), items in waiting.items():
            self._described_together(self._types[type_id], items)

    def _described_together(
        self, declared: ResourceType, items: list[tuple[dict[str, Any], str]]
    ) -> None:
        completions = [Completion(self, declared, item, line_id) for item, line_id in items]

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
        redact_line(declared, self._redactor, item, calls)
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

    def discovered(self, type_id: str, operation: str, elements: list[Any]) -> None:
        """Items of another type that a follow-up has found."""
        waiting: Waiting = {}
        for element in elements:
            if isinstance(element, dict):
                self._found(self._types[type_id], operation, dict(element), waiting)
        self._send(waiting)

    def named(self, call: FollowUp, value: Any) -> None:
        """Items of other types that a value names."""
        elements = value if isinstance(value, list) else [value]
        waiting: Waiting = {}
        for named in call.names:
            for element in elements:
                for name in values_at(element, named.path):
                    if name and named.type in self._types:
                        item = {named.wrap: name}
                        self._found(self._types[named.type], call.operation, item, waiting)
        self._send(waiting)
