"""What a reader sees and does, in a real Chromium with the network cut."""

from __future__ import annotations

import base64
import struct
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.viz.models import organisation
from viz.containers import FIRST_VIEW_ITEMS
from viz.model import Container, MapModel, MapNode, MapPath, Step

pytestmark = pytest.mark.browser


def many_roles(count: int) -> MapModel:
    account = Container("account:1", "one 1", "account")
    nodes = [
        MapNode(
            f"arn:role/{number}", f"role-{number:04}", "Role", "identity", "1", parents=(account,)
        )
        for number in range(count)
    ]
    nodes.append(MapNode("arn:vpc", "a key", "KMS key", "secrets", "1", parents=(account,)))
    return MapModel(title="Roles", nodes=tuple(nodes))


def overlaps(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["key"], other["key"])
        for one, other in combinations(items, 2)
        if abs(one["x"] - other["x"]) < (one["w"] + other["w"]) / 2 - 0.5
        and abs(one["y"] - other["y"]) < (one["h"] + other["h"]) / 2 - 0.5
    ]


def outside(state: dict[str, Any]) -> list[str]:
    stage = state["stage"]
    return [
        item["key"]
        for item in [*state["items"], *({**f, "key": f["name"]} for f in state["frames"])]
        if item["screen"]["x"] < stage["x"]
        or item["screen"]["y"] < stage["y"]
        or item["screen"]["x"] + item["screen"]["w"] > stage["x"] + stage["w"]
        or item["screen"]["y"] + item["screen"]["h"] > stage["y"] + stage["h"]
    ]


PIXELS = """(places) => {
  const canvas = document.querySelector("#map canvas");
  const ratio = canvas.width / canvas.getBoundingClientRect().width;
  const box = canvas.getBoundingClientRect();
  const context = canvas.getContext("2d");
  return places.map(([x, y]) => [...context.getImageData(
    Math.round((x - box.x) * ratio), Math.round((y - box.y) * ratio), 1, 1).data].join());
}"""


def undrawn(shown: Any) -> list[str]:
    """Names of the cards on the screen whose icon tile is missing from the canvas.

    A tile is coloured by its category, so its pixel never equals the card's own white.
    """
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    state = shown.inspect()
    stage, scale = state["stage"], state["scale"]
    cards = [
        (item["name"], [item["screen"]["x"] + 20 * scale, item["screen"]["y"] + y * scale])
        for item in state["items"]
        if item["type"] == "node" and item["screen"]["w"] < 300
        for y in [item["h"] / 2 - 14]
        if stage["x"] < item["screen"]["x"] < stage["x"] + stage["w"] - 380
        and stage["y"] < item["screen"]["y"] < stage["y"] + stage["h"] - 90
    ]
    assert cards
    pixels = shown.page.evaluate(PIXELS, [place for _, place in cards])
    blank = {"255,255,255,255", "0,0,0,0"}
    grounds = {"251,252,254,255", "244,247,251,255", "234,239,247,255", "242,239,250,255"}
    return [
        name for (name, _), pixel in zip(cards, pixels, strict=True) if pixel in blank | grounds
    ]


def test_cards_are_drawn_wherever_the_map_is_moved(open_map: Any) -> None:
    shown = open_map(organisation())
    assert undrawn(shown) == []
    shown.page.click("#view-accounts")
    assert undrawn(shown) == []
    for _ in range(2):
        shown.page.keyboard.press("e")
    assert undrawn(shown) == []
    for name in ("management-role-3", "web-01", "fn-shared-services-southeast"):
        shown.page.fill("#search", name)
        shown.page.press("#search", "Enter")
        assert undrawn(shown) == []


def test_offline_with_a_policy_that_allows_nothing_unsafe(open_map: Any) -> None:
    shown = open_map(organisation())
    policy = shown.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "connect-src 'none'" in policy
    # The watch itself works: a request and a handler in markup are both seen.
    shown.page.evaluate("new Image().src = 'https://example.invalid/x.png'")
    shown.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a onclick=\"1\">x</a>')")
    shown.page.wait_for_timeout(50)
    alarms = shown.page.evaluate("window.alarm.splice(0)")
    assert any("img-src" in alarm for alarm in alarms)
    assert any("script-src" in alarm for alarm in alarms)
    shown.errors.clear()
    shown.requests.clear()


