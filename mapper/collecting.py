"""Running a collection from the command line, and saying what came of it."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mapper.errors import MapperError
from mapper.output.words import counted

if TYPE_CHECKING:
    from collector.request import CollectRequest, CollectResult
    from mapper.config import Config

_GAPS_NAMED = 8


def collect_with_progress(
    request: CollectRequest, *, quiet: bool, names: Mapping[str, str] | None = None
) -> CollectResult:
    """Collect, with a bar on a terminal and lines elsewhere.

    Raises:
        collector.request.CollectError: nothing, or not everything, was collected.
    """
    from collector.collect import collect
    from collector.request import Progress
    from mapper.progress import BarOnTerminal, Lines, wants_bar

    if quiet:
        return collect(request, Progress())
    if not wants_bar(quiet):
        return collect(request, Lines(names))
    with BarOnTerminal(names) as bar:
        return collect(request, bar)


@contextlib.contextmanager
def finished_though_stopped(result: CollectResult) -> Iterator[None]:
    """Whoever stops what follows a collection learns that its snapshot is whole.

    Raises:
        MapperError: Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise MapperError(
            f"Stopped, but the snapshot {result.path} is finished. "
            f"Ask it: mapper public --snapshot {shlex.quote(str(result.path))}"
        ) from None


def result_row(result: CollectResult) -> dict[str, Any]:
    """A collection as a JSON row."""
    return {
        "snapshot_id": result.id,
        "path": str(result.path),
        "accounts": list(result.accounts),
        "left_out": [
            {
                "account_id": account.account_id,
                "name": account.name,
                "reason": account.reason,
                "asked": account.asked,
            }
            for account in result.left_out
        ],
        "regions": list(result.regions),
        "calls": result.calls,
        "items": result.items,
        "gaps": len(result.gaps),
        "seconds": round(result.seconds, 2),
        "resumed": result.resumed,
    }


def result_notes(result: CollectResult, config: Config) -> list[str]:
    """What was seen and what was not, one sentence each."""
    notes = [
        f"{counted(len(result.accounts), 'account')}, {counted(len(result.regions), 'region')}, "
        f"{counted(result.calls, 'call')}, {counted(result.items, 'line')} of resources and "
        f"answers in {result.seconds:.0f} s."
    ]
    for account in result.left_out:
        name = config.accounts.get(account.account_id) or account.name
        who = f"{name} {account.account_id}" if name else account.account_id
        kind = "Nothing from" if account.asked else "Left out:"
        notes.append(f"{kind} {who}: {account.reason}")
    groups: dict[tuple[str, str], set[str]] = {}
    for row in result.gaps:
        places = groups.setdefault((f"{row.service}:{row.operation}", str(row.status)), set())
        places.add(f"{row.account_id} {row.region}")
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    for (call, status), places in ordered[:_GAPS_NAMED]:
        where = next(iter(places)) if len(places) == 1 else f"{len(places)} places"
        notes.append(f"Not seen: {call} {status} in {where}.")
    if len(ordered) > _GAPS_NAMED:
        notes.append(f"Not seen: {len(ordered) - _GAPS_NAMED} more calls: mapper coverage")
    if not groups and not result.left_out:
        notes.append("Nothing that was asked for stayed unseen.")
    if result.stopped_too_late:
        notes.append("It was asked to stop when everything was done.")
    return [*notes, *result.warnings]
