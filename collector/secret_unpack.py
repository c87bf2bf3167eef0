"""The text inside a value: base64, gzip and MIME multipart, in any nesting, within bounds.

User data is base64 of a script, of gzip, or of a MIME multipart whose parts may be packed again.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html and
https://cloudinit.readthedocs.io/en/latest/explanation/format.html
"""

from __future__ import annotations

import base64
import binascii
import email
import email.message
import re
import zlib

LIMIT = 1024 * 1024
"""Characters of unpacked text that are kept. User data is at most 16 KiB before it is unpacked."""
_DEPTH = 6
_PARTS = 200
_GZIP = b"\x1f\x8b"
# Of texts without blanks at their end: blanks in two places would be tried in every division.
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}")
_URL_SAFE = re.compile(r"[A-Za-z0-9_\-\s]+={0,2}")
_MIME = re.compile(r"(?:\A|\n)Content-Type:\s*multipart/", re.IGNORECASE)
_HEADER = re.compile(r"\s{0,100}(?:From |[A-Za-z][A-Za-z-]{1,40}:)")
_HEADERS = 4096


def unpacked(value: str) -> str:
    """The text that a value holds when all its packings are undone; itself if it is not packed.

    Args:
        value: a text, or base64 of a text, of gzip or of a MIME multipart.
    """
    return _text(value, _DEPTH)[:LIMIT] if _may_be_packed(value) else value


def decoded(value: str) -> bytes | None:
    """What a value is the base64 of; ``None`` if it is no base64."""
    value = value.rstrip()
    for alphabet, altchars in ((_BASE64, None), (_URL_SAFE, b"-_")):
        if alphabet.fullmatch(value):
            compact = "".join(value.split())
            with_padding = compact.rstrip("=") + "=" * (-len(compact.rstrip("=")) % 4)
            try:
                return base64.b64decode(with_padding, altchars=altchars, validate=True)
            except (binascii.Error, ValueError):
                return None
    return None


def as_text(data: bytes) -> str | None:
    """Bytes as text; ``None`` if they are none."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    odd = sum(not (character.isprintable() or character.isspace()) for character in text)
    return None if odd else text


def gunzipped(data: bytes, limit: int = LIMIT) -> bytes:
    """The beginning, up to a limit, of what gzip holds; its members follow one another."""
    found: list[bytes] = []
    room = limit
    while data[:2] == _GZIP and room > 0:
        machine = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            found.append(machine.decompress(data, room))
        except zlib.error:
            break
        room -= len(found[-1])
        data = machine.unused_data
    return b"".join(found)


def _may_be_packed(value: str) -> bool:
    text = value.rstrip()
    return bool(_BASE64.fullmatch(text) or _URL_SAFE.fullmatch(text) or _is_multipart(value))


def _is_multipart(value: str) -> bool:
    return bool(_HEADER.match(value) and _MIME.search(value, 0, _HEADERS))


def _text(value: str, depth: int) -> str:
    if depth == 0 or len(value) > 16 * LIMIT:
        return value
    if _is_multipart(value):
        return _parts(value[:LIMIT], depth - 1)
    data = decoded(value)
    if data is None:
        return value
    inner = _of_bytes(data, depth - 1)
    # A word may happen to be valid base64: then what comes out is no text.
    return value if inner is None else inner


def _of_bytes(data: bytes, depth: int) -> str | None:
    for _ in range(depth):
        if data[:2] != _GZIP:
            break
        data = gunzipped(data)
    cut = len(data) >= LIMIT
    text = as_text(data[:LIMIT])
    if text is None and cut:
        text = data[:LIMIT].decode("utf-8", "ignore")
    return None if text is None else _text(text, depth)


def _parts(text: str, depth: int) -> str:
    """The texts of a multipart's parts, one after the other."""
    try:
        message = email.message_from_string(text.lstrip())
        parts = [part for part in message.walk() if not part.is_multipart()][:_PARTS]
    except (RecursionError, ValueError, LookupError, AttributeError):
        return text
    found = [_part(part, depth) for part in parts]
    outside = [message.preamble or "", message.epilogue or ""]
    return "\n".join(filter(None, [*found, *outside])) or text


def _part(part: email.message.Message, depth: int) -> str:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        data = None
    raw = str(part.get_payload())
    if not isinstance(data, bytes):
        return raw
    inner = _of_bytes(data, depth) if depth > 0 else as_text(data)
    return raw if inner is None else inner
