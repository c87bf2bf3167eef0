"""How declarations say where a relationship leads: small builders of finders."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import document
from graph.schema.declare import Edge, Finder, Link, Reference
from graph.schema.path import ShapeError, look

_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_ROOT = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root\Z")
_ORGANIZATION = re.compile(r"arn:[a-z-]+:organizations::[0-9]{12}:organization/(o-[a-z0-9]+)\Z")
_UNIQUE_ID = re.compile(r"A(?:ROA|IDA|GPA|NPA|IPA)[A-Z0-9]{12,}\Z")
_SESSION = re.compile(r"arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([^/]+)/.+\Z")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z")
_ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")


def partition_of(line: Item) -> str:
    """The partition of a line's ARN, ``aws`` where it has none."""
    parts = line.id.split(":", 2)
    return parts[1] if parts[0] == "arn" and len(parts) == 3 else "aws"


def account(account_id: str) -> Reference:
    """An account's node."""
    return Reference(id=f"account:{account_id}", label="AWSAccount")


def named(value: object, label: str = "", **more: Any) -> Reference:
    """A reference by ARN or by short id, whichever ``value`` is.

    Raises:
        ShapeError: it is no text.
    """
    if not isinstance(value, str) or not value:
        raise ShapeError(f"an id of a {label or 'resource'} is no text")
    if value.startswith("arn:"):
        return Reference(id=value, label=label, must_exist=bool(more.get("must_exist")))
    return Reference(short=value, label=label, **more)


def at(path: str, label: str = "", *, must_exist: bool = False) -> Finder:
    """Every value at a path is an ARN or a short id of ``label`` (empty: told by its prefix)."""

    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if value != "":  # how some answers write "none"
                yield Edge(named(value, label, must_exist=must_exist))

    return find


def each(path: str, edges: Callable[[Item, Mapping[str, Any]], Iterator[Edge]]) -> Finder:
    """Every object at a path gives edges."""

    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if not isinstance(value, Mapping):
                raise ShapeError(f"{path}: an object is expected")
            yield from edges(line, value)

    return find


def both(*finders: Finder) -> Finder:
    """The edges of several finders."""

    def find(line: Item) -> Iterator[Edge]:
        for finder in finders:
            yield from finder(line)

    return find


def kms_key(path: str) -> Finder:
    """A key given by ARN or id. An alias is left to the property: it can move to another key."""

    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if isinstance(value, str) and "alias/" not in value:
                yield Edge(named(value, "KMSKey", must_exist=not value.startswith("arn:")))

    return find


def bucket(path: str) -> Finder:
    """A bucket given by name."""

    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if isinstance(value, str) and value:
                yield Edge(Reference(id=f"arn:{partition_of(line)}:s3:::{value}", label="S3Bucket"))

    return find


def receiver(principal: object) -> Reference | None:
    """Whom something is shared with: account id, organisation or OU ARN, principal, service.

    ``None`` for ``all`` and wildcards: everyone is no receiver but a source of access.
    """
    if not isinstance(principal, str):
        raise ShapeError("a receiver of a share is no text")
    if _ACCOUNT.match(principal):
        return account(principal)
    if found := _ORGANIZATION.match(principal):
        return Reference(id=f"org:{found[1]}", label="Organization")
    return named_principal("AWS", principal) or named_principal("Service", principal)


def shared_with(path: str) -> Finder:
    """Every value at a path is a receiver."""

    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if (end := receiver(value)) is not None:
                yield Edge(end)

    return find


def received(path: str, description: str) -> Link:
    """``SHARED_WITH`` each account at a path."""
    return Link("SHARED_WITH", ("AWSAccount", "ExternalAccount"), description, shared_with(path))


def named_principal(kind: str, value: str) -> Reference | None:
    """The node of one principal of a policy; ``None`` for wildcards and what cannot be one.

    A deleted principal's unique id takes its place in the policy
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
    """
    if kind == "Service":
        host = value.lower()
        known = _HOST.match(host) and "." in host
        return Reference(id=f"service:{host}", label="AWSService") if known else None
    if kind == "Federated":
        if value.startswith("arn:"):
            return Reference(id=value)
        host = value.lower()
        if not (_HOST.match(host) and "." in host):
            return None
        return Reference(id=f"federated:{host}", label="FederatedProvider")
    if kind != "AWS" or "*" in value:
        return None
    if _ACCOUNT.match(value):
        return account(value)
    if found := _ROOT.match(value):
        return account(found[1])
    if _UNIQUE_ID.match(value):
        return Reference(id=f"deleted:{value}", label="DeletedPrincipal")
    if found := _SESSION.match(value):
        # The ARN of a session leaves out the role's path; role names are unique in an account.
        return Reference(
            id=value, label="IAMRole", short=found[2], region="global", account=found[1]
        )
    return Reference(id=value) if value.startswith("arn:") else None


def trusts(path: str) -> Finder:
    """The principals that a trust policy names in statements that allow assuming the role."""

    def find(line: Item) -> Iterator[Edge]:
        ends: dict[Reference, bool] = {}
        for value in look(path, line).values:
            for statement in as_list(document(value).get("Statement")):
                if not isinstance(statement, Mapping):
                    raise ShapeError("a statement is not an object")
                if statement.get("Effect") != "Allow" or not _assumes(statement):
                    continue
                conditional = bool(statement.get("Condition"))
                for end in _principals(statement.get("Principal")):
                    ends[end] = ends.get(end, True) and conditional
        for end, conditional in ends.items():
            yield Edge(end, props={"conditional": conditional})

    return find


def _assumes(statement: Mapping[str, Any]) -> bool:
    patterns = as_list(statement.get("Action"))
    if not patterns:
        return "NotAction" in statement
    return any(
        fnmatch.fnmatchcase(action, str(pattern).lower())
        for pattern in patterns
        for action in _ASSUMING
    )


def _principals(principal: object) -> Iterator[Reference]:
    if not isinstance(principal, Mapping):
        return
    for kind, values in principal.items():
        for value in as_list(values):
            if isinstance(value, str) and (end := named_principal(str(kind), value)):
                yield end


def text_or_none(value: object) -> str | None:
    """A relationship's property as text; null where AWS gave nothing or no text."""
    return str(value) if isinstance(value, str | int) else None


def as_list(value: object) -> list[Any]:
    """A policy element as a list: AWS allows one value or several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
