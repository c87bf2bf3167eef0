"""How the commands ``can`` and ``who-can`` run: options, answers, exit codes."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.verdict import Verdict
from mapper.errors import DONE, FAILED, FOUND
from mapper.options import Asked, F, split, words

if TYPE_CHECKING:
    from mapper.asking import Asker, Decided
    from mapper.given import Given
    from mapper.output.sheet import Sheet
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
    from mapper.output.permissions import verdict_sheet

    with asked.open() as session:
        asker = Asker(session, asked.say)
        account = _one_account(asked, session)
        found = asker.can(principal, action, resource, given, account)
        for note in sorted({one.note for one in found if one.note}):
            asked.say(f"Warning: {note}")
        rows = [asker.row("can", one, given) for one in found]
        coverage = asker.coverage(rows)
        answer = _answered(asked, session, "can", rows, coverage)
        sheet = verdict_sheet(
            answer,
            session.parties,
            every=_every(asked, session, "can", rows, coverage),
            words=(principal, action, resource),
            wanted=answer_verdicts(asked),
            whole=asked.verbose,
        )
        sheet = replace(sheet, notes=[*sheet.notes, *_ownerless(asker, found)])
        return _write(asked, session, answer, sheet, {"questions": len(rows)})


def answer_who_can(asked: Asked, action: str, resource: str, given: Given, root: bool) -> int:
    """``mapper who-can ACTION RESOURCE``."""
    from mapper.asking import Asker
    from mapper.errors import WrongUsageError
    from mapper.output.holders import holders_sheet, is_root_user

    if given.session_policies:
        raise WrongUsageError("--session-policy is of one principal's session: mapper can.")

    with asked.open() as session:
        asker = Asker(session, asked.say)
        found = asker.who_can(action, resource, given)
        rows = [asker.row("who-can", one, given, source) for source, one in found]
        _known_accounts(asked, session, rows)
        kept = [row for row in rows if root or not is_root_user(row)]
        coverage = asker.coverage(kept, session.snapshot.accounts)
        every = _every(asked, session, "who-can", rows, coverage)
        answer = _answered(asked, session, "who-can", kept, coverage)
        left_out = sum(is_root_user(row) for row in every.rows) * (not root)
        answer = replace(answer, left_out=left_out)
        sheet = holders_sheet(
            answer,
            session.parties,
            every=every,
            words=(action, resource),
            wanted=answer_verdicts(asked),
            whole=asked.verbose,
        )
        unowned = _ownerless(asker, (one for _, one in found))
        sheet = replace(sheet, notes=[*sheet.notes, *unowned])
        return _write(asked, session, answer, sheet, {})


def _one_account(asked: Asked, session: Session) -> str:
    ids = _known_accounts(asked, session)
    return ids[0] if len(ids) == 1 else ""


def _known_accounts(asked: Asked, session: Session, rows: Iterable[Row] = ()) -> list[str]:
    """The ids of ``--account``.

    Raises:
        WrongUsageError: the snapshot knows nothing of one.
    """
    from mapper.filtering import check_filters
    from mapper.options import account_id
    from queries.answers.answer import Filters

    ids = [account_id(text, session.config, session.snapshot) for text in asked.account]
    parties = session.parties
    named = {account for row in rows for account in row.accounts}
    strange = set(ids) - parties.collected - parties.organisation - named
    if strange:
        check_filters(session, Filters(accounts=tuple(sorted(strange))))
    return ids


def _answered(
    asked: Asked, session: Session, command: str, rows: Iterable[Row], coverage: Coverage
) -> Answered:
    from mapper.options import account_id
    from queries.answers.answer import Filters, answered

    filters = Filters(
        accounts=tuple(account_id(t, session.config, session.snapshot) for t in asked.account),
        verdicts=answer_verdicts(asked),
        no_assume=asked.no_assume,
    )
    today = datetime.datetime.now(datetime.UTC).date()
    return answered(command, rows, coverage, filters, session.config.accepted_on(today))


def _every(
    asked: Asked, session: Session, command: str, rows: Iterable[Row], coverage: Coverage
) -> Answered:
    """The answer without ``--verdict``, to tell what that hides."""
    return _answered(replace(asked, verdict=()), session, command, rows, coverage)


def _ownerless(asker: Asker, found: Iterable[Decided]) -> list[str]:
    """That an answer is unknown because nothing says whose the resource is."""
    resources = sorted(
        {
            one.request.resource
            for one in found
            if one.verdict is Verdict.UNKNOWN
            and one.request.resource != "*"
            and not asker.ends(one.request)[1]
        }
    )
    if not resources:
        return []
    more = f" and of {len(resources) - 1} more" if len(resources) > 1 else ""
    return [
        f"Nothing tells the owner of {resources[0]}{more}: --resource-account ID says who it is."
    ]


def _write(
    asked: Asked,
    session: Session,
    answer: Answered,
    sheet: Sheet,
    totals: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> int:
    """Write an answer in the format that was asked for; the exit code of ``--fail-on``.

    ``rows`` stand in for the answer's where there are others beside them.
    """
    from mapper.output.envelope import as_json, envelope
    from mapper.output.plain import as_csv, as_markdown
    from mapper.output.table import as_table, width_of
    from mapper.output.write import is_terminal, wants_colour, write_text
    from mapper.snapshots import snapshot_note

    listed = [row.as_json() for row in answer.rows] if rows is None else rows
    if asked.format == "json":
        whole = envelope(
            answer.command,
            asked.parameters,
            session.snapshot,
            listed,
            totals={**totals_of(answer), **totals},
            assumes=answer.assumes,
            coverage=answer.coverage,
        )
        text = as_json(whole)
    elif asked.format == "jsonl":
        text = "".join(map(json_line, listed))
    elif asked.format == "csv":
        names = list(dict.fromkeys(name for row in listed for name in row)) or ["key", "id"]
        text = as_csv(listed, names)
    else:
        closing = snapshot_note(session.snapshot, asked.what_if)
        notes = [*sheet.notes, *_unseen(answer.coverage, session), closing]
        sheet = replace(sheet, notes=notes)
        text = as_markdown(sheet)
        if asked.format == "table":
            screen = asked.output is None and is_terminal()
            text = as_table(sheet, colour=wants_colour(asked.output), width=width_of(screen))
    write_text(text, asked.output)
    return _exit_code(asked, answer)


def _unseen(coverage: Coverage, session: Session) -> list[str]:
    """What was not collected of what answers rest on."""
    from mapper.output.gaps import gap_notes

    notes = gap_notes(coverage, session.parties)
    return [note.replace("rows may be missing", "the answer may differ") for note in notes]


def answer_verdicts(asked: Asked) -> tuple[Verdict, ...]:
    """``--verdict``."""
    return tuple(Verdict(word) for word in asked.verdict)


def _exit_code(asked: Asked, answer: Answered) -> int:
    if asked.fail_on is not None and answer.as_strong_as(Verdict(asked.fail_on)):
        return FOUND
    return DONE


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON."""
    return json.dumps(row, ensure_ascii=True, default=str) + "\n"


