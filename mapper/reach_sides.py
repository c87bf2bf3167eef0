"""What the words FROM and TO of ``mapper reach`` stand for: one thing, many, or the outside."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from graph.network.between.ends import End, end_of
from graph.network.between.on_prem import leads_on_premises, premises_of
from graph.network.between.owners import is_sender, takes_nothing
from graph.network.between.parting import address_in
from graph.network.exposure import belongs_to_service
from graph.network.facts import Address, Interface
from graph.network.internet import owner_of
from graph.network.prefixes import PUBLIC, Family, parse
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from mapper.errors import WrongUsageError
from mapper.naming import nearest
from mapper.reach_names import GROUP_TYPES, INTERNET, Names

ANY, ON_PREM, TAG = "any", "on-prem", "tag:"
_CANDIDATES = 12
_LIKE = 0.6
_ACCOUNT = re.compile(r"(?:account:)?(\d{12})")


@dataclass(frozen=True, slots=True)
class Side:
    """FROM or TO.

    Attributes:
        ends: what it stands for; what is not one's own has no interfaces: ``internet``,
            ``on-prem``, ``on-prem:<gateway or range>``, ``cidr:...``.
        many: whether the word stands for all of these, and not for one thing.
        unseen: how many things of it show no network interface.
    """

    ends: tuple[End, ...]
    many: bool = False
    unseen: int = 0


class Sides:
    """Finds out what words mean in one snapshot."""

    def __init__(
        self,
        names: Names,
        world: NetworkWorld,
        accounts: Mapping[str, str],
        collected: Collection[str],
    ) -> None:
        """Args: names of things, the facts, names of accounts by id, ids of those collected."""
        self._names, self._world = names, world
        self._accounts, self._collected = accounts, collected

    def side(self, word: str, text: str) -> Side:
        """What a word means.

        Args:
            word: ``FROM`` or ``TO``.
            text: an id, ARN, name, address, range, ``any``, ``internet``, ``on-prem``, an account
                or ``tag:KEY=VALUE``.

        Raises:
            WrongUsageError: it means nothing, or several things.
        """
        if word == "FROM" and _is_on_prem(text):
            return Side((End(self._premises(text), ()),))
        if text == INTERNET:
            return Side((End(text, ()),))
        if text == ANY:
            outside = (End(INTERNET, ()), *((End(ON_PREM, ()),) if word == "FROM" else ()))
            found = self._within(word, lambda _: True)
            return replace(found, ends=(*found.ends, *outside))
        if "/" in text and (network := _range_of(text)) is not None:
            return self._range(word, text, network)
        if address := _address(text):
            return self._at(word, text, address)
        if text.startswith(TAG):
            return self._tagged(word, text)
        if (account := self._account(text)) and not self._names.meant(text):
            if account not in self._collected:
                raise WrongUsageError(f"{word} {text!r}: this account was not collected.")
            return self._within(word, lambda one: one.account_id == account)
        return self._named(word, text)

    def _premises(self, text: str) -> str:
        known = premises_of(self._world)
        if text == ON_PREM or text in known:
            return text
        near = nearest(text, known, _CANDIDATES, _LIKE) or known[:_CANDIDATES]
        hint = f" Known: {', '.join(near)}." if near else ""
        raise WrongUsageError(
            f"FROM {text!r} is no gateway or connection of this snapshot that leads on premises."
            f"{hint} All of them: {ON_PREM}"
        )

    def _named(self, word: str, text: str) -> Side:
        meant = self._names.meant(text)
        hits = list(meant)
        if len(hits) > 1:
            # A load balancer's or instance's own interface may be named like it.
            owners = [hit for hit in hits if hit not in self._world.interfaces]
            hits = owners if len(owners) == 1 else hits
        if account := self._account(text):
            hits.append(f"account:{account}")
        if not hits:
            return Side((self._described(word, text),))
        if len(hits) > 1:
            listed = [f"{hit} ({_type(meant, hit)})" for hit in hits]
            raise WrongUsageError(_several(word, text, listed))
        (hit,) = hits
        if _type(meant, hit) in GROUP_TYPES:
            return self._within(word, lambda one: hit in (one.vpc, one.subnet, *(one.groups or ())))
        end = end_of(self._world, hit)
        if end is None or not end.interfaces:
            raise WrongUsageError(
                f"{word} {text!r} ({_type(meant, hit)}) has no network interface in this snapshot: "
                f"nothing can be said. What is known of it: mapper explain {hit}"
            )
        return Side((end,))

    def _account(self, text: str) -> str:
        if match := _ACCOUNT.fullmatch(text):
            return match[1]
        named = [one for one, name in self._accounts.items() if name == text]
        return named[0] if len(named) == 1 else ""

    def _tagged(self, word: str, text: str) -> Side:
        key, equals, value = text.removeprefix(TAG).partition("=")
        ids = self._names.tagged(key, value if equals else None)
        if not ids:
            near = nearest(key, self._names.tag_keys, 3)
            known = f" Keys of tags like it: {', '.join(near)}." if near else ""
            raise WrongUsageError(
                f"{word} {text!r}: nothing that has a network interface has this tag.{known}"
            )
        side = self._within(word, lambda one: one.id in ids or one.owner in ids, ids)
        if not side.ends and not any(end.id in ids for end in self._every(word)):
            have = (
                "thing has this tag, but it does not" if len(ids) == 1 else "things have this tag"
            )
            none = "" if len(ids) == 1 else ", but none of them"
            does = {"FROM": "begin", "TO": "take"}[word] + ("" if len(ids) == 1 else "s")
            raise WrongUsageError(
                f"{word} {text!r}: {len(ids)} {have}{none} {does} connections by a network "
                "interface."
            )
        return side

    def _within(
        self, word: str, holds: Callable[[Interface], bool], ids: Iterable[str] = ()
    ) -> Side:
        """Everything whose interfaces hold to something, by these interfaces only."""
        found: list[End] = []
        unseen = 0
        for end in self._every(word):
            kept = tuple(one for one in end.interfaces if end.id in ids or holds(one))
            if kept:
                found.append(replace(end, interfaces=kept))
            unseen += not end.interfaces and not self._is_gone(end.id)
        return Side(tuple(found), many=True, unseen=unseen)

    def _is_gone(self, node_id: str) -> bool:
        instance = self._world.instances.get(node_id)
        return instance is not None and instance.state in ("terminated", "shutting-down")

    def _every(self, word: str) -> tuple[End, ...]:
        return self._senders if word == "FROM" else self._targets

    @cached_property
    def _senders(self) -> tuple[End, ...]:
        """What begins connections, each by the interfaces by which it does."""
        served = {*self._world.load_balancers, *self._world.databases}
        ends = [one for one in self.everything if one.id not in served]
        return tuple(self._only(ends, lambda one: is_sender(self._world, one)))

    @cached_property
    def _targets(self) -> tuple[End, ...]:
        return tuple(self._only(self.everything, lambda one: not takes_nothing(self._world, one)))

    def _only(self, ends: Iterable[End], holds: Callable[[Interface], bool]) -> Iterator[End]:
        for end in ends:
            kept = tuple(one for one in end.interfaces if holds(one))
            if kept or not end.interfaces:
                yield replace(end, interfaces=kept)

    @cached_property
    def everything(self) -> tuple[End, ...]:
        """Everything that has an interface, or should have one."""
        world = self._world
        by_owner: dict[str, list[Interface]] = defaultdict(list)
        for one in world.facts.interfaces:
            if not belongs_to_service(world, one):
                by_owner[owner_of(one)].append(one)
        ids = dict.fromkeys((*world.instances, *world.load_balancers, *world.databases, *by_owner))
        made = ((one, end_of(world, one)) for one in ids)
        return tuple(end or End(one, tuple(by_owner[one])) for one, end in made)

    def _range(
        self, word: str, text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network
    ) -> Side:
        """Own things by their addresses in a range; and what of it is the internet's."""
        family, spans = parse(str(network))
        if spans.size == 1:
            return self._at(word, text, str(network.network_address))

        found = []
        for end in self._every(word):
            kept = tuple(_limited(one, family, spans) for one in end.interfaces)
            kept = tuple(one for one in kept if one.addresses or one.ipv6)
            if kept:
                found.append(replace(end, interfaces=kept))
        if self._may_be_premises(word, family, spans):
            found.append(End(f"{ON_PREM}:{network}", ()))
        if spans & PUBLIC[family]:
            found.append(End(f"cidr:{network}", ()))
        if not found:
            hint = f" What comes from networks on premises: mapper reach {ON_PREM} TO."
            raise WrongUsageError(
                f"{word} {text!r}: no network interface of this snapshot has an address in this "
                f"range.{hint if word == 'FROM' else ''}"
            )
        return Side(tuple(found), many=len(found) > 1 or bool(found[0].interfaces))

    def _may_be_premises(self, word: str, family: Family, spans: Spans) -> bool:
        """Whether networks on premises may have private addresses of a range."""
        private = spans - PUBLIC[family]
        return word == "FROM" and bool(private) and leads_on_premises(self._world)

    @cached_property
    def _by_address(self) -> dict[str, list[tuple[Interface, str]]]:
        found: dict[str, list[tuple[Interface, str]]] = defaultdict(list)
        for one in self._world.facts.interfaces:
            for address in one.addresses:
                for text in {address.private, address.public} - {""}:
                    found[text].append((one, address.private))
            for six in one.ipv6:
                found[str(ipaddress.ip_address(six))].append((one, six))
        return found

    def has(self, address: str) -> bool:
        """Whether an interface has an address, or a prefix with it."""
        return bool(self._holding(address))

    def _holding(self, address: str) -> list[tuple[Interface, str]]:
        known = self._by_address.get(address)
        if known:
            return known
        vpcs = {one.vpc for one in self._world.facts.interfaces if one.prefixes}
        return [
            (one, address)
            for vpc in sorted(vpcs)
            for one in self._world.interfaces_at(vpc, address)
        ]

    def _at(self, word: str, text: str, address: str) -> Side:
        hits = self._holding(address)
        if not hits and is_public(address):
            host = f"cidr:{ipaddress.ip_network(address)}" if word == "FROM" else address
            return Side((End(host, ()),))
        if not hits and self._may_be_premises(word, *parse(address)):
            return Side((End(f"{ON_PREM}:{ipaddress.ip_network(address)}", ()),))
        if not hits:
            raise WrongUsageError(
                f"{word} {text!r}: no network interface of this snapshot has this address."
            )
        if len(hits) > 1:
            listed = [f"{one.id} in {one.vpc}" for one, _ in hits]
            raise WrongUsageError(_several(word, text, listed))
        interface, private = hits[0]
        only = replace(interface, addresses=(), ipv6=(private,))
        if ":" not in private:
            public = {a.private: a for a in interface.addresses}
            only = replace(interface, addresses=(public.get(private, Address(private)),), ipv6=())
        return Side((End(owner_of(interface), (only,)),))

    def _described(self, word: str, text: str) -> End:
        """Something that shows in the description of its interfaces only, as file systems do."""
        wanted = text.rpartition("/")[2].lower()
        found = tuple(
            one
            for one in self._world.facts.interfaces
            if wanted and wanted in _described_by(one.description)
        )
        if found:
            return End(text, tuple(replace(one, owner=text) for one in found))
        raise WrongUsageError(self._unknown(word, text))

    def _unknown(self, word: str, text: str) -> str:
        if re.fullmatch(r"\d+(\.\d+){3}(/\d+)?", text):
            return (
                f"{word} {text!r} is no IPv4 address or range: its numbers are 0 to 255, and a "
                "range ends in /0 to /32."
            )
        if ":" in text and re.fullmatch(r"[0-9a-fA-F:]+(/\d+)?", text):
            return f"{word} {text!r} is no IPv6 address or range."
        if other := self._names.elsewhere(text):
            kind, node_id = other
            return (
                f"{word} {text!r} is of type {kind} and has no network interface of its own. "
                f"What is known of it: mapper explain {node_id}"
            )
        near = nearest(text, [w for w in self._names.words if not w.startswith("arn:")], 5, _LIKE)
        hint = f" The nearest names: {', '.join(near)}." if near else ""
        return (
            f"{word} {text!r} is no instance, interface, load balancer, database, VPC, subnet, "
            f"security group or account of this snapshot.{hint}"
        )


