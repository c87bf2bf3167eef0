"""The map of accounts in a real Chromium: every link unasked, each kind told, hostile names."""

from __future__ import annotations

from typing import Any

import pytest

from viz.model import Category, Container, LinkKind, MapLink, MapModel, MapNode

pytestmark = pytest.mark.browser

KINDS: tuple[tuple[str, LinkKind], ...] = (
    ("trust", "assume"),
    ("data", "data"),
    ("network", "network"),
    ("management", "admin"),
)
EVIL = "<img src=x onerror=pwned('img')></script><script>pwned('name')</script>"


def accounts(count: int, name: str = "account", *, all_links: bool = True) -> MapModel:
    """``count`` own accounts, one outside that has each kind of link to the first of them."""

    def one(number: int) -> MapNode:
        category: Category = "admin" if number else "source"
        where = "Own accounts" if number else "Outside"
        kind = "Account" if number else "Outside account"
        place = (Container(where, where, "organisation"),)
        return MapNode(f"account:{number}", f"{name} {number}", kind, category, parents=place)

    nodes = tuple(one(number) for number in range(count + 1))
    ends = (("account:0", "account:1"), ("account:1", "account:2"))
    links = tuple(
        MapLink(*pair, f"LINKED_TO {kind}", drawn, "yes", "yes 1", name, (f"role of {kind}",))
        for pair in ends
        for kind, drawn in KINDS
    )
    return MapModel("Accounts", nodes=nodes, links=links, all_links=all_links)


def test_every_link_is_drawn_unasked_each_kind_by_itself(open_map: Any) -> None:
    opened = open_map(accounts(3))
    state = opened.inspect()
    assert sorted(link["kind"] for link in state["links"]) == sorted(
        drawn for _, drawn in KINDS for _ in range(2)
    )
    legend = opened.page.inner_text("aside >> nth=0")
    assert all(word in legend for word in ("Trust", "Data", "Network", "Management"))
    assert opened.page.is_checked("#all-links")
    opened.assert_quiet()


def test_other_maps_draw_only_what_they_did(open_map: Any) -> None:
    opened = open_map(accounts(3, all_links=False))
    drawn = {(link["kind"]) for link in opened.inspect()["links"]}
    assert len(opened.inspect()["links"]) < 8
    assert "admin" in drawn
    assert not opened.page.is_checked("#all-links")


def test_hostile_names_run_nothing(open_map: Any) -> None:
    opened = open_map(accounts(3, EVIL))
    for item in opened.inspect()["items"]:
        opened.click(item)
    opened.page.keyboard.press("t")
    opened.assert_quiet()


def test_a_thousand_accounts_are_capped_and_say_so(open_map: Any) -> None:
    opened = open_map(accounts(1_000))
    state = opened.inspect()
    assert len(state["items"]) <= 60
    assert state["total"] == 1_001
    assert sum(item["name"] is None for item in state["items"]) == 1  # "N more"
    opened.assert_quiet()
