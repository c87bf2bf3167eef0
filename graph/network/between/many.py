"""Who of many reaches whom of many: judged once for all that are alike, told group by group.

Pairs that no private way joins (``groups.lateral``) and that neither the internet, PrivateLink nor
VPC Lattice can join are left out unasked where there are too many to ask one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, product

from graph.network import ports
from graph.network.between.ends import End
from graph.network.between.like_ends import LikeEnds, alike, registered, served
from graph.network.between.likely import Likely
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

Judge = Callable[[End, End], list[Reach]]
"""What one end may send to another, ``no`` included."""

ASKED_ONE_BY_ONE = 4_000
"""Pairs of groups up to which each is judged."""
MOST = 20_000
"""Pairs of groups that are judged at most."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Ends that reach others alike.

    Attributes:
        sources: ids, sorted; each reaches a target other than itself.
        targets: ids, sorted. Each source reaches each target but itself.
        reach: of the first pair.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    reach: Reach

    @property
    def pairs(self) -> int:
        """How many pairs of ends it tells of."""
        both = len(set(self.sources) & set(self.targets))
        return len(self.sources) * len(self.targets) - both


@dataclass(frozen=True, slots=True)
class Many:
    """What was found.

    Attributes:
        openings: best verdict first, then by the targets' ids; never ``no``.
        pairs: pairs of ends that were asked about.
        left: of these, pairs that were not judged, because there are too many.
    """

    openings: tuple[Opening, ...]
    pairs: int
    left: int = 0


def many_to_many(
    world: NetworkWorld,
    sources: Sequence[End],
    targets: Sequence[End],
    judge: Judge,
    only: Spans = ports.ALL,
    most: int = MOST,
) -> Many:
    """Judge what each of some ends reaches of each of others.

    Args:
        world: the facts.
        sources: each id once; one without interfaces stands for something outside.
        targets: likewise.
        judge: judges one pair.
        only: the ports that ``judge`` asks for.
        most: pairs of groups that are judged; what is beyond is counted in ``left``.
    """
    forwards = any(one.id in world.load_balancers for one in sources)
    named = registered(world) if forwards else served(world)
    asked = chain(
        _asked(world, [one for one in sources if one.interfaces], targets, named, only),
        _asked(world, [one for one in sources if not one.interfaces], targets, None, only),
    )
    steady = iter(asked)
    found: dict[tuple[LikeEnds, Hashable], _Found] = {}
    for pair in islice(steady, most):
        for some, others, reach in _judged(pair, judge):
            key = (others, _outcome(reach, some, others))
            found.setdefault(key, _Found()).add(some, reach)
    left = sum(_count(some.ends, others.ends) for some, others in steady)
    openings = sorted(_by_senders(found), key=_order)
    return Many(tuple(openings), _count(sources, targets), left)


_Pair = tuple[LikeEnds, LikeEnds]


def _asked(
    world: NetworkWorld,
    sources: Sequence[End],
    targets: Sequence[End],
    named: frozenset[str] | None,
    only: Spans,
) -> Iterator[_Pair]:
    """The pairs of groups that something may join; without ``named`` all that anything leads to."""
    if not sources:
        return
    senders = alike(world, sources)
    reached = alike(world, targets, registered(world) if named is None else named)
    likely = Likely(world, only) if len(senders) * len(reached) > ASKED_ONE_BY_ONE else None
    for target in reached:
        for sender in senders:
            if likely is None or likely.joins(sender.first, target.first):
                yield sender, target


@dataclass(slots=True)
class _Found:
    """Who reaches one group of targets alike."""

    senders: list[LikeEnds] = field(default_factory=list)
    reaches: list[Reach] = field(default_factory=list)

    def add(self, some: LikeEnds, reach: Reach) -> None:
        self.senders.append(some)
        self.reaches.append(reach)


