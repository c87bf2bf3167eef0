"""Answers of ``can`` and ``who-can`` as tables."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.output.answers import SHOWN, short_name
from mapper.output.sheet import Column, Sheet
from queries.answers.answer import unknown_causes

if TYPE_CHECKING:
    from queries.answers.answer import Answered
    from queries.answers.parties import Parties
    from queries.answers.row import Row

GROUPED = 20
"""More principals than this with one answer are one line."""
_SAME_AS_EVERYONE = 3
"""The same of those who get no more than everyone does."""
_NAMED = 3
_WORDS = ("action", "resource")
_SCREEN = 200
_RESOURCE_SIDE = ("resource_policy", "trust_policy")


def verdict_sheet(
    answer: Answered,
    parties: Parties,
    *,
    words: Sequence[str],
    wanted: Sequence[Verdict],
    whole: bool,
) -> Sheet:
    """Answers of ``can`` as a sheet; what all rows share stands in the title.

    Args:
        answer: the rows.
        words: principal, action and resource as they were asked for.
        parties: for the accounts' names.
        wanted: verdicts that were asked for; none for the usual ones.
        whole: whole ARNs, and where each deciding statement stands.
    """
    rows = _shown(answer, wanted)
    varying = _varying(rows)
    title, columns, cells = _question(rows, varying, parties, whole=whole)
    columns += [Column("Why"), Column("Under", least=90, most=48)]
    for line, row in zip(cells, rows, strict=True):
        line += [reason(row), ", ".join(row.answer.conditions)]
    if whole:
        columns.append(Column("Stands in"))
        for line, row in zip(cells, rows, strict=True):
            line.append(place(row))
    notes = list(_left(answer, rows))
    if len(rows) == 1 and not whole and (where := place(rows[0])):
        notes.append(f"Stands in {where}")
    notes += _assumed(answer)
    if len(answer.rows) == 1:
        notes.append(f"Each layer: mapper explain {_again(words)}")
    return Sheet(title, columns, cells, notes)


def holders_sheet(
    answer: Answered, parties: Parties, *, wanted: Sequence[Verdict], whole: bool
) -> Sheet:
    """Answers of ``who-can`` as a sheet: sources outside first, many alike as one line."""
    chosen = tuple(wanted) or SHOWN
    rows = [row for row in answer.rows if row.verdict in chosen]
    rows.sort(key=lambda row: (row.own["principal"].startswith("arn:"), -row.verdict.rank))
    varying = _varying(rows) - {"principal"}
    shared = [rows[0].own[name] for name in _WORDS if rows and name not in varying]
    columns = [Column("Verdict", "verdict"), Column("Principal"), Column("Account")]
    columns += [Column(name.capitalize()) for name in ("action", "resource") if name in varying]
    columns += [Column("Why"), Column("Under", least=90, most=48)]
    cells = []
    for group in _groups(rows, grouped=not whole):
        first = group[0]
        words = [first.own[name] for name in ("action", "resource") if name in varying]
        names = [named(one.own["principal"], whole=whole) for one in group]
        accounts = list(dict.fromkeys(_account(one, parties) for one in group))
        cells.append(
            [
                str(first.verdict),
                _few(names),
                _few(accounts),
                *words,
                reason(first),
                ", ".join(first.answer.conditions),
            ]
        )
    cut = cells if whole else cells[:_SCREEN]
    notes = [f"{len(rows)} can." if rows else "Nobody that was collected, and nobody outside, can."]
    if len(cut) < len(cells):
        notes.append(f"{len(cells) - len(cut)} more lines: -v, --format csv, or --account.")
    if Verdict.UNKNOWN not in chosen:
        notes += [
            f"{count} more unknown: {cause} (--verdict unknown lists them)."
            for cause, count in unknown_causes(answer.rows)
        ]
    if answer.left_out:
        notes.append(
            f"{answer.left_out} root user{'s' * (answer.left_out != 1)} can too (--root lists "
            "them): a root user has every right in its account that SCPs and resource policies "
            "leave it."
        )
    return Sheet("  ".join(["Who can", *shared]), columns, cut, [*notes, *_assumed(answer)])


def batch_sheet(answer: Answered, broken: int, *, whole: bool) -> Sheet:
    """Answers of ``can --batch`` as a sheet, in the order of the lines."""
    columns = (
        Column("Line", "key"),
        Column("Verdict", "verdict"),
        Column("Principal"),
        Column("Action"),
        Column("Resource"),
        Column("Why", least=100),
        Column("Under", least=140, most=44),
    )
    cells = [
        [
            str(row.own["line"]),
            str(row.verdict),
            named(row.own["principal"], whole=whole),
            row.own["action"],
            row.own["resource"],
            reason(row),
            ", ".join(row.answer.conditions),
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
    return Sheet("", columns, cells, [*notes, *_assumed(answer)])


def reason(row: Row) -> str:
    """Why, without repeating who: the statement that decided, or the layer that has none."""
    statement = deciding(row)
    if row.verdict is Verdict.UNKNOWN:
        return "What was not collected decides"
    if statement is None:
        why = row.answer.why.removeprefix(str(row.own["principal"])).lstrip(" :")
        why = why.removeprefix("is not allowed: ")
        return why[:1].upper() + why[1:]
    verb = "Denied" if statement["effect"] == "Deny" else "Allowed"
    sid = f" ({statement['sid']})" if statement["sid"] else ""
    return f"{verb} by {statement['policy']}, statement {statement['index']}{sid}"


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
    granting = [s for s in allows if s["layer"] in ("identity", *_RESOURCE_SIDE)]
    granting.sort(key=lambda s: (s["condition"] is not None, s["layer"] != "trust_policy"))
    return next(iter(granting or allows), None)


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
    if len(answer.rows) == 1:
        return
    counts: dict[Verdict, int] = defaultdict(int)
    for row in answer.rows:
        counts[row.verdict] += 1
    told = ", ".join(f"{counts[one]} {one}" for one in Verdict if counts[one])
    yield f"{len(answer.rows)} questions: {told or 'no answer'}."
    if not any(row.verdict is Verdict.UNKNOWN for row in shown):
        for cause, count in unknown_causes(answer.rows):
            yield f"{count} unknown: {cause} (--verdict unknown lists them)."
    if counts[Verdict.NO] and not any(row.verdict is Verdict.NO for row in shown):
        yield "--verdict no lists what is refused, with the layer that refuses it."


def _assumed(answer: Answered) -> list[str]:
    return [
        f"Assumed absent because nobody could see it: {text} (--no-assume)."
        for text in answer.assumes
    ]


def _varying(rows: Sequence[Row]) -> set[str]:
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
        account = parties.name(_account_in(own["principal"])) or _account_in(own["principal"])
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


def _account_in(source: str) -> str | None:
    parts = source.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else None


def _account(row: Row, parties: Parties) -> str:
    account = _account_in(row.own["principal"])
    return parties.name(account) or account or ""


def _groups(rows: Sequence[Row], *, grouped: bool) -> list[list[Row]]:
    """Rows that differ in their principal alone, where they are more than :data:`GROUPED`."""
    everyone = {
        (row.own["action"], row.own["resource"], reason(row))
        for row in rows
        if row.own["principal"] in ("internet", "any-aws-principal")
    }
    alike: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        inside = row.own["principal"].startswith("arn:")
        key = (row.verdict, row.own["action"], row.own["resource"], inside, reason(row),
               row.answer.conditions)  # fmt: skip
        alike[key].append(row)
    found = []
    for key, group in alike.items():
        most = _SAME_AS_EVERYONE if (key[1], key[2], key[4]) in everyone else GROUPED
        found += [group] if grouped and len(group) > most else [[row] for row in group]
    return found


def _few(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def _again(words: Sequence[str]) -> str:
    """The three words, for another command."""
    return " ".join(shlex.quote(word) for word in words)
