"""Tags that a principal would put on itself so that a condition on them holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.escalation.stage import Stage
from graph.iam import condition, patterns
from graph.iam.document import ConditionTest, Document, Statement
from graph.iam.world import Policy, Principal

_KEY = "aws:principaltag/"
_VALUES = 4
"""Values of one tag that are tried."""
OPERATORS = frozenset(
    {
        "stringequals",
        "stringequalsignorecase",
        "stringlike",
        "stringnotequals",
        "stringnotequalsignorecase",
        "stringnotlike",
    }
)

Tags = tuple[tuple[str, str], ...]
Wanted = dict[str, dict[str, None]]
"""Values by tag, in the order in which they were found."""


def tags_to_put(stage: Stage, one: Principal) -> Iterator[Tags]:
    """Sets of tags that differ from those that a principal has, each worth a look.

    Every tag that a policy asks for with the first value, and each further value by itself.
    """
    limits = (one.boundary,) if one.boundary is not None else ()
    wanted: Wanted = {}
    _read(wanted, stage, one.account, _statements((*one.policies, *limits)))
    for name, values in _of_account(stage, one.account).items():
        wanted.setdefault(name, {}).update(values)
    if not wanted:
        return
    held = {name.lower(): value for name, value in one.tags}
    first = {name: next(iter(values)) for name, values in wanted.items()}
    choices = [first]
    for name, values in wanted.items():
        choices += [{**first, name: value} for value in list(values)[1:_VALUES]]
    for choice in choices:
        new = tuple((name, value) for name, value in choice.items() if held.get(name) != value)
        if new:
            yield new


def with_tags(one: Principal, new: Tags) -> Tags:
    """The tags of a principal once it has put some; the case of their names does not matter."""
    put = {name.lower() for name, _ in new}
    return (*(row for row in one.tags if row[0].lower() not in put), *new)


def _of_account(stage: Stage, account: str) -> Wanted:
    """Tags that SCPs and the trust policies of roles ask for."""
    known = stage.world.indexes.setdefault("tags-asked-for", {})
    assert isinstance(known, dict)
    if account not in known:
        found: Wanted = {}
        trusts = tuple(role.trust for role in stage.roles(account) if role.trust is not None)
        levels = stage.world.account(account).scp_levels or ()
        policies = (*trusts, *(row for level in levels for row in level))
        _read(found, stage, account, _statements(policies))
        known[account] = found
    wanted: Wanted = known[account]
    return wanted


def _statements(policies: Iterable[Policy]) -> Iterator[Statement]:
    for policy in policies:
        if isinstance(policy.document, Document):
            yield from policy.document.statements


def _read(wanted: Wanted, stage: Stage, account: str, rows: Iterable[Statement]) -> None:
    for row in rows:
        for test in row.conditions:
            for name, value in _asked(stage, account, test):
                wanted.setdefault(name, {})[value] = None


def _asked(stage: Stage, account: str, test: ConditionTest) -> Iterator[tuple[str, str]]:
    key = test.key.lower()
    if test.operator not in OPERATORS:
        return
    for value in test.values:
        if key.startswith(_KEY) and "${" not in value:
            yield key.removeprefix(_KEY), plain(value)
        for variable in condition.variables_of(value):
            name = variable.lower()
            if name.startswith(_KEY) and ":resourcetag/" in key:
                asked = (name.removeprefix(_KEY), key.partition("/")[2])
                yield from _of_resources(stage, account, *asked)


def plain(value: str) -> str:
    """A value that a pattern of a condition lets through."""
    return patterns.wild(value).replace(patterns.STAR, "x").replace(patterns.ONE, "x")


def _of_resources(
    stage: Stage, account: str, name: str, resource_tag: str
) -> Iterator[tuple[str, str]]:
    """Values of a tag of the account's roles and users, which the own tag must equal."""
    for one in (*stage.roles(account), *stage.users(account)):
        for key, value in one.tags:
            if key.lower() == resource_tag:
                yield name, value
