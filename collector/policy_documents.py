"""The smallest policies that let a collection through, and what AWS's own ones lack of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from collector.actions import ANY, Permission, needed_by, operations_of
from collector.job import groups
from collector.request import DEFAULT_ROLES, CollectRequest

VERSION = "2012-10-17"
ANY_PARTITION = "arn:*:"
"""How an ARN begins in a document that may be used in every partition."""

MANAGED_LIMIT = 6144
INLINE_LIMIT = 10240
ATTACHED_LIMIT = 10
"""Characters of a managed policy, and of all inline policies of a role, without white space; how
many managed policies a role may have unless its account's quota was raised.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of AWS.

    Attributes:
        name: e.g. ``SecurityAudit``.
        path: what stands after ``policy/`` in its ARN.
        updated: day of the version, ``YYYY-MM-DD``.
        document: as AWS wrote it.
    """

    name: str
    path: str
    updated: str
    document: Mapping[str, Any]

    def arn(self, beginning: str) -> str:
        """Its ARN in the partition that ``beginning`` (``arn:...:``) names."""
        return f"{beginning}iam::aws:policy/{self.path}"


@cache
def reading_policies() -> tuple[ManagedPolicy, ...]:
    """SecurityAudit and ViewOnlyAccess, as they stood when this version was made."""
    text = resources.files("collector").joinpath("data/reading-policies.json").read_text("utf-8")
    return tuple(
        ManagedPolicy(name, row["path"], row["updated"], row["document"])
        for name, row in json.loads(text)["policies"].items()
    )


# What is needed


def needed_permissions(request: CollectRequest) -> frozenset[Permission]:
    """What collecting a request needs, in the caller's account and in those that are entered.

    Raises:
        CollectError: a service or type that is asked for does not exist.
    """
    types = [declared.id for group in groups(request.type_ids) for declared in group]
    operations = [*operations_of(types), ("ec2", "describe_regions")]
    if request.organisation:
        operations += [
            ("organizations", "list_accounts"),
            ("organizations", "describe_organization"),
        ]
    found: set[Permission] = set()
    for operation in operations:
        needed = needed_by(*operation)
        found |= needed.permissions if needed else frozenset()
    return frozenset(found | set(_entering(request)))


def _entering(request: CollectRequest) -> Iterable[Permission]:
    """Assuming the roles that a request names, in the accounts that it names."""
    if not (request.organisation or request.accounts):
        return
    # Names of accounts are known to AWS only.
    known = all(len(account) == 12 and account.isdigit() for account in request.accounts)
    accounts = request.accounts if known and request.accounts else (ANY,)
    for account in accounts:
        for role in request.role_names or DEFAULT_ROLES:
            yield Permission("sts:AssumeRole", f"iam::{account}:role/{role}")


# What a document allows


def lacking(
    needed: Iterable[Permission], policies: Iterable[Mapping[str, Any]]
) -> frozenset[Permission]:
    """What none of the documents allows."""
    statements = [statement for policy in policies for statement in policy["Statement"]]
    return frozenset(
        permission
        for permission in needed
        if not any(allows(statement, permission) for statement in statements)
    )


def allows(statement: Mapping[str, Any], permission: Permission) -> bool:
    """Whether a statement allows a permission whole, whatever the request.

    A statement with a condition, or by exclusion (``NotAction``), is not counted upon: asking for
    what one has already is the lesser evil.
    """
    if statement["Effect"] != "Allow" or statement.get("Condition"):
        return False
    actions, places = _texts(statement, "Action"), _texts(statement, "Resource")
    return any(_matches(pattern, permission.action) for pattern in actions) and any(
        _covers(pattern, permission.resource) for pattern in places
    )


def _texts(statement: Mapping[str, Any], name: str) -> list[str]:
    value = statement.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def _matches(pattern: str, action: str) -> bool:
    """Whether a pattern of a policy names an action; the case of actions does not count."""
    return bool(_regex(pattern.lower()).fullmatch(action.lower()))


def _covers(pattern: str, resource: str) -> bool:
    """Whether a pattern names every resource that another one names, in its partition.

    The other's wildcard is taken for a letter that nothing but a wildcard matches.
    """
    if pattern == ANY:
        return True
    beginning, partition, rest = (*pattern.split(":", 2), "", "")[:3]
    return (
        resource != ANY
        and beginning == "arn"
        and bool(partition)
        and bool(_regex(rest).fullmatch(resource.replace(ANY, "\0")))
    )


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    # One star after another means no more than one, and would cost the engine dearly.
    once = re.sub(r"\*+", ANY, pattern)
    parts = {ANY: "(?s:.*)", "?": "[^\0]"}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in once))


# Documents


def documents(
    permissions: Iterable[Permission], limit: int = MANAGED_LIMIT, beginning: str = ANY_PARTITION
) -> list[Document]:
    """As few documents as hold the permissions, each within ``limit`` characters.

    No wildcard in an action: it could come to mean more. What shares its resources shares a
    statement; a service's actions stay together where they can.
    """
    made: list[Document] = []
    waiting = _statements(permissions, beginning)
    while waiting:
        document: Document = {"Version": VERSION, "Statement": []}
        waiting = _filled(document, waiting, limit)
        made.append(document)
    return made


def _statements(permissions: Iterable[Permission], beginning: str) -> list[dict[str, Any]]:
    places: dict[str, set[str]] = {}
    for permission in permissions:
        places.setdefault(permission.action, set()).add(permission.resource)
    by_places: dict[tuple[str, ...], list[str]] = {}
    for action, found in places.items():
        wanted = (ANY,) if ANY in found else tuple(sorted(found))
        by_places.setdefault(wanted, []).append(action)
    ordered = sorted(by_places.items(), key=lambda pair: (pair[0] != (ANY,), pair[0]))
    return [
        {
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": ANY if found == (ANY,) else [beginning + place for place in found],
        }
        for found, actions in ordered
    ]


def _filled(
    document: Document, statements: list[dict[str, Any]], limit: int
) -> list[dict[str, Any]]:
    """Put as much into a document as it takes; what is left over."""
    for number, statement in enumerate(statements):
        split = _split(document, statement, limit)
        if split:
            document["Statement"].append(statement | split)
            rest = {
                name: [text for text in statement[name] if text not in set(texts)]
                for name, texts in split.items()
            }
            (name,) = split
            if rest[name]:
                return [statement | rest, *statements[number + 1 :]]
        else:
            return statements[number:]
    return []


def _split(document: Document, statement: dict[str, Any], limit: int) -> dict[str, list[str]]:
    """The beginning of a statement that still fits: of its actions, or of one action's resources.

    Raises:
        ValueError: not even one fits into an empty document.
    """
    by_action = len(statement["Action"]) > 1 or isinstance(statement["Resource"], str)
    name = "Action" if by_action else "Resource"
    texts = statement[name]
    fitting = 0
    room = limit - size_of(document) - size_of(statement | {name: []}) - 1
    while fitting < len(texts) and (room := room - len(json.dumps(texts[fitting])) - 1) >= 0:
        fitting += 1
    if not fitting and not document["Statement"]:
        raise ValueError(f"{texts[0]} does not fit into {limit} characters")
    return {name: texts[:fitting]} if fitting else {}


def size_of(document: Mapping[str, Any]) -> int:
    """Characters as IAM counts them: white space is not counted."""
    return len(compact(document))


def compact(document: Mapping[str, Any]) -> str:
    """A document without white space."""
    return json.dumps(document, separators=(",", ":"))
