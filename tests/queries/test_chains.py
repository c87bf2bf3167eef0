"""The best chains: against every walk of small random worlds, and laws that hold of any world."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from queries.answers.chains import MOST_STEPS, Chain, Chains
from queries.answers.chains_session import FRESH, after, compatible, consistent
from queries.answers.walk import End, Hop

GRADES = (Verdict.YES, Verdict.CONDITIONAL, Verdict.UNKNOWN)
SESSIONS = ((), (), (), ("sts:sourceidentity=a",), ("sts:sourceidentity=b",))
Pairs = dict[tuple[str, str], tuple[int, int]]
"""(start, end) to the rank of the best chain's verdict and its number of steps."""


def end(name: str) -> End:
    kind, account = name[0], f"{name[1]:0>12}"
    label = {"a": "AWSAccount", "r": "IAMRole", "s": "PrincipalSet"}[kind]
    node = f"account:{account}" if kind == "a" else name
    return End(node, name, None, account, None, frozenset({label}))


def hop(start: str, to: str, verdict: Verdict = Verdict.YES, session: tuple[str, ...] = ()) -> Hop:
    """A step between nodes by their first letters: role, set, account; the digit is the account."""
    kinds = {"aa": "", "ar": "CONTROLS", "ra": "HAS_ADMIN", "rs": "IN_GROUP", "as": "", "sa": ""}
    kind = kinds.get(start[0] + to[0], "CAN_ASSUME")
    return Hop(end(start), end(to), kind, "m", Answer(verdict), session=session)


@st.composite
def worlds(draw: st.DrawFn, sessions: bool = True) -> list[Hop]:
    accounts = range(1, draw(st.integers(2, 3)) + 1)
    roles = [f"r{account}{letter}" for account in accounts for letter in "xy"]
    sets = [f"s{account}" for account in accounts]
    ends = [
        *[(a, b) for a in roles for b in roles],
        *[(a, b) for a in sets for b in roles],
        *[(a, f"s{a[1]}") for a in roles],
        *[(a, f"a{a[1]}") for a in roles],
        *[(f"a{b[1]}", b) for b in roles],
    ]
    pairs = draw(st.lists(st.sampled_from(ends), max_size=14, unique=True))
    grade = st.sampled_from(GRADES)
    asked = st.sampled_from(SESSIONS) if sessions else st.just(())
    made = [hop(a, b, draw(grade), draw(asked)) for a, b in pairs]
    kept_out = st.lists(st.sampled_from(roles), max_size=2, unique=True)
    return [
        one
        if one.type == "CAN_ASSUME"
        else replace(one, session=(), limits=tuple(sorted(draw(kept_out))))
        if one.type == "HAS_ADMIN"
        else replace(one, session=())
        for one in made
    ]


def walks(hops: Sequence[Hop], start: str) -> Iterator[tuple[Hop, ...]]:
    """Every walk from a start that one session can take and that comes back to nothing it had.

    From an account it does not go on to those that are kept out of its admin's reach.
    """
    out: dict[str, list[Hop]] = defaultdict(list)
    for one in hops:
        out[one.start.id].append(one)

    def walk(
        here: str, session: object, seen: frozenset[object], way: tuple[Hop, ...]
    ) -> Iterator[tuple[Hop, ...]]:
        kept_out = way[-1].limits if way else ()
        for step in out[here]:
            if step.type == "CONTROLS" and step.end.id in kept_out:
                continue
            if not way and step.type not in ("CAN_ASSUME", "IN_GROUP"):
                continue
            carried = after(session, step)  # type: ignore[arg-type]
            state = (step.end.id, carried, step.limits)
            if carried is None or state in seen or step.end.id == start or step.start is step.end:
                continue
            yield (*way, step)
            if len(way) < MOST_STEPS:
                yield from walk(step.end.id, carried, seen | {state}, (*way, step))

    yield from walk(start, FRESH, frozenset({(start, FRESH, ())}), ())


def by_hand(hops: Sequence[Hop]) -> Pairs:
    """The best chain to each role and account of every start, among all walks."""
    hops = [one for one in hops if one.start.id != one.end.id]
    sets = {h.start.id for h in hops if "PrincipalSet" in h.start.labels}
    leading = {h.start.id for h in hops if h.type == "CAN_ASSUME"} - sets
    leading |= {h.start.id for h in hops if h.type == "IN_GROUP" and h.end.id in sets}
    best: Pairs = {}
    for start in leading:
        for way in walks(hops, start):
            if way[-1].type not in ("CAN_ASSUME", "HAS_ADMIN"):
                continue
            if way[-1].type == "HAS_ADMIN" and way[-2].type != "CAN_ASSUME":
                continue
            if any(one.end.id == way[-1].end.id for one in way[:-1]):
                continue
            pair = (start, way[-1].end.id)
            rank = (min(one.answer.verdict.rank for one in way), -len(way))
            if rank > best.get(pair, (0, 0)):
                best[pair] = rank
    return best


