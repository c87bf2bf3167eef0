"""Secret-bearing values are replaced before anything is written.

What stays is enough to see that there was something, that two places hold the same thing, and of
what kind it is: ``{"redacted": {"length", "hash", "hits"}}``. The hash is keyed: whoever has the
snapshot but not the key cannot try passwords against it. The key lives in the user's
configuration, one per user, so that the same secret in two snapshots has the same hash.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from collector import secret_scan
from collector.paths import places_of

KEY_BYTES = 32


class RedactionKeyError(Exception):
    """The key cannot be read or made; the message names the file and the remedy."""


def user_key(path: Path | None = None) -> bytes:
    """The user's redaction key; made on first use, readable by the user alone.

    Args:
        path: the key's file; by default ``redaction.key`` in the user's configuration.

    Raises:
        RedactionKeyError: the file can neither be read nor made, or is too short to be a key.
    """
    path = path or user_config_path("aws-mapper") / "redaction.key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except FileExistsError:
        key = path.read_bytes()
    except OSError as problem:
        raise RedactionKeyError(
            f"The key for redacted values, {path}, cannot be used ({problem.strerror}). "
            "Make its directory writable."
        ) from None
    if len(key) < KEY_BYTES:
        raise RedactionKeyError(
            f"{path} is no redaction key (it is shorter than {KEY_BYTES} bytes). Delete it; a new "
            "one is made."
        )
    return key


class Redactor:
    """Replaces values by their redaction."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def redacted(self, value: Any, name: str = "") -> dict[str, Any]:
        """What stands in place of a value.

        ``length`` counts characters of the text (of the unpacked text for base64 and gzip).
        """
        text = secret_scan.readable(value)
        digest = hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return {
            "redacted": {
                "length": len(text),
                "hash": digest.hexdigest()[:32],
                "hits": secret_scan.hits(text, name),
            }
        }

    def apply(self, value: Any, path: str) -> None:
        """Replace, in place, every value at a path (see :func:`collector.paths.places_of`)."""
        for container, key in places_of(value, path):
            held = container[key]
            if held is None or (isinstance(held, dict) and set(held) == {"redacted"}):
                continue
            name = key if isinstance(key, str) else ""
            container[key] = self.redacted(held, name)

    def scan(self, value: Any, path: str) -> None:
        """Replace, in place, the secret parts of what stands at a path."""
        self.apply(value, path)
