"""Ends that no control tells apart: what one of them reaches, or is reached by, holds for all."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from graph.network.between.behind_links import targets_of
from graph.network.between.classes import class_of, edges_of, number_of
from graph.network.between.ends import End
from graph.network.between.links_in_doubt import served_balancers
from graph.network.between.pair import sender_state
from graph.network.between.trail import every_address
from graph.network.facts import Interface
from graph.network.internet import State, state_of
from graph.network.prefixes import Family, parse
from graph.network.world import NetworkWorld


@dataclass(frozen=True, slots=True)
class LikeEnds:
    """Ends that are alike, in the order of their ids; the first stands for all."""

    ends: tuple[End, ...]

    @property
    def first(self) -> End:
        """The one that is judged."""
        return self.ends[0]


def alike(
    world: NetworkWorld, ends: Iterable[End], named: frozenset[str] | None = None
) -> list[LikeEnds]:
    """Part ends into those that are alike, in the order of their first ids.

    Args:
        world: the facts.
        ends: each id once.
        named: of what is reached, ids and addresses by which something leads to it: these are,
            like load balancers and databases, like nothing else.
    """
    found: dict[Hashable, list[End]] = defaultdict(list)
    for end in ends:
        found[_key(world, end, named)].append(end)
    made = [LikeEnds(tuple(sorted(some, key=lambda one: one.id))) for some in found.values()]
    return sorted(made, key=lambda one: one.first.id)


def _key(world: NetworkWorld, end: End, named: frozenset[str] | None) -> Hashable:
    """Load balancers as senders are apart: each reaches its own targets."""
    apart = end.id in world.load_balancers or (named is not None and _is_named(world, end, named))
    own = end.id if apart or not end.interfaces else ""
    return own, end.ports, tuple(_interface_key(world, one) for one in end.interfaces)


def _interface_key(world: NetworkWorld, one: Interface) -> Hashable:
    """Everything that a rule, route or state may ask of an interface, but for its name."""
    return (
        one.account_id,
        one.region,
        one.vpc,
        one.subnet,
        one.groups is None,
        tuple(sorted(one.groups or ())),
        one.kind,
        one.status,
        one.deny_igw,
        one.forwards,
        one.unread,
        one.owner_kind,
        one.description if not one.owner else "",
        one.id in world.nat_interfaces,
        one.id in world.endpoint_interfaces,
        frozenset(
            (_place_of(world, a.private), _place_of(world, a.public), a.elastic)
            for a in one.addresses
        ),
        frozenset(_place_of(world, six) for six in one.ipv6),
        _told(sender_state(world, one)),
        _told(state_of(world, one)),
    )


def _told(state: State) -> Hashable:
    gap = state.step.text if state.step.result == "unknown" else ""
    return state.verdict.value, state.step.result, gap


def _place_of(world: NetworkWorld, address: str) -> Hashable:
    """An address by which rules, entries, routes, listeners and web ACLs hold it."""
    if not address:
        return ""
    family = parse(address)[0]
    return family, class_of(world, address, family), _narrowed(world, address, family)


def _narrowed(world: NetworkWorld, address: str, family: Family) -> int:
    key = ("addresses of clients", family)
    if key not in world.memo:
        world.memo[key] = edges_of(_of_clients(world), family)
    found: list[int] = world.memo[key]
    return bisect_right(found, number_of(address))


def _of_clients(world: NetworkWorld) -> Iterator[str]:
    """Ranges by which load balancers tell their clients apart."""
    for balancer in world.facts.load_balancers:
        for acl in balancer.web_acls:
            for opening in acl.openings:
                yield from opening.cidrs or ()
        for listener in balancer.listeners or ():
            for rule in listener.rules:
                for one in rule.conditions:
                    yield from (value for value in one.values if "/" in value)


def _is_named(world: NetworkWorld, end: End, named: frozenset[str]) -> bool:
    if end.id in world.load_balancers or end.id in world.databases:
        return True
    return end.id in named or any(
        address in named for one in end.interfaces for address in every_address(one)
    )


def served(world: NetworkWorld) -> frozenset[str]:
    """Ids and addresses to which PrivateLink or VPC Lattice leads, or may."""
    key = "named by links"
    if key not in world.memo:
        ids = {
            target.id
            for balancer in served_balancers(world)
            for _, _, target in targets_of(world, balancer)
        }
        ids |= {name for way in world.facts.joints.lattice for name in way.targets}
        world.memo[key] = frozenset(ids)
    found: frozenset[str] = world.memo[key]
    return found


def registered(world: NetworkWorld) -> frozenset[str]:
    """Ids and addresses to which anything sends: target groups and classic load balancers too."""
    groups = [group.targets or () for group in world.facts.target_groups]
    groups += [one.targets or () for one in world.facts.load_balancers]
    return served(world) | {target.id for some in groups for target in some}


__all__ = ["LikeEnds", "alike", "registered", "served"]
