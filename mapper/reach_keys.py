"""Whose a key of a row of ``mapper reach`` is: keys are hashes, so pairs are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, permutations
from typing import TYPE_CHECKING

from mapper.reach_names import INTERNET
from mapper.reach_sides import ON_PREM
from queries.answers.row import row_key

if TYPE_CHECKING:
    from mapper.reaching import Reacher

MOST_TRIED = 1_000_000
"""Hashes that are tried at most: some seconds."""
_FAMILIES = ("ipv4", "ipv6")
_PASSED = ("transit-gateway", "transit-gateway-peering", "appliance", "nat")
_BETWEEN = (
    "local",
    "none",
    "internet",
    "peering",
    *_PASSED,
    "private-link",
    "vpc-lattice",
    *("+".join(pair) for pair in permutations(_PASSED, 2)),
)
_IN = ("eni", "alb", "nlb", "clb", "rds")
_OUT = (
    "internet-gateway",
    "nat",
    "egress-only-gateway",
    "local",
    "appliance",
    *(f"{kind}+nat" for kind in _PASSED[:3]),
    *_PASSED[:2],
)


def pair_of_key(reacher: Reacher, key: str) -> tuple[str, str] | None:
    """FROM and TO of the row that has a key, or None.

    Args:
        reacher: of the snapshot.
        key: the first eight characters of a row's key, or more.
    """
    tried = islice(_candidates(reacher), MOST_TRIED)
    for source, target, mechanism in tried:
        if row_key("reach", target, source, mechanism, "").startswith(key):
            return source, target
    return None


def _candidates(reacher: Reacher) -> Iterator[tuple[str, str, str]]:
    own = [end.id for end in reacher.sides.everything if end.interfaces]
    six = any(one.ipv6 for one in reacher.world.facts.interfaces)
    families = _FAMILIES if six else _FAMILIES[:1]

    def ways(kinds: Iterable[str]) -> list[str]:
        return [f"{kind}/{family}" for kind in kinds for family in families]

    gateways = reacher.world.facts.joints.private_gateways
    outside = [ON_PREM, *(f"{ON_PREM}:{gateway.id}" for gateway in gateways)]
    inward, outward, premises = ways(_IN), ways(_OUT), ways([ON_PREM])
    for one in own:
        yield from ((INTERNET, one, way) for way in inward)
        yield from ((one, INTERNET, way) for way in outward)
        yield from ((source, one, way) for source in outside for way in premises)
    for way in ways(_BETWEEN):
        yield from ((source, target, way) for target in own for source in own)


__all__ = ["pair_of_key"]
