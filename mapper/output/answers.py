"""Answers of ``public``, ``trusts`` and ``admins`` as tables that a reader takes in at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.output import admins, public, trusts
from mapper.output.gaps import gap_notes
from mapper.output.names import (
    SHORT_KEY,
    account_name,
    bare_name,
    place_words,
    short_ids,
    thing_words,
)
from mapper.output.public import under
from mapper.output.sheet import Column, Sheet
from mapper.output.words import counted
from queries.answers.admins import MACHINES
from queries.answers.answer import Answered, dormant_causes, unknown_causes
from queries.answers.row import Row

if TYPE_CHECKING:
    from queries.answers.parties import Parties

SHOWN = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT)
SCREEN = 200
"""Rows that a terminal is given at most; files and pipes get all."""
_LONG = 160
"""Characters up to which what is not evaluated is named without -v."""
_CAUSES = 6
"""Causes of unknown rows that are named one by one."""
_HEAD = (
    Column("Key", "key"),
    Column("Severity", "severity", least=90),
    Column("Verdict", "verdict"),
)
_TITLES = {
    "paths": "Attack paths",
    "blast": "What follows from control of it",
    "toxic": "Toxic combinations: exposed machine, role and what it leads to",
    "choke": "The few changes that cut most paths",
}


def sheet_of(
    answer: Answered,
    parties: Parties,
    *,
    verdicts: Sequence[Verdict] = (),
    screen: bool = False,
    whole: bool = True,
) -> Sheet:
    """An answer as a sheet.

    Args:
        answer: rows, most severe first.
        parties: for the accounts' names.
        verdicts: those that were asked for; none for yes, conditional and dormant.
        screen: a terminal reads it: cut after :data:`SCREEN` rows, saying so.
        whole: whether the notes name all that was not seen; else they count what is long.
    """
    if answer.command == "public":
        return _public_sheet(answer, parties, verdicts, screen=screen, whole=whole)
    if answer.command == "trusts":
        return _trusts_sheet(answer, parties, verdicts, screen=screen, whole=whole)
    if answer.command == "admins":
        return _admins_sheet(answer, parties, verdicts, screen=screen, whole=whole)
    kind = _kind(answer)
    wanted = tuple(verdicts) or SHOWN
    rows = [row for row in answer.rows if row.verdict in wanted and row.accepted is None]
    cut = rows[:SCREEN] if screen else rows
    columns, cells = _LAYOUTS[kind]
    texts = [(*_head(row), *cells(row, parties)) for row in cut]
    notes = [_count(rows, answer), *answer.remarks, *_left(rows, cut), *_folded(answer, wanted)]
    notes.extend(_not_evaluated(answer, whole=whole))
    notes.extend(gap_notes(answer.coverage, parties, whole=whole))
    return Sheet(_TITLES[kind], (*_HEAD, *columns), texts, notes)


def _kind(answer: Answered) -> str:
    """The layout of an answer's rows."""
    for kind, field in (("choke", "cuts"), ("toxic", "score")):
        if any(field in row.own for row in answer.rows):
            return kind
    return answer.command


def _public_sheet(
    answer: Answered, parties: Parties, verdicts: Sequence[Verdict], *, screen: bool, whole: bool
) -> Sheet:
    """What is open, what changed, or what one lock holds: they differ in columns and notes."""
    title, columns, cells = _PUBLIC["since" if answer.compared else "near" if answer.near else ""]
    wanted = tuple(verdicts) or SHOWN
    every = answer.compared or answer.near
    rows = [r for r in answer.rows if (every or r.verdict in wanted) and r.accepted is None]
    lines = public.lines_of(rows, alike=screen)
    cut = lines[:SCREEN] if screen else lines
    notes = [_count(rows, answer, len(lines)), *_left(lines, cut), *_folded(answer, wanted)]
    notes.extend(_not_evaluated(answer, whole=whole))
    notes.extend(gap_notes(answer.coverage, parties, whole=whole))
    return Sheet(title, columns, [cells(line, parties) for line in cut], notes)


def _trusts_sheet(
    answer: Answered, parties: Parties, verdicts: Sequence[Verdict], *, screen: bool, whole: bool
) -> Sheet:
    """Chains and shares, those that are alike on one line."""
    wanted = tuple(verdicts) or SHOWN
    rows = [row for row in answer.rows if row.verdict in wanted and row.accepted is None]
    lines = trusts.lines_of(rows)
    cut = lines[:SCREEN] if screen else lines
    notes = [_count(rows, answer, len(lines)), *trusts.of_everyone(rows), *_left(lines, cut)]
    notes.extend(_folded(answer, wanted))
    notes.extend(_not_evaluated(answer, whole=whole))
    notes.extend(gap_notes(answer.coverage, parties, whole=whole))
    cells = [trusts.cells(line, parties) for line in cut]
    return Sheet("Trust and sharing across accounts", trusts.COLUMNS, cells, notes)


