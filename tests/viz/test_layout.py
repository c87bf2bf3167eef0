"""Bands and nesting: what stands where, by rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viz.models import organisation, tiny
from viz.bands import CARD_HEIGHT, MOST_CARDS, MOST_ROWS, band_view
from viz.containers import FIRST_VIEW_ITEMS, build_tree, plural, shown_children
from viz.model import CATEGORIES, Category, Container, MapLink, MapModel, MapNode, MapPath, Step


@st.composite
def models(draw: st.DrawFn) -> MapModel:
    categories: tuple[Category, ...] = CATEGORIES
    nodes = []
    for number in range(draw(st.integers(2, 30))):
        account = draw(st.integers(0, 2))
        parents = [Container(f"a{account}", f"account {account}", "account")]
        if draw(st.booleans()):
            region = draw(st.integers(0, 2))
            parents.append(Container(f"a{account}/r{region}", f"region {region}", "region"))
        category = draw(st.sampled_from(categories))
        kind = draw(st.sampled_from(("Role", "Instance", "Policy")))
        nodes.append(
            MapNode(f"n{number}", f"node {number}", kind, category, parents=tuple(parents))
        )
    places = st.integers(0, len(nodes) - 1)
    paths = []
    links = []
    for number in range(draw(st.integers(0, 20))):
        stations = draw(st.lists(places, min_size=2, max_size=6))
        steps = tuple(Step(nodes[place].id, "") for place in stations)
        paths.append(MapPath(f"p{number}", "high", "yes", steps))
        links += [
            MapLink(one.node_id, other.node_id, "CAN_REACH", "network")
            for one, other in pairwise(steps)
        ]
    return MapModel(title="t", nodes=tuple(nodes), links=tuple(links), paths=tuple(paths))


@settings(max_examples=60, deadline=None)
@given(models())
def test_bands_hold_every_station_once_and_nothing_overlaps(model: MapModel) -> None:
    view = band_view(model)
    if view is None:
        assert model.paths == ()
        return
    stations = {step.node_id for path in model.paths for step in path.steps}
    drawn = [card.node for card in view.cards]
    hidden = [number for card in view.more for number in card.nodes]
    assert sorted(model.nodes[number].id for number in drawn + hidden) == sorted(stations)
    assert len(drawn) <= MOST_CARDS
    for one, other in combinations([*view.cards, *view.more], 2):
        apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2
        apart_y = abs(one.y - other.y) >= CARD_HEIGHT
        assert apart_x or apart_y
    for column in view.columns:
        inside = [c for c in view.cards if column.left < c.x < column.left + column.width]
        assert 0 < len(inside) + len(view.more) <= MOST_ROWS + len(view.more)


@settings(max_examples=60, deadline=None)
@given(models())
def test_the_tree_holds_every_node_once_and_starts_small(model: MapModel) -> None:
    tree = build_tree(model)
    seen: list[int] = []

    def walk(children: tuple[int, ...] | list[int]) -> int:
        total = 0
        for child in children:
            if child >= 0:
                seen.append(child)
                total += 1
                continue
            box = tree.boxes[-1 - child]
            assert box.size == walk(box.children)
            total += box.size
        return total

    assert walk(tree.roots) == len(model.nodes)
    assert sorted(seen) == list(range(len(model.nodes)))
    items = len(tree.roots) + sum(shown_children(tree.boxes[box].children) for box in tree.opened)
    assert items <= FIRST_VIEW_ITEMS
    for box in tree.opened:
        parent = tree.boxes[box].parent
        assert parent < 0 or parent in tree.opened


def test_bands_run_from_the_internet_to_the_targets() -> None:
    model = organisation()
    view = band_view(model)
    assert view is not None
    assert [column.title for column in view.columns] == [
        "Internet",
        "Entry",
        "Compute",
        "Identity",
        "Privilege",
        "Targets",
    ]
    title = {
        model.nodes[card.node].name: next(
            column.title
            for column in view.columns
            if column.left < card.x < column.left + column.width
        )
        for card in view.cards
    }
    assert title["internet"] == "Internet"
    assert title["web-public-alb"] == "Entry"
    assert title["jumpbox"] == "Compute"
    assert title["web-instance-role"] == "Identity"
    assert title["lambda-deployer"] == "Privilege"  # reached through another principal
    assert title["admin of prod"] == title["prod/db/master"] == "Targets"


def test_links_that_skip_bands_pass_between_the_cards() -> None:
    model = organisation()
    view = band_view(model)
    assert view is not None
    for _, points in view.routes:
        for x, y in points:
            for card in view.cards:
                beside = abs(card.x - x) > card.width / 2 + 1
                assert beside or abs(card.y - y) >= CARD_HEIGHT / 2


def test_without_paths_there_are_no_bands() -> None:
    assert band_view(tiny()) is not None
    assert band_view(replace(tiny(), paths=())) is None


def test_plurals() -> None:
    words = {"Role": "Roles", "Policy": "Policies", "KMS key": "KMS keys", "AWS": "AWS", "": ""}
    assert {word: plural(word) for word in words} == words
