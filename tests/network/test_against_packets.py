"""Random small worlds: the engine's sets against packets walked one by one."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.network import ports
from graph.network.facts import (
    Acl,
    AclEntry,
    Address,
    BlockPublicAccess,
    Facts,
    Instance,
    Interface,
    InternetGateway,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)
from graph.network.internet import address_step, internet_to_interface, state_of
from graph.network.path import internet_path
from graph.network.pieces import weaker
from graph.network.prefixes import parse
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict
from network import naive_packets as naive

# Few ranges and ports, so that rules meet; all client addresses are public ones.
CIDRS = (
    "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7", "8.8.0.0/16", "8.8.8.0/24",
    "8.8.8.8/32", "203.0.113.0/24", "10.0.0.0/8",
)  # fmt: skip
CLIENTS = ("8.8.8.8", "8.8.8.9", "8.8.9.1", "9.1.1.1", "203.0.113.5", "100.1.1.1", "150.2.3.4")
PORTS = (22, 80, 443, 8080)
RANGES = ((22, 22), (80, 443), (0, 65535), (1024, 65535), (443, 443))
PROTOCOLS = (-1, naive.TCP, naive.UDP, naive.ICMP, 50)
KINDS = {"igw": "internet_gateway", "nat": "nat_gateway", "tgw": "transit_gateway"}

cidrs = st.one_of(st.just("0.0.0.0/0"), st.sampled_from(CIDRS))
spans = st.sampled_from(RANGES)
protocols = st.sampled_from(PROTOCOLS)
mostly = st.integers(0, 11).map(lambda number: number > 0)


@st.composite
def sg_rules(draw: st.DrawFn) -> naive.SgRule:
    protocol, (first, last) = draw(protocols), draw(spans)
    if protocol == naive.ICMP:
        first, last = draw(st.sampled_from((-1, 8, 0))), -1
    return naive.SgRule(protocol, first, last, draw(cidrs))


@st.composite
def nacl_rules(draw: st.DrawFn, number: int) -> naive.NaclRule:
    first, last = draw(spans)
    protocol = draw(protocols)
    return naive.NaclRule(
        number, draw(st.booleans()), draw(st.booleans()), protocol, first, last, draw(cidrs)
    )


@st.composite
def machines(draw: st.DrawFn) -> naive.Machine:
    routes = draw(
        st.lists(
            st.builds(
                naive.RouteRule,
                cidrs,
                st.sampled_from(("igw", "igw", "nat", "tgw")),
                st.sampled_from((True, True, False)),
                st.just(False),
            ),
            max_size=4,
            unique_by=lambda rule: rule.cidr,
        )
    )
    if draw(mostly):
        routes.append(naive.RouteRule("0.0.0.0/0", "igw"))
        routes = list({rule.cidr: rule for rule in routes}.values())
    extra = draw(st.integers(0, 4))
    nacl = [draw(nacl_rules(number=10 * (n + 1))) for n in range(extra)]
    if draw(mostly):
        nacl.append(naive.NaclRule(900, False, True, -1, 0, 65535, "0.0.0.0/0"))
        nacl.append(naive.NaclRule(901, True, True, -1, 0, 65535, "0.0.0.0/0"))
    groups = draw(st.lists(st.lists(sg_rules(), max_size=3).map(tuple), min_size=1, max_size=2))
    return naive.Machine(
        public_address=draw(mostly),
        running=draw(mostly),
        gateway_attached=draw(mostly),
        blocked=not draw(mostly),
        routes=tuple(routes),
        nacl=tuple(nacl),
        groups=tuple(groups),
    )


def facts_of(machine: naive.Machine) -> Facts:
    def opened(protocol: int, first: int, last: int) -> Spans:
        return ports.of_rule(protocol, first, last)

    def filtered(rule: naive.NaclRule) -> Spans:
        if rule.protocol in (naive.TCP, naive.UDP):
            return ports.span(rule.protocol, rule.first, rule.last)
        return ports.of_rule(rule.protocol, None, None)

    return Facts(
        vpcs=(Vpc("vpc", "1", "r", ("10.0.0.0/16",)),),
        subnets=(Subnet("subnet", "vpc", "1", "r", "a", "10.0.0.0/24"),),
        route_tables=(
            RouteTable(
                "rtb", "vpc", "1", "r", main=True,
                routes=tuple(
                    Route(rule.target, KINDS[rule.target], cidr=rule.cidr, active=rule.active)
                    for rule in machine.routes
                ),
            ),
        ),
        internet_gateways=(InternetGateway("igw", ("vpc",) if machine.gateway_attached else ()),),
        acls=(
            Acl(
                "acl", "vpc", subnets=("subnet",),
                entries=tuple(
                    AclEntry(rule.number, rule.egress, rule.allow, filtered(rule), rule.cidr)
                    for rule in machine.nacl
                ),
            ),
        ),
        security_groups=tuple(
            SecurityGroup(
                f"sg-{n}", "1", "r", "vpc",
                tuple(Rule(opened(r.protocol, r.first, r.last), cidr=r.cidr) for r in group),
            )
            for n, group in enumerate(machine.groups)
        ),
        block_public_access=(
            BlockPublicAccess("1", "r", "block-ingress" if machine.blocked else "off"),
        ),
        interfaces=(
            Interface(
                "eni", "1", "r", "vpc", "subnet",
                tuple(f"sg-{n}" for n in range(len(machine.groups))),
                (Address("10.0.0.5", "198.51.100.7" if machine.public_address else ""),),
                owner="i", owner_kind="instance",
            ),
        ),
        instances=(Instance("i", "running" if machine.running else "terminated", ("eni",)),),
    )  # fmt: skip


def engine(facts: Facts) -> list[Reach]:
    world = NetworkWorld(facts)
    return internet_to_interface(world, world.interfaces["eni"])


def at(packet: naive.Packet) -> int:
    """The packet's port as the engine counts it."""
    return packet.port * 256 if packet.protocol == naive.ICMP else packet.port


