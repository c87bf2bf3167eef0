"""A real Chromium, and pages that record everything they should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from viz.map import write_map
from viz.model import MapModel

try:
    from playwright.sync_api import Browser, Page, Route, sync_playwright
except ModuleNotFoundError:  # a user's machine without the development tools
    sync_playwright = None  # type: ignore[assignment]

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WATCH = """
window.alarm = [];
window.pwned = (what) => { window.alarm.push("ran: " + what); };
window.alert = window.confirm = window.prompt = (what) => { window.alarm.push("dialog: " + what); };
document.addEventListener("securitypolicyviolation", (event) => {
  window.alarm.push("policy: " + event.violatedDirective + " " + event.blockedURI);
});
"""


def chromium_path() -> str | None:
    """Find Debian's or a user's Chromium."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    missing = (
        "playwright is not installed"
        if sync_playwright is None
        else None
        if chromium_path()
        else "Chromium is not on the PATH"
    )
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}, and CI=true demands the browser tests")
        pytest.skip(f"{missing}: the map is not tested in a browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """A map in a browser; ``requests`` and ``errors`` must stay empty."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def inspect(self) -> dict[str, Any]:
        state: dict[str, Any] = self.page.evaluate("mapperMap.inspect()")
        return state

    def item(self, name: str) -> dict[str, Any]:
        return next(item for item in self.inspect()["items"] if item["name"] == name)

    def click(self, box: dict[str, Any]) -> None:
        """Click the middle of a card; vis-network needs a moment to tell it from a double click."""
        screen = box["screen"]
        self.page.mouse.click(screen["x"] + screen["w"] / 2, screen["y"] + screen["h"] / 2)
        self.page.wait_for_timeout(60)

    def assert_quiet(self) -> None:
        assert self.page.evaluate("window.alarm") == []
        assert self.errors == []
        assert self.requests == []


@pytest.fixture
def open_map(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """A function that draws a model and opens it offline; every page must end quiet."""
    opened: list[Opened] = []
    contexts = []

    def open_one(model: MapModel, *, scheme: str = "light", path: Path | None = None) -> Opened:
        file = write_map(model, path or tmp_path / f"map-{len(opened)}.html")
        context = browser.new_context(
            viewport={"width": 1500, "height": 920},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        shown = Opened(page)
        opened.append(shown)

        def abort(route: Route) -> None:
            shown.requests.append(route.request.url)
            route.abort()

        page.route(lambda url: not url.startswith(("file:", "blob:", "data:")), abort)
        page.on("pageerror", lambda error: shown.errors.append(str(error)))
        page.on(
            "console",
            lambda message: shown.errors.append(message.text) if message.type == "error" else None,
        )
        page.add_init_script(WATCH)
        page.goto(file.as_uri())
        page.evaluate("mapperMap.ready")
        return shown

    yield open_one
    for shown in opened:
        shown.assert_quiet()
    for context in contexts:
        context.close()
