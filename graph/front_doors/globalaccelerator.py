"""Global Accelerator: addresses on the internet that lead into VPCs, private subnets included.

* https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html
* https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints.sipp-caveats.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.behind import interface_reaches, passed_on
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.dns import host_of, name_step
from graph.front_doors.globalaccelerator_endpoints import (
    PROTOCOLS,
    Endpoint,
    endpoints_of,
    ports_of,
    region_of,
)
from graph.front_doors.inside_vpc import (
    Entry,
    by_accelerator,
    by_client,
    to_balancer,
    to_interface,
)
from graph.front_doors.sight import BOTH, Sight, member, rows, strings
from graph.network import ports
from graph.network.facts import Interface, LoadBalancer
from graph.network.pieces import INTERNET
from graph.network.prefixes import Family
from graph.network.reach import Reach, merge
from graph.network.spans import Spans, union
from graph.verdict import Answer, Verdict, all_of, condition

_NAME = "globalaccelerator"
_CUSTOM = "globalaccelerator-custom-routing"
_TEST = "tests/front_doors/test_globalaccelerator.py"
_CLIENT = Entry(by_client, sees_client=True)
_ACCELERATOR = Entry(by_accelerator, sees_client=False, sender="addresses of Global Accelerator")


def _accelerator(sight: Sight, item: Item) -> Iterator[Reach]:
    families = BOTH if item.item.get("IpAddressType") == "DUAL_STACK" else (Family.IPV4,)
    listeners = item.call("list_listeners")
    endpoints, gaps = endpoints_of(sight, item)
    opened = union(ports_of(one) for one in rows(listeners.value))
    names = [host_of(item.item.get(key)) for key in ("DnsName", "DualStackDnsName")]
    common = (
        _enabled(sight, item),
        Lock(name_step(sight, item, *names, *_addresses(item))),
        _listening(sight, item, opened),
    )
    yield from sight.reached(
        item, _NAME, (*common, _leading(item, endpoints, gaps)), opened=opened, families=families
    )
    for endpoint in endpoints:
        locks = (*common, *_doubted(sight, item, endpoint), _sending(item, endpoint))
        for front in sight.reached(item, _NAME, locks, opened=endpoint.opened, families=families):
            for one in merge(_behind(sight, item, endpoint, front.family)):
                yield passed_on(front, one, (item.id, *one.via))


def _doubted(sight: Sight, item: Item, endpoint: Endpoint) -> tuple[Lock, ...]:
    """Where the ports of an endpoint's listener cannot be read, any may be meant."""
    gap = sight.gap(item, "list_listeners")
    return () if endpoint.read else (unread("listener", item.id, gap),)


def _addresses(item: Item) -> list[str]:
    return [
        one for some in rows(item.item.get("IpSets")) for one in strings(some.get("IpAddresses"))
    ]


