"""Lines of ``coverage --missing`` for what answers need and the collection did not ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from collector.actions import ANY
from collector.declare import Depth
from collector.services import TYPES
from mapper.covering import affected, places_of

if TYPE_CHECKING:
    from mapper.covering import Name
    from queries.answers.coverage import Gap

_TYPES_NAMED = 3
_FOR_FULL = "collect with --depth full, and without --services"
_FOR_CORE = "collect without a --services or --skip that leaves it out"


def lines_of_unasked(
    gaps: Iterable[Gap], needs: Mapping[str, frozenset[str]], name: Name, whole: bool = False
) -> list[list[str]]:
    """Cells of a line for each type, or region, that nobody asked for.

    Types of one service share a line where the same closes them in the same accounts; not so in the
    ``whole`` table.

    Args:
        gaps: of what was never asked for, see ``queries.answers.coverage.coverage_of``.
        needs: the types that each command and query reads.
        name: an account's name with its id.
        whole: a line for each type.

    Returns:
        The cells of the columns of ``mapper.covering.missing``; what affects most stands first.
    """
    places: dict[str, set[tuple[str, str]]] = {}
    for gap in gaps:
        if gap.operation == ANY:
            what = f"region {gap.region}" if gap.service == ANY else gap.type
            places.setdefault(what, set()).add((gap.account_id, _region(gap)))
    groups: dict[tuple[object, ...], list[str]] = {}
    for what, where in sorted(places.items()):
        service = what if whole else what.partition(":")[0]
        groups.setdefault((service, _remedy(what), frozenset(where)), []).append(what)
    lines = [_line(kinds, places[kinds[0]], needs, name) for kinds in groups.values()]
    return [cells for _, cells in sorted(lines, key=lambda line: (-line[0], line[1]))]


def _line(
    kinds: list[str],
    where: set[tuple[str, str]],
    needs: Mapping[str, frozenset[str]],
    name: Name,
) -> tuple[int, list[str]]:
    """How many answers are affected, and the cells."""
    of_region = kinds[0].startswith("region ")
    which = [answer for answer, read in needs.items() if of_region or read & set(kinds)]
    named = ", ".join(kinds[:_TYPES_NAMED]) + (", ..." if len(kinds) > _TYPES_NAMED else "")
    service = kinds[0].partition(":")[0]
    told = kinds[0] if len(kinds) == 1 else f"{service}: {len(kinds)} types ({named})"
    remedy = _remedy(kinds[0])
    cells = [told, "not asked for", "", places_of(where, name), remedy, affected(which)]
    return len(which), cells


def _region(gap: Gap) -> str:
    return "every region" if gap.region == ANY else gap.region


def _remedy(what: str) -> str:
    """What closes it; ``what`` is a type, or ``region NAME``."""
    if what.startswith("region "):
        return f"collect without --region, or with --region {what.removeprefix('region ')}"
    declared = TYPES.get(what)
    if declared is not None and declared.opt_in:
        return f"name it: collect --services {what}"
    return _FOR_FULL if declared is not None and declared.depth is Depth.FULL else _FOR_CORE
