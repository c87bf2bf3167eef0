"""Which addresses a result of the internet's way in is about."""

from __future__ import annotations

from graph.network import prefixes
from graph.network.pieces import INTERNET
from graph.network.prefixes import PUBLIC
from graph.network.reach import Reach
from graph.network.spans import Spans

_RANGE = "cidr:"


def named_by(one: Reach) -> Spans | None:
    """The public addresses that a result's source names; ``None``: those are not known."""
    if one.source == INTERNET:
        return PUBLIC[one.family]
    if not one.source.startswith(_RANGE):
        return None
    return prefixes.parse(one.source.removeprefix(_RANGE))[1] & PUBLIC[one.family]


__all__ = ["named_by"]
