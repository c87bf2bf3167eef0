"""What stands behind a row of ``mapper trusts --accounts``: each link, and how it was judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mapper.output.accounts_table import cell_of
from mapper.output.names import SHORT_KEY
from queries.answers.account_links import QUERIES, account_link_rows

if TYPE_CHECKING:
    from graph.derivation.account_configured import Link
    from graph.derive import Derivation
    from graph.judgement import Judgement
    from mapper.session import Session
    from queries.answers.row import Row


def account_rows(session: Session) -> list[Row]:
    """Every row of ``mapper trusts --accounts``."""
    return account_link_rows(session.frame(*QUERIES), session.parties)


def links_of(session: Session, derivation: Derivation, row: Row) -> list[Link]:
    """What a row sums up, the strongest first."""
    from graph.derivation.account_links import links_behind
    from graph.iam.from_snapshot import from_snapshot

    accounts = from_snapshot(session.snapshot).accounts.values()
    return links_behind(
        (row.own["from"], row.own["to"], row.own["kind"]),
        {node.id: node for node in derivation.nodes},
        derivation.relationships,
        derivation.judgements,
        session.snapshot.accounts,
        {one.id: one.organization for one in accounts if one.organization},
    )


def judgements_of(derivation: Derivation, links: Iterable[Link]) -> tuple[Judgement, ...]:
    """The judgements that links rest on, in the links' order."""
    order = {link.between: place for place, link in reversed(list(enumerate(links)))}
    found = [
        (order[one.source, one.target], one)
        for one in derivation.judgements
        if (one.source, one.target) in order
    ]
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def title_of(row: Row) -> str:
    """Which account has what of which."""
    start = row.own["from_name"] or row.own["from"]
    end = row.name or row.id
    return f"{row.key[:SHORT_KEY]}: {row.own['kind']} that {start} has of {end}, {cell_of(row)}"


def facts_of(rows: Iterable[Row], row: Row, links: Iterable[Link]) -> tuple[str, ...]:
    """A sentence for each link, and the keys of what else is between the same two accounts."""
    told = [f"{link.answer.verdict}: {link.thing}: {link.answer.why}" for link in links]
    ends = (row.own["from"], row.own["to"])
    others = [
        f"{one.own['kind']} {one.key[:SHORT_KEY]} ({cell_of(one)})"
        for one in rows
        if (one.own["from"], one.own["to"]) == ends and one.key != row.key
    ]
    return (*told, *((f"Between the same two: {', '.join(others)}.",) if others else ()))
