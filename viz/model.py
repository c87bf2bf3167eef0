"""What a map shows, as plain values.

A map knows nothing of stores, snapshots or policies: whoever builds a :class:`MapModel` has
already asked the graph. Every text in it may come from AWS and is hostile; nothing here needs to
be escaped by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Category: TypeAlias = Literal[
    "source", "network", "compute", "identity", "policy", "data", "secrets", "admin", "other"
]
LinkKind: TypeAlias = Literal["network", "assume", "escalation", "data", "admin", "config"]
Severity: TypeAlias = Literal["critical", "high", "medium", "low", "info"]
Verdict: TypeAlias = Literal["yes", "conditional", "dormant", "unknown", "no"]

CATEGORIES: tuple[Category, ...] = (
    "source",
    "network",
    "compute",
    "identity",
    "policy",
    "data",
    "secrets",
    "admin",
    "other",
)
LINK_KINDS: tuple[LinkKind, ...] = (
    "network",
    "assume",
    "escalation",
    "data",
    "admin",
    "config",
)
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
VERDICTS: tuple[Verdict, ...] = ("yes", "conditional", "dormant", "unknown", "no")


class Container(NamedTuple):
    """One level of the nesting above a node.

    Attributes:
        id: unique in the map (an ARN, or ``account/region``); two nodes whose paths carry the
            same id stand in the same container.
        label: what a reader sees, e.g. ``prod 111122223333``.
        kind: ``account``, ``region``, ``vpc``, ``subnet`` or any other word; the first four have
            a look of their own.
    """

    id: str
    label: str
    kind: str


class Step(NamedTuple):
    """One station of a path; ``text`` says how it is reached from the station before.

    The first station's text says where the attacker stands.
    """

    node_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MapAccount:
    """An account that the map covers: twelve digits and the name that the user gave it."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class MapNode:
    """A resource, principal, account or source of access.

    Attributes:
        id: the graph's id (an ARN where AWS defines one); never used as an id in the page.
        kind: the type's label as a reader says it, singular: ``Instance``, ``Load balancer``.
        category: sets the colour and, in the attack-path view, the band.
        account_id, account_name, region: empty where they do not apply.
        parents: containers from the outermost to the innermost; empty stands outside of all
            accounts (the internet, a vendor).
        severity: the worst finding on this node; ``None`` where nothing was found.
        subtitle: a few words under the name; the kind is shown when it is empty.
        tags: ``key=value``.
        facts: (name, value) pairs for the details panel; a value may have several lines.
        evidence: sentences, in the order of the proof.
    """

    id: str
    name: str
    kind: str
    category: Category
    account_id: str = ""
    account_name: str = ""
    region: str = ""
    parents: tuple[Container, ...] = ()
    severity: Severity | None = None
    subtitle: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapLink:
    """A relationship between two nodes, in the direction of the attack.

    Attributes:
        source, target: node ids.
        relationship: its type in the graph, e.g. ``CAN_REACH``; one legend row each.
        kind: sets colour, dash and whether it is drawn unasked.
        label: a few words on the link, e.g. ``tcp/443``.
        why: one sentence.
    """

    source: str
    target: str
    relationship: str
    kind: LinkKind
    verdict: Verdict = "yes"
    label: str = ""
    why: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapPath:
    """An attack path. ``fix`` is the cheapest change that cuts it, where one is known."""

    title: str
    severity: Severity
    verdict: Verdict
    steps: tuple[Step, ...]
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class MapModel:
    """Everything that one map shows.

    Attributes:
        generated: when, as text (ISO 8601, UTC); part of the bytes, so pass the snapshot's time
            where identical runs must give identical files.
        notes: what was not seen, one sentence each; shown, never dropped.
        totals: (name, count) pairs for the header, e.g. ``("resources", 1982)``: they may count
            more than the map holds.
        all_links: every link is drawn unasked, as the map is about them.

    Raises:
        ValueError: a node id or path that is ambiguous or leads nowhere, or a word that is not
            one of the closed lists. The message names it.
    """

    title: str
    subtitle: str = ""
    generated: str = ""
    snapshot_id: str = ""
    accounts: tuple[MapAccount, ...] = ()
    nodes: tuple[MapNode, ...] = ()
    links: tuple[MapLink, ...] = ()
    paths: tuple[MapPath, ...] = ()
    notes: tuple[str, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    all_links: bool = False

    def __post_init__(self) -> None:
        known: set[str] = set()
        for node in self.nodes:
            if node.id in known:
                raise ValueError(f"two nodes of the map have the id {node.id!r}")
            known.add(node.id)
            _one_of(node.category, CATEGORIES, "category")
            if node.severity is not None:
                _one_of(node.severity, SEVERITIES, "severity")
        for link in self.links:
            for end in (link.source, link.target):
                if end not in known:
                    raise ValueError(f"a {link.relationship} of the map names no node: {end!r}")
            _one_of(link.kind, LINK_KINDS, "kind of link")
            _one_of(link.verdict, VERDICTS, "verdict")
        for path in self.paths:
            _check_path(path, known)
        _check_containers(self.nodes)


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ValueError(f"{value!r} is no {what}; it is one of {', '.join(allowed)}")


def _check_path(path: MapPath, known: set[str]) -> None:
    if len(path.steps) < 2:
        raise ValueError(f"the path {path.title!r} has fewer than two stations")
    for station in path.steps:
        if station[0] not in known:
            raise ValueError(f"the path {path.title!r} names no node: {station[0]!r}")
    _one_of(path.severity, SEVERITIES, "severity")
    _one_of(path.verdict, VERDICTS, "verdict")


def _check_containers(nodes: tuple[MapNode, ...]) -> None:
    above: dict[str, str | None] = {}
    for node in nodes:
        outer: str | None = None
        for container in node.parents:
            if above.setdefault(container[0], outer) != outer:
                raise ValueError(f"the container {container[0]!r} stands in two places")
            outer = container[0]


def index_of(nodes: tuple[MapNode, ...]) -> Mapping[str, int]:
    """Number the nodes by their place: the map's own, opaque ids."""
    return {node.id: number for number, node in enumerate(nodes)}
