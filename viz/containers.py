"""The nesting of the account view: which container holds what, in which order, what is open.

Boxes are packed in the page, because their sizes depend on what the reader opens; everything
that packing needs (order, groups, what stands open at first) is decided here.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from viz.icons import icon_for
from viz.model import CATEGORIES, SEVERITIES, Category, MapModel, MapNode, index_of

GROUP_CAP = 40
"""Cards drawn of one group before "N more"."""
FIRST_VIEW_ITEMS = 60
"""Cards and containers of the first view, at most."""

_KIND_ORDER = ("account", "region", "vpc", "subnet")
_CONTAINER_ICONS = {"account": "house", "region": "globe", "vpc": "cloud", "subnet": "subnet"}
_FEW_LEAVES = 8
_FEW_BESIDE_CONTAINERS = 3


@dataclass(slots=True)
class Box:
    """A container while the tree is built.

    ``children`` holds node numbers (>= 0) and containers as ``-1 - number``, in drawing order.
    """

    label: str
    kind: str
    icon: str
    category: Category
    parent: int
    children: list[int] = field(default_factory=list)
    size: int = 0
    on_paths: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """The finished nesting: ``roots`` like ``Box.children``; ``opened`` are container numbers."""

    boxes: tuple[Box, ...]
    roots: tuple[int, ...]
    opened: tuple[int, ...]
    parent_of_node: tuple[int, ...]


def plural(kind: str) -> str:
    """Make a kind's label plural: ``Policy`` -> ``Policies``, ``Load balancer`` -> with an s."""
    if not kind or kind.endswith(("s", "S")):
        return kind
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return kind[:-1] + "ies"
    return kind + "s"