def test_the_first_view_is_small_and_wholly_in_sight(open_map: Any) -> None:
    shown = open_map(organisation())
    for view in ("paths", "accounts"):
        shown.page.click(f"#view-{view}")
        state = shown.inspect()
        assert state["view"] == view
        assert 0 < len(state["items"]) + len(state["frames"]) <= FIRST_VIEW_ITEMS
        assert outside(state) == []
        assert overlaps(state["items"]) == []


def test_cards_never_overlap_and_stay_in_their_container_after_expanding(open_map: Any) -> None:
    shown = open_map(organisation())
    shown.page.click("#view-accounts")
    for _ in range(5):
        shown.page.keyboard.press("e")
        state = shown.inspect()
        assert overlaps(state["items"]) == []
        for frame, item in ((f, i) for f in state["frames"] for i in state["items"]):
            inside_x = abs(item["x"] - frame["x"] - frame["w"] / 2) <= (frame["w"] - item["w"]) / 2
            inside_y = abs(item["y"] - frame["y"] - frame["h"] / 2) <= (frame["h"] - item["h"]) / 2
            apart_x = abs(item["x"] - frame["x"] - frame["w"] / 2) >= (frame["w"] + item["w"]) / 2
            apart_y = abs(item["y"] - frame["y"] - frame["h"] / 2) >= (frame["h"] + item["h"]) / 2
            assert (inside_x and inside_y) or apart_x or apart_y
    drawn = {item["id"] for item in state["items"] if item["type"] == "node"}
    assert drawn == {node.id for node in organisation().nodes}


def test_links_run_around_the_cards_in_the_account_view(open_map: Any) -> None:
    shown = open_map(organisation())
    shown.page.click("#view-accounts")
    state = shown.inspect()
    assert len(state["links"]) > 10
    for link in state["links"]:
        for item in state["items"]:
            if item["key"] in (link["from"], link["to"]):
                continue
            for x, y in link["points"]:
                inside = abs(x - item["x"]) < item["w"] / 2 and abs(y - item["y"]) < item["h"] / 2
                assert not inside, f"{link['from']} to {link['to']} runs behind {item['name']}"


def test_closing_what_was_opened_restores_every_position(open_map: Any) -> None:
    shown = open_map(organisation())
    shown.page.click("#view-accounts")
    shown.page.keyboard.press("c")
    before = shown.inspect()
    closed = next(item for item in before["items"] if item["name"].startswith("dev "))
    shown.click(closed)
    opened = shown.inspect()
    assert [frame["name"] for frame in opened["frames"]] == [closed["name"]]
    frame = opened["frames"][0]["screen"]
    shown.page.mouse.click(frame["x"] + frame["w"] - 12, frame["y"] + 12)
    shown.page.wait_for_timeout(60)
    after = shown.inspect()
    key = lambda state: {item["key"]: (item["x"], item["y"]) for item in state["items"]}  # noqa: E731
    assert key(after) == key(before)
    assert after["matching"] == before["matching"] == len(organisation().nodes)


def test_a_capped_group_counts_what_it_does_not_draw(open_map: Any) -> None:
    shown = open_map(many_roles(100))
    assert shown.inspect()["view"] == "accounts"  # no paths, so no path view
    shown.page.keyboard.press("c")
    for _ in range(2):
        shown.page.keyboard.press("e")
    state = shown.inspect()
    more = [item for item in state["items"] if item["type"] == "more"]
    roles = [item for item in state["items"] if (item["name"] or "").startswith("role-")]
    assert [item["hidden"] for item in more] == [60]
    assert len(roles) == 40
    shown.click(more[0])
    state = shown.inspect()
    assert [item["hidden"] for item in state["items"] if item["type"] == "more"] == [20]
    shown.page.fill("#search", "role-0099")
    shown.page.press("#search", "Enter")
    state = shown.inspect()
    assert state["selection"]["type"] == "node"
    assert shown.item("role-0099")["type"] == "node"
    assert [item["hidden"] for item in state["items"] if item["type"] == "more"] == [19]


def test_search_finds_names_arns_and_tags_inside_closed_containers(open_map: Any) -> None:
    shown = open_map(organisation())
    for query, found in (
        ("prod/db/master", "prod/db/master"),
        ("arn:aws:secret:eu-west-1:444444444444", "prod/db/master"),
        ("Name=web-01", "web-01"),
        ("DB master", "prod/db/master"),
    ):
        shown.page.keyboard.press("c")
        shown.page.keyboard.press("/")
        shown.page.fill("#search", query)
        shown.page.keyboard.press("Enter")
        item = shown.item(found)
        assert shown.inspect()["selection"]["key"] == item["key"]
        assert outside({**shown.inspect(), "items": [item], "frames": []}) == []
        assert found in shown.page.inner_text("#details h2")
    shown.page.fill("#search", "no such thing")
    assert "Nothing matches" in shown.page.inner_text("#results")


