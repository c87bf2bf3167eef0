"""``mapper public --near``: what is closed by one lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mapper.filtering import check_filters
from queries.answers.answer import Answered, Filters, answered
from queries.answers.coverage import not_evaluated
from queries.answers.near import near_rows
from queries.answers.public import QUERIES

if TYPE_CHECKING:
    from graph.judgement import Judgement
    from mapper.session import Session
    from queries.answers.row import Row


def decoys(session: Session) -> list[Row]:
    """Everything that is judged ``no`` from a source that ``public`` shows unasked."""
    derivation = session.derivation
    return near_rows(
        derivation.judgements,
        {node.id: node for node in derivation.nodes},
        (row.key for row in session.public_rows),
        session.parties,
        session.admin_behind,
        _Never(session),
    )


def near_answer(session: Session, filters: Filters, *, every: bool) -> Answered:
    """The decoys as an answer.

    Args:
        session: for the judgements.
        filters: accounts, regions, sources, types, and ports that would be open.
        every: also those that several locks hold.

    Raises:
        WrongUsageError: a filter that nothing could match.
    """
    check_filters(session, filters)
    rows = _by_port(decoys(session), filters)
    plain = replace(filters, ports=(), verdicts=())
    made = answered("public", rows, session.coverage(*QUERIES), plain)
    wanted = {row.key for row in made.rows}
    kept = [row for row in rows if row.key in wanted]
    shown = tuple(row for row in kept if every or row.own["only_one"])
    return replace(
        made,
        rows=shown,
        not_evaluated=not_evaluated("public"),
        left_out=len(kept) - len(shown),
        near=True,
    )


def _by_port(rows: Sequence[Row], filters: Filters) -> list[Row]:
    """Rows that would open one of the ports, or of which that is not known."""
    from queries.ports import overlaps, spelled

    wanted = [port for text in filters.ports for port in spelled(text)]
    if not wanted:
        return list(rows)
    return [
        row
        for row in rows
        if row.own["family"]
        and (
            not row.own["if_open"]["ports"]
            or any(overlaps(port, wanted) for port in row.own["if_open"]["ports"])
        )
    ]


class _Never:
    """Whether AWS keeps an interface shut for good: no lock of the customer's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, judgement: Judgement) -> bool:
        from graph.network.internet import never_inbound

        world = self._session.network
        return any(
            bool(never_inbound(world, world.interfaces[passed]))
            for passed in judgement.via
            if passed in world.interfaces
        )