def totals_of(answer: Answered) -> dict[str, Any]:
    """Counts of rows; ``verdict`` has ``no`` too."""
    totals = answer.totals
    refused = sum(row.verdict is Verdict.NO for row in answer.rows)
    return {**totals, "verdict": {**totals["verdict"], "no": refused}}


def answer_batch(asked: Asked, file: Path, given: Given) -> int:
    """``mapper can --batch FILE``: answers in the order of the lines."""
    from mapper.asking import Asker
    from mapper.batch import BrokenLine, answers, lines_of
    from mapper.output.permissions import batch_sheet
    from mapper.output.write import write_text
    from queries.answers.answer import Answered
    from queries.answers.coverage import Coverage

    with asked.open() as session:
        asker = Asker(session, asked.say)
        stream = asked.format == "jsonl" and asked.output is None
        rows: list[Row] = []
        listed: list[dict[str, Any]] = []
        broken = 0
        for one in answers(asker, lines_of(file), given):
            if isinstance(one, BrokenLine):
                broken += 1
                asked.say(f"Line {one.line}: {one.error}")
                listed.append(one.as_json())
            else:
                kept = _answered(asked, session, "can", [one], Coverage()).rows
                rows += kept
                listed += [row.as_json() for row in kept]
            if stream and listed:
                write_text("".join(map(json_line, listed)), None)
                listed.clear()
        answer = Answered("can", tuple(rows), asker.coverage(rows))
        code = _exit_code(asked, answer)
        if not stream:
            sheet = batch_sheet(answer, broken, whole=asked.verbose)
            _write(asked, session, answer, sheet, {"broken_lines": broken}, listed)
        return FAILED if broken else code


def answer_powers(asked: Asked, principal: str, given: Given, service: str | None) -> int:
    """``mapper can PRINCIPAL``."""
    from graph.iam.questions import what_can
    from mapper.asking import Asker
    from mapper.errors import WrongUsageError
    from mapper.output.powers import powers_sheet, service_sheet
    from mapper.powers import power_rows, power_totals, service_named

    wanted = service_named(service) if service is not None else None
    if given.context or given.absent or given.resource_account:
        raise WrongUsageError(
            "--context, --absent and --resource-account are of one question: add ACTION RESOURCE."
        )
    with asked.open() as session:
        asker = Asker(session, asked.say)
        one = asker.collected(principal, given, _one_account(asked, session))
        powers = what_can(asker.world, one)
        rows = power_rows(powers, wanted)
        answer = _answered(asked, session, "can", rows, asker.coverage(accounts=[one.account]))
        sheet = (
            service_sheet(powers, wanted) if wanted else powers_sheet(powers, whole=asked.verbose)
        )
        return _write(asked, session, answer, sheet, power_totals(powers))


def explain_answer(asked: Asked, words: Sequence[str], given: Given) -> int:
    """``mapper explain PRINCIPAL ACTION RESOURCE``."""
    from mapper.asking import Asker
    from mapper.deriving import derivation, derivation_json
    from mapper.output.derivation import derivation_text, quoted
    from mapper.output.envelope import as_json, envelope
    from mapper.output.table import width_of
    from mapper.output.write import is_terminal, wants_colour, write_text
    from mapper.snapshots import snapshot_note

    principal, action, resource = words
    with asked.open() as session:
        asker = Asker(session, asked.say)
        found = derivation(asker, principal, action, resource, given)
        if found.asked.note:
            asked.say(f"Warning: {found.asked.note}")
        if asked.format == "json":
            row = derivation_json(asker, found, given)
            made = envelope(
                "explain",
                asked.parameters,
                session.snapshot,
                [row],
                assumes=row["assumes"],
                coverage=asker.coverage([asker.row("can", found.asked, given)]),
            )
            write_text(as_json({**made, "row": None, "facts": []}), asked.output)
            return DONE
        text = derivation_text(
            found,
            session.snapshot,
            session.parties,
            colour=wants_colour(asked.output) and asked.format == "table",
            width=width_of(asked.output is None and is_terminal()),
            whole=asked.verbose,
            notes=[
                *_unseen(asker.coverage([asker.row("can", found.asked, given)]), session),
                snapshot_note(session.snapshot, asked.what_if),
            ],
        )
        write_text("".join(quoted(text)) if asked.format == "md" else text, asked.output)
    return DONE
