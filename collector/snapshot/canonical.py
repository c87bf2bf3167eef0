"""One way to write a value: sorted keys, UTF-8, ISO 8601 in UTC, so that equal worlds give
equal bytes."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any


def time_text(moment: dt.datetime) -> str:
    """``2026-11-22T04:35:24Z``, with a fraction only where there is one."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    text = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return text.isoformat(timespec="microseconds" if text.microsecond else "seconds") + "Z"


def plain(value: Any) -> Any:
    """A copy of an answer in JSON's types: times as text, bytes as base64."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dt.datetime):
        return time_text(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


def line_bytes(value: Mapping[str, Any]) -> bytes:
    """One line of a snapshot file, with its newline."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can carry and UTF-8 cannot: escape this line.
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
