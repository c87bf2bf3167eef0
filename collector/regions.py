"""Which regions an account has, asked of AWS."""

from __future__ import annotations

from collections.abc import Iterable

from collector.accounts import Caller, Target, no_such_region
from collector.live import LiveTransport
from collector.outcome import CallError
from collector.request import CollectError
from collector.runner import Ask
from collector.services import TYPES
from collector.session import Clients


def enabled_regions(
    clients: Clients, transport: LiveTransport, target: Target, home: str
) -> tuple[frozenset[str], frozenset[str], str]:
    """Regions that the account can use, all of its partition, and why they are a guess if so.

    Where ``ec2:DescribeRegions`` is refused, botocore's list stands in: a call in a region that
    is not enabled then fails and shows in the ledger.
    """
    call = TYPES["aws:region"].lists[0]
    ask = Ask(target.account_id, home, "global", "ec2", call, dict(call.params))
    try:
        rows = [row for page in transport.pages(ask) for row in page.get("Regions", ())]
    except CallError as problem:
        known = clients.known_regions("ec2", target.partition)
        return known, known, problem.outcome.words
    names = {
        str(row["RegionName"]): str(row.get("OptInStatus", ""))
        for row in rows
        if clients.partition_of(str(row["RegionName"])) in (target.partition, "")
    }
    usable = frozenset(name for name, state in names.items() if state != "not-opted-in")
    return usable, frozenset(names), ""


def check_names(wanted: Iterable[str], known: frozenset[str], caller: Caller) -> None:
    """Refuse a region that nobody has.

    Raises:
        CollectError: names it and the nearest that exist.
    """
    for name in wanted:
        if name not in known:
            raise CollectError(
                f"{no_such_region(name, known)} (partition {caller.partition})", exit_code=2
            )
