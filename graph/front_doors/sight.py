"""What a front door's rule may look at, and how its findings become reaches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref, Step
from graph.iam.world import IamWorld
from graph.network import ports as port_sets
from graph.network import prefixes
from graph.network.internet import inspection_step
from graph.network.path import internet_path, steps_in
from graph.network.pieces import INTERNET, Piece, Pieces, meet, weaker
from graph.network.prefixes import EVERYTHING, Family
from graph.network.reach import Grant, Reach, Subject, grants_of, merge, reaches
from graph.network.spans import Spans
from graph.network.web_acls import Narrowing, only, through
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

HTTPS = port_sets.tcp(443)
T = TypeVar("T")
BOTH = (Family.IPV4, Family.IPV6)


@dataclass(frozen=True, slots=True)
class Lock:
    """One control before the door: its step, and what it does to the verdict.

    Attributes:
        step: ``pass``, ``fail``, ``unknown`` or ``conditional``.
        conditions: for a conditional or unknown step, ``kind:subject[=value]``.
        dormant: configured so, but not in service now.
    """

    step: Step
    conditions: tuple[str, ...] = ()
    dormant: bool = False


@dataclass(frozen=True)
class Sight:
    """The snapshot, its network and its identities, as a front door's rule sees them."""

    snapshot: Snapshot
    network: NetworkWorld
    identities: IamWorld
    _kept: dict[str, tuple[Item, ...]] = field(default_factory=dict, repr=False, compare=False)
    _placed: dict[str, dict[tuple[str, str], list[Item]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _indexed: dict[tuple[str, str], dict[tuple[str, str, str], Item]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def items(self, type_id: str) -> tuple[Item, ...]:
        """Every line of a type; read once."""
        if type_id not in self._kept:
            self._kept[type_id] = tuple(self.snapshot.items(type_id))
        return self._kept[type_id]

    def by_member(self, type_id: str, member: str) -> Mapping[tuple[str, str, str], Item]:
        """Lines by (account, region, value of a member of ``item``); made once."""
        if (type_id, member) not in self._indexed:
            self._indexed[type_id, member] = {
                (one.account_id, one.region, str(one.item.get(member))): one
                for one in self.items(type_id)
            }
        return self._indexed[type_id, member]

    def in_place(self, type_id: str, account_id: str, region: str) -> Sequence[Item]:
        """Lines of a type in one account and region."""
        if type_id not in self._placed:
            found: dict[tuple[str, str], list[Item]] = {}
            for one in self.items(type_id):
                found.setdefault((one.account_id, one.region), []).append(one)
            self._placed[type_id] = found
        return self._placed[type_id].get((account_id, region), ())

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for a key, made at the first call."""
        memo = self.network.memo
        if key not in memo:
            memo[key] = make()
        found: T = memo[key]
        return found

    @cached_property
    def _short(self) -> Mapping[str, list[str]]:
        world = self.network
        indexed = (world.vpcs, world.subnets, world.security_groups, world.interfaces)
        more = (world.instances, world.endpoints)
        found: dict[str, list[str]] = {}
        for node in (node for index in (*indexed, *more) for node in index):
            found.setdefault(node.rpartition("/")[2], []).append(node)
        return found

    def node(self, short: str, item: Item, region: str | None = None) -> str:
        """The node id of ``vpc-..``, ``subnet-..``, ``sg-..``, ``eni-..``, ``i-..``, ``vpce-..``;
        the short id itself where it is not in the snapshot. Of several the one in the place of
        the line on which it stands, or in another region (``""``: in any) of its account."""
        known = self._short.get(short, ())
        if len(known) > 1:
            wanted = item.region if region is None else region
            place = f":{wanted}:{item.account_id}:" if wanted else f":{item.account_id}:"
            known = [node for node in known if place in node]
        return known[0] if len(known) == 1 else short

    def gap(self, item: Item, operation: str) -> str:
        """The name of a call about an item, ``service.operation(id)@account/region``."""
        service = item.type.partition(":")[0]
        return f"{service}.{operation}({item.id})@{item.account_id}/{item.region}"

    def reached(
        self,
        item: Item,
        mechanism: str,
        locks: Sequence[Lock],
        *,
        opened: Spans = HTTPS,
        families: Iterable[Family] = (Family.IPV4,),
        admitted: Iterable[str] | None = None,
        source: str = INTERNET,
        target: str = "",
        via: tuple[str, ...] = (),
        guards: tuple[str, ...] = (),
        web_acls: tuple[Narrowing, ...] = (),
    ) -> Iterator[Reach]:
        """Something with a public endpoint outside the customer's VPCs.

        Args:
            item: the door's line.
            mechanism: without the family.
            locks: every control, in the order in which a caller meets them; all must let through.
            opened: protocols and ports of the endpoint.
            families: by which its name resolves.
            admitted: the only address ranges that it answers (CIDRs); ``None`` is everybody.
            source: another source than the internet, e.g. ``any-aws-principal``,
                ``self-sign-up:<pool>``.
            target: node id of what is reached, where it is not the door itself.
            via: ids passed on the way: the door (and the doors before it).
            guards: what stands in front without changing the verdict (WAF).
            web_acls: those that let only fixed ranges or a secret header through.

        Yields:
            one reach for each source and family.
        """
        for family in families:
            subject = Subject(target or item.id, family, f"{mechanism}/{family}", via, guards)
            cidrs = tuple(admitted) if admitted is not None else None
            steps = tuple(one.step(family) for one in web_acls)
            if source != INTERNET:
                terms = frozenset(term for one in web_acls for term in one.terms)
                level = Verdict.CONDITIONAL if terms else Verdict.YES
                found = [Grant(source, {level: opened}, {level: terms})]
            else:
                first = _everybody(family) if cidrs is None else only(cidrs, family)
                ranges = [*(cidrs or ()), *(cidr for one in web_acls for cidr in one.cidrs)]
                flows = [(opened, through(first, web_acls, family))]
                found = grants_of(flows, family, _readable(tuple(ranges), family))
            yield from _bounded(subject, found, locks, source, steps)

    def placed(
        self,
        item: Item,
        mechanism: str,
        locks: Sequence[Lock],
        *,
        subnets: Sequence[str],
        groups: Sequence[str] | None,
        opened: Spans,
        families: Iterable[Family] = (Family.IPV4,),
        admitted: Iterable[str] | None = None,
        target: str = "",
        via: tuple[str, ...] = (),
        guards: tuple[str, ...] = (),
    ) -> list[Reach]:
        """Something with public addresses in subnets of the customer's VPC (steps N2 to N8).

        Args:
            item, mechanism, locks, opened, families, admitted, target, via, guards: as for
                :meth:`reached`; the public address is one of the locks.
            subnets: short or node ids; one through which the internet gets is enough.
            groups: security groups, short or node ids; ``None`` if it has none by design.
        """
        found: list[Reach] = []
        for family in families:
            subject = Subject(target or item.id, family, f"{mechanism}/{family}", via, guards)
            ids = None if groups is None else tuple(sorted(self.node(g, item) for g in groups))
            ranges = None if admitted is None else only(tuple(admitted), family)
            for subnet in (self.node(one, item) for one in subnets):
                path = internet_path(
                    self.network, subnet, ids, item.account_id, item.region, family, opened
                )
                flows = [
                    (
                        flow.ports & opened,
                        flow.sources if ranges is None else meet(flow.sources, ranges),
                    )
                    for flow in path.flows
                ]
                granted = grants_of(flows, family, path.candidates, path.verdict, path.conditions)
                steps = (*steps_in(self.network, path, subnet), inspection_step(path, granted))
                found += _bounded(subject, granted, locks, INTERNET, steps)
            if not subnets:
                gap = f"subnets of {item.id}"
                step = Step("subnet", item.id, "unknown", f"Not collected: {gap}.")
                found += _bounded(subject, [], locks, INTERNET, (step,))
        return merge(found)

    def refs(self, item: Item, *pointers: str) -> tuple[Ref, ...]:
        """Places on a line, e.g. ``refs(item, "/item/Visibility")``."""
        return tuple(Ref.to(item, pointer) for pointer in pointers)


def _everybody(family: Family) -> Pieces:
    return (Piece(EVERYTHING[family]),)


def _readable(cidrs: tuple[str, ...], family: Family) -> tuple[str, ...]:
    """The ranges of a family, without what cannot be read."""
    return tuple(cidr for cidr in cidrs if _family_of(cidr) is family)


def _family_of(cidr: str) -> Family | None:
    try:
        return prefixes.parse(cidr)[0]
    except ValueError:
        return None


def _bounded(
    subject: Subject,
    granted: Iterable[Grant],
    locks: Sequence[Lock],
    source: str,
    more: tuple[Step, ...] = (),
) -> list[Reach]:
    """The grants as far as the locks let them through; ``no`` or ``unknown`` where they do not."""
    bound, terms = Verdict.YES, set[str]()
    for lock in locks:
        terms.update(lock.conditions)
        if lock.step.result == "unknown":
            bound = weaker(bound, Verdict.UNKNOWN)
        elif lock.dormant:
            bound = weaker(bound, Verdict.DORMANT)
        elif lock.step.result == "conditional":
            bound = weaker(bound, Verdict.CONDITIONAL)
    steps = (*(lock.step for lock in locks), *more)
    found = reaches(subject, granted, steps, bound, frozenset(terms))
    if source == INTERNET:
        return found
    return [replace(one, source=source) if one.source == INTERNET else one for one in found]


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing of what is none."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def member(value: Any, *path: str) -> Any:
    """A member of nested objects; ``None`` where one is missing or of another shape."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def strings(value: Any) -> list[str]:
    """The texts of a list, empty ones left out; nothing of what is none."""
    return [one for one in value if isinstance(one, str) and one] if isinstance(value, list) else []
