"""Whether anything may join two ends at all, for all ends at once.

Private ways are those of ``groups.lateral``. Beside them something may lead there by the internet
(the target has a public address and the sender a way out), or by PrivateLink or VPC Lattice.
"""

from __future__ import annotations

from functools import cached_property

from graph.network.between.ends import End, end_to_internet
from graph.network.between.groups import lateral
from graph.network.between.lateral import Lateral
from graph.network.between.lattice import may_lead
from graph.network.between.links_in_doubt import may_be_served
from graph.network.between.owners import is_sender
from graph.network.facts import Interface
from graph.network.internet import internet_to_interface
from graph.network.prefixes import PUBLIC, Family, parse
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict


class Likely:
    """What may reach what; a ``False`` is sure."""

    def __init__(self, world: NetworkWorld, only: Spans) -> None:
        """Args: the facts, and the ports that are asked for."""
        self._world, self._only = world, only
        self._leaves: dict[str, bool] = {}
        self._entered: dict[str, bool] = {}
        self._served: dict[str, bool] = {}

    def joins(self, source: End, target: End) -> bool:
        """Whether one end may reach another."""
        if not source.interfaces or not target.interfaces:
            return True
        return (
            self._privately(source, target)
            or self._linked(target)
            or (self._enters(target) and self._out(source))
        )

    @cached_property
    def _ranges(self) -> dict[str, str]:
        return {i: name for name, one in self._lateral.ranges.items() for _, i in one.members}

    @cached_property
    def _targets(self) -> dict[str, str]:
        return {i: name for name, one in self._lateral.targets.items() for _, i in one.members}

    @cached_property
    def _lateral(self) -> Lateral:
        return lateral(self._world)

    @cached_property
    def _reached(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in self._lateral.passages:
            found.setdefault(one.target, set()).update(self._lateral.groups[one.group])
        return found

    def _privately(self, source: End, target: End) -> bool:
        reached = [one for some in target.each() for one in some]
        if not all(map(self._is_judged, reached)):
            return True
        if not all(self._sends(one) for one in source.interfaces):
            return True
        ranges = {self._ranges.get(one.id) for one in source.interfaces} - {None}
        names = {self._targets.get(one.id) for one in reached} - {None}
        return any(not ranges.isdisjoint(self._reached.get(name or "", ())) for name in names)

    def _is_judged(self, one: Interface) -> bool:
        """Whether the interface itself is in the world: what stands in for one is not."""
        return one.id in self._world.interfaces

    def _sends(self, one: Interface) -> bool:
        return self._is_judged(one) and is_sender(self._world, one)

    def _out(self, source: End) -> bool:
        if source.id not in self._leaves:
            out = end_to_internet(self._world, source, self._only)
            six = any(one.ipv6 for one in source.interfaces)
            self._leaves[source.id] = six or any(one.verdict is not Verdict.NO for one in out)
        return self._leaves[source.id]

    def _enters(self, target: End) -> bool:
        if target.id not in self._entered:
            named = target.id in self._world.load_balancers or target.id in self._world.databases
            self._entered[target.id] = named or any(map(self._is_open, target.interfaces))
        return self._entered[target.id]

    def _is_open(self, one: Interface) -> bool:
        """Whether an interface has a public address that lets anybody of the internet in.

        By IPv6 packets may come over the internet that are answered by another way.
        """
        if any(parse(six)[1] & PUBLIC[Family.IPV6] for six in one.ipv6):
            return True
        if not any(address.public for address in one.addresses):
            return False
        found = internet_to_interface(self._world, one)
        return any(reach.verdict is not Verdict.NO for reach in found)

    def _linked(self, target: End) -> bool:
        if target.id not in self._served:
            lattice = any(may_lead(way, target) for way in self._world.facts.joints.lattice)
            served = may_be_served(self._world, target, self._only)
            self._served[target.id] = lattice or served
        return self._served[target.id]


__all__ = ["Likely"]
