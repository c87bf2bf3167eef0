"""``mapper coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mapper.options import Asked, asks, split

if TYPE_CHECKING:
    from collector.snapshot.ledger import LedgerRow
    from mapper.config import Config


@click.command(name="coverage", epilog="Example: mapper coverage --account 111122223333 --all")
@click.option("--account", multiple=True, callback=split, metavar="ID", help="Only this account.")
@click.option("--region", multiple=True, callback=split, metavar="REGION", help="Only this region.")
@click.option("--all", "everything", is_flag=True, help="Also the calls that were answered.")
@asks(graph=False, filters=False)
def command(asked: Asked, everything: bool) -> int:
    """What a snapshot has seen, and what it could not see.

    One row per account, region and call. Gaps are calls that were denied, throttled, unreachable
    or not made: what they would have told is missing from every answer. Tables show the gaps;
    JSON is complete.
    """
    from mapper.answering import write_sheet
    from mapper.options import account_id
    from mapper.snapshots import find_snapshot, open_snapshot

    config = asked.load_config()
    snapshot = open_snapshot(find_snapshot(asked.snapshot))
    wanted = {account_id(text, config, snapshot) for text in asked.account}
    rows = [
        row
        for row in snapshot.ledger
        if (not wanted or row.account_id in wanted)
        and (not asked.region or row.region in asked.region)
    ]
    gaps = [row for row in rows if row.is_gap]
    totals = {"calls": sum(row.calls for row in rows), "gaps": len(gaps), "status": _counts(rows)}
    shown = rows if everything else gaps
    notes = [
        f"{len(snapshot.accounts)} accounts, {len(rows)} kinds of call, "
        f"{totals['calls']} calls, {len(gaps)} gaps."
    ]
    if not gaps:
        notes.append("Everything that was asked for was seen.")
    write_sheet(
        asked,
        snapshot,
        "coverage",
        [row.as_json() for row in rows],
        title=f"What {snapshot.id} could not see" if not everything else f"Calls of {snapshot.id}",
        columns=("Account", "Region", "Call", "Status", "Why"),
        cells=[_cells(row, config) for row in shown],
        notes=notes,
        totals=totals,
    )
    return 0


def _counts(rows: list[LedgerRow]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[str(row.status)] = counts.get(str(row.status), 0) + 1
    return dict(sorted(counts.items()))


def _cells(row: LedgerRow, config: Config) -> list[Any]:
    name = config.accounts.get(row.account_id)
    return [
        f"{name} {row.account_id}" if name else row.account_id,
        row.region,
        f"{row.service}:{row.operation}",
        str(row.status),
        f"{row.code} {row.message}".strip(),
    ]
