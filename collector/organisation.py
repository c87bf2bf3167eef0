"""The accounts of the caller's organisation."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from collector.asking import Ask
from collector.declare import Call, ListCall, Paginator
from collector.live import LiveTransport
from collector.outcome import CallError
from collector.request import CollectError, LeftOut

_ACCOUNTS = ListCall(operation="list_accounts", result="Accounts", paging=Paginator(20))
_ORGANISATION = Call(operation="describe_organization")


def members(
    transport: LiveTransport, account_id: str, home: str, who: str, wanted: Iterable[str]
) -> list[Mapping[str, Any]]:
    """The accounts of the organisation, as AWS lists them.

    Args:
        transport: asks.
        account_id, home: in whose name, and where.
        who: the ARN that asks, for messages.
        wanted: ids or names to restrict to; none for all.

    Raises:
        CollectError: they cannot be listed, or a name is unknown or has several meanings.
    """
    remedy = (
        "Use credentials of the management account or of a delegated administrator, or leave out "
        "--org."
    )
    ask = Ask(account_id, home, "global", "organizations", _ACCOUNTS, {})
    try:
        rows = [row for page in transport.pages(ask) for row in page.get("Accounts", ())]
    except CallError as problem:
        raise CollectError(
            f"The organisation's accounts cannot be listed ({problem.outcome.words}). {remedy}"
        ) from problem
    if not rows:
        raise CollectError(f"The organisation lists no account to {who}. {remedy}")
    rows = _once_each(rows)
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(str(row.get("Id", "")), []).append(row)
        by_name.setdefault(str(row.get("Name", "")), []).append(row)
    chosen = {}
    for name in wanted:
        found = by_name.get(name, [])
        if not found:
            near = difflib.get_close_matches(name, sorted(by_name), 3, 0.5)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise CollectError(f"The organisation has no account {name!r}.{hint}", exit_code=2)
        if len(found) > 1:
            ids = ", ".join(sorted(str(row.get("Id", "")) for row in found))
            raise CollectError(f"Several accounts are named {name!r}: give the id ({ids}).", 2)
        chosen[str(found[0].get("Id", ""))] = found[0]
    return list(chosen.values()) or rows


def _once_each(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row for each id; those without one, all."""
    known = set()
    kept = []
    for row in rows:
        account_id = str(row.get("Id", ""))
        if not account_id or account_id not in known:
            kept.append(row)
        known.add(account_id)
    return kept


def management_named(
    transport: LiveTransport, account_id: str, home: str, left_out: list[LeftOut]
) -> list[LeftOut]:
    """Say of the management account why it may have no role."""
    if not any(account.asked for account in left_out):
        return left_out
    ask = Ask(account_id, home, "global", "organizations", _ORGANISATION, {})
    try:
        (answer,) = transport.pages(ask)
    except CallError:
        return left_out
    management = (answer.get("Organization") or {}).get("MasterAccountId")
    hint = (
        ". It is the management account, in which AWS makes no such role: collect it with "
        "credentials of its own, or make one"
    )
    return [
        replace(account, reason=account.reason + hint)
        if account.account_id == management and account.asked
        else account
        for account in left_out
    ]
