"""``mapper find``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mapper.options import Asked, asks

if TYPE_CHECKING:
    from mapper.finding import Found
    from mapper.session import Session
    from queries.answers.row import Row

MOST_ROWS = 50
"""Rows of a table; the other formats have them all."""


@click.command(
    name="find",
    epilog="Examples: mapper find 203.0.113.7; mapper find api.example.com; "
    "mapper find AKIAIOSFODNN7EXAMPLE; mapper find Owner=payments; mapper find i-0abc",
)
@click.argument("text")
@asks(filters=False)
def command(asked: Asked, text: str) -> int:
    """Whose is it, where does it stand, is it exposed?

    TEXT is an IP address, a host name or URL, an access key id, an ARN, an account id, a tag as
    KEY=VALUE, or any other text. Every field that was collected is looked at; addresses are also
    looked for in the ranges of VPCs and subnets, host names under wildcards, and access key ids
    among what was redacted. Nothing found does not mean that it is not there: the gaps are named.
    """
    from mapper.answering import write_sheet
    from mapper.finding import Finder
    from mapper.output.sheet import Column

    with asked.open() as session:
        found = Finder(session).find(text)
        write_sheet(
            asked,
            session.snapshot,
            "find",
            [row.as_json() for row in found.rows],
            title=_title(found),
            columns=(
                "Resource",
                Column("Type", least=110),
                "Account",
                "Region",
                Column("Where", most=70),
                Column("Exposed", "verdict"),
            ),
            cells=[_cells(row, session) for row in found.rows[:MOST_ROWS]],
            notes=_notes(found, session),
            totals={"places": sum(_places(row) for row in found.rows)},
            coverage=found.coverage,
        )
    return 0


def _title(found: Found) -> str:
    kind = str(found.needle.kind).replace("-", " ")
    how = "" if found.needle.kind == "text" else f" ({kind})"
    count = len(found.rows)
    where = "nowhere" if not count else "in 1 resource" if count == 1 else f"in {count} resources"
    return f"{found.needle.text}{how}: found {where}"


def _cells(row: Row, session: Session) -> list[str]:
    from mapper.finding import words_of
    from mapper.output.names import short_name

    named = session.parties.name(row.account_id)
    account = f"{named} {row.account_id}" if named else str(row.account_id or "")
    name = row.name or short_name(row.id)
    exposed = str(row.verdict) if row.own["judged"] else "not judged"
    return [name, str(row.resource_type or ""), account, str(row.region), words_of(row), exposed]


def _notes(found: Found, session: Session) -> list[str]:
    notes = list(found.notes)
    if len(found.rows) > MOST_ROWS:
        notes.append(f"{len(found.rows) - MOST_ROWS} more resources: --format csv has them all.")
    exposed = [row for row in found.rows if row.own["public"]]
    for row in exposed[:3]:
        keys = ", ".join(key[:8] for key in row.own["public"][:3])
        notes.append(f"{row.name or row.id}: {row.answer.why} (mapper explain {keys})")
    if not found.coverage.complete:
        count = len(found.coverage.missing)
        gaps = "1 gap" if count == 1 else f"{count} gaps"
        notes.append(f"What could not be read cannot be found: {gaps} (mapper coverage --missing).")
    return notes


def _places(row: Row) -> int:
    places: list[object] = row.own["places"]
    more: int = row.own["more_places"]
    return len(places) + more