def test_legend_counts_equal_python(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model)

    def rows(label: str) -> dict[str, int]:
        section = shown.page.locator(f"#sidebar section[aria-label={label}]")
        while section.locator("button.more").count():
            section.locator("button.more").click()
        texts = section.locator("ul.facet > li").all()
        return {
            row.locator("label").inner_text(): int(row.locator(".number").inner_text())
            for row in texts
        }

    assert rows("Types") == Counter(node.kind for node in model.nodes)
    assert rows("Region") == Counter(node.region or "no region" for node in model.nodes)
    accounts = Counter(
        f"{node.account_name} {node.account_id}" if node.account_id else "outside of all accounts"
        for node in model.nodes
    )
    assert rows("Account") == accounts
    assert sum(rows("Relationships").values()) == len(model.links)
    assert len(rows("Relationships")) == len({(li.relationship, li.kind) for li in model.links})
    severities = Counter(node.severity or "none" for node in model.nodes)
    chips = shown.page.locator(".chip").all_inner_texts()
    assert {chip.split()[-2]: int(chip.split()[-1]) for chip in chips} == severities


def test_filters_count_as_python_does(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model)
    shown.page.locator("section[aria-label=Types] li", has_text="Role").locator("input").uncheck()
    shown.page.locator(".chip.severity-none").click()
    shown.page.locator("section[aria-label=Region] li", has_text="us-east-1").locator(
        "input"
    ).uncheck()
    left = [
        node
        for node in model.nodes
        if node.kind != "Role" and node.severity is not None and node.region != "us-east-1"
    ]
    state = shown.inspect()
    assert state["matching"] == len(left) > 0
    ids = {node.id for node in left}
    assert {item["id"] for item in state["items"] if item["type"] == "node"} <= ids
    shown.page.locator("section[aria-label=Relationships] li", has_text="Forwards to").locator(
        "input"
    ).uncheck()
    links = [
        link
        for link in model.links
        if link.source in ids and link.target in ids and link.relationship != "TARGETS"
    ]
    assert shown.inspect()["matchingLinks"] == len(links)
    assert f"{len(left)} of {len(model.nodes)} resources match" in shown.page.inner_text("#status")
    shown.page.click("text=Clear filters")
    assert shown.inspect()["matching"] == len(model.nodes)


def test_choosing_a_path_highlights_exactly_that_path(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model)
    path = model.paths[0]
    shown.page.click(f"button.path:has-text('{path.title}')")
    state = shown.inspect()
    bright = {item["id"] for item in state["items"] if not item["dimmed"]}
    assert bright == {step.node_id for step in path.steps}
    keys = {item["key"]: item["id"] for item in state["items"]}
    walked = {(keys[li["from"]], keys[li["to"]]) for li in state["links"] if li["emphasis"] == 2}
    stations = [step.node_id for step in path.steps]
    assert walked == set(pairwise(stations))
    steps = shown.page.locator(".path-body .steps > li").all_inner_texts()
    assert [text.split("\n")[0] for text in steps] == [str(n) for n in range(len(path.steps))]
    for text, step in zip(steps, path.steps, strict=True):
        assert step.text in text
    assert path.fix is not None
    assert path.fix in shown.page.inner_text(".path-body")


def test_focus_shows_one_path_as_a_readable_stepper(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model)
    shown.page.click(f"button.path:has-text('{model.paths[1].title}')")
    shown.page.click("text=Focus on this path")
    state = shown.inspect()
    assert state["view"] == "focus"
    assert [item["id"] for item in state["items"]] == [s.node_id for s in model.paths[1].steps]
    heights = [item["y"] for item in state["items"]]
    assert heights == sorted(heights)
    assert len({item["x"] for item in state["items"]}) == 1
    assert state["scale"] * 16 >= 12  # the names' font, in pixels on the screen
    assert outside(state) == []
    shown.page.keyboard.press("Escape")
    assert shown.inspect()["view"] == "paths"


