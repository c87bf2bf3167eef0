"""EKS: the Kubernetes API of a cluster, and managed nodes that open SSH or RDP.

* https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
* https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.dns import host_of, name_step
from graph.front_doors.sight import BOTH, Sight, member, strings
from graph.network import ports
from graph.network.prefixes import Family
from graph.network.reach import Reach

_CALL = "describe_cluster"
_AT = f"/calls/{_CALL}/value/cluster"
_ANSWERS = ("ACTIVE", "UPDATING")
_NODES = "eks-nodes"
_SSH, _RDP = ports.tcp(22), ports.tcp(3389)


def _cluster(item: Item) -> Mapping[str, Any]:
    found = member(item.call(_CALL).value, "cluster")
    return found if isinstance(found, Mapping) else {}


def _api(sight: Sight, item: Item) -> Iterator[Reach]:
    """The public endpoint: AWS checks an IAM or OIDC token in front of Kubernetes."""
    cluster = _cluster(item)
    endpoint = host_of(cluster.get("endpoint"))
    text = "The API asks for a token of IAM or of the cluster's OIDC provider."
    locks = (
        _endpoint(sight, item, member(cluster, "resourcesVpcConfig", "endpointPublicAccess")),
        _state(item, cluster.get("status")),
        Lock(name_step(sight, item, endpoint)),
        asks_for("authentication", item.id, text, "authn:iam"),
    )
    # Only IPv6 clusters made since October 2024 have a dual-stack endpoint, under api.aws.
    six = member(cluster, "kubernetesNetworkConfig", "ipFamily") == "ipv6"
    dual = six and (not endpoint or endpoint.endswith(".api.aws"))
    listed = strings(member(cluster, "resourcesVpcConfig", "publicAccessCidrs"))
    yield from sight.reached(
        item,
        "eks",
        locks,
        families=BOTH if dual else (Family.IPV4,),
        # An endpoint without a list is open to everyone.
        admitted=listed or None,
    )


def _endpoint(sight: Sight, item: Item, public: object) -> Lock:
    name = "public endpoint"
    (ref,) = sight.refs(item, f"{_AT}/resourcesVpcConfig/endpointPublicAccess")
    if public is False:
        text = "Only its VPC reaches the API (endpointPublicAccess is false)."
        return stops(name, item.id, text, ref)
    if public is True:
        return passes(name, item.id, "endpointPublicAccess is true.", ref)
    return unread(name, item.id, sight.gap(item, _CALL), ref)


def _state(item: Item, status: object) -> Lock:
    told = status if isinstance(status, str) and status else "ACTIVE"
    text = f"The cluster is {told.lower()}."
    if told in _ANSWERS:
        return passes("state", item.id, text)
    return sleeps("state", item.id, text)


def _nodes(sight: Sight, item: Item) -> Iterator[Reach]:
    """Managed node groups whose remote access group opens SSH or RDP to everyone."""
    listed = item.call("list_nodegroups")
    found = False
    for arguments, call in item.calls_of("describe_nodegroup"):
        group = member(call.value, "nodegroup")
        if not call.known or not isinstance(group, Mapping):
            gap = sight.gap(item, f"describe_nodegroup({arguments})")
            yield from sight.reached(item, _NODES, (unread("ssh key", item.id, gap),), opened=_SSH)
            found = True
        elif _opened(group):
            yield from _group(sight, item, group)
            found = True
    if found:
        return
    lock = unread("ssh key", item.id, sight.gap(item, "list_nodegroups"))
    if listed.known:
        text = "No managed node group has an SSH key without source security groups."
        lock = stops("ssh key", item.id, text, *sight.refs(item, "/calls/list_nodegroups/value"))
    yield from sight.reached(item, _NODES, (lock,), opened=_SSH)


def _opened(group: Mapping[str, Any]) -> bool:
    remote = group.get("remoteAccess")
    return bool(member(remote, "ec2SshKey")) and not member(remote, "sourceSecurityGroups")


def _group(sight: Sight, item: Item, group: Mapping[str, Any]) -> Iterator[Reach]:
    name = str(group.get("nodegroupName"))
    opened = _RDP if str(group.get("amiType")).startswith("WINDOWS") else _SSH
    made = member(group, "resources", "remoteAccessSecurityGroup")
    groups = (made if isinstance(made, str) and made else f"remote access group of {name}",)
    text = f"Node group {name} has a key pair and no source security groups."
    key = passes("ssh key", item.id, text)
    subnets = strings(group.get("subnets"))
    for subnet in subnets:
        locks = (key, _size(item, name, group), _address(sight, item, subnet))
        yield from sight.placed(
            item, _NODES, locks, subnets=(subnet,), groups=groups, opened=opened
        )
    if not subnets:
        yield from sight.placed(item, _NODES, (key,), subnets=(), groups=groups, opened=opened)


def _size(item: Item, name: str, group: Mapping[str, Any]) -> Lock:
    if member(group, "scalingConfig", "desiredSize") == 0:
        return sleeps("state", item.id, f"Node group {name} has no nodes now.")
    return passes("state", item.id, f"Node group {name} has nodes.")


def _address(sight: Sight, item: Item, short: str) -> Lock:
    """Nodes get a public address from their subnet alone.

    https://docs.aws.amazon.com/eks/latest/userguide/create-managed-node-group.html
    """
    node = sight.node(short, item)
    subnet = sight.network.subnets.get(node)
    if subnet is None:
        return unread("address", node, f"ec2.describe_subnets({short})")
    if subnet.maps_public_ip:
        return passes("address", node, "The subnet gives its nodes public addresses.", *subnet.refs)
    return stops("address", node, "The subnet gives no public addresses.", *subnet.refs)


DOORS = (
    FrontDoor(
        type_id="eks:cluster",
        mechanism="eks",
        title="EKS cluster APIs",
        rule="endpointPublicAccess is true. publicAccessCidrs narrow who reaches it (the default "
        "is everyone); AWS checks a token of IAM or of the cluster's OIDC provider, so it is "
        "conditional on authn:iam.",
        source="https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
        judge=_api,
        test="tests/front_doors/test_eks.py",
    ),
    FrontDoor(
        type_id="eks:cluster",
        mechanism=_NODES,
        title="EKS managed nodes with remote access",
        rule="A managed node group has a key pair and no source security groups, a subnet of it "
        "gives public addresses, and its remote access group, route table and network ACL admit "
        "TCP 22 (TCP 3389 on Windows). Of a group with a launch template remoteAccess tells "
        "nothing: its nodes are reached as the instances that they are.",
        source="https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html",
        judge=_nodes,
        test="tests/front_doors/test_eks.py",
        needs=frozenset({"ec2:subnet", "ec2:route-table", "ec2:security-group", "ec2:network-acl"}),
    ),
)
"""Declarations of this service."""
