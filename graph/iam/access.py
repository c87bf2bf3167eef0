"""What the principals of an account may do to data resources, in groups of both.

Access is found per statement: whoever holds it, and every resource that it meets alike, are one
row. Resources that no statement, policy or setting in play tells apart are weighed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from graph.iam import condition, encryption, patterns, rules
from graph.iam.classes import Holders, holders, statements_in_play
from graph.iam.document import Document, Statement
from graph.iam.evaluate import evaluate
from graph.iam.function_urls import with_url, with_url_of_one
from graph.iam.grantees import bare, grantees
from graph.iam.key_states import in_state
from graph.iam.principal import entries
from graph.iam.request import Request
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict, all_of


@dataclass(frozen=True, slots=True)
class DataResource:
    """A resource that holds data: its ARN, CloudFormation type, owner, region and tags.

    ``state`` is a KMS key's, where it was read.
    """

    arn: str
    type: str
    account: str
    region: str = ""
    tags: tuple[tuple[str, str], ...] | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Principals of one account and what they may do to some resources.

    Attributes:
        account: the principals' account.
        members: their ARNs, sorted.
        resources: ARNs, sorted.
        actions: with this answer, sorted.
        answer: of one member and one resource; ``yes``, ``conditional`` or, of a key that is
            switched off, ``dormant``.
        example: that member's ARN.
        sample: that resource's ARN.
        asked: the action that was weighed.
    """

    account: str
    members: tuple[str, ...]
    resources: tuple[str, ...]
    actions: tuple[str, ...]
    answer: Answer
    example: str
    sample: str
    asked: str


@dataclass(frozen=True, slots=True)
class DataAction:
    """An action on a type: its level (``read``, ``write``, ``admin``) and what it is done to."""

    name: str
    level: str
    below: str = ""


@cache
def actions_of(resource_type: str) -> tuple[DataAction, ...]:
    """The actions that count as access to a CloudFormation type; empty for other types."""
    row = rules.data("data_access.json")["types"].get(resource_type, {})
    below: Mapping[str, str] = row.get("below", {})
    return tuple(
        DataAction(name, level, below.get(name, ""))
        for level in ("read", "write", "admin")
        for name in row.get(level, ())
    )


@cache
def level_of(action: str) -> str | None:
    """The level of an action of ``data_access.json``; ``None`` for another one."""
    for resource_type in rules.data("data_access.json")["types"]:
        for one in actions_of(resource_type):
            if one.name == action:
                return one.level
    return None


def access_of(
    world: IamWorld,
    resources: Iterable[DataResource],
    left_out: Mapping[str, frozenset[str]],
) -> Iterator[Access]:
    """Every access of collected principals to data resources.

    What only a document that was not read could grant is left out here:
    :func:`graph.iam.assume.identity_gaps` names the identity side once, the resource's own
    judgement its policy.

    Args:
        world: the facts.
        resources: what is asked about.
        left_out: by owner account, principals of it that need no answer (its admins).
    """
    by_kind: dict[tuple[str, str], list[DataResource]] = defaultdict(list)
    for one in resources:
        if actions_of(one.type):
            by_kind[one.type, one.account].append(one)
    for (kind, owner), rows in sorted(by_kind.items()):
        rows.sort(key=lambda one: one.arn)
        out = left_out.get(owner, frozenset())
        yield from _merged(
            found for action in actions_of(kind) for found in _of_action(world, action, rows, out)
        )


class _Group(NamedTuple):
    """Who, doing what, with which answer (without its proof)."""

    account: str
    members: tuple[str, ...]
    action: str
    plain: Answer


class _Found(NamedTuple):
    """One group and one resource."""

    group: _Group
    resource: str
    answer: Answer
    example: str
    sample: str