def exactly(world: NetworkWorld, packet: naive.Packet) -> Verdict:
    """The verdict for one client address and port, where rows speak of whole sources."""
    interface = world.interfaces["eni"]
    family, client = parse(packet.client)
    path = internet_path(
        world,
        interface.subnet,
        interface.groups,
        interface.account_id,
        interface.region,
        family,
    )
    state = state_of(world, interface)
    own = (address_step(world, interface, family), state.step, *path.steps)
    if any(step.result == "fail" for step in own):
        return Verdict.NO
    bound = weaker(path.verdict, state.verdict)
    if own[0].result == "unknown":
        bound = weaker(bound, Verdict.UNKNOWN)
    port = packet.protocol * 65536 + (at(packet) if packet.protocol != 50 else 0)
    found = (
        weaker(piece.verdict, bound)
        for flow in path.flows
        if port in flow.ports
        for piece in flow.sources
        if piece.sources & client
    )
    return max(found, key=lambda verdict: verdict.rank, default=Verdict.NO)


def in_rows(found: list[Reach], packet: naive.Packet) -> Verdict:
    """The strongest row whose source and ports hold the packet."""
    number = packet.protocol * 65536 + (at(packet) if packet.protocol != 50 else 0)
    best = Verdict.NO
    for reach in found:
        cidr = reach.source.removeprefix("cidr:")
        if reach.source != "internet" and not parse(packet.client)[1] & parse(cidr)[1]:
            continue
        weaker_ones = [other.partition("=") for other in reach.other_ports]
        told = [(reach.port_set, reach.verdict)]
        told += [(spelled(name), Verdict(verdict)) for name, _, verdict in weaker_ones]
        for spans_, verdict in told:
            if number in spans_ and verdict.rank > best.rank:
                best = verdict
    return best


def spelled(name: str) -> Spans:
    """Read a port's name back."""
    protocol, _, rest = name.partition("/")
    if protocol == "all":
        return ports.ALL
    first, _, last = rest.partition("-")
    if protocol == "protocol":
        return Spans(((int(first) * 65536, int(last or first) * 65536 + 65535),))
    if protocol == "icmp":
        if not rest:
            return ports.of_protocol(naive.ICMP)
        kinds = range(int(first), int(last or first) + 1)
        return Spans.of(pair for kind in kinds for pair in ports.icmp(1, kind, -1).pairs)
    if protocol == "icmpv6":
        return Spans()
    return ports.span(ports.number_of(protocol) or 0, int(first), int(last or first))


@settings(max_examples=150, deadline=None)
@given(machines(), st.data())
def test_sampled_packets_agree_with_the_sets(machine: naive.Machine, data: st.DataObject) -> None:
    world = NetworkWorld(facts_of(machine))
    found = internet_to_interface(world, world.interfaces["eni"])
    assert found
    for _ in range(8):
        protocol = data.draw(st.sampled_from((naive.TCP, naive.UDP, naive.ICMP, 50)))
        port = 8 if protocol == naive.ICMP else data.draw(st.sampled_from(PORTS))
        client = data.draw(st.sampled_from(CLIENTS))
        packets = [
            naive.Packet(client, client_port, protocol, port)
            for client_port in (1024, 40000, 65535)
        ]
        arrived = [naive.arrives(machine, one) for one in packets]
        answers = [naive.answered(machine, one) for one in packets]
        said = exactly(world, packets[0])
        told = (said, packets[0], found)
        # A row may stand for more than the packet's own range (the internet with exceptions),
        # never for less.
        assert in_rows(found, packets[0]).rank >= said.rank, told
        if not any(reach.source == "internet" or reach.broad for reach in found):
            assert in_rows(found, packets[0]) is said, told
        if said is Verdict.NO:
            # Nothing is answered; only TCP may arrive without an answer and still be "no".
            assert not any(answers), told
            assert protocol == naive.TCP or not any(arrived), told
        if said is Verdict.YES:
            assert all(answers), told
        if said is Verdict.CONDITIONAL:
            assert any(arrived), told
        assert said is not Verdict.UNKNOWN, told


