"""What a row of ``trusts`` gives, named thing by thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mapper.output.names import short_name

if TYPE_CHECKING:
    from queries.answers.row import Row


def gains_of(row: Row) -> Iterator[str]:
    """Sentences: the resources that the role at the end adds, with level and verdict."""
    data = row.own.get("data")
    if not data:
        return
    role = short_name(row.id).rpartition("/")[2]
    yield f"What {role} gives that its caller has not anyway:"
    for thing in data["things"]:
        many = f", {thing['resources']} resources" if thing["resources"] > 1 else ""
        marked = ", sensitive" if thing["sensitive"] else ""
        yield f"  {thing['verdict']}: {thing['level']} {_named(thing)}{many}{marked}"
    left = data["resources"] - sum(thing["resources"] for thing in data["things"])
    if left > 0:
        yield f"  and {left} more: mapper query data-behind-trusts"


def _named(thing: dict[str, str]) -> str:
    short = short_name(thing["id"])
    return thing["id"] if thing["name"] in (thing["id"], short) else f"{thing['name']} ({short})"
