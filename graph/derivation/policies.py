"""Policies as nodes: what each document says, once, and who or what carries it.

``PolicyDocument`` stands once per distinct document, however many roles carry it: two texts are
one document if only white space, the order of keys or URL encoding tells them apart.
A policy whose text was not collected has no document here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam.document import BrokenPolicy, Document, Statement, parse
from graph.iam.world import IamWorld
from graph.inventory import key_of
from graph.records import Node, Relationship, Value

STATEMENT_LIMIT = 1_024
"""Statements of a document that become nodes; ``statement_count`` tells how many there are.

No policy in force has more: the longest that AWS stores are key policies of 32 KiB
(https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html), and the shortest
statement has 32 characters.
"""
VALUE_LIMIT = 4_096
"""Values that a list of a statement keeps; its ``..._count`` tells how many there are."""
TEXT_LIMIT = 2_048
"""Characters that a value keeps: the longest ARN."""
NAME_LIMIT = 20
"""Names that ``attached_as`` keeps."""

_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_EVERYTHING = re.compile(r"\*+(:\*+)?")


@dataclass(frozen=True, slots=True)
class PolicyPart:
    """What policies add to the graph; by id, and by type, start, end and key."""

    nodes: tuple[Node, ...]
    relationships: tuple[Relationship, ...]


@dataclass(frozen=True, slots=True)
class _Attachment:
    """A text where it stands: ``holder`` is a node's id."""

    holder: str
    kind: str
    name: str
    source: Any


@dataclass(slots=True)
class _Text:
    """A distinct document. ``value`` is its JSON, ``None`` if it is none."""

    id: str
    size: int
    value: Any
    parsed: Document | BrokenPolicy
    carried: dict[tuple[str, str, str], None] = field(default_factory=dict)