def test_a_long_path_wraps_into_columns_that_lead_on(open_map: Any) -> None:
    model = organisation()
    steps = tuple(Step(node.id, f"by way {place}") for place, node in enumerate(model.nodes[:13]))
    long = MapPath("A long way round", "critical", "conditional", steps)
    shown = open_map(replace(model, paths=(long,)))
    shown.page.click("button.path")
    shown.page.click("text=Focus on this path")
    state = shown.inspect()
    assert [item["id"] for item in state["items"]] == [step.node_id for step in steps]
    assert outside(state) == []
    assert overlaps(state["items"]) == []
    # Every station stands right beside the one before it, over or under it, or at its side.
    for one, other in pairwise(state["items"]):
        assert (one["x"] == other["x"]) != (one["y"] == other["y"])


def test_details_give_evidence_and_lead_to_neighbours(open_map: Any) -> None:
    shown = open_map(organisation())
    shown.click(shown.item("web-01"))
    text = shown.page.inner_text("#details")
    for expected in (
        "arn:aws:instance:eu-west-1:444444444444:instance/web-01",
        "Security group web-sg admits tcp/443 from 0.0.0.0/0.",
        "env=prod",
        "public-a 10.0.0.0/24",
        "web-instance-role",
        "web-public-alb",
    ):
        assert expected in text
    shown.page.keyboard.press("Escape")
    shown.click(shown.item("admin of prod"))  # a card at the right, where the panel opens
    card, panel = (
        shown.item("admin of prod")["screen"],
        shown.page.locator("#details").bounding_box(),
    )
    assert card["x"] + card["w"] < panel["x"]
    shown.click(shown.item("web-01"))
    shown.page.click("#details .neighbour:has-text('web-instance-role')")
    assert shown.page.inner_text("#details h2") == "web-instance-role"
    live = shown.page.inner_text("#live")
    assert live.startswith("web-instance-role, Role, severity high")
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("#details").is_hidden()


def test_a_link_shows_its_own_evidence(open_map: Any) -> None:
    shown = open_map(organisation())
    source, target = shown.item("ci-runner")["screen"], shown.item("ci-deploy-role")["screen"]
    y = (source["y"] + source["h"] / 2 + target["y"] + target["h"] / 2) / 2
    shown.page.mouse.click((source["x"] + source["w"] + target["x"]) / 2, y)
    shown.page.wait_for_timeout(60)
    assert shown.page.inner_text("#details h2") == "Carries role"
    assert "ci-runner leads to ci-deploy-role." in shown.page.inner_text("#details")


def test_keys_alone_do_everything(open_map: Any) -> None:
    shown = open_map(organisation())
    shown.page.focus("#map")
    shown.page.keyboard.press("ArrowRight")
    first = shown.inspect()["selection"]
    assert first["type"] == "node"
    shown.page.keyboard.press("ArrowRight")
    assert shown.inspect()["selection"] != first
    outline = shown.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    shown.click(shown.item("web-02"))  # a click leaves the keys with the map
    shown.page.keyboard.press("ArrowUp")
    assert shown.inspect()["selection"]["key"] == shown.item("web-01")["key"]
    shown.page.keyboard.press("Escape")
    shown.page.keyboard.press("v")
    assert shown.inspect()["view"] == "accounts"
    shown.page.keyboard.press("c")
    shown.page.keyboard.press("ArrowRight")
    while (shown.inspect()["selection"] or {}).get("type") != "box":
        shown.page.keyboard.press("ArrowRight")
    shown.page.keyboard.press("Enter")
    assert len(shown.inspect()["frames"]) == 1
    shown.page.keyboard.press("?")
    assert shown.page.locator("#help").is_visible()
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("#help").is_hidden()
    shown.page.keyboard.press("t")
    assert shown.page.locator("#table tbody tr").count() > 8
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("#table").is_hidden()


def test_the_table_holds_what_the_map_shows(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model)
    shown.page.click("#view-table")
    tables = shown.page.locator("#table table")
    assert tables.nth(0).locator("tbody tr").count() == len(model.paths)
    assert tables.nth(1).locator("tbody tr").count() == len(model.nodes)
    assert tables.nth(2).locator("tbody tr").count() == len(model.links)
    for note in model.notes:
        assert note in shown.page.inner_text("#table")


