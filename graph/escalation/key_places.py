"""Where access key ids stand in collected data, and whether their secret stands beside them.

Only what the collector's scanner read is looked at: a key's own user, or a finding about a key,
names it too and holds no credential. The secrets themselves are in no snapshot.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from collector.paths import places_of
from collector.secret_pairs import owners
from collector.services import TYPES
from collector.snapshot import Item, Snapshot

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ID = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])")
_MARK = re.compile(r"<redacted length=[0-9]{1,12} hash=([0-9a-f]{32}) hits=([^>\s]{0,4000})>")
_ID_HIT, _SECRET_HIT = "aws-access-key-id:", "aws-secret-access-key"
_FRAGMENTS = ("akia", "asia")
_LONGEST_FIELD = 120
_DEEPEST = 20
"""Levels of a document that are told apart: what lies deeper stands together."""

_Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """An access key id in a line.

    Attributes:
        item: the line.
        operation: call of the line in whose answer it stands; empty: the item itself.
        pointer: JSON pointer into the line.
        key_id: the id.
        secret: whether the scanner saw the secret access key beside it.
    """

    item: Item
    operation: str
    pointer: str
    key_id: str
    secret: bool

    @property
    def field(self) -> str:
        """The place in words: ``Environment.Variables.AWS_ACCESS_KEY_ID``."""
        steps = self.pointer.split("/")[4 if self.operation else 2 :]
        named = [step for step in steps if step and not step.isdigit()]
        text = ".".join(step.replace("~1", "/").replace("~0", "~") for step in named)
        clean = "".join(char if char.isprintable() else "?" for char in text) or "its text"
        return clean if len(clean) <= _LONGEST_FIELD else f"{clean[: _LONGEST_FIELD - 3]}..."


class _Leaf(NamedTuple):
    """A text or a redacted value: what the scanner says stands in it.

    ``complete``: of several ids those that have a secret in it.
    """

    steps: _Steps
    ids: frozenset[str]
    secrets: frozenset[str]
    complete: frozenset[str]


@cache
def scanned_types() -> tuple[str, ...]:
    """Snapshot types of which the scanner reads something, sorted."""
    return tuple(sorted(name for name, one in TYPES.items() if one.redact or one.scan))


def sightings(snapshot: Snapshot) -> Iterator[Sighting]:
    """Every access key id that the scanner left in a line, by type, account, region and id.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    for type_id in scanned_types():
        for item in snapshot.items_holding(type_id, _FRAGMENTS):
            yield from _of_line(item)


def _of_line(item: Item) -> Iterator[Sighting]:
    for name, paths in _declared(item.type).items():
        if not name:
            yield from _of_document(item, "", "/item", item.item, paths)
            continue
        for call, result in item.calls.items():
            if call.partition("(")[0] == name:
                pointer = f"/calls/{_escaped(call)}/value"
                yield from _of_document(item, name, pointer, result.value, paths)


@cache
def _declared(type_id: str) -> Mapping[str, tuple[str, ...]]:
    """Paths that are scanned: by the call of the line, empty for the item."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in (*TYPES[type_id].redact, *TYPES[type_id].scan):
        operation, _, inner = path.rpartition(":")
        found[operation].append(inner)
    return {name: tuple(paths) for name, paths in found.items()}


def _of_document(
    item: Item, operation: str, root: str, value: Any, paths: tuple[str, ...]
) -> Iterator[Sighting]:
    """Ids of one document: one item, or the answer to one call."""
    leaves = [leaf for leaf in _leaves(value, paths) if leaf.ids or leaf.secrets]
    ids, secrets = _by_container(leaves)
    for leaf in leaves:
        for key_id in sorted(leaf.ids):
            pointer = "/".join((root, *map(_escaped, leaf.steps)))
            secret = key_id in leaf.complete or _is_beside(leaf.steps, ids, secrets)
            yield Sighting(item, operation, pointer, key_id, secret)


def _by_container(
    leaves: list[_Leaf],
) -> tuple[dict[_Steps, set[str]], dict[_Steps, set[str]]]:
    """Ids and secrets within each value that holds a leaf, itself included."""
    ids: dict[_Steps, set[str]] = defaultdict(set)
    secrets: dict[_Steps, set[str]] = defaultdict(set)
    for leaf in leaves:
        for container in _containers(leaf.steps):
            ids[container] |= leaf.ids
            secrets[container] |= leaf.secrets
    return ids, secrets


def _is_beside(
    steps: _Steps, ids: Mapping[_Steps, set[str]], secrets: Mapping[_Steps, set[str]]
) -> bool:
    """Whether the nearest value that holds a secret key holds one for each id in it."""
    for container in _containers(steps):
        if found := secrets[container]:
            return len(found) >= len(ids[container])
    return False


def _containers(steps: _Steps) -> Iterator[_Steps]:
    """The values around a place, from within; the place itself first."""
    for depth in range(min(len(steps), _DEEPEST), -1, -1):
        yield steps[:depth]


def _leaves(value: Any, paths: tuple[str, ...]) -> Iterator[_Leaf]:
    """Redacted values, and texts at the paths that are scanned."""
    everything = any(path in ("", "[]") for path in paths)
    scanned = {(id(held), key) for path in paths for held, key in places_of(value, path)}
    waiting: list[tuple[Any, _Steps, bool]] = [(value, (), everything)]
    while waiting:
        held, steps, inside = waiting.pop()
        if isinstance(held, str):
            if inside:
                yield _text(held, steps)
        elif isinstance(held, dict):
            hits = _hits(held)
            if hits is not None:
                yield _Leaf(steps, *_read(*hits))
                continue
            waiting += [
                (one, (*steps, key), inside or (id(held), key) in scanned)
                for key, one in held.items()
            ]
        elif isinstance(held, list):
            waiting += [
                (one, (*steps, str(at)), inside or (id(held), at) in scanned)
                for at, one in enumerate(held)
            ]


def _hits(held: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Hash and hits of a redacted value; ``None`` for anything else."""
    told = held.get("redacted") if len(held) == 1 else None
    if not isinstance(told, Mapping) or not isinstance(told.get("hits"), list):
        return None
    return str(told.get("hash")), [hit for hit in told["hits"] if isinstance(hit, str)]


def _read(
    digest: str, hits: Iterable[str]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Ids, hash of a secret, and ids with a secret among the hits of one redacted value."""
    listed = list(hits)
    ids = frozenset(_after(_ID_HIT, listed))
    complete = ids & frozenset(_after(f"{_SECRET_HIT}:", listed))
    return ids, frozenset({digest} if _SECRET_HIT in listed else ()), complete


def _after(prefix: str, hits: Iterable[str]) -> Iterator[str]:
    named = (hit.removeprefix(prefix) for hit in hits if hit.startswith(prefix))
    return (name for name in named if _ID.fullmatch(name))


def _text(text: str, steps: _Steps) -> _Leaf:
    """A text in which only secrets are replaced: ids stand in it as they are."""
    placed = [(*match.span(), match.group()) for match in _ID.finditer(text)]
    ids = {name for _, _, name in placed}
    secrets: set[str] = set()
    complete: set[str] = set()
    spans = []
    for mark in _MARK.finditer(text):
        more, found, within = _read(mark[1], mark[2].split(","))
        ids |= more
        secrets |= found
        complete |= within
        if found:
            spans.append(mark.span())
    return _Leaf(
        steps, frozenset(ids), frozenset(secrets), frozenset(complete | owners(placed, spans))
    )


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
