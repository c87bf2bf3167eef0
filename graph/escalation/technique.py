"""Escalation techniques as data: one row a technique, read from ``techniques/*.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from graph.verdict import condition

CATEGORIES = (
    "new-passrole",
    "existing-passrole",
    "principal-access",
    "self-escalation",
    "resource-policy",
    "credential-access",
    "public-entry",
)

ACCESS_KEY_FOUND = "x-access-key-found"
"""Leads from what holds an access key to its user: no call is made, whoever holds the thing."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call of a technique.

    Attributes:
        action: e.g. ``iam:PassRole``.
        on: ARN or template of it: ``{role}``, ``{workload}``, ``*``, ...
        context: keys that the call carries, with their values.
        absent: keys that it does not carry.
        open_trust: the call assumes a role of which the trust policy has been rewritten.
    """

    action: str
    on: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    absent: tuple[str, ...] = ()
    open_trust: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """What must be true of an item: the value at a path is one of these.

    Attributes:
        at: a path on the line (:mod:`graph.schema.path`).
        allowed: values as texts; empty: any value, as long as there is one.
        otherwise: verdict of another value: ``no``, ``dormant``, or ``conditional`` where it may
            work then too.
        missing: of no value: ``ok``, ``no`` where the item then lacks it, ``conditional`` where it
            was not collected.
    """

    at: str
    allowed: tuple[str, ...]
    otherwise: str = "no"
    missing: str = "conditional"


@dataclass(frozen=True, slots=True)
class Existing:
    """Something that must be there: an item of a type.

    Attributes:
        type: the items' type.
        where: what must hold of one.
        name: the hole that stands for its ARN in the calls (``{queue}``, ``{queue.name}`` for the
            last part); empty if no call is about it.
        form: template of its ARN, for accounts in which the type was not read.
        join: how one must have to do with the workload, by name (:mod:`graph.escalation.present`).
    """

    type: str
    where: tuple[Where, ...] = ()
    name: str = ""
    form: str = ""
    join: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """Another role that the calls name: any of the account that fits.

    Attributes:
        name: the hole that stands for its ARN.
        trusts: service principals, of which it must admit one.
        may: calls that the role itself must be able to make.
    """

    name: str
    trusts: tuple[str, ...]
    may: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What a technique is used on.

    Attributes:
        kind: ``passed-role``, ``workload``, ``resource``, or one of the kinds of
            :mod:`graph.escalation.identity`.
        trusts: service principals, of which the role must admit one.
        federated: provider that the role must admit instead.
        profile: the role must stand in an instance profile (or, for ``new``, in none).
        type: the items' type.
        roles: kinds of the roles that they carry.
        where: what must hold of an item.
        managed: instances that Systems Manager knows.
        places: of ``found-key``: calls of a line in whose answers a key stands, empty for the item;
            none: any.
    """

    kind: str
    trusts: tuple[str, ...] = ()
    federated: str = ""
    profile: str = ""
    type: str = ""
    roles: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    managed: bool = False
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Technique:
    """One way of gaining rights.

    Attributes:
        id: pathfinding.cloud's id where it has the technique; ``x-...`` otherwise.
        name: the calls, for a reader.
        title: what the attacker does, a predicate without full stop.
        description, fix: for a reader.
        status: ``live``, ``partial`` (none by itself) or ``retired``; only live ones are drawn.
        category: one of :data:`CATEGORIES`.
        target: what it is used on.
        calls: all needed.
        any_of: groups of calls, of which one is needed too.
        exists: things that must be there.
        others: other roles that must be there.
        conditions: what stays open whatever is allowed: condition and reason.
        checks: preconditions that code knows, by name.
        passive: nothing has to be called for it: it works when the owner's systems next use it.
        then: what the calls do to a principal's rights.
        gains: ``role``, ``execution-role`` (what the passed role may assume), ``user``,
            ``execute``, ``resource``, ``account``.
        sources: URLs.
    """

    id: str
    name: str
    title: str
    description: str
    fix: str
    status: str
    category: str
    target: Target
    calls: tuple[Call, ...] = ()
    any_of: tuple[tuple[Call, ...], ...] = ()
    exists: tuple[Existing, ...] = ()
    others: tuple[Other, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    checks: tuple[str, ...] = ()
    passive: bool = False
    then: str = ""
    gains: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=())

    @property
    def live(self) -> bool:
        """Whether it escalates by itself."""
        return self.status == "live"

    def groups(self) -> tuple[tuple[Call, ...], ...]:
        """Each set of calls that is enough."""
        return tuple((*self.calls, *more) for more in self.any_of or ((),))


