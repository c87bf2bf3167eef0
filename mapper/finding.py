"""Whose something is, where it stands, and whether it is exposed: the rows of ``find``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from collector.paths import value_at
from collector.snapshot.search import (
    How,
    Kind,
    Needle,
    Place,
    account_of_access_key,
    needle_of,
    search,
)
from graph.verdict import Answer, Verdict
from mapper.errors import WrongUsageError
from queries.answers.row import Row, distinct, row_key

if TYPE_CHECKING:
    from collector.snapshot import Item
    from graph.derive import Derivation
    from graph.records import Node
    from mapper.session import Session
    from queries.answers.coverage import Coverage

MOST_PLACES = 20
"""Places that a row names; the rest is counted."""
_WORDS = {
    How.SAME: "has it as",
    How.PATTERN: "covers it with",
    How.RANGE: "contains it in",
    How.BELOW: "names it in",
    How.PART: "has it in",
}


@dataclass
class _Held:
    """Everything that was found of one resource."""

    node_id: str
    places: list[Place] = field(default_factory=list)
    count: int = 0

    @property
    def how(self) -> How:
        return min(place.how for place in self.places)

    def add(self, place: Place) -> None:
        self.count += 1
        self.places.append(place)
        if len(self.places) > 2 * MOST_PLACES:
            self.cut()

    def cut(self) -> None:
        self.places.sort(key=lambda p: (p.how, p.pointer != "/id", len(p.pointer), p.pointer))
        del self.places[MOST_PLACES:]


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        needle: what was looked for, and as what.
        rows: a row for each resource, the best fit first.
        notes: sentences about the text itself.
        coverage: every gap of the snapshot: what was not read cannot be found.
    """

    needle: Needle
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    coverage: Coverage


