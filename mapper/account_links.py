"""``mapper trusts --accounts``: asked of a session, written in every format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mapper.answering import answer_text, exit_code
from mapper.errors import WrongUsageError
from mapper.naming import nearest
from mapper.output.accounts_table import matrix, sheet_of_links
from mapper.output.plain import as_csv, as_markdown
from mapper.output.table import as_table, width_of
from mapper.output.write import is_terminal, wants_colour, write_text
from mapper.snapshots import snapshot_note
from queries.answers.account_links import QUERIES, account_link_rows, chosen_links, link_names
from queries.answers.answer import answered

if TYPE_CHECKING:
    from mapper.options import Asked
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.chains_wanted import Wanted
    from queries.answers.row import Row


def account_links(session: Session, filters: Filters, wanted: Wanted | None = None) -> Answered:
    """What one account has of another.

    Raises:
        mapper.errors.WrongUsageError: ``wanted`` asks for what a summary cannot tell, or names an
            account that is not there.
    """
    from mapper.filtering import check_filters

    check_filters(session, filters)
    if filters.regions:
        raise WrongUsageError("--region does not go with --accounts: links are of whole accounts.")
    rows = account_link_rows(session.frame(*QUERIES), session.parties)
    if wanted is not None:
        rows = _chosen(session, rows, wanted)
    coverage = session.coverage(*QUERIES)
    return answered("trusts", rows, coverage, filters, session.accepted)


def _chosen(session: Session, rows: list[Row], wanted: Wanted) -> list[Row]:
    if wanted.unused or wanted.single_hop:
        option = "--unused" if wanted.unused else "--single-hop"
        raise WrongUsageError(f"{option} does not go with --accounts: links are sums, not chains.")
    parties = session.parties
    accounts = {*parties.collected, *parties.organisation, *parties.own, *parties.names}
    known = {name.casefold() for one in accounts for name in (one, parties.name(one)) if name}
    for row in rows:
        known |= link_names(row, "from", parties) | link_names(row, "to", parties)
    for option, asked in (("--from", wanted.starts), ("--to", wanted.ends)):
        for text in asked:
            if text.casefold() not in known:
                near = nearest(text, sorted(known), 3)
                hint = f" Did you mean {' or '.join(near)}?" if near else ""
                raise WrongUsageError(f"{option} {text!r}: nothing here has that name or id.{hint}")
    return chosen_links(rows, wanted, parties)


def write_links(asked: Asked, session: Session, answer: Answered) -> int:
    """Write the summary; the exit code of ``--fail-on``."""
    write_text(_text(asked, session, answer), asked.output)
    return exit_code(asked, answer)


def _text(asked: Asked, session: Session, answer: Answered) -> str:
    if asked.format == "json":
        return answer_text(asked, session, answer)
    if asked.format == "csv":
        return as_csv(*matrix(answer.rows))
    screen = asked.output is None and is_terminal()
    whole = asked.verbose or asked.format == "md"
    sheet = sheet_of_links(answer, session.parties, screen=screen, whole=whole)
    closing = snapshot_note(session.snapshot, asked.what_if)
    sheet = replace(sheet, notes=[*sheet.notes, closing])
    if asked.format == "md":
        return as_markdown(sheet)
    return as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))