def _of_action(
    world: IamWorld, action: DataAction, rows: list[DataResource], left_out: frozenset[str]
) -> Iterator[_Found]:
    owner = rows[0].account
    spoken = [(row, _admitted(world, row, action.name)) for row in rows]
    for account in _accounts_of(world, owner, spoken):
        held = holders(world, account, action.name)
        if not held.members:
            continue
        out = _of_services(held) | (held.mask(left_out) if account == owner else 0)
        alike: dict[Hashable, list[DataResource]] = defaultdict(list)
        for row, admitted in spoken:
            if account == owner or admitted is None or account in admitted:
                alike[alike_key(world, held, action, row, account)].append(row)
        for same in alike.values():
            request = _request(held.members[0], action, same[0])
            some = grantees(world, account, request, by_statement=True, left_out=out)
            for found in (kept for one in some for kept in with_url(world, request, one, out)):
                if found.answer.verdict.rank >= Verdict.CONDITIONAL.rank:
                    answer = _in_state(found.answer, same[0], action.name)
                    group = _Group(account, found.members, action.name, bare(answer))
                    for row in same:
                        yield _Found(group, row.arn, answer, found.example, same[0].arn)


def _in_state(answer: Answer, row: DataResource, action: str) -> Answer:
    return all_of((answer, in_state(row.arn, row.state, action))) if row.state else answer


def _policies(world: IamWorld, row: DataResource) -> list[Policy | None]:
    return [world.resource_policies.get(row.arn), world.key_grants.get(row.arn)]


def _statements(world: IamWorld, row: DataResource, action: str) -> list[Statement]:
    glob = patterns.action_glob(action)
    return [
        statement
        for policy in _policies(world, row)
        if policy is not None and isinstance(policy.document, Document)
        for statement in policy.document.touching(glob)
        if not statement.is_deny
    ]


def _accounts_of(
    world: IamWorld, owner: str, spoken: Iterable[tuple[DataResource, frozenset[str] | None]]
) -> list[str]:
    """Collected accounts whose principals may get to some of an owner's resources, sorted."""
    found = {owner}
    for _, admitted in spoken:
        if admitted is None:
            return sorted(world.by_account)
        found |= admitted
    return sorted(found & world.by_account.keys())


def _admitted(world: IamWorld, row: DataResource, action: str) -> frozenset[str] | None:
    """Other accounts of which the resource's side may admit principals; ``None``: any."""
    if row.arn in world.shares or _admits_by_acl(world, row):
        return None
    found = set()
    for statement in _statements(world, row, action):
        for entry in entries(statement):
            if entry.kind in ("everyone", "deleted"):
                return None
            found.add(entry.account)
    return frozenset(found)


def speaks_to(world: IamWorld, row: DataResource, action: str, account: str) -> bool:
    """Whether the resource's side may admit principals of another account."""
    admitted = _admitted(world, row, action)
    return admitted is None or account in admitted


def _admits_by_acl(world: IamWorld, row: DataResource) -> bool:
    """Whether a bucket's ACL names anyone but its owner."""
    bucket = world.buckets.get(row.arn)
    own = world.canonical_ids.get(row.account)
    return bucket is not None and any(grant.grantee != own for grant in bucket.acl or ())


def _of_services(held: Holders) -> int:
    """Service-linked roles: AWS's own, nobody else acts as one."""
    return held.mask(frozenset(one.arn for one in held.members if one.service_linked))


def _request(caller: Principal, action: DataAction, row: DataResource) -> Request:
    return Request(
        caller,
        action.name,
        row.arn + action.below,
        row.account,
        resource_tags=row.tags,
        pattern=bool(action.below),
    )


