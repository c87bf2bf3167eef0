"""One generated case put to both evaluators."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graph.iam.decision import Decision
from graph.iam.evaluate import decide
from graph.iam.expression import Expression, Literal
from graph.iam.world import IamWorld
from graph.verdict import Verdict
from tests.iam.differential import adapter
from tests.iam.differential.expressions import truth
from tests.iam.naive import evaluator
from tests.iam.naive.evaluator import Doc, Outcome, Reading

FULL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LAYERS = {"resource": "resource_policy", "trust": "trust_policy"}
NAMES = ("s1", "s2", "some-other")
UNREAD = ("unknown_resource_policy_allows", "unknown_resource_policy_denies")


@dataclass
class Tally:
    """What became of the cases: undecided ones by open point, and every disagreement."""

    cases: int = 0
    undecided: dict[str, int] = field(default_factory=dict)
    combinations: int = 0
    undecided_combinations: int = 0
    layers: int = 0
    of_any_session: int = 0
    disagreements: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """A request as the naive evaluator is asked: one for each session of a role without one.

    ``reading`` and ``left_open``: an account that was not collected grants what it likes.
    """

    world: Doc
    requests: list[Doc]
    reading: Reading
    left_open: str
    known: bool

    def outcomes(self, context: Doc) -> list[tuple[Outcome | None, str]]:
        """The verdict on each, or why it is open."""
        return [
            evaluator.decidable(
                self.world, {**one, "context": context}, self.reading, self.left_open
            )
            for one in self.requests
        ]

    def cases(self, context: Doc) -> list[evaluator.Case]:
        """The naive evaluator's cases."""
        return [
            evaluator.build_case(self.world, {**one, "context": context}, self.reading)
            for one in self.requests
        ]

    def verdicts(self, context: Doc) -> Iterator[tuple[evaluator.Case, bool]]:
        """The naive evaluator's cases, and whether each is allowed under the reading chosen."""
        for one, case in zip(self.requests, self.cases(context), strict=True):
            asked = {**one, "context": context}
            yield case, evaluator.decide(self.world, asked, self.reading).allowed

    def unsigned(self, context: Doc) -> bool | None:
        """Whether the same call is allowed without a signature; None if that is open."""
        one = self.requests[0]
        kept = {k: v for k, v in context.items() if not k.lower().startswith("aws:principal")}
        asked = {**one, "principal": "anonymous", "session_policies": [], "context": kept}
        outcome, _ = evaluator.decidable(self.world, asked)
        return None if outcome is None else outcome.allowed


def compare(world: Doc, request: Doc, unknown: Doc, tally: Tally, label: str) -> None:
    """Put a case to both, two-valued and three-valued, and note where they differ."""
    tally.cases += 1
    asked = _asked(world, request)
    here = adapter.iam_world(world)
    text = f"{label}: {request['principal']} {request['action']} {request['resource']}"
    for found in itertools.chain(
        _stated(asked, here, request, tally), _open(asked, here, request, unknown, tally)
    ):
        tally.disagreements.append(f"{text}: {found}")


def _asked(world: Doc, request: Doc) -> Asked:
    who = evaluator.who_is(world, request["principal"])
    requests = [request]
    if who.kind == "role" and not who.session_arn:
        base = f"arn:aws:sts::{who.account}:assumed-role/{who.arn.rpartition('/')[2]}"
        requests = [{**request, "principal": f"{base}/{name}"} for name in NAMES]
    reading, left_open = evaluator.CHOSEN, ""
    if who.account and who.account not in world["accounts"]:
        reading, left_open = replace(reading, unknown_identity_allows=True), "unknown_identity"
        requests = [{**one, "session_policies": [FULL]} for one in requests]
    if who.kind == "root" and left_open and request["action"].lower().startswith("sts:"):
        # The root's ARN is also how an account is named: the engine takes it for the account.
        requests = [{**one, "principal": f"{one['principal'][:-4]}role/any"} for one in requests]
    known = evaluator.target_of(world, request["resource"]).known
    return Asked(world, requests, reading, left_open, known)


# ---------------------------------------------------------------- everything stated


def _stated(asked: Asked, here: IamWorld, request: Doc, tally: Tally) -> Iterator[str]:
    outcomes = asked.outcomes(request["context"])
    why = {name for _, text in outcomes for name in text.split(", ") if text}
    decision = decide(here, adapter.engine_request(asked.world, here, request, {}, True))
    verdict = decision.answer.verdict
    if not asked.known:
        yield from _unread(asked, request["context"], decision)
        return
    if why:
        name = " + ".join(sorted(why))
        tally.undecided[name] = tally.undecided.get(name, 0) + 1
        return
    found = [outcome for outcome, _ in outcomes if outcome]
    allowed = any(one.allowed for one in found)
    if _is_unsigned(decision):
        if allowed or asked.unsigned(request["context"]) is False:
            yield f"naive {found[0]}, engine {decision.answer.why}"
        return
    if len(found) > 1 and _tests_the_id(decision):
        tally.of_any_session += 1
    elif verdict not in (Verdict.YES, Verdict.NO) or allowed is not (verdict is Verdict.YES):
        yield f"naive {found[0]}, engine {verdict}: {decision.answer.why}"
    elif not allowed and len(found) == 1:
        yield from _layer(asked, request["context"], decision, tally)


