"""Answers of ``can`` and ``who-can`` as tables."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.output.answers import SHOWN
from mapper.output.names import short_name
from mapper.output.sheet import Column, Sheet
from queries.answers.answer import unknown_causes

if TYPE_CHECKING:
    from queries.answers.answer import Answered
    from queries.answers.parties import Parties
    from queries.answers.row import Row

_ALWAYS_BELOW = 10_000
"""Places are long, and of no use when broken."""
_CHOSEN = "The caller chooses "
_GRANTING = ("identity", "resource_policy", "trust_policy", "key_grants")


def verdict_sheet(
    answer: Answered,
    parties: Parties,
    *,
    every: Answered,
    words: Sequence[str],
    wanted: Sequence[Verdict],
    whole: bool,
) -> Sheet:
    """Answers of ``can`` as a sheet; what all rows share stands in the title.

    Args:
        answer: the rows.
        every: the same before ``--verdict``.
        words: principal, action and resource as they were asked for.
        parties: for the accounts' names.
        wanted: verdicts that were asked for; none for the usual ones.
        whole: whole ARNs, and where each deciding statement stands.
    """
    rows = _shown(answer, wanted)
    varying = varying_words(rows)
    title, columns, cells = _question(rows, varying, parties, whole=whole)
    title = title or "  ".join(words)
    columns += [Column("Why"), Column("Under", least=90, most=48, below=True)]
    for line, row in zip(cells, rows, strict=True):
        line += [reason(row), under(row)]
    if whole:
        columns.append(Column("Stands in", least=_ALWAYS_BELOW, below=True))
        for line, row in zip(cells, rows, strict=True):
            line.append(place(row))
    notes = list(_left(every, rows))
    if len(rows) == 1 and not whole and (where := place(rows[0])):
        notes.append(f"Stands in {where}")
    notes += assumed(answer)
    if len(answer.rows) == 1:
        notes.append(f"Each layer: mapper explain {_again(words)}")
    return Sheet(title, columns, cells, notes)


def batch_sheet(answer: Answered, broken: int, *, whole: bool) -> Sheet:
    """Answers of ``can --batch`` as a sheet, in the order of the lines."""
    columns = (
        Column("Line", "key"),
        Column("Verdict", "verdict"),
        Column("Principal"),
        Column("Action"),
        Column("Resource"),
        Column("Why", least=100),
        Column("Under", least=140, most=44, below=True),
    )
    cells = [
        [
            str(row.own["line"]),
            str(row.verdict),
            named(row.own["principal"], whole=whole),
            row.own["action"],
            row.own["resource"],
            reason(row),
            under(row),
        ]
        for row in answer.rows
    ]
    counts: dict[str, int] = defaultdict(int)
    for row in answer.rows:
        counts[str(row.verdict)] += 1
    told = ", ".join(f"{counts[str(one)]} {one}" for one in Verdict if counts[str(one)])
    notes = [f"{len(answer.rows)} answers: {told or 'none'}."]
    if broken:
        notes.append(f"{broken} line{'s' * (broken != 1)} could not be read or answered.")
    return Sheet("", columns, cells, [*notes, *assumed(answer)])


def under(row: Row) -> str:
    """What must hold, and what the caller has to choose."""
    chosen = [
        text.removesuffix(".").replace("The caller chooses", "the caller chooses", 1)
        for text in row.answer.evidence
        if text.startswith(_CHOSEN)
    ]
    return ", ".join([*row.answer.conditions, *chosen])


def reason(row: Row) -> str:
    """Why, without repeating who: the statement that decided, or the layer that has none."""
    return "; but not: ".join([_reason(row), *_denied_parts(row)])


def _reason(row: Row) -> str:
    statement = deciding(row)
    if row.verdict is Verdict.UNKNOWN:
        return "What was not collected decides"
    if statement is None:
        who, why = str(row.own["principal"]), row.answer.why
        if row.verdict is not Verdict.NO:
            return f"{named(who)}{why[len(who) :]}" if why.startswith(who) else _sentence(why)
        return _sentence(why.removeprefix(who).lstrip(" :").removeprefix("is not allowed: "))
    verb = "Denied" if statement["effect"] == "Deny" else "Allowed"
    return f"{verb} by {_cited(statement)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cited(statement: Mapping[str, Any]) -> str:
    sid = f" ({statement['sid']})" if statement["sid"] else ""
    return f"{statement['policy']}, statement {statement['index']}{sid}"


def _denied_parts(row: Row) -> list[str]:
    """That Denies take a part of a pattern away."""
    if row.verdict is Verdict.NO:
        return []
    parts = [
        _cited(one) for one in row.own["statements"] if one["effect"] == "Deny" and one["partial"]
    ]
    if not parts:
        return []
    more = f" and {len(parts) - 1} more deny parts" if len(parts) > 1 else " denies a part"
    return [f"{parts[0]}{more}"]


def deciding(row: Row) -> Mapping[str, Any] | None:
    """The statement that decided; None where what decides is that there is none."""
    rows = row.own["statements"]
    if row.verdict is Verdict.NO:
        if not row.own["explicit"]:
            return None
        denies = [s for s in rows if s["effect"] == "Deny" and not s["partial"]]
        return next((s for s in denies if s["condition"] is None), None) or next(iter(denies), None)
    if row.verdict is Verdict.UNKNOWN:
        return None
    allows = [s for s in rows if s["effect"] == "Allow"]
    granting = [s for s in allows if s["layer"] in _GRANTING]
    granting.sort(key=lambda s: (s["condition"] is not None, s["layer"] != "trust_policy"))
    return next(iter(granting), None)


def place(row: Row) -> str:
    """Where the deciding statement stands in the snapshot; empty if there is none."""
    statement = deciding(row)
    return str(statement["place"] or "") if statement else ""


def _shown(answer: Answered, wanted: Sequence[Verdict]) -> list[Row]:
    """What a table lists: the single answer whatever it is, else what is not refused."""
    if wanted or len(answer.rows) == 1:
        return list(answer.rows)
    return [row for row in answer.rows if row.verdict in SHOWN]


def _left(answer: Answered, shown: Sequence[Row]) -> Iterable[str]:
    """What all the answers are, and what of them is not listed."""
    if len(answer.rows) == 1 and shown:
        return
    counts: dict[Verdict, int] = defaultdict(int)
    for row in answer.rows:
        counts[row.verdict] += 1
    told = ", ".join(f"{counts[one]} {one}" for one in Verdict if counts[one])
    yield f"{len(answer.rows)} questions: {told or 'no answer'}."
    if not any(row.verdict is Verdict.UNKNOWN for row in shown):
        for cause, count in unknown_causes(answer.rows):
            yield f"{count} unknown: {cause} (--verdict unknown lists them)."
    yes = [v for v in (Verdict.YES, Verdict.CONDITIONAL) if counts[v]]
    if yes and not any(row.verdict in yes for row in shown):
        told = " and ".join(f"{counts[one]} {one}" for one in yes)
        yield f"Not listed because of --verdict: {told}."
    if counts[Verdict.NO] and not any(row.verdict is Verdict.NO for row in shown):
        yield "--verdict no lists what is refused, with the layer that refuses it."


def assumed(answer: Answered) -> list[str]:
    """What was invisible and taken as absent, one sentence each."""
    return [
        f"Assumed absent because nobody could see it: {text} (--no-assume)."
        for text in answer.assumes
    ]


def varying_words(rows: Sequence[Row]) -> set[str]:
    """Which of principal, action and resource differ among rows."""
    return {
        name
        for name in ("principal", "action", "resource")
        if len({row.own[name] for row in rows}) > 1
    }


def _question(
    rows: Sequence[Row], varying: set[str], parties: Parties, *, whole: bool
) -> tuple[str, list[Column], list[list[str]]]:
    """The title of what rows share, and the first columns of what they do not."""
    if not rows:
        return "", [Column("Verdict", "verdict")], []
    own = rows[0].own
    parts = []
    if "principal" not in varying:
        account = parties.name(account_in(own["principal"])) or account_in(own["principal"])
        parts.append(own["principal"] if whole else _in(named(own["principal"]), account))
    parts += [own[name] for name in ("action", "resource") if name not in varying]
    columns = [Column("Verdict", "verdict")]
    columns += [Column(name.capitalize()) for name in ("principal", "action", "resource")
                if name in varying]  # fmt: skip
    cells = []
    for row in rows:
        line = [str(row.verdict)]
        if "principal" in varying:
            line.append(named(row.own["principal"], whole=whole))
        line += [row.own[name] for name in ("action", "resource") if name in varying]
        cells.append(line)
    return "  ".join(parts), columns, cells


def _in(name: str, account: str | None) -> str:
    return f"{name} in {account}" if account else name


def named(source: str, *, whole: bool = False) -> str:
    """A principal or source as a reader knows it."""
    if whole:
        return source
    account = source.removeprefix("account:")
    return f"anyone in account {account}" if account != source else short_name(source)


def account_in(source: str) -> str | None:
    """The account in an ARN; None where there is none."""
    parts = source.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else None


def _again(words: Sequence[str]) -> str:
    """The three words, for another command."""
    return " ".join(shlex.quote(word) for word in words)
