"""The principals of an account that a request is allowed to, in groups that recur.

Whoever holds one statement is one group wherever the statement decides: ten roles behind the same
trust share it, and a graph of them grows with statements and holders, not with their product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.iam.classes import Class, Holders, Holding, holders, statements_in_play
from graph.iam.evaluate import evaluate
from graph.iam.request import Request, owner_of
from graph.iam.world import IamWorld, Policy
from graph.verdict import Answer, Verdict

SET_FROM = 4
"""From this many principals with one answer on, they are drawn as a set."""


@dataclass(frozen=True, slots=True)
class Grantees:
    """Principals of one account with one answer.

    Attributes:
        account: their account.
        members: ARNs, sorted; the same tuple object wherever the same group comes out.
        answer: that of ``example``, never ``no``.
        example: the member whose request was weighed.
    """

    account: str
    members: tuple[str, ...]
    answer: Answer
    example: str


def grantees(
    world: IamWorld,
    account: str,
    request: Request,
    policy: Policy | None = None,
    candidates: int | None = None,
    left_out: int = 0,
) -> list[Grantees]:
    """Who of an account may do what is asked; nobody twice with two answers.

    Args:
        world: the facts.
        account: whose principals.
        request: the question; its ``principal`` is replaced.
        policy: the resource's policy, whose conditions may tell principals apart.
        candidates: bits of :class:`graph.iam.classes.Holders` worth asking; by default those
            with an Allow for it, and those of whom something was not read.
        left_out: bits that are of no interest.
    """
    held = holders(world, account, request.action)
    glob = request.resource_glob
    wanted = held.granted(glob) | held.unread if candidates is None else candidates
    wanted &= ~left_out
    if not wanted:
        return []
    rows = statements_in_play(world, account, owner_of(world, request), request.action, policy)
    judged = [
        (one, evaluate(world, replace(request, principal=one.example)))
        for one in held.classes(glob, rows, wanted)
    ]
    return list(_shared(held, account, glob, judged))


def _shared(
    held: Holders,
    account: str,
    resource: str,
    judged: Iterable[tuple[Class, Answer]],
) -> Iterator[Grantees]:
    """A group for each answer and wide statement, one for the rest."""
    masks: dict[Answer, int] = {}
    first: dict[Answer, tuple[Class, Answer]] = {}
    for one, answer in judged:
        if answer.verdict is not Verdict.NO:
            key = bare(answer)
            masks[key] = masks.get(key, 0) | one.mask
            first.setdefault(key, (one, answer))
    allows = [row for row in held.matched(resource) if not row.statement.is_deny]
    by_mask = {one.mask: (one, answer) for one, answer in judged}
    for key, mask in masks.items():
        for group in _groups(mask, allows, resource):
            # The class that is all of the group has a proof of its own.
            one, answer = by_mask.get(group) or first[key]
            yield Grantees(account, held.names(group), answer, one.example.arn)


def _groups(mask: int, allows: Iterable[Holding], resource: str) -> Iterator[int]:
    """A mask by the statements behind it: small holdings together, named ones apart from patterns.

    Whoever a pattern reaches is the same group for every resource that it meets.
    """
    named, by_pattern, rest = 0, 0, mask
    whole = []
    for holding in allows:
        group = holding.holders & mask
        rest &= ~group
        if group.bit_count() >= SET_FROM:
            whole.append(group)
        elif holding.names_it(resource):
            named |= group
        else:
            by_pattern |= group
    yield from dict.fromkeys(group for group in (*whole, by_pattern, named, rest) if group)


def bare(answer: Answer) -> Answer:
    """What must be equal for two principals to be drawn as one."""
    return Answer(
        answer.verdict,
        conditions=answer.conditions,
        guards=answer.guards,
        assumes=answer.assumes,
    )


def of_a_set(answer: Answer, size: int, account: str, example: str, what: str) -> Answer:
    """The answer of one member as that of its whole set: its proof stands as an example."""
    verb = {Verdict.YES: "", Verdict.CONDITIONAL: " under conditions"}.get(
        answer.verdict, f" ({answer.verdict})"
    )
    text = f"{size} principals of {account} {what}{verb}."
    shown = [f"For instance {example.rpartition(':')[2]}: {line}" for line in answer.evidence]
    return replace(answer, why=text, evidence=(text, *shown))