def policy_part(snapshot: Snapshot, world: IamWorld, known: Container[str]) -> PolicyPart:
    """Derive documents and statements of every policy that was collected.

    Args:
        snapshot: seen through its overlay.
        world: its IAM facts; they say where the resources' policies stand.
        known: ids of the nodes that the inventory holds.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    texts: dict[str, _Text] = {}
    for one in _attachments(snapshot, world, known):
        text, value = _canonical(one.source)
        found = texts.get(text)
        if found is None:
            found = texts[text] = _read(text, value, one.source)
        found.carried[one.holder, one.kind, one.name] = None
    nodes: dict[str, Node] = {}
    relationships: dict[str, Relationship] = {}
    for found in texts.values():
        name = _name(found)
        nodes[found.id] = _document_node(found, name)
        for holder, kind, called in found.carried:
            key = key_of("HAS_DOCUMENT", holder, found.id, f"{kind}\0{called}")
            props: dict[str, Value] = {"kind": kind, "name": called}
            relationships[key] = Relationship("HAS_DOCUMENT", holder, found.id, key, props)
        for node in _statement_nodes(found, name):
            nodes[node.id] = node
            key = key_of("HAS_STATEMENT", found.id, node.id)
            relationships[key] = Relationship("HAS_STATEMENT", found.id, node.id, key)
    return PolicyPart(
        tuple(nodes[key] for key in sorted(nodes)),
        tuple(sorted(relationships.values(), key=lambda r: (r.type, r.start, r.end, r.key))),
    )


# Where policies stand


def _attachments(
    snapshot: Snapshot, world: IamWorld, known: Container[str]
) -> Iterator[_Attachment]:
    for type_id, member in (
        ("iam:user", "UserPolicyList"),
        ("iam:group", "GroupPolicyList"),
        ("iam:role", "RolePolicyList"),
    ):
        for line in snapshot.items(type_id):
            for number, row in enumerate(_rows(line.item.get(member))):
                name = str(row.get("PolicyName", number))
                yield from _one(line.id, "inline", name, row.get("PolicyDocument"))
            trust = line.item.get("AssumeRolePolicyDocument")
            name = f"trust policy of {line.item.get('RoleName') or ''}"
            yield from _one(line.id, "trust", name, trust)
    for line in snapshot.items("iam:policy"):
        name = line.id.rpartition("/")[2]
        for version in _rows(line.item.get("PolicyVersionList")):
            if version.get("IsDefaultVersion"):
                yield from _one(line.id, "managed", name, version.get("Document"))
    for line in snapshot.items("org:policy"):
        name = str(line.item.get("Name") or line.id.rpartition("/")[2])
        content = _at(line.call("describe_policy").value, ("Policy", "Content"))
        yield from _one(line.id, "organization", name, content)
    for line in snapshot.items("sso:permission-set"):
        text = _at(line.call("get_inline_policy_for_permission_set").value, ("InlinePolicy",))
        name = f"inline policy of {line.id.rpartition('/')[2]}"
        yield from _one(line.id, "inline", name, text)
    yield from _of_resources(snapshot, world, known)


def _one(holder: str, kind: str, name: str, source: Any) -> Iterator[_Attachment]:
    if source is not None and source != "":
        yield _Attachment(holder, kind, name, source)


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (row for row in (value if isinstance(value, list) else ()) if _is_object(row))


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _of_resources(
    snapshot: Snapshot, world: IamWorld, known: Container[str]
) -> Iterator[_Attachment]:
    """Policies of resources, read again where the engine says that they stand."""
    by_file: dict[str, dict[str, list[tuple[str, str, Ref]]]] = {}
    for arn, policy in world.resource_policies.items():
        if policy is not None and policy.ref is not None:
            lines = by_file.setdefault(policy.ref.file, {})
            lines.setdefault(policy.ref.id, []).append((arn, policy.name, policy.ref))
    for file, lines in by_file.items():
        _, account, region, service, name = file.removesuffix(".jsonl").split("/")
        kind = "endpoint" if (service, name) == ("ec2", "vpc-endpoint") else "resource"
        for line in snapshot.items(f"{service}:{name}", account, region):
            for arn, called, ref in lines.get(line.id, ()):
                # An alias or version of a function is no node of its own; a line of the settings
                # of a region is none either.
                alone = arn in known or line.id not in known
                holder, told = (arn, called) if alone else (line.id, f"{called} ({arn})")
                told = called if arn == line.id else told
                yield from _one(holder, kind, told, _pointed(line, ref.pointer))


def _pointed(line: Item, pointer: str) -> Any:
    """What stands at a pointer within a line."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[:1] == ["item"]:
        return _at(line.item, steps[1:])
    return _at(line.call(steps[1]).value, steps[3:])


def _at(value: Any, path: Sequence[str]) -> Any:
    """A member of a response; the outer levels may have been unwrapped already."""
    for number, step in enumerate(path):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif not isinstance(value, Mapping) or number == len(path) - 1:
            return None
    return value


# What a document says


def _canonical(source: Any) -> tuple[str, Any]:
    """A document as compact JSON with sorted keys, and its value; text that is no JSON as it is."""
    value = source
    if isinstance(source, str):
        text = source.strip()
        text = unquote(text) if text.startswith("%") else text
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text, None
    try:
        written = _WRITER.encode(value)
    except RecursionError:
        return repr(type(value)), None
    return written, value


def _read(text: str, value: Any, source: Any) -> _Text:
    encoded = text.encode("utf-8", "surrogatepass")
    found = hashlib.sha256(encoded).hexdigest()[:32]
    return _Text(f"policy-document:{found}", len(encoded), value, parse(source))


def _name(found: _Text) -> str:
    """The policy's name for a document that is attached once, else the document's hash."""
    if len(found.carried) == 1:
        ((_, _, name),) = found.carried
        return name
    return found.id.partition(":")[2]


