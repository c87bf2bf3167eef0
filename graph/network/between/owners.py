"""Whose an interface is, and whether it sends or receives of its own accord."""

from __future__ import annotations

from graph.network.between.pair import TAKES_NOTHING
from graph.network.facts import Interface
from graph.network.internet import owner_of
from graph.network.world import NetworkWorld

# Interfaces that begin no connection for an attacker: they carry what others send (EC2 API
# reference, NetworkInterface.InterfaceType).
_CARRIES = (
    *(kind for kind in TAKES_NOTHING if kind != "lambda"),
    "network_load_balancer",
    "vpc_endpoint",
    "global_accelerator_managed",
    "load_balancer",
)
_BALANCER, _DATABASE = "ELB ", "RDSNetworkInterface"


def takes_nothing(world: NetworkWorld, interface: Interface) -> bool:
    """Whether nothing connects to an interface, whatever its groups admit."""
    return interface.kind in TAKES_NOTHING or interface.id in world.nat_interfaces


def is_sender(world: NetworkWorld, interface: Interface) -> bool:
    """Whether something runs behind an interface that can open connections."""
    if interface.kind in _CARRIES or interface.id in world.nat_interfaces:
        return False
    return not interface.description.startswith((_BALANCER, _DATABASE))


def owner_in(world: NetworkWorld, interface: Interface) -> str:
    """What is reached by an interface: its owner, or itself where that is not known.

    A load balancer's interfaces name it in their description; a database's only where its place
    and groups leave no other.
    """
    if interface.owner:
        return interface.owner
    if interface.id in _endpoints(world):
        return _endpoints(world)[interface.id]
    if interface.description.startswith(_BALANCER):
        balancer = world.balancer_of(interface)
        return balancer.id if balancer else interface.id
    if interface.description == _DATABASE:
        found = world.databases_at(interface)
        return found[0].id if len(found) == 1 else interface.id
    return owner_of(interface)


def _endpoints(world: NetworkWorld) -> dict[str, str]:
    key = "endpoints by interface"
    if key not in world.memo:
        world.memo[key] = {i: one.id for one in world.facts.joints.links for i in one.interfaces}
    found: dict[str, str] = world.memo[key]
    return found
