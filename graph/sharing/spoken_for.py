"""Which resources a policy of a whole account and region is about: databases, log groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.snapshot import Item, Snapshot
from graph.iam import patterns
from graph.iam.grants import Grant
from graph.iam.policies_from_snapshot import arn_of
from graph.iam.policy_places import PolicyPlace

AT_MOST = 100
"""Resources that one grant is told for each; what names more is told of them all together."""


@dataclass(slots=True)
class SpokenFor:
    """Finds the collected resources that a grant names."""

    snapshot: Snapshot
    _listed: dict[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)

    def named(self, place: PolicyPlace, holder: Item, grant: Grant) -> tuple[str, ...]:
        """The resources that a grant is about: single ones, or the holder for all of them.

        Args:
            place: where the policy stands.
            holder: the line, with the id of what stands for all.
            grant: what the policy grants.
        """
        if not place.speaks_for or len(grant.resources) > AT_MOST:
            return (holder.id,)
        wanted = [patterns.written_resource(entry) for entry in grant.resources]
        all_of_them = patterns.wild(arn_of(place.about[0], holder))
        if not wanted or any(entry.matches(all_of_them) for entry in wanted):
            return (holder.id,)
        found = []
        for arn in self._resources(place, holder):
            if any(entry.matches(text) for entry in wanted for text in _forms(arn)):
                found.append(arn)
                if len(found) > AT_MOST:
                    return (holder.id,)
        return tuple(found) or (holder.id,)

    def _resources(self, place: PolicyPlace, holder: Item) -> tuple[str, ...]:
        found: list[str] = []
        for type_id in place.speaks_for:
            key = (type_id, holder.account_id, holder.region)
            if key not in self._listed:
                items = self.snapshot.items(type_id, holder.account_id, holder.region)
                self._listed[key] = tuple(item.id for item in items)
            found += self._listed[key]
        return tuple(found)


def _forms(arn: str) -> tuple[str, ...]:
    """Log groups are named with what stands below them."""
    plain = patterns.plain(arn)
    return (plain, patterns.plain(f"{arn}:any")) if ":log-group:" in arn else (plain,)
