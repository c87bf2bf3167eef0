"""Who reaches whom privately, as classes of interfaces and passages between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from graph.network.between.parts import Parts
from graph.network.facts import Interface
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.verdict import Verdict

MOST_ADDRESSES = 64
"""Addresses that something may have; of more not all are tried."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Interfaces that send, or receive, alike.

    Attributes:
        id: ``network-range:<subnet>:<hash>`` or ``private-target:<vpc>:<hash>``.
        first: one of them, which stands for all.
        bound: what their state allows.
        gaps: what is missing to know their state, as conditions.
        members: (owner, interface id), the interface itself as owner where that is unknown.
        ports: of a load balancer those of one listener; ``None``: all.
        anywhere: what would tell which one of its addresses it has, as a condition; empty where
            it has all of them.
    """

    id: str
    first: Interface
    bound: Verdict
    gaps: frozenset[str]
    members: tuple[tuple[str, str], ...]
    ports: Spans | None = None
    anywhere: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A group of senders that reaches one class by one mechanism."""

    group: str
    target: str
    family: Family
    mechanism: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Bundle:
    """Ranges of one place that several groups have together: they join groups as one.

    Attributes:
        id: ``network-range:<place>:<hash>``.
        first: an interface of theirs.
        members: ids of ranges or bundles.
    """

    id: str
    first: Interface
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lateral:
    """The whole.

    Attributes:
        ranges: classes that send, by id.
        targets: classes that are reached, by id.
        groups: ids of the ranges, or bundles, of each group, which has its id once merged.
        passages: what groups reach.
        outside: what networks on premises reach: (id of the class, the result).
        bundles: by id.
    """

    ranges: dict[str, Alike] = field(default_factory=dict)
    targets: dict[str, Alike] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    outside: tuple[tuple[str, Reach], ...] = ()
    bundles: dict[str, Bundle] = field(default_factory=dict)


def group_id(members: tuple[str, ...]) -> str:
    """The id of a group: the same for the same members."""
    return f"network-group:{short_hash(' '.join(members))}"


def short_hash(text: str) -> str:
    """Sixteen hex digits that stand for a text in an id."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
