"""What describes an item further: the calls that are made for it, alone or with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.asking import Ask
from collector.declare import Call, FollowUp, ResourceType
from collector.outcome import Outcome
from collector.parameters import filled_in, holds, subjects_of, unanswered
from collector.paths import value_at
from collector.snapshot.ledger import Status, worst

if TYPE_CHECKING:
    from collector.runner import JobRun


class Completion:
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
        told = self.calls.get(call.enabled_by, {})
        if told.get("status") == Status.NOT_ENABLED:
            code, _, message = str(told.get("error", "")).partition(": ")
            outcome = Outcome(Status.NOT_ENABLED, code, message)
            self.store(
                call, element, self._run.calls.not_asked(self._declared, call, outcome), None
            )
            return
        if missing := unanswered(call.params, self.calls):
            why = f"{missing} gave nothing to ask with"
            outcome = Outcome(Status.NOT_ATTEMPTED, "NotAsked", why)
            self.store(
                call, element, self._run.calls.not_asked(self._declared, call, outcome), None
            )
            return
        outcome, value = self.answer([element], call, parent)
        if call.fallback and outcome.status in (Status.NOT_SUPPORTED, Status.NOT_ATTEMPTED):
            other, other_value = self.answer([element], call.fallback, parent)
            if other.status is not Status.NOT_ATTEMPTED:
                self.store(call.fallback, element, other, other_value)
        self.store(call, element, outcome, value)
        self._go_on(call, value)

    def _go_on(self, call: FollowUp, value: Any) -> None:
        """What follows from what a call gave."""
        self.named(call, value)
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
        size = call.batch.size if call.batch and self._run.calls.batches else 1
        found: list[Any] = []
        outcomes: list[Outcome] = []
        for at in range(0, len(wanted), size):
            chunk = wanted[at : at + size]
            outcome, value = self.answer(chunk, call, parent)
            outcomes.append(outcome)
            for element in chunk:
                described = matching(call, element, value)
                if not described and value is not None:
                    outcomes.append(self.not_described(call))
                found += described
        outcome = next(o for o in outcomes if o.status is worst(o.status for o in outcomes))
        self.store(call, wanted[0], outcome, found)
        self._go_on(call, found)

    def not_described(self, call: FollowUp) -> Outcome:
        """What AWS lists and leaves out of the description: it may be gone, or hidden."""
        words = "it was listed, and is not in the answer that describes it"
        outcome = Outcome(Status.ERROR, "NotDescribed", words)
        return self._not_asked(call, outcome)

    def _not_asked(self, call: FollowUp, outcome: Outcome) -> Outcome:
        return self._run.calls.not_asked(self._declared, call, outcome)

    def named(self, call: FollowUp, value: Any) -> None:
        """Items of other types that a value names."""
        self._run.named(call, value)

    def answer(self, elements: list[Any], call: FollowUp, parent: str) -> tuple[Outcome, Any]:
        """Make one call, for one element or (a batch) for several."""
        return self._run.calls.answer(self._declared, self._ask_for(call, elements, parent))

    def store(self, call: FollowUp, element: Any, outcome: Outcome, value: Any) -> None:
        """Put a call's result under its name."""
        result: dict[str, Any] = {"status": str(outcome.status)}
        if value is not None:
            result["value"] = value
        if outcome.code:
            result["error"] = outcome.words
        name = call.operation
        if call.key:
            job = self._run.job
            params = filled_in(call.params, element, self.item, job, self.calls, self._line_id)
            name += "(" + ",".join(f"{key}={params.get(key)}" for key in call.key) + ")"
        self.calls[name] = result

    def _ask_for(self, call: FollowUp, elements: list[Any], parent: str) -> Ask:
        job = self._run.job
        params = filled_in(call.params, elements[0], self.item, job, self.calls, self._line_id)
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


def ask_together(call: FollowUp, completions: list[Completion]) -> None:
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
        told = outcome if found is not None else each.not_described(call)
        each.store(call, each.item, told, found)
        each.named(call, found)


def matching(call: FollowUp, element: Any, value: Any) -> list[Any]:
    """What a batched answer says about one element."""
    if call.batch is None or not isinstance(value, list):
        return []
    theirs, ours = call.batch.match
    return [each for each in value if value_at(each, theirs) == value_at(element, ours)]
