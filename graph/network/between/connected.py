"""Which VPCs anything joins: a wide guess by which hopeless pairs are never looked at."""

from __future__ import annotations

from graph.network.between.transit import short, transit_of
from graph.network.world import NetworkWorld


class _Joined:
    """Sets that are joined; each has the smallest of its names."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, node: str) -> str:
        root = node
        while self._parent.get(root, root) != root:
            root = self._parent[root]
        while self._parent.get(node, node) != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, one: str, other: str) -> None:
        first, last = sorted((self.find(one), self.find(other)))
        self._parent[last] = first


def components(world: NetworkWorld) -> dict[str, str]:
    """For each VPC the id that stands for all VPCs it could be joined with.

    Peering, transit gateways (peered ones too) and ways on premises join; whether packets get
    through is not asked. Ways on premises count as one network.
    """
    joined, hub = _Joined(), transit_of(world).hub
    for peering in world.facts.peerings:
        joined.join(peering.requester, peering.accepter)
        joined.join(peering.requester, short(peering.id))
    for attachment in transit_of(world).joints.attachments:
        far = attachment.resource if attachment.kind == "vpc" else hub(attachment.resource)
        on_prem = attachment.kind not in ("vpc", "peering", "tgw-peering")
        joined.join(attachment.gateway, "on-prem" if on_prem else far)
    for table in world.facts.route_tables:
        for route in table.routes:
            if route.kind in ("transit_gateway", "peering"):
                joined.join(table.vpc, hub(route.target))
            elif route.kind in ("virtual_private_gateway", "core_network", "local_gateway"):
                joined.join(table.vpc, "on-prem")
    vpcs = (*(one.id for one in world.facts.vpcs), *(one.vpc for one in world.facts.subnets))
    return {vpc: joined.find(vpc) for vpc in dict.fromkeys(vpcs)}
