"""Rows of ``mapper trusts --accounts``: what one account has of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from queries.answers.chains_wanted import OURS, Wanted
from queries.answers.parties import Parties, account_of
from queries.answers.row import Row, distinct, row_key, step_answer
from queries.runner import records

if TYPE_CHECKING:
    import pandas

QUERIES = ("account-links",)
KINDS = ("trust", "data", "network", "management")
"""The columns, in the order in which a reader asks."""


def account_link_rows(frame: pandas.DataFrame, parties: Parties) -> list[Row]:
    """A row for each kind of link from one account to another.

    Args:
        frame: the frame of ``account-links``.
        parties: who the accounts are.
    """
    rows = [_row(record, parties) for record in records(frame)]
    return sorted(rows, key=lambda row: (row.own["from"], row.id, row.own["kind"]))


def _row(record: Mapping[str, Any], parties: Parties) -> Row:
    start, end, kind = record["from_id"], record["to_id"], record["kind"]
    given, owner = _account(start), _account(end)
    outside, vendor = _class(start, record["from_labels"], owner, parties)
    to_outside, to_vendor = _class(end, record["to_labels"], given, parties)
    answer = step_answer(
        record["verdict"],
        record["why"],
        record["conditions"],
        record["guards"],
        record["assumes"],
        record["evidence"],
    )
    return Row(
        key=row_key("accounts", end, start, kind, end),
        id=end,
        name=parties.name(owner) or record["to_name"],
        resource_type="AWS::Organizations::Account" if owner else None,
        account_id=owner,
        region=None,
        answer=answer,
        own={
            "from": start,
            "from_name": parties.name(given) or record["from_name"],
            "to": end,
            "kind": kind,
            "mechanism": kind,
            "hops": [{"id": end, "type": "LINKED_TO"}],
            "outside": outside,
            "vendor": vendor,
            "to_outside": to_outside,
            "to_vendor": to_vendor,
            "ends_in": end,
            "count": int(record["count"]),
            "definite_count": int(record["definite_count"]),
            "possible_count": int(record["possible_count"]),
            "examples": list(record["examples"]),
        },
        accounts=distinct([given, owner]),
    )


def _account(node_id: str) -> str | None:
    """An account's own node; an organisation or a group of accounts is none."""
    return account_of(node_id, None) if node_id.startswith("account:") else None


def _class(
    node_id: str, labels: Iterable[str], home: str | None, parties: Parties
) -> tuple[str, str | None]:
    """What a party is, seen from the account at the other end; groups hold collected accounts."""
    if "NetworkGroup" in labels:
        return "collected", None
    if "OrganizationalUnit" in labels:
        organisation = node_id.partition(":ou/")[2].partition("/")[0]
        return ("organisation" if organisation in parties.organisation_ids else "unknown"), None
    return parties.classify_source(node_id, labels, _account(node_id), home)


def chosen_links(rows: Iterable[Row], wanted: Wanted, parties: Parties) -> list[Row]:
    """The rows that are wanted: of ``--external`` and ``--vendors`` either end counts."""
    starts = {text.casefold() for text in wanted.starts}
    ends = {text.casefold() for text in wanted.ends}
    return [
        row
        for row in rows
        if not (wanted.external and {row.own["outside"], row.own["to_outside"]} <= set(OURS))
        and not (wanted.vendors and not row.own["vendor"] and not row.own["to_vendor"])
        and (not starts or not starts.isdisjoint(link_names(row, "from", parties)))
        and (not ends or not ends.isdisjoint(link_names(row, "to", parties)))
    ]


def link_names(row: Row, end: str, parties: Parties) -> set[str]:
    """What the account at one end (``from`` or ``to``) may be called, in lower case."""
    node = str(row.own[end])
    account = _account(node)
    vendor = row.own["vendor" if end == "from" else "to_vendor"]
    names = (node, account, parties.name(account), vendor)
    return {name.casefold() for name in names if name}
