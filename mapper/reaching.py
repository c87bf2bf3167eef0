"""``mapper reach``: whom the words FROM and TO mean, and the answer for the two."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from graph.judgement import Judgement
from graph.network import ports
from graph.network.between.ends import End, end_of, end_to_end, end_to_internet, strongest
from graph.network.between.from_internet import internet_to_end
from graph.network.between.on_prem import (
    SOMEWHERE,
    leads_on_premises,
    nothing_from,
    premises_to_interface,
)
from graph.network.between.over_internet import end_over_internet
from graph.network.between.port_names import set_of
from graph.network.between.private_link import end_through_links
from graph.network.facts import Address, Interface
from graph.network.from_snapshot import network_world
from graph.network.internet import owner_of
from graph.network.spans import NOTHING, Spans
from graph.verdict import Answer, Verdict
from mapper.errors import WrongUsageError
from mapper.naming import nearest
from mapper.reach_names import INTERNET, Names
from queries.answers.reach import reach_rows

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from graph.network.reach import Reach
    from graph.network.world import NetworkWorld
    from queries.answers.row import Row

ON_PREM = "on-prem"
_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer of ``reach``: results in order, their rows, and what stands behind ids."""

    title: str
    found: tuple[Reach, ...]
    rows: tuple[Row, ...]
    judgements: tuple[Judgement, ...]


