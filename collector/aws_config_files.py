"""Files of AWS Config, item by item: however large a file is, one item of it is held.

Configuration snapshots and history files as Config puts them into S3, and the output of the AWS
CLI's ``get-resource-config-history``, ``batch-get-resource-config``,
``batch-get-aggregate-resource-config``, ``get-aggregate-resource-config`` and
``select-aggregate-resource-config``.
https://docs.aws.amazon.com/config/latest/developerguide/deliver-snapshot-cli.html
https://docs.aws.amazon.com/cli/latest/reference/configservice/
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from collector.recording import DEEPEST, LARGEST_FILE, irregular, is_deep
from collector.request import CollectError

STDIN = Path("-")
LARGEST_ITEM = 32 * 1024**2
"""Characters that one item may have; AWS's own are below one million."""
_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
_SPACE = " \t\n\r\ufeff"
_LISTS = {"configurationitems", "baseconfigurationitems", "results"}
_SINGLE = "configurationitem"
_EXPECTED = (
    "Expected: configuration snapshots or history files of AWS Config, or what `aws configservice` "
    "prints (batch-get-resource-config, select-aggregate-resource-config, ...)"
)


@dataclass
class Page:
    """One JSON object that holds items.

    Attributes:
        file: as messages call it.
        snapshot: whether it is a configuration snapshot, which has everything that is recorded
            in its region; known when the page has been read to its end.
        query: whether it is a query's answer, which has what the query selected.
        selected: the names that the query selected, if the answer says so.
        more: whether it says that there are more pages.
    """

    file: str
    snapshot: bool = False
    query: bool = False
    selected: tuple[str, ...] = field(default=())
    more: bool = False


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files to read: those given, and those below directories that are given.

    Raises:
        CollectError: there is none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path == STDIN or not path.is_dir():
            found[path] = None
            continue
        inside = [file for file in sorted(path.rglob("*")) if _is_meant(file)]
        if not inside:
            raise CollectError(f"{path} holds no file *.json or *.json.gz. {_EXPECTED}.", 2)
        found |= dict.fromkeys(inside)
    return list(found)


def _is_meant(path: Path) -> bool:
    return path.name.endswith((".json", ".json.gz")) and path.is_file() and path.name[:1] != "."


def items_in(file: Path) -> Iterator[tuple[Page, Any]]:
    """Every item of a file, with the page that it stands on.

    Raises:
        CollectError: the file cannot be read, or holds something else; the message names it.
    """
    name = "Standard input" if file == STDIN else str(file)
    with _readable(name), _opened(file, name) as stream:
        text = _Text(name, stream)
        pages = 0
        while text.peek():
            for page in _pages(text, name):
                pages += 1
                yield from page
        if not pages:
            raise _foreign(name, "it is empty")


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """What may go wrong in reading, as a sentence."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        why = "it is truncated" if isinstance(problem, EOFError) else "its compression is broken"
        raise CollectError(f"{name} cannot be read ({why}). Fetch it again.") from None
    except UnicodeDecodeError:
        raise CollectError(f"{name} cannot be read (it is no text). {_EXPECTED}.", 2) from None
    except OSError as problem:
        code = 2 if isinstance(problem, FileNotFoundError) else 1
        why = problem.strerror or str(problem)
        raise CollectError(f"{name} cannot be read ({why}). Check the path.", code) from None


@contextmanager
def _opened(file: Path, name: str) -> Iterator[io.BufferedIOBase]:
    if file == STDIN:
        yield _unpacked(sys.stdin.buffer)
        return
    if irregular(file):
        raise CollectError(f"{name} {irregular(file)}. Give files or directories.", 2)
    with file.open("rb") as raw:
        yield _unpacked(raw)


def _unpacked(raw: BinaryIO) -> io.BufferedIOBase:
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BytesIO(raw.read(LARGEST_FILE))
    if isinstance(buffered, io.BytesIO):
        return gzip.GzipFile(fileobj=buffered) if buffered.getvalue()[:2] == _GZIP else buffered
    if buffered.peek(2)[:2] == _GZIP:
        return gzip.GzipFile(fileobj=buffered)
    return buffered


class _Text:
    """JSON text of which a piece is held."""

    def __init__(self, name: str, stream: io.BufferedIOBase) -> None:
        self._name = name
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()
        self._held = ""
        self._at = 0
        self._bytes = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more(_PIECE):
                return ""

    def take(self, expected: str) -> str:
        """The next character, which has to be one of these."""
        found = self.peek()
        if not found:
            raise self._broken("it is truncated")
        if found not in expected:
            raise self._broken(f"it is not JSON: {expected[0]!r} is missing")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value, whole."""
        if not self.peek():
            raise self._broken("it is truncated")
        piece = _PIECE
        while True:
            found, end = self._decoded()
            # A number may go on in the next piece.
            if end is not None and (end < len(self._held) or not self._more(_PIECE)):
                self._at = end
                break
            if end is None and not self._more(piece):
                raise self._broken("it is truncated or not JSON")
            piece *= 2
            if len(self._held) - self._at > LARGEST_ITEM:
                raise self._broken(f"an item has more than {LARGEST_ITEM} characters or is no JSON")
        if is_deep(found):
            raise self._broken(f"it is nested more than {DEEPEST} levels deep")
        return found

    def _decoded(self) -> tuple[Any, int | None]:
        try:
            return self._json.raw_decode(self._held, self._at)
        except RecursionError:
            raise self._broken(f"it is nested more than {DEEPEST} levels deep") from None
        except ValueError:
            return None, None

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        data = self._stream.read(size)
        self._bytes += len(data)
        if self._bytes > LARGEST_FILE:
            raise self._broken(f"it unpacks to more than {LARGEST_FILE} bytes")
        self._ended = not data
        self._held = self._held[self._at :] + self._decode.decode(data, final=self._ended)
        self._at = 0
        return not self._ended

    def _broken(self, why: str) -> CollectError:
        return CollectError(f"{self._name} cannot be read as JSON ({why}). Fetch it again.")