def _document_node(found: _Text, name: str) -> Node:
    document = found.parsed
    broken = isinstance(document, BrokenPolicy)
    statements = () if isinstance(document, BrokenPolicy) else document.statements
    version = found.value.get("Version") if isinstance(found.value, Mapping) else None
    names = sorted({called for _, _, called in found.carried})
    return _node(
        found.id,
        "PolicyDocument",
        name,
        {
            "statement_count": None if broken else len(statements),
            "size": found.size,
            "version": None if version is None else str(version)[:TEXT_LIMIT],
            "allows_everything": None if broken else any(map(_allows_everything, statements)),
            "broken": broken,
            "broken_reason": document.reason if isinstance(document, BrokenPolicy) else None,
            "attachment_count": len(found.carried),
            "attached_as": names[:NAME_LIMIT],
        },
    )


def _statement_nodes(found: _Text, name: str) -> Iterator[Node]:
    if isinstance(found.parsed, BrokenPolicy):
        return
    digest = found.id.partition(":")[2]
    written = found.value["Statement"]
    rows = [written] if isinstance(written, Mapping) else written
    for statement in found.parsed.statements[:STATEMENT_LIMIT]:
        yield _node(
            f"policy-statement:{digest}/{statement.index}",
            "PolicyStatement",
            f"{name}/{statement.index}",
            _statement_props(statement, rows[statement.index]),
        )


def _statement_props(statement: Statement, row: Mapping[str, Any]) -> dict[str, Value]:
    """An element that the statement does not have is null; an empty one is an empty list."""
    actions, not_actions = _texts(row.get("Action")), _texts(row.get("NotAction"))
    resources, not_resources = _texts(row.get("Resource")), _texts(row.get("NotResource"))
    principals = _principals(row.get("Principal"))
    not_principals = _principals(row.get("NotPrincipal"))
    conditions = sorted(_conditions(statement, row.get("Condition"))) or None
    return {
        "index": statement.index,
        "sid": _cut(statement.sid) or None,
        "effect": statement.effect,
        "actions": _kept(actions),
        "not_actions": _kept(not_actions),
        "action_count": _count(actions, not_actions),
        "resources": _kept(resources),
        "not_resources": _kept(not_resources),
        "resource_count": _count(resources, not_resources),
        "principals": _kept(principals),
        "not_principals": _kept(not_principals),
        "principal_count": _count(principals, not_principals),
        "conditions": _kept(conditions),
        "condition_count": _count(conditions),
        "allows_everything": _allows_everything(statement),
    }


def _texts(value: Any) -> Sequence[str] | None:
    return value if value is None or isinstance(value, list) else [value]


def _principals(value: Any) -> Sequence[str] | None:
    """``Service=ec2.amazonaws.com``; ``*`` alone stays alone."""
    if not isinstance(value, Mapping):
        return _texts(value)
    return [f"{kind}={entry}" for kind in sorted(value) for entry in _texts(value[kind]) or ()]


def _count(*lists: Sequence[str] | None) -> int:
    return sum(len(values) for values in lists if values)


def _conditions(statement: Statement, block: Any) -> Iterator[str]:
    """``StringEquals aws:SourceVpc=vpc-1 or vpc-2``, one text for each key of each operator."""
    names = [(operator, key) for operator, tests in (block or {}).items() for key in tests]
    for (operator, key), test in zip(names, statement.conditions, strict=True):
        yield f"{operator} {key}={' or '.join(test.values[:VALUE_LIMIT])}"


def _kept(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else [_cut(value) for value in values[:VALUE_LIMIT]]


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"


def _allows_everything(statement: Statement) -> bool:
    """Allow, without condition, of every action on every resource."""
    return (
        not statement.is_deny
        and not statement.conditions
        and any(_EVERYTHING.fullmatch(action) for action in statement.action_names)
        and any(set(resource) == {"*"} for resource in statement.resources or ())
    )


def _node(node_id: str, label: str, name: str, more: dict[str, Value]) -> Node:
    """Nobody owns a document: accounts share it."""
    return Node(
        id=node_id,
        labels=(label,),
        props={
            "name": _cut(name),
            "resource_type": f"Mapper::{label}",
            "account_id": None,
            "region": None,
            "resource_id": node_id.partition(":")[2],
            "tags": [],
            "category": "policy",
            "collected": True,
            **more,
        },
    )
