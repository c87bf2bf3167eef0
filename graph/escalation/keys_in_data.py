"""Access keys that the scanner found in data: in what, whose, and what they are worth.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.derivation.workload_rows import workload_types
from graph.derivation.workload_state import state_of
from graph.escalation.key_owners import KeyOwners, OwnedKey, key_owners
from graph.escalation.key_places import Sighting, sightings
from graph.evidence import Ref, Step
from graph.judgement import Judgement
from graph.schema.path import ShapeError, look
from graph.schema.registry import REGISTRY
from graph.verdict import Answer, Verdict, all_of, any_of, condition

_TEMPORARY = "ASIA"
_PLACES = 20
"""Places of one key in one thing that are told apart; the rest is counted."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A user's access key in a line.

    Attributes:
        item: the line.
        operation: as of :class:`graph.escalation.key_places.Sighting`.
        field: where in it, in words.
        user: ARN of whose it is.
        answer: whether it can be used.
    """

    item: Item
    operation: str
    field: str
    user: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key as a node has it.

    Attributes:
        key: where it stands.
        line: the node's own; another than the key's where a definition holds the key.
    """

    key: FoundKey
    line: Item


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """Every key that was found.

    Attributes:
        of: by snapshot type and account of what holds them.
        by_node: for each pair of a node that holds keys, or runs with what does, and a user.
        others: judgements of ids that lead to nobody.
    """

    of: Mapping[tuple[str, str], tuple[FoundKey, ...]] = field(default_factory=dict)
    by_node: Mapping[tuple[str, str], tuple[HeldKey, ...]] = field(default_factory=dict)
    others: tuple[Judgement, ...] = ()


def found_keys(snapshot: Snapshot) -> FoundKeys:
    """Find every known access key in what was collected.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    seen = list(sightings(snapshot))
    if not seen:
        return FoundKeys()
    owners = key_owners(snapshot)
    found: dict[tuple[str, str], list[FoundKey]] = defaultdict(list)
    others: dict[tuple[str, str], Judgement] = {}
    for one in seen:
        made = _judged(one, owners)
        if isinstance(made, FoundKey):
            found[one.item.type, one.item.account_id].append(made)
        elif made is not None:
            others.setdefault((made.source, made.target), made)
    of = {place: tuple(_once(keys)) for place, keys in found.items()}
    return FoundKeys(of, _by_node(snapshot, of), tuple(others.values()))


def strength(answer: Answer) -> tuple[int, int]:
    """What orders answers, the best last."""
    return answer.verdict.rank, -len(answer.conditions)


def _once(keys: Iterable[FoundKey]) -> Iterator[FoundKey]:
    """One for each line, call and user: the strongest place, with the others in its evidence."""
    alike: dict[tuple[str, str, str], list[FoundKey]] = defaultdict(list)
    for one in keys:
        alike[one.item.id, one.operation, one.user].append(one)
    for same in alike.values():
        same.sort(key=lambda one: strength(one.answer), reverse=True)
        answer = any_of(one.answer for one in same[:_PLACES])
        if len(same) > _PLACES:
            text = f"Its keys stand in {len(same) - _PLACES} more places of {same[0].item.id}."
            answer = replace(answer, evidence=(*answer.evidence, text))
        yield replace(same[0], answer=answer)


def _judged(one: Sighting, owners: KeyOwners) -> FoundKey | Judgement | None:
    key = owners.keys.get(one.key_id)
    if key is not None:
        return _found(one, key.user, _of_user(one, key))
    account = owners.account_of(one.key_id)
    if not account:
        return None
    if one.key_id.startswith(_TEMPORARY):
        return _expired(one, account)
    unread = owners.unread.get(account, ())
    if len(unread) == 1 and account not in owners.blind:
        return _found(one, unread[0], _unread(one, unread, account))
    if unread or account in owners.blind:
        return _about_account(one, account, _unread(one, unread, account))
    if owners.roots.get(account) is False:
        return _about_account(one, account, _deleted(one, account))
    return _found(one, _root(one, account), _of_root(one, account))


def _found(one: Sighting, user: str, answer: Answer) -> FoundKey:
    return FoundKey(one.item, one.operation, one.field, user, answer)


def _about_account(one: Sighting, account: str, answer: Answer) -> Judgement:
    return Judgement("escalate", one.item.id, f"account:{account}", one.field, answer)


def _of_user(one: Sighting, key: OwnedKey) -> Answer:
    """What the key is worth: its status, and whether its secret stands there."""
    text = f"{one.item.id} holds access key {one.key_id} of {key.user} in {one.field}."
    refs = (Ref.to(one.item, one.pointer), key.ref)
    step = Step("access key", one.item.id, "pass", text, refs)
    found = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
    return all_of((found, _status(key, one.key_id), _secret(one)))


def _status(key: OwnedKey, key_id: str) -> Answer:
    if key.status == "Active":
        return Answer(Verdict.YES, evidence=(f"The key {key_id} is active.",))
    text = f"The key {key_id} of {key.user} is {key.status}: AWS refuses it until it is activated."
    step = Step("access key", key.user, "conditional", text, (key.ref,))
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))


def _secret(one: Sighting) -> Answer:
    if one.secret:
        return Answer(Verdict.YES, evidence=("Its secret access key stands beside it.",))
    text = (
        f"{one.item.id} holds access key {one.key_id} in {one.field}; its secret access key was "
        "not seen beside it."
    )
    name = condition("secret", "aws-secret-access-key", one.key_id)
    step = Step("secret access key", one.item.id, "conditional", text)
    return Answer(Verdict.CONDITIONAL, text, (name,), evidence=(text,), steps=(step,))


def _unread(one: Sighting, users: tuple[str, ...], account: str) -> Answer:
    who = users[0] if len(users) == 1 else account
    text = (
        f"{one.item.id} holds access key {one.key_id} of {account} in {one.field}; whose it is is "
        f"not known, as keys of {who} were not read."
    )
    return _unknown(one, text, condition("not_collected", "iam:ListAccessKeys", who))


def _of_root(one: Sighting, account: str) -> Answer:
    """Only the root user itself can list its keys.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user_manage_add-key.html
    """
    text = (
        f"{one.item.id} holds access key {one.key_id} of {account} in {one.field}, which is none "
        "of its users': it is the root user's, or deleted."
    )
    return _unknown(one, text, condition("not_collected", "root-access-key", account))


def _unknown(one: Sighting, text: str, gap: str) -> Answer:
    step = Step("access key", one.item.id, "unknown", text, (Ref.to(one.item, one.pointer),))
    return Answer(Verdict.UNKNOWN, text, (gap,), evidence=(text,), steps=(step,))


def _expired(one: Sighting, account: str) -> Judgement:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html"""
    text = (
        f"{one.item.id} holds {one.key_id}, a temporary key of {account}, in {one.field}: such "
        "keys expire within hours."
    )
    return _about_account(one, account, _no(one, text))


