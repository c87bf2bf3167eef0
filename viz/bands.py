"""Positions of the attack-path view: bands from the internet on the left to targets on the right.

A layered drawing in the manner of Sugiyama: stations get a band, bands are ordered by barycentres
so that few links cross, and heights by isotonic regression so that links run straight. Links that
skip a band pass it through a lane of their own between the cards. Units are canvas pixels at
scale 1; positions are centres.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from viz.model import SEVERITIES, VERDICTS, MapModel, index_of

BANDS = ("Internet", "Entry", "Compute", "Identity", "Privilege", "Targets")
CARD_WIDTH = 202
SOURCE_WIDTH = 178
CARD_HEIGHT = 64
BAND_GAP = 66
PITCH = 82
LANE = 20
HEADER = 44
HEIGHT = 900
"""Height that a sparse drawing spreads to: with six bands about the shape of a laptop's screen."""
MOST_CARDS = 54
"""Stations drawn; with one "N more" card per band the first view holds at most 60 items."""
MOST_ROWS = 11
"""Cards of one band: more would make the text of a view that fits the screen too small."""
_SWEEPS = 12

_BY_CATEGORY = {
    "source": 0,
    "network": 1,
    "compute": 2,
    "identity": 3,
    "policy": 4,
    "data": 5,
    "secrets": 5,
    "admin": 5,
    "other": 5,
}


@dataclass(frozen=True, slots=True)
class BandColumn:
    """A band: title, left edge and width."""

    title: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class BandCard:
    """A station's card, by node number."""

    node: int
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class MoreCard:
    """What a band holds beyond what is drawn: those nodes' numbers."""

    nodes: tuple[int, ...]
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class BandView:
    """The whole attack-path view; ``routes`` maps a link's number to the points it passes."""

    columns: tuple[BandColumn, ...]
    cards: tuple[BandCard, ...]
    more: tuple[MoreCard, ...]
    routes: tuple[tuple[int, tuple[tuple[float, float], ...]], ...]
    top: float
    height: float


@dataclass(slots=True)
class _Slot:
    """A card (``node`` >= 0), a lane of a passing link (-1) or "N more" (-2)."""

    node: int
    band: int
    room: float
    before: list[_Slot] = field(default_factory=list)
    after: list[_Slot] = field(default_factory=list)
    y: float = 0.0


def path_order(model: MapModel) -> list[int]:
    """Number the paths, worst severity and strongest verdict first, else as they came."""
    return sorted(
        range(len(model.paths)),
        key=lambda number: (
            SEVERITIES.index(model.paths[number].severity),
            VERDICTS.index(model.paths[number].verdict),
            number,
        ),
    )


def band_view(model: MapModel) -> BandView | None:
    """Lay out the stations of the model's paths; ``None`` without paths."""
    if not model.paths:
        return None
    numbers = index_of(model.nodes)
    routes = [
        [numbers[step[0]] for step in model.paths[number].steps] for number in path_order(model)
    ]
    bands = _bands_of(model, routes)
    drawn = _stations_that_fit(routes, bands)
    used = sorted(set(bands.values()))
    rank = {band: place for place, band in enumerate(used)}
    layers: list[list[_Slot]] = [[] for _ in used]
    slots: dict[int, _Slot] = {}
    for node in drawn:
        slots[node] = _Slot(node, rank[bands[node]], PITCH)
        layers[slots[node].band].append(slots[node])
    lanes = _connect(model, numbers, slots, layers)
    _order(layers)
    left_out: dict[int, list[int]] = {}
    for node, band in bands.items():
        if node not in slots:
            left_out.setdefault(rank[band], []).append(node)
    more_slots = {place: _Slot(-2, place, PITCH) for place in sorted(left_out)}
    for place, slot in more_slots.items():
        layers[place].append(slot)
    _set_heights(layers)
    return _view(used, layers, lanes, left_out)


def _stations_that_fit(routes: list[list[int]], bands: dict[int, int]) -> list[int]:
    """Take whole paths, the worst first, while the view and each of its bands have room."""
    drawn: dict[int, None] = {}
    for route in routes:
        wanted = drawn | dict.fromkeys(route)
        fullest = max(Counter(bands[node] for node in wanted).values())
        if len(wanted) <= MOST_CARDS and fullest <= MOST_ROWS:
            drawn = wanted
    return list(drawn)


def _bands_of(model: MapModel, routes: list[list[int]]) -> dict[int, int]:
    """Give every station of every path its band.

    A principal that is reached through another principal stands in the Privilege band; a station
    never stands left of the one that leads to it on the path that placed it first.
    """
    bands: dict[int, int] = {}
    for route in routes:
        at_least = 0
        principals = 0
        for node in route:
            band = _BY_CATEGORY[model.nodes[node].category]
            if model.nodes[node].category == "identity":
                band = 4 if principals else 3
                principals += 1
            band = max(band, min(at_least, 5))
            bands[node] = max(bands.get(node, 0), band)
            at_least = bands[node]
    return bands


def _connect(
    model: MapModel, numbers: Mapping[str, int], slots: dict[int, _Slot], layers: list[list[_Slot]]
) -> dict[int, list[_Slot]]:
    """Join the slots along the links; links between the same two stations share their lanes."""
    lanes: dict[int, list[_Slot]] = {}
    shared: dict[tuple[int, int], list[_Slot]] = {}
    for number, link in enumerate(model.links):
        ends = (numbers[link.source], numbers[link.target])
        if link.kind == "config" or ends[0] not in slots or ends[1] not in slots:
            continue
        if ends not in shared:
            shared[ends] = _lane(slots[ends[0]], slots[ends[1]], layers)
        lanes[number] = shared[ends]
    return lanes


