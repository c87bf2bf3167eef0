"""Transit gateways indexed: which attachment, which table, and what is missing to say so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from graph.network.between.facts import (
    Joints,
    TransitAttachment,
    TransitGateway,
    TransitTable,
)
from graph.network.facts import Vpc
from graph.network.world import NetworkWorld


@dataclass(frozen=True, slots=True)
class TransitIndex:
    """Joints by the ids that routes name them by."""

    joints: Joints
    gateways: dict[str, TransitGateway]
    attachments: dict[tuple[str, str], TransitAttachment]
    of_vpc: dict[tuple[str, str], tuple[TransitAttachment, ...]]
    tables: dict[str, tuple[TransitTable, ...]]

    def hub(self, node: str) -> str:
        """The id by which a transit gateway is known here: AWS's own unless several have that."""
        return node if node in self.gateways else short(node)

    def table_of(self, gateway: str, attachment: str) -> TransitTable | str | None:
        """The table that an attachment is associated with.

        Returns:
            The table, the name of what is missing to know it, or ``None``: there is none, and what
            comes in by the attachment is dropped.
        """
        tables = self.tables.get(gateway, ())
        for table in tables:
            if table.associations is not None and attachment in table.associations:
                return table
        for table in tables:
            if table.associations is None:
                return next(
                    (call for call in table.missing if "associations" in call),
                    f"ec2.get_transit_gateway_route_table_associations({table.id})",
                )
        return self.unless_known(gateway, "ec2.describe_transit_gateway_route_tables")

    def unless_known(self, gateway: str, operation: str) -> str | None:
        """The name of a call of a gateway's owner, ``None`` where its answer is known."""
        known = self.gateways.get(gateway)
        if known is None:
            return f"{operation}({gateway})"
        call = f"{operation}@{known.account_id}/{known.region}"
        return None if call in self.joints.known else call

    def attachment_gap(self, gateway: str, vpc: Vpc | None) -> str | None:
        """What is missing to know a VPC's attachments to a gateway; either side sees them."""
        operation = "ec2.describe_transit_gateway_vpc_attachments"
        owner = self.unless_known(gateway, operation)
        if owner is None or vpc is None:
            return owner
        call = f"{operation}@{vpc.account_id}/{vpc.region}"
        return None if call in self.joints.known else call


def transit_of(world: NetworkWorld) -> TransitIndex:
    """The index of a world, built once."""
    key = "transit"
    if key not in world.memo:
        world.memo[key] = _index(world.facts.joints)
    found: TransitIndex = world.memo[key]
    return found


def _index(joints: Joints) -> TransitIndex:
    of_vpc: dict[tuple[str, str], list[TransitAttachment]] = defaultdict(list)
    for one in joints.attachments:
        if one.kind == "vpc":
            of_vpc[one.gateway, one.resource].append(one)
    tables: dict[str, list[TransitTable]] = defaultdict(list)
    for table in sorted(joints.tables, key=lambda table: table.id):
        tables[table.gateway].append(table)
    return TransitIndex(
        joints,
        {one.id: one for one in joints.gateways},
        {(one.id, one.gateway): one for one in joints.attachments},
        {key: tuple(found) for key, found in of_vpc.items()},
        {key: tuple(found) for key, found in tables.items()},
    )


def short(node: str) -> str:
    """AWS's short id in a node id (``tgw-1`` of ``arn:...:transit-gateway/tgw-1``)."""
    return node.rpartition("/")[2]
