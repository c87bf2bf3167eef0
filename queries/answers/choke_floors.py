"""Changes that surely cut some paths: those that every way from a way in to a goal passes.

The bounds of :meth:`Flow.bounds` are high for what stands in the middle of many ways side by side,
where no single change cuts anything; dominators find what does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from queries.answers.choke_flow import Flow

_SEARCHED = 150_000
"""Steps that one round may look at: where there are very many ways in, some are looked at."""
_ROOT = -1


def floors(flow: Flow, cut: Collection[int]) -> dict[int, int]:
    """How many paths a further change cuts at least, as far as the ways in that were looked at say.

    A change whose steps start at places of several states stands as one for all of them: that only
    adds ways, so what dominates there dominates.

    Args:
        flow: what leads from the starts to the goals.
        cut: changes that are made already.
    """
    onward, first_goal = _drawn(flow, cut)
    entries = list(flow.ways_in(cut)[0].values())
    every = max(1, len(entries) * flow.size // _SEARCHED)
    found: dict[int, int] = defaultdict(int)
    gates = range(first_goal - len(flow.changes), first_goal)
    for places in entries[::every]:
        above = _dominators({**onward, _ROOT: places})
        below: dict[int, int] = defaultdict(int)
        for node in reversed(above):
            below[node] += node >= first_goal
            if node in gates:
                found[node - gates.start] += below[node]
            below[above[node]] += below[node]
    return {change: many for change, many in found.items() if many}


def _drawn(flow: Flow, cut: Collection[int]) -> tuple[dict[int, list[int]], int]:
    """Places, then changes, then goals as numbers, with what each leads to; the first goal's."""
    places = flow.places
    first_goal = places + len(flow.changes)
    drawn: dict[int, dict[int, None]] = defaultdict(dict)
    for place, edges in flow.out.items():
        for edge in edges:
            if edge.change in cut:
                continue
            here = place
            if edge.change >= 0:
                here = places + edge.change
                drawn[place][here] = None
            drawn[here][edge.head] = None
            for bit in bits(edge.ends):
                drawn[here][first_goal + bit] = None
    return {node: list(after) for node, after in drawn.items()}, first_goal


def _dominators(onward: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The nearest node that every way from the root to a node passes, in reverse postorder.

    Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm (2001).
    """
    order = _reverse_postorder(onward)
    number = {node: place for place, node in enumerate(order)}
    before: list[list[int]] = [[] for _ in order]
    for node in order:
        for after in onward.get(node, ()):
            before[number[after]].append(number[node])
    above: list[int] = [-1] * len(order)
    above[0] = 0
    changed = True
    while changed:
        changed = False
        for place in range(1, len(order)):
            known = [one for one in before[place] if above[one] >= 0]
            nearest = known[0]
            for one in known[1:]:
                nearest = _meeting(above, nearest, one)
            if above[place] != nearest:
                above[place], changed = nearest, True
    return {order[place]: order[above[place]] for place in range(1, len(order))}


def _meeting(above: Sequence[int], one: int, other: int) -> int:
    while one != other:
        if one > other:
            one = above[one]
        else:
            other = above[other]
    return one


def _reverse_postorder(onward: Mapping[int, Sequence[int]]) -> list[int]:
    seen, order = {_ROOT}, []
    stack = [(_ROOT, iter(onward[_ROOT]))]
    while stack:
        node, rest = stack[-1]
        after = next((one for one in rest if one not in seen), None)
        if after is None:
            order.append(node)
            stack.pop()
            continue
        seen.add(after)
        stack.append((after, iter(onward.get(after, ()))))
    return order[::-1]


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
