"""Steps N2 to N8 put together: what the internet may send to a place in a subnet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.network import ports
from graph.network.behind_appliances import (
    BEHIND,
    acls_on_the_way,
    admitted_step,
    let_in,
    replies_inside,
)
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Acl, Subnet
from graph.network.filters import (
    GroupRules,
    acl_gap,
    acl_in,
    acl_reply,
    candidate_cidrs,
    group_rules,
    permitted_to,
    view_of,
)
from graph.network.ingress import INGRESS, ingress_conditions, ingress_step
from graph.network.path_texts import described, entry_refs, rule_refs
from graph.network.pieces import Piece, Pieces, everything_in, meet, unknown
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.routes import ReturnRoutes, gateway_step, return_routes, route_cidrs
from graph.network.spans import NOTHING, Pair, Spans, atoms, union
from graph.network.world import NetworkWorld
from graph.verdict import Verdict, condition

_ONE_WAY = frozenset({condition("ports", "one-way")})


@dataclass(frozen=True, slots=True)
class Flow:
    """Ports (one atom) and the sources that may send to them."""

    ports: Spans
    sources: Pieces


@dataclass(frozen=True, slots=True)
class Path:
    """The way from the internet to a place.

    Attributes:
        steps: N2 to N8 in order.
        flows: what gets through N4 to N8; empty if nothing does.
        verdict: of the steps that hold for every packet (N2, N3, N5).
        conditions: of those steps.
        candidates: CIDRs by which a reader knows narrow sources.
    """

    steps: tuple[Step, ...]
    flows: tuple[Flow, ...]
    verdict: Verdict
    conditions: frozenset[str]
    candidates: tuple[str, ...]


def internet_path(
    world: NetworkWorld,
    subnet_id: str,
    groups: tuple[str, ...] | None,
    account_id: str,
    region: str,
    family: Family,
    only: Spans = ports.ALL,
) -> Path:
    """Judge N2 to N8 for something in a subnet.

    Args:
        world: the facts.
        subnet_id: where it is.
        groups: its security groups; ``None`` if none can be in the way.
        account_id: the account that holds the groups (of a shared subnet: the participant).
        region: their region.
        family: IPv4 or IPv6.
        only: ports that matter, e.g. a load balancer's listeners.
    """
    subnet = world.subnets.get(subnet_id)
    if subnet is None:
        gap = world.gap("ec2.describe_subnets", account_id, region)
        gap = gap or f"ec2.describe_subnets({subnet_id})"
        step = Step("subnet", subnet_id, "unknown", f"Not collected: {gap}.")
        terms = frozenset({f"not_collected:{gap}"})
        flows = _assumed(world, groups, account_id, region, family, only)
        return Path((step,), flows, Verdict.UNKNOWN, terms, ())
    key = ("path", *place_key(world, subnet, family), groups, account_id, region, family, only)
    if key not in world.memo:
        world.memo[key] = _evaluate(world, subnet, groups, account_id, region, family, only)
    found: Path = world.memo[key]
    return found


def steps_in(world: NetworkWorld, path: Path, subnet_id: str) -> tuple[Step, ...]:
    """A path's steps as they read for one subnet (paths are shared by like subnets)."""
    subnet = world.subnets.get(subnet_id)
    # Where the gateway has a route table, a path is one subnet's.
    if subnet is None or any(s.name == INGRESS and s.subject != subnet.vpc for s in path.steps):
        return path.steps
    key = ("steps", id(path), subnet_id)
    if key not in world.memo:
        # The path is kept beside its steps, so its identity stays its own.
        world.memo[key] = (path, (block_public_access_step(world, subnet), *path.steps[1:]))
    found: tuple[Path, tuple[Step, ...]] = world.memo[key]
    return found[1]