def found(hops: Sequence[Hop]) -> dict[tuple[str, str], Chain]:
    chains = Chains(hops)
    made = {(c.start.id, role.id): c for role in chains.roles() for c in chains.to_role(role.id)}
    for account, last in chains.admins().items():
        made |= {(start, account): chain for start, chain in chains.to_account(last).items()}
    return made


def ranks(made: dict[tuple[str, str], Chain]) -> Pairs:
    return {pair: (chain.level.rank, -len(chain.way)) for pair, chain in made.items()}


@given(worlds())
def test_the_best_chain_is_the_best_of_all_walks(hops: list[Hop]) -> None:
    made = found(hops)
    assert ranks(made) == by_hand(hops)
    for (start, _), chain in made.items():
        assert chain.way[0].start.id == start
        assert all(a.end.id == b.start.id for a, b in pairwise(chain.way))
        assert consistent(chain.way)


@given(worlds(), st.randoms())
def test_the_order_of_the_steps_does_not_matter(hops: list[Hop], random) -> None:
    shuffled = list(hops)
    random.shuffle(shuffled)
    ways = {pair: [h.end.id for h in chain.way] for pair, chain in found(hops).items()}
    assert ways == {p: [h.end.id for h in chain.way] for p, chain in found(shuffled).items()}


@given(worlds(), st.data())
def test_a_step_less_or_weaker_never_adds_a_chain(hops: list[Hop], data: st.DataObject) -> None:
    if not hops:
        return
    taken = data.draw(st.sampled_from(hops))
    rest = [one for one in hops if one is not taken]
    weaker = replace(taken, answer=Answer(Verdict.UNKNOWN))
    before = ranks(found(hops))
    for changed in (rest, [*rest, weaker]):
        for pair, rank in ranks(found(changed)).items():
            assert rank <= before[pair]


@given(worlds(), st.permutations("123"))
def test_other_account_numbers_give_the_same_shape(hops: list[Hop], order: list[str]) -> None:
    numbers = dict(zip("123", order, strict=True))

    def moved(one: Hop) -> Hop:
        a, b = (f"{e.name[0]}{numbers[e.name[1]]}{e.name[2:]}" for e in (one.start, one.end))
        limits = tuple(sorted(f"r{numbers[text[1]]}{text[2:]}" for text in one.limits))
        return replace(hop(a, b, one.answer.verdict, one.session), limits=limits)

    shape = sorted(ranks(found(hops)).values())
    assert sorted(ranks(found([moved(one) for one in hops])).values()) == shape


def test_a_role_that_trusts_itself_and_a_cycle_end() -> None:
    cycle = [hop("r1x", "r2x"), hop("r2x", "r1x"), hop("r2x", "r2x"), hop("r2x", "r3x")]
    assert ranks(found(cycle)) == {
        ("r1x", "r2x"): (4, -1),
        ("r1x", "r3x"): (4, -2),
        ("r2x", "r1x"): (4, -1),
        ("r2x", "r3x"): (4, -1),
    }


def test_a_longer_way_counts_only_where_it_is_stronger() -> None:
    doubtful = hop("r1x", "r3x", Verdict.CONDITIONAL)
    by_two = [hop("r1x", "r2x"), hop("r2x", "r3x")]
    assert ranks(found([doubtful, *by_two]))["r1x", "r3x"] == (4, -2)
    assert ranks(found([hop("r1x", "r3x"), *by_two]))["r1x", "r3x"] == (4, -1)


def test_one_unknown_step_makes_the_chain_unknown() -> None:
    made = found([hop("r1x", "r2x", Verdict.UNKNOWN), hop("r2x", "r3x")])
    assert made["r1x", "r3x"].level is Verdict.UNKNOWN
    assert found([hop("r1x", "r2x"), hop("r2x", "r3x")])["r1x", "r3x"].level is Verdict.YES


def test_an_account_that_is_taken_over_on_the_way_leads_on() -> None:
    taken = [hop("r1x", "r2x"), hop("r2x", "a2"), hop("a2", "r2y"), hop("r2y", "r3x")]
    assert ranks(found(taken))["r1x", "r3x"] == (4, -4)
    assert ("r1x", "r3x") not in found([one for one in taken if one.type != "HAS_ADMIN"])


