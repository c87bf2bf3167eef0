"""``mapper query``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mapper.completion import queries
from mapper.errors import WrongUsageError
from mapper.options import FOLDED, Asked, asks

if TYPE_CHECKING:
    import pandas

    from mapper.session import Session
    from queries.answers.coverage import Coverage


@click.command(
    name="query",
    epilog="Examples: mapper query --list; mapper query peerings -p cross_account=true; "
    'mapper query --cypher "MATCH (n:S3Bucket) RETURN n.id AS id"',
)
@click.argument("name", required=False, shell_complete=queries)
@click.option("--list", "listed", is_flag=True, help="List the queries of the library.")
@click.option("--cypher", metavar="TEXT", help="Cypher of your own; it may only read.")
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the query; lists are separated by commas.",
)
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Give up after so many seconds.")
@asks(filters=False, verbose=FOLDED)
def command(
    asked: Asked,
    name: str | None,
    listed: bool,
    cypher: str | None,
    params: tuple[str, ...],
    timeout: float | None,
) -> int:
    """Run a query of the library, or Cypher of your own.

    NAME is a query of 'mapper query --list'. Further queries are taken from the folders that
    query_paths in mapper.toml names.
    """
    if sum((name is not None, listed, cypher is not None)) != 1:
        raise WrongUsageError("Give one of: a query's NAME, --cypher TEXT, --list.")
    if listed:
        return _list(asked)
    from queries.runner import bind

    given = _params(params)
    with asked.open() as session:
        if name is not None:
            bind(session.library.get(name), given)
        session.timeout = timeout
        if name is not None:
            frame = session.frame(name, given)
            coverage = session.coverage(name)
        else:
            from queries.answers.coverage import Coverage
            from queries.runner import run_cypher

            frame = run_cypher(session.store, cypher or "", given, timeout)
            coverage = Coverage()
        _write(asked, session, name, frame, coverage)
        if cypher is not None and frame.empty:
            from mapper.schema_names import unknown_names

            for sentence in unknown_names(cypher):
                asked.say(sentence)
    return 0


def _params(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise WrongUsageError(f"-p {text!r}: write NAME=VALUE.")
        found[name] = value
    return found


def _list(asked: Asked) -> int:
    from mapper.answering import write_sheet
    from mapper.output.sheet import Column
    from queries.library import load_library

    library = load_library(asked.load_config().query_paths)
    more = ("Answers", "Parameters", "Needs", "Fix") if asked.verbose else ()
    rows: list[dict[str, Any]] = [
        {
            "name": query.name,
            "title": query.title,
            "answers": query.answers,
            "parameters": [p.name for p in query.parameters],
            "columns": list(query.columns),
            "severity": query.severity,
            "needs": list(query.needs),
            "fix": query.fix,
        }
        for query in library
    ]
    write_sheet(
        asked,
        None,
        "query",
        rows,
        title="The query library",
        columns=(Column("Name", "key"), Column("Severity", "severity"), "Title", *more),
        cells=[
            (
                r["name"],
                r["severity"].partition(":")[0],
                r["title"],
                *(_told(r[field.lower()]) for field in more),
            )
            for r in rows
        ],
        notes=[
            "Run one with: mapper query NAME. -v tells what each answers and needs, and its fix."
        ],
        layout="records" if asked.verbose else "table",
    )
    return 0


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _cell(title: str, value: Any) -> str:
    """A cell; guards by their kind, the words before the sentence."""
    from mapper.output.sheet import cell

    if title == "guards" and isinstance(value, list):
        value = list(dict.fromkeys(str(text).partition(": ")[0] for text in value))
    return cell(value)


def _write(
    asked: Asked,
    session: Session,
    name: str | None,
    frame: pandas.DataFrame,
    coverage: Coverage,
) -> None:
    from mapper.answering import write_sheet
    from mapper.output.gaps import gap_notes
    from queries.runner import records

    rows = records(frame)
    titles = [str(column) for column in frame.columns]
    write_sheet(
        asked,
        session.snapshot,
        "query",
        rows,
        title=session.library.get(name).title if name is not None else "",
        columns=titles,
        cells=[[_cell(title, row[title]) for title in titles] for row in rows],
        notes=[
            f"{len(rows)} row{'s' * (len(rows) != 1)}.",
            *gap_notes(coverage, session.parties, whole=asked.verbose),
        ],
        coverage=coverage,
        layout="fitting",
    )
