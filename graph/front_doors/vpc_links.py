"""Links of API Gateway into VPCs, and what stands behind them.

A link of REST APIs (V1) is a private link to a network load balancer; the other kind (V2) has
interfaces and security groups in the customer's subnets.

* https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
* groups and private links: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.api_calls import Behind
from graph.front_doors.cloud_map import registered
from graph.front_doors.declare import Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import HTTPS, Sight, strings
from graph.network import prefixes
from graph.network.between.ends import end_of
from graph.network.doors import groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet
from graph.network.hops import Sender, egress_step, group_step
from graph.network.prefixes import EVERYTHING, Family
from graph.network.spans import Spans, union
from graph.network.web_acls import Narrowing, seen_from, seen_step

_EGRESS = "context:vpc-link-egress"


def balancers_behind(
    sight: Sight,
    arns: Iterable[object],
    opened: Spans | None,
    *locks: Lock,
    link: Item | None = None,
) -> Iterator[Behind]:
    """Load balancers by their ARNs or their listeners', and services of Cloud Map, behind a link.

    Args:
        sight: what is known.
        arns: of load balancers, of listeners or of services of Cloud Map.
        opened: the port that the integration names; ``None``: those of the listener.
        locks: of the link.
        link: one with interfaces in subnets, which the load balancer's groups must admit.
    """
    for arn in arns:
        if isinstance(arn, str) and ":servicediscovery:" in arn and link is not None:
            yield from registered(sight, arn, link, locks)
        elif isinstance(arn, str) and ":servicediscovery:" in arn:
            yield Behind(arn, locks)
        if not isinstance(arn, str) or ":elasticloadbalancing:" not in arn:
            continue
        node = arn
        if ":listener/" in arn:
            node = arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
        balancer = sight.network.load_balancers.get(node)
        there = opened
        if balancer is not None and there is None:
            listeners = [one for one in balancer.listeners or () if one.id == arn]
            there = union(one.ports for one in listeners or balancer.listeners or ()) or None
        there = HTTPS if there is None else there
        more = _on_the_way(sight, link, balancer, there) if balancer else ()
        yield Behind(node, (*locks, *more), balancer, there)


def _on_the_way(
    sight: Sight, link: Item | None, balancer: LoadBalancer, opened: Spans
) -> tuple[Lock, ...]:
    acls = tuple(_web_acl(one) for one in balancer.web_acls)
    if link is None:
        return (_through_private_link(sight, balancer, opened), *acls)
    way = (_egress(sight, link, balancer, opened), _admission(sight, link, balancer, opened))
    return (*way, *acls)


def _web_acl(acl: Narrowing) -> Lock:
    """A web ACL of the load balancer sees private addresses of the link."""
    told = "private addresses of API Gateway"
    step = seen_step(told, acl, Family.IPV4)
    pieces = seen_from(told, (acl,), Family.IPV4)
    best = max(pieces, key=lambda one: one.verdict.rank, default=None)
    return Lock(step, tuple(sorted(best.conditions)) if best else ())


def _through_private_link(sight: Sight, balancer: LoadBalancer, opened: Spans) -> Lock:
    """A V1 link: the load balancer's groups see private addresses of API Gateway."""
    name, groups = "security group in", groups_of(balancer)
    if groups is None or not balancer.rules_for_links:
        return passes(name, balancer.id, "No security group is asked about private links.")
    step = group_step(
        sight.network,
        Sender(Subnet("", ""), EVERYTHING[Family.IPV4], (), "Any address"),
        Interface(balancer.id, balancer.account_id, balancer.region, groups=groups),
        opened,
        Family.IPV4,
    )
    if step.result == "pass":
        return passes(name, balancer.id, step.text, *step.refs)
    if step.result == "fail":
        text = "No rule of its groups admits any address, and they are asked about private links."
        return stops(name, balancer.id, text, *step.refs)
    gap = _gap(step) if step.result == "unknown" else "private addresses of API Gateway"
    return unread(name, balancer.id, gap, *step.refs)


def _egress(sight: Sight, link: Item, balancer: LoadBalancer, opened: Spans) -> Lock:
    """The link's own groups let it out to one of the load balancer's addresses."""
    name, groups = "security group out", _own_groups(sight, link)
    if not groups:
        return passes(name, link.id, "The link names no security group.")
    sender = Sender(Subnet("", ""), EVERYTHING[Family.IPV4], groups, link.id)
    found = {
        step.result: step
        for address in _addresses(sight, balancer)
        for step in [egress_step(sight.network, sender, groups_of(balancer) or (), address, opened)]
    }
    if "pass" in found:
        return passes(name, link.id, found["pass"].text, *found["pass"].refs)
    if "conditional" in found:
        step = found["conditional"]
        return asks_for(name, link.id, step.text, _EGRESS, *step.refs)
    if "unknown" in found or not found:
        gap = _gap(found["unknown"]) if found else f"subnets of {balancer.id}"
        return unread(name, link.id, gap)
    return stops(name, link.id, found["fail"].text, *found["fail"].refs)


def _addresses(sight: Sight, balancer: LoadBalancer) -> list[str]:
    """Addresses of its nodes, or its subnets where the nodes' interfaces were not read."""
    world = sight.network
    end = end_of(world, balancer.id)
    seen = [one for one in (end.interfaces if end else ()) if one.id in world.interfaces]
    own = [f"{a.private}/32" for one in seen for a in one.addresses if a.private]
    subnets = (world.subnets.get(one) for one in balancer.subnets)
    return own or [one.cidr for one in subnets if one is not None and one.cidr]


def _gap(step: Step) -> str:
    return step.text.partition("ollected: ")[2].rstrip(".")


def _admission(sight: Sight, link: Item, balancer: LoadBalancer, opened: Spans) -> Lock:
    """The load balancer's security groups admit the link's interfaces in some subnet."""
    name, groups = "security group in", groups_of(balancer)
    if groups is None:
        return passes(name, balancer.id, "No security group is attached.")
    steps = [
        group_step(
            sight.network,
            Sender(
                subnet, prefixes.of([subnet.cidr], Family.IPV4), _own_groups(sight, link), link.id
            ),
            Interface(balancer.id, balancer.account_id, balancer.region, groups=groups),
            opened,
            Family.IPV4,
        )
        for subnet in _subnets(sight, link)
    ]
    best = {step.result: step for step in steps}
    for result in ("pass", "conditional"):
        if result in best:
            return passes(name, balancer.id, best[result].text, *best[result].refs)
    if "fail" in best and len(best) == 1:
        return stops(name, balancer.id, best["fail"].text, *best["fail"].refs)
    unknown = best.get("unknown")
    gap = _gap(unknown) if unknown else ""
    return unread(name, balancer.id, gap or f"subnets of {link.id}")


def _own_groups(sight: Sight, link: Item) -> tuple[str, ...]:
    return tuple(sight.node(one, link) for one in strings(link.item.get("SecurityGroupIds")))


def _subnets(sight: Sight, link: Item) -> list[Subnet]:
    listed = strings(link.item.get("SubnetIds"))
    found = (sight.network.subnets.get(sight.node(one, link)) for one in listed)
    return [one for one in found if one is not None and one.cidr]


def link_lock(link: Item, status: object) -> Lock:
    """The state of a link into a VPC."""
    text = f"The VPC link is {str(status or 'AVAILABLE').lower()}."
    if status in ("AVAILABLE", None):
        return passes("VPC link", link.id, text)
    if status in ("FAILED", "DELETING"):
        return stops("VPC link", link.id, text)
    return sleeps("VPC link", link.id, text)
