"""The graph that attack paths are walked on: who controls what, and how that is had.

A step of control (a role that is assumed, a machine that is reached from outside, an account that
is had) leads on. Access to data ends a walk. What a machine reaches over the network is reached,
not controlled: such ways go on, and whatever has no other way is ``network only``.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graph.verdict import Verdict
from queries.answers.chains_session import FRESH, Session, after
from queries.answers.parties import is_broad, is_fixed_subject
from queries.answers.public import cidr_of, is_shown_source
from queries.answers.walk import End, Hop, hop_of

LEVELS = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT, Verdict.UNKNOWN)
_RUN = frozenset({"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:UpdateFunctionCode"})
_INSIDE, _DATA = "inside", "data"


@dataclass(frozen=True, slots=True)
class Thing:
    """A node with what rows and rankings need of it."""

    end: End
    category: str = ""
    tags: tuple[str, ...] = ()
    imds: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The node's id."""
        return self.end.id

    @property
    def is_source(self) -> bool:
        """Whether it is a source of access, such as the internet."""
        return "Source" in self.end.labels


@dataclass(frozen=True, slots=True)
class Link:
    """A step with what decides whether a walk may take it."""

    hop: Hop
    source: str | None
    family: str | None
    ports: tuple[str, ...]
    level: str | None
    actions: frozenset[str]
    technique: str | None
    via: tuple[str, ...]
    reached: bool = True
    key: str = ""

    @property
    def type(self) -> str:
        """The relationship's type."""
        return self.hop.type


class Spot(NamedTuple):
    """Where a walk stands.

    Attributes:
        node: id.
        net: empty where the node is controlled; for a front door or group on a network way, from
            where the packets come: ``inside``, or the source and the family.
        lateral: whether a machine's network reach was used on the way.
        limits: of an account that is had: whom a Deny keeps out of its admin's reach.
        touched: whether the node was reached by packets or calls alone: then a role counts only
            where who reaches the workload reaches what acts with the role.
        session: what the session carries for good.
    """

    node: str
    net: tuple[str, str] = ("", "")
    lateral: bool = False
    session: Session = FRESH
    touched: bool = False
    limits: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether the node is controlled: no door on a network's way, no data at its end."""
        return not self.net[0]


class AttackGraph:
    """Every step, by where it starts.

    Args:
        nodes: rows of ``attack-nodes``.
        steps: rows of ``attack-steps``.
    """

    def __init__(
        self, nodes: Iterable[Mapping[str, Any]], steps: Iterable[Mapping[str, Any]]
    ) -> None:
        self.things = {row["id"]: _thing(row) for row in nodes}
        self._out: dict[str, list[Link]] = defaultdict(list)
        for row in steps:
            start, end = self.things.get(row["from_id"]), self.things.get(row["to_id"])
            if start is not None and end is not None:
                self._out[start.id].append(_link(row, start.end, end.end))
        for links in self._out.values():
            links.sort(key=_order)

    def links(self, node: str) -> list[Link]:
        """Steps from a node, those with fewest conditions first."""
        return self._out.get(node, [])

    def every_link(self) -> Iterator[Link]:
        """All steps."""
        for links in self._out.values():
            yield from links

    def public_sources(self) -> list[str]:
        """The sources that ``mapper public`` shows when it is told nothing."""
        return sorted(thing.id for thing in self.things.values() if _is_public(thing))

    def from_internet(self) -> AttackGraph:
        """The graph as it is to who is nobody's customer or partner.

        What a shared identity provider's one repository or application may assume is no step of
        the internet's, as ``mapper public`` does not list it.
        """
        found = copy(self)
        found._out = defaultdict(list, self._out)
        for source in self.public_sources():
            if "FederatedProvider" in self.things[source].end.labels:
                found._out[source] = [
                    link
                    for link in self.links(source)
                    if not is_fixed_subject(link.hop.answer.guards)
                ]
        return found

    def onward(self, spot: Spot) -> Iterator[tuple[Link, Spot]]:
        """The steps that a walk may take from where it stands."""
        for link in self.links(spot.node):
            found = self._after(spot, link)
            if found is not None:
                yield link, found

    def _after(self, spot: Spot, link: Link) -> Spot | None:
        end = link.hop.end
        if link.type == "CAN_REACH":
            return self._reached(spot, link)
        if link.type == "TARGETS":
            return self._targeted(spot, link)
        if spot.net[0]:
            return None
        if link.type == "CAN_ACCESS":
            return self._accessed(spot, link)
        if spot.touched and not link.reached:
            return None
        if link.type == "CONTROLS" and end.id in spot.limits:
            return None
        session = after(spot.session, link.hop)
        if session is None:
            return None
        limits = link.hop.limits if link.type == "HAS_ADMIN" else ()
        return Spot(end.id, ("", ""), spot.lateral, session, limits=limits)

    def _reached(self, spot: Spot, link: Link) -> Spot:
        """Packets arrive at a front door or at what stands behind a group."""
        family = link.family or ""
        if self.things[spot.node].is_source:
            return self._landed(link, (spot.node, family), spot.lateral)
        return self._landed(link, (_INSIDE, family), True)

    def _targeted(self, spot: Spot, link: Link) -> Spot | None:
        """A door hands on, for the source that it does so for; a set leads to its members."""
        if spot.net[0] == _DATA and "ResourceSet" not in link.hop.start.labels:
            return None
        if "ResourceSet" in link.hop.start.labels:
            return Spot(link.hop.end.id, spot.net, spot.lateral, spot.session)
        origin, family = spot.net
        if link.source == spot.node:
            # From here on it matters that the packets came by here.
            origin = spot.node
        if link.source and link.source != origin:
            return None
        if link.family and family and link.family != family:
            return None
        return self._landed(link, (origin, family), spot.lateral)

    def _landed(self, link: Link, net: tuple[str, str], lateral: bool) -> Spot:
        """A door stays on the network's way; a machine or function is held from here on."""
        end = link.hop.end
        passing = "NetworkTarget" in end.labels or any(
            further.type == "TARGETS" for further in self.links(end.id)
        )
        return Spot(end.id, net if passing else ("", ""), lateral, touched=not passing)

    def _accessed(self, spot: Spot, link: Link) -> Spot | None:
        """Data is an end; a function that anyone may call, or rewrite, is held."""
        runs = "LambdaFunction" in link.hop.end.labels and link.actions & _RUN
        if runs and (self.things[spot.node].is_source or "lambda:UpdateFunctionCode" in runs):
            touched = "lambda:UpdateFunctionCode" not in runs
            return Spot(link.hop.end.id, ("", ""), spot.lateral, touched=touched)
        return Spot(link.hop.end.id, (_DATA, ""), spot.lateral)


