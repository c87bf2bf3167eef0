"""A corpus file on its way through the product: converter, ``import raw``, snapshot, world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from collector.raw import import_raw
from collector.request import CollectResult
from collector.snapshot import Snapshot
from graph.derive import Derivation, derive
from graph.iam.admin import AdminAnswer, admin_answer
from graph.iam.document import Document
from graph.iam.from_snapshot import from_snapshot
from graph.iam.world import IamWorld, Policy
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
