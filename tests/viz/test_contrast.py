"""WCAG contrast of every pair of text and ground, computed from the style sheet itself."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from viz.icons import drawings, icon_for
from viz.model import CATEGORIES, LINK_KINDS, SEVERITIES

TEXT_ON = (
    *(
        (ink, ground)
        for ink in ("text", "muted")
        for ground in (
            "page",
            "panel",
            "hover",
            "card",
            "halo",
            "band",
            "warn",
            "box-account",
            "box-region",
            "box-vpc",
            "box-other",
        )
    ),
    ("accent", "panel"),
    ("on-accent", "accent"),
    ("panel", "text"),
    *(("on-colour", f"sev-{severity}") for severity in SEVERITIES),
)
# WCAG 1.4.11 asks 3:1 of what is not text: icons, lines, focus rings.
SHAPES_ON = (
    *(("on-colour", f"cat-{category}") for category in CATEGORIES),
    *((f"link-{kind}", ground) for kind in LINK_KINDS for ground in ("page", "band", "box-region")),
    *((f"sev-{severity}-line", "card") for severity in ("critical", "high", "medium", "low")),
    ("accent", "page"),
    ("accent", "card"),
)


def theme(name: str) -> dict[str, str]:
    css = resources.files("viz").joinpath("assets/css/tokens.css").read_text("utf-8")
    light, dark = re.findall(r":root[^{]*\{(.*?)\}", css, re.DOTALL)
    values = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if name == "dark":
        values |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return values


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_the_standards() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_is_readable(name: str) -> None:
    colours = theme(name)
    faint = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in TEXT_ON
        if contrast(colours[ink], colours[ground]) < 4.5
    }
    assert faint == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_shapes_can_be_seen(name: str) -> None:
    colours = theme(name)
    faint = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in SHAPES_ON
        if contrast(colours[ink], colours[ground]) < 3
    }
    assert faint == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_numbers_on_links_are_readable(name: str) -> None:
    colours = theme(name)
    # Numbers are bold and at least 12.5 px; still the full 4.5 is asked where they are small.
    faint = {
        kind: round(contrast(colours["on-link"], colours[f"link-{kind}"]), 2)
        for kind in LINK_KINDS
        if contrast(colours["on-link"], colours[f"link-{kind}"]) < 4.5
    }
    assert faint == {}


def test_every_kind_has_a_drawing() -> None:
    kinds = ("Instance", "Load balancer", "S3 bucket", "KMS key", "Role", "no such kind", "")
    for category in CATEGORIES:
        for kind in kinds:
            assert icon_for(kind, category) in drawings()
    assert icon_for("Load balancer", "network") == "balancer"
    assert icon_for("Instance profile", "identity") != icon_for("Instance", "compute")
