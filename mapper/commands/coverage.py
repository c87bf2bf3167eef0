"""``mapper coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mapper.errors import WrongUsageError
from mapper.options import Asked, asks, split

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from mapper.config import Config
    from mapper.covering import Covered, Lines, Name
    from queries.answers.coverage import Gap


@click.command(
    name="coverage",
    epilog="Examples: mapper coverage; mapper coverage --by region; "
    "mapper coverage --missing --account 111122223333",
)
@click.option("--account", multiple=True, callback=split, metavar="ID", help="Only this account.")
@click.option("--region", multiple=True, callback=split, metavar="REGION", help="Only this region.")
@click.option(
    "--by",
    type=click.Choice(("service", "account", "region", "call")),
    default="service",
    show_default=True,
    help="What a line of the table stands for.",
)
@click.option(
    "--missing",
    is_flag=True,
    help="Only the gaps: what closes each, who denied it, which answers it affects.",
)
@click.option("--all", "everything", is_flag=True, help="A line for each account, region and call.")
@asks(
    graph=False,
    filters=False,
    verbose="Each gap on a line of its own, and how long it took (on stderr).",
)
def command(asked: Asked, by: str, missing: bool, everything: bool) -> int:
    """What a snapshot has seen, and what it could not see.

    Gaps are calls that were denied, throttled, unreachable or not made: what they would have told
    is missing from every answer that reads it. --missing lists them with the IAM action that would
    close each, and the types and regions that the collection was not asked for; JSON has a row for
    each account, region and call.
    """
    from mapper.answering import write_sheet
    from mapper.covering import closing_notes, covered, needs_of_answers, never_asked
    from mapper.never_asked import lines_of_unasked
    from mapper.options import account_id
    from mapper.snapshots import find_snapshot, open_snapshot
    from queries.answers.coverage import Coverage, coverage_of, gaps_of_ledger
    from queries.library import load_library

    config = asked.load_config()
    snapshot = open_snapshot(find_snapshot(asked.snapshot))
    wanted = {account_id(text, config, snapshot) for text in asked.account}
    _check_regions(asked.region, snapshot)
    ledger = [
        row
        for row in snapshot.ledger
        if (not wanted or row.account_id in wanted)
        and (not asked.region or row.region in asked.region)
    ]
    needs = needs_of_answers(load_library(config.query_paths))
    rows = covered(ledger, needs)
    unasked = [
        gap
        for gap in coverage_of(snapshot, frozenset().union(*needs.values())).missing
        if not wanted or gap.account_id in wanted
    ]
    gaps = [one for one in rows if one.row.is_gap]
    counts = {"calls": sum(row.calls for row in ledger), "gaps": len(gaps)}
    shown = "all" if everything else "missing" if missing else by
    name = _names(config, snapshot)
    title, lines = _shown(gaps if missing else rows, shown, asked.verbose, snapshot.id, name)
    cells = [*lines.cells]
    if shown == "missing":
        cells += lines_of_unasked(unasked, needs, name, asked.verbose)
    write_sheet(
        asked,
        snapshot,
        "coverage",
        [one.as_json() for one in (gaps if missing else rows)],
        title=title,
        columns=lines.columns,
        cells=cells,
        notes=[
            f"{len(snapshot.accounts)} account{'s' * (len(snapshot.accounts) != 1)}, {len(rows)} "
            f"kinds of call, {counts['calls']} calls, {len(gaps)} gaps.",
            *never_asked(unasked, needs),
            *_left_out(snapshot, wanted, name),
            *closing_notes(rows),
            *_what_next(gaps, unasked, missing),
        ],
        totals={**counts, "status": _counts(rows)},
        coverage=Coverage((*gaps_of_ledger(ledger).missing, *unasked)),
    )
    return 0


def _what_next(gaps: list[Covered], unasked: list[Gap], missing: bool) -> list[str]:
    open_ends = (gaps or unasked) and not missing
    return ["What closes each: mapper coverage --missing"] if open_ends else []


def _check_regions(regions: tuple[str, ...], snapshot: Snapshot) -> None:
    known = {row.region for row in snapshot.ledger}
    for region in regions:
        if region not in known:
            named = ", ".join(sorted(known))
            raise WrongUsageError(f"Nothing was asked in a region {region!r} (there are: {named}).")


def _shown(
    rows: list[Covered], what: str, whole: bool, snapshot: str, name: Name
) -> tuple[str, Lines]:
    from mapper.covering import grouped, listed
    from mapper.covering import missing as lines_of_gaps

    if what == "all":
        return f"Calls of {snapshot}", listed(rows, name)
    if what == "missing":
        return f"What {snapshot} could not see", lines_of_gaps(rows, name, whole)
    return f"What {snapshot} saw, by {what}", grouped(rows, what, name)


def _left_out(snapshot: Snapshot, wanted: set[str], name: Name) -> list[str]:
    """The accounts that nobody asked for; those that were asked for are gaps of the ledger."""
    return [
        f"Left out: {name(account_id)}: {row.get('reason', '')}"
        for row in snapshot.manifest.get("left_out", ())
        if isinstance(row, dict) and not row.get("asked")
        for account_id in [str(row.get("id", ""))]
        if not wanted or account_id in wanted
    ]


def _names(config: Config, snapshot: Snapshot) -> Name:
    known = {str(row["id"]): str(row.get("name") or "") for row in snapshot.manifest["accounts"]}
    left_out = {
        str(row.get("id", "")): str(row.get("name") or "")
        for row in snapshot.manifest.get("left_out", ())
        if isinstance(row, dict)
    }
    names = left_out | known | dict(config.accounts)
    return lambda account: f"{names[account]} {account}" if names.get(account) else account


def _counts(rows: list[Covered]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in rows:
        counts[str(one.row.status)] = counts.get(str(one.row.status), 0) + 1
    return dict(sorted(counts.items()))
