"""The data block of a map: the model in columns, with every text held once.

Texts are numbered in one table, nodes and links refer to each other by number: no id of AWS is
ever a key in the page, and 20,000 nodes stay small.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from viz.bands import CARD_HEIGHT, HEADER, BandView, band_view, path_order
from viz.containers import GROUP_CAP, Box, build_tree, importance, plural
from viz.display_text import shown
from viz.icons import drawings, icon_for
from viz.model import (
    CATEGORIES,
    LINK_KINDS,
    SEVERITIES,
    VERDICTS,
    MapLink,
    MapModel,
    MapNode,
    index_of,
)

MOST_DRAWN = 1_500
"""Cards, and links, that are ever drawn at once (measured: beyond it panning stutters)."""

RELATIONSHIP_LABELS = {
    "CAN_REACH": "Network reach",
    "TARGETS": "Forwards to",
    "IN_GROUP": "Belongs to",
    "HAS_ROLE": "Carries role",
    "CAN_ASSUME": "Can assume",
    "CAN_ESCALATE_TO": "Escalates to",
    "CAN_EXECUTE_ON": "Runs code on",
    "CAN_ACCESS": "Data access",
    "HAS_ADMIN": "Is admin of",
    "CONTROLS": "Controls",
    "TRUSTS": "Trusts",
    "SHARED_WITH": "Shared with",
    "PEERED_WITH": "Peered with",
    "LINKED_TO trust": "Trust",
    "LINKED_TO data": "Data",
    "LINKED_TO network": "Network",
    "LINKED_TO management": "Management",
}
"""Readers' words for the graph's walked relationship types."""


def relationship_label(name: str) -> str:
    """Say a relationship type in words: ``HAS_SECURITY_GROUP`` -> ``Has security group``."""
    spelled = name.replace("_", " ").capitalize() if re.fullmatch("[A-Z_]+", name) else name
    return RELATIONSHIP_LABELS.get(name, spelled)


class _Texts:
    """Numbers each text once, made fit for display."""

    def __init__(self) -> None:
        self.table: list[str] = []
        self._numbers: dict[tuple[str, bool], int] = {}
        self.add("")

    def add(self, text: str, *, lines: bool = False) -> int:
        key = (text, lines)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.table)
            self.table.append(shown(text, lines=lines))
        return number

    def all(self, texts: Iterable[str], *, lines: bool = False) -> list[int]:
        return [self.add(text, lines=lines) for text in texts]


class _Numbered:
    """Values in the order of their first appearance, counted."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self._counts: Counter[int] = Counter()

    def add(self, value: Any) -> int:
        number = self.numbers.setdefault(value, len(self.numbers))
        self._counts[number] += 1
        return number

    def counts(self) -> list[int]:
        return [self._counts[number] for number in range(len(self.numbers))]


def payload(model: MapModel) -> dict[str, Any]:
    """Give the JSON value that the page's script reads; ``assets/js/data.js`` names the columns."""
    return _Writer(model).write()


