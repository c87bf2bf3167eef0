"""What one principal may do to one role or data resource, judged for that pair alone."""

from __future__ import annotations

from collections.abc import Mapping

from graph.iam.access import actions_of
from graph.iam.assumption import ASSUME
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import IamWorld
from graph.judgement import Judgement


def pair_judgements(
    world: IamWorld, start: str, end: str, types: Mapping[str, str]
) -> list[Judgement]:
    """Every judgement of a collected principal and a role or data resource, ``no`` included.

    Args:
        world: the facts.
        start: the principal's ARN.
        end: the ARN of what it may reach.
        types: CloudFormation type by id.

    Returns:
        One per action that counts as access; none if the ends are something else.
    """
    caller = world.principals.get(start)
    if caller is None:
        return []
    role = world.principals.get(end)
    if role is not None and role.kind == "role":
        request = Request(caller, ASSUME, end, role.account)
        answer = evaluate(world, request)
        return [Judgement("assume", start, end, ASSUME, answer, actions=(ASSUME,))]
    found = []
    for action in actions_of(types.get(end, "")):
        request = Request(caller, action.name, end + action.below, pattern=bool(action.below))
        answer = evaluate(world, request)
        found.append(Judgement("access", start, end, action.name, answer, actions=(action.name,)))
    return found
