"""From the internet to a network interface: steps N1 to N11 (N2 to N8 in ``path``)."""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Step
from graph.network import prefixes
from graph.network.facts import Instance, Interface
from graph.network.path import Path, internet_path, steps_in
from graph.network.prefixes import PUBLIC, Family
from graph.network.reach import Grant, Reach, Subject, grants, open_ports_text, reaches
from graph.network.spans import union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

# Interfaces that take nothing from the internet, whatever address they carry (EC2 API reference,
# NetworkInterface.InterfaceType; the NAT gateway, Lambda and PrivateLink guides).
NEVER_INBOUND = {
    "nat_gateway": "a NAT gateway drops what did not begin inside",
    "transit_gateway": "a transit gateway attachment takes nothing from the internet",
    "vpc_endpoint": "an interface endpoint without an Elastic IP has no public address",
    "gateway_load_balancer": "a gateway load balancer takes traffic from its endpoints only",
    "gateway_load_balancer_endpoint": "it takes what route tables send to it",
    "lambda": "a function's interface never has a public address",
}

_INTERFACES = "ec2.describe_network_interfaces"
_UP = ("running", "pending")
_DOWN = ("stopped", "stopping")
_GONE = ("shutting-down", "terminated")


def has_family(world: NetworkWorld, interface: Interface, family: Family) -> bool:
    """Whether asking makes sense: IPv4 always, IPv6 where the interface or its subnet has it."""
    if family is Family.IPV4:
        return bool(interface.addresses) or not interface.ipv6
    subnet = world.subnets.get(interface.subnet)
    asked = interface.ipv6 or any(one.startswith("Ipv6") for one in interface.unread)
    return bool(asked) or bool(subnet and subnet.ipv6_cidrs)


def address_step(world: NetworkWorld, interface: Interface, family: Family) -> Step:
    """N1: the interface has an address that the internet can send to."""
    name, subject, refs = "address", interface.id, interface.refs
    kind = never_inbound(world, interface)
    if kind and not (kind == "vpc_endpoint" and _lent_to_endpoint(interface, family)):
        text = f"{interface.id} is of type {kind}: {NEVER_INBOUND[kind]}."
        return Step(name, subject, "fail", text, refs)
    if interface.deny_igw is None and family is Family.IPV6:
        gap = world.gap(_INTERFACES, interface.account_id, interface.region)
        gap = gap or f"{_INTERFACES}({subject})"
        return Step(name, subject, "unknown", f"Not collected: {gap}.", refs)
    if interface.deny_igw:
        text = f"{interface.id} drops all traffic from internet gateways (DenyAllIgwTraffic)."
        return Step(name, subject, "fail", text, refs)
    if family is Family.IPV4:
        return _address_v4(world, interface)
    return _address_v6(world, interface)


def _lent_to_endpoint(interface: Interface, family: Family) -> bool:
    """Whether Elastic IPs make an endpoint public, as those of a Transfer Family server do.

    AWS Transfer Family user guide, "Create a server in a virtual private cloud".
    """
    return family is Family.IPV4 and any(one.public for one in interface.addresses)


def never_inbound(world: NetworkWorld, interface: Interface) -> str:
    """The interface type that takes nothing in, or ``""``."""
    if interface.id in world.nat_interfaces:
        return "nat_gateway"
    if interface.id in world.endpoint_interfaces:
        return "vpc_endpoint"
    return interface.kind if interface.kind in NEVER_INBOUND else ""


def _address_v4(world: NetworkWorld, interface: Interface) -> Step:
    name, refs = "address", interface.refs
    gap = world.gap("ec2.describe_addresses", interface.account_id, interface.region)
    public = [address.public for address in interface.addresses if address.public]
    if public:
        text = f"{interface.id} has the public address {', '.join(public)}."
        lent = [one.public for one in interface.addresses if one.public and not one.elastic]
        if lent and not gap and interface.owner in world.instances:
            text += f" No Elastic IP: a stop gives back {', '.join(lent)}."
        return Step(name, interface.id, "pass", text, refs)
    if not interface.addresses and gap:
        return Step(name, interface.id, "unknown", f"Not collected: {gap}.", refs)
    unread = [one for one in interface.unread if not one.startswith("Ipv6")]
    if unread:
        return _unread_step(interface, unread)
    back = _given_back(world, interface)
    if back is Verdict.DORMANT:
        text = f"{interface.id} gave its public address back when its instance stopped."
        return Step(name, interface.id, "pass", text, refs)
    if back is Verdict.UNKNOWN:
        text = f"Not collected: whether {interface.owner} gets a public address when it starts."
        return Step(name, interface.id, "unknown", text, refs)
    text = f"{interface.id} has no public IPv4 address."
    return Step(name, interface.id, "fail", text, refs, "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS")


