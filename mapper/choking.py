"""``mapper paths --choke``: what to change, and whether the world is safe once it is changed."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.attacking import INTERNET, graph_from
from mapper.choking_edits import CannotWriteError, Edits
from mapper.errors import MapperError
from queries.answers.choke import Plan, choke_rows, count, level_of, plan_of, with_check
from queries.answers.choke_flow import Flow
from queries.answers.paths import path_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mapper.attacking import Wanted
    from mapper.options import Asked
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.row import Row

VERIFY = ("none", "top", "all")
_TOP = 3
"""Changes whose effect is tried unasked: each derives the world again."""
_TELL = "The world is not derived again for it: --verify all."


@dataclass(frozen=True, slots=True)
class Found:
    """What ``--choke`` has to say.

    Attributes:
        rows: the plan, then other changes that alone cut every path.
        notes: sentences about all of them.
        whole: the overlay of the whole plan; None where a change of it cannot be written.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    whole: list[dict[str, Any]] | None


def choke(
    session: Session,
    asked: Wanted,
    verdicts: tuple[Verdict, ...],
    verify: str,
    *,
    only: str = "",
) -> Found:
    """The few changes that cut most paths.

    Args:
        session: whose graph is asked.
        asked: the ends.
        verdicts: of the paths that count; none for yes and conditional.
        verify: a word of :data:`VERIFY`: for which changes the world is derived again.
        only: of those, the one whose row's key begins so; empty for all.
    """
    level = level_of(verdicts)
    graph = graph_from(session, asked.start)
    flow = Flow(graph, asked.starts, asked.goals, level)
    plan = plan_of(flow)
    paths = path_rows(graph, asked.starts, asked.goals, session.parties)
    rows = choke_rows(flow, plan, paths, session.parties, (asked.start, asked.goal))
    weaker = sum(row.verdict.rank < level.rank for row in paths)
    checker = _Checker(session, asked, level, flow, verify, only)
    checked: list[Row] = []
    left = plan.total
    for row, cut in zip(rows, plan.cuts, strict=True):
        if row.own["plan"] is not None and not left:
            continue
        told = checker.told(row, cut.change)
        if row.own["plan"] is not None:
            if told.own["verified"] is True and checker.left is not None:
                told = _as_tried(told, left, checker.left)
            left = told.own["left"]
        checked.append(told)
    return Found(tuple(checked), _notes(plan, level, (checked, weaker), asked), checker.whole)


def _as_tried(row: Row, before: int, left: int) -> Row:
    """A change of the plan with what it was seen to cut: often more than its own steps."""
    alone = left == 0 and row.own["plan"] == 1
    more = {"cuts": before - left, "left": left, "every_path": row.own["every_path"] or alone}
    return dataclasses.replace(row, own={**row.own, **more})


class _Checker:
    """Writes each change as an overlay and counts the paths of the world derived with it.

    Attributes:
        left: paths of the world that was derived for the last row; None if none was.
    """

    def __init__(
        self, session: Session, asked: Wanted, level: Verdict, flow: Flow, verify: str, only: str
    ) -> None:
        self._only = only
        self._session, self._asked, self._level, self._flow = session, asked, level, flow
        self._tries = {"none": 0, "top": _TOP}.get(verify)
        self._plan = Edits(session.snapshot, flow.graph)
        self._broken = ""
        self._changed = False
        self.left: int | None = None

    @property
    def whole(self) -> list[dict[str, Any]] | None:
        """The overlay of the whole plan."""
        return None if self._broken or not self._changed else self._plan.changes()

    def told(self, row: Row, number: int) -> Row:
        """A row with its overlay and what trying it showed."""
        self.left = None
        change, links = self._flow.changes[number], self._flow.links(number)
        alone = Edits(self._session.snapshot, self._flow.graph)
        try:
            alone.add(change, links)
        except CannotWriteError as why:
            if row.own["plan"] is not None:
                self._broken = self._broken or f"Change {row.own['plan']} cannot be written."
            return with_check(row, None, str(why), None)
        tried = alone
        if row.own["plan"] is not None:
            self._plan.add(change, links)
            self._changed = True
            tried = self._plan
            if self._broken:
                return with_check(row, None, self._broken, alone.changes())
        if not row.key.startswith(self._only):
            return with_check(row, None, _TELL, alone.changes())
        if self._tries is not None:
            if self._tries <= 0:
                return with_check(row, None, _TELL, alone.changes())
            self._tries -= 1
        left = self.left = self._left(tried.changes())
        fell = left <= row.own["left"]
        words = (
            f"Derived again with it{' and those before it' * (row.own['plan'] not in (None, 1))}"
        )
        paths = "no path is" if not left else f"{left} of {row.own['total']} paths are"
        return with_check(row, fell, f"{words}, {paths} left.", alone.changes())

    def _left(self, changes: list[dict[str, Any]]) -> int:
        from collector.snapshot import Overlay
        from graph.derive import derive
        from queries.answers.attack_records import attack_graph_of

        self._session.say("Deriving the graph again with a change ...")
        found = derive(self._session.snapshot.with_overlay(Overlay.from_json(changes)))
        graph = attack_graph_of(found.nodes, found.relationships)
        starts = self._asked.starts
        if self._asked.start == INTERNET:
            starts = tuple(graph.public_sources())
            graph = graph.from_internet()
        return count(Flow(graph, starts, self._asked.goals, self._level).pairs())


