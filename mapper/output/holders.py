"""Answers of ``who-can`` as a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.output.answers import SHOWN
from mapper.output.permissions import account_in, assumed, named, reason, under, varying_words
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


def is_root_user(row: Row) -> bool:
    """Whether a row of ``who-can`` is of a root user."""
    return str(row.own["principal"]).endswith(":root")


def holders_sheet(
    answer: Answered,
    parties: Parties,
    *,
    every: Answered,
    words: Sequence[str],
    wanted: Sequence[Verdict],
    whole: bool,
) -> Sheet:
    """Answers of ``who-can`` as a sheet: sources outside first, many alike as one line.

    Args:
        answer: the rows.
        parties: for the accounts' names.
        every: the same before ``--verdict``, root users among them.
        words: action and resource as they were asked for.
        wanted: verdicts that were asked for; none for the usual ones.
        whole: whole ARNs, and a line for each.
    """
    chosen = tuple(wanted) or SHOWN
    rows = [row for row in answer.rows if row.verdict in chosen]
    rows.sort(key=lambda row: (row.own["principal"].startswith("arn:"), -row.verdict.rank))
    varying = varying_words(rows) - {"principal"}
    shared = [rows[0].own[name] for name in _WORDS if name not in varying] if rows else words
    columns = [Column("Verdict", "verdict"), Column("Principal"), Column("Account")]
    columns += [Column(name.capitalize()) for name in ("action", "resource") if name in varying]
    columns += [Column("Why"), Column("Under", least=90, most=48, below=True)]
    cells = []
    for group in _groups(rows, grouped=not whole):
        first = group[0]
        told = [first.own[name] for name in ("action", "resource") if name in varying]
        names = [named(one.own["principal"], whole=whole) for one in group]
        accounts = list(dict.fromkeys(_account(one, parties) for one in group))
        line = [str(first.verdict), _few(names), _few(accounts), *told, reason(first), under(first)]
        cells.append(line)
    cut = cells if whole else cells[:_SCREEN]
    notes = [*_counts(rows, every, listed=bool(answer.left_out == 0))]
    if len(cut) < len(cells):
        notes.append(f"{len(cells) - len(cut)} more lines: -v, --format csv, or --account.")
    if answer.left_out:
        notes += _root_users([row for row in every.rows if is_root_user(row)])
    return Sheet("  ".join(["Who can", *shared]), columns, cut, [*notes, *assumed(answer)])


def _counts(rows: Sequence[Row], every: Answered, *, listed: bool) -> Iterable[str]:
    """How many can, and who is not among the lines: unknown ones, those of other verdicts."""
    asked = [row for row in every.rows if listed or not is_root_user(row)]
    shown = Counter(row.verdict for row in rows)
    hidden = Counter(row.verdict for row in asked)
    hidden.subtract(shown)
    can = shown[Verdict.YES] + shown[Verdict.CONDITIONAL]
    if can:
        under_conditions = shown[Verdict.CONDITIONAL]
        tail = f", {under_conditions} of them under conditions" if under_conditions else ""
        yield f"{can} can{tail}."
    elif not asked:
        who = (
            "nobody outside, can."
            if len(every.rows) == 0
            else "nobody outside, can but root users."
        )
        yield f"Nobody that was collected, and {who}"
    elif not (hidden[Verdict.YES] or hidden[Verdict.CONDITIONAL]):
        unknown = sum(row.verdict is Verdict.UNKNOWN for row in asked)
        yield f"Nobody is known to be able to; whether {unknown} can is not known."
    if shown[Verdict.UNKNOWN] and can:
        yield f"Whether {shown[Verdict.UNKNOWN]} more can is not known."
    others = [one for one in (Verdict.YES, Verdict.CONDITIONAL) if hidden[one]]
    if others:
        told = " and ".join(f"{hidden[one]} {one}" for one in others)
        yield f"Not listed because of --verdict: {told}."
    if hidden[Verdict.UNKNOWN]:
        for cause, count in unknown_causes(asked):
            yield f"{count} more unknown: {cause} (--verdict unknown lists them)."


def _root_users(rows: Sequence[Row]) -> Iterable[str]:
    able = sum(row.verdict is not Verdict.UNKNOWN for row in rows)
    if able:
        yield (
            f"{able} root user{'s' * (able != 1)} can too (--root lists them): a root user has "
            "every right in its account that SCPs and resource policies leave it."
        )
    if unknown := len(rows) - able:
        yield (
            f"Of {unknown} root user{'s' * (unknown != 1)} it is not known either (--root lists "
            "them)."
        )


def _account(row: Row, parties: Parties) -> str:
    account = account_in(row.own["principal"])
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
