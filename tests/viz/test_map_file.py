"""The file: same bytes, whole or not at all, nothing of anybody else's inside."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from tests.viz.models import organisation, tiny
from viz.map import MapNetwork, MapWriteError, render_map, write_map
from viz.model import Container, MapLink, MapModel, MapNode, MapPath, Step
from viz.page import BUNDLE, BUNDLE_SHA256, SCRIPTS, application_script, style_sheet, vis_network


def test_the_bundle_is_the_one_of_the_pinned_pyvis() -> None:
    assert importlib.metadata.version("pyvis") == "0.3.2"
    data = resources.files("pyvis").joinpath(BUNDLE).read_bytes()
    assert hashlib.sha256(data).hexdigest() == BUNDLE_SHA256
    assert "@license" in vis_network()  # its licence note travels with it
    assert "\r" not in vis_network()
    assert "</script" not in vis_network().lower()


def test_the_same_model_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.viz.models import organisation; from viz.map import render_map;"
        "print(hashlib.sha256(render_map(organisation()).encode()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert elsewhere == hashlib.sha256(render_map(organisation()).encode()).hexdigest()
    assert render_map(organisation()) != render_map(tiny())


def test_the_file_is_utf8_with_ordinary_rights_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    target.write_text("old")
    assert write_map(tiny(name="Größe データ"), target) == target
    text = target.read_bytes().decode("utf-8")
    assert text.startswith("<!doctype html>")
    assert stat.S_IMODE(target.stat().st_mode) & 0o400
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]


def test_an_unwritable_path_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    missing = tmp_path / "no" / "map.html"
    with pytest.raises(MapWriteError, match=re.escape(str(missing))):
        write_map(tiny(), missing)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(MapWriteError, match=r"folder.*choose another file with -o"):
        write_map(tiny(), folder)
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]
    assert list(folder.iterdir()) == []


def test_pyvis_own_page_is_never_used() -> None:
    html = MapNetwork(tiny()).generate_html()
    for foreign in ("bootstrap", "cdnjs", "jsdelivr", "tom-select", "<center>"):
        assert foreign not in html.lower()
    outside_bundle = html.replace(vis_network(), "")
    addresses = re.findall(r"https?://[^\s\"'`)]+", outside_bundle)
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}  # a namespace, never fetched


def test_a_small_map_stays_small() -> None:
    assert len(render_map(tiny()).encode()) <= 600_000


def test_the_scripts_keep_the_form_that_stripping_comments_needs() -> None:
    for name in SCRIPTS:
        source = resources.files("viz").joinpath(f"assets/js/{name}.js").read_text("utf-8")
        for number, line in enumerate(source.splitlines(), 1):
            place = f"{name}.js:{number}"
            assert line.count("`") % 2 == 0, f"{place} has a template literal over several lines"
            if "/*" in line or "*/" in line:
                assert line.strip().startswith(("/*", "*")), f"{place} mixes comment and code"
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
        ):
            assert forbidden not in source, f"{name}.js uses {forbidden}"
    assert "//" not in re.sub(r"http://www\.w3\.org/2000/svg", "", application_script())
    assert "/*" not in style_sheet()


def node(key: str, **more: object) -> MapNode:
    return MapNode(key, key, "Instance", "compute", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"nodes": (node("a"), node("a"))}, "'a'"),
        ({"nodes": (node("a"),), "links": (MapLink("a", "b", "CAN_REACH", "network"),)}, "'b'"),
        ({"nodes": (node("a"),), "paths": (MapPath("p", "low", "yes", (Step("a", ""),)),)}, "'p'"),
        (
            {
                "nodes": (node("a"),),
                "paths": (MapPath("p", "low", "yes", (Step("a", ""), Step("z", ""))),),
            },
            "'z'",
        ),
        ({"nodes": (node("a", severity="awful"),)}, "'awful'"),
        (
            {
                "nodes": (
                    node("a", parents=(Container("x", "", "vpc"),)),
                    node("b", parents=(Container("y", "", "vpc"), Container("x", "", "vpc"))),
                )
            },
            "'x'",
        ),
    ],
)
def test_a_model_that_is_ambiguous_or_leads_nowhere_is_refused(
    parts: dict[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        MapModel(title="t", **parts)  # type: ignore[arg-type]