class _Writer:
    """Writes one model; the order of the calls in :meth:`write` numbers the texts."""

    def __init__(self, model: MapModel) -> None:
        self.model = model
        self.texts = _Texts()
        self.numbers = index_of(model.nodes)
        self.tree = build_tree(model)
        self.names = {account.id: account.name for account in model.accounts}
        self.kinds, self.accounts, self.regions = _Numbered(), _Numbered(), _Numbered()
        self.relationships = _Numbered()
        self.severities = [0] * (len(SEVERITIES) + 1)

    def write(self) -> dict[str, Any]:
        text = self.texts.add
        head = {
            "title": text(self.model.title),
            "subtitle": text(self.model.subtitle),
            "generated": text(self.model.generated),
            "snapshot": text(self.model.snapshot_id),
            "totals": [[text(name), count] for name, count in self.model.totals],
            "notes": self.texts.all(self.model.notes, lines=True),
            "limits": {"group": GROUP_CAP, "drawn": MOST_DRAWN},
            "allLinks": self.model.all_links,
            "words": {
                "categories": CATEGORIES,
                "severities": SEVERITIES,
                "verdicts": VERDICTS,
                "linkKinds": LINK_KINDS,
            },
        }
        drawn = {
            "nodes": [self._node(place, node) for place, node in enumerate(self.model.nodes)],
            "links": [self._link(link) for link in self.model.links],
            "boxes": [self._box(box) for box in self.tree.boxes],
            "roots": self.tree.roots,
            "opened": self.tree.opened,
            "bands": self._bands(band_view(self.model)),
            "paths": self._paths(),
        }
        return {
            **head,
            **drawn,
            **self._legend(),
            "icons": self._icons(),
            "texts": self.texts.table,
        }

    def _node(self, place: int, node: MapNode) -> list[Any]:
        severity = len(SEVERITIES) if node.severity is None else SEVERITIES.index(node.severity)
        self.severities[severity] += 1
        account_name = node.account_name or self.names.get(node.account_id, "")
        return [
            self.texts.add(node.name or node.id),
            self.texts.add(node.id),
            self.kinds.add((node.kind, node.category)),
            self.accounts.add((node.account_id, account_name)),
            self.regions.add(node.region),
            severity,
            self.texts.add(node.subtitle),
            self.texts.all(node.tags),
            [self.texts.add(part, lines=True) for fact in node.facts for part in fact],
            self.texts.all(node.evidence, lines=True),
            self.tree.parent_of_node[place],
        ]

    def _link(self, link: MapLink) -> list[Any]:
        return [
            self.numbers[link.source],
            self.numbers[link.target],
            self.relationships.add((link.relationship, link.kind)),
            VERDICTS.index(link.verdict),
            self.texts.add(link.label),
            self.texts.add(link.why),
            self.texts.all(link.evidence, lines=True),
        ]

    def _box(self, box: Box) -> list[Any]:
        return [
            self.texts.add(box.label),
            self.texts.add(box.kind),
            box.icon,
            CATEGORIES.index(box.category),
            box.parent,
            box.children,
            box.size,
        ]

    def _legend(self) -> dict[str, Any]:
        text = self.texts.add
        return {
            "kinds": [
                [text(kind), text(plural(kind)), CATEGORIES.index(category),
                 icon_for(kind, category)]
                for kind, category in self.kinds.numbers
            ],
            "accounts": [[text(key), text(name)] for key, name in self.accounts.numbers],
            "regions": self.texts.all(self.regions.numbers),
            "relationships": [
                [text(name), text(relationship_label(name)), LINK_KINDS.index(kind)]
                for name, kind in self.relationships.numbers
            ],
            "counts": {
                "kinds": self.kinds.counts(),
                "accounts": self.accounts.counts(),
                "regions": self.regions.counts(),
                "severities": self.severities,
                "relationships": self.relationships.counts(),
            },
        }  # fmt: skip

    def _icons(self) -> dict[str, str]:
        """Carry the drawings that this map uses, and the two that the page itself needs."""
        used = {"dot", "stack"} | {box.icon for box in self.tree.boxes}
        used |= {icon_for(*kind) for kind in self.kinds.numbers}
        return {name: path for name, path in drawings().items() if name in used}

    def _bands(self, view: BandView | None) -> dict[str, Any] | None:
        if view is None:
            return None

        def key(number: int) -> tuple[object, ...]:
            return importance(self.model.nodes[number], True)

        return {
            "columns": [[column.title, column.left, column.width] for column in view.columns],
            "cards": [[card.node, card.x, card.y, card.width] for card in view.cards],
            "more": [
                [sorted(card.nodes, key=key), card.x, card.y, card.width] for card in view.more
            ],
            "routes": [[number, points] for number, points in view.routes],
            "top": view.top,
            "height": view.height,
            "cardHeight": CARD_HEIGHT,
            "header": HEADER,
        }

    def _paths(self) -> list[list[Any]]:
        strongest = self._strongest_links()
        paths = []
        for number in path_order(self.model):
            path = self.model.paths[number]
            stations = [[self.numbers[step[0]], self.texts.add(step[1])] for step in path.steps]
            paths.append(
                [
                    self.texts.add(path.title),
                    SEVERITIES.index(path.severity),
                    VERDICTS.index(path.verdict),
                    stations,
                    [strongest.get((a[0], b[0]), -1) for a, b in pairwise(stations)],
                    self.texts.add(path.fix or "", lines=True),
                ]
            )
        return paths

    def _strongest_links(self) -> dict[tuple[int, int], int]:
        """Choose per pair of nodes the link that a path's step walks: never a weaker one."""
        chosen: dict[tuple[int, int], int] = {}
        links = self.model.links

        def strength(number: int) -> tuple[bool, int, int]:
            return (links[number].kind == "config", VERDICTS.index(links[number].verdict), number)

        for number, link in enumerate(links):
            ends = (self.numbers[link.source], self.numbers[link.target])
            if ends not in chosen or strength(number) < strength(chosen[ends]):
                chosen[ends] = number
        return chosen