def alike_key(
    world: IamWorld, held: Holders, action: DataAction, row: DataResource, account: str
) -> Hashable:
    """What must be equal for two resources to be weighed as one for an account's principals."""
    glob = patterns.wild(row.arn + action.below) if action.below else patterns.plain(row.arn)
    matched = held.matched(glob)
    policies = tuple(_identity(world, row, policy) for policy in _policies(world, row))
    in_play = statements_in_play(world, account, row.account, action.name, *_policies(world, row))
    limits = held.limits
    keys = {
        key
        for statement in (*(one.statement for one in matched), *in_play, *limits)
        for key in _keys(statement)
    }
    if any("${" in key for key in keys):
        return row.arn
    return (
        tuple((id(one), _parted(world, one.statement, glob)) for one in matched),
        tuple(map(id, in_play)),
        tuple(_met(statement, glob) for statement in (*in_play, *limits)),
        policies,
        row.arn in world.resource_policies,
        world.buckets.get(row.arn),
        world.shares.get(row.arn),
        row.arn if row.arn in world.share_grants else "",
        row.tags if any(":resourcetag/" in key for key in keys) else None,
        row.region if "aws:requestedregion" in keys else None,
        row.state,
        world.encrypted_by.get(row.arn) if encryption.action_on_key(action.name) else None,
    )


def _parted(world: IamWorld, statement: Statement, resource: str) -> tuple[bool, bool]:
    """Whether a policy's statement that may meet a resource does so, and holds it."""
    if statement.not_resources is None:
        if patterns.is_literal(resource):
            return True, True
        known = world.indexes.setdefault("resources-as-written", {})
        assert isinstance(known, dict)
        written = known.get(id(statement))
        if written is None:
            written = known[id(statement)] = frozenset(
                map(patterns.wild, statement.resources or ())
            )
        if resource in written:
            return True, True
    return _met(statement, resource)


def _met(statement: Statement, resource: str) -> tuple[bool, bool]:
    """Whether the resources of an organisation's or boundary's statement meet one, and hold it."""
    entries = statement.resources if statement.resources is not None else statement.not_resources
    if entries == ("*",):
        return True, True
    met = whole = False
    for entry in entries or ():
        glob = condition.widened(entry) if statement.variables else patterns.wild(entry)
        pattern = patterns.resource_pattern(glob)
        whole = whole or pattern.matches(resource)
        met = met or whole or pattern.intersects(resource)
        if whole:
            break
    return met, whole


def _identity(world: IamWorld, row: DataResource, policy: Policy | None) -> Hashable:
    if policy is None:
        return None
    document = policy.document
    return document.hash if isinstance(document, Document) else (row.arn, repr(document))


@cache
def _keys(statement: Statement) -> frozenset[str]:
    """Condition keys of a statement in lower case; ``${`` where a variable stands."""
    texts = [*(statement.resources or ()), *(statement.not_resources or ())]
    texts += [value for test in statement.conditions for value in test.values]
    variables = statement.variables and any(condition.variables_of(text) for text in texts)
    found = {test.key.lower() for test in statement.conditions}
    return frozenset(found | ({"${"} if variables else set()))


def _merged(found: Iterable[_Found]) -> Iterator[Access]:
    """One row for each group, set of resources and answer, with all of its actions."""
    resources: dict[_Group, list[str]] = defaultdict(list)
    told: dict[_Group, _Found] = {}
    for one in found:
        resources[one.group].append(one.resource)
        told.setdefault(one.group, one)
    actions: dict[tuple[str, tuple[str, ...], tuple[str, ...], Answer], list[_Group]] = {}
    for group, listed in resources.items():
        key = (group.account, group.members, tuple(sorted(set(listed))), group.plain)
        actions.setdefault(key, []).append(group)
    for (account, members, rows, _), groups in actions.items():
        first = told[groups[0]]
        names = tuple(sorted({group.action for group in groups}))
        yield Access(
            account,
            members,
            rows,
            names,
            first.answer,
            first.example,
            first.sample,
            groups[0].action,
        )


def answer_of(world: IamWorld, found: Access, member: str, resource: DataResource) -> Answer:
    """The answer of one member and one resource of a row, with their own proof."""
    if (member, resource.arn) == (found.example, found.sample):
        return found.answer
    action = next(one for one in actions_of(resource.type) if one.name == found.asked)
    request = _request(world.principals[member], action, resource)
    answer = with_url_of_one(world, request, evaluate(world, request))
    return _in_state(answer, resource, action.name)