def _pages(text: _Text, name: str) -> Iterator[Iterator[tuple[Page, Any]]]:
    """The pages of one JSON document: an object, or a list of objects."""
    if text.peek() != "[":
        yield _page(text, name)
        return
    text.take("[")
    for _ in _elements(text):
        yield _page(text, name)


def _elements(text: _Text) -> Iterator[None]:
    """Once for each element of a list whose bracket has been taken; each has to be read then."""
    if text.peek() == "]":
        text.take("]")
        return
    yield
    while text.take(",]") == ",":
        yield


def _page(text: _Text, name: str) -> Iterator[tuple[Page, Any]]:
    page = Page(name)
    if text.peek() != "{":
        text.value()
        raise _foreign(name, "it holds something else than objects")
    text.take("{")
    holds_items = False
    if text.peek() == "}":
        text.take("}")
        raise _foreign(name, "it holds an empty object")
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise _foreign(name, "it is not JSON")
        text.take(":")
        if key.lower() in _LISTS and text.peek() == "[":
            holds_items = True
            page.query = page.query or key.lower() == "results"
            text.take("[")
            for _ in _elements(text):
                yield page, text.value()
        else:
            value = text.value()
            if key.lower() == _SINGLE and isinstance(value, dict):
                holds_items = True
                yield page, value
            _told(page, key, value)
        if text.take(",}") == "}":
            break
    if not holds_items:
        raise _foreign(name, "it has no configurationItems, BaseConfigurationItems or Results")


def _told(page: Page, key: str, value: Any) -> None:
    """What a member beside the items says."""
    match key.lower():
        case "error" if isinstance(value, dict) and value.get("Code"):
            raise _foreign(page.file, f"it holds AWS's refusal {value['Code']}")
        case "configsnapshotid":
            page.snapshot = bool(value)
        case "nexttoken":
            page.more = page.more or bool(value)
        case "unprocessedresourcekeys" | "unprocessedresourceidentifiers":
            page.more = page.more or bool(value)
        case "queryinfo" if isinstance(value, dict):
            fields = value.get("SelectFields")
            rows = fields if isinstance(fields, list) else []
            page.selected = tuple(str(row.get("Name")) for row in rows if isinstance(row, dict))


def _foreign(name: str, why: str) -> CollectError:
    return CollectError(f"{name} is not AWS Config's: {why}. {_EXPECTED}.", 2)
