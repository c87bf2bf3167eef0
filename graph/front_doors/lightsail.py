"""Lightsail: instances, databases, load balancers and container services.

They stand outside of the account's VPCs, with public addresses and firewalls of their own.

* https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-firewall-and-port-mappings-in-amazon-lightsail.html
* https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_ContainerService.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.lightsail_firewall import of_family, openings
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network import ports
from graph.network.ec2_shapes import integer, text, texts
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union

_IP_KINDS: Mapping[str, tuple[Family, ...]] = {
    "ipv4": (Family.IPV4,),
    "ipv6": (Family.IPV6,),
    "dualstack": BOTH,
}

# States in which a thing does not answer; in every other one it does, at least most of the time.
_ASLEEP_DATABASE = frozenset(
    {"creating", "deleting", "failed", "starting", "stopped", "stopping"}
    | {"incompatible-network", "incompatible-restore", "restore-error"}
)


def families(item: Item) -> tuple[Family, ...]:
    """Families of ``ipAddressType``; both where it was not told."""
    return _IP_KINDS.get(text(item.item.get("ipAddressType")), BOTH)


def family_lock(item: Item, family: Family, gap: str) -> Lock:
    """Whether a name resolves in a family: IPv6 is not known unless it is told."""
    told = text(item.item.get("ipAddressType"))
    if told not in _IP_KINDS and family is Family.IPV6:
        return unread("address", item.id, gap)
    return passes("address", item.id, f"It has {family} addresses ({told or 'not told'}).")


# Instances


def instance_state(sight: Sight, item: Item) -> Lock:
    """Whether an instance runs."""
    state = text(member(item.item, "state", "name"))
    (ref,) = sight.refs(item, "/item/state/name")
    if not state:
        return unread("state", item.id, sight.gap(item, "get_instances"), ref)
    if state == "running":
        return passes("state", item.id, "The instance is running.", ref)
    return sleeps("state", item.id, f"The instance is {state}.", ref)


def _instance(sight: Sight, item: Item) -> Iterator[Reach]:
    for family in BOTH:
        address = _address(sight, item, family)
        if address is None:
            continue
        locks = (address, instance_state(sight, item))
        for firewall, opened, cidrs in _firewall(sight, item, family):
            yield from sight.reached(
                item,
                "lightsail",
                (*locks, firewall),
                opened=opened,
                admitted=cidrs,
                families=(family,),
            )


def _firewall(
    sight: Sight, item: Item, family: Family
) -> Iterator[tuple[Lock, Spans, tuple[str, ...] | None]]:
    """What the firewall says, for which ports and address ranges."""
    name = "firewall"
    (ref,) = sight.refs(item, "/item/networking/ports")
    found = openings(item)
    if found is None:
        yield unread(name, item.id, sight.gap(item, "get_instances"), ref), ports.ALL, None
        return
    admitted = of_family(found, family)
    if not admitted:
        yield (
            stops(name, item.id, f"The firewall opens no port to {family} addresses.", ref),
            ports.ALL,
            None,
        )
    for opened, cidrs in admitted.items():
        shown = ", ".join(cidrs[:5])
        lets = f"The firewall opens {', '.join(ports.names(opened))} to {shown}."
        yield passes(name, item.id, lets, ref), opened, cidrs


def _address(sight: Sight, item: Item, family: Family) -> Lock | None:
    """The public address; ``None`` where an instance has none of a family by its kind."""
    kind = text(item.item.get("ipAddressType"))
    if family is Family.IPV4:
        name, found = "/item/publicIpAddress", text(item.item.get("publicIpAddress"))
        offered = kind != "ipv6"
    else:
        addresses = texts(item.item.get("ipv6Addresses"))
        name, found = "/item/ipv6Addresses", ", ".join(addresses[:3])
        offered = bool(found) or kind in ("ipv6", "dualstack")
    (ref,) = sight.refs(item, name)
    if found:
        return passes("address", item.id, f"It has the public address {found}.", ref)
    if not offered:
        return None
    if text(member(item.item, "state", "name")) in ("stopped", "stopping"):
        return sleeps("address", item.id, "It gets a public address when it starts.", ref)
    return unread("address", item.id, sight.gap(item, "get_instances"), ref)


# Databases


def _database(sight: Sight, item: Item) -> Iterator[Reach]:
    port = integer(member(item.item, "masterEndpoint", "port"))
    known = port is not None and 0 < port < 65536
    yield from sight.reached(
        item,
        "lightsail-db",
        (_public(sight, item), _database_state(sight, item), *_port_lock(sight, item, known)),
        opened=ports.tcp(port or 0) if known else ports.of_protocol(ports.TCP),
    )


def _port_lock(sight: Sight, item: Item, known: bool) -> tuple[Lock, ...]:
    if known:
        return ()
    return (unread("port", item.id, sight.gap(item, "get_relational_databases")),)


def _public(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/publiclyAccessible")
    told = item.item.get("publiclyAccessible")
    if told is True:
        return passes("public mode", item.id, "publiclyAccessible is true.", ref)
    if told is False:
        text_ = "Only Lightsail resources of its region reach it (publiclyAccessible is false)."
        return stops("public mode", item.id, text_, ref)
    return unread("public mode", item.id, sight.gap(item, "get_relational_databases"), ref)


def _database_state(sight: Sight, item: Item) -> Lock:
    state = text(item.item.get("state"))
    (ref,) = sight.refs(item, "/item/state")
    if not state:
        return unread("state", item.id, sight.gap(item, "get_relational_databases"), ref)
    make = sleeps if state in _ASLEEP_DATABASE else passes
    return make("state", item.id, f"The database is {state}.", ref)


# Load balancers


def balancer_locks(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """What stands before a load balancer but its addresses and ports."""
    state = text(item.item.get("state"))
    (ref,) = sight.refs(item, "/item/state")
    if state in ("", "unknown"):
        return (unread("state", item.id, sight.gap(item, "get_load_balancers"), ref),)
    make = passes if state in ("active", "active_impaired") else sleeps
    return (make("state", item.id, f"The load balancer is {state}.", ref),)


def _balancer(sight: Sight, item: Item) -> Iterator[Reach]:
    gap = sight.gap(item, "get_load_balancers")
    told = item.item.get("publicPorts")
    numbers = [n for n in map(integer, told if isinstance(told, list) else ()) if n is not None]
    opened = union(ports.tcp(number) for number in numbers if 0 < number < 65536)
    (ref,) = sight.refs(item, "/item/publicPorts")
    listens = (
        passes("listener", item.id, f"It listens on {', '.join(ports.names(opened))}.", ref)
        if opened
        else unread("listener", item.id, gap, ref)
    )
    named = sight.by_member("lightsail:instance", "name")
    for family in families(item):
        locks = (family_lock(item, family, gap), *balancer_locks(sight, item), listens)
        yield from sight.reached(
            item, "lightsail-lb", locks, opened=opened or _WEB, families=(family,)
        )
        for target, more, backend in _behind(sight, item, named):
            yield from sight.reached(
                item,
                "lightsail-lb",
                (*locks, *more),
                opened=backend,
                families=(family,),
                target=target.id,
                via=(item.id,),
            )


_WEB = ports.tcp(80) | ports.tcp(443)


def _behind(
    sight: Sight, item: Item, named: Mapping[tuple[str, str, str], Item]
) -> Iterator[tuple[Item, tuple[Lock, ...], Spans]]:
    """Instances, each with its health and state and the port that the load balancer uses.

    A health check passes only where the instance's firewall lets the load balancer through.
    """
    port = integer(item.item.get("instancePort"))
    known = port is not None and 0 < port < 65536
    gap = sight.gap(item, "get_load_balancers")
    for number, row in enumerate(rows(item.item.get("instanceHealthSummary"))):
        target = named.get((item.account_id, item.region, text(row.get("instanceName"))))
        if target is None:
            continue
        (ref,) = sight.refs(item, f"/item/instanceHealthSummary/{number}")
        locks = (_health(item, row, gap, ref), instance_state(sight, target))
        if known:
            yield target, locks, ports.tcp(port or 0)
        else:
            yield target, (*locks, unread("port", item.id, gap)), ports.of_protocol(ports.TCP)


def _health(item: Item, row: Mapping[str, Any], gap: str, ref: Any) -> Lock:
    told = text(row.get("instanceHealth"))
    if told in ("", "unavailable"):
        return unread("health", item.id, gap, ref)
    make = passes if told == "healthy" else sleeps
    return make("health", item.id, f"{row.get('instanceName')} is {told}.", ref)


# Container services


def container_locks(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """What stands before the URL of a container service."""
    return (_container_state(sight, item), _public_endpoint(sight, item))


def _container_state(sight: Sight, item: Item) -> Lock:
    state = text(item.item.get("state"))
    (ref,) = sight.refs(item, "/item/state")
    if item.item.get("isDisabled") is True:
        return sleeps("state", item.id, "The container service is disabled.", ref)
    if not state:
        return unread("state", item.id, sight.gap(item, "get_container_services"), ref)
    answers = state in ("RUNNING", "UPDATING") or (
        state == "DEPLOYING" and isinstance(item.item.get("currentDeployment"), Mapping)
    )
    make = passes if answers else sleeps
    return make("state", item.id, f"The container service is {state.lower()}.", ref)


def _public_endpoint(sight: Sight, item: Item) -> Lock:
    name = "public endpoint"
    deployment = item.item.get("currentDeployment")
    (ref,) = sight.refs(item, "/item/currentDeployment")
    if isinstance(deployment, Mapping) and deployment:
        container = text(member(deployment, "publicEndpoint", "containerName"))
        if container:
            return passes(name, item.id, f"{container} answers at {item.item.get('url')}.", ref)
        if "publicEndpoint" not in deployment:
            return stops(name, item.id, "The deployment has no public endpoint.", ref)
    elif item.item.get("state") in ("READY", "PENDING", "DISABLED", "DEPLOYING"):
        return sleeps(name, item.id, "There is no active deployment.", ref)
    return unread(name, item.id, sight.gap(item, "get_container_services"), ref)


def _container(sight: Sight, item: Item) -> Iterator[Reach]:
    yield from sight.reached(item, "lightsail-container", container_locks(sight, item))


_API = "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference"
_TEST = "tests/front_doors/test_lightsail.py"

DOORS = (
    FrontDoor(
        type_id="lightsail:instance",
        mechanism="lightsail",
        title="Lightsail instances",
        rule="It has a public address, its firewall opens a port (networking.ports; the ranges of "
        "cidrs and ipv6Cidrs are the sources), and it runs. The console's own client (the alias "
        "lightsail-connect) is nobody's range.",
        source=f"{_API}/API_InstancePortInfo.html",
        judge=_instance,
        test=_TEST,
    ),
    FrontDoor(
        type_id="lightsail:database",
        mechanism="lightsail-db",
        title="Lightsail databases",
        rule="publiclyAccessible is true and the database is not stopped or broken; on the port "
        "of its endpoint.",
        source=f"{_API}/API_RelationalDatabase.html",
        judge=_database,
        test=_TEST,
    ),
    FrontDoor(
        type_id="lightsail:load-balancer",
        mechanism="lightsail-lb",
        title="Lightsail load balancers",
        rule="It is active: it always stands on the internet, on its public ports. Attached "
        "instances that are healthy and run are reached through it on the instance port, whatever "
        "their firewall opens to others (the health check passes it).",
        source=f"{_API}/API_LoadBalancer.html",
        judge=_balancer,
        test=_TEST,
        needs=frozenset({"lightsail:instance"}),
    ),
    FrontDoor(
        type_id="lightsail:container-service",
        mechanism="lightsail-container",
        title="Lightsail container services",
        rule="Its active deployment names a public endpoint, and it runs and is not disabled.",
        source=f"{_API}/API_ContainerService.html",
        judge=_container,
        test=_TEST,
    ),
)
"""Declarations of this service."""
