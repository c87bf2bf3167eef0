"""VPC Lattice: resource endpoints, service-network endpoints and associated VPCs.

Listeners, authorisation policies and what a resource configuration names are not judged: where a
way may lead to a target, the answer is ``unknown`` and names the call that would tell.
https://docs.aws.amazon.com/vpc-lattice/latest/ug/what-is-vpc-lattice.html
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.evidence import Step
from graph.network import ports
from graph.network.between.ends import End
from graph.network.between.facts import LatticeWay
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, condition

MECHANISM = "vpc-lattice"


def end_through_lattice(
    world: NetworkWorld, source: End, target: End, only: Spans = ports.ALL
) -> Iterator[Reach]:
    """Ways from one end to another that VPC Lattice may offer, each ``unknown``."""
    starts = {one.vpc for one in source.interfaces}
    wanted = only & target.ports
    for way in world.facts.joints.lattice:
        if way.vpc in starts and wanted and may_lead(way, target):
            yield _unknown(source, target, way, wanted)


def may_lead(way: LatticeWay, target: End) -> bool:
    """Whether a way comes out where an end stands, or to what names it."""
    if way.exits is None or any(one.vpc in way.exits for one in target.interfaces):
        return True
    addresses = {a.private for one in target.interfaces for a in one.addresses}
    six = {address for one in target.interfaces for address in one.ipv6}
    return not {target.id, *addresses, *six}.isdisjoint(way.targets)


def _unknown(source: End, target: End, way: LatticeWay, wanted: Spans) -> Reach:
    text = f"{way.id} may lead to {target.id}. Not collected: {way.gap}."
    step = Step("VPC Lattice", way.id, "unknown", text, way.refs)
    terms = (condition("not_collected", way.gap),)
    answer = Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))
    family = Family.IPV4
    name = f"{MECHANISM}/{family}"
    named = ports.names(wanted)
    return Reach(source.id, target.id, family, name, named, (), (way.id,), answer, port_set=wanted)


__all__ = ["MECHANISM", "end_through_lattice", "may_lead"]
