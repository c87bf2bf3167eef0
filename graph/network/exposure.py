"""Everything the internet reaches: interfaces, load balancers and their targets, databases."""

from __future__ import annotations

from graph.network.balancers import internet_to_targets
from graph.network.databases import internet_to_database
from graph.network.doors import internet_to_balancer
from graph.network.facts import Interface
from graph.network.internet import internet_to_interface, unseen_interfaces
from graph.network.reach import Reach, each_way, merge
from graph.network.world import NetworkWorld


def internet_reach(world: NetworkWorld) -> list[Reach]:
    """Judge every interface, load balancer, target and database of the world.

    Returns:
        Results sorted by target, mechanism and source, ``no`` included; one for each (source,
        target, mechanism). Interfaces that belong to a load balancer or a database are judged
        with it, not by themselves.
    """
    return merge(internet_ways(world))


def internet_ways(world: NetworkWorld) -> list[Reach]:
    """The same, one result for each way: a target behind two load balancers has two."""
    found: list[Reach] = []
    for interface in world.facts.interfaces:
        if not belongs_to_service(world, interface):
            found += internet_to_interface(world, interface)
    for instance in world.facts.instances:
        found += unseen_interfaces(world, instance)
    for balancer in world.facts.load_balancers:
        found += internet_to_balancer(world, balancer)
        found += internet_to_targets(world, balancer)
    for database in world.facts.databases:
        found += internet_to_database(world, database)
    return sorted(each_way(found), key=lambda one: (one.target, one.mechanism, one.source, one.via))


def belongs_to_service(world: NetworkWorld, interface: Interface) -> bool:
    """Whether an interface is a collected load balancer's or database's own.

    AWS names them by description only (``ELB app/name/id``, ``RDSNetworkInterface``); a database
    is told by its place and security groups too. One that cannot be matched is judged as an
    interface, and so is a database's where another one may have been left out of the listing.
    """
    if world.balancer_of(interface) is not None:
        return True
    if not world.databases_at(interface):
        return False
    return not world.gap("rds.describe_db_instances", interface.account_id, interface.region)
