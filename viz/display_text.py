"""Hostile text made fit for display and for a script data block.

Names, tags and policies come from AWS, so from whoever could write them. Two things are done
here; that the page only ever sets ``textContent`` is the third.
"""

from __future__ import annotations

import json
import unicodedata

from markupsafe import Markup

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST = 8_000
"""Characters of one text that a map carries; what is cut is counted in the text."""

# Cc: control. Cf: format, which holds every bidirectional control, zero-width character and tag
# character. Cs: lone surrogates, which UTF-8 cannot encode. Zl, Zp: line ends inside a script.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Unicode's noncharacters at the end of the basic plane; XML (the SVG export) forbids them.
_NONCHARACTERS = frozenset({"\ufffe", "\uffff"})


def shown(text: str, *, lines: bool = False) -> str:
    """Give ``text`` as it may stand on a page.

    Control, bidirectional, zero-width and unencodable characters become U+FFFD, so that a name
    can neither reorder nor hide what stands beside it.

    Args:
        text: any string, lone surrogates included.
        lines: keep line feeds and tabs (policy text, evidence).
    """
    head = text[:LONGEST]
    if not (head.isascii() and head.isprintable()):
        kept = "\n\t" if lines else ""
        head = "".join(c if c in kept else _shown_character(c) for c in head)
    if len(text) > LONGEST:
        return f"{head}… ({len(text) - LONGEST} more characters)"
    return head


def _shown_character(character: str) -> str:
    if character in _NONCHARACTERS or unicodedata.category(character) in _UNSHOWABLE:
        return REPLACEMENT
    return character


def script_json(value: object) -> Markup:
    r"""Serialise ``value`` for a ``<script type="application/json">`` block.

    ``&``, ``<`` and ``>`` are written as ``\uXXXX``, so no text can end the block; everything
    outside ASCII is escaped too, U+2028 and U+2029 among it. Keys keep their order: the same
    value gives the same bytes.
    """
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "&<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above
