"""One recorded-shape item a workload type (``workload_items.json``), and worlds made of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Snapshot
from derivation.aws_world import PROD, World, trusting
from graph.derivation.workload_roles import Workload, workloads
from graph.derivation.workload_rows import RoleAt, workload_types
from graph.iam.from_snapshot import from_snapshot

Json = dict[str, Any]
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
PROVIDER = f"arn:aws:iam::{PROD}:oidc-provider/{ISSUER}"
OTHER = "nobody.amazonaws.com"


@cache
def _stored() -> str:
    return Path(__file__).with_name("workload_items.json").read_text(encoding="utf-8")


def workload_items() -> dict[str, Json]:
    """A line of each type: ``id``, ``region``, ``item``, ``calls``; a copy of its own."""
    found: dict[str, Json] = json.loads(_stored())
    return found


def kinds(type_id: str) -> list[str]:
    """The kinds of roles of a type, in order."""
    return list(dict.fromkeys(role.kind for role in workload_types()[type_id].roles))


def named_by(type_id: str) -> set[str]:
    """A type with the types through which its roles are named."""
    found: set[str] = set()
    waiting = [type_id]
    while waiting:
        found.add(one := waiting.pop())
        through = [role.through.type for role in workload_types()[one].roles if role.through]
        waiting += [other for other in through if other not in found]
    return found


def trust_of(role: RoleAt) -> Json:
    """A trust policy's statement with which the role is handed out."""
    if role.trusted_as == "eks-pod-identity":
        pods = trusting({"Service": "pods.eks.amazonaws.com"})
        return pods | {"Action": ["sts:AssumeRole", "sts:TagSession"]}
    if role.trusted_as:
        return trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity")
    return trusting({"Service": role.trusts[0] if role.trusts else OTHER})


def lab(
    type_id: str,
    change: Callable[[Any], Any] = copy.deepcopy,
    trust: Callable[[RoleAt], Json] = trust_of,
    *,
    roles: bool = True,
) -> World:
    """A world with the type's item, those that it is started from, and a role for each kind.

    Args:
        type_id: the type.
        change: done to every line of it.
        trust: the statement of each role's trust policy.
        roles: whether the roles were collected.
    """
    world = World()
    items = workload_items()
    provider = {"Url": ISSUER, "ClientIDList": ["sts.amazonaws.com"]}
    world.add(
        "iam:oidc-provider", PROVIDER, {"Arn": PROVIDER}, get_open_id_connect_provider=provider
    )
    for one in sorted(named_by(type_id)):
        line = change(items[one])
        world.add(one, line["id"], line["item"], region=line["region"], **line["calls"])
        for role in workload_types()[one].roles:
            if role.form == "profile":
                world.profile(role.kind, f"arn:aws:iam::{PROD}:role/{role.kind}")
    for role in workload_types()[type_id].roles:
        if roles:
            world.role(role.kind, [trust(role)])
    return world


def read(world: World, folder: Path, type_id: str) -> list[Workload]:
    """The workloads of a type in a world."""
    snapshot: Snapshot = world.write(folder)
    found = workloads(snapshot, from_snapshot(snapshot))
    return [one for one in found if one.type == type_id]


def verdicts(found: list[Workload]) -> dict[str, str]:
    """The verdict on each kind of role, without the state; the strongest where there are two."""
    ranked = sorted(
        (one for workload in found for one in workload.roles),
        key=lambda one: one.answer.verdict.rank,
    )
    return {one.kind: str(one.answer.verdict) for one in ranked}


def texts(change: Callable[[str], Any], names: set[str]) -> Callable[[Any], Any]:
    """A change of the texts that name a role or profile (by last part); ``None`` takes it away."""

    def changed(value: Any) -> Any:
        if isinstance(value, Mapping):
            rows = {key: changed(one) for key, one in value.items()}
            return {key: one for key, one in rows.items() if one is not None}
        if isinstance(value, list):
            return [one for one in map(changed, value) if one is not None]
        if isinstance(value, str) and value.rpartition("/")[2] in names:
            return change(value)
        return value

    return changed


def put(path: str, value: Any) -> Callable[[Any], Any]:
    """A change of the member at a path, in every alternative that the line has; ``None``: gone."""

    def changed(line: Json) -> Json:
        line = copy.deepcopy(line)
        for branch in path.split("|"):
            steps = branch.removeprefix("@").split("/")
            held = line["calls"] if branch.startswith("@") else line["item"]
            for step in steps[:-1]:
                held = held.get(step, {})
            if value is None:
                held.pop(steps[-1], None)
            elif steps[-1] in held:
                held[steps[-1]] = value
        return line

    return changed


def only(type_id: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The change for the line of one type, not for those that it is started from."""
    wanted = workload_items()[type_id]["id"]
    return lambda line: change(line) if line["id"] == wanted else copy.deepcopy(line)
