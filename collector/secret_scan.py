"""Which kinds of secrets a text holds. It names the rule, never the secret."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from functools import cache
from importlib import resources
from typing import Any

_UNPACKED_LIMIT = 1024 * 1024
"""User data is at most 16 KiB; what unpacks to more than this is scanned up to here."""


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    text = (resources.files("collector") / "data" / "secret-rules.json").read_text("utf-8")
    return tuple(
        (rule["id"], re.compile(rule["pattern"]), bool(rule.get("identifier")))
        for rule in json.loads(text)["rules"]
    )


def hits(text: str, name: str = "") -> list[str]:
    """Rule ids that match, sorted; identifiers with their value: ``aws-access-key-id:AKIA...``.

    Args:
        text: what may hold a secret.
        name: the name it stands under (an environment variable's), which is scanned with it.
    """
    found: set[str] = set()
    for scanned in (text, f"{name}={text}") if name else (text,):
        for rule, pattern, identifier in _rules():
            if identifier:
                found.update(f"{rule}:{match}" for match in pattern.findall(scanned))
            elif pattern.search(scanned):
                found.add(rule)
    return sorted(found)


def readable(value: Any) -> str:
    """The text inside a value: base64 and gzip are unpacked, bytes read as UTF-8."""
    if not isinstance(value, str):
        return json.dumps(value, sort_keys=True, default=str)
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    if raw[:2] == b"\x1f\x8b":
        raw = _gunzipped(raw)
    text = raw.decode("utf-8", errors="replace")
    # A word may happen to be valid base64: then what comes out is no text.
    is_text = "\ufffd" not in text and all(c.isprintable() or c.isspace() for c in text)
    return text if is_text else value


def _gunzipped(raw: bytes) -> bytes:
    try:
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        return unpacker.decompress(raw, _UNPACKED_LIMIT)
    except (zlib.error, gzip.BadGzipFile, EOFError):
        return raw
