"""The reckoning of paths, blast and choke points from facts, on worlds of a few facts."""

from __future__ import annotations

from mapper.demo.world.attack_truth import (
    BlastRow,
    ChokeRow,
    PathRow,
    blast_rows,
    choke_rows,
    expected_attacks,
    path_rows,
)
from mapper.demo.world.facts import (
    EVERYONE,
    Admits,
    Assumes,
    Carries,
    Escalates,
    Fact,
    Holds,
    IsAdmin,
    Joined,
    Principal,
    Reaches,
)
from mapper.demo.world.ways import Ground
from tests.demo.test_reckoning import A, B, C, role, thing

WEB, HUB, CROWN = role(A, "web"), role(B, "hub"), role(C, "crown")
DOOR = "arn:aws:elasticloadbalancing:eu-west-1:100000000001:loadbalancer/app/door/1"
FRONT: tuple[Fact, ...] = (
    Holds("i-1", A, "machine"), Holds("i-2", A, "machine"),
    Reaches(DOOR, "alb/ipv4", "yes"), Reaches("i-1", "alb/ipv4", "yes", via=(DOOR,)),
    Carries("i-1", A, WEB), Principal(WEB, A),
)  # fmt: skip
CHAIN: tuple[Fact, ...] = (Assumes(WEB, A, HUB, B), Assumes(HUB, B, CROWN, C), IsAdmin(CROWN, C))


def paths(*facts: Fact) -> list[PathRow]:
    return path_rows(Ground([thing(*facts)]))


def blast(*facts: Fact, start: str = "i-1") -> dict[tuple[str, str], BlastRow]:
    return {(row.id, row.what): row for row in blast_rows(Ground([thing(*facts)]), [start])}


def choke(*facts: Fact) -> list[ChokeRow]:
    return choke_rows(Ground([thing(*facts)]))


def test_a_path_leads_from_the_internet_over_the_door_to_the_account() -> None:
    (row,) = paths(*FRONT, *CHAIN)
    assert row.hops == (DOOR, "i-1", WEB, HUB, CROWN, f"account:{C}")
    assert (row.verdict, row.way_in, row.techniques) == ("yes", "i-1", ("sts-001",))
    assert paths(*FRONT, *CHAIN[1:]) == []


def test_a_path_is_as_strong_as_its_weakest_step() -> None:
    weak = Assumes(WEB, A, HUB, B, "conditional", ("secret",))
    (row,) = paths(*FRONT, weak, *CHAIN[1:])
    assert (row.verdict, row.conditions) == ("conditional", ("secret",))
    straight = Assumes(WEB, A, CROWN, C)
    (row,) = paths(*FRONT, weak, straight, *CHAIN[1:])
    assert (row.verdict, row.hops[-2:]) == ("yes", (CROWN, f"account:{C}"))


def test_what_the_network_reaches_is_reached_and_no_more() -> None:
    beside = (
        Joined("i-1", "vpc", "sg-1", ()), Joined("i-2", "vpc", "sg-2", (EVERYONE,)),
        Carries("i-2", A, HUB),
    )  # fmt: skip
    found = blast(*FRONT, *beside)
    assert {("i-2", "network-only"), (HUB, "network-only"), (WEB, "principal")} == set(found)
    assert set(blast(*FRONT, *beside, start="i-2")) == {(HUB, "other")}
    (row,) = paths(*FRONT[:4], *beside, *CHAIN[1:])
    assert row.lateral
    # Another way leads there as surely: the network's is not told, unless it is the surer one.
    sure = (Reaches("i-2", "eni/ipv4", "yes"), *beside, *CHAIN[1:])
    assert [row.way_in for row in paths(*FRONT[:4], *sure)] == ["i-2"]
    weak = (Reaches("i-2", "eni/ipv4", "dormant"), *sure[1:])
    told = [(row.way_in, row.verdict, row.lateral) for row in paths(*FRONT[:4], *weak)]
    assert told == [("i-1", "yes", True), ("i-2", "dormant", False)]


