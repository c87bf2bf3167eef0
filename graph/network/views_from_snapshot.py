"""What several accounts tell of one resource, and which resource a short id stands for.

A resource may be listed by its owner and by those it is shared with; an id such as ``vpc-1`` is
AWS's own and is unique in practice, but snapshots may be made up, pseudonymised or merged, so the
ARN decides and a short id is read from where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from collector.snapshot import Item, Snapshot
from graph.network.ec2_shapes import text

# From a line to its way from short ids to node ids.
Near = Callable[[Item], Callable[[str], str]]


def owner_of(item: Item) -> str:
    """The account that owns a resource: ``OwnerId`` if told, else the one it was seen from."""
    owner = text(item.item.get("OwnerId"))
    return owner if owner.isdigit() else item.account_id


class Views:
    """The resources of some types, each as its owner sees it, the others filling gaps.

    Args:
        snapshot: what was collected.
        short_ids: type id -> the member of an item that holds AWS's short id.

    Raises:
        collector.snapshot.SnapshotError: a file cannot be read.
    """

    def __init__(self, snapshot: Snapshot, short_ids: Mapping[str, str]) -> None:
        self._seen_by: dict[str, tuple[str, ...]] = {}
        self._named: dict[str, dict[str, set[tuple[str, str]]]] = {}
        self._of_type: dict[str, tuple[Item, ...]] = {}
        for type_id, member in short_ids.items():
            views: dict[str, list[Item]] = {}
            for item in snapshot.items(type_id):
                views.setdefault(item.id, []).append(item)
                short = text(item.item.get(member)) or item.id.rpartition("/")[2]
                self.register(short, item.id, item)
            for node, some in views.items():
                self._seen_by[node] = tuple(sorted({one.account_id for one in some}))
            self._of_type[type_id] = tuple(_whole(views[node]) for node in sorted(views))

    def of_type(self, type_id: str) -> tuple[Item, ...]:
        """One line for each resource of a type, in order of id."""
        return self._of_type[type_id]

    def seen_by(self, node_id: str) -> tuple[str, ...]:
        """The accounts that listed a resource, sorted."""
        return self._seen_by.get(node_id, ())

    def register(self, short: str, node_id: str, item: Item) -> None:
        """A short id stands for a node in the account and region of a line, and of its owner."""
        places = self._named.setdefault(short, {}).setdefault(node_id, set())
        places.update({(item.account_id, item.region), (owner_of(item), item.region)})

    def near(self, item: Item) -> Callable[[str], str]:
        """Node ids of the short ids that stand on a line; see :meth:`resolve`."""
        # An attachment of a transit gateway is told by the gateway's owner too.
        told = (text(item.item.get(member)) for member in ("ResourceOwnerId", "VpcOwnerId"))
        accounts = (*told, owner_of(item), item.account_id)
        return lambda short: self.resolve(short, ((one, item.region) for one in accounts))

    def resolve(self, short: str, places: Iterable[tuple[str, str]]) -> str:
        """The node id of a short id, or the short id where that is not known.

        Args:
            short: AWS's id.
            places: (account, region) where it is looked for; the first that knows it decides.
                An id that no place knows is the only resource of that id, if there is one only.
        """
        known = self._named.get(short)
        if not known:
            return short
        if len(known) > 1:
            for place in places:
                some = [node for node, seen in known.items() if place in seen]
                if len(some) == 1:
                    return some[0]
            return short
        return next(iter(known))


def _whole(views: list[Item]) -> Item:
    """The owner's view, or the one that tells most; calls that it lacks from the others."""
    if len(views) == 1:
        return views[0]
    order = sorted(views, key=lambda one: (owner_of(one) != one.account_id, _unread(one)))
    first = order[0]
    calls = dict(first.calls)
    for other in order[1:]:
        for name, result in other.calls.items():
            if result.known and not (name in calls and calls[name].known):
                calls[name] = result
    return replace(first, calls=calls)


def _unread(item: Item) -> int:
    return sum(not result.known for result in item.calls.values())
