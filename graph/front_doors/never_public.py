"""Services that AWS keeps off the internet, whatever their security groups say.

A row for each kind stands in ``data/never_public.json``. Whoever gets into the VPC (or one that is
joined to it) is another question. What an interface's IPv6 address lets in is judged with the
interface.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from collector.snapshot import Item
from graph.front_doors.controls import facts
from graph.front_doors.declare import FrontDoor, stops
from graph.front_doors.sight import Sight
from graph.network.reach import Reach


def _judge(mechanism: str, why: str, sight: Sight, item: Item) -> Iterator[Reach]:
    (ref,) = sight.refs(item, "/item")
    yield from sight.reached(item, mechanism, (stops("address", item.id, why, ref),))


DOORS = tuple(
    FrontDoor(
        type_id=kind["type"],
        mechanism=kind["mechanism"],
        title=kind["title"],
        rule=f"Never. {kind['why']}",
        source=kind["source"],
        judge=partial(_judge, kind["mechanism"], kind["why"]),
        test="tests/front_doors/test_never_public.py",
    )
    for kind in facts("never_public")["kinds"]
)
"""Declarations of these services."""
