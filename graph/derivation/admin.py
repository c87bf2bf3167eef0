"""``HAS_ADMIN``: who is admin of an account by what its own policies allow."""

from __future__ import annotations

from dataclasses import dataclass

from graph.derivation.relate import walked
from graph.iam import rules
from graph.iam.admin import admin_answer
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Verdict, merged


@dataclass(frozen=True, slots=True)
class AdminPart:
    """What admin rights add to the graph.

    Attributes:
        relationships: ``HAS_ADMIN``, from principal to account.
        judgements: for every principal, ``no`` included.
        sure: (principal, account) pairs judged ``yes``.
    """

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]
    sure: frozenset[tuple[str, str]]


def admin_part(world: IamWorld) -> AdminPart:
    """Judge every collected principal for its own account."""
    relationships: list[Relationship] = []
    judgements: list[Judgement] = []
    for arn, one in sorted(world.principals.items()):
        found = admin_answer(world, arn, one.account)
        account = f"account:{one.account}"
        mechanism = found.techniques[0] if found.techniques else "takeover"
        judgements.append(Judgement("admin", arn, account, mechanism, found.answer))
        if found.answer.verdict is Verdict.NO:
            continue
        relationships.append(
            walked(
                "HAS_ADMIN",
                arn,
                account,
                "admin",
                found.answer,
                mechanism=mechanism,
                techniques=list(_named(found.techniques)),
                limits=list(found.limits),
            )
        )
    sure = frozenset(
        (r.start, r.end.removeprefix("account:")) for r in relationships if r.props["definite"]
    )
    return AdminPart(tuple(relationships), tuple(judgements), sure)


def _named(sets: tuple[str, ...]) -> tuple[str, ...]:
    """Takeover sets by their own ids, and by those of the catalogued techniques that they are."""
    known = {row["id"]: row.get("technique") for row in rules.data("takeover_sets.json")["sets"]}
    return merged(sets, (name for one in sets if (name := known[one])))
