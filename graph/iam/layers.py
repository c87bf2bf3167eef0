"""What one layer of policies says to a request: allow and deny, each as an expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from graph.evidence import Ref
from graph.iam import condition, expression, patterns
from graph.iam.document import BrokenPolicy, Document, Statement
from graph.iam.expression import FALSE, TRUE, Expression, Gap, Literal, Opaque
from graph.iam.facts import Facts
from graph.iam.principal import addressing, matched
from graph.iam.world import Caller, Policy


@dataclass(frozen=True, slots=True)
class Hit:
    """A statement that met the request, with what it still depends on.

    ``kind`` is how a resource policy named the caller (``everyone``, ``account``, ``user``,
    ``role``, ``session``), empty in identity policies. ``partial``: it meets only a part of a
    request on a pattern.
    """

    policy: Policy
    statement: Statement
    when: Expression
    kind: str = ""
    partial: bool = False

    def cite(self) -> str:
        """The statement for a reader."""
        sid = f" ({self.statement.sid})" if self.statement.sid else ""
        return f"{self.policy.name}, statement {self.statement.index}{sid}"

    def refs(self) -> tuple[Ref, ...]:
        """Where the statement stands."""
        ref = self.policy.ref
        if ref is None:
            return ()
        return (Ref(ref.file, ref.id, f"{ref.pointer}/Statement/{self.statement.index}"),)


@dataclass(slots=True)
class Said:
    """What a layer said. ``missing`` names documents that were not collected or are broken."""

    allows: list[Hit] = field(default_factory=list)
    denies: list[Hit] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)

    def allowed(self, *kinds: str) -> Expression:
        """When it allows; by the given ways of naming the caller, or by any."""
        return expression.any_of(hit.when for hit in self.allows if not kinds or hit.kind in kinds)

    @property
    def denied(self) -> Expression:
        """When it denies: statements that deny a part only of a pattern do not count."""
        parts = (hit.when for hit in self.denies if not hit.partial)
        return expression.any_of(_joined(parts))

    def gaps(self, needed: bool) -> Expression:
        """The missing documents as alternatives (``needed``) or as conditions."""
        atoms = [Gap(subject, value, needed) for subject, value in self.missing]
        if needed:
            return expression.any_of(map(expression.of, atoms))
        result = TRUE
        for atom in atoms:
            result = result & expression.of(atom)
        return result


def _joined(parts: Iterable[Expression]) -> list[Expression]:
    """Alternatives with those as one that are one test of one key each, of the caller's choice.

    So a thousand Denies of one principal each are not more than can be listed.
    """
    rows = list(parts)
    if len(rows) <= expression.MAX_TERMS:
        return rows
    alike: dict[Literal, list[Literal]] = {}
    others = []
    for row in rows:
        found = _single(row)
        if found is None:
            others.append(row)
        else:
            alike.setdefault(replace(found, values=()), []).append(found)
    for blank, tests in alike.items():
        values = dict.fromkeys(value for test in tests for value in test.values)
        others.append(expression.of(replace(blank, values=tuple(values))))
    return others


def _single(row: Expression) -> Literal | None:
    """The one positive test of a value that the caller chooses, if that is all."""
    if len(row.terms) != 1 or row.truncated or len(row.terms[0]) != 1:
        return None
    (atom,) = row.terms[0]
    if not isinstance(atom, Literal) or atom.role != "chosen" or atom.family == "any":
        return None
    return None if atom.negated or atom.quantifier else atom


@dataclass(frozen=True, slots=True)
class Question:
    """The part of a request that statements are matched with.

    ``action`` is lower case; both are in internal form.
    """

    action: str
    resource: str
    facts: Facts
    caller: Caller


def ask(policies: Iterable[Policy], question: Question, names_principals: bool = False) -> Said:
    """Weigh policies. ``names_principals``: they are resource policies, trusts or RCPs."""
    said = Said()
    for policy in policies:
        if not isinstance(policy.document, Document):
            said.missing.append(_missing(policy))
            continue
        document = policy.document
        rows: Iterable[Statement] = document.touching(question.action)
        if names_principals:
            rows = addressing(document, question.action, question.caller)
        for statement in rows:
            _weigh(said, policy, statement, question, names_principals)
    return said


def _missing(policy: Policy) -> tuple[str, str]:
    if isinstance(policy.document, BrokenPolicy):
        return f"unreadable policy ({policy.document.reason})", policy.arn or policy.name
    return "policy", policy.arn or policy.name


def _weigh(
    said: Said, policy: Policy, statement: Statement, question: Question, names_principals: bool
) -> None:
    met, whole = _resource(statement, question)
    if not names_principals and statement.resources is None and statement.not_resources is None:
        if not statement.is_deny:
            return
        # IAM stores no such statement, so what it would do is not known.
        met = expression.of(Opaque("statement-without-Resource"))
    if met.is_false:
        return
    partial = statement.is_deny and not (whole and statement.holds_all(question.action))
    ways = matched(statement, question.caller) if names_principals else [("", TRUE)]
    for kind, named in ways:
        when = met & named & condition.evaluate(statement, question.facts)
        if not when.is_false:
            hit = Hit(policy, statement, when, kind, partial)
            (said.denies if statement.is_deny else said.allows).append(hit)


def _resource(statement: Statement, question: Question) -> tuple[Expression, bool]:
    """When the statement's resources meet the request's, and whether they then hold all of them.

    A policy variable without a value makes an entry match nothing; by AWS's words it may make the
    whole statement invalid, so a Deny that meets by another entry is a condition. Where the value
    is not known, the entry is widened to any text there and what it gives becomes a condition.
    """
    entries = statement.resources if statement.resources is not None else statement.not_resources
    if entries is None:
        # Trust and repository policies have no Resource: they speak of what carries them.
        return TRUE, True
    sure, unsure = resource_rows(entries, statement.variables, question.facts)
    lost = statement.is_deny and len(sure) + len(unsure) < len(entries)
    valid = expression.of(Opaque("Resource-has-variables-without-value")) if lost else TRUE
    met, whole, name = _meets(sure, question.resource), _holds(sure, question.resource), ""
    if not met or (statement.not_resources is not None and not whole):
        for row, variable in unsure:
            if row.intersects(question.resource):
                name, whole = variable, whole or row.matches(question.resource)
    atom = expression.of(Opaque(f"Resource=${{{name}}}")) if name else FALSE
    if statement.resources is not None:
        return (TRUE if met else atom) & valid, whole
    if _holds(sure, question.resource):
        return FALSE, False
    return ~atom & valid, not met and not name


def _meets(rows: list[patterns.ResourcePattern], resource: str) -> bool:
    if patterns.is_literal(resource):
        return any(row.matches(resource) for row in rows)
    return any(row.matches(resource) or row.intersects(resource) for row in rows)


def _holds(rows: list[patterns.ResourcePattern], resource: str) -> bool:
    return any(row.matches(resource) for row in rows)


def resource_rows(
    entries: tuple[str, ...], variables: bool, facts: Facts
) -> tuple[list[patterns.ResourcePattern], list[tuple[patterns.ResourcePattern, str]]]:
    """Entries whose text is known, and those with a variable that is not."""
    sure: list[patterns.ResourcePattern] = []
    unsure: list[tuple[patterns.ResourcePattern, str]] = []
    for entry in entries:
        if not variables or "${" not in entry:
            sure.append(patterns.written_resource(entry))
            continue
        try:
            sure.append(patterns.resource_pattern(condition.substitute(entry, facts)))
        except condition.UnresolvedError:
            continue
        except condition.UndecidedError as variable:
            row = patterns.resource_pattern(condition.widened(entry))
            unsure.append((row, str(variable)))
    return sure, unsure