def _admins_sheet(
    answer: Answered, parties: Parties, verdicts: Sequence[Verdict], *, screen: bool, whole: bool
) -> Sheet:
    """Who reaches admin, ways that are alike on one line; or machines and workloads that do."""
    wanted = tuple(verdicts) or SHOWN
    rows = [row for row in answer.rows if row.verdict in wanted and row.accepted is None]
    columns: Sequence[Column] = admins.PRINCIPALS
    if answer.compute:
        title = "Machines whose role reaches admin"
        if any(row.resource_type not in MACHINES for row in rows):
            title = "Machines and other workloads whose role reaches admin"
        columns, texts = admins.COMPUTE, [admins.compute_cells(row, parties) for row in rows]
    else:
        title = "Who reaches admin"
        lines = admins.lines_of(rows, whole=whole)
        texts = [admins.cells(line, parties) for line in lines]
    cut = texts[:SCREEN] if screen else texts
    notes = [_count(rows, answer, len(texts)), *answer.remarks, *_left(texts, cut)]
    notes.extend((*admins.techniques_note(rows), *_folded(answer, wanted)))
    notes.extend(_not_evaluated(answer, whole=whole))
    notes.extend(gap_notes(answer.coverage, parties, whole=whole))
    return Sheet(title, columns, cut, notes)


def _not_evaluated(answer: Answered, *, whole: bool) -> list[str]:
    """What no snapshot could tell this version, in one note."""
    told = "; ".join(answer.not_evaluated)
    if told and not whole and len(told) > _LONG:
        many = counted(len(answer.not_evaluated), "kind")
        return [f"Not evaluated: {many} of access, which -v names (and --format json)."]
    return [f"Not evaluated: {told}."] if told else []


def _left(rows: Sequence[object], cut: Sequence[object]) -> list[str]:
    left = len(rows) - len(cut)
    return [f"{left} more rows: --format csv, or narrow with --account."] if left else []


def _count(rows: Sequence[Row], answer: Answered, lines: int | None = None) -> str:
    """How many rows, on how many lines where some share one, of how many resources."""
    reached = len({row.id for row in rows})
    many = counted(len(rows), "change" if answer.compared else "row")
    shared = "" if lines in (None, len(rows)) else f" on {counted(lines or 0, 'line')}"
    text = f"{many}{shared}, {counted(reached, 'resource')}."
    if answer.coverage.complete:
        return f"{text} Everything that this needs was collected."
    return f"{text} What this needs was not all collected."


def _folded(answer: Answered, wanted: Sequence[Verdict]) -> Iterable[str]:
    if answer.near:
        if answer.left_out:
            are = "is" if answer.left_out == 1 else "are"
            rows = counted(answer.left_out, "more row")
            yield f"{rows} {are} held by several locks: --near all."
    elif not answer.compared:
        yield from _not_now(answer, wanted)
    if accepted := answer.totals["accepted"]:
        are = "row is" if accepted == 1 else "rows are"
        yield f"{accepted} accepted {are} not shown (mapper.toml)."
    yield from _left_out(answer)
    if answer.assumes:
        listed = ", ".join(answer.assumes)
        yield f"Assumed absent because nobody could see it: {listed} (--no-assume)."


def _not_now(answer: Answered, wanted: Sequence[Verdict]) -> Iterable[str]:
    """What exists only through dormant or unknown steps, by cause."""
    if Verdict.DORMANT in wanted:
        for cause, count in dormant_causes(answer.rows):
            are = "is" if count == 1 else "are"
            yield f"{count} of them {are} dormant: {short_ids(cause)}"
    if Verdict.UNKNOWN in wanted:
        return
    causes = unknown_causes(answer.rows)
    for cause, count in causes[:_CAUSES]:
        yield f"{count} more unknown: {cause} (--verdict unknown lists them)."
    if more := causes[_CAUSES:]:
        yield f"Unknown for {len(more)} more reasons: --verdict unknown lists them."


def _left_out(answer: Answered) -> Iterable[str]:
    if not answer.left_out or answer.near or answer.compute:
        return
    if answer.command == "paths":
        kind = "change" if _kind(answer) == "choke" else "path"
        yield f"{counted(answer.left_out, f'more {kind}')} beyond -k."
    elif answer.command == "admins":
        yield "Root users are admin of their account by definition and not listed (--root)."
    else:
        are = "is" if answer.left_out == 1 else "are"
        yield (
            f"{counted(answer.left_out, 'more row')} {are} reached from narrow address ranges or "
            "by identity providers of your own: --source cidr,federated"
        )


def _head(row: Row) -> tuple[str, str, str]:
    return (row.key[:SHORT_KEY], row.severity, str(row.verdict))


