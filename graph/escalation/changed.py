"""Principals as they are after a change of themselves, and the world with them in it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property

from graph.escalation.technique import Technique
from graph.iam.document import Document
from graph.iam.world import IamWorld, Principal
from graph.verdict import Answer


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of oneself that a principal may make.

    Attributes:
        one: the principal as it is afterwards, with the ARN that it has.
        technique: of the change.
        answer: of the calls.
        actions: the calls.
        via: ids of what is used: the group, the policy.
        joined: ARNs of the groups that it is in afterwards.
    """

    one: Principal
    technique: Technique
    answer: Answer
    actions: tuple[str, ...]
    via: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangedWorld(IamWorld):
    """A world in which some principals are changed, and they alone are asked about.

    Attributes:
        changed: as they are.
        joined: ARNs of those whose change is to join groups.
    """

    changed: tuple[Principal, ...] = field(default=())
    joined: frozenset[str] = frozenset()

    @cached_property
    def by_account(self) -> dict[str, list[Principal]]:
        """The changed principals of each account, by ARN."""
        found: dict[str, list[Principal]] = {}
        for one in sorted(self.changed, key=lambda one: one.arn):
            found.setdefault(one.account, []).append(one)
        return found


def changed_world(
    world: IamWorld, changed: Iterable[Principal], joined: Iterable[str] = ()
) -> ChangedWorld:
    """A world with some principals changed; each at most once.

    Args:
        world: as it is.
        changed: principals as they are then.
        joined: ARNs of those who then are in further groups.
    """
    listed = tuple(changed)
    known = {one.name: getattr(world, one.name) for one in fields(world)}
    principals = ChainMap({one.arn: one for one in listed}, dict(world.principals))
    return ChangedWorld(
        **known | {"principals": principals}, changed=listed, joined=frozenset(joined)
    )


def state_of(one: Principal) -> Hashable:
    """What of a principal a change may change."""
    documents = sorted(
        row.document.hash if isinstance(row.document, Document) else row.arn or row.name
        for row in one.policies
    )
    boundary = one.boundary
    if boundary is None:
        return (*documents, one.tags, None)
    text = boundary.document.hash if isinstance(boundary.document, Document) else boundary.arn
    return (*documents, one.tags, (text,))