def _deleted(one: Sighting, account: str) -> Answer:
    text = (
        f"{one.item.id} holds access key {one.key_id} of {account} in {one.field}, which is "
        "nobody's any more."
    )
    return _no(one, text)


def _no(one: Sighting, text: str) -> Answer:
    step = Step("access key", one.item.id, "fail", text, (Ref.to(one.item, one.pointer),))
    return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))


def _root(one: Sighting, account: str) -> str:
    parts = one.item.id.split(":")
    partition = parts[1] if len(parts) > 5 else "aws"
    return f"arn:{partition}:iam::{account}:root"


def _by_node(
    snapshot: Snapshot, of: Mapping[tuple[str, str], tuple[FoundKey, ...]]
) -> dict[tuple[str, str], tuple[HeldKey, ...]]:
    found: dict[tuple[str, str], list[HeldKey]] = defaultdict(list)
    by_line: dict[str, list[FoundKey]] = defaultdict(list)
    for keys in of.values():
        for one in keys:
            by_line[one.item.id].append(one)
            if not _is_gone(one.item):
                found[_node_of(one.item), one.user].append(HeldKey(one, one.item))
    for type_id, at in _users_of({one.item.type for keys in of.values() for one in keys}):
        for line in snapshot.items(type_id):
            used = by_line.get(_named(at, line), ())
            if used and not _is_gone(line):
                for one in used:
                    found[_node_of(line), one.user].append(HeldKey(one, line))
    return {place: tuple(held) for place, held in found.items()}


def _is_gone(line: Item) -> bool:
    """Whether it is no more; what is only stopped still holds its settings."""
    row = workload_types().get(line.type)
    return row is not None and state_of(row, line) is None


def _named(at: str, line: Item) -> str:
    try:
        values = look(at, line).values
    except ShapeError:
        return ""
    return str(values[0]) if values else ""


_NODE_ID = {one.snapshot_type: one.node_id for one in REGISTRY.node_types}


def _node_of(line: Item) -> str:
    """The node that a line is about."""
    find = _NODE_ID.get(line.type)
    return (find(line) if find else None) or line.id


@cache
def _data() -> dict[str, Any]:
    text = resources.files("graph.escalation").joinpath("keys_in_data.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _users_of(types: set[str]) -> Iterator[tuple[str, str]]:
    """Types of workloads that use a definition of some types, each with the path that names it."""
    for row in _data()["uses"]:
        if row["definition"] in types:
            yield row["type"], row["at"]


@cache
def is_reached(type_id: str) -> bool:
    """Whether who reaches a thing from outside reaches where its key stands."""
    named = {row["type"]: bool(row["reached"]) for row in _data()["reached"]}
    row = workload_types().get(type_id)
    by_role = row is not None and any(role.runs_code and role.reached for role in row.roles)
    return named.get(type_id, by_role)


@cache
def unread_types() -> dict[str, str]:
    """Types that are scanned and that no technique reads, with the reason."""
    return {row["type"]: row["why"] for row in _data()["unread"]}