def test_who_is_kept_out_of_an_admins_reach_is_not_gained_by_the_account() -> None:
    taken = [hop("r1x", "r2x"), hop("r2x", "a2"), hop("a2", "r2y"), hop("r2y", "r3x")]
    limited = [replace(one, limits=("r2y",)) if one.end.id[-1] == "2" else one for one in taken]
    assert ("r1x", "r3x") in found(taken)
    assert ("r1x", "r3x") not in found(limited)
    other = [replace(one, limits=("r2z",)) if one.end.id[-1] == "2" else one for one in taken]
    assert ("r1x", "r3x") in found(other)


def test_who_is_admin_of_the_own_account_has_no_chain_by_that() -> None:
    """What others of the account start are their chains."""
    own = [hop("r1x", "a1"), hop("a1", "r1y"), hop("r1y", "r2x"), hop("r1x", "r3x")]
    assert set(found(own)) == {("r1y", "r2x"), ("r1x", "r3x")}


def crowd(size: int) -> list[Hop]:
    members = [hop(f"r1{n}", "s1") for n in range(size)]
    return [*members, hop("s1", "r2x"), hop("r2x", "r3x")]


@pytest.mark.parametrize(("size", "starts"), [(12, 12), (13, 1)])
def test_a_large_set_starts_as_one(size: int, starts: int) -> None:
    begun = {start for start, to in found(crowd(size)) if to == "r3x"} - {"r2x"}
    assert len(begun) == starts
    assert (begun == {"s1"}) is (starts == 1)


def in_a_row(steps: int) -> list[Hop]:
    return [hop(f"r1{n:02}", f"r1{n + 1:02}") for n in range(steps)]


def test_chains_have_a_greatest_length() -> None:
    assert ("r100", f"r1{MOST_STEPS:02}") in found(in_a_row(MOST_STEPS))
    assert ("r100", f"r1{MOST_STEPS + 1:02}") not in found(in_a_row(MOST_STEPS + 1))


def asking(*sessions: str) -> list[Hop]:
    """A chain whose steps ask these of the session, one each."""
    return [
        hop(f"r{n}x", f"r{n + 1}x", session=tuple(filter(None, text.split(" "))))
        for n, text in enumerate(sessions, start=1)
    ]


@pytest.mark.parametrize(
    ("sessions", "possible"),
    [
        (("sts:sourceidentity=a", "sts:sourceidentity=b"), False),
        (("sts:sourceidentity=a", "sts:sourceidentity=a|b"), True),
        (("sts:sourceidentity=a", ""), True),
        (("sts:sourceidentity=a", "", "aws:sourceidentity=b"), False),
        (("sts:sourceidentity=a", "", "aws:sourceidentity=A"), True),
        (("sts:sourceidentity=al*", "sts:sourceidentity=bob"), False),
        (("sts:sourceidentity=al*", "sts:sourceidentity=alice"), True),
        (("sts:sourceidentity=al*", "sts:sourceidentity=*ice"), True),
        (("aws:requesttag/team=x sts:transitivetagkeys=team", "aws:requesttag/team=y"), False),
        (("aws:requesttag/team=x sts:transitivetagkeys=team", "aws:principaltag/team=y"), False),
        (("aws:requesttag/team=x sts:transitivetagkeys=team", "aws:principaltag/team=x"), True),
        (("aws:requesttag/team=x sts:transitivetagkeys=other", "aws:requesttag/team=y"), True),
        (("aws:requesttag/team=x", "aws:requesttag/team=y"), True),
    ],
)
def test_steps_that_no_one_session_can_take_are_no_chain(
    sessions: tuple[str, ...], possible: bool
) -> None:
    hops = asking(*sessions)
    assert (("r1x", hops[-1].end.id) in found(hops)) is possible
    assert consistent(hops) is possible


def test_a_way_round_a_contradiction_is_found() -> None:
    round_it = [
        *asking("sts:sourceidentity=a", "sts:sourceidentity=b"),
        hop("r1x", "r4x"),
        hop("r4x", "r5x"),
        hop("r5x", "r2x"),
    ]
    assert ranks(found(round_it))["r1x", "r3x"] == (4, -4)


def test_taking_an_account_over_begins_a_new_session() -> None:
    hops = [
        hop("r1x", "r2x", session=("sts:sourceidentity=a",)),
        hop("r2x", "a2"),
        hop("a2", "r2y"),
        hop("r2y", "r3x", session=("sts:sourceidentity=b",)),
    ]
    assert ("r1x", "r3x") in found(hops)


def test_wildcards_alone_rule_nothing_out() -> None:
    assert compatible([frozenset({"a*"}), frozenset({"b*"})])
    assert not compatible([frozenset({"a*"}), frozenset({"b"})])
