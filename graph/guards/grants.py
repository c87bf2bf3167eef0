"""Guards of what resources' policies grant, in one call for everything that judges a policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graph.guards.facts import GuardFacts, guard_facts
from graph.guards.words import policy_guards
from graph.iam.grants import Grant
from graph.iam.world import IamWorld, Policy
from graph.verdict import merged

_NAMED = frozenset({"account", "principal", "org", "service", "account-via-service"})
_FACTS = "guards/facts"


def guarded(
    world: IamWorld, policy: Policy | None, target: str, owner: str, found: Iterable[Grant]
) -> list[Grant]:
    """Grants to named parties with what guards them, in words; other grants as they are.

    Args:
        world: the IAM facts; what guards need of them is gathered once.
        policy: the policy that granted.
        target: the resource's ARN.
        owner: its account.
        found: what :func:`graph.iam.grants.grants` gave.
    """
    facts = _facts(world)
    return [
        _with_words(facts, policy, target, owner, one) if one.source_kind in _NAMED else one
        for one in found
    ]


def _with_words(
    facts: GuardFacts, policy: Policy | None, target: str, owner: str, one: Grant
) -> Grant:
    told = policy_guards(facts, policy, target, owner, one.source_id, one.source_kind, one.actions)
    answer = replace(one.answer, guards=merged(one.answer.guards, told))
    return replace(one, answer=answer)


def _facts(world: IamWorld) -> GuardFacts:
    known = world.indexes.get(_FACTS)
    if not isinstance(known, GuardFacts):
        known = world.indexes[_FACTS] = guard_facts(world)
    return known
