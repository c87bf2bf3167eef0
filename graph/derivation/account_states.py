"""What an organisation says of accounts: suspended, closed, no member any more."""

from __future__ import annotations

from collections.abc import Iterable

from graph.records import Node


def account_states(nodes: Iterable[Node], organisation: str) -> dict[str, str]:
    """Each account's state as its organisation gives it, ``LEFT`` of those that left.

    Who accepted an invitation and is not listed left again; handshakes are kept for 30 days.
    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForOrganization.html

    Args:
        nodes: of the inventory.
        organisation: the id of the organisation whose accounts are all listed, or empty.
    """
    listed = list(nodes)
    found = {
        str(node.props.get("account_id")): str(node.props["status"])
        for node in listed
        if "AWSAccount" in node.labels and node.props.get("status")
    }
    joined = (account for node in listed for account in _joined(node, organisation))
    left = {account: "LEFT" for account in joined if account not in found}
    return left | found


def _joined(node: Node, organisation: str) -> list[str]:
    """The account that accepted the organisation's invitation by a handshake."""
    props = node.props
    if not organisation or "Handshake" not in node.labels:
        return []
    if (props.get("action"), props.get("state")) != ("INVITE", "ACCEPTED"):
        return []
    if organisation.removeprefix("o-") not in _texts(props.get("organization_parties")):
        return []
    return _texts(props.get("account_parties"))


def _texts(value: object) -> list[str]:
    """Ids without the prefix that an organisation's has in some answers."""
    return [str(one).removeprefix("o-") for one in value] if isinstance(value, list) else []