class Reacher:
    """Answers questions of reach from one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Args: the snapshot, which is read on the first question."""
        self._snapshot = snapshot

    @cached_property
    def world(self) -> NetworkWorld:
        """The facts of the network."""
        return network_world(self._snapshot)

    @cached_property
    def _names(self) -> Names:
        return Names(self._snapshot, self.world)

    @cached_property
    def _by_address(self) -> dict[str, list[tuple[Interface, str]]]:
        found: dict[str, list[tuple[Interface, str]]] = defaultdict(list)
        for one in self.world.facts.interfaces:
            for address in one.addresses:
                for text in {address.private, address.public} - {""}:
                    found[text].append((one, address.private))
            for six in one.ipv6:
                found[str(ipaddress.ip_address(six))].append((one, six))
        return found

    def answer(self, source: str, target: str, only: Spans = ports.ALL) -> Reached:
        """What FROM may send to TO.

        Args:
            source: an id, ARN, name or address, or ``internet``.
            target: likewise; also a public address that nothing collected has.
            only: the ports that are asked for.

        Raises:
            WrongUsageError: a word means nothing, or several things.
            collector.snapshot.SnapshotError: the snapshot cannot be read.
        """
        found = self._judge(source, target, only)
        ends = dict.fromkeys(end for one in found for end in (one.source, one.target))
        things = {end: self._names.thing(end) for end in ends}
        rows = reach_rows(found, things)
        judgements = tuple(_judgement(one) for one in found)
        return Reached(f"{source} to {target}", tuple(found), tuple(rows), judgements)

    def _judge(self, source: str, target: str, only: Spans) -> list[Reach]:
        if source == target == INTERNET:
            raise WrongUsageError("FROM and TO are both the internet: name one of your own.")
        if source == ON_PREM or source.startswith(f"{ON_PREM}:"):
            return self._from_premises(source, self._end("TO", target), only)
        if source == INTERNET:
            return internet_to_end(self.world, self._end("TO", target), only)
        start = self._end("FROM", source)
        if target == INTERNET:
            return end_to_internet(self.world, start, only)
        outside = _public(target)
        if outside and outside not in self._by_address:
            return end_to_internet(self.world, start, only, outside)
        end = self._end("TO", target)
        if len(start.interfaces) == 1 and start.interfaces == end.interfaces:
            raise WrongUsageError(f"FROM and TO are the same thing, {start.id}: name another one.")
        found = end_to_end(self.world, start, end, only)
        linked = [
            *end_through_links(self.world, start, end, only),
            *end_over_internet(self.world, start, end, only),
        ]
        return strongest([*found, *linked]) if linked else found

    def _from_premises(self, source: str, target: End, only: Spans) -> list[Reach]:
        """What networks on premises reach, by one gateway or by any."""
        found = [
            replace(reach, target=target.id)
            for one in target.interfaces
            for reach in premises_to_interface(self.world, one, only)
        ]
        if source != ON_PREM:
            found = [
                replace(one, source=source) for one in found if one.source in (source, SOMEWHERE)
            ]
        if not found and not leads_on_premises(self.world):
            return [_no_premises(source, target.id)]
        return strongest(found) or [nothing_from(source, target.id)]

    def _end(self, word: str, text: str) -> End:
        address = _address(text)
        if address:
            return self._at(word, text, address)
        if _is_range(text):
            raise WrongUsageError(f"{word} {text!r} is a range: name one address of it.")
        meant = self._names.meant(text)
        hits = list(meant)
        if len(hits) > 1:
            # A load balancer's or instance's own interface may be named like it.
            owners = [hit for hit in hits if hit not in self.world.interfaces]
            hits = owners if len(owners) == 1 else hits
        if not hits:
            return self._described(word, text)
        if len(hits) > 1:
            listed = [f"{hit} ({meant[hit].resource_type})" for hit in hits]
            raise WrongUsageError(_several(word, text, listed))
        end = end_of(self.world, hits[0])
        if end is None or not end.interfaces:
            raise WrongUsageError(
                f"{word} {text!r} has no network interface in this snapshot: nothing can be said."
            )
        return end

    def _at(self, word: str, text: str, address: str) -> End:
        hits = self._by_address.get(address, [])
        if not hits:
            outside = word == "FROM" and _public(address)
            hint = f" What any host may send: mapper reach {INTERNET} TO." if outside else ""
            raise WrongUsageError(
                f"{word} {text!r}: no network interface of this snapshot has this address.{hint}"
            )
        if len(hits) > 1:
            listed = [f"{one.id} in {one.vpc}" for one, _ in hits]
            raise WrongUsageError(_several(word, text, listed))
        interface, private = hits[0]
        only = replace(interface, addresses=(), ipv6=(private,))
        if ":" not in private:
            public = {a.private: a for a in interface.addresses}
            only = replace(interface, addresses=(public.get(private, Address(private)),), ipv6=())
        return End(owner_of(interface), (only,))

    def _described(self, word: str, text: str) -> End:
        """Something that shows in the description of its interfaces only, as file systems do."""
        wanted = text.rpartition("/")[2].lower()
        found = tuple(
            one
            for one in self.world.facts.interfaces
            if wanted and wanted in _described_by(one.description)
        )
        if found:
            return End(text, tuple(replace(one, owner=text) for one in found))
        near = nearest(text, [w for w in self._names.words if not w.startswith("arn:")], 5, 0.5)
        hint = f" The nearest names: {', '.join(near)}." if near else ""
        raise WrongUsageError(
            f"{word} {text!r} is no instance, interface, load balancer or database of this "
            f"snapshot.{hint}"
        )


def _described_by(description: str) -> set[str]:
    plain = description.lower().replace("/", " ").replace(",", " ")
    return {part.strip("().:") for part in plain.split()}


def _address(text: str) -> str:
    """The address in its usual spelling, or nothing if the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


def _is_range(text: str) -> bool:
    try:
        return "/" in text and bool(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        return False


def _public(text: str) -> str:
    from graph.network.prefixes import PUBLIC, parse

    address = _address(text)
    if not address:
        return ""
    family, spans = parse(address)
    return address if spans & PUBLIC[family] else ""


def _several(word: str, text: str, listed: list[str]) -> str:
    shown = "\n".join(f"  {one}" for one in listed[:_CANDIDATES])
    more = len(listed) - _CANDIDATES
    tail = f"\n  and {more} more" if more > 0 else ""
    return f"{word} {text!r} means {len(listed)} things; name one by its id:\n{shown}{tail}"


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
        ValueError: one is no port.
    """
    found = NOTHING
    for text in texts:
        name = text.lower()
        for one in (f"tcp/{name}", f"udp/{name}") if name[:1].isdigit() else (name,):
            found = found | set_of(one)
    return found or ports.ALL
