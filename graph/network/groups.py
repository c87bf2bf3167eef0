"""Interfaces that the internet reaches alike: one ``NetworkTarget`` for each such group.

A source leads to the group and the group to its members, so that the graph's size is members
plus rules, never pairs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graph.evidence import Step
from graph.network.facts import Interface
from graph.network.internet import (
    address_step,
    has_family,
    listening_state,
    never_inbound,
    owner_of,
)
from graph.network.path import place_key
from graph.network.prefixes import Family
from graph.network.world import NetworkWorld


@dataclass(frozen=True, slots=True)
class InterfaceGroup:
    """Interfaces that share VPC, effective route table, network ACL, security groups and state.

    Attributes:
        id: stable for the same shared facts: ``network-target:<vpc>:<hash>``.
        vpc: the VPC's id.
        account_id: the account of the interfaces.
        region: their region.
        route_tables: ids of the effective route table (one, or none if unknown).
        acl: id of the network ACL, empty if unknown.
        security_groups: their ids, sorted.
        public_v4: whether the internet can address the members by IPv4.
        public_v6: the same by IPv6.
        state: the best verdict that the members' state allows.
        interfaces: ids of the members' interfaces.
        members: what they belong to, the interface itself where that is unknown.
    """

    id: str
    vpc: str
    account_id: str
    region: str
    route_tables: tuple[str, ...]
    acl: str
    security_groups: tuple[str, ...]
    public_v4: bool
    public_v6: bool
    state: str
    interfaces: tuple[str, ...]
    members: tuple[str, ...]


def group_key(world: NetworkWorld, interface: Interface) -> tuple[object, ...]:
    """What decides the internet's reach to an interface; equal keys get equal answers."""
    subnet = world.subnets.get(interface.subnet)
    places = tuple(
        place_key(world, subnet, family) if subnet else interface.subnet for family in Family
    )
    addresses = tuple(
        _told(address_step(world, interface, family))
        if has_family(world, interface, family)
        else ""
        for family in Family
    )
    state = listening_state(world, interface)
    return (
        interface.vpc,
        interface.account_id,
        interface.region,
        places,
        interface.groups,
        addresses,
        never_inbound(world, interface),
        interface.deny_igw,
        state.verdict.value,
        _told(state.step) if state.step.result == "unknown" else "",
    )


def _told(step: Step) -> str:
    """A step's result, and what is missing: that may be the interface's own."""
    return step.text if step.result == "unknown" else step.result


def interface_groups(world: NetworkWorld) -> list[InterfaceGroup]:
    """Group every interface of the world; order and ids are stable."""
    found: dict[tuple[object, ...], list[Interface]] = {}
    for interface in world.facts.interfaces:
        found.setdefault(group_key(world, interface), []).append(interface)
    groups = [_group(world, key, members) for key, members in found.items()]
    return sorted(groups, key=lambda group: group.id)


def _group(
    world: NetworkWorld, key: tuple[object, ...], members: list[Interface]
) -> InterfaceGroup:
    first = members[0]
    subnet = world.subnets.get(first.subnet)
    acl = world.acl_of(subnet) if subnet else None
    tables = world.route_tables_of(subnet) if subnet else ()
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return InterfaceGroup(
        id=f"network-target:{first.vpc.rpartition('/')[2]}:{digest}",
        vpc=first.vpc,
        account_id=first.account_id,
        region=first.region,
        route_tables=tuple(table.id for table in tables),
        acl=acl.id if acl else "",
        security_groups=first.groups or (),
        public_v4=address_step(world, first, Family.IPV4).result == "pass",
        public_v6=address_step(world, first, Family.IPV6).result == "pass",
        state=listening_state(world, first).verdict.value,
        interfaces=tuple(sorted(one.id for one in members)),
        members=tuple(sorted({owner_of(one) for one in members})),
    )
