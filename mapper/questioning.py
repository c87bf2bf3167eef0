"""How the commands ``can``, ``who-can`` and ``explain PRINCIPAL ACTION RESOURCE`` run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.errors import DONE, FAILED
from mapper.options import Asked
from mapper.question_answers import (
    answer_verdicts,
    answered_by,
    every_verdict,
    exit_code,
    json_line,
    unseen_notes,
    write_answer,
)

if TYPE_CHECKING:
    from mapper.asking import Asker, Decided
    from mapper.given import Given
    from mapper.session import Session
    from queries.answers.row import Row


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
        answer = answered_by(asked, session, "can", rows, coverage)
        sheet = verdict_sheet(
            answer,
            session.parties,
            every=every_verdict(asked, session, "can", rows, coverage),
            words=(principal, action, resource),
            wanted=answer_verdicts(asked),
            whole=asked.verbose,
        )
        sheet = replace(sheet, notes=[*sheet.notes, *_ownerless(asker, found)])
        return write_answer(asked, session, answer, sheet, {"questions": len(rows)})


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
        every = every_verdict(asked, session, "who-can", rows, coverage)
        answer = answered_by(asked, session, "who-can", kept, coverage)
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
        return write_answer(asked, session, answer, sheet, {})


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
                kept = answered_by(asked, session, "can", [one], Coverage()).rows
                rows += kept
                listed += [row.as_json() for row in kept]
            if stream and listed:
                write_text("".join(map(json_line, listed)), None)
                listed.clear()
        answer = Answered("can", tuple(rows), asker.coverage(rows))
        code = exit_code(asked, answer)
        if not stream:
            sheet = batch_sheet(answer, broken, whole=asked.verbose)
            write_answer(asked, session, answer, sheet, {"broken_lines": broken}, listed)
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
        answer = answered_by(asked, session, "can", rows, asker.coverage(accounts=[one.account]))
        sheet = (
            service_sheet(powers, wanted) if wanted else powers_sheet(powers, whole=asked.verbose)
        )
        return write_answer(asked, session, answer, sheet, power_totals(powers))


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
                *unseen_notes(asker.coverage([asker.row("can", found.asked, given)]), session),
                snapshot_note(session.snapshot, asked.what_if),
            ],
        )
        write_text("".join(quoted(text)) if asked.format == "md" else text, asked.output)
    return DONE