def _enabled(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/Enabled")
    enabled = item.item.get("Enabled")
    if enabled is True:
        return passes("state", item.id, "The accelerator is enabled.", ref)
    if enabled is False:
        return sleeps("state", item.id, "The accelerator is disabled.", ref)
    return unread("state", item.id, sight.gap(item, "list_accelerators"), ref)


def _listening(sight: Sight, item: Item, opened: Spans) -> Lock:
    (ref,) = sight.refs(item, "/calls/list_listeners/value")
    call = item.call("list_listeners")
    # A listener whose ports cannot be read listens all the same.
    if not call.known or (call.value and not opened):
        return unread("listener", item.id, sight.gap(item, "list_listeners"), ref)
    if not opened:
        return stops("listener", item.id, "The accelerator has no listener.", ref)
    text = f"It listens on {', '.join(ports.names(opened)[:10])}."
    return passes("listener", item.id, text, ref)


def _leading(item: Item, endpoints: list[Endpoint], gaps: list[str]) -> Lock:
    """Without endpoints nothing answers."""
    name = "endpoint"
    if endpoints:
        text = f"It leads to {', '.join(dict.fromkeys(one.id for one in endpoints[:10]))}."
        return passes(name, item.id, text)
    if gaps:
        return unread(name, item.id, gaps[0])
    return stops(name, item.id, "No endpoint group has an endpoint.")


def _sending(item: Item, endpoint: Endpoint) -> Lock:
    """Weight, traffic dial and health of an endpoint.

    https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints-endpoint-weights.html
    """
    if not endpoint.weight:
        return sleeps("health", item.id, f"No traffic is sent to {endpoint.id} (weight or dial 0).")
    if endpoint.health != "UNHEALTHY":
        return passes("health", item.id, f"Traffic is sent to {endpoint.id}.")
    if endpoint.open_anyway:
        text = "Every endpoint of the group is unhealthy, so traffic is sent to all of them."
        return asks_for("health", item.id, text, "context:target-health=all-unhealthy")
    return sleeps("health", item.id, f"{endpoint.id} is unhealthy.")


def _behind(sight: Sight, item: Item, endpoint: Endpoint, family: Family) -> list[Reach]:
    """Reaches to an endpoint and to what stands behind it."""
    world = sight.network
    balancer = world.load_balancers.get(endpoint.id)
    if balancer is not None:
        return _balancer(sight, balancer, endpoint, family)
    instance = world.instances.get(sight.node(endpoint.id, item, endpoint.region))
    if instance is not None:
        if not instance.interfaces or instance.interfaces[0] not in world.interfaces:
            return [
                _unknown(instance.id, family, f"ec2.describe_network_interfaces({instance.id})")
            ]
        primary = world.interfaces[instance.interfaces[0]]
        if family is Family.IPV6 and not primary.ipv6:
            return [_ipv4_only(instance.id)]
        return to_interface(sight, primary, family, endpoint.arriving, _CLIENT)
    if endpoint.id.startswith("eipalloc-"):
        v6 = family is Family.IPV6
        return [_ipv4_only(endpoint.id)] if v6 else _elastic(sight, item, endpoint, family)
    return [_unknown(endpoint.id, family, f"the endpoint {endpoint.id}")]


def _balancer(
    sight: Sight, balancer: LoadBalancer, endpoint: Endpoint, family: Family
) -> list[Reach]:
    """A load balancer, internal or not; without its word it may see either address.

    A network load balancer without security groups never sees the client's.
    """
    preserved = endpoint.preserved
    if balancer.groups is None:
        preserved = False
    if family is Family.IPV6 and balancer.ip_address_type == "ipv4":
        return [_ipv4_only(balancer.id)]
    entries = {True: (_CLIENT,), False: (_ACCELERATOR,), None: (_CLIENT, _ACCELERATOR)}[preserved]
    found = [to_balancer(sight, balancer, family, endpoint.arriving, one) for one in entries]
    if len(found) == 1:
        return found[0]
    # Not told: sure is only what both addresses are let through with.
    other = {(one.target, one.source): one.answer for one in found[1]}
    doubt = _unknown(balancer.id, family, "ClientIPPreservationEnabled").answer
    return [
        replace(one, answer=all_of((one.answer, other.get((one.target, one.source), doubt))))
        for one in found[0]
    ]


def _ipv4_only(node: str) -> Reach:
    """Dual-stack accelerators send IPv6 to what takes it; Elastic IPs are IPv4.

    https://docs.aws.amazon.com/global-accelerator/latest/dg/about-endpoints.html
    """
    text = f"{node} takes IPv4 only."
    step = Step("address", node, "fail", text)
    answer = Answer(Verdict.NO, text, evidence=(text,), steps=(step,))
    return Reach(INTERNET, node, Family.IPV6, "", (), (), (), answer)


def _elastic(sight: Sight, item: Item, endpoint: Endpoint, family: Family) -> list[Reach]:
    """An Elastic IP: the usual way in from the internet, by Global Accelerator's addresses."""
    world = sight.network
    line = _address_of(sight, item, endpoint)
    short = str(line.item.get("NetworkInterfaceId") or "") if line else ""
    interface = world.interfaces.get(sight.node(short, line)) if line and short else None
    if line is None:
        return [_unknown(endpoint.id, family, f"ec2.describe_addresses({endpoint.id})")]
    if interface is None and not short:
        text = "The Elastic IP is associated with nothing."
        step = Step("address", line.id, "fail", text)
        answer = Answer(Verdict.NO, text, evidence=(text,), steps=(step,))
        return [Reach(INTERNET, line.id, family, "", (), (), (), answer)]
    if interface is None:
        return [_unknown(line.id, family, f"ec2.describe_network_interfaces({short})")]
    found = merge(interface_reaches(world, interface, family, endpoint.arriving, ""))
    return [_by_its_addresses(interface, one) for one in found]


def _by_its_addresses(interface: Interface, one: Reach) -> Reach:
    if one.source == INTERNET:
        return one
    doubt = _unknown(interface.id, one.family, "addresses of Global Accelerator").answer
    return replace(one, source=INTERNET, answer=all_of((one.answer, doubt)))


def _address_of(sight: Sight, item: Item, endpoint: Endpoint) -> Item | None:
    """The line of an Elastic IP; of several allocations with that id the accelerator's own."""
    known = _addresses_by_allocation(sight).get(endpoint.id, [])
    if len(known) > 1:
        known = [one for one in known if one.account_id == item.account_id]
        known = [one for one in known if endpoint.region in ("", one.region)]
    return known[0] if len(known) == 1 else None


def _addresses_by_allocation(sight: Sight) -> Mapping[str, list[Item]]:
    def listed() -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for one in sight.items("ec2:address"):
            found.setdefault(str(one.item.get("AllocationId")), []).append(one)
        return found

    return sight.once(("addresses by allocation",), listed)


def _unknown(target: str, family: Family, gap: str) -> Reach:
    text = f"Not collected: {gap}."
    terms = (condition("not_collected", gap),)
    step = Step("endpoint", target, "unknown", text)
    answer = Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    return Reach(INTERNET, target, family, "", (), (), (), answer)


def _custom(sight: Sight, item: Item) -> Iterator[Reach]:
    """A custom routing accelerator: its ports are those of addresses in subnets.

    Which destinations are allowed (none by default) no list of the API says.
    """
    listeners = item.call("list_custom_routing_listeners")
    opened = union(
        ports_of({**one, "Protocol": protocol})
        for one in rows(listeners.value)
        for protocol in PROTOCOLS
    )
    (ref,) = sight.refs(item, "/calls/list_custom_routing_listeners/value")
    listening = passes("listener", item.id, "It has listeners.", ref)
    if not listeners.known or (listeners.value and not opened):
        gap = sight.gap(item, "list_custom_routing_listeners")
        listening = unread("listener", item.id, gap, ref)
    elif not opened:
        listening = stops("listener", item.id, "The accelerator has no listener.", ref)
    gap = sight.gap(item, "list_custom_routing_port_mappings")
    allowed = unread("allowed destinations", item.id, gap)
    locks = (_enabled(sight, item), listening, allowed)
    yield from sight.reached(item, _CUSTOM, locks, opened=opened or ports.ALL)
    subnets = {
        sight.node(str(endpoint.get("EndpointId")), item, region_of(group))
        for name, call in item.calls_of("list_custom_routing_endpoint_groups")
        for group in rows(call.value)
        for endpoint in rows(group.get("EndpointDescriptions"))
        if member(endpoint, "EndpointId")
    }
    for subnet in sorted(subnets):
        yield from sight.reached(
            item,
            _CUSTOM,
            locks,
            opened=opened or ports.ALL,
            target=subnet,
            via=(item.id,),
        )


_NEEDS = frozenset(
    {
        "ec2:subnet",
        "ec2:internet-gateway",
        "ec2:security-group",
        "ec2:network-acl",
        "ec2:vpc-bpa",
        "ec2:address",
        "ec2:instance",
        "elbv2:load-balancer",
    }
)

DOORS = (
    FrontDoor(
        type_id="globalaccelerator:accelerator",
        mechanism=_NAME,
        title="Global Accelerator accelerators",
        rule="The accelerator is enabled (else dormant), a listener has the port and an endpoint "
        "group has an endpoint. Its endpoints stand behind it: application and network load "
        "balancers, internal ones too, and instances, also in private subnets. Their VPC needs an "
        "internet gateway but neither a public address nor a route, VPC Block Public Access must "
        "be off, and their security groups must admit the client (where its address is preserved; "
        "then the network ACL must let the reply out) or Global Accelerator's addresses. An "
        "Elastic IP is reached as from the internet.",
        source="https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html",
        judge=_accelerator,
        test=_TEST,
        needs=_NEEDS,
    ),
    FrontDoor(
        type_id="globalaccelerator:custom-routing-accelerator",
        mechanism=_CUSTOM,
        title="Global Accelerator custom routing accelerators",
        rule="The accelerator is enabled and has listeners; which addresses of its subnets it "
        "leads to is not collected, so it is unknown. A disabled one, or one without listeners, "
        "leads nowhere.",
        source="https://docs.aws.amazon.com/global-accelerator/latest/dg/about-custom-routing-how-it-works.html",
        judge=_custom,
        test=_TEST,
        needs=frozenset({"ec2:subnet"}),
    ),
)
"""Declarations of this service."""