class TechniqueError(ValueError):
    """A row of the data is not of the declared shape; the message names it."""


@cache
def techniques() -> tuple[Technique, ...]:
    """Every technique, by id.

    Raises:
        TechniqueError: a row is malformed or an id stands twice.
    """
    found: dict[str, Technique] = {}
    folder = resources.files("graph.escalation").joinpath("techniques")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".json"):
            continue
        for row in json.loads(file.read_text(encoding="utf-8"))["techniques"]:
            one = technique_of(row)
            if one.id in found:
                raise TechniqueError(f"{file.name}: {one.id} stands twice")
            found[one.id] = one
    return tuple(found[key] for key in sorted(found))


@cache
def by_id(technique_id: str) -> Technique:
    """A technique.

    Raises:
        KeyError: there is none of this id.
    """
    return {one.id: one for one in techniques()}[technique_id]


_KNOWN = frozenset(
    {
        "id",
        "name",
        "title",
        "description",
        "fix",
        "status",
        "category",
        "target",
        "calls",
        "any_of",
        "exists",
        "others",
        "conditions",
        "checks",
        "then",
        "gains",
        "passive",
        "sources",
        "note",
    }
)


def technique_of(row: Mapping[str, Any]) -> Technique:
    """A row of the data.

    Raises:
        TechniqueError: it is not of the declared shape.
    """
    name = str(row.get("id"))
    if unknown := row.keys() - _KNOWN:
        raise TechniqueError(f"{name}: unknown members {sorted(unknown)}")
    try:
        gains = row.get("gains") or ()
        found = Technique(
            id=row["id"],
            name=row["name"],
            title=row["title"],
            description=row["description"],
            fix=row["fix"],
            status=row["status"],
            category=row["category"],
            target=_target(row["target"]),
            calls=tuple(map(_call, row.get("calls", ()))),
            any_of=tuple(tuple(map(_call, group)) for group in row.get("any_of", ())),
            exists=tuple(_existing(one) for one in row.get("exists", ())),
            others=tuple(_other(one) for one in row.get("others", ())),
            conditions=tuple(
                (condition(one["kind"], one["subject"], one.get("value")), one["why"])
                for one in row.get("conditions", ())
            ),
            checks=tuple(row.get("checks", ())),
            passive=bool(row.get("passive")),
            then=row.get("then", ""),
            gains=(gains,) if isinstance(gains, str) else tuple(gains),
            sources=tuple(row["sources"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise TechniqueError(f"{name}: {error}") from error
    if found.category not in CATEGORIES:
        raise TechniqueError(f"{name}: {found.category} is no category")
    return found


def _target(row: Mapping[str, Any]) -> Target:
    profile = row.get("profile") or ""
    return Target(
        kind=row["kind"],
        trusts=tuple(row.get("trusts", ())),
        federated=row.get("federated", ""),
        profile="held" if profile is True else profile,
        type=row.get("type", ""),
        roles=tuple(row.get("roles", ())),
        where=tuple(map(_where, row.get("where", ()))),
        managed=bool(row.get("managed")),
        places=tuple(row.get("places", ())),
    )


def _call(row: Mapping[str, Any]) -> Call:
    context = row.get("context", {})
    return Call(
        action=row["action"],
        on=row["on"],
        context=tuple(
            (key, (value,) if isinstance(value, str) else tuple(value))
            for key, value in context.items()
        ),
        absent=tuple(row.get("absent", ())),
        open_trust=row.get("trust") == "open",
    )


def _where(row: Mapping[str, Any]) -> Where:
    return Where(
        row["at"],
        tuple(map(str, row.get("in", ()))),
        row.get("else", "no"),
        row.get("missing", "conditional"),
    )


def _existing(row: Mapping[str, Any]) -> Existing:
    where = tuple(map(_where, row.get("where", ())))
    return Existing(row["type"], where, row.get("as", ""), row.get("form", ""), row.get("join", ""))


def _other(row: Mapping[str, Any]) -> Other:
    return Other(row["as"], tuple(row["trusts"]), tuple(map(_call, row.get("may", ()))))
