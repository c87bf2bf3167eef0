"""Secret-bearing values are replaced before anything is written.

What stays is enough to see that there was something, that two places hold the same thing, and of
what kind it is: ``{"redacted": {"length", "hash", "hits"}}``. The hash is keyed: whoever has the
snapshot but not the key cannot try passwords against it. The key lives in the user's
configuration, one per user, so that the same secret in two snapshots has the same hash.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from collector import secret_scan
from collector.paths import places_of
from collector.secret_documents import NoDocumentError, parsed
from collector.secret_walk import LARGEST, Walk, is_redacted, name_in

KEY_BYTES = 32
Spared = Callable[[Any, Any], bool]
"""Whether the value of a container under a key is no secret."""


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
            _make_key(path)
        key = path.read_bytes()
    except OSError as problem:
        raise RedactionKeyError(
            f"The key for redacted values, {path}, cannot be used ({problem.strerror}). "
            "Make it readable and its directory writable."
        ) from None
    if len(key) < KEY_BYTES:
        raise RedactionKeyError(
            f"{path} is no redaction key (it is shorter than {KEY_BYTES} bytes). Delete it; a new "
            "one is made."
        )
    return key


def _make_key(path: Path) -> None:
    """Make a key, unless another process is quicker: it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".redaction-", dir=path.parent)
    whole = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            try:
                path.hardlink_to(whole)
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                if not path.exists():
                    whole.rename(path)
    finally:
        whole.unlink(missing_ok=True)


class Redactor:
    """Replaces values by their redaction. Safe between threads."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def redacted(self, value: Any, name: str = "") -> dict[str, Any]:
        """What stands in place of a value.

        ``length`` counts characters of the text (of the unpacked text for base64, gzip and
        multipart).
        """
        return self._replacement(value, name, ())

    def apply(self, value: Any, path: str, spared: Spared | None = None) -> None:
        """Replace, in place, every value at a path (see :func:`collector.paths.places_of`).

        Args:
            value: an item, or the value of a call.
            path: of the secrets.
            spared: tells which texts at that path are no secrets. They are scanned without regard
                to their name: the name of a password is a name.
        """
        for container, key in places_of(value, path):
            held = container[key]
            if held in (None, "", [], {}) or is_redacted(held):
                continue
            if spared is not None and isinstance(held, str) and spared(container, key):
                container[key] = self._scanned(held, "")
                continue
            container[key] = self.redacted(held, _name_of(container, key))

    def scan(self, value: Any, path: str) -> None:
        """Replace, in place, the secrets in every value at a path, and nothing else.

        A text that is JSON or YAML (a template, a definition) becomes its structure, with the
        literals that are secret replaced by their redaction. In any other text the secret parts
        are replaced by ``<redacted length=8 hash=... hits=...>``.

        Args:
            value: an item, or the value of a call.
            path: as for :meth:`apply`; empty for all of it.
        """
        for container, key in _all_of(value) if path in ("", "[]") else places_of(value, path):
            container[key] = self._scanned(container[key], _name_of(container, key))

    def text(self, text: str) -> str:
        """A text (an error message, a log line) with its secrets replaced by markers."""
        pieces = []
        done = 0
        for found in secret_scan.find(text):
            pieces += [text[done : found.start], self._marker(text[found.start : found.end], found)]
            done = found.end
        return "".join([*pieces, text[done:]]) if pieces else text

    def _scanned(self, held: Any, name: str) -> Any:
        if not isinstance(held, str):
            return Walk(self._replacement).value(held, name)
        try:
            structure = parsed(held)
        except NoDocumentError:
            structure = None
        if structure is not None:
            return Walk(self._replacement, held).value(structure, name)
        found = Walk(self._replacement).value(held, name)
        if found is held or "secret-name" in found["redacted"]["hits"] or len(held) > LARGEST:
            return found
        marked = self.text(held)
        return found if marked == held or secret_scan.readable(held) is not held else marked

    def _replacement(self, value: Any, name: str, rules: tuple[str, ...]) -> dict[str, Any]:
        text = secret_scan.readable(value)
        found = {*secret_scan.hits(text, name), *rules}
        return {
            "redacted": {"length": len(text), "hash": self._digest(text), "hits": sorted(found)}
        }

    def _marker(self, secret: str, found: secret_scan.Found) -> str:
        text = secret_scan.readable(secret)
        hits = ",".join(sorted({*found.rules, *secret_scan.identifiers(text)}))
        return f"<redacted length={len(text)} hash={self._digest(text)} hits={hits}>"

    def _digest(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()[:32]


def _all_of(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return [(value, key) for key in list(value)]
    return [(value, index) for index in range(len(value))] if isinstance(value, list) else []


def _name_of(container: dict[str, Any] | list[Any], key: Any) -> str:
    """The name of a value: its key, or, in a pair of name and value, what the pair is called."""
    return name_in(container, key) if isinstance(container, dict) else ""
