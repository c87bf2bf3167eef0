"""Tokens that look drawn at random: keys without a format of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from collector.secret_names import is_hash_name

_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![A-Za-z0-9+/_-])")
_NAME_BEFORE = re.compile(r"([A-Za-z][\w.-]{0,64})[\"']?\s{0,5}[:=]\s{0,5}[\"']?\Z")
_LOOKED_AT = 400
_LEAST_BITS = 3.9
"""Bits of entropy per character: detect-secrets' limit of 4.5 is for long strings; 24 random
characters of base64 have 4.3, words of a language under 3.9."""
_LEAST_CHANGES = 0.42
"""Share of neighbours of different kinds (upper, lower, digit): 0.6 in random base64, 0.2 in words
in camel case."""


@cache
def _measure() -> Any:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    return Base64HighEntropyString()


def random_tokens(text: str) -> Iterator[tuple[int, int]]:
    """Where tokens are that look random and are called neither a hash nor an identifier."""
    for match in _TOKEN.finditer(text):
        if is_random(match.group()):
            before = _NAME_BEFORE.search(text, max(0, match.start() - 80), match.start())
            if before is None or not is_hash_name(before.group(1)):
                yield match.span()


def is_random(token: str) -> bool:
    """Whether a token looks random: letters of both cases and digits, mixed evenly.

    Hexadecimal digits are not: hashes and identifiers are written so.
    """
    kinds = [_kind(character) for character in token[:_LOOKED_AT] if character.isalnum()]
    if len(set(kinds)) < 3 or len(kinds) < 20:
        return False
    changes = sum(one != other for one, other in pairwise(kinds))
    if changes / len(kinds) < _LEAST_CHANGES:
        return False
    return float(_measure().calculate_shannon_entropy(token[:_LOOKED_AT])) >= _LEAST_BITS


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "lower"
