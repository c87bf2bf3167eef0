"""What a principal can do, in one screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from graph.iam import catalogue
from mapper.output.sheet import Column, Sheet
from mapper.output.words import counted
from mapper.powers import LEVELS, Slice, notable, slices

if TYPE_CHECKING:
    from graph.iam.questions import Powers

SCREEN = 16
"""Services that a table shows one by one; the others are counted."""
_MARKS = {"all": "", "some": " some", "conditional": " if", "unknown": " ?"}
_LAYERS = {
    "identity": "A Deny in its own policies takes",
    "boundary": "Its permissions boundary takes",
    "session": "Its session policies take",
    "scp": "Service control policies take",
}
_FEW = 2


def powers_sheet(powers: Powers, *, whole: bool) -> Sheet:
    """What a principal can do by service, the widest services first.

    Args:
        powers: of the principal.
        whole: every service, and every pattern.
    """
    by_service: dict[str, list[Slice]] = defaultdict(list)
    for one in slices(powers):
        by_service[one.service].append(one)
    full = [name for name in by_service if _is_full(powers, name)]
    rest = sorted(
        (name for name in by_service if name not in set(full)),
        key=lambda name: _weight(by_service[name]),
    )
    shown = rest if whole else rest[:SCREEN]
    columns = (
        Column("Service"),
        *(Column(level.capitalize()) for level in LEVELS),
        Column("Such as", most=48),
        Column("On", least=100, most=60),
        Column("Under", least=116, most=44, below=True),
    )
    rows = [_service_cells(name, by_service[name], whole=whole) for name in shown]
    notes = [*_full_note(full), *_left_note(rest[len(shown) :], by_service), *_notes(powers)]
    if rows:
        notes.insert(
            0,
            "Counts are of actions: 'all' where it is every one of that service and level; plain "
            "on all resources, 'some' on the resources named, 'if' under conditions, '?' not "
            "known. --service PREFIX lists them.",
        )
    return Sheet(f"What {powers.principal.arn} can do", columns, rows, notes)


def service_sheet(powers: Powers, service: str) -> Sheet:
    """Every action of one service that a principal can do."""
    rows = [
        (name, one.level, _reach(one), _some(one.power.resources), ", ".join(one.power.conditions))
        for one in slices(powers, service)
        for name in one.names
    ]
    rows.sort(key=lambda row: (LEVELS.index(row[1]), row[0]))
    columns = (
        Column("Action"),
        Column("Level"),
        Column("Reach"),
        Column("On", most=60),
        Column("Under", most=44),
    )
    known = len(catalogue.actions_of(service))
    notes = [f"{len(rows)} of the {known} actions of {service}.", *_notes(powers)]
    return Sheet(f"What {powers.principal.arn} can do in {service}", columns, rows, notes)


def _reach(one: Slice) -> str:
    return {
        "all": "all resources",
        "some": "some resources",
        "conditional": "conditional",
        "unknown": "not known",
    }[one.power.reach] + (f", not {_some(one.power.but)}" if one.power.but else "")


def _is_full(powers: Powers, service: str) -> bool:
    every = catalogue.service_bits(service)
    return powers.reaching("all") & every == every


def _weight(found: Sequence[Slice]) -> tuple[int, ...]:
    """Order of services: whoever has more of the telling levels first."""
    counts = [sum(one.actions.bit_count() for one in found if one.level == lv) for lv in LEVELS]
    return tuple(-count for count in counts)


def _service_cells(service: str, found: Sequence[Slice], *, whole: bool) -> tuple[str, ...]:
    counts = [_count(service, level, [s for s in found if s.level == level]) for level in LEVELS]
    names = notable([name for one in found for name in one.names])
    such = [name.partition(":")[2] for name in names[:_FEW]]
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    resources = list(dict.fromkeys(text for one in found for text in one.power.resources))
    conditions = list(dict.fromkeys(text for one in found for text in one.power.conditions))
    return (
        service,
        *counts,
        ", ".join(such) + more,
        ", ".join(resources) if whole else _some(resources),
        ", ".join(conditions) if whole else _some(conditions),
    )


def _count(service: str, level: str, found: Sequence[Slice]) -> str:
    totals: dict[str, int] = defaultdict(int)
    for one in found:
        totals[one.power.reach] += one.actions.bit_count()
    every = (catalogue.service_bits(service) & catalogue.level_bits(level)).bit_count()
    return " + ".join(
        f"{'all ' if totals[reach] == every else ''}{totals[reach]}{mark}"
        for reach, mark in _MARKS.items()
        if totals[reach]
    )


def _some(texts: Sequence[str]) -> str:
    if len(texts) <= _FEW:
        return ", ".join(texts)
    return f"{', '.join(texts[:_FEW])} and {len(texts) - _FEW} more"


def _full_note(full: Sequence[str]) -> Iterable[str]:
    if len(full) == len(catalogue.services()):
        yield f"Everything: every action of all {len(full)} services, on all resources."
    elif full:
        listed = ", ".join(full[:SCREEN])
        more = f" and {len(full) - SCREEN} more" if len(full) > SCREEN else ""
        services = counted(len(full), "service")
        yield f"Every action, on all resources, of {services}: {listed}{more}."


def _left_note(left: Sequence[str], by_service: dict[str, list[Slice]]) -> Iterable[str]:
    if left:
        levels = {one.level for name in left for one in by_service[name]}
        only = ", ".join(level for level in LEVELS if level in levels)
        listed = ", ".join(left[:SCREEN])
        more = f" and {len(left) - SCREEN} more" if len(left) > SCREEN else ""
        services = counted(len(left), "more service")
        yield f"{services} ({only}): {listed}{more}. -v lists them all."


def _notes(powers: Powers) -> Iterable[str]:
    if not powers.powers:
        yield "Nothing: no action of the catalogue is allowed by its own policies."
    for layer, actions in powers.cut.items():
        services = [s for s in catalogue.services() if actions & catalogue.service_bits(s)]
        listed = ", ".join(services[:8]) + (
            f" and {len(services) - 8} more" if len(services) > 8 else ""
        )
        yield (
            f"{_LAYERS[layer]} away {counted(actions.bit_count(), 'action')} that its identity "
            f"policies allow, of {counted(len(services), 'service')}: {listed}."
        )
    if powers.unlisted:
        yield f"Allowed, but no action of the catalogue: {_some(powers.unlisted)}."
    for text in powers.assumes:
        yield f"Assumed absent because nobody could see it: {text}."
    yield (
        "This is the principal's own side. Policies of resources, trust policies and RCPs add to "
        "it or take from it, resource by resource: mapper can PRINCIPAL ACTION RESOURCE."
    )
