"""``HAS_ADMIN``: who is admin of an account by what its own policies allow."""

from __future__ import annotations

from dataclasses import dataclass

from graph.derivation.relate import walked
from graph.evidence import Step
from graph.iam.admin import admin_answer
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, condition


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
            if (one.policies or one.gaps) and not one.service_linked:
                judgements.append(_escalation(arn, account))
        else:
            relationships.append(
                walked(
                    "HAS_ADMIN",
                    arn,
                    account,
                    "admin",
                    found.answer,
                    mechanism=mechanism,
                    techniques=list(found.techniques),
                    limits=list(found.limits),
                )
            )
    sure = frozenset(
        (r.start, r.end.removeprefix("account:")) for r in relationships if r.props["definite"]
    )
    return AdminPart(tuple(relationships), tuple(judgements), sure)


def _escalation(principal: str, account: str) -> Judgement:
    """Whoever may do anything at all may be able to give itself more."""
    text = (
        f"Whether {principal} can raise its own rights (write a policy, pass a role, change a "
        "function) is not evaluated in this version."
    )
    answer = Answer(
        Verdict.UNKNOWN,
        why=text,
        conditions=(condition("not_collected", "escalation-techniques"),),
        evidence=(text,),
        steps=(Step("escalation", principal, "unknown", text),),
    )
    return Judgement("escalate", principal, account, "escalation", answer)
