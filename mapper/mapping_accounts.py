"""``mapper map accounts``: whole accounts, and what one has of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mapper.account_links import account_links
from mapper.output.accounts_table import cell_of
from mapper.output.gaps import gap_notes
from mapper.output.names import short_name
from queries.answers.answer import Filters
from queries.answers.parties import Parties
from queries.runner import records
from viz.model import Category, Container, LinkKind, MapAccount, MapLink, MapModel, MapNode

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.row import Row

_OURS = ("own", "organisation", "collected")
_OWN = Container("own accounts", "Own accounts", "organisation")
_OUTSIDE = Container("outside accounts", "Outside", "outside")
_KINDS: Mapping[str, LinkKind] = {
    "trust": "assume",
    "data": "data",
    "network": "network",
    "management": "admin",
}
_TOLD = 40
"""Lines in an account's panel."""


def accounts_map(session: Session, filters: Filters) -> MapModel:
    """The map of ``mapper map accounts``: one's own accounts, those outside, and their links."""
    answer = account_links(session, filters)
    parties = session.parties
    parts = _parties(answer.rows, parties)
    for record in records(session.frame("accounts")):
        account, node_id = record["account_id"], record["id"]
        wanted = not filters.accounts or account in filters.accounts
        if account in {*parties.collected, *parties.organisation} and wanted:
            parts.setdefault(node_id, ("own", record["name"]))
    has: dict[str, list[Row]] = defaultdict(list)
    gives: dict[str, list[Row]] = defaultdict(list)
    for row in answer.rows:
        has[row.own["from"]].append(row)
        gives[row.own["to"]].append(row)
    own = sum(outside in _OURS for outside, _ in parts.values())
    return MapModel(
        title="What one account has of another",
        subtitle="an arrow starts at who gets the power, data or reach",
        generated=str(session.snapshot.manifest["finished"]),
        snapshot_id=session.snapshot.id,
        accounts=tuple(
            MapAccount(account, parties.name(account) or "")
            for account in session.snapshot.accounts
        ),
        nodes=tuple(
            _node(node_id, parts[node_id], has[node_id], gives[node_id], parties)
            for node_id in sorted(parts)
        ),
        links=tuple(map(_link, answer.rows)),
        notes=(
            "What everyone may use links no two accounts: mapper public.",
            *gap_notes(answer.coverage, parties),
        ),
        totals=(
            ("own accounts", own),
            ("outside", len(parts) - own),
            ("links", len(answer.rows)),
        ),
        all_links=True,
    )


def _parties(rows: Iterable[Row], parties: Parties) -> dict[str, tuple[str, str | None]]:
    """What both ends of every row are, and their names, by node id."""
    found: dict[str, tuple[str, str | None]] = {}
    for row in rows:
        found[row.own["from"]] = (row.own["outside"], row.own["from_name"])
        found[row.own["to"]] = (row.own["to_outside"], row.name)
    return found


def _node(
    node_id: str,
    part: tuple[str, str | None],
    has: Sequence[Row],
    gives: Sequence[Row],
    parties: Parties,
) -> MapNode:
    outside, name = part
    account = node_id.removeprefix("account:") if node_id.startswith("account:") else ""
    ours = outside in _OURS
    known = parties.name(account) or name
    shown = known or account or short_name(node_id)
    return MapNode(
        id=node_id,
        name=shown,
        kind=_kind(node_id, ours),
        category=_category(ours),
        account_id=account,
        account_name=known or "",
        parents=(_OWN if ours else _OUTSIDE,),
        subtitle=" ".join(filter(None, (account if shown != account else "", _word(outside)))),
        facts=tuple(_facts(has, gives)),
    )


def _category(ours: bool) -> Category:
    return "admin" if ours else "source"


def _kind(node_id: str, ours: bool) -> str:
    if node_id.startswith("account:"):
        return "Account" if ours else "Outside account"
    if node_id.startswith("network-group:"):
        return "Group of accounts"
    return "Organisation" if node_id.startswith("org:") else "Organisational unit"


def _word(outside: str) -> str:
    return "" if outside in _OURS else outside


def _facts(has: Sequence[Row], gives: Sequence[Row]) -> Iterable[tuple[str, str]]:
    """What the account has of others, and what others have of it."""
    for title, listed, end in (("Has of", has, "to"), ("Gives to", gives, "from")):
        lines = [f"{_name(row, end)}: {row.own['kind']} {cell_of(row)}" for row in listed[:_TOLD]]
        if len(listed) > _TOLD:
            lines.append(f"{len(listed) - _TOLD} more")
        if lines:
            yield title, "\n".join(lines)


def _name(row: Row, end: str) -> str:
    name = row.name if end == "to" else row.own["from_name"]
    return name or str(row.own[end]).removeprefix("account:")


def _link(row: Row) -> MapLink:
    own: Mapping[str, Any] = row.own
    return MapLink(
        source=own["from"],
        target=own["to"],
        relationship=f"LINKED_TO {own['kind']}",
        kind=_KINDS[own["kind"]],
        verdict=str(row.verdict),  # type: ignore[arg-type]
        label=cell_of(row),
        why=row.answer.why,
        evidence=(*row.answer.evidence, *own["examples"]),
    )
