"""The IAM actions behind the operations that the collector calls.

The data file is made by ``scripts/update_operation_actions.py``, which checks it in the action
catalogue; this module only reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from collector.services import TYPES

Operation = tuple[str, str]
"""boto3's client and method name."""

ANY = "*"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """An IAM action on a resource.

    Attributes:
        action: e.g. ``ec2:DescribeVpcs``.
        resource: ``*``, or an ARN without its beginning and partition, ``service:region:...``,
            where ``*`` stands for what is not fixed.
    """

    action: str
    resource: str = ANY


@dataclass(frozen=True, slots=True)
class Needed:
    """What an operation needs.

    Attributes:
        actions: IAM actions, all of them.
        level: AWS's classification, the strongest of the actions: ``List``, ``Read``, ...
        resources: as in :class:`Permission`; empty for all.
        reason: why it is called although its name or its level is not that of reading.
        permission: whether IAM asks for a permission at all.
        newer: whether the operation is newer than the packaged action catalogue; its actions and
            level are then those of its own documentation.
    """

    actions: tuple[str, ...]
    level: str
    resources: tuple[str, ...] = ()
    reason: str = ""
    permission: bool = True
    newer: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """The permissions that let the operation through; none where none is asked for."""
        if not self.permission:
            return frozenset()
        places = self.resources or (ANY,)
        return frozenset(Permission(action, place) for action in self.actions for place in places)


@cache
def operation_actions() -> Mapping[Operation, Needed]:
    """Every operation of the data file."""
    text = resources.files("collector").joinpath("data/operation-actions.json").read_text("utf-8")
    rows: Mapping[str, Mapping[str, Any]] = json.loads(text)["operations"]
    found: dict[Operation, Needed] = {}
    for name, row in rows.items():
        client, _, operation = name.partition(".")
        found[client, operation] = Needed(
            tuple(row["actions"]),
            str(row["level"]),
            tuple(row.get("resources", ())),
            str(row.get("reason", "")),
            not row.get("no_permission_needed", False),
            bool(row.get("newer_than_catalogue", False)),
        )
    return MappingProxyType(found)


def needed_by(client: str, operation: str) -> Needed | None:
    """What an operation needs; None for one that this version does not call."""
    return operation_actions().get((client, operation))


def actions_of(client: str, operation: str) -> tuple[str, ...]:
    """The IAM actions of an operation; none for one that this version does not call."""
    found = needed_by(client, operation)
    return found.actions if found else ()


@cache
def types_calling() -> Mapping[Operation, tuple[str, ...]]:
    """The types for which each declared operation is called, in the order of running."""
    found: dict[Operation, list[str]] = {}
    for declared in TYPES.values():
        for operation in operations_of([declared.id]):
            found.setdefault(operation, []).append(declared.id)
    return MappingProxyType({operation: tuple(types) for operation, types in found.items()})


def operations_of(type_ids: Iterable[str]) -> list[Operation]:
    """The operations that collecting these types may call, in the order of running."""
    found: dict[Operation, None] = {}
    for type_id in type_ids:
        declared = TYPES[type_id]
        for call in declared.calls():
            start = getattr(call, "start", None)
            if start is not None:
                found[declared.client, start.operation] = None
            found[declared.client, call.operation] = None
    return list(found)
