"""Identity providers that are known: where their tokens say whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.guards.data import data

Form = tuple[tuple[str, str, str], ...]
"""A claim's parts from left to right: (part, what stands before it, what ends it)."""


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """How a provider's tokens say whose they are; see ``identity_providers.json``."""

    name: str
    tenant_word: str
    issuer_fixes: bool
    audience: str
    levels: Mapping[str, str]
    claims: Mapping[str, tuple[Form, ...]]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a value of a claim fixes.

    Attributes:
        parts: (part, text) from left to right, each one text.
        open_part: the part that is left open after them; empty if nothing is.
    """

    parts: tuple[tuple[str, str], ...]
    open_part: str = ""


def layout_of(issuer: str) -> TokenLayout | None:
    """The layout of an issuer (host and path); ``None`` for one that is not known."""
    for pattern, layout in _layouts():
        if pattern.fullmatch(issuer.lower().rstrip("/")):
            return layout
    return None


@cache
def _layouts() -> tuple[tuple[re.Pattern[str], TokenLayout], ...]:
    rows = data("identity_providers.json")["providers"]
    return tuple((_pattern(row["issuer"]), _layout(row)) for row in rows)


def _pattern(issuer: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[a-z]+\})", issuer)
    return re.compile(
        "".join("[^/]+" if piece.startswith("{") else re.escape(piece) for piece in pieces)
    )


def _layout(row: Mapping[str, Any]) -> TokenLayout:
    return TokenLayout(
        name=str(row["name"]),
        tenant_word=str(row["tenant_word"]),
        issuer_fixes=bool(row.get("issuer_fixes")),
        audience=str(row.get("audience", "aud")),
        levels=row["levels"],
        claims={
            claim: tuple(tuple((a, b, c) for a, b, c in form) for form in forms)
            for claim, forms in row["claims"].items()
        },
    )


def read_claim(value: str, forms: tuple[Form, ...], *, wild: bool) -> Fixed:
    """What one value of a condition fixes of a claim, by the form that it fits best.

    Args:
        value: as the policy writes it.
        forms: of the claim.
        wild: whether ``*`` and ``?`` stand for other text.
    """
    found = [_read(value, form, wild=wild) for form in forms]
    whole = [one for one in found if not one.open_part]
    best = max((*reversed(whole), *found), key=lambda one: len(one.parts), default=Fixed(()))
    return best if best.parts or not found else found[0]


def _read(value: str, form: Form, *, wild: bool) -> Fixed:
    parts: list[tuple[str, str]] = []
    rest = value
    for part, before, end in form:
        if not rest.startswith(before):
            return Fixed(tuple(parts), part)
        text, found, rest = rest[len(before) :].partition(end) if end else (rest, "", "")
        if not end:
            text = text[len(before) :]
        if not text or (wild and any(char in text for char in "*?")):
            return Fixed(tuple(parts), part)
        parts.append((part, text))
        if not found:
            break
    return Fixed(tuple(parts))