class Finder:
    """Looks for texts in a session's snapshot."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, text: str) -> Found:
        """Look for one text.

        Args:
            text: an address, host name, access key id, ARN, account id, ``key=value`` or any text.

        Raises:
            WrongUsageError: the text is empty.
            collector.snapshot.SnapshotError: the snapshot cannot be read.
        """
        try:
            needle = needle_of(text)
        except ValueError:
            raise WrongUsageError("TEXT is empty: give an address, a name, an ARN, ...") from None
        held = self._held(needle)
        if not held and needle.kind is Kind.TAG:
            needle = dataclasses.replace(
                needle, kind=Kind.TEXT, fragments=(needle.text.casefold(),)
            )
            held = self._held(needle)
        rows = tuple(self._row(needle, one) for one in self._ordered(held.values()))
        return Found(needle, rows, tuple(self._notes(needle)), self._coverage())

    def _held(self, needle: Needle) -> dict[str, _Held]:
        held: dict[str, _Held] = {}
        for place in search(self._session.snapshot, needle):
            node_id = self._node_of(place.item)
            held.setdefault(node_id, _Held(node_id)).add(place)
        for one in held.values():
            one.cut()
        if any(one.how is not How.PART for one in held.values()):
            # What is it, or covers it, was found: what only mentions a longer text is noise.
            held = {node_id: one for node_id, one in held.items() if one.how is not How.PART}
        return held

    def _ordered(self, held: Iterable[_Held]) -> list[_Held]:
        def order(one: _Held) -> tuple[int, int, int, str]:
            first = one.places[0]
            depth = 0 if first.pointer == "/id" else first.pointer.count("/")
            return (one.how, -self._exposure(one).verdict.rank, depth, one.node_id)

        return sorted(held, key=order)

    def _node_of(self, item: Item) -> str:
        """The id of the node that a line is about; the line's own where it has none."""
        if item.id in self._nodes:
            return item.id
        for reader in self._readers.get(item.type, ()):
            found = reader(item)
            if found is not None and found in self._nodes:
                return found
        return item.id

    def _row(self, needle: Needle, one: _Held) -> Row:
        node, first = self._nodes.get(one.node_id), one.places[0].item
        props = node.props if node else {}
        exposure = self._exposure(one)
        public = self._public_of(one)
        account = str(props.get("account_id") or first.account_id)
        region = str(props.get("region") or first.region)
        places = [
            {
                "file": place.item.file,
                "id": place.item.id,
                "pointer": place.pointer,
                "value": place.value,
                "how": place.how.name.lower(),
            }
            for place in one.places
        ]
        return Row(
            key=row_key("find", one.node_id, str(needle.kind), needle.text.casefold(), ""),
            id=one.node_id,
            name=str(props["name"]) if props.get("name") else None,
            resource_type=str(props.get("resource_type") or first.type),
            account_id=account,
            region=region,
            answer=exposure,
            severity=min((row.severity for row in public), key=_SEVERITIES.index, default="info"),
            own={
                "match": one.how.name.lower(),
                "places": places,
                "more_places": one.count - len(places),
                "public": [row.key for row in public],
                "judged": bool(public) or not self._closed.keys().isdisjoint(self._bearers(one)),
            },
            accounts=distinct([account, first.account_id]),
            regions=distinct([region]),
        )

    def _exposure(self, one: _Held) -> Answer:
        if public := self._public_of(one):
            return max(public, key=lambda row: row.verdict.rank).answer
        for node_id in self._bearers(one):
            if (closed := self._closed.get(node_id)) is not None:
                return closed
        return Answer(Verdict.UNKNOWN, why="Whether it is exposed is not judged by this version.")

    def _public_of(self, one: _Held) -> list[Row]:
        rows = [row for node in self._bearers(one) for row in self._public.get(node, ())]
        return list({row.key: row for row in rows}.values())

    def _bearers(self, one: _Held) -> list[str]:
        """The resource itself, and the machine whose address or interface it is."""
        item = one.places[0].item
        shorts = [value_at(item.item, path) for path in _BEARERS.get(item.type, ())]
        return [
            one.node_id,
            *(self._by_short[short] for short in shorts if short in self._by_short),
        ]

    @cached_property
    def _by_short(self) -> Mapping[str, str]:
        return {node_id.rpartition("/")[2]: node_id for node_id in self._nodes}

    def _notes(self, needle: Needle) -> Iterator[str]:
        parties = self._session.parties
        account = needle.text if needle.kind is Kind.ACCOUNT else None
        if needle.kind is Kind.ACCESS_KEY:
            account = account_of_access_key(needle.text)
            if account is None:
                yield "The key's id is of an old form, from which no account can be read."
                return
            yield f"The key's id itself says that it belongs to account {account}."
        elif needle.kind is Kind.ARN:
            parts = needle.text.split(":")
            account = parts[4] if len(parts) > 5 and parts[4].isdigit() else None
        if account is None:
            return
        kind, vendor = parties.classify(account, None)
        named = parties.name(account)
        who = f"{account} ({named})" if named else account
        if kind == "unknown":
            yield f"Account {who} is nobody that is known here."
        elif vendor:
            yield f"Account {who} is a known {kind}."
        elif account in self._session.snapshot.accounts:
            yield f"Account {who} is in this snapshot."
        else:
            yield f"Account {who} is one's own, but it is not in this snapshot."

    def _coverage(self) -> Coverage:
        from queries.answers.coverage import coverage_of

        return coverage_of(self._session.snapshot, self._all_types)

    @cached_property
    def _all_types(self) -> frozenset[str]:
        ledger = self._session.snapshot.ledger
        return frozenset(kind for row in ledger for kind in row.types) - {"*"}

    @cached_property
    def _derivation(self) -> Derivation:
        from graph.derive import derive

        return derive(self._session.snapshot)

    @cached_property
    def _nodes(self) -> Mapping[str, Node]:
        return {node.id: node for node in self._derivation.nodes}

    @cached_property
    def _public(self) -> Mapping[str, list[Row]]:
        """The rows of ``public`` by the resources that they pass or reach."""
        found: dict[str, list[Row]] = {}
        for row in self._session.public_rows:
            for node_id in dict.fromkeys((row.id, *row.own.get("via", ()))):
                found.setdefault(node_id, []).append(row)
        return found

    @cached_property
    def _closed(self) -> Mapping[str, Answer]:
        """What was judged and found closed to everybody."""
        return {
            judgement.target: judgement.answer
            for judgement in self._derivation.judgements
            if judgement.answer.verdict is Verdict.NO
            and judgement.question in ("reach", "access")
            and judgement.source in _EVERYBODY
        }

    @cached_property
    def _readers(self) -> Mapping[str, list[_Reader]]:
        from graph.schema.declare import NodeType
        from graph.schema.registry import REGISTRY

        found: dict[str, list[_Reader]] = {}
        for declared in REGISTRY.declarations:
            if isinstance(declared, NodeType):
                found.setdefault(declared.snapshot_type, []).append(declared.node_id)
        return found


if TYPE_CHECKING:
    from collections.abc import Callable

    _Reader = Callable[[Item], str | None]

_BEARERS = {
    "ec2:network-interface": ("Attachment.InstanceId",),
    "ec2:address": ("InstanceId", "NetworkInterfaceId"),
}
_SEVERITIES = ("critical", "high", "medium", "low", "info")
_EVERYBODY = frozenset({"internet", "any-aws-principal", "any-aws-account"})


def words_of(row: Row) -> str:
    """Where it stands, for a table: ``has it as PublicIpAddress: 203.0.113.7``."""
    first = row.own["places"][0]
    how = _WORDS[How[first["how"].upper()]]
    if first["pointer"] == "/id":
        return "is its id" if first["how"] == "same" else f"{how} its id: {first['value']}"
    path = first["pointer"].removeprefix("/item/").removeprefix("/calls/")
    parts = [part for part in path.split("/") if not part.isdigit() and part != "value"]
    more = row.own["more_places"] + len(row.own["places"]) - 1
    also = f" (and {more} more)" if more else ""
    value = first["value"] if len(first["value"]) <= 60 else first["value"][:57] + "..."
    return f"{how} {'.'.join(parts)}: {value}{also}"