def importance(node: MapNode, on_path: bool) -> tuple[object, ...]:
    """Sort key: path stations first, then the worse severity, then by name and id."""
    severity = len(SEVERITIES) if node.severity is None else SEVERITIES.index(node.severity)
    return (not on_path, severity, natural(node.name), node.id)


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key that puts ``account-2`` before ``account-10``."""
    return [
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in re.split(r"([0-9]{1,18})", text.casefold())
        if part
    ]


def build_tree(model: MapModel) -> Tree:
    """Nest the nodes of ``model``; the same model gives the same tree."""
    numbers = index_of(model.nodes)
    on_paths = {numbers[step[0]] for path in model.paths for step in path.steps}
    builder = _Builder(model, on_paths)
    builder.place_nodes()
    builder.group_by_kind()
    builder.measure()
    roots = builder.sort_children()
    return Tree(
        boxes=tuple(builder.boxes),
        roots=tuple(roots),
        opened=tuple(_first_opened(builder.boxes, roots)),
        parent_of_node=tuple(builder.parent_of_node),
    )


class _Builder:
    """Tables that fill step by step; :func:`build_tree` gives the order."""

    def __init__(self, model: MapModel, on_paths: set[int]) -> None:
        self.nodes = model.nodes
        self.on_paths = on_paths
        self.reach = Counter(link.source for link in model.links)
        self.boxes: list[Box] = []
        self.roots: list[int] = []
        self.parent_of_node = [-1] * len(model.nodes)
        self._numbers: dict[str, int] = {}

    def place_nodes(self) -> None:
        """Hang each node under its innermost container, making containers as they come."""
        for number, node in enumerate(self.nodes):
            parent = -1
            for container in node.parents:
                parent = self._box(container[0], container[1], container[2], parent)
            self._children(parent).append(number)
            self.parent_of_node[number] = parent

    def _children(self, box: int) -> list[int]:
        return self.roots if box < 0 else self.boxes[box].children

    def _box(self, key: str, label: str, kind: str, parent: int) -> int:
        known = self._numbers.get(key)
        if known is not None:
            return known
        number = len(self.boxes)
        self._numbers[key] = number
        icon = _CONTAINER_ICONS.get(kind) or icon_for(label, "other")
        self.boxes.append(Box(label or key, kind, icon, "other", parent))
        self._children(parent).append(-1 - number)
        return number

    def group_by_kind(self) -> None:
        """Put crowded leaves of a container into one group per kind ("Roles")."""
        for number in range(len(self.boxes)):
            box = self.boxes[number]
            leaves = [child for child in box.children if child >= 0]
            inner = [child for child in box.children if child < 0]
            kinds = Counter(self.nodes[leaf].kind for leaf in leaves)
            crowded = len(leaves) > (_FEW_BESIDE_CONTAINERS if inner else _FEW_LEAVES)
            if not crowded or (len(kinds) == 1 and not inner):
                continue
            self._regroup(number, leaves, inner, kinds)

    def _regroup(
        self, number: int, leaves: list[int], inner: list[int], kinds: Counter[str]
    ) -> None:
        children = list(inner)
        groups: dict[str, int] = {}
        for leaf in leaves:
            node = self.nodes[leaf]
            if kinds[node.kind] == 1:
                children.append(leaf)
                continue
            if node.kind not in groups:
                groups[node.kind] = len(self.boxes)
                icon = icon_for(node.kind, node.category)
                self.boxes.append(Box(plural(node.kind), "kind", icon, node.category, number))
                children.append(-1 - groups[node.kind])
            self.boxes[groups[node.kind]].children.append(leaf)
            self.parent_of_node[leaf] = groups[node.kind]
        self.boxes[number].children = children

    def measure(self) -> None:
        """Count the resources, and the path stations among them, under every container."""
        for number, parent in enumerate(self.parent_of_node):
            while parent >= 0:
                self.boxes[parent].size += 1
                self.boxes[parent].on_paths += number in self.on_paths
                parent = self.boxes[parent].parent

    def sort_children(self) -> list[int]:
        """Order every container's children; return the ordered roots."""
        for box in self.boxes:
            box.children.sort(key=self._place)
        return sorted(self.roots, key=self._place)

    def _place(self, child: int) -> tuple[object, ...]:
        if child >= 0:
            node = self.nodes[child]
            reach = -self.reach[node.id] if node.category == "source" else 0
            on_path = child in self.on_paths
            return (1, CATEGORIES.index(node.category), reach, *importance(node, on_path))
        box = self.boxes[-1 - child]
        rank = _KIND_ORDER.index(box.kind) if box.kind in _KIND_ORDER else len(_KIND_ORDER)
        return (0, rank, -box.on_paths, -box.size, natural(box.label), -child)


def _first_opened(boxes: list[Box], roots: list[int]) -> list[int]:
    """Open containers while the first view stays small.

    Where there are paths, those with the most path stations per card open first and the others
    stay closed; without paths everything opens level by level.
    """
    opened: list[int] = []
    items = min(len(roots), FIRST_VIEW_ITEMS)
    any_path = any(box.on_paths for box in boxes)
    closed: list[tuple[float, int, int]] = []

    def offer(children: Iterable[int], depth: int) -> None:
        for number in (-1 - child for child in children if child < 0):
            box = boxes[number]
            if any_path and not box.on_paths:
                continue
            worth = box.on_paths / shown_children(box.children) if any_path else -depth
            heapq.heappush(closed, (-worth, depth, number))

    offer(roots, 0)
    while closed:
        _, depth, number = heapq.heappop(closed)
        cost = shown_children(boxes[number].children)
        if items + cost <= FIRST_VIEW_ITEMS:
            items += cost
            opened.append(number)
            offer(boxes[number].children, depth + 1)
    return sorted(opened)


def shown_children(children: Iterable[int]) -> int:
    """Count the items that an open container shows: containers, capped leaves, "N more"."""
    listed = list(children)
    leaves = sum(child >= 0 for child in listed)
    return len(listed) - leaves + min(leaves, GROUP_CAP) + (leaves > GROUP_CAP)