def test_a_name_of_several_words_breaks_between_them(open_map: Any) -> None:
    """Of every length, so that some fit one line only without their blanks."""
    names = [f"Any AWS {'account' * 3}"[:length].strip() for length in range(9, 29)]
    nodes = tuple(
        MapNode(f"source:{n}", name, "Internet", "source") for n, name in enumerate(names)
    )
    shown = open_map(MapModel(title="Names", nodes=nodes))
    root = ElementTree.fromstring(shown.page.evaluate("mapperMap.svg()"))
    texts = [element.text for element in root.iter() if element.text]
    pairs = {f"{one} {other}" for one, other in pairwise(texts)}
    whole = [name for name in names if name in texts or name in pairs]
    assert whole[:12] == names[:12]
    assert any(name not in texts for name in whole), "none of them was broken"


def test_exports_are_whole_and_inert(open_map: Any) -> None:
    shown = open_map(organisation())
    root = ElementTree.fromstring(shown.page.evaluate("mapperMap.svg()"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "rect", "path", "circle", "text"}
    for element in root.iter():
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)
    texts = {element.text for element in root.iter() if element.text}
    assert {"web-public-alb", "Compute"} <= texts
    picture = shown.page.evaluate("mapperMap.png()")
    width, height = struct.unpack(">II", base64.b64decode(picture.partition(",")[2])[16:24])
    _, _, view_width, view_height = (float(part) for part in root.get("viewBox", "").split())
    assert width >= 2 * view_width - 1
    assert height >= 2 * view_height - 1


def test_exports_are_saved_under_the_title(open_map: Any) -> None:
    shown = open_map(organisation())
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        with shown.page.expect_download() as waiting:
            shown.page.click(f"#tool-{ending}")
        assert waiting.value.suggested_filename == f"what-the-internet-reaches.{ending}"
        assert Path(waiting.value.path()).read_bytes().startswith(start)


def test_paper_shows_the_map_the_paths_and_what_was_not_seen(open_map: Any) -> None:
    model = organisation()
    shown = open_map(model, scheme="dark")
    shown.page.evaluate("window.print = () => {}")
    shown.page.click("#tool-print")
    shown.page.wait_for_selector("#print-sheet img", state="attached")
    shown.page.emulate_media(media="print")
    width = shown.page.locator("#print-sheet img").evaluate("(image) => image.naturalWidth")
    assert width > 2_000
    assert shown.page.locator("#print-sheet img").is_visible()
    assert shown.page.locator("#sidebar").is_hidden()
    text = shown.page.inner_text("#print-sheet")
    assert all(path.title in text for path in model.paths)
    assert all(note in text for note in model.notes)


def test_paths_that_do_not_fit_are_counted_and_open_alone(open_map: Any) -> None:
    model = organisation()
    sample = model.paths[5]
    extra = tuple(
        replace(model.nodes[0], id=f"arn:x{number}", name=f"open-{number:02}", category="compute")
        for number in range(30)
    )
    paths = tuple(
        replace(
            sample,
            title=f"Open machine {node.name}",
            steps=(sample.steps[0], sample.steps[1]._replace(node_id=node.id)),
        )
        for node in extra
    )
    model = replace(model, nodes=model.nodes + extra, paths=model.paths + paths)
    shown = open_map(model)
    state = shown.inspect()
    drawn = {item["id"] for item in state["items"] if item["type"] == "node"}
    stations = {step.node_id for path in model.paths for step in path.steps}
    hidden = sum(item["hidden"] for item in state["items"])
    assert hidden == len(stations - drawn) > 0
    assert len(state["items"]) <= FIRST_VIEW_ITEMS
    assert overlaps(state["items"]) == []
    missing = next(path for path in paths if path.steps[1].node_id not in drawn)
    while not shown.page.locator(f"button.path:has-text('{missing.title}')").count():
        shown.page.click("section[aria-label='Attack paths'] button.more")
    shown.page.click(f"button.path:has-text('{missing.title}')")
    assert shown.inspect()["view"] == "focus"


def test_a_large_map_is_compressed_and_still_read(open_map: Any) -> None:
    model = many_roles(3_000)
    shown = open_map(model)
    assert shown.page.get_attribute("#data", "data-encoding") == "deflate"
    state = shown.inspect()
    assert state["total"] == state["matching"] == 3_001
    assert len(state["items"]) + len(state["frames"]) <= FIRST_VIEW_ITEMS


def test_an_empty_map_says_so(open_map: Any) -> None:
    shown = open_map(MapModel(title="Nothing"))
    assert "0 of 0 resources match" in shown.page.inner_text("#status")
