"""The proof of an answer: what each layer said, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.evidence import Ref, Step
from graph.iam.decision import LAYERS, Cited, Decision
from graph.iam.expression import TRUE, Expression, Gap, Literal, Term
from graph.iam.layers import Hit, Said
from graph.iam.session_demands import demands
from graph.verdict import Answer, Verdict

SHOWN_ALTERNATIVES = 5
SHOWN_TEXT = 2_000
"""So many characters of what a statement asks are told: of thousands of values there is an end."""
EXPLICIT = "Explicit deny in"


def explicitly_denied(answer: Answer) -> bool:
    """Whether a ``no`` comes from a Deny, not from the lack of an Allow."""
    return any(step.result == "fail" and step.text.startswith(EXPLICIT) for step in answer.steps)


@dataclass(slots=True)
class Proof:
    """Steps gathered while a request is decided.

    ``withheld`` holds gaps that could only take away from whatever was granted.
    """

    steps: list[Step] = field(default_factory=list)
    assumes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    withheld: Expression = TRUE
    denied_by: str = ""
    silent: str = ""
    layer_denied: str = ""
    cited: list[Cited] = field(default_factory=list)

    def step(
        self, name: str, subject: str, when: Expression, text: str, refs: tuple[Ref, ...] = ()
    ) -> None:
        """Add a step with the result that ``when`` means."""
        self.steps.append(Step(name, subject, _result(when), text, refs))

    def layer(self, name: str, subject: str, said: Said, granted: Expression, of: str = "") -> None:
        """Add what a layer said: a Deny first, else what it allows or that it does not.

        ``of`` names the layer's only policy, for a reader.
        """
        self._cite(name, [*said.denies, *said.allows])
        for hit in said.denies:
            if hit.partial:
                self.notes.append(f"{hit.cite()} denies a part of what is asked.")
            elif hit.when.is_true:
                self._deny(name, subject, hit)
                return
        for hit in said.denies:
            if not hit.partial:
                text = f"Denied by {hit.cite()} unless {_text(~hit.when)}."
                self.step(name, subject, ~hit.when, text, hit.refs())
        self._grant(name, subject, said, granted, of)

    def guard(
        self, name: str, subject: str, said: Said, passes: Expression, otherwise: str
    ) -> None:
        """Add what a layer said that can only deny."""
        self._cite(name, said.denies)
        for hit in said.denies:
            if not hit.partial and hit.when.is_true:
                self._deny(name, subject, hit)
                return
        for hit in said.denies:
            text = f"Denied by {hit.cite()} unless {_text(~hit.when)}."
            if hit.partial:
                self.notes.append(f"{hit.cite()} denies a part of what is asked.")
            else:
                self.step(name, subject, ~hit.when, text, hit.refs())
        if said.missing:
            missing = ", ".join(f"{kind}={value}" for kind, value in said.missing)
            self.step(name, subject, passes, f"Not collected: {missing}.")
        elif not said.denies:
            self.step(name, subject, passes, otherwise)

    def _cite(self, name: str, hits: list[Hit]) -> None:
        self.cited += [
            Cited(
                LAYERS[name],
                hit.statement.effect,
                hit.policy.name,
                hit.policy.arn,
                hit.statement.index,
                hit.statement.sid,
                hit.when,
                hit.partial,
                next(iter(hit.refs()), None),
            )
            for hit in hits
        ]

    def _deny(self, name: str, subject: str, hit: Hit) -> None:
        self.denied_by = self.denied_by or f"{name}: {hit.cite()}"
        self.layer_denied = self.layer_denied or LAYERS[name]
        text = f"{EXPLICIT} {hit.cite()}."
        self.steps.append(Step(name, subject, "fail", text, hit.refs()))

    def _grant(self, name: str, subject: str, said: Said, granted: Expression, of: str) -> None:
        title = f"{name} ({of})" if of else name
        best = min(said.allows, key=lambda hit: _weight(hit.when), default=None)
        if best is not None:
            text = f"Allowed by {best.cite()}"
            if not best.when.is_true:
                text += f" if {_text(best.when)}"
            self.step(name, subject, best.when, f"{text}.", best.refs())
        elif said.missing:
            missing = ", ".join(f"{subject}={value}" for subject, value in said.missing)
            self.step(name, subject, granted, f"Not collected: {missing}.")
        else:
            self.silent = self.silent or title
            self.step(name, subject, granted, f"No statement of the {title} allows it.")

    def decision(self, allowed: Expression, who: str) -> Decision:
        """The answer together with what led to it."""
        answer = self.answer(allowed, who)
        denied_by = ""
        if answer.verdict is Verdict.NO:
            failed = (LAYERS.get(step.name) for step in self.steps if step.result == "fail")
            implicit = next(filter(None, failed), "conditions")
            denied_by = self.layer_denied or implicit
        return Decision(
            answer,
            allowed & self.withheld,
            denied_by,
            bool(denied_by and self.layer_denied),
            tuple(self.cited),
        )

    def answer(self, allowed: Expression, who: str) -> Answer:
        """The answer that an expression means, every layer being in it."""
        allowed = allowed & self.withheld
        evidence = [step.text for step in self.steps] + self.notes
        verdict, term = _verdict(allowed)
        if verdict is Verdict.NO:
            return self._no(who, evidence)
        others = [other for other in allowed.terms if other != term][:SHOWN_ALTERNATIVES]
        evidence += [f"Also if {_cut(_term_text(other))}." for other in others]
        chosen = sorted(atom.render() for atom in term if _chosen(atom))
        if chosen:
            evidence.append(f"The caller chooses {', '.join(chosen)}.")
        conditions = tuple(sorted({atom.render() for atom in term if not _chosen(atom)}))
        return Answer(
            verdict=verdict,
            why=_why(verdict, who, conditions, self.steps),
            conditions=conditions,
            assumes=tuple(sorted(set(self.assumes))),
            evidence=tuple(dict.fromkeys(evidence)),
            steps=tuple(self.steps),
            session=demands(allowed),
        )

    def _no(self, who: str, evidence: list[str]) -> Answer:
        if self.denied_by:
            why = f"{who} is denied by {self.denied_by}."
        elif any(step.result == "conditional" for step in self.steps) and not self.silent:
            why = f"{who} is not allowed: the conditions contradict each other."
        elif self.silent:
            why = f"{who} is not allowed: nothing in the {self.silent} allows it."
        else:
            failed = next((step for step in self.steps if step.result == "fail"), None)
            why = f"{who} is not allowed: {failed.text if failed else 'nothing allows it.'}"
        return Answer(
            verdict=Verdict.NO,
            why=why,
            assumes=tuple(sorted(set(self.assumes))),
            evidence=tuple(dict.fromkeys(evidence)),
            steps=tuple(self.steps),
        )


def _chosen(atom: object) -> bool:
    return isinstance(atom, Literal) and atom.is_chosen


def _verdict(allowed: Expression) -> tuple[Verdict, Term]:
    """The strongest alternative, the one with fewest conditions first."""
    if not allowed.terms:
        return (Verdict.CONDITIONAL if allowed.truncated else Verdict.NO), frozenset()
    rated = [(_term_verdict(term), term) for term in allowed.terms]
    rated.sort(key=lambda row: (-row[0].rank, _cost(row[1]), sorted(map(repr, row[1]))))
    return rated[0]


def _term_verdict(term: Term) -> Verdict:
    if any(isinstance(atom, Gap) and atom.needed for atom in term):
        return Verdict.UNKNOWN
    return Verdict.CONDITIONAL if any(not _chosen(atom) for atom in term) else Verdict.YES


def _cost(term: Term) -> int:
    return sum(not _chosen(atom) for atom in term)


def _weight(when: Expression) -> tuple[int, int]:
    return (min(map(len, when.terms), default=0), len(when.terms))


def _result(when: Expression) -> str:
    verdict, _ = _verdict(when)
    return {
        Verdict.YES: "pass",
        Verdict.CONDITIONAL: "conditional",
        Verdict.UNKNOWN: "unknown",
    }.get(verdict, "fail")


def _text(when: Expression) -> str:
    if when.is_false:
        return "never"
    text = " or ".join(_term_text(term) for term in when.terms[:SHOWN_ALTERNATIVES])
    return _cut(text) or "always"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}..."


def _term_text(term: Term) -> str:
    return " and ".join(sorted(atom.render() for atom in term)) or "always"


def _why(verdict: Verdict, who: str, conditions: tuple[str, ...], steps: list[Step]) -> str:
    if verdict is Verdict.UNKNOWN:
        return f"{who}: not known, because of {', '.join(conditions)}."
    grant = next((s.text for s in reversed(steps) if s.result in ("pass", "conditional")), "")
    if verdict is Verdict.CONDITIONAL:
        return f"{who} is allowed if {' and '.join(conditions) or 'conditions hold'}."
    return f"{who} is allowed. {grant}".strip()
