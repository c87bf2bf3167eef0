"""Members that join a route table, network ACL or internet gateway to a place.

Where one cannot be read, any place of the account and region may be the one that is meant, so the
listing counts as not whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from graph.network.ec2_shapes import Json, text

# EC2 API reference: RouteTableAssociationState, InternetGatewayAttachment.
_TABLE_STATES = ("associating", "associated", "disassociating", "disassociated", "failed")
_GATEWAY_STATES = ("attaching", "attached", "detaching", "detached", "available")


def unread_members(type_id: str, item: Json) -> Iterator[str]:
    """Names of members of an item, as EC2 lists it, that can join it to anything."""
    if type_id == "ec2:route-table":
        yield from _rows(item, "Associations", _is_table_association)
    elif type_id == "ec2:network-acl":
        yield from _rows(item, "Associations", lambda one: bool(text(one.get("SubnetId"))))
    elif type_id == "ec2:internet-gateway":
        yield from _rows(item, "Attachments", _is_attachment)


def _rows(item: Json, member: str, readable: Callable[[Json], bool]) -> Iterator[str]:
    listed = item.get(member)
    if not isinstance(listed, list):
        yield member
        return
    for number, one in enumerate(listed):
        if not isinstance(one, Mapping) or not readable(one):
            yield f"{member}/{number}"


def _is_table_association(one: Json) -> bool:
    state = one.get("AssociationState")
    told = state.get("State") if isinstance(state, Mapping) else state
    if told is not None and told not in _TABLE_STATES:
        return False
    return one.get("Main") is True or bool(text(one.get("SubnetId")) or text(one.get("GatewayId")))


def _is_attachment(one: Json) -> bool:
    return bool(text(one.get("VpcId"))) and one.get("State") in (None, *_GATEWAY_STATES)