def _notes(
    plan: Plan, level: Verdict, rows: tuple[Sequence[Row], int], asked: Wanted
) -> tuple[str, ...]:
    """What is true of all rows; beside them how many rows of ``mapper paths`` are too weak."""
    told = []
    changes, weaker = rows
    planned = [row for row in changes if row.own["plan"] is not None]
    left = planned[-1].own["left"] if planned else plan.left
    if plan.total:
        total = f"{plan.total} path{'s' * (plan.total != 1)}"
        told.append(f"A path is a way in and a goal: {total} from {asked.start} to {asked.goal}.")
    if planned and not left and len(planned) < (plan.fewest or len(planned)):
        told.append(f"{_many(len(planned))} every path, seen by deriving again.")
    elif plan.fewest:
        fewer = "; counted by steps, no fewer do" * plan.exact * (plan.fewest > 1)
        told.append(f"{_many(plan.fewest)} every path{fewer}.")
    if left:
        told.append(f"After these changes {left} of {plan.total} are left.")
    if plan.uncut:
        told.append(f"No such change cuts {plan.uncut} of them: membership and ownership lead on.")
    if not plan.sure:
        told.append("The graph is large: not every change was counted, a better one may exist.")
    if weaker:
        weak = "dormant or unknown" if level is Verdict.CONDITIONAL else f"weaker than {level}"
        told.append(f"{weaker} more are {weak} and not counted: --verdict counts them.")
    return tuple(told)


def _many(changes: int) -> str:
    return "1 change cuts" if changes == 1 else f"{changes} changes cut"


def write_choke(
    asked: Asked,
    session: Session,
    ends: Wanted,
    most: int | None,
    verify: str,
    folder: Path | None,
) -> int:
    """Answer ``mapper paths --choke``; the exit code.

    Args:
        asked: the shared options; ``--verdict`` says which paths count.
        session: whose graph is asked.
        ends: start and goal.
        most: ``-k``.
        verify: a word of :data:`VERIFY`.
        folder: where each change is written for ``--what-if``; None for nowhere.
    """
    from mapper.answering import write_answer
    from mapper.attacking import nothing_found
    from mapper.options import VERDICTS

    filters = asked.filters(session)
    found = choke(session, ends, filters.verdicts, verify)
    if folder is not None:
        files = write_overlays(folder, found)
        asked.say(f"Wrote {', '.join(files) or 'no overlay'} to {folder}.")
    nothing = () if found.rows or found.notes else nothing_found(session, ends)
    answer = _answer(session, found, filters, most, nothing)
    return write_answer(dataclasses.replace(asked, verdict=VERDICTS), session, answer)


def _answer(
    session: Session, found: Found, filters: Filters, most: int | None, nothing: tuple[str, ...]
) -> Answered:
    """The changes in the order of the plan; their verdicts chose the paths already."""
    every = dataclasses.replace(filters, verdicts=())
    place = {row.key: number for number, row in enumerate(found.rows)}
    answer = session.attack_answer("paths", found.rows, every)
    rows = tuple(sorted(answer.rows, key=lambda row: place[row.key]))
    left = 0 if most is None else len(rows[most:])
    told = (*found.notes, *nothing)
    return dataclasses.replace(answer, rows=rows[:most], left_out=left, remarks=told)


def write_overlays(folder: Path, found: Found) -> list[str]:
    """Write each change, and the whole plan, for ``--what-if``.

    Args:
        folder: is made; files of the same names are replaced.
        found: of :func:`choke`.

    Returns:
        The files' names.

    Raises:
        MapperError: it cannot be written.
    """
    files = {}
    others = 0
    for row in found.rows:
        if row.own["plan"] is None:
            others += 1
        if row.own["overlay"] is not None:
            number = row.own["plan"]
            name = f"other-{others}" if number is None else f"change-{number}"
            files[f"{name}.json"] = row.own["overlay"]
    if found.whole is not None:
        files["plan.json"] = found.whole
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, changes in files.items():
            text = json.dumps(changes, indent=1, sort_keys=True) + "\n"
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise MapperError(f"{folder} cannot be written: {problem.strerror}.") from None
    return sorted(files)
