"""The part of CBOR (RFC 8949) that Smithy's rpc-v2-cbor uses."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any


def encoded(value: Any) -> bytes:
    """A value of JSON's kinds, bytes and moments.

    Raises:
        TypeError: it is of another kind.
    """
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            data = value.encode()
            return _head(3, len(data)) + data
        case list():
            return _head(4, len(value)) + b"".join(encoded(inner) for inner in value)
        case dict():
            return _head(5, len(value)) + b"".join(
                encoded(key) + encoded(inner) for key, inner in value.items()
            )
        case dt.datetime():
            return b"\xc1" + encoded(value.timestamp())
    raise TypeError(f"{type(value).__name__} has no form in CBOR here")


def _head(major: int, number: int) -> bytes:
    for code, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise TypeError(f"{number} is too large")


def decoded(data: bytes) -> Any:
    """The value of one CBOR item.

    Raises:
        ValueError: it is cut off or uses what rpc-v2-cbor does not.
    """
    try:
        return _item(data, 0)[0]
    except (IndexError, struct.error) as problem:
        raise ValueError("the CBOR item is cut off") from problem


def _item(data: bytes, at: int) -> tuple[Any, int]:
    major, info = data[at] >> 5, data[at] & 31
    if major == 7:
        return _simple(data, at, info)
    if info == 31:
        return _indefinite(data, at + 1, major)
    number, at = _number(data, at + 1, info)
    if major in (0, 1):
        return (number if major == 0 else -1 - number), at
    if major in (2, 3):
        piece = data[at : at + number]
        if len(piece) < number:
            raise IndexError
        return (piece if major == 2 else piece.decode()), at + number
    if major == 4:
        return _sequence(data, at, number)
    if major == 5:
        flat, at = _sequence(data, at, 2 * number)
        return dict(zip(flat[::2], flat[1::2], strict=True)), at
    value, at = _item(data, at)
    return (dt.datetime.fromtimestamp(value, dt.UTC) if number == 1 else value), at


def _sequence(data: bytes, at: int, count: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(count):
        value, at = _item(data, at)
        found.append(value)
    return found, at


def _number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    size, form = {24: (1, ">B"), 25: (2, ">H"), 26: (4, ">I"), 27: (8, ">Q")}[info]
    return struct.unpack(form, data[at : at + size])[0], at + size


def _simple(data: bytes, at: int, info: int) -> tuple[Any, int]:
    if info in (20, 21, 22, 23):
        return {20: False, 21: True}.get(info), at + 1
    size, form = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}[info]
    return struct.unpack(form, data[at + 1 : at + 1 + size])[0], at + 1 + size


def _indefinite(data: bytes, at: int, major: int) -> tuple[Any, int]:
    found = []
    while data[at] != 0xFF:
        value, at = _item(data, at)
        found.append(value)
    if major == 5:
        return dict(zip(found[::2], found[1::2], strict=True)), at + 1
    return (found if major == 4 else (b"" if major == 2 else "").join(found)), at + 1