def _thing(row: Mapping[str, Any]) -> Thing:
    end = End(
        id=row["id"],
        name=row["name"],
        resource_type=row["resource_type"],
        account_id=row["account_id"],
        region=row["region"],
        labels=frozenset(row["labels"]),
        last_used=row["last_used"],
    )
    imds = {
        "http_tokens": row["http_tokens"],
        "http_endpoint": row["http_endpoint"],
        "hop_limit": row["hop_limit"],
    }
    return Thing(end, row["category"] or "", tuple(row["tags"] or ()), imds)


def _link(row: Mapping[str, Any], start: End, end: End) -> Link:
    hop = hop_of(row, start, end)
    return Link(
        hop,
        row["source"],
        row["family"],
        tuple(row["ports"] or ()),
        row["level"],
        frozenset(row["actions"] or ()),
        row["technique"],
        tuple(row["via"] or ()),
        row.get("reached") is not False,
        row.get("key") or "",
    )


def _order(link: Link) -> tuple[object, ...]:
    hop = link.hop
    return (
        -hop.answer.verdict.rank,
        len(hop.answer.conditions),
        _RANK.get(hop.type, 9),
        hop.end.id,
        hop.mechanism,
    )


_RANK = {"HAS_ADMIN": 0, "HAS_ROLE": 1, "CAN_ASSUME": 2, "CAN_EXECUTE_ON": 3, "CAN_ESCALATE_TO": 4}


def _is_public(thing: Thing) -> bool:
    if not thing.is_source:
        return False
    kind = next((label for label in sorted(thing.end.labels) if label in _KINDS), "")
    if not kind:
        return False
    cidr = cidr_of(thing.id, kind)
    return is_shown_source(thing.id, kind, bool(cidr) and is_broad(cidr))


_KINDS = frozenset(
    {
        "Internet",
        "AnyAWSPrincipal",
        "AnyAWSAccount",
        "AnyAccountVia",
        "AnyCustomerOf",
        "SelfSignUp",
        "FederatedProvider",
        "ExternalCidr",
    }
)


class Tree:
    """The shortest ways from some starts by steps of a least verdict.

    Attributes:
        first: each place that is reached with the step that led there and from where.
        weaker: whether a step was left out for its verdict: where none was, no weaker step leads
            further.
    """

    def __init__(
        self,
        graph: AttackGraph,
        starts: Collection[str],
        level: Verdict,
        *,
        ways_in: bool = False,
    ) -> None:
        """Walk; the cost is that of the steps that are taken.

        Args:
            graph: the steps.
            starts: node ids.
            level: the weakest verdict of a step.
            ways_in: go no further than what is held first.
        """
        self.first: dict[Spot, tuple[Link, Spot] | None] = {}
        self.nodes: dict[str, Spot] = {}
        self.weaker = False
        queue: deque[Spot] = deque()
        for start in starts:
            spot = Spot(start)
            self.first[spot] = None
            self.nodes.setdefault(start, spot)
            queue.append(spot)
        # Ways that use no machine's network reach are finished before those that do.
        later: deque[Spot] = deque()
        while queue or later:
            if not queue:
                queue, later = later, deque()
            here = queue.popleft()
            if ways_in and here.is_held and self.first[here] is not None:
                continue
            for link, there in graph.onward(here):
                if link.hop.answer.verdict.rank < level.rank:
                    self.weaker = True
                    continue
                if self._known(there):
                    continue
                self.first[there] = (link, here)
                self.nodes.setdefault(there.node, there)
                (later if there.lateral and not here.lateral else queue).append(there)

    def _known(self, spot: Spot) -> bool:
        if spot in self.first:
            return True
        free = spot._replace(session=FRESH, limits=())
        return free in self.first or (spot.lateral and free._replace(lateral=False) in self.first)

    def way(self, spot: Spot) -> tuple[Link, ...]:
        """The way to a place, in walking order; empty for a start.

        Raises:
            KeyError: it is not reached.
        """
        found: list[Link] = []
        here = spot
        while (step := self.first[here]) is not None:
            found.append(step[0])
            here = step[1]
        return tuple(reversed(found))