def _judged(pair: _Pair, judge: Judge) -> Iterator[tuple[LikeEnds, LikeEnds, Reach]]:
    """What a group reaches of another; pair by pair where an answer speaks of its own pair."""
    some, others = pair
    first = _first_pair(some, others)
    if first is None:
        return
    found = [one for one in judge(*first) if one.verdict is not Verdict.NO]
    single = len(some.ends) == len(others.ends) == 1
    if single or not _speaks_of(found, first):
        yield from ((some, others, reach) for reach in found)
        return
    for source, target in product(some.ends, others.ends):
        if source.id != target.id:
            for reach in judge(source, target):
                if reach.verdict is not Verdict.NO:
                    yield LikeEnds((source,)), LikeEnds((target,)), reach


def _first_pair(some: LikeEnds, others: LikeEnds) -> tuple[End, End] | None:
    pairs = product(some.ends[:2], others.ends[:2])
    return next((pair for pair in pairs if pair[0].id != pair[1].id), None)


def _speaks_of(found: list[Reach], pair: tuple[End, End]) -> bool:
    """Whether a condition names one of the two, so that it holds for no other."""
    names = {end.id for end in pair} | {one.id for end in pair for one in end.interfaces}
    short = {name.rpartition("/")[2] for name in names}
    return any(name in term for one in found for term in one.answer.conditions for name in short)


def _outcome(reach: Reach, some: LikeEnds, others: LikeEnds) -> Hashable:
    """What makes two results one; by its own name what stands outside."""
    return (
        reach.mechanism,
        reach.verdict.value,
        reach.ports,
        reach.other_ports,
        reach.answer.conditions,
        reach.opens,
        "" if some.first.interfaces else reach.source,
        "" if others.first.interfaces else reach.target,
    )


_Way = tuple[LikeEnds, _Found]


def _by_senders(found: dict[tuple[LikeEnds, Hashable], _Found]) -> Iterator[Opening]:
    """Openings: targets stand together that the same senders reach alike.

    First those that all reach one another, each but itself, then the rest.
    """
    circles: dict[Hashable, list[_Way]] = defaultdict(list)
    for (others, outcome), one in found.items():
        targets, senders = _ids([others]), _ids(one.senders)
        whole = senders | targets if len(targets) == 1 else senders
        circles[outcome, whole].append((others, one))
    rest: dict[Hashable, list[_Way]] = defaultdict(list)
    for (others, outcome), one in found.items():
        targets, senders = _ids([others]), _ids(one.senders)
        whole = senders | targets if len(targets) == 1 else senders
        circle = circles[outcome, whole]
        if len(circle) < 2:
            rest[outcome, senders].append((others, one))
        elif circle[0][0] is others:
            yield _opening(circle)
    yield from map(_opening, rest.values())


def _ids(groups: Iterable[LikeEnds]) -> frozenset[str]:
    return frozenset(end.id for one in groups for end in one.ends)


def _opening(ways: Sequence[_Way]) -> Opening:
    reaches = [reach for _, one in ways for reach in one.reaches]
    first = min(reaches, key=lambda reach: (reach.target, reach.source))
    senders = _ids(some for _, one in ways for some in one.senders)
    targets = _ids(others for others, _ in ways)
    if len(targets) == 1:
        # Nothing is told of one thing and itself.
        senders -= targets
    others, one = ways[0]
    return Opening(
        tuple(sorted(senders)) if one.senders[0].first.interfaces else (first.source,),
        tuple(sorted(targets)) if others.first.interfaces else (first.target,),
        first,
    )


def _count(sources: Sequence[End], targets: Sequence[End]) -> int:
    both = {one.id for one in sources} & {one.id for one in targets}
    return len(sources) * len(targets) - len(both)


def _order(one: Opening) -> tuple[int, tuple[str, ...], str, tuple[str, ...]]:
    return -one.reach.verdict.rank, one.targets, one.reach.mechanism, one.sources


__all__ = ["Many", "Opening", "many_to_many"]
