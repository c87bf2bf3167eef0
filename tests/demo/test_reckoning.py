"""The reckoning of rows from facts, on worlds of a few facts."""

from __future__ import annotations

from mapper.demo.clients import Clients
from mapper.demo.world.account_truth import account_links_of
from mapper.demo.world.facts import (
    Assumes,
    Carries,
    Escalates,
    Fact,
    Flows,
    IsAdmin,
    Principal,
    Reaches,
    Thing,
)
from mapper.demo.world.truth import expected_rows, rows_of

A, B, C = ("100000000001", "100000000002", "100000000003")


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def thing(*facts: Fact, flipped: tuple[Fact, ...] | None = None, part: str = "planted") -> Thing:
    def flip(clients: Clients) -> None:
        """Nothing is built here."""

    return Thing(
        "thing", part, "iam", "https://docs.aws.amazon.com/", facts=facts, flipped=flipped or (),
        flip=flip if flipped is not None else None, scenario="test",
    )  # fmt: skip


def found(*facts: Fact) -> set[tuple[str, str, str, str, str]]:
    return {
        (r.command, r.id, r.source or r.reach, r.target, r.verdict)
        for r in rows_of([thing(*facts)])
    }


def test_a_chain_is_listed_hop_by_hop_and_whole() -> None:
    web, hub, crown = role(A, "web"), role(B, "hub"), role(C, "crown")
    rows = found(
        Principal(web, A), Principal(hub, B), Principal(crown, C), IsAdmin(crown, C),
        Assumes(web, A, hub, B), Assumes(hub, B, crown, C), Carries("i", A, web),
    )  # fmt: skip
    assert rows == {
        ("trusts", hub, web, hub, "yes"),
        ("trusts", crown, hub, crown, "yes"),
        ("trusts", crown, web, f"account:{C}", "yes"),
        ("admins", crown, "direct", f"account:{C}", "yes"),
        ("admins", hub, "path", f"account:{C}", "yes"),
        ("admins", web, "path", f"account:{C}", "yes"),
        ("admins --compute", "i", "path", f"account:{C}", "yes"),
    }


def test_data_that_leaves_is_a_row_of_whoever_gets_it() -> None:
    leaving = Flows("arn:aws:s3:::there", B, "arn:aws:s3:::here", A, "s3-replication")
    expected = ("trusts", "arn:aws:s3:::here", "arn:aws:s3:::there", "arn:aws:s3:::here", "yes")
    assert found(leaving) == {expected}
    links = account_links_of([thing(leaving)], A, [A])
    assert links == [
        {"from": f"account:{B}", "to": f"account:{A}", "kind": "data", "verdict": "yes"}
    ]
    assert [
        one for one in account_links_of([thing(leaving)], A, [A, B]) if one["kind"] == "data"
    ] == []


def test_an_admin_has_what_its_account_holds() -> None:
    boss, hub, crown = role(A, "boss"), role(A, "hub"), role(B, "crown")
    facts = (
        Principal(boss, A), Principal(hub, A), IsAdmin(boss, A), IsAdmin(crown, B),
        Assumes(hub, A, crown, B),
    )  # fmt: skip
    assert ("admins", boss, "path", f"account:{B}", "yes") in found(*facts)
    without = tuple(fact for fact in facts if fact != IsAdmin(boss, A))
    assert not any(row[1] == boss for row in found(*without))


def test_a_way_is_as_strong_as_its_weakest_step() -> None:
    web, crown = role(A, "web"), role(B, "crown")
    rows = rows_of(
        [
            thing(
                IsAdmin(crown, B),
                Assumes(web, A, crown, B, "conditional", ("secret",)),
            )
        ]
    )
    by_path = next(row for row in rows if row.id == web)
    assert (by_path.verdict, by_path.conditions) == ("conditional", ("secret",))


def test_of_two_ways_the_stronger_counts() -> None:
    web, hub, crown = role(A, "web"), role(B, "hub"), role(C, "crown")
    rows = found(
        IsAdmin(crown, C),
        Assumes(web, A, crown, C, "conditional", ("context",)),
        Assumes(web, A, hub, B), Assumes(hub, B, crown, C),
    )  # fmt: skip
    assert ("admins", web, "path", f"account:{C}", "yes") in rows


def test_a_role_of_the_own_account_is_no_trust_row() -> None:
    one, two = role(A, "one"), role(A, "two")
    assert not {row for row in found(Assumes(one, A, two, A)) if row[0] == "trusts"}


def test_escalation_is_marked_as_what_settles_it() -> None:
    user = f"arn:aws:iam::{A}:user/bot"
    (row,) = rows_of([thing(Principal(user, A), Escalates(user, A, "iam:CreatePolicyVersion"))])
    assert (row.reach, row.capability, row.settled) == ("path", "escalation", True)


def test_a_machine_with_an_admin_role_is_direct() -> None:
    admin = role(A, "admin")
    assert ("admins --compute", "i", "direct", f"account:{A}", "yes") in found(
        Principal(admin, A), IsAdmin(admin, A), Carries("i", A, admin)
    )


def test_a_decoy_is_listed_as_no_with_what_its_flip_makes_of_it() -> None:
    closed = Reaches("i", "eni/ipv4", "no")
    open_ = Reaches("i", "eni/ipv4", "yes")
    (row,) = expected_rows([thing(closed, flipped=(open_,), part="decoy")])
    assert (row.verdict, row.part, dict(row.flips)) == ("no", "decoy", {"thing": "yes"})
    (row,) = expected_rows([thing(open_, flipped=(closed,))])
    assert (row.verdict, row.part, dict(row.flips)) == ("yes", "planted", {"thing": "no"})
