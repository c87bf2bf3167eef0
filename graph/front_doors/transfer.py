"""Transfer Family: file transfer servers and web apps.

* https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html
* https://docs.aws.amazon.com/transfer/latest/userguide/API_EndpointDetails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from collector.snapshot import Item
from graph.front_doors.controls import facts
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network import ports
from graph.network.ec2_shapes import integer, text, texts
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans, union

_CALL = "describe_server"


@cache
def _ports_of(place: str) -> dict[str, Spans]:
    """Ports by protocol of servers in a place, ``public`` or ``vpc``."""
    table = facts("transfer")["ports"][place]
    return {
        protocol: union(ports.tcp(first, last) for first, last in spans)
        for protocol, spans in table.items()
    }


def _server(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    server = member(call.value, "Server") if call.known else None
    kind = text(member(server, "EndpointType")) or text(item.item.get("EndpointType"))
    state = _state(sight, item)
    (ref,) = sight.refs(item, "/item/EndpointType")
    if kind == "PUBLIC":
        opened = _custom_ports(server) or _answering(server, "public")
        dual = member(server, "IpAddressType") == "DUALSTACK"
        locks = (passes("endpoint", item.id, "Its endpoint is public.", ref), state)
        families = BOTH if dual else (Family.IPV4,)
        yield from sight.reached(item, "transfer", locks, opened=opened, families=families)
    elif kind == "VPC":
        yield from _in_vpc(sight, item, server, state)
    elif kind == "VPC_ENDPOINT":
        closed = "Only a VPC endpoint leads to it (EndpointType is VPC_ENDPOINT)."
        yield from sight.reached(item, "transfer", (stops("endpoint", item.id, closed, ref), state))
    else:
        gap = unread("endpoint", item.id, sight.gap(item, _CALL), ref)
        yield from sight.reached(item, "transfer", (gap, state), opened=_answering(server, "vpc"))


def _in_vpc(sight: Sight, item: Item, server: object, state: Lock) -> Iterator[Reach]:
    details = member(server, "EndpointDetails")
    endpoint = text(member(details, "VpcEndpointId"))
    subnets = texts(member(details, "SubnetIds"))
    address = _address(sight, item, details)
    if address.step.result == "fail" or not subnets:
        missing = () if subnets else (unread("subnet", item.id, sight.gap(item, _CALL)),)
        yield from sight.reached(item, "transfer", (address, state, *missing))
        return
    yield from sight.placed(
        item,
        "transfer",
        (address, state),
        subnets=subnets,
        groups=_groups(sight, item, endpoint, texts(member(details, "SecurityGroupIds"))),
        opened=_answering(server, "vpc"),
    )


def _address(sight: Sight, item: Item, details: object) -> Lock:
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/Server/EndpointDetails")
    if not isinstance(details, dict):
        return unread("address", item.id, sight.gap(item, _CALL), ref)
    found = texts(details.get("AddressAllocationIds"))
    if found:
        return passes("address", item.id, f"It has elastic addresses ({', '.join(found)}).", ref)
    if details.get("AddressAllocationIds"):
        return unread("address", item.id, sight.gap(item, _CALL), ref)
    return stops("address", item.id, "No elastic address is attached to its endpoint.", ref)


def _groups(sight: Sight, item: Item, endpoint: str, told: tuple[str, ...]) -> tuple[str, ...]:
    """The security groups, which belong to the VPC endpoint; DescribeServer does not tell them.

    Where the endpoint is not in the snapshot, a group that nobody knows stands for them.
    """
    lines = sight.by_member("ec2:vpc-endpoint", "VpcEndpointId")
    known = lines.get((item.account_id, item.region, endpoint)) if endpoint else None
    if known is not None and rows(known.item.get("Groups")):
        return tuple(text(group.get("GroupId")) for group in rows(known.item["Groups"]))
    return told or (endpoint or f"security groups of {item.id}",)


def _answering(server: object, place: str) -> Spans:
    """Ports of the server's protocols; of all of them where they were not told."""
    table = _ports_of(place)
    told: Iterable[str] = texts(member(server, "Protocols"))
    return union(table[name] for name in told if name in table) or union(table.values())


def _custom_ports(server: object) -> Spans:
    told = member(server, "ProtocolDetails", "SftpPorts")
    numbers = [integer(row.get("SftpPort")) for row in rows(told)]
    return union(ports.tcp(n) for n in numbers if n is not None and 0 < n < 65536)


def _state(sight: Sight, item: Item) -> Lock:
    state = text(item.item.get("State"))
    (ref,) = sight.refs(item, "/item/State")
    if not state:
        return unread("state", item.id, sight.gap(item, "list_servers"), ref)
    make = passes if state == "ONLINE" else sleeps
    return make("state", item.id, f"The server is {state.lower()}.", ref)


def _web_app(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call("describe_web_app")
    app = member(call.value, "WebApp") if call.known else None
    kind = text(member(app, "EndpointType")) or text(item.item.get("EndpointType"))
    login = asks_for(
        "login", item.id, "People sign in with IAM Identity Center.", "authn:identity-center"
    )
    yield from sight.reached(item, "transfer-web-app", (_web_endpoint(sight, item, kind), login))


def _web_endpoint(sight: Sight, item: Item, kind: str) -> Lock:
    (ref,) = sight.refs(item, "/item/EndpointType")
    if kind == "PUBLIC":
        return passes("endpoint", item.id, "Its endpoint is public.", ref)
    if kind == "VPC":
        return stops("endpoint", item.id, "Only a VPC endpoint leads to it.", ref)
    return unread("endpoint", item.id, sight.gap(item, "describe_web_app"), ref)


_TEST = "tests/front_doors/test_transfer.py"

DOORS = (
    FrontDoor(
        type_id="transfer:server",
        mechanism="transfer",
        title="Transfer Family servers",
        rule="EndpointType is PUBLIC; or it is VPC, elastic addresses are attached "
        "(AddressAllocationIds), and a subnet and the security groups of its VPC endpoint let "
        "the internet in. It must be online (else dormant). VPC_ENDPOINT is never reached. Its "
        "own login keeps yes.",
        source="https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html",
        judge=_server,
        test=_TEST,
        needs=frozenset({"ec2:vpc-endpoint", "ec2:subnet", "ec2:security-group"}),
    ),
    FrontDoor(
        type_id="transfer:web-app",
        mechanism="transfer-web-app",
        title="Transfer Family web apps",
        rule="EndpointType is PUBLIC; always under the condition of a sign-in with IAM Identity "
        "Center. VPC is never reached.",
        source="https://docs.aws.amazon.com/transfer/latest/userguide/web-app.html",
        judge=_web_app,
        test=_TEST,
    ),
)
"""Declarations of this service."""