_STEP = {
    "CAN_REACH": "reaches",
    "TARGETS": "on to",
    "HAS_ROLE": "has",
    "CAN_ASSUME": "assumes",
    "CAN_EXECUTE_ON": "runs code on",
    "CAN_ESCALATE_TO": "escalates to",
    "HAS_ADMIN": "is admin of",
    "CONTROLS": "controls",
    "CAN_ACCESS": "uses",
}


def _path(row: Row, parties: Parties) -> tuple[str, ...]:
    start = _end_name(row.own["from"], parties)
    way = _way(row.own["hops"], parties)
    if alike := row.own["alike"]:
        verb = "does" if len(alike) == 1 else "do"
        way += f" (so {verb} {counted(len(alike), 'machine')} like it)"
    return (start, _end_name(row.id, parties), way, under(row))


def _blast(row: Row, parties: Parties) -> tuple[str, ...]:
    way = _way(row.own["path"], parties)
    return (row.own["class"], thing_words(row), place_words(row, parties), way, under(row))


def _way(hops: Sequence[Mapping[str, Any]], parties: Parties) -> str:
    """The steps in words; sets and groups are passed without a word."""
    told = []
    behind: Mapping[str, Any] | None = None
    for hop in hops:
        if hop["id"].startswith(_SETS):
            behind = hop if hop["type"] == "CAN_REACH" else behind
            continue
        how, listed = _STEP.get(hop["type"], ""), hop["ports"]
        if behind is not None and hop["type"] == "TARGETS":
            how, listed = _STEP["CAN_REACH"], listed or behind["ports"]
        behind = None
        ports = f" {','.join(listed[:2])}" if listed else ""
        technique = f" ({hop['technique']})" if hop["technique"] else ""
        told.append(f"{how} {_hop_name(hop, parties)}{ports}{technique}".strip())
    return " > ".join(told)


def _hop_name(hop: Mapping[str, Any], parties: Parties) -> str:
    """A machine by the name that it was given, anything else as :func:`_end_name`."""
    if hop["id"].startswith("arn:aws") and ":instance/" in hop["id"] and hop["name"]:
        return str(hop["name"])
    return _end_name(hop["id"], parties)


def _toxic(row: Row, parties: Parties) -> tuple[str, ...]:
    own = row.own
    machine = bare_name(own["machine"])
    if own["alike"]:
        machine += f" (and {counted(len(own['alike']), 'machine')} like it)"
    reaches = f"{_REACHES[own['reaches']]} {_end_name(row.id, parties)}"
    if own["targets"] > 1:
        reaches += f" and {own['targets'] - 1} more"
    because = " x ".join(f"{part['word']} {part['factor']:g}" for part in own["parts"])
    role = bare_name(own["role"]) if own["role"] else "-"
    return (str(own["score"]), machine, role, reaches, because)


_REACHES = {"admin": "admin of", "sensitive": "sensitive data in", "data": "data in"}
_TRIED = {True: "yes", False: "no", None: "not tried"}


def _choke(row: Row, _: Parties) -> tuple[str, ...]:
    own = row.own
    place = "instead" if own["plan"] is None else str(own["plan"])
    cuts = f"{own['cuts']} of {own['total']}"
    told = _TRIED[own["verified"]]
    if own["verified"] is not True:
        told = f"{told}: {own['verification']}"
    return (place, str(own["change"]), cuts, str(own["left"]), told)


_SETS = ("principal-set:", "resource-set:", "network-group:", "network-target:", "network-range:")


def _end_name(node_id: str, parties: Parties) -> str:
    if node_id.startswith("account:"):
        return account_name(node_id.removeprefix("account:"), parties)
    return bare_name(node_id)


_LAYOUTS: Mapping[str, tuple[tuple[Column, ...], Any]] = {
    "paths": (
        (
            Column("From"),
            Column("Reaches"),
            Column("Way"),
            Column("Under", least=116, most=44, below=True),
        ),
        _path,
    ),
    "toxic": (
        (
            Column("Score"),
            Column("Machine"),
            Column("Role"),
            Column("Leads to"),
            Column("Score is", least=100, most=40, below=True),
        ),
        _toxic,
    ),
    "blast": (
        (
            Column("Class"),
            Column("What"),
            Column("Where", least=100),
            Column("Way"),
            Column("Under", least=116, most=44, below=True),
        ),
        _blast,
    ),
    "choke": (
        (
            Column("Order"),
            Column("Change"),
            Column("Cuts"),
            Column("Left"),
            Column("Verified", least=100, most=44),
        ),
        _choke,
    ),
}

_PUBLIC: Mapping[str, tuple[str, tuple[Column, ...], Any]] = {
    "": ("What the internet, or any AWS account, reaches", public.OPEN, public.open_cells),
    "since": ("What changed of what the internet reaches", public.SINCE, public.since_cells),
    "near": ("Closed to the internet, and the locks that hold", public.NEAR, public.near_cells),
}
