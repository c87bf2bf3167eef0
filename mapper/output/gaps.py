"""What was not collected and could hide rows, in few lines that name all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from collector.snapshot.ledger import ALL_TYPES

if TYPE_CHECKING:
    from queries.answers.coverage import Coverage, Gap
    from queries.answers.parties import Parties

LINES = 8
_PLACES_NAMED = 4
_TYPES_NAMED = 12
_NOT_ASKED = "not_attempted"

Place = tuple[str, str]
"""Account and region."""


def gap_notes(coverage: Coverage, parties: Parties, *, whole: bool = True) -> list[str]:
    """Every gap, told by service and call, with the accounts and regions where it was met.

    Calls that failed alike in the same places share a line; the widest stand first. Where that are
    more lines than :data:`LINES`, the rest is named by service alone, and so are many types that
    were not asked for. Unless ``whole``, many services are counted, not named.
    """
    lines = sorted(_lines(coverage.missing), key=lambda one: (-len(one[1]), one))
    notes = [_told(*line, parties, whole=whole) for line in lines[:LINES]]
    if rest := lines[LINES:]:
        services = sorted({_service(call) for _, _, calls in rest for call in calls})
        accounts = {account for _, places, _ in rest for account, _ in places}
        notes.append(
            f"Not seen either, in {_counted(accounts, 'account')}: {_services(services, whole)}; "
            "rows may be missing."
        )
    if notes:
        notes.append("Each of these gaps, and what closes it: mapper coverage --missing")
    return notes


def _lines(
    gaps: Iterable[Gap],
) -> list[tuple[str, tuple[Place, ...], tuple[str, ...]]]:
    """(status, places, calls): the calls that were missed alike in the same places."""
    where: dict[tuple[str, str], set[Place]] = defaultdict(set)
    for gap in gaps:
        where[gap.status, _call(gap)].add((gap.account_id, gap.region))
    calls: dict[tuple[str, tuple[Place, ...]], set[str]] = defaultdict(set)
    for (status, call), places in where.items():
        calls[status, tuple(sorted(places))].add(call)
    return [(status, places, tuple(sorted(names))) for (status, places), names in calls.items()]


def _call(gap: Gap) -> str:
    if gap.operation != "*":
        return f"{gap.service}:{gap.operation}"
    return "everything" if gap.type == ALL_TYPES else gap.type


def _service(call: str) -> str:
    return call.partition(":")[0]


def _services(names: Sequence[str], whole: bool) -> str:
    if whole or len(names) <= _TYPES_NAMED:
        return ", ".join(names)
    return f"{_counted(names, 'service')} (-v names them)"


def _told(
    status: str,
    places: Sequence[Place],
    calls: Sequence[str],
    parties: Parties,
    *,
    whole: bool,
) -> str:
    where = _where(places, parties)
    if status == _NOT_ASKED and len(calls) > _TYPES_NAMED:
        services = sorted({_service(call) for call in calls})
        of = f"{_counted(services, 'service')} ({', '.join(services)})"
        told = of if whole else _services(services, whole)
        return f"Not asked for in {where}: {len(calls)} types of {told}; rows may be missing."
    named = _by_service(calls)
    if status == _NOT_ASKED:
        return f"Not asked for in {where}: {named}; rows may be missing."
    return f"Not seen: {named} {status} in {where}; rows may be missing."


def _by_service(calls: Sequence[str]) -> str:
    """Services with the number of their calls; the call itself where it is the only one."""
    services: dict[str, list[str]] = defaultdict(list)
    for call in calls:
        services[_service(call)].append(call)
    return ", ".join(
        names[0] if len(names) == 1 else f"{service} ({len(names)} calls)"
        for service, names in services.items()
    )


def _where(places: Sequence[Place], parties: Parties) -> str:
    regions: dict[str, list[str]] = defaultdict(list)
    for account, region in places:
        regions[account].append(region)
    alike: dict[str, list[str]] = defaultdict(list)
    for account, names in regions.items():
        alike[_regions(names)].append(parties.name(account) or account)
    told = [
        f"{_accounts(accounts)}{f' ({text})' if text else ''}"
        for text, accounts in sorted(alike.items(), key=lambda pair: -len(pair[1]))
    ]
    if len(told) <= _PLACES_NAMED:
        return ", ".join(told)
    return f"{_counted(regions, 'account')} ({_counted({r for _, r in places}, 'region')})"


def _accounts(names: Sequence[str]) -> str:
    if len(names) <= _PLACES_NAMED:
        return ", ".join(names)
    return f"{len(names)} accounts"


def _regions(names: Sequence[str]) -> str:
    distinct = sorted(set(names))
    if distinct in (["global"], ["*"]):
        return ""
    if len(distinct) <= _PLACES_NAMED:
        return ", ".join("every region" if name == "*" else name for name in distinct)
    return f"{len(distinct)} regions"


def _counted(things: Collection[str], word: str) -> str:
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"
