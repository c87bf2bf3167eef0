"""Which roles a collected item carries, read from ``workload_roles.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from graph.schema import path

Meaning = Literal["running", "dormant", "gone", "unknown"]
MEANINGS: tuple[Meaning, ...] = ("running", "dormant", "gone", "unknown")


@dataclass(frozen=True, slots=True)
class Through:
    """Another item that names the role.

    Attributes:
        type: its snapshot type.
        at: where its name stands.
        match: path on the other item's line that holds that name; ``id``: the line's id.
        each: objects of the item in which ``at`` and ``version`` stand; empty: the line.
        version: where the version of a launch template stands.
    """

    type: str
    at: str
    match: str
    each: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role that items of a type carry.

    Attributes:
        kind: what AWS calls it, e.g. ``execution-role``.
        trusts: services, of which its trust policy must admit one; empty: who gets it is judged
            elsewhere.
        runs_code: whether who controls the item acts with the role: its code gets the credentials,
            or its definition is carried out with them. Otherwise a service has it for its own
            steps.
        at: path of its ARN or name.
        reached: whether a request that reaches the item reaches what acts with the role; not where
            it reaches a control plane (EKS), or where the item is a definition or a build.
        form: ``role``, or ``profile`` where an instance profile stands there.
        through: who names it where the path gives nothing.
        trusted_as: kind of :class:`graph.iam.assumption.Assumption` as which the item must be
            trusted, for roles that are not passed.
    """

    kind: str
    trusts: tuple[str, ...]
    runs_code: bool
    at: str = ""
    reached: bool = True
    form: str = "role"
    through: Through | None = None
    trusted_as: str = ""


@dataclass(frozen=True, slots=True)
class StateAt:
    """What a member that tells an item's state means.

    Attributes:
        at: its path.
        means: the meaning by value.
        otherwise: the meaning of any other value.
        missing: that of none.
    """

    at: str
    means: Mapping[str, Meaning]
    otherwise: Meaning
    missing: Meaning


@dataclass(frozen=True, slots=True)
class WorkloadType:
    """A snapshot type whose items carry roles.

    Attributes:
        type: e.g. ``glue:job``.
        roles: its roles; several rows may be of one kind.
        states: members that tell its state; all of them count.
        source: AWS's page.
        definition: nothing of it runs; others are started from it.
        metadata: where its metadata options stand, if it gets the role by them.
    """

    type: str
    roles: tuple[RoleAt, ...]
    states: tuple[StateAt, ...]
    source: str
    definition: bool = False
    metadata: str = ""


@cache
def workload_types() -> Mapping[str, WorkloadType]:
    """Every row of ``workload_roles.json``, by snapshot type."""
    file = resources.files("graph.derivation").joinpath("workload_roles.json")
    rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return {row["type"]: _workload_type(row) for row in rows}


def _workload_type(row: Mapping[str, Any]) -> WorkloadType:
    return WorkloadType(
        type=row["type"],
        roles=tuple(map(_role, row["roles"])),
        states=tuple(map(_state, row.get("state", ()))),
        source=row["source"],
        definition=row.get("definition", False),
        metadata=row.get("metadata", ""),
    )


def _role(row: Mapping[str, Any]) -> RoleAt:
    through = Through(**row["through"]) if "through" in row else None
    return RoleAt(**{**row, "trusts": tuple(row["trusts"]), "through": through})


def _state(row: Mapping[str, Any]) -> StateAt:
    path.check(row["at"])
    means: dict[str, Meaning] = {
        value: meaning for meaning in MEANINGS for value in row.get(meaning, ())
    }
    return StateAt(row["at"], means, row.get("else", "unknown"), row.get("missing", "unknown"))
