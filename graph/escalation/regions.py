"""The region that an attacker chooses for new things, so that policies on regions are met.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from graph.escalation.ask import Asker
from graph.iam import patterns
from graph.iam.document import Document, Statement

MOST = 6
"""Regions that conditions name, tried in one account; those of resources are tried all."""
_KEY = "aws:requestedregion"


@cache
def known_regions(partition: str) -> tuple[str, ...]:
    """Regions of a partition; of one that the data do not know, those of the commercial one."""
    text = resources.files("graph.escalation").joinpath("regions.json").read_text("utf-8")
    listed = json.loads(text)["regions"]
    return tuple(listed.get(partition, listed["aws"]))


def region_choices(
    asker: Asker,
    calls: Iterable[tuple[str, str]],
    partition: str,
    keys: frozenset[str] = frozenset(),
) -> list[str]:
    """Regions that policies tell apart, and one for all others.

    Args:
        asker: whose policies.
        calls: each an action and its resource, with ``*`` for the region and for names.
        partition: of the account.
        keys: condition keys, in lower case, of which the value names the region.
    """
    placed: dict[str, None] = {}
    tested: dict[str, None] = {}
    for statement in _statements(asker, calls):
        placed.update(dict.fromkeys(_of_resources(statement)))
        tested.update(dict.fromkeys(_of_conditions(statement, keys)))
    known = known_regions(partition)
    named = {*placed, *tested}
    other = next((one for one in known if one not in named), known[0])
    found = dict.fromkeys((known[0], other))
    for listed in (list(placed), list(tested)[:MOST]):
        for glob in listed:
            fits = [glob] if patterns.is_literal(glob) else _fitting(glob, known)
            if fits and not found.keys() & set(fits):
                found[fits[0]] = None
    return list(found)


def _fitting(glob: str, known: Iterable[str]) -> list[str]:
    return [one for one in known if patterns.matches(glob, one)]


def _statements(asker: Asker, calls: Iterable[tuple[str, str]]) -> Iterator[Statement]:
    for action, resource in calls:
        for holding in asker.holders(action).matched(patterns.wild(resource)):
            yield holding.statement
    for level in asker.world.account(asker.account).scp_levels or ():
        for policy in level:
            if isinstance(policy.document, Document):
                yield from policy.document.statements


def _of_resources(statement: Statement) -> Iterator[str]:
    for entry in statement.resources or ():
        parts = entry.split(":")
        if len(parts) > 5 and parts[3]:
            yield patterns.wild(parts[3])


def _of_conditions(statement: Statement, keys: frozenset[str]) -> Iterator[str]:
    for test in statement.conditions:
        key = test.key.lower()
        if key == _KEY or key in keys:
            yield from filter(None, map(_region_in, test.values))


def _region_in(value: str) -> str:
    """The region that a value is, or that an ARN names; empty if it names none."""
    parts = value.split(":")
    return patterns.wild(parts[3] if len(parts) > 5 else value)