def _lane(start: _Slot, end: _Slot, layers: list[list[_Slot]]) -> list[_Slot]:
    if end.band <= start.band:
        return []
    passed = [_Slot(-1, band, LANE) for band in range(start.band + 1, end.band)]
    for slot in passed:
        layers[slot.band].append(slot)
    chain = [start, *passed, end]
    for one, other in pairwise(chain):
        one.after.append(other)
        other.before.append(one)
    return passed


def _order(layers: list[list[_Slot]]) -> None:
    """Order each band by the mean place of its neighbours, to and fro, and keep the best."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            places = {id(slot): place for row in layers for place, slot in enumerate(row)}
            layer.sort(key=lambda slot: _barycentre(slot, forward, places))
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    for layer, kept in zip(layers, best, strict=True):
        layer[:] = kept
    _exchange(layers)


def _exchange(layers: list[list[_Slot]]) -> None:
    """Exchange neighbours as long as that undoes crossings."""
    fewest = _crossings(layers)
    improved = fewest > 0
    while improved:
        improved = False
        for layer in layers:
            for place in range(len(layer) - 1):
                layer[place], layer[place + 1] = layer[place + 1], layer[place]
                crossings = _crossings(layers)
                if crossings < fewest:
                    fewest, improved = crossings, True
                else:
                    layer[place], layer[place + 1] = layer[place + 1], layer[place]


def _barycentre(slot: _Slot, forward: bool, places: dict[int, int]) -> float:
    neighbours = slot.before if forward else slot.after
    if not neighbours:
        return float(places[id(slot)])
    return sum(places[id(other)] for other in neighbours) / len(neighbours)


def _crossings(layers: list[list[_Slot]]) -> int:
    count = 0
    for layer, following in pairwise(layers):
        places = {id(slot): place for place, slot in enumerate(following)}
        ends = [
            sorted(places[id(other)] for other in slot.after if id(other) in places)
            for slot in layer
        ]
        for upper, high in enumerate(ends):
            for low in ends[upper + 1 :]:
                count += sum(one > other for one in high for other in low)
    return count


def _set_heights(layers: list[list[_Slot]]) -> None:
    """Pull every slot towards its neighbours, keeping the order and each slot's room."""
    for layer in layers:
        total = sum(slot.room for slot in layer)
        spread = max(1.0, min(1.6, HEIGHT / total)) if total else 1.0
        below = -total * spread / 2
        for slot in layer:
            slot.room *= spread if slot.node != -1 else 1.0
            slot.y = below + slot.room / 2
            below += slot.room
    for sweep in range(2 * _SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _settle(layer)
    for layer in layers:
        if len(layer) > 1 and layer[-1].node == -2:
            # "N more" leads nowhere: it stands right under what it continues.
            layer[-1].y = layer[-2].y + (layer[-2].room + layer[-1].room) / 2


def _settle(layer: list[_Slot]) -> None:
    """Least squares with a minimum distance: isotonic regression by pooling violators."""
    offset = 0.0
    pools: list[list[float]] = []  # [sum of wishes, count]
    offsets: list[float] = []
    for place, slot in enumerate(layer):
        if place:
            offset += (layer[place - 1].room + slot.room) / 2
        offsets.append(offset)
        around = slot.before + slot.after
        # A lane only wants to run straight on from the lane or card on either side.
        wish = sum(other.y for other in around) / len(around) if around else slot.y
        pools.append([wish - offset, 1.0])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [pools[-1][0] + last[0], pools[-1][1] + last[1]]
    heights = [pool[0] / pool[1] for pool in pools for _ in range(int(pool[1]))]
    for slot, height, shift in zip(layer, heights, offsets, strict=True):
        slot.y = height + shift


def _view(
    used: list[int],
    layers: list[list[_Slot]],
    lanes: dict[int, list[_Slot]],
    left_out: dict[int, list[int]],
) -> BandView:
    columns: list[BandColumn] = []
    left = 0.0
    for band in used:
        card = SOURCE_WIDTH if band == 0 else CARD_WIDTH
        columns.append(BandColumn(BANDS[band], left, card + BAND_GAP))
        left += card + BAND_GAP
    cards: list[BandCard] = []
    more: list[MoreCard] = []
    for place, layer in enumerate(layers):
        column = columns[place]
        x, width = column.left + column.width / 2, column.width - BAND_GAP
        for slot in layer:
            y = round(slot.y, 1)
            if slot.node >= 0:
                cards.append(BandCard(slot.node, x, y, width))
            elif slot.node == -2:
                more.append(MoreCard(tuple(left_out[place]), x, y, width))
    routes = tuple(
        (number, tuple(_points(passed, columns))) for number, passed in sorted(lanes.items())
    )
    heights = [slot.y for layer in layers for slot in layer]
    top = round(min(heights) - CARD_HEIGHT / 2 - HEADER, 1)
    bottom = max(heights) + CARD_HEIGHT / 2 + 18
    return BandView(tuple(columns), tuple(cards), tuple(more), routes, top, round(bottom - top, 1))


def _points(passed: list[_Slot], columns: list[BandColumn]) -> list[tuple[float, float]]:
    """Lead a link straight through the bands that it skips."""
    points: list[tuple[float, float]] = []
    for slot in passed:
        column = columns[slot.band]
        inset = BAND_GAP / 2
        points.append((column.left + inset, round(slot.y, 1)))
        points.append((column.left + column.width - inset, round(slot.y, 1)))
    return points
