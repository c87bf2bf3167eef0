"""How the commands ``can`` and ``who-can`` run: options, answers, exit codes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.verdict import Verdict
from mapper.errors import DONE, FOUND
from mapper.options import Asked, F, split, words

if TYPE_CHECKING:
    from mapper.asking import Given
    from mapper.session import Session
    from queries.answers.answer import Answered
    from queries.answers.coverage import Coverage
    from queries.answers.row import Row

VERDICTS = ("yes", "conditional", "dormant", "unknown", "no")
_GIVEN = (
    click.option(
        "--context",
        multiple=True,
        metavar="KEY=VALUE",
        help="A condition key of the request, e.g. aws:SourceIp=203.0.113.7; repeat for more.",
    ),
    click.option(
        "--absent",
        multiple=True,
        callback=split,
        metavar="KEY",
        help="A key that the request does not carry; 'all' for every key that is neither given "
        "with --context nor known from the snapshot.",
    ),
    click.option(
        "--resource-account",
        metavar="ID",
        default="",
        help="Owner of the resource, where neither its ARN nor the snapshot tells.",
    ),
    click.option(
        "--session-policy",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="A session policy (JSON) that limits the principal's session; repeat for more.",
    ),
)
_VERDICTS = (
    click.option(
        "--account",
        multiple=True,
        callback=split,
        metavar="ID",
        help="Only this account (id or name).",
    ),
    click.option(
        "--verdict",
        multiple=True,
        callback=words(VERDICTS),
        metavar="LIST",
        help=f"Exactly these verdicts: {', '.join(VERDICTS)}.",
    ),
    click.option(
        "--no-assume",
        is_flag=True,
        help="Answers that rest on layers nobody could see (SCPs and the like) become conditional.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(VERDICTS[:-1]),
        help="Exit 3 if an answer is at least this strong.",
    ),
)


def given_options(function: F) -> F:
    """``--context``, ``--absent``, ``--resource-account``, ``--session-policy``."""
    for option in reversed(_GIVEN):
        function = option(function)
    return function


def verdict_options(function: F) -> F:
    """``--account``, ``--verdict``, ``--no-assume``, ``--fail-on``."""
    for option in reversed(_VERDICTS):
        function = option(function)
    return function


def answer_can(asked: Asked, principal: str, action: str, resource: str, given: Given) -> int:
    """``mapper can PRINCIPAL ACTION RESOURCE``."""
    from mapper.asking import Asker

    with asked.open() as session:
        asker = Asker(session, asked.say)
        account = _one_account(asked, session)
        found = asker.can(principal, action, resource, given, account)
        rows = [asker.row("can", one, given) for one in found]
        answer = _answered(asked, session, "can", rows, asker.coverage(found))
        return _write(asked, session, answer, len(rows))


def answer_who_can(asked: Asked, action: str, resource: str, given: Given, root: bool) -> int:
    """``mapper who-can ACTION RESOURCE``."""
    from mapper.asking import Asker

    with asked.open() as session:
        asker = Asker(session, asked.say)
        found = asker.who_can(action, resource, given)
        kept = [pair for pair in found if root or not pair[0].endswith(":root")]
        rows = [asker.row("who-can", one, given, source) for source, one in kept]
        coverage = asker.coverage([one for _, one in found], session.snapshot.accounts)
        answer = _answered(asked, session, "who-can", rows, coverage)
        answer = replace(answer, left_out=len(found) - len(kept))
        return _write(asked, session, answer, len(rows))


def _one_account(asked: Asked, session: Session) -> str:
    from mapper.options import account_id

    ids = [account_id(text, session.config, session.snapshot) for text in asked.account]
    return ids[0] if len(ids) == 1 else ""


def _answered(
    asked: Asked, session: Session, command: str, rows: Iterable[Row], coverage: Coverage
) -> Answered:
    from mapper.options import account_id
    from queries.answers.answer import Filters, answered

    filters = Filters(
        accounts=tuple(account_id(t, session.config, session.snapshot) for t in asked.account),
        verdicts=tuple(Verdict(word) for word in asked.verdict),
        no_assume=asked.no_assume,
    )
    today = datetime.datetime.now(datetime.UTC).date()
    return answered(command, rows, coverage, filters, session.config.accepted_on(today))


def _write(asked: Asked, session: Session, answer: Answered, questions: int) -> int:
    """Write the answers in the format that was asked for."""
    from mapper.output.envelope import as_json, envelope
    from mapper.output.permissions import verdict_sheet
    from mapper.output.plain import as_csv, as_markdown
    from mapper.output.table import as_table, width_of
    from mapper.output.write import is_terminal, wants_colour, write_text

    rows = [row.as_json() for row in answer.rows]
    if asked.format in ("json", "jsonl"):
        whole = envelope(
            answer.command,
            asked.parameters,
            session.snapshot,
            rows,
            totals=totals_of(answer, questions),
            assumes=answer.assumes,
            coverage=answer.coverage,
        )
        text = as_json(whole) if asked.format == "json" else _lines(rows)
    elif asked.format == "csv":
        names = list(dict.fromkeys(name for row in rows for name in row)) or ["key", "id"]
        text = as_csv(rows, names)
    else:
        screen = asked.output is None and is_terminal()
        sheet = verdict_sheet(answer, session.parties, questions, whole=asked.verbose)
        text = as_markdown(sheet)
        if asked.format == "table":
            text = as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))
    write_text(text, asked.output)
    if asked.fail_on is not None and answer.as_strong_as(Verdict(asked.fail_on)):
        return FOUND
    return DONE


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    import json

    return "".join(json.dumps(row, default=str) + "\n" for row in rows)


def totals_of(answer: Answered, questions: int) -> dict[str, Any]:
    """Counts; ``verdict`` has ``no`` too, ``questions`` is how many requests were decided."""
    totals = answer.totals
    refused = sum(row.verdict is Verdict.NO for row in answer.rows)
    return {
        **totals,
        "verdict": {**totals["verdict"], "no": refused},
        "questions": questions,
    }


def answer_batch(asked: Asked, file: Path, given: Given) -> int:
    """``mapper can --batch FILE``."""
    raise NotImplementedError


def answer_powers(asked: Asked, principal: str, given: Given, service: str | None) -> int:
    """``mapper can PRINCIPAL``."""
    raise NotImplementedError