def test_a_group_admits_members_and_nobody_else() -> None:
    one = Joined("i-1", "vpc", "sg-1", ())
    assert ("i-2", "network-only") in blast(*FRONT, one, Joined("i-2", "vpc", "sg-2", ("sg-1",)))
    assert ("i-2", "network-only") not in blast(*FRONT, one, Joined("i-2", "vpc", "sg-2", ("x",)))
    assert ("i-2", "network-only") not in blast(*FRONT, one, Joined("i-2", "far", "", (EVERYONE,)))


def test_what_is_controlled_on_a_condition_and_reached_for_sure_has_two_rows() -> None:
    controlled = Assumes(WEB, A, CROWN, A, "conditional", ("mfa",))
    facts = (
        *FRONT, controlled, IsAdmin(CROWN, A), Joined("i-1", "vpc", "sg-1", ()),
        Joined("i-2", "vpc", "sg-2", (EVERYONE,)),
    )  # fmt: skip
    found = blast(*facts)
    assert found["i-2", "network-only"].verdict == "yes"
    assert found["i-2", "machine"].verdict == "conditional"
    sure = (*FRONT, Assumes(WEB, A, CROWN, A), *facts[-3:])
    assert ("i-2", "network-only") not in blast(*sure)


def test_an_own_principal_uses_what_a_policy_opens_and_a_foreign_one_needs_its_own() -> None:
    opened = (Holds("bucket", C, "data"), Admits("bucket", C, "everybody"))
    own = (Holds("queue", A, "data"), Admits("queue", A, "own", "conditional", ("context",)))
    found = blast(*FRONT, *opened, *own)
    assert ("bucket", "data") not in found
    row = found["queue", "data"]
    assert (row.verdict, row.conditions) == ("conditional", ("context",))
    admin = (*FRONT, IsAdmin(WEB, A), *opened)
    assert ("bucket", "data") in blast(*admin)
    assert ("bucket", "data") not in blast(*admin[:-1], Admits("bucket", C, "own"))


def test_a_thing_that_is_only_used_leads_no_further() -> None:
    function = (Holds("function", A, "machine"), Carries("function", A, HUB))
    assert (HUB, "other") not in blast(*FRONT, *function, Admits("function", A, "own"))
    assert (HUB, "other") in blast(*FRONT, *function, IsAdmin(WEB, A))


def test_every_change_that_alone_cuts_all_is_told_the_gentlest_first() -> None:
    rows = choke(*FRONT, *CHAIN)
    assert [(row.kind, row.plan) for row in rows] == [
        ("trust", 1), ("trust", None), ("admin", None), ("workload-role", None), ("reach", None),
    ]  # fmt: skip
    assert all((row.cuts, row.total, row.every_path) == (1, 1, True) for row in rows)
    assert [row.verified for row in rows] == [True, True, True, True, None]


def test_where_ways_lie_side_by_side_the_change_that_cuts_most_comes_first() -> None:
    second = (
        Holds("i-3", A, "machine"), Reaches("i-2", "eni/ipv4", "yes"),
        Reaches("i-3", "eni/ipv4", "yes"), Carries("i-2", A, HUB), Carries("i-3", A, HUB),
        Escalates(HUB, B, "iam:CreatePolicyVersion"),
    )  # fmt: skip
    rows = choke(*FRONT, *second, Carries("i-1", A, CROWN), IsAdmin(CROWN, C))
    told = [(row.kind, row.subject, row.cuts, row.total, row.plan) for row in rows]
    assert told == [("technique", HUB, 2, 3, 1), ("admin", CROWN, 1, 3, 2)]
    assert not any(row.every_path for row in rows)


def test_a_flip_is_told_with_every_row_that_it_changes() -> None:
    wide = thing(*FRONT, *CHAIN, flipped=(*FRONT, *CHAIN[:2]))
    told = expected_attacks([wide])
    (path,) = told["paths"]
    assert (path["verdict"], path["flips"], path["settled"]) == ("yes", {"thing": "no"}, True)
    gone = {row["id"] for row in told["blast"] if row["flips"]}
    assert gone == {f"account:{C}"}
    assert all(row["flips"] == {"thing": "no"} for row in told["choke"])
    (path,) = expected_attacks([thing(*FRONT, flipped=(*FRONT, *CHAIN), part="decoy")])["paths"]
    assert (path["verdict"], path["flips"]) == ("no", {"thing": "yes"})
