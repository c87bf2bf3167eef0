"""How a collection shows that it goes on: a bar on a terminal, a line per account elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from collector.request import Progress
from collector.snapshot.ledger import LedgerRow
from viz.display_text import shown

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Lines(Progress):
    """One line when an account is done, one for each note; to stderr."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = names or {}
        self._open: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._gaps: dict[str, int] = {}
        self._places: dict[str, set[str]] = {}

    def note(self, text: str) -> None:
        """Print what the user should read."""
        click.echo(shown(text), err=True)

    def planned(self, jobs: Mapping[tuple[str, str], int], done: int) -> None:
        """Say how much there is to do."""
        for (account, place), count in jobs.items():
            self._open[account] = self._open.get(account, 0) + count
            self._places.setdefault(account, set()).add(place)
        resumed = f", {done} done before" if done else ""
        self.note(
            f"{len(self._open)} accounts, {len({place for _, place in jobs})} places, "
            f"{sum(jobs.values())} jobs to do{resumed}."
        )

    def finished(self, account_id: str, place: str, rows: list[LedgerRow]) -> None:
        """Count, and say when an account is done."""
        self._open[account_id] = self._open.get(account_id, 1) - 1
        self._items[account_id] = self._items.get(account_id, 0) + sum(r.items for r in rows)
        self._gaps[account_id] = self._gaps.get(account_id, 0) + sum(r.is_gap for r in rows)
        if self._open[account_id] == 0:
            self.note(self.line(account_id))

    def line(self, account_id: str) -> str:
        """What an account gave."""
        gaps = self._gaps.get(account_id, 0)
        seen = f"{gaps} gap{'s' * (gaps != 1)}" if gaps else "no gaps"
        name = self._names.get(account_id, "")
        return (
            f"{f'{name} ' if name else ''}{account_id}: {len(self._places.get(account_id, ()))} "
            f"places, {self._items.get(account_id, 0)} answers, {seen}."
        )


class BarOnTerminal(Lines):
    """The same with a bar below; use as a context manager."""

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        super().__init__(names)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar: Bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True, markup=False, highlight=False),
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> BarOnTerminal:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def note(self, text: str) -> None:
        """Print above the bar."""
        self._bar.console.print(shown(text), markup=False, highlight=False)

    def planned(self, jobs: Mapping[tuple[str, str], int], done: int) -> None:
        """Begin the bar."""
        super().planned(jobs, done)
        self._task = self._bar.add_task("collecting", total=sum(jobs.values()) + done)
        self._bar.advance(self._task, done)

    def finished(self, account_id: str, place: str, rows: list[LedgerRow]) -> None:
        """Move the bar."""
        super().finished(account_id, place, rows)
        if self._task is not None:
            where = f"{self._names.get(account_id, account_id)} {place}"
            self._bar.update(self._task, advance=1, description=shown(where))


def wants_bar(quiet: bool) -> bool:
    """Whether stderr is a terminal and nobody asked for silence."""
    return not quiet and sys.stderr.isatty()
