"""The follow-up calls of one job: each is made, its answer joined, and put into the tally."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.asking import Ask, Transport
from collector.declare import Call, FollowUp, ResourceType, Start
from collector.facts import cut_short
from collector.outcome import CallError, Outcome
from collector.pages import completeness, is_list, meant, path_of_elements, useful_part
from collector.parameters import not_started, with_started
from collector.paths import value_at, values_at
from collector.redact import Redactor
from collector.snapshot.canonical import plain
from collector.snapshot.ledger import Status
from collector.tally import Tallies


class FollowUpCalls:
    """Asks what describes items further. Safe between threads.

    Args:
        transport: answers.
        redactor: takes secrets out of AWS's words.
        tallies: of the job.
        why_left: why the job is not gone on with; ``None`` while it is.
        note: told what came of each call.
    """

    def __init__(
        self,
        transport: Transport,
        redactor: Redactor,
        tallies: Tallies,
        why_left: Callable[[], Outcome | None],
        note: Callable[[Outcome], None],
    ) -> None:
        self._transport = transport
        self._redactor = redactor
        self._tallies = tallies
        self._why_left = why_left
        self._note = note
        self._answers: dict[tuple[str, str, str, str], tuple[Outcome, Any]] = {}
        self._asking_once = threading.Lock()

    @property
    def batches(self) -> bool:
        """Whether one call may describe several items."""
        return self._transport.batches

    def told(self, call: Call, problem: CallError) -> Outcome:
        """What came of a failed call; AWS's words may quote what was sent or stored."""
        outcome = meant(call, problem.outcome)
        return replace(outcome, message=self._redactor.text(outcome.message))

    def answer(self, declared: ResourceType, ask: Ask) -> tuple[Outcome, Any]:
        """Make one follow-up call and put it into the tally.

        A call that asks nothing about its item is made for the first one only.
        """
        if not declared.arn or ask.subjects:
            return self._answer(declared, ask)
        key = (ask.region, ask.client, ask.call.operation, repr(dict(ask.params)))
        with self._asking_once:
            if key not in self._answers:
                self._answers[key] = self._answer(declared, ask)
            outcome, value = self._answers[key]
        # Redaction changes what each line holds.
        return outcome, copy.deepcopy(value)

    def _answer(self, declared: ResourceType, ask: Ask) -> tuple[Outcome, Any]:
        call = ask.call
        if (why_left := self._why_left()) is not None:
            return why_left, None
        value: Any = [] if is_list(call) else None
        page: Mapping[str, Any] | None = None
        try:
            for page in self._pages(declared, ask):
                if isinstance(value, list):
                    value += [
                        plain(each) for each in values_at(page, path_of_elements(call.result))
                    ]
                else:
                    value = useful_part(call, page)
            status = Status.OK if value else Status.EMPTY
            outcome = completeness(call, page or {}) or Outcome(status)
        except CallError as problem:
            outcome = self.told(call, problem)
            outcome = cut_short(outcome) if page is not None else outcome
            value = value or None
        self._note(outcome)
        self._tallies.followed(declared, call.operation, outcome)
        return outcome, value

    def not_asked(self, declared: ResourceType, call: Call, outcome: Outcome) -> Outcome:
        """Put into the tally why a follow-up call was not made."""
        self._tallies.followed(declared, call.operation, replace(outcome, asked=False))
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
            if start.first and answer and (lacking := not_started(ask.params, answer)):
                words = f"the answer to {start.operation} has no {lacking}"
                raise CallError(Outcome(Status.ERROR, "UnknownShape", words))
        except CallError as problem:
            if start.first:
                outcome = self.told(ask.call, problem)
                self._tallies.followed(declared, start.operation, outcome)
            raise
        # Whether a report has to be made depends on when one was made last: no part of the world.
        # Nothing was started where a recording answers.
        if start.first and answer:
            self._tallies.followed(declared, start.operation, Outcome(Status.OK))
        return answer