def _unread_step(interface: Interface, members: list[str]) -> Step:
    text = f"Not collected: {', '.join(members)} of {interface.id}."
    return Step("address", interface.id, "unknown", text, interface.refs)


def _given_back(world: NetworkWorld, interface: Interface) -> Verdict:
    """Whether a new public address comes when a stopped instance starts.

    An auto-assigned one does, unless the instance has several interfaces. Which instances were
    launched with one is not in the snapshot; the subnet's setting is their default (EC2 user
    guide, "Public IPv4 addresses").
    """
    instance = world.instances.get(interface.owner)
    if instance is None or instance.state not in _DOWN or not interface.addresses:
        return Verdict.NO
    if len(instance.interfaces) > 1:
        return Verdict.NO
    subnet = world.subnets.get(interface.subnet)
    return Verdict.DORMANT if subnet and subnet.maps_public_ip else Verdict.UNKNOWN


def _address_v6(world: NetworkWorld, interface: Interface) -> Step:
    name, refs = "address", interface.refs
    unread = [one for one in interface.unread if one.startswith("Ipv6")]
    if not interface.ipv6 and unread:
        return _unread_step(interface, unread)
    if not interface.ipv6:
        text = f"{interface.id} has no IPv6 address."
        return Step(name, interface.id, "fail", text, refs)
    subnet = world.subnets.get(interface.subnet)
    private = prefixes.of(subnet.private_ipv6 if subnet else (), Family.IPV6)
    routed = [
        text for text in interface.ipv6 if prefixes.parse(text)[1] & (PUBLIC[Family.IPV6] - private)
    ]
    if routed:
        text = f"{interface.id} has the IPv6 address {', '.join(routed)}."
        return Step(name, interface.id, "pass", text, refs)
    if unread:
        return _unread_step(interface, unread)
    text = f"{interface.id} has private IPv6 addresses only."
    return Step(name, interface.id, "fail", text, refs)


@dataclass(frozen=True, slots=True)
class State:
    """N9: the step, and the verdict it allows."""

    step: Step
    verdict: Verdict


def state_of(world: NetworkWorld, interface: Interface) -> State:
    """N9: what the interface belongs to is running; a stopped instance is dormant."""
    name = "state"
    instance = world.instances.get(interface.owner)
    if instance is not None:
        if instance.state in _UP:
            step = Step(name, instance.id, "pass", f"Instance is {instance.state}.", instance.refs)
            return State(step, Verdict.YES)
        if instance.state in _GONE:
            text = f"Instance is {instance.state}."
            step = Step(name, instance.id, "fail", text, instance.refs, "BAD_STATE")
            return State(step, Verdict.NO)
        if instance.state not in _DOWN:
            text = f"Not collected: State of {instance.id}."
            return State(Step(name, instance.id, "unknown", text, instance.refs), Verdict.UNKNOWN)
        text = f"Instance is {instance.state}."
        step = Step(name, instance.id, "conditional", text, instance.refs, "BAD_STATE")
        return State(step, Verdict.DORMANT)
    if interface.owner_kind == "instance":
        gap = world.gap("ec2.describe_instances", interface.account_id, interface.region)
        gap = gap or f"ec2.describe_instances({interface.owner})"
        return State(
            Step(name, interface.owner, "unknown", f"Not collected: {gap}."), Verdict.UNKNOWN
        )
    if interface.status == "available":
        text = f"{interface.id} is attached to nothing."
        step = Step(name, interface.id, "conditional", text, interface.refs, "BAD_STATE")
        return State(step, Verdict.DORMANT)
    text = f"{interface.id} is {interface.status}."
    return State(Step(name, interface.id, "pass", text, interface.refs), Verdict.YES)


def listening_state(world: NetworkWorld, interface: Interface) -> State:
    """N9 for the internet: whether anything listens is known of a load balancer that was read."""
    if interface.kind != "network_load_balancer" or _of_known_balancer(world, interface):
        return state_of(world, interface)
    # Without security groups it takes what its listeners take (Network Load Balancer guide,
    # "Security groups"), and they stand with the load balancer that this one belongs to.
    call = "elbv2.describe_load_balancers"
    gap = world.gap(call, interface.account_id, interface.region) or f"{call}({interface.id})"
    text = f"Not collected: {gap}."
    return State(Step("state", interface.id, "unknown", text, interface.refs), Verdict.UNKNOWN)


