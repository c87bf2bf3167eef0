"""Rules that open ports to address ranges, where a service has a firewall of its own."""

from __future__ import annotations

from graph.network.spans import Spans, atoms, by_atom, union

Openings = dict[Spans, tuple[str, ...]]
"""Address ranges by the ports that are open to them."""

_MOST = 500
"""Sets of ports that are still cut; Lightsail and GameLift allow far fewer rules."""


def disjoint(found: Openings) -> Openings:
    """The same openings with each port in one set only, beside all ranges that may use it.

    So two rules of which each opens a port to one half of the internet open it to all of it, also
    where one of them opens more ports than the other.
    """
    sets = list(found)
    if len(sets) > _MOST:
        return found
    parts = atoms(union(sets), sets)
    joined: dict[tuple[str, ...], list[Spans]] = {}
    for part, numbers in zip(parts, by_atom(parts, sets), strict=True):
        cidrs = dict.fromkeys(cidr for number in numbers for cidr in found[sets[number]])
        joined.setdefault(tuple(cidrs), []).append(Spans((part,)))
    return {union(opened): cidrs for cidrs, opened in joined.items()}


__all__ = ["Openings", "disjoint"]
