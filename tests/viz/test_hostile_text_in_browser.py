"""Everything that AWS hands over is hostile: in every field, through every way of use."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from viz.map import render_map
from viz.model import Container, MapAccount, MapLink, MapModel, MapNode, MapPath, Step

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<img src=x onerror=pwned('img')>",
    "</script><script>pwned('script')</script>",
    "<!--<script>pwned('comment')</script>",
    "\"><svg onload=pwned('svg')>",
    "'-pwned('quote')-'",
    "javascript:pwned('link')",
    "<a href='javascript:pwned(1)'>href</a>",
    "{{7*7}}{% raw %}${pwned('template')}`+pwned('tick')+`",
    "]]><script>pwned('cdata')</script>",
    "&lt;img src=x onerror=pwned('entity')&gt;",
    "\u2028pwned('line')\u2029",
    "\u202egnp.exe\u2066\u200b\x00\x1b[31m",
    "<iframe srcdoc='<script>parent.pwned(1)</script>'>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<base href=https://example.invalid/>",
    "<style>@import 'https://example.invalid/x.css'</style>",
    "\ud800 lone surrogate",
)


def hostile(payload: str) -> MapModel:
    """A model that carries one payload in every text it has."""
    account = Container(f"account {payload}", payload, "account")
    kind = Container(f"other {payload}", payload, payload)
    nodes = tuple(
        MapNode(
            id=f"{payload} {number}",
            name=payload if number else f"start {payload}",
            kind=payload,
            category="compute" if number else "source",
            account_id=payload if number else "",
            account_name=payload,
            region=payload,
            parents=(account, kind) if number else (),
            severity="high",
            subtitle=payload,
            tags=(payload, f"{payload}={payload}"),
            facts=((payload, payload),),
            evidence=(payload, payload * 2),
        )
        for number in range(3)
    )
    links = tuple(
        MapLink(
            nodes[0].id,
            nodes[number].id,
            payload,
            "network",
            "conditional",
            payload,
            payload,
            (payload,),
        )
        for number in (1, 2)
    )
    path = MapPath(
        payload,
        "critical",
        "yes",
        (Step(nodes[0].id, payload), Step(nodes[1].id, payload)),
        payload,
    )
    return MapModel(
        title=payload,
        subtitle=payload,
        generated=payload,
        snapshot_id=payload,
        accounts=(MapAccount(payload, payload),),
        nodes=nodes,
        links=links,
        paths=(path,),
        notes=(payload,),
        totals=((payload, 3),),
    )


def use_everything(shown: Any) -> None:
    """Load, hover, click, search, open, print: each way that text reaches the page."""
    page = shown.page
    page.evaluate("window.print = () => {}")
    for item in shown.inspect()["items"]:
        screen = item["screen"]
        page.mouse.move(screen["x"] + 20, screen["y"] + screen["h"] / 2)
        shown.click(item)
    for button in page.locator("button.path").all():
        button.click()
    page.click("text=Focus on this path")
    page.keyboard.press("Escape")
    page.click("#view-accounts")
    page.keyboard.press("e")
    page.keyboard.press("e")
    page.fill("#search", "e")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    page.evaluate("mapperMap.svg().length + mapperMap.png().length")
    page.click("#tool-print")
    page.wait_for_timeout(40)
    page.keyboard.press("?")
    page.keyboard.press("Escape")


def joined(models: list[MapModel]) -> MapModel:
    """One map of several; the texts of the page as a whole are those of the first."""
    return replace(
        models[0],
        nodes=tuple(node for model in models for node in model.nodes),
        links=tuple(link for model in models for link in model.links),
        paths=tuple(path for model in models for path in model.paths),
        notes=tuple(note for model in models for note in model.notes),
    )


@pytest.mark.parametrize("group", range(3))
def test_nothing_runs_and_nothing_leaves(open_map: Any, group: int) -> None:
    payloads = PAYLOADS[group::3]
    shown = open_map(joined([hostile(payload) for payload in payloads]))
    use_everything(shown)
    assert shown.page.get_attribute("#data", "data-encoding") == "json"
    assert shown.inspect()["total"] == 3 * len(payloads)
    # Nothing of the payload became an element, and no attribute of ours became a handler.
    assert shown.page.locator("body iframe, body base, body meta, body style").count() == 0
    assert shown.page.locator("body script").count() == 3
    assert shown.page.locator("[onerror], [onload], a[href^=javascript]").count() == 0
    assert "\u202e" not in shown.page.content()
    shown.assert_quiet()


def test_compressed_data_are_as_harmless(open_map: Any) -> None:
    shown = open_map(joined([hostile(payload) for payload in PAYLOADS]))
    assert shown.page.get_attribute("#data", "data-encoding") == "deflate"
    assert shown.inspect()["total"] == 3 * len(PAYLOADS)
    for button in shown.page.locator("button.path").all():
        button.click()


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_the_page_itself_holds_only_our_elements(payload: str) -> None:
    elements: Counter[str] = Counter()

    class Counting(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            elements[tag] += 1
            assert not any(name.startswith("on") for name, _ in attrs)

    html = render_map(hostile(payload))
    Counting(convert_charrefs=True).feed(html)
    assert (elements["script"], elements["style"], elements["meta"]) == (3, 1, 4)
    assert elements["img"] == elements["svg"] == elements["iframe"] == elements["base"] == 0
    html.encode("utf-8")


def test_control_and_bidirectional_characters_are_shown(open_map: Any) -> None:
    shown = open_map(hostile("a\u202eb\x1bc"))
    assert shown.page.inner_text("h1") == "a\ufffdb\ufffdc"
    assert shown.page.inner_text("button.path .name") == "a\ufffdb\ufffdc"


def test_ids_that_name_javascript_members_are_ordinary(open_map: Any) -> None:
    account = Container("__proto__", "constructor", "account")
    names = ("constructor", "__proto__", "toString", "hasOwnProperty", "", " ")
    nodes = tuple(
        MapNode(name, name, "constructor", "compute", "__proto__", "valueOf", name, (account,))
        for name in names
    )
    links = tuple(
        MapLink("constructor", name, "__proto__", "escalation", "yes", "constructor")
        for name in names[1:]
    )
    shown = open_map(MapModel(title="constructor", nodes=nodes, links=links))
    shown.page.keyboard.press("e")
    state = shown.inspect()
    drawn = sorted(item["id"] for item in state["items"] if item["type"] == "node")
    assert drawn == sorted(names)
    assert sum(link["count"] for link in state["links"]) == len(links)
    shown.page.fill("#search", "__proto__")
    shown.page.keyboard.press("Enter")
    assert shown.page.locator("#details h2").is_visible()
