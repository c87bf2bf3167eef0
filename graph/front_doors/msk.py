"""Managed Kafka (MSK) clusters with public access.

https://docs.aws.amazon.com/msk/latest/developerguide/public-access.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.snapshot import Item
from graph.front_doors.controls import Place, facts, in_subnets, port_of_address, state, strings
from graph.front_doors.declare import FrontDoor, Lock, passes, stops, unread
from graph.front_doors.sight import Sight, member
from graph.network import ports
from graph.network.reach import Reach
from graph.network.spans import Spans, union

_BROKERS = "get_bootstrap_brokers"
_PUBLIC = (
    "BootstrapBrokerStringPublicTls",
    "BootstrapBrokerStringPublicSaslScram",
    "BootstrapBrokerStringPublicSaslIam",
)


def _cluster(sight: Sight, item: Item) -> Iterator[Reach]:
    nodes = member(item.item, "Provisioned", "BrokerNodeGroupInfo")
    gap = sight.gap(item, "list_clusters_v2")
    locks = (
        _public_access(sight, item, nodes, gap),
        state(item, item.item.get("State"), facts("msk")["asleep"]["statuses"]),
    )
    place = Place(
        subnets=strings(member(nodes, "ClientSubnets")),
        groups=strings(member(nodes, "SecurityGroups")),
        opened=_ports(item),
        dual_stack=member(nodes, "ConnectivityInfo", "NetworkType") == "DUAL",
    )
    yield from in_subnets(sight, item, "msk", place, locks, gap)


def _public_access(sight: Sight, item: Item, nodes: Any, gap: str) -> Lock:
    """Off unless it was turned on; a serverless cluster has none to turn on.

    "You can't turn on public access while creating an MSK cluster" (Turn on public access): where
    nothing is told of it, it was not, unless the brokers have public names.
    """
    name = "address"
    (ref,) = sight.refs(item, "/item")
    if item.item.get("ClusterType") == "SERVERLESS":
        return stops(name, item.id, "A serverless cluster has no public access.", ref)
    if not nodes:
        return unread(name, item.id, gap, ref)
    info = member(nodes, "ConnectivityInfo")
    default = info is None or (isinstance(info, dict) and info.get("PublicAccess") is None)
    kind = "DISABLED" if default else member(info, "PublicAccess", "Type")
    if default and _public_strings(item):
        text = "Brokers have public names (bootstrap strings)."
        return passes(name, item.id, text, *sight.refs(item, f"/calls/{_BROKERS}/value"))
    if kind == "DISABLED":
        return stops(name, item.id, "Public access is disabled.", ref)
    if kind == "SERVICE_PROVIDED_EIPS":
        return passes(name, item.id, "Brokers have public addresses (SERVICE_PROVIDED_EIPS).", ref)
    return unread(name, item.id, gap, ref)


def _public_strings(item: Item) -> list[str]:
    told = item.call(_BROKERS).value
    return [text for name in _PUBLIC if isinstance(text := member(told, name), str) and text]


def _ports(item: Item) -> Spans:
    """Those of the public bootstrap strings; where none was read, every port of public access."""
    listed = [broker for text in _public_strings(item) for broker in text.split(",")]
    found = [opened for one in listed if (opened := port_of_address(one)) is not None]
    known = facts("msk")["public_ports"]
    every = (known["tls"], known["sasl_scram"], known["sasl_iam"])
    return union(found or [ports.tcp(one) for one in every])


DOORS = (
    FrontDoor(
        type_id="kafka:cluster",
        mechanism="msk",
        title="Managed Kafka (MSK) clusters",
        rule="The cluster is provisioned, ConnectivityInfo.PublicAccess.Type is "
        "SERVICE_PROVIDED_EIPS (where it is not told: its brokers have public names), it is in "
        "service, and a subnet of its brokers lets the internet through to a public port: those "
        "of its public bootstrap strings, else 9194, 9196 and 9198. Kafka's own login (TLS, SCRAM "
        "or IAM) is always asked for. Whether an IPv6 address is public AWS's documentation does "
        "not say: `context:public-ipv6`.",
        source="https://docs.aws.amazon.com/msk/latest/developerguide/public-access.html",
        judge=_cluster,
        test="tests/front_doors/test_msk.py",
    ),
)
"""Declarations of this service."""
