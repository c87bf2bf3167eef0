"""Size and speed of a map at 40, 2,000 and 20,000 nodes in headless Chromium.

Run: ``python benchmarks/bench_map.py [NODES ...]``. Prints one line per size: seconds to render in
Python, megabytes of the file, seconds from navigation to the first drawn view, frames per second
while panning, milliseconds of a search, megabytes of script heap, cards of the first view, and
milliseconds to open one level of containers.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from viz.map import write_map
from viz.model import Category, Container, MapAccount, MapLink, MapModel, MapNode, MapPath, Step

KINDS: tuple[tuple[str, Category, bool], ...] = (
    ("Instance", "compute", True),
    ("Role", "identity", False),
    ("Lambda function", "compute", False),
    ("Policy", "policy", False),
    ("Security group", "network", True),
    ("S3 bucket", "data", False),
    ("KMS key", "secrets", False),
    ("Network interface", "network", True),
)
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
SEVERITIES = ("critical", "high", "medium", "low")

PAN = """async () => {
  const map = document.querySelector("#map");
  const box = map.getBoundingClientRect();
  const fire = (type, x, y) => map.querySelector("canvas").dispatchEvent(new PointerEvent(type,
    {clientX: box.x + x, clientY: box.y + y, bubbles: true, pointerId: 1, pointerType: "mouse",
     isPrimary: true, button: 0, buttons: type === "pointerup" ? 0 : 1}));
  fire("pointerdown", 400, 400);
  const started = performance.now();
  let frames = 0;
  while (performance.now() - started < 2000) {
    const angle = frames / 8;
    fire("pointermove", 400 + 150 * Math.cos(angle), 400 + 150 * Math.sin(angle));
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  fire("pointerup", 400, 400);
  return frames * 1000 / (performance.now() - started);
}"""
SEARCH = """() => {
  mapperMap.search("warm");
  const started = performance.now();
  mapperMap.search("0017 prod");
  return performance.now() - started;
}"""
EXPAND = """async () => {
  const started = performance.now();
  document.querySelector("#tool-expand").click();
  await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""


def organisation(nodes: int) -> MapModel:
    """A made-up organisation: 810 resources per account, two links per resource."""
    made: list[MapNode] = [MapNode("internet", "Internet", "Internet", "source")]
    accounts: dict[str, MapAccount] = {}
    for number in range(nodes - 1):
        account = f"{111_111_111_111 + number // 810}"
        accounts.setdefault(account, MapAccount(account, f"account-{number // 810}"))
        made.append(_resource(number, account, accounts[account].name))
    links = [_link(made, number, step) for number in range(len(made)) for step in (1, 7)]
    entries = [node for node in made if node.severity == "critical"][:30]
    links += [MapLink("internet", node.id, "CAN_REACH", "network", "yes") for node in entries]
    paths = tuple(
        MapPath(f"Open {n.name}", "critical", "yes", (Step("internet", ""), Step(n.id, "")))
        for n in entries
    )
    return MapModel(
        title=f"{nodes} nodes",
        accounts=tuple(accounts.values()),
        nodes=tuple(made),
        links=tuple(links),
        paths=paths,
    )


def _resource(number: int, account: str, name: str) -> MapNode:
    kind, category, in_vpc = KINDS[number % len(KINDS)]
    region = REGIONS[number // 8 % 3]
    parents = [Container(f"a{account}", f"{name} {account}", "account")]
    if kind not in {"Role", "Policy"}:
        parents.append(Container(f"{account}/{region}", region, "region"))
    if in_vpc:
        parents.append(Container(f"{account}/{region}/vpc", "vpc-main 10.0.0.0/16", "vpc"))
        subnet = f"subnet-{number // 24 % 4}"
        parents.append(Container(f"{account}/{region}/vpc/{subnet}", subnet, "subnet"))
    service = kind.lower().replace(" ", "-")
    return MapNode(
        id=f"arn:aws:{service}:{region}:{account}:{service}/r-{number * 2654435761 % 2**32:08x}",
        name=f"{service}-{number:05}",
        kind=kind,
        category=category,
        account_id=account,
        account_name=name,
        region=region,
        parents=tuple(parents),
        severity=SEVERITIES[number // 5 % 4] if number % 5 == 0 else None,  # type: ignore[arg-type]
        tags=(f"Name={service}-{number:05}", f"env={'prod' if number % 2 else 'dev'}"),
        facts=(("created", f"2026-{1 + number % 12:02}-{1 + number % 28:02}"), ("state", "active")),
        evidence=(f"Security group sg-{number % 997:04x} admits tcp/443 from 0.0.0.0/0.",),
    )


def _link(made: list[MapNode], number: int, step: int) -> MapLink:
    target = made[(number * step + step) % len(made)]
    why = f"{made[number].name} leads to {target.name}."
    relationship = "HAS_ROLE" if step == 1 else "CAN_ACCESS"
    kind: Any = "assume" if step == 1 else "data"
    return MapLink(made[number].id, target.id, relationship, kind, "yes", "", why, (why,))


def measure(browser: Browser, nodes: int) -> str:
    """Render, open and use one size."""
    model = organisation(nodes)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        file = write_map(model, Path(folder) / "map.html")
        rendered = time.perf_counter() - started
        page = browser.new_page(viewport={"width": 1500, "height": 920})
        started = time.perf_counter()
        page.goto(file.as_uri())
        page.evaluate("mapperMap.ready")
        ready = time.perf_counter() - started
        cards = len(page.evaluate("mapperMap.inspect().items"))
        frames = page.evaluate(PAN)
        search = page.evaluate(SEARCH)
        heap = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
        page.click("#view-accounts")
        page.click("#tool-collapse")
        closed_frames = page.evaluate(PAN)
        expand = page.evaluate(EXPAND)
        page.close()
        size = file.stat().st_size / 1e6
    return (
        f"{nodes:>6} nodes  render {rendered:5.2f} s  file {size:5.2f} MB  ready {ready:5.2f} s  "
        f"pan {frames:3.0f} fps (accounts {closed_frames:3.0f})  search {search:5.1f} ms  "
        f"heap {heap:4.0f} MB  first view {cards} cards  expand {expand:4.0f} ms"
    )


def main() -> None:
    """Measure the sizes given on the command line."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [40, 2_000, 20_000]
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for nodes in sizes:
            print(measure(browser, nodes), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
