"""Accounts of an organisation that nothing in play tells apart, so that one answers for all."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator

from graph.iam.document import Document, Statement
from graph.iam.world import Account, IamWorld, Policy

_NUMBER = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_PART_OF_ONE = re.compile(r"[0-9][*?]|[*?][0-9]")


def organization_of(source: str) -> str:
    """The id of the organisation that a source is, or is a unit of; empty for any other."""
    if source.startswith("org:"):
        return source.removeprefix("org:")
    if ":organizations:" not in source:
        return ""
    return source.rpartition(":")[2].partition("/")[2].partition("/")[0]


def all_known(world: IamWorld, source: str) -> bool:
    """Whether every account of an organisation or a unit is known to be one of it."""
    organization = organization_of(source)
    if world.organization != organization:
        return False
    unit = organization != source.removeprefix("org:") and ":organization/" not in source
    mine = [one for one in world.accounts.values() if one.organization == organization]
    return not unit or all(one.org_path for one in mine)


def members_of(world: IamWorld, source: str) -> list[Account]:
    """The known accounts of an organisation or a unit, by number.

    Args:
        world: the facts.
        source: ``org:o-...``, or the ARN of an organisation or a unit.
    """
    last = source.removeprefix("org:").rpartition("/")[2]
    found = (
        one
        for one in world.accounts.values()
        if last in (one.organization, *one.org_path.split("/"))
    )
    return sorted(found, key=lambda one: one.id)


def told_apart(members: Iterable[Account], policies: Iterable[Policy | None]) -> list[Account]:
    """Members of which each stands for those that the policies cannot tell from it.

    Accounts that a policy names come first. Where a pattern has a part of a number (``2222*``)
    every account stands for itself.

    Args:
        members: accounts, in the order in which they are taken.
        policies: those that speak of callers, the organisation's over them left out.
    """
    listed = list(members)
    over = {id(policy): policy for one in listed for policy in _above(one)}
    texts = [text for policy in (*policies, *over.values()) for text in _texts(policy)]
    if any(_PART_OF_ONE.search(text) for text in texts):
        return listed
    named = {number for text in texts for number in _NUMBER.findall(text)}
    others: dict[Hashable, Account] = {}
    for one in listed:
        if one.id not in named:
            others.setdefault(_alike(one), one)
    return [*(one for one in listed if one.id in named), *others.values()]


def _above(account: Account) -> Iterator[Policy]:
    for level in account.scp_levels or ():
        yield from level


def _alike(one: Account) -> Hashable:
    levels = None if one.scp_levels is None else tuple(map(_ids, one.scp_levels))
    rcps = None if one.rcps is None else _ids(one.rcps)
    return one.collected, one.membership, one.organization, one.org_path, levels, rcps


def _ids(policies: Iterable[Policy]) -> tuple[int, ...]:
    return tuple(map(id, policies))


def _texts(policy: Policy | None) -> Iterator[str]:
    document = policy.document if policy is not None else None
    for statement in document.statements if isinstance(document, Document) else ():
        yield from _of_statement(statement)


def _of_statement(statement: Statement) -> Iterator[str]:
    for _, value in (*(statement.principals or ()), *(statement.not_principals or ())):
        yield value
    for test in statement.conditions:
        yield from test.values
