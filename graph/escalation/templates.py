"""Templates of resources and of condition keys' values, as the rows of techniques write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.escalation.names import ASSIGNED, FILLER
from graph.escalation.technique import Call
from graph.schema.path import ShapeError, look

NEW = re.compile(r"\{(new\d*)\}")
"""A name of the attacker's choice."""
ANY_NEW = re.compile(r"\{new(_id)?\d*\}")
"""Such a name, or an id that AWS gives."""
_HOLE = re.compile(r"\{([^{}]+)\}")


def filled(template: str, values: Mapping[str, str], item: Item | None = None) -> str | None:
    """A template with its holes filled; ``None`` if something of it is not known."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name = found[1]
        if name.startswith("field:"):
            text = _field(item, name.removeprefix("field:"))
        elif name.startswith("new_id"):
            text = ASSIGNED
        elif name.startswith("new"):
            text = values.get(name, FILLER)
        else:
            text = values.get(name)
        missing = missing or text is None
        return text or ""

    text = _HOLE.sub(value, template)
    return None if missing else text


def _field(item: Item | None, path: str) -> str | None:
    if item is None:
        return None
    try:
        found = look(path, item).values
    except ShapeError:
        return None
    return str(found[0]).removeprefix("s3://") if found else None


def texts_of(call: Call) -> Iterator[str]:
    """The templates of a call."""
    yield call.on
    for _, listed in call.context:
        yield from listed


def around(
    hole: str,
    template: str,
    values: Mapping[str, str],
    item: Item | None,
    chosen: re.Pattern[str] = NEW,
) -> tuple[str, str] | None:
    """What stands before and after a name in a template; ``None`` if that has no such.

    Args:
        hole: the name's.
        template: of a call's resource, or of a condition key's value.
        values: what the other holes are filled with.
        item: the workload or resource.
        chosen: the other holes that may be anything.
    """
    before, middle, after = template.partition(f"{{{hole}}}")
    if not middle:
        return None
    start, end = (
        filled(chosen.sub("*", part.replace(middle, "*")), values, item) for part in (before, after)
    )
    return None if start is None or end is None else (start, end)


def filling(hole: str, arn: str) -> dict[str, str]:
    """A thing that is there: its ARN, the last part of its name and the part above."""
    parts = arn.rpartition(":")[2].split("/")
    return {hole: arn, f"{hole}.name": parts[-1], f"{hole}.above": parts[-2] if parts[1:] else ""}


def whole_arn(type_id: str, arn: str) -> str:
    """A stack's or stack set's ARN ends in an id; of one recorded without it the id is any."""
    if type_id == "cloudformation:stack" and arn.count("/") == 1:
        return f"{arn}/*"
    if type_id == "cloudformation:stack-set" and arn.count(":") == 5:
        return f"{arn}:*"
    return arn
