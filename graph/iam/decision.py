"""An answer with what led to it: the whole expression, the layer that denied, the statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.evidence import Ref
from graph.iam import patterns
from graph.iam.expression import Expression, Gap, Literal, Opaque, Term
from graph.verdict import Answer

LAYERS = {
    "AWS": "aws",
    "identity policies": "identity",
    "permissions boundary": "boundary",
    "session policy": "session",
    "service control policy": "scp",
    "resource control policy": "rcp",
    "resource policy": "resource_policy",
    "key policy": "resource_policy",
    "trust policy": "trust_policy",
    "access point policy": "resource_policy",
    "KMS grants": "key_grants",
    "resource share": "resource_share",
    "Block Public Access": "block_public_access",
    "VPC endpoint policy": "vpc_endpoint_policy",
}
"""The names that proofs use -> the words that JSON's ``denied_by`` uses."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A statement that allowed or denied.

    Attributes:
        layer: one of the values of :data:`LAYERS`.
        effect: ``Allow`` or ``Deny``.
        policy: its name for a reader; ``arn`` where it has one.
        index, sid: its place among the statements, and its ``Sid``.
        when: what it still depends on, ``TRUE`` if nothing.
        partial: a Deny of a part only of what was asked.
        ref: where it stands in the snapshot.
    """

    layer: str
    effect: str
    policy: str
    arn: str
    index: int
    sid: str
    when: Expression
    partial: bool = False
    ref: Ref | None = None

    def as_json(self) -> dict[str, Any]:
        """One object; places are ``file#id/pointer``."""
        return {
            "layer": self.layer,
            "effect": self.effect,
            "policy": self.policy,
            "arn": self.arn,
            "index": self.index,
            "sid": self.sid,
            "partial": self.partial,
            "condition": None if self.when.is_true else as_tree(self.when),
            "place": None if self.ref is None else str(self.ref),
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What the engine says to one request.

    Attributes:
        answer: verdict, conditions, proof.
        allowed: when the call is allowed, as a whole.
        denied_by: for ``no``, the layer that denied (a value of :data:`LAYERS`), or
            ``conditions`` where they contradict each other; empty otherwise.
        explicit: whether that was a Deny rather than the lack of an Allow.
        statements: those that allowed or denied, in the order of the layers.
    """

    answer: Answer
    allowed: Expression
    denied_by: str = ""
    explicit: bool = False
    statements: tuple[Cited, ...] = ()


def as_tree(expression: Expression) -> Any:
    """An expression as JSON: ``true``, ``false``, a test, or ``any_of`` / ``all_of`` of them."""
    if expression.is_true:
        return True
    if expression.is_false:
        return False
    terms = [_term_tree(term) for term in expression.terms]
    if expression.truncated:
        terms.append({"truncated": True})
    return terms[0] if len(terms) == 1 else {"any_of": terms}


def _term_tree(term: Term) -> Any:
    atoms = [_atom_tree(atom) for atom in sorted(term, key=lambda atom: atom.render())]
    return atoms[0] if len(atoms) == 1 else {"all_of": atoms}


def _atom_tree(atom: Literal | Opaque | Gap) -> dict[str, Any]:
    if isinstance(atom, Gap):
        return {"not_collected": atom.subject, "value": atom.value, "must_allow": atom.needed}
    if isinstance(atom, Opaque):
        return {"test": atom.text, "negated": atom.negated}
    return {
        "key": atom.name,
        "test": "present" if atom.family == "any" else f"{atom.family} {atom.comparison}",
        "values": [patterns.shown(value) for value in atom.values],
        "negated": atom.negated,
        "absent_ok": atom.absent_ok,
        "set": {"all": "ForAllValues", "any": "ForAnyValue", "": None}[atom.quantifier],
        "known_by": {"chosen": "caller", "secret": "secret", "time": "time"}.get(
            "chosen" if atom.is_chosen else atom.role, "unknown"
        ),
    }