def _tests_the_id(decision: Decision) -> bool:
    """Whether an answer about a role tests its sessions' ids, whose names the caller chooses."""
    atoms = (atom for term in decision.allowed.terms for atom in term)
    return any(isinstance(atom, Literal) and atom.key == "aws:userid" for atom in atoms)


def _is_unsigned(decision: Decision) -> bool:
    """Whether the engine answers for the same call without a signature (rule 45)."""
    return any(text.startswith("Unsigned: ") for text in decision.answer.evidence)


def _unread(asked: Asked, context: Doc, decision: Decision) -> Iterator[str]:
    """A resource that was not collected: sure answers only where no policy of it could matter."""
    # https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html writes no Deny
    only_allows = asked.requests[0]["action"].lower().startswith("lambda:")
    open_points = UNREAD[:1] if only_allows else UNREAD
    readings = [asked.reading, *(replace(asked.reading, **{name: True}) for name in open_points)]
    allowed = {
        evaluator.decide(asked.world, {**one, "context": context}, reading).allowed
        for one in asked.requests
        for reading in readings
    }
    verdict = decision.answer.verdict
    if verdict is Verdict.YES and False in allowed and len(asked.requests) == 1:
        yield f"engine yes, yet a policy that was not read decides: {decision.answer.why}"
    if verdict is Verdict.NO and True in allowed:
        yield f"engine no, yet a policy that was not read decides: {decision.answer.why}"


def _layer(asked: Asked, context: Doc, decision: Decision, tally: Tally) -> Iterator[str]:
    """Where exactly one layer denies, or lacks an Allow, both must name it."""
    only, explicit = _layers(asked.cases(context)[0])
    if len(only) != 1 or decision.denied_by == "aws":
        return
    tally.layers += 1
    expected = LAYERS.get(only[0], only[0])
    if (decision.denied_by, decision.explicit) == (expected, explicit):
        return
    readings = (replace(asked.reading, **change) for _, change in evaluator.CHANGES)
    others = (replace(asked, reading=one).cases(context)[0] for one in readings)
    if all(_layers(one) == (only, explicit) for one in others):
        yield f"denied by {expected}, engine says {decision.denied_by} ({decision.explicit})"


def _layers(case: evaluator.Case) -> tuple[list[str], bool]:
    """The layers with an explicit Deny, else those without an Allow."""
    denies = list(evaluator.explicit_denies(case))
    if denies or not case.who.account:
        return denies, True
    return evaluator.silent_layers(case), False


# ---------------------------------------------------------------- up to two keys unknown


def _open(asked: Asked, here: IamWorld, request: Doc, unknown: Doc, tally: Tally) -> Iterator[str]:
    if not unknown or not asked.known:
        return
    question = adapter.engine_request(asked.world, here, request, unknown)
    decision = decide(here, question)
    unsigned = _is_unsigned(decision)
    values = {
        key: adapter.candidates(adapter.fact_of(here, question, key.lower()), found)
        for key, found in unknown.items()
    }
    if not all(values.values()) or unsigned:
        return
    verdicts: set[bool] = set()
    for one in evaluator.contexts(request, values):
        for case, allowed in asked.verdicts(one["context"]):
            tally.combinations += 1
            wrong = _at(decision, case, allowed)
            if wrong and _is_open(asked, one["context"]):
                tally.undecided_combinations += 1
            elif wrong:
                yield f"at {one['context']}: {wrong}"
            else:
                verdicts.add(allowed)
    yield from _whole(decision, verdicts)


def _is_open(asked: Asked, context: Doc) -> bool:
    return any(outcome is None for outcome, _ in asked.outcomes(context))


def _at(decision: Decision, case: evaluator.Case, allowed: bool) -> str:
    """What is wrong with the engine's expression at one combination."""
    context = dict(case.context)
    if case.who.session_name:
        context["sts:rolesessionname"] = [case.who.session_name]
    value = truth(decision.allowed, context, case)
    if value is None or value is allowed:
        return ""
    return f"naive {allowed}, expression {value} of {decision.allowed}"


def _whole(decision: Decision, verdicts: set[bool]) -> Iterator[str]:
    """The verdict against all combinations: always, sometimes or never allowed."""
    verdict = decision.answer.verdict
    if verdict is Verdict.NO and True in verdicts:
        yield f"no, yet some combination is allowed: {decision.answer.why}"
    if verdict is Verdict.YES and False in verdicts and not _has_chosen(decision.allowed):
        yield f"yes, yet some combination is not allowed: {decision.answer.why}"
    if verdict is Verdict.UNKNOWN:
        yield f"unknown, yet everything was collected: {decision.answer.why}"


def _has_chosen(allowed: Expression) -> bool:
    atoms = (atom for term in allowed.terms for atom in term)
    return any(isinstance(atom, Literal) and atom.is_chosen for atom in atoms)
