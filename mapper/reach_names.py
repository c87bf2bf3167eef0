"""What may be named in ``mapper reach``: instances, load balancers, databases and interfaces.

A single question reads only the lines in which its words stand; who asks on gets an index of all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from queries.answers.reach import Thing

if TYPE_CHECKING:
    from collector.snapshot import Item, Snapshot
    from graph.network.world import NetworkWorld

INTERNET = "internet"
_INTERFACE = "AWS::EC2::NetworkInterface"
_NAMED_BY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ec2:instance": ("AWS::EC2::Instance", ("PrivateDnsName", "PublicDnsName")),
    "ec2:network-interface": (_INTERFACE, ("PrivateDnsName",)),
    "elbv2:load-balancer": (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        ("LoadBalancerName", "DNSName"),
    ),
    "elb:load-balancer": (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        ("LoadBalancerName", "DNSName"),
    ),
    "rds:db-instance": ("AWS::RDS::DBInstance", ("DBInstanceIdentifier",)),
}
"""Types that can be asked about: CloudFormation's name, and members that name one."""
_GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ec2:vpc": ("AWS::EC2::VPC", ("VpcId",)),
    "ec2:subnet": ("AWS::EC2::Subnet", ("SubnetId",)),
    "ec2:security-group": ("AWS::EC2::SecurityGroup", ("GroupName", "GroupId")),
}
"""Types that stand for the interfaces in them."""
_NO_END: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "rds:db-cluster": ("AWS::RDS::DBCluster", ("DBClusterIdentifier",)),
}
"""Types that a name may mean as well, though they have no address of their own."""
_TYPES = {**_NAMED_BY, **_GROUPS, **_NO_END}
GROUP_TYPES = frozenset(resource_type for resource_type, _ in _GROUPS.values())
_BY_LINE = 8
"""So many look-ups read single lines; then everything is read once for all."""


@dataclass(slots=True)
class _Index:
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    things: dict[str, Thing] = field(default_factory=dict)
    tagged: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def add(self, item: Item, resource_type: str, members: tuple[str, ...]) -> None:
        name = _tag(item) or _first(item, members[:1])
        self.things[item.id] = Thing(name, resource_type, item.account_id, item.region)
        for word in (*_words(item.id), name, *(_first(item, (m,)) for m in members)):
            if word:
                self.words[word.lower()].add(item.id)
        for key, value in _tags(item):
            self.tagged.setdefault(key, {}).setdefault(value, set()).add(item.id)


class Names:
    """The names of a snapshot."""

    def __init__(self, snapshot: Snapshot, world: NetworkWorld) -> None:
        """Args: the snapshot, and what was read of its network."""
        self._snapshot, self._world = snapshot, world
        self._asked = 0

    def meant(self, text: str) -> dict[str, Thing]:
        """What a word may mean, by id: the id itself, or everything that has it as a name."""
        index = self._index(text)
        if text in index.things:
            return {text: index.things[text]}
        return {one: index.things[one] for one in sorted(index.words.get(text.lower(), ()))}

    def thing(self, node_id: str) -> Thing:
        """What is known of a node; nothing of what cannot be named."""
        if node_id == INTERNET:
            return Thing("Internet", "Mapper::Internet")
        return self._index(node_id).things.get(node_id, Thing())

    @property
    def words(self) -> Iterable[str]:
        """Every name, in lower case."""
        return self._all.words

    def tagged(self, key: str, value: str | None) -> set[str]:
        """Ids of what has a tag, with this value or with any."""
        values = self._all.tagged.get(key, {})
        found = values.values() if value is None else [values.get(value, set())]
        return {one for some in found for one in some}

    @property
    def tag_keys(self) -> Iterable[str]:
        """Keys of tags that something has."""
        return self._all.tagged

    def elsewhere(self, text: str) -> tuple[str, str] | None:
        """A thing of another type that has a text as its id or name: its type and id, or None."""
        if not text.isascii() or not text.isprintable() or not text:
            return None
        for type_id in sorted(self._snapshot.types() - set(_TYPES)):
            for item in self._snapshot.items_holding(type_id, (text.lower(),)):
                if text in {*_words(item.id), _tag(item), *_own_names(item)}:
                    return type_id, item.id
        return None

    def _index(self, text: str) -> _Index:
        # Other characters may be written as escapes in a stored line.
        plain = text.isascii() and text.isprintable() and not set(text) & set('"\\')
        if not plain or not text or self._asked >= _BY_LINE:
            return self._all
        self._asked += 1
        found = _Index()
        for type_id, (resource_type, members) in _TYPES.items():
            for item in self._snapshot.items_holding(type_id, (text.lower(),)):
                found.add(item, resource_type, members)
        return self._with_interfaces(found, text)

    @cached_property
    def _all(self) -> _Index:
        found = _Index()
        for type_id, (resource_type, members) in _TYPES.items():
            for item in self._snapshot.items(type_id):
                found.add(item, resource_type, members)
        return self._with_interfaces(found, "")

    def _with_interfaces(self, found: _Index, text: str) -> _Index:
        """Interfaces may be known from what they belong to only."""
        for one in self._world.facts.interfaces:
            if text.lower() in one.id.lower():
                kept = Thing(None, _INTERFACE, one.account_id, one.region)
                found.things.setdefault(one.id, kept)
                for word in _words(one.id):
                    found.words[word.lower()].add(one.id)
        return found


def _words(node_id: str) -> Iterator[str]:
    yield node_id
    yield node_id.rpartition("/")[2]
    yield node_id.rpartition(":")[2]


def _tag(item: Item) -> str | None:
    return next((value or None for key, value in _tags(item) if key == "Name"), None)


def _tags(item: Item) -> Iterator[tuple[str, str]]:
    for member in ("Tags", "TagSet", "TagList"):
        for tag in _objects(item.item.get(member)):
            key, value = tag.get("Key"), tag.get("Value")
            if isinstance(key, str) and isinstance(value, str):
                yield key, value


def _own_names(item: Item) -> Iterator[str]:
    """What AWS calls a thing itself: members such as ``Name``, ``BucketName``, ``RoleName``."""
    for member, value in item.item.items():
        if isinstance(value, str) and member.lower().endswith(("name", "id", "identifier")):
            yield value


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _first(item: Item, members: tuple[str, ...]) -> str | None:
    for member in members:
        value = item.item.get(member)
        if isinstance(value, str) and value:
            return value
    return None


__all__ = ["GROUP_TYPES", "INTERNET", "Names"]
