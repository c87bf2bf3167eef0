"""``mapper reach``: the answer for the two words FROM and TO."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from graph.judgement import Judgement
from graph.network import ports
from graph.network.between.ends import End, end_to_internet, strongest
from graph.network.between.every_way import every_way
from graph.network.between.from_internet import internet_to_end
from graph.network.between.many import Many, many_to_many
from graph.network.between.on_prem import (
    SOMEWHERE,
    leads_on_premises,
    nothing_from,
    premises_to_interface,
)
from graph.network.between.port_names import set_of
from graph.network.between.ranges import end_to_range, range_to_end
from graph.network.from_snapshot import network_world
from graph.network.spans import NOTHING, Spans
from graph.verdict import Answer, Verdict
from mapper.errors import WrongUsageError
from mapper.reach_names import INTERNET, Names
from mapper.reach_sides import ON_PREM, Side, Sides
from queries.answers.reach import Thing, group_rows, reach_rows

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from graph.network.reach import Reach
    from graph.network.world import NetworkWorld
    from queries.answers.row import Row

_HIGHEST_PORT = 65535
_RANGE = "cidr:"


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer of ``reach``: results in order, their rows, and what stands behind ids.

    Attributes:
        title: what was asked.
        found: results; of many pairs the first of each group.
        rows: in the same order.
        judgements: likewise.
        many: where a word stands for many things: who reaches whom, and how many were asked.
        things: what is known of the ends, by id.
        unseen: things without a network interface, of which nothing is said.
    """

    title: str
    found: tuple[Reach, ...]
    rows: tuple[Row, ...]
    judgements: tuple[Judgement, ...]
    many: Many | None = None
    things: Mapping[str, Thing] | None = None
    unseen: int = 0


class Reacher:
    """Answers questions of reach from one snapshot."""

    def __init__(self, snapshot: Snapshot, accounts: Mapping[str, str] | None = None) -> None:
        """Args: the snapshot, which is read on the first question, and names of accounts by id."""
        self._snapshot = snapshot
        self._accounts = accounts or {}

    @cached_property
    def world(self) -> NetworkWorld:
        """The facts of the network."""
        return network_world(self._snapshot)

    @cached_property
    def names(self) -> Names:
        """The names of things."""
        return Names(self._snapshot, self.world)

    @cached_property
    def sides(self) -> Sides:
        """What words mean."""
        return Sides(self.names, self.world, self._accounts, self._snapshot.accounts)

    def answer(self, source: str, target: str, only: Spans = ports.ALL) -> Reached:
        """What FROM may send to TO.

        Args:
            source: an id, ARN, name or address, ``internet`` or ``on-prem``; or what stands for
                many: ``any``, a VPC, subnet, security group, account, ``tag:KEY=VALUE`` or range.
            target: likewise, but for ``on-prem``; also any public address.
            only: the ports that are asked for.

        Raises:
            WrongUsageError: a word means nothing, or several things.
            collector.snapshot.SnapshotError: the snapshot cannot be read.
        """
        if source == target == INTERNET:
            raise WrongUsageError("FROM and TO are both the internet: name one of your own.")
        start, end = self.sides.side("FROM", source), self.sides.side("TO", target)
        if _is_outside(start) and _is_outside(end):
            raise WrongUsageError("FROM and TO are both on the outside: name one of your own.")
        title = f"{source} to {target}"
        if start.many or end.many:
            return self._of_many(title, start, end, only)
        one, other = start.ends[0], end.ends[0]
        if len(one.interfaces) == 1 and one.interfaces == other.interfaces:
            raise WrongUsageError(f"FROM and TO are the same thing, {one.id}: name another one.")
        found = sorted(self.judge(one, other, only), key=_private_first)
        things = self._things(found)
        return Reached(
            title,
            tuple(found),
            tuple(reach_rows(found, things)),
            tuple(map(_judgement, found)),
            things=things,
        )

    def _of_many(self, title: str, start: Side, end: Side, only: Spans) -> Reached:
        many = many_to_many(
            self.world, start.ends, end.ends, lambda a, b: self.judge(a, b, only), only
        )
        found = tuple(one.reach for one in many.openings)
        ids = {name for one in many.openings for name in (*one.sources, *one.targets)}
        things = {name: self.names.thing(name) for name in ids} | self._things(found)
        rows = tuple(group_rows(many.openings, things))
        judged = tuple(map(_judgement, found))
        return Reached(title, found, rows, judged, many, things, start.unseen + end.unseen)

    def _things(self, found: Iterable[Reach]) -> dict[str, Thing]:
        ends = dict.fromkeys(end for one in found for end in (one.source, one.target))
        return {end: self.names.thing(end) for end in ends}

    def judge(self, source: End, target: End, only: Spans = ports.ALL) -> list[Reach]:
        """What one end may send to another; either may be what is not one's own."""
        if not source.interfaces and not target.interfaces:
            return []
        if source.id == INTERNET:
            return internet_to_end(self.world, target, only)
        if source.id.startswith(_RANGE):
            return range_to_end(self.world, source.id.removeprefix(_RANGE), target, only)
        if source.id.partition(":")[0] == ON_PREM:
            return self._from_premises(source.id, target, only)
        if target.id == INTERNET:
            return end_to_internet(self.world, source, only)
        if target.id.startswith(_RANGE):
            return end_to_range(self.world, source, target.id.removeprefix(_RANGE), only)
        if not target.interfaces:
            return end_to_internet(self.world, source, only, target.id)
        return every_way(self.world, source, target, only)

    def _from_premises(self, source: str, target: End, only: Spans) -> list[Reach]:
        """What networks on premises reach: by one gateway or by any, or from a range of theirs."""
        place = source.partition(":")[2]
        cidr = place if "/" in place else ""
        found = [
            replace(reach, target=target.id)
            for one in target.interfaces
            for reach in premises_to_interface(self.world, one, only, cidr)
        ]
        if source != ON_PREM and not cidr:
            found = [
                replace(one, source=source) for one in found if one.source in (source, SOMEWHERE)
            ]
        if not found and not leads_on_premises(self.world):
            return [_no_premises(source, target.id)]
        return strongest(found) or [nothing_from(source, target.id)]


