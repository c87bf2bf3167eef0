"""AWS accounts whose owner is publicly known: vendors and services of AWS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from graph.guards.data import data
from graph.records import Node


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account and its owner.

    Attributes:
        account_id: 12 digits.
        name: the vendor or service.
        kind: ``vendor`` or ``aws-service``.
        source: page that says so; the list's own where it names none.
        date: when that was read, ``YYYY-MM`` or ``YYYY-MM-DD``.
        origin: key of ``origins`` in the file, with address and licence of the list.
    """

    account_id: str
    name: str
    kind: str
    source: str
    date: str
    origin: str


@cache
def known_accounts() -> dict[str, KnownAccount]:
    """The packaged list, by account id."""
    rows = data("known-accounts.json")["accounts"]
    return {row["account_id"]: KnownAccount(**row) for row in rows}


def with_owner(node: Node) -> Node:
    """An outside account's node with its owner's name, where that is known."""
    if "ExternalAccount" not in node.labels:
        return node
    known = known_accounts().get(str(node.props.get("account_id")))
    if known is None:
        return node
    return replace(node, props=node.props | {"vendor": known.name, "vendor_kind": known.kind})
