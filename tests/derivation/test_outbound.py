"""``CAN_ASSUME`` into accounts that were not collected, each rule with its twin."""

from __future__ import annotations

import pytest

from derivation.aws_world import (
    DEV,
    FULL,
    PROD,
    VENDOR,
    Derive,
    Json,
    World,
    allow,
    iam,
    trusting,
)
from graph.derivation import outbound
from graph.records import Relationship

THERE = iam("role", "x", VENDOR)
ASSUME = "sts:AssumeRole"


def leaving(derived: Derive, world: World) -> dict[tuple[str, str], Relationship]:
    """Ways into the vendor's roles."""
    return {
        (one.start, one.end): one
        for one in derived(world).relationships
        if one.type == "CAN_ASSUME" and f"::{VENDOR}:role/" in one.end
    }


def holding(*statements: Json, account: str = PROD) -> World:
    world = World()
    world.organisation(prod=PROD, dev=DEV)
    world.user("ann", *statements, account=account)
    return world


def test_who_names_a_role_of_an_account_that_was_not_collected_may_get_there(
    derived: Derive,
) -> None:
    found = leaving(derived, holding(allow(ASSUME, THERE)))
    ((ends, one),) = found.items()
    assert ends == (iam("user", "ann"), THERE)
    assert one.props["verdict"] == "unknown"
    assert any(THERE in str(text) for text in one.props["conditions"])  # type: ignore[union-attr]
    assert (one.props["definite"], one.props["possible"]) == (False, False)


@pytest.mark.parametrize(
    "statements",
    [
        (allow("sts:GetSessionToken", THERE),),
        (allow(ASSUME, THERE), allow(ASSUME, THERE) | {"Effect": "Deny"}),
        (allow(ASSUME, iam("role", "x", DEV)),),
        (allow(ASSUME, iam("role", "x", "*")),),
        (allow(ASSUME, f"arn:aws:iam::{VENDOR}:role/${{aws:username}}"),),
        (allow(ASSUME, iam("user", "x", VENDOR)),),
        (FULL,),
    ],
)
def test_twin_who_names_none_or_is_denied_leads_nowhere(
    derived: Derive, statements: tuple[Json, ...]
) -> None:
    world = holding(*statements)
    world.role("x", [trusting({"AWS": PROD})], account=DEV)
    assert leaving(derived, world) == {}


def test_a_role_that_was_collected_is_judged_by_its_trust(derived: Derive) -> None:
    world = holding(allow(ASSUME, iam("role", "x", DEV)))
    world.role("x", [trusting({"AWS": PROD})], account=DEV)
    found = [one for one in derived(world).relationships if one.type == "CAN_ASSUME"]
    assert [(one.start, one.props["verdict"]) for one in found] == [(iam("user", "ann"), "yes")]


def test_a_pattern_of_roles_is_one_end(derived: Derive) -> None:
    pattern = f"arn:aws:iam::{VENDOR}:role/deploy-*"
    derivation = derived(holding(allow(ASSUME, [pattern, THERE])))
    ends = sorted(one.end for one in derivation.relationships if one.type == "CAN_ASSUME")
    assert ends == [pattern, THERE]
    conditions = [one.answer.conditions for one in derivation.judgements if one.target == pattern]
    assert conditions == [(f"not_collected:trust-policy={pattern}",)]
    (node,) = [one for one in derivation.nodes if one.id == pattern]
    assert (node.labels, node.props["account_id"]) == (("IAMRole",), VENDOR)
    assert (node.props["collected"], node.props["name"]) == (False, "deploy-*")


def test_an_admin_does_not_name_what_somebody_else_names(derived: Derive) -> None:
    world = holding(allow(ASSUME, THERE))
    world.user("root-like", FULL)
    assert [start for start, _ in leaving(derived, world)] == [iam("user", "ann")]


def test_more_roles_than_are_weighed_are_told_by_their_account(
    derived: Derive, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [iam("role", f"r{number}", VENDOR) for number in range(4)]
    monkeypatch.setattr(outbound, "MOST", 3)
    found = leaving(derived, holding(allow(ASSUME, several)))
    pattern = iam("role", "*", VENDOR)
    assert {end for _, end in found} == {*several[:3], pattern}
    one = found[iam("user", "ann"), pattern]
    assert one.props["verdict"] == "unknown"
    assert f"name further roles of {VENDOR} (1)" in str(one.props["why"])
    monkeypatch.setattr(outbound, "MOST", 4)
    ends = {end for _, end in leaving(derived, holding(allow(ASSUME, several)))}
    assert ends == set(several)


def test_many_that_are_alike_are_one_set(derived: Derive) -> None:
    world = holding(allow(ASSUME, THERE))
    for number in range(20):
        world.user(f"user-{number}", allow(ASSUME, THERE))
    ((ends, one),) = leaving(derived, world).items()
    assert ends[0].startswith("principal-set:")
    assert str(one.props["why"]).startswith("21 principals of")