def _of_known_balancer(world: NetworkWorld, interface: Interface) -> bool:
    """Whether the load balancer of an interface was read, or groups of its own stand before it."""
    if interface.groups or interface.owner in world.load_balancers:
        return True
    key = "names of load balancers"
    if key not in world.memo:
        world.memo[key] = {
            (one.account_id, one.region, f"ELB {one.id.partition('loadbalancer/')[2]}")
            for one in world.facts.load_balancers
        }
    return (interface.account_id, interface.region, interface.description) in world.memo[key]


def inspection_step(path: Path, found: list[Grant]) -> Step:
    """N10: appliances in the way that are not evaluated."""
    terms = {c for c in path.conditions if c.startswith("inspection:")}
    terms |= {
        c
        for grant in found
        for some in grant.conditions.values()
        for c in some
        if c.startswith("inspection:")
    }
    if not terms:
        return Step("inspection", "", "pass", "No firewall endpoint or appliance is in the path.")
    names = ", ".join(sorted(term.partition(":")[2] for term in terms))
    return Step("inspection", names, "conditional", f"{names} inspects and is not evaluated.")


def owner_of(interface: Interface) -> str:
    """What is reached: the interface's owner, the interface itself where that is unknown."""
    return interface.owner or interface.id


def internet_to_interface(world: NetworkWorld, interface: Interface) -> list[Reach]:
    """Judge the internet's reach to one interface, IPv4 and IPv6 apart.

    Returns:
        For each family at least one result; ``no`` with every failing step where nothing gets in.
        ``target`` is the interface's owner if known, else the interface; ``via`` always holds
        the interface. Judged once for each world.
    """
    key = ("reach", id(interface))
    if key not in world.memo:
        # The interface is kept beside its answers, so its identity stays its own.
        world.memo[key] = (interface, _families(world, interface))
    found: tuple[Interface, tuple[Reach, ...]] = world.memo[key]
    return list(found[1])


def _families(world: NetworkWorld, interface: Interface) -> tuple[Reach, ...]:
    found: list[Reach] = []
    for family in Family:
        if has_family(world, interface, family):
            found += _judge(world, interface, family)
    return tuple(found)


def _judge(world: NetworkWorld, interface: Interface, family: Family) -> list[Reach]:
    path = internet_path(
        world,
        interface.subnet,
        interface.groups,
        interface.account_id,
        interface.region,
        family,
    )
    found = path_grants(world, path, family)
    address = address_step(world, interface, family)
    state = listening_state(world, interface)
    bound, terms = state.verdict, set[str]()
    for step in (address, state.step):
        if step.result == "unknown":
            bound = Verdict.UNKNOWN
            terms.add(f"not_collected:{step.text.split('ollected: ', 1)[1].rstrip('.')}")
    public = any(one.public for one in interface.addresses)
    if address.result == "pass" and family is Family.IPV4 and not public:
        bound = Verdict.DORMANT if bound.rank > Verdict.DORMANT.rank else bound
    opened = union(spans for grant in found for spans in grant.ports.values())
    owner = owner_of(interface)
    steps = (
        address,
        *steps_in(world, path, interface.subnet),
        state.step,
        inspection_step(path, found),
        open_ports_text(owner, opened),
    )
    subject = Subject(owner, family, f"eni/{family}", (interface.id,))
    return reaches(subject, found, steps, bound, frozenset(terms))


def unseen_interfaces(world: NetworkWorld, instance: Instance) -> list[Reach]:
    """An instance of which no interface is known, though it must have one: unknown, not no."""
    if instance.state in _GONE or any(i in world.interfaces for i in instance.interfaces):
        return []
    gap = f"ec2.describe_network_interfaces({instance.id})"
    step = Step("address", instance.id, "unknown", f"Not collected: {gap}.", instance.refs)
    return reaches(Subject(instance.id, Family.IPV4, f"eni/{Family.IPV4}"), [], (step,))


def path_grants(world: NetworkWorld, path: Path, family: Family) -> list[Grant]:
    """The grants of a path, worked out once per path."""
    key = ("grants", id(path), family)
    if key not in world.memo:
        # The path is kept beside its grants, so its identity stays its own.
        world.memo[key] = (path, grants(path, family))
    found: tuple[Path, list[Grant]] = world.memo[key]
    return found[1]
