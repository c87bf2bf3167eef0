"""A corpus file on its way through the product: converter, ``import raw``, snapshot, world."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from collector.raw import import_raw
from collector.request import CollectResult
from collector.snapshot import Snapshot
from collector.snapshot.overlay import Change, Overlay
from graph.derive import Derivation, derive
from graph.iam.admin import AdminAnswer, admin_answer
from graph.iam.document import Document
from graph.iam.from_snapshot import IAM_TYPES, from_snapshot
from graph.iam.world import IamWorld, Policy
from graph.records import Relationship
from graph.verdict import Verdict

KEY = b"0" * 32


@dataclass
class Imported:
    """What became of a corpus file.

    Attributes:
        result: what the import said.
        snapshot: the snapshot that it wrote.
        left_out: types of resources that the converter has no recorded call for.
    """

    result: CollectResult
    snapshot: Snapshot
    left_out: frozenset[str] = frozenset()

    @cached_property
    def world(self) -> IamWorld:
        """The engine's view of it."""
        return from_snapshot(self.snapshot)

    @cached_property
    def derivation(self) -> Derivation:
        """The whole graph of it."""
        return derive(self.snapshot)

    def admin(self, arn: str) -> AdminAnswer:
        """Whether a principal is admin of its own account."""
        return admin_answer(self.world, arn, self.world.principals[arn].account)

    def admins(self, verdict: Verdict = Verdict.YES) -> dict[str, frozenset[str]]:
        """Principals with that verdict but root users, each with its techniques."""
        found = {
            arn: self.admin(arn) for arn, one in self.world.principals.items() if one.kind != "root"
        }
        return {
            arn: frozenset(one.techniques)
            for arn, one in found.items()
            if one.answer.verdict is verdict
        }

    def unread(self) -> dict[str, str]:
        """Policies that were attached but cannot be read: by name, what is wrong."""
        attached: list[Policy] = [p for p in self.world.resource_policies.values() if p]
        for one in self.world.principals.values():
            attached += one.policies
            attached += [one.boundary] if one.boundary else []
            attached += [one.trust] if one.trust else []
        return {
            policy.arn or policy.name: getattr(policy.document, "reason", "its text is missing")
            for policy in attached
            if not isinstance(policy.document, Document)
        }


def imported(folder: Path, convert: Callable[[Path], set[str] | None]) -> Imported:
    """Convert into ``folder/raw``, import into ``folder/snapshot``, open."""
    left_out = convert(folder / "raw")
    result = import_raw(folder / "raw", folder / "snapshot", redaction_key=KEY)
    return Imported(result, Snapshot.open(result.path), frozenset(left_out or ()))


def edited(
    one: Imported, arn: str, edit: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Imported:
    """A twin: the same snapshot with one line of account details as ``edit`` gives it.

    Raises:
        LookupError: no user, group, role or policy has that ARN.
    """
    for type_id in IAM_TYPES:
        for line in one.snapshot.items(type_id):
            if line.id == arn:
                item = edit(copy.deepcopy(dict(line.item)))
                changed = {"id": arn, "item": item, "calls": {}}
                change = (
                    Change("remove", line.file, arn)
                    if item is None
                    else Change("replace", line.file, arn, changed)
                )
                twin = one.snapshot.with_overlay(Overlay([change]))
                return Imported(one.result, twin, one.left_out)
    raise LookupError(arn)


def without_action(action: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An edit that takes an action out of every inline policy."""

    def edit(item: dict[str, Any]) -> dict[str, Any]:
        for member in ("UserPolicyList", "RolePolicyList"):
            for policy in item.get(member) or ():
                for statement in policy["PolicyDocument"]["Statement"]:
                    actions = statement["Action"]
                    listed = [actions] if isinstance(actions, str) else actions
                    statement["Action"] = [one for one in listed if one != action]
        return item

    return edit


def loose_ends(graph: Derivation) -> list[Relationship]:
    """Relationships of which an end is no node."""
    ids = {node.id for node in graph.nodes}
    return [one for one in graph.relationships if {one.start, one.end} - ids]
