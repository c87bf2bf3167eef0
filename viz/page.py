"""The page around a map: assets inlined, hashes computed, policy written.

Everything executable on the page is one of the files of this package or pyvis's packaged
vis-network bundle. A Content-Security-Policy admits those by hash and nothing else, so that even
a hole in the escaping could not run anything or send anything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import zlib
from importlib import resources

import jinja2
from markupsafe import Markup

from viz.display_text import script_json, shown
from viz.model import MapModel

COMPRESS_FROM = 8_000
"""Characters of data from which they are compressed: a mailed file should stay small."""

BUNDLE = "lib/vis-9.1.2/vis-network.min.js"
BUNDLE_SHA256 = "1f20f0736f32cb9bedf8f6383b25cfea2f839e1abe80d6e8040b4d5bea378c69"
"""Of the file as pyvis 0.3.2 packages it."""

STYLES = ("tokens", "page", "panels", "table", "print")
SCRIPTS = (
    # In the order of their use; they share one function scope.
    "dom",
    "data",
    "theme",
    "filters",
    "packing",
    "scene",
    "links",
    "routing",
    "text_fit",
    "draw_links",
    "draw_cards",
    "draw_containers",
    "canvas",
    "camera",
    "details",
    "path_panel",
    "sidebar",
    "search",
    "table",
    "svg_context",
    "export",
    "keyboard",
    "main",
)


class BundleError(RuntimeError):
    """The installed pyvis does not carry the vis-network bundle that this version was built for."""


@functools.cache
def vis_network() -> str:
    """Return the vis-network bundle out of the installed pyvis.

    Raises:
        BundleError: it is missing or another one.
    """
    try:
        data = resources.files("pyvis").joinpath(BUNDLE).read_bytes()
    except OSError as error:
        raise BundleError(f"pyvis carries no {BUNDLE}; install pyvis 0.3.2") from error
    if hashlib.sha256(data).hexdigest() != BUNDLE_SHA256:
        raise BundleError(f"pyvis carries another {BUNDLE} than 0.3.2 does; install pyvis 0.3.2")
    # A parser reads every line end as a line feed: the hash must be of what it reads.
    return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


@functools.cache
def _asset(name: str) -> str:
    return resources.files("viz").joinpath(f"assets/{name}").read_text(encoding="utf-8")


@functools.cache
def application_script() -> str:
    """Join the map's own scripts into one strict function scope without globals."""
    parts = [_without_comments(_asset(f"js/{name}.js")) for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _without_comments(source: str) -> str:
    """Leave out comment lines and indentation: a quarter of the size of a mailed file.

    Only whole lines are touched. A test holds the scripts to that form (comments start their
    line, no template literal spans lines).
    """
    kept = []
    in_comment = False
    for line in source.splitlines():
        text = line.strip()
        in_comment = in_comment or text.startswith("/*")
        if text and not in_comment and not text.startswith("//"):
            kept.append(text + "\n")
        if in_comment and text.endswith("*/"):
            in_comment = False
    return "".join(kept)


@functools.cache
def style_sheet() -> str:
    """Join the map's style sheets."""
    return "".join(_without_comments(_asset(f"css/{name}.css")) for name in STYLES)


def content_policy(scripts: list[str], styles: list[str]) -> str:
    """Write the Content-Security-Policy that admits exactly these inline texts."""

    def hashes(texts: list[str]) -> str:
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in texts
        )

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; "
        "img-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def data_block(value: object) -> tuple[Markup, str]:
    """Serialise the payload; returns the text and its encoding, ``json`` or ``deflate``.

    The compressed form is zlib's format in base64, which every browser since 2023 can decode
    with ``DecompressionStream``.
    """
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(raw) < COMPRESS_FROM:
        return script_json(value), "json"
    packed = base64.b64encode(zlib.compress(raw.encode("utf-8"), 9)).decode("ascii")
    return Markup(packed), "deflate"  # noqa: S704 - base64 holds no markup


def page(model: MapModel, data: object) -> str:
    """Write the whole page: ``model`` for the text without scripts, ``data`` for the map."""
    bundle, script, style = vis_network(), application_script(), style_sheet()
    text, encoding = data_block(data)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    return environment.from_string(_asset("page.html.j2")).render(
        model=model,
        policy=content_policy([bundle, script], [style]),
        bundle=Markup(bundle),  # noqa: S704 - hash verified above
        script=Markup(script),  # noqa: S704 - this package's own file
        style=Markup(style),  # noqa: S704 - this package's own file
        data=text,
        encoding=encoding,
    )