def _is_outside(side: Side) -> bool:
    return bool(side.ends) and not any(one.interfaces for one in side.ends)


def _private_first(one: Reach) -> tuple[int, bool]:
    """Of equal verdicts the private way leads."""
    return -one.verdict.rank, one.mechanism.startswith(INTERNET)


def _no_premises(source: str, target: str) -> Reach:
    """The ``no`` where there is nothing on premises to come from: no lock that could fall."""
    found = nothing_from(source, target)
    text = "No VPN or Direct Connect leads from premises to anything in this snapshot."
    answer = Answer(Verdict.NO, why=text)
    return replace(found, answer=answer)


def _judgement(one: Reach) -> Judgement:
    return Judgement(
        question="reach",
        source=one.source,
        target=one.target,
        mechanism=one.mechanism,
        answer=one.answer,
        family=str(one.family),
        ports=one.opens or one.ports,
        other_ports=one.other_ports,
        via=one.via,
    )


def ports_asked(texts: Iterable[str]) -> Spans:
    """The ports of ``--port``: ``443`` (TCP and UDP), ``tcp/443``, ``udp/1-1024``, ``icmp``.

    Raises:
        ValueError: one is no port; the message says why.
    """
    found = NOTHING
    for text in texts:
        name = text.lower()
        _check_numbers(name.partition("/")[2] or name)
        for one in (f"tcp/{name}", f"udp/{name}") if name[:1].isdigit() else (name,):
            try:
                found = found | set_of(one)
            except ValueError:
                raise ValueError(
                    f"{text!r}: write 443, tcp/443, udp/53, tcp/8000-8100 or icmp"
                ) from None
    return found or ports.ALL


def _check_numbers(text: str) -> None:
    """Say of numbers what is wrong with them as ports."""
    if not re.fullmatch(r"\d+(-\d+)?", text):
        return
    first, _, last = text.partition("-")
    for number in (first, last or first):
        if int(number[:9]) > _HIGHEST_PORT:
            raise ValueError(f"{text!r}: the highest port is {_HIGHEST_PORT}")
    if last and int(last) < int(first):
        raise ValueError(f"{text!r}: the range ends before it begins; write {last}-{first}")
