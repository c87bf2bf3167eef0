"""Functions that may be invoked through their URL alone.

Through a URL a call needs ``lambda:InvokeFunctionUrl`` as well as ``lambda:InvokeFunction``, of
which only the second knows ``lambda:InvokedViaFunctionUrl``
(https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.iam.evaluate import evaluate
from graph.iam.grantees import Grantees, grantees
from graph.iam.request import Request
from graph.iam.world import IamWorld
from graph.verdict import Answer, Verdict, all_of

_INVOKE, _BY_URL = "lambda:invokefunction", "lambda:InvokeFunctionUrl"
_KEY = "lambda:InvokedViaFunctionUrl"


def is_by_url(request: Request, answer: Answer) -> bool:
    """Whether an answer may hold for calls through the function's URL alone."""
    if request.action.lower() != _INVOKE:
        return False
    return any(_KEY.lower() in term.lower() for term in answer.conditions)


def with_url(
    world: IamWorld, request: Request, found: Grantees, left_out: int = 0
) -> Iterator[Grantees]:
    """Those of some grantees who may call directly, or through the URL by both actions.

    Args:
        world: the facts.
        request: what was asked.
        found: principals of one account with one answer.
        left_out: as :func:`graph.iam.grantees.grantees` takes it.
    """
    if not is_by_url(request, found.answer):
        yield found
        return

    def asked(one: Request) -> list[Grantees]:
        return grantees(world, found.account, one, by_statement=True, left_out=left_out)

    direct = {name for one in asked(_directly(request)) for name in one.members}
    yield from _kept(found, [one for one in found.members if one in direct], found.answer)
    for row in asked(_of_url(request)):
        held = set(row.members) - direct
        both = all_of((found.answer, row.answer))
        yield from _kept(found, [one for one in found.members if one in held], both)


def _kept(found: Grantees, members: list[str], answer: Answer) -> Iterator[Grantees]:
    if members:
        example = found.example if found.example in members else members[0]
        yield replace(found, members=tuple(members), answer=answer, example=example)


def with_url_of_one(world: IamWorld, request: Request, answer: Answer) -> Answer:
    """The same for one principal."""
    if not is_by_url(request, answer):
        return answer
    if evaluate(world, _directly(request)).verdict is not Verdict.NO:
        return answer
    return all_of((answer, evaluate(world, _of_url(request))))


def _directly(request: Request) -> Request:
    return replace(request, absent=request.absent | {_KEY})


def _of_url(request: Request) -> Request:
    return replace(request, action=_BY_URL)


__all__ = ["is_by_url", "with_url", "with_url_of_one"]
