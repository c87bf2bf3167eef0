"""Ways into private subnets that AWS guards: Verified Access, EC2 Instance Connect Endpoint.

* https://docs.aws.amazon.com/verified-access/latest/ug/auth-policies-policy-eval.html
* https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-ec2-instance-connect-endpoint.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, HTTPS, Sight, member, rows
from graph.network import ports
from graph.network.ec2_shapes import integer, text
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union

_ENDPOINT_POLICY = "get_verified_access_endpoint_policy"
_GROUP_POLICY = "get_verified_access_group_policy"
_CEDAR = "A policy says who may come in; it is written in Cedar, which is not evaluated here."
_OPTIONS = ("LoadBalancerOptions", "NetworkInterfaceOptions", "RdsOptions", "CidrOptions")


# Verified Access


def _verified(sight: Sight, item: Item) -> Iterator[Reach]:
    login = asks_for(
        "trust provider",
        item.id,
        "AWS asks the trust provider who comes, and the policy whether they may.",
        "authn:verified-access",
    )
    locks: tuple[Lock, ...] = (_active(sight, item), _policies(sight, item), login)
    opened, known = _opened(item)
    if not known:
        gap = sight.gap(item, "describe_verified_access_endpoints")
        locks = (*locks[:2], unread("port", item.id, gap), login)
    yield from sight.reached(item, "verified-access", locks, opened=opened)
    for target in dict.fromkeys(_targets(sight, item)):
        yield from sight.reached(
            item, "verified-access", locks, opened=opened, target=target, via=(item.id,)
        )


def _active(sight: Sight, item: Item) -> Lock:
    code = text(member(item.item, "Status", "Code"))
    (ref,) = sight.refs(item, "/item/Status")
    if not code:
        gap = sight.gap(item, "describe_verified_access_endpoints")
        return unread("state", item.id, gap, ref)
    make = passes if code in ("active", "updating") else sleeps
    return make("state", item.id, f"The endpoint is {code}.", ref)


def _policies(sight: Sight, item: Item) -> Lock:
    """Every request is blocked until the group or the endpoint has a policy."""
    groups = sight.by_member("ec2:verified-access-group", "VerifiedAccessGroupId")
    name = text(item.item.get("VerifiedAccessGroupId"))
    group = groups.get((item.account_id, item.region, name)) if name else None
    found: list[bool | None] = [_has_policy(item, _ENDPOINT_POLICY)]
    found.append(_has_policy(group, _GROUP_POLICY) if group is not None else None)
    refs = sight.refs(item, f"/calls/{_ENDPOINT_POLICY}/value")
    if any(found):
        return passes("policy", item.id, _CEDAR, *refs)
    if None in found:
        missing = sight.gap(item, _ENDPOINT_POLICY if found[0] is None else _GROUP_POLICY)
        return unread("policy", item.id, missing, *refs)
    return stops("policy", item.id, "Neither the endpoint nor its group has a policy.", *refs)


def _has_policy(item: Item, operation: str) -> bool | None:
    call = item.call(operation)
    if not call.known:
        return None
    return bool(member(call.value, "PolicyDocument"))


def _opened(item: Item) -> tuple[Spans, bool]:
    """The ports of the endpoint's name: 443 for HTTP applications, else those of its options."""
    for name in _OPTIONS:
        options = item.item.get(name)
        protocol = text(member(options, "Protocol"))
        if protocol in ("http", "https"):
            return HTTPS, True
        if protocol == "tcp":
            found = _tcp(member(options, "Port"), member(options, "PortRanges"))
            return found or ports.of_protocol(ports.TCP), bool(found)
    return ports.of_protocol(ports.TCP), False


def _tcp(port: object, ranges: object) -> Spans:
    spans = [(row.get("FromPort"), row.get("ToPort")) for row in rows(ranges)]
    found = []
    for first, last in [*spans, (port, port)]:
        low, high = integer(first), integer(last)
        if low is not None and high is not None and 0 < low <= high < 65536:
            found.append(ports.tcp(low, high))
    return union(found)


def _targets(sight: Sight, item: Item) -> Iterator[str]:
    """Node ids of the load balancer, the interface's owner or the database behind it."""
    world = sight.network
    balancer = text(member(item.item, "LoadBalancerOptions", "LoadBalancerArn"))
    if balancer in world.load_balancers:
        yield balancer
    name = text(member(item.item, "NetworkInterfaceOptions", "NetworkInterfaceId"))
    interface = world.interfaces.get(sight.node(name, item)) if name else None
    if interface is not None:
        yield interface.owner or interface.id
    database = text(member(item.item, "RdsOptions", "RdsDbInstanceArn"))
    if database in world.databases:
        yield database


# EC2 Instance Connect Endpoint


def _connect(sight: Sight, item: Item) -> Iterator[Reach]:
    state = text(item.item.get("State"))
    (ref,) = sight.refs(item, "/item/State")
    works = state == "create-complete" or state.startswith("update-")
    if not state:
        gap = sight.gap(item, "describe_instance_connect_endpoints")
        lock = unread("state", item.id, gap, ref)
    else:
        make = passes if works else sleeps
        lock = make("state", item.id, f"The endpoint's state is {state}.", ref)
    words = "AWS opens tunnels for signed requests that IAM allows (OpenTunnel)."
    login = asks_for("login", item.id, words, "authn:sigv4")
    six = text(member(item.item, "PublicDnsNames", "Dualstack", "DnsName"))
    families = BOTH if six else (Family.IPV4,)
    yield from sight.reached(item, "instance-connect", (lock, login), families=families)


_TEST = "tests/front_doors/test_private_access.py"

DOORS = (
    FrontDoor(
        type_id="ec2:verified-access",
        mechanism="verified-access",
        title="Verified Access endpoints",
        rule="The endpoint is active and it or its group has a policy (without one AWS blocks "
        "every request); always under the condition of what the trust provider and the policy "
        "say. Behind it stands its load balancer, interface or database; the security groups in "
        "between are not judged here.",
        source="https://docs.aws.amazon.com/verified-access/latest/ug/auth-policies.html",
        judge=_verified,
        test=_TEST,
        needs=frozenset({"ec2:verified-access-group", "ec2:network-interface"}),
    ),
    FrontDoor(
        type_id="ec2:instance-connect-endpoint",
        mechanism="instance-connect",
        title="EC2 Instance Connect Endpoints",
        rule="It is created; always under the condition of a signed request that IAM allows "
        "(ec2-instance-connect:OpenTunnel). It exposes nothing to who has no credentials.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permissions-for-ec2-instance-connect-endpoint.html",
        judge=_connect,
        test=_TEST,
    ),
)
"""Declarations of this service."""