def place_key(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[object, ...]:
    """What about a subnet decides inbound reach: subnets with equal keys answer alike."""
    key = ("place", subnet.id, family)
    if key not in world.memo:
        world.memo[key] = _place_key(world, subnet, family)
    found: tuple[object, ...] = world.memo[key]
    return found


def _place_key(world: NetworkWorld, subnet: Subnet, family: Family) -> tuple[object, ...]:
    tables = tuple(table.id for table in world.route_tables_of(subnet))
    acl = world.acl_of(subnet)
    blocked = admitted_step(world, subnet, family)
    ingress = ingress_step(world, subnet, family)
    return (
        subnet.vpc,
        subnet.account_id,
        subnet.region,
        tables or subnet.id,
        acl.id if acl else subnet.id,
        (blocked.result, blocked.text.replace(subnet.id, "")),
        (ingress.result, tuple(sorted(ingress_conditions(ingress, world, subnet, family)))),
        # An edge table or a missing ACL is told per subnet, else the steps speak of the VPC.
        subnet.id if ingress.subject != subnet.vpc else "",
        replies_inside(world, subnet, return_routes(world, subnet, family)),
    )


def _assumed(
    world: NetworkWorld,
    groups: tuple[str, ...] | None,
    account_id: str,
    region: str,
    family: Family,
    only: Spans,
) -> tuple[Flow, ...]:
    """What the security groups alone let in, where the subnet is not known."""
    rules = group_rules(world, groups, account_id, region)
    parts = _atoms((), only)
    return tuple(
        Flow(Spans((atom,)), pieces) for atom, pieces in permitted_to(world, rules, parts, family)
    )


def _atoms(acls: tuple[Acl, ...], only: Spans) -> tuple[Pair, ...]:
    cuts = [entry.ports for acl in acls for entry in acl.entries if entry.ports is not None]
    return atoms(only, [*cuts, *ports.PROTOCOL_CUTS])


def _evaluate(
    world: NetworkWorld,
    subnet: Subnet,
    groups: tuple[str, ...] | None,
    account_id: str,
    region: str,
    family: Family,
    only: Spans,
) -> Path:
    blocked = admitted_step(world, subnet, family)
    gateway = gateway_step(world, subnet)
    routes = return_routes(world, subnet, family)
    ingress = ingress_step(world, subnet, family)
    acl = world.acl_of(subnet)
    rules = group_rules(world, groups, account_id, region)
    met = acls_on_the_way(world, subnet, family)
    layers = _Layers(world, subnet, family, routes, acl, rules, _atoms(met, only))
    filters, flows = layers.judge()
    verdict, conditions = _overall((blocked, gateway, ingress))
    conditions |= ingress_conditions(ingress, world, subnet, family)
    if blocked.result == "conditional" and verdict is not Verdict.NO:
        conditions.add(BEHIND)
    route_step = layers.repaired(routes.step)
    return Path(
        steps=layers.told((blocked, gateway, route_step, ingress, *filters)),
        flows=flows if verdict is not Verdict.NO else (),
        verdict=verdict,
        conditions=frozenset(conditions),
        candidates=(
            *(cidr for one in met or (None,) for cidr in candidate_cidrs(world, rules, one)),
            *route_cidrs(world, subnet),
        ),
    )


def _overall(steps: tuple[Step, ...]) -> tuple[Verdict, set[str]]:
    results = {step.result for step in steps}
    gaps = {
        f"not_collected:{step.text.split('ollected: ', 1)[1].rstrip('.')}"
        for step in steps
        if step.result == "unknown"
    }
    if "fail" in results:
        return Verdict.NO, set()
    if "unknown" in results:
        return Verdict.UNKNOWN, gaps
    return (Verdict.CONDITIONAL if "conditional" in results else Verdict.YES), set()


class _Layers:
    """N4, N6, N7 and N8 atom by atom: each on its own against the groups, and all together."""

    def __init__(
        self,
        world: NetworkWorld,
        subnet: Subnet,
        family: Family,
        routes: ReturnRoutes,
        acl: Acl | None,
        rules: GroupRules,
        parts: tuple[Pair, ...],
    ) -> None:
        self.only = Spans.of(parts)
        self.subnet, self.family, self.acl, self.rules = subnet, family, acl, rules
        self.gap = "" if acl else acl_gap(world, subnet)
        view = view_of(world, acl, family) if acl else None
        blind = unknown(EVERYTHING[family], [self.gap]) if view is None else ()
        inside = replies_inside(world, subnet, routes)
        # What the subnet's own network ACL lets through, and what ways past it add or take.
        self.own: dict[str, Callable[[Pair], Pieces]] = {
            "network ACL in": lambda atom: acl_in(view, atom) if view else blind,
            "network ACL out": lambda atom: acl_reply(view, atom) if view else blind,
        }
        coming, going = self.own.values()
        self.controls: dict[str, Callable[[Pair], Pieces]] = {
            "return route": lambda atom: routes.pieces,
            "network ACL in": lambda atom: let_in(world, subnet, family, atom, coming(atom)),
            "network ACL out": lambda atom: going(atom) + inside,
        }
        self.admitted = permitted_to(world, rules, parts, family)
        # Where the groups admit nothing, the other locks are tried with every public packet, so
        # that a second lock shows.
        everyone = (Piece(PUBLIC[family]),)
        whole = {id(p): (Piece(everything_in(p)),) for _, p in self.admitted}
        self.offered: list[tuple[Pair, Pieces]] = [
            (atom, whole[id(pieces)]) for atom, pieces in self.admitted
        ] or [(atom, everyone) for atom in parts]
        self.emptied = ""
        self.met: dict[str, list[tuple[Pair, Pieces]]] = {}
        # What was met with what stands beside the result, so that its identity stays its own.
        self.meetings: dict[tuple[int, int], tuple[Pieces, Pieces, Pieces]] = {}

    def _meet(self, pieces: Pieces, control: Pieces) -> Pieces:
        """Many atoms have the same pieces, which meet the same ones once."""
        key = (id(pieces), id(control))
        if key not in self.meetings:
            self.meetings[key] = (meet(pieces, control), pieces, control)
        return self.meetings[key][0]

    def _left(
        self, offered: list[tuple[Pair, Pieces]], control: Callable[[Pair], Pieces]
    ) -> list[tuple[Pair, Pieces]]:
        """The atoms of which a control lets something through, with what it lets."""
        return [(atom, some) for atom, p in offered if (some := self._meet(p, control(atom)))]

    def judge(self) -> tuple[tuple[Step, ...], tuple[Flow, ...]]:
        """N6 to N8 and what gets through everything."""
        flows = self._through_all()
        steps = (
            self._acl_step("network ACL in", inbound=True),
            self._acl_step("network ACL out", inbound=False),
            self._group_step(),
        )
        return steps, flows

    def _through_all(self) -> tuple[Flow, ...]:
        left = self.admitted
        for name, control in self.controls.items():
            before = left
            left = self._left(left, control)
            if before and not left:
                self.emptied = name
        return tuple(Flow(Spans((atom,)), pieces) for atom, pieces in left)

    def told(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps; the only one that fails says what would be open if it did not."""
        failing = [step for step in steps if step.result == "fail"]
        if len(failing) != 1 or not (opens := ports.names(self._without(failing[0].name))):
            return steps
        return tuple(replace(s, opens=opens) if s is failing[0] else s for s in steps)

    def _without(self, name: str) -> Spans:
        """Ports that every other control lets something through to.

        What a changed security group would admit is not known, but where only some ports matter.
        """
        if not self.admitted and self.only == ports.ALL:
            return NOTHING
        left = self.offered
        for other, control in self.controls.items():
            if other != name:
                left = self._left(left, control)
        return Spans.of(atom for atom, _ in left)

    def _alone(self, name: str) -> list[tuple[Pair, Pieces]]:
        """Atoms of which this control by itself lets something through, with what it lets."""
        if name not in self.met:
            self.met[name] = self._left(self.offered, self.controls[name])
        return self.met[name]

    def repaired(self, step: Step) -> Step:
        """N4 fails too when its routes and the groups' sources do not meet."""
        if step.result in ("pass", "conditional") and not self._alone("return route"):
            text = "No client that the security groups admit gets a reply: " + step.text
            return replace(step, result="fail", text=text, code="NO_ROUTE_TO_DESTINATION")
        return step

    def _acl_step(self, name: str, *, inbound: bool) -> Step:
        if self.acl is None:
            return Step(name, self.subnet.id, "unknown", f"Not collected: {self.gap}.")
        acl, way = self.acl, "in" if inbound else "replies out"
        let = self._alone(name)
        through, met = [atom for atom, _ in let], [piece for _, pieces in let for piece in pieces]
        asked = "; ".join(ports.names(Spans.of(atom for atom, _ in self.offered))[:20])
        if not through or self.emptied == name:
            what = "nothing" if asked == "all" else f"nothing of {asked}"
            text = f"Network ACL {acl.id} lets {what} {way}."
            if not inbound:
                text += " A reply goes to the client's port, 1024-65535 as a rule."
            return Step(name, acl.id, "fail", text, acl.refs, "SUBNET_ACL_RESTRICTION")
        if all(piece.verdict is Verdict.UNKNOWN for piece in met):
            text = f"{acl.id} has entries that cannot be read."
            return Step(name, acl.id, "unknown", text, acl.refs)
        refs = entry_refs(acl, through, egress=not inbound) or acl.refs
        stopped = union(Spans((a,)) for a, _ in self.offered) - Spans.of(through)
        text = f"Network ACL {acl.id} lets {asked} {way}."
        if not self._left(self.offered, self.own[name]):
            text = (
                f"Network ACL {acl.id} lets nothing of it {way}, but an appliance may exchange "
                f"packets inside {self.subnet.id}, which no network ACL filters."
            )
        elif stopped:
            kept_out = "; ".join(ports.names(stopped)[:20])
            text = f"Network ACL {acl.id} lets only some {way} and stops {kept_out}."
        if all(piece.conditions == _ONE_WAY for piece in met):
            family = "IPv6" if self.family is Family.IPV6 else "IPv4"
            text = (
                f"Network ACL {acl.id} lets no {family} reply out; what needs none, "
                "such as a UDP packet, still comes in."
            )
        terms = sorted({c for piece in met for c in piece.conditions})
        if terms and all(piece.verdict is not Verdict.YES for piece in met):
            return Step(name, acl.id, "conditional", f"{text} ({', '.join(terms)})", refs)
        return Step(name, acl.id, "pass", text, refs)

    def _group_step(self) -> Step:
        name, rules = "security group", self.rules
        if rules.open:
            return Step(name, self.subnet.vpc, "pass", "No security group is attached.")
        refs = tuple(ref for rule in rules.rules for ref in rule.refs)
        subject = ", ".join(rules.groups) or self.subnet.vpc
        if not self.admitted:
            asked = "; ".join(ports.names(self.only)[:20])
            what = "" if self.only == ports.ALL else f" to {asked}"
            text = f"No security group rule admits an address of the internet{what}."
            if not rules.rules:
                text = "The security groups have no inbound rules."
                refs = rules.refs
            return Step(name, subject, "fail", text, refs, "ENI_SG_RULES_MISMATCH")
        if all(p.verdict is Verdict.UNKNOWN for _, pieces in self.admitted for p in pieces):
            gaps = sorted({c for _, pieces in self.admitted for p in pieces for c in p.conditions})
            text = f"Not collected: {', '.join(g.removeprefix('not_collected:') for g in gaps)}."
            return Step(name, subject, "unknown", text, refs)
        opened = "; ".join(ports.names(Spans.of(atom for atom, _ in self.admitted))[:20])
        who = everything_in(p for _, pieces in self.admitted for p in pieces)
        text = f"Security groups admit {opened} from {described(who, self.family)}."
        if rules.missing:
            text += f" Not collected: {', '.join(rules.missing)}."
        return Step(name, subject, "pass", text, rule_refs(rules, self.admitted) or refs)


__all__ = ["Flow", "Path", "internet_path", "place_key", "steps_in"]
