"""Principals whose own policies were not all read: one ``unknown`` for each, never one per pair."""

from __future__ import annotations

from collections.abc import Iterator

from graph.evidence import Step
from graph.iam.assume import identity_gaps
from graph.iam.world import IamWorld
from graph.verdict import Answer, Verdict, condition


def unread_principals(world: IamWorld, what: str) -> Iterator[tuple[str, Answer]]:
    """Each such principal's ARN, with the answer that names what is missing.

    Args:
        world: the facts.
        what: the unread policies may let it do, e.g. ``assume roles``.
    """
    for principal, missing in identity_gaps(world):
        text = (
            f"Policies of {principal} were not read ({', '.join(missing)}): they may let it {what} "
            "that are not named here."
        )
        yield (
            principal,
            Answer(
                Verdict.UNKNOWN,
                why=text,
                conditions=tuple(condition("not_collected", name) for name in missing),
                evidence=(text,),
                steps=(Step("identity policies", principal, "unknown", text),),
            ),
        )