def _type(meant: Mapping[str, object], hit: str) -> str:
    kind = getattr(meant.get(hit), "resource_type", None)
    return str(kind or "AWS::Organizations::Account")


def _limited(one: Interface, family: Family, spans: Spans) -> Interface:
    """An interface with those of its addresses that lie in a range; of a prefix the first one."""

    def inside(address: str) -> bool:
        return bool(address) and parse(address)[0] is family and bool(parse(address)[1] & spans)

    known = tuple(a for a in one.addresses if inside(a.private) or inside(a.public))
    six = tuple(address for address in one.ipv6 if inside(address))
    lent = [parse(cidr)[1] & spans for cidr in one.prefixes if parse(cidr)[0] is family]
    first = [address_in(some, family) for some in lent if some]
    if family is Family.IPV4:
        have = {a.private for a in known}
        known += tuple(Address(address) for address in first if address not in have)
        return replace(one, addresses=known, ipv6=())
    return replace(one, addresses=(), ipv6=(*six, *(a for a in first if a not in six)))


def _is_on_prem(text: str) -> bool:
    return text == ON_PREM or text.startswith(f"{ON_PREM}:")


def _described_by(description: str) -> set[str]:
    plain = description.lower().replace("/", " ").replace(",", " ")
    return {part.strip("().:") for part in plain.split()}


def _address(text: str) -> str:
    """The address in its usual spelling, or nothing if the text is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


def _range_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's."""
    family, spans = parse(address)
    return bool(spans & PUBLIC[family])


def _several(word: str, text: str, listed: list[str]) -> str:
    shown = "\n".join(f"  {one}" for one in listed[:_CANDIDATES])
    more = len(listed) - _CANDIDATES
    tail = f"\n  and {more} more" if more > 0 else ""
    return f"{word} {text!r} means {len(listed)} things; name one by its id:\n{shown}{tail}"


__all__ = ["ANY", "ON_PREM", "Side", "Sides", "is_public"]