@settings(max_examples=40, deadline=None)
@given(machines())
def test_yes_has_no_failed_step_and_no_has_one(machine: naive.Machine) -> None:
    for reach in engine(facts_of(machine)):
        failed = [step for step in reach.answer.steps if step.result == "fail"]
        assert bool(failed) is (reach.verdict is Verdict.NO), reach
        assert bool(reach.ports) is (reach.verdict is not Verdict.NO)


def allowed(facts: Facts) -> dict[tuple[str, int], int]:
    """Verdict rank for a grid of packets."""
    world = NetworkWorld(facts)
    return {
        (client, port): exactly(world, naive.Packet(client, 50000, naive.TCP, port)).rank
        for client in CLIENTS
        for port in PORTS
    }


def never_more(after: Facts, before: Facts) -> None:
    old, new = allowed(before), allowed(after)
    assert all(new[key] <= old[key] for key in old)


@settings(max_examples=40, deadline=None)
@given(machines(), st.data())
def test_taking_an_allow_rule_away_never_adds_reach(
    machine: naive.Machine, data: st.DataObject
) -> None:
    facts = facts_of(machine)
    some = [n for n, group in enumerate(machine.groups) if group]
    if not some:
        return
    chosen = data.draw(st.sampled_from(some))
    groups = list(machine.groups)
    groups[chosen] = groups[chosen][1:]
    never_more(facts_of(replace(machine, groups=tuple(groups))), facts)


@settings(max_examples=40, deadline=None)
@given(machines(), st.booleans(), spans, cidrs)
def test_an_acl_deny_on_top_never_adds_reach(
    machine: naive.Machine, egress: bool, span: tuple[int, int], cidr: str
) -> None:
    deny = naive.NaclRule(1, egress, False, naive.TCP, *span, cidr)
    never_more(facts_of(replace(machine, nacl=(deny, *machine.nacl))), facts_of(machine))


@settings(max_examples=40, deadline=None)
@given(machines(), st.data())
def test_taking_a_gateway_route_away_never_opens(
    machine: naive.Machine, data: st.DataObject
) -> None:
    to_gateway = [rule for rule in machine.routes if rule.target == "igw" and rule.active]
    if not to_gateway:
        return
    gone = data.draw(st.sampled_from(to_gateway))
    # A route that is gone leaves its range to the next shorter one: turn it into a hole.
    routes = tuple(replace(r, active=False) if r is gone else r for r in machine.routes)
    never_more(facts_of(replace(machine, routes=routes)), facts_of(machine))


@settings(max_examples=40, deadline=None)
@given(machines(), st.randoms(use_true_random=False))
def test_order_means_nothing(machine: naive.Machine, random) -> None:  # type: ignore[no-untyped-def]
    def mixed(items: tuple) -> tuple:  # type: ignore[type-arg]
        shuffled = list(items)
        random.shuffle(shuffled)
        return tuple(shuffled)

    turned = replace(
        machine,
        nacl=mixed(machine.nacl),
        groups=tuple(mixed(group) for group in machine.groups),
        routes=mixed(machine.routes),
    )

    def essence(found: list[Reach]) -> set[tuple[object, ...]]:
        return {(r.source, r.ports, r.other_ports, r.verdict, r.answer.conditions) for r in found}

    assert essence(engine(facts_of(turned))) == essence(engine(facts_of(machine)))


@settings(max_examples=40, deadline=None)
@given(machines())
def test_splitting_ranges_and_ports_changes_nothing(machine: naive.Machine) -> None:
    def halves(rule: naive.SgRule) -> list[naive.SgRule]:
        net = ipaddress.ip_network(rule.cidr)
        if net.prefixlen == 32:
            return [rule]
        return [replace(rule, cidr=str(half)) for half in net.subnets()]

    def cut(rule: naive.SgRule) -> list[naive.SgRule]:
        if rule.protocol not in (naive.TCP, naive.UDP) or rule.first == rule.last:
            return [rule]
        middle = (rule.first + rule.last) // 2
        return [replace(rule, last=middle), replace(rule, first=middle + 1)]

    split = tuple(
        tuple(part for rule in group for half in halves(rule) for part in cut(half))
        for group in machine.groups
    )
    assert allowed(facts_of(replace(machine, groups=split))) == allowed(facts_of(machine))
