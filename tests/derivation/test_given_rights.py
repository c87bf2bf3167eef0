"""Rights that an account's admin gives to principals whom other accounts name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from derivation.aws_world import DEV, FULL, LAMBDA, PROD, Derive, World, allow, iam, trusting
from escalation.technique_lab import with_scp
from graph.derivation.given_rights import MECHANISM
from graph.verdict import Answer, Verdict
from queries.answers.chains import Chains
from queries.answers.walk import End, Hop

ROBOT = iam("role", "robot")
DOOR = iam("role", "door", DEV)
DATA = "arn:aws:s3:::data"
ACCOUNT = f"account:{PROD}"
ROOT = f"arn:aws:iam::{PROD}:root"
ASSUME = allow("sts:AssumeRole", DOOR)


def deny(action: Any, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def world_of(*rights: dict[str, Any], named: Any = ROBOT, trust: Any = None, **more: Any) -> World:
    """Production's role and bucket name development's robot."""
    world = World()
    world.role("robot", [LAMBDA], *rights, **more)
    world.role("door", [trusting({"AWS": named}, **(trust or {}))], FULL, account=DEV)
    objects = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "s3:GetObject"}
    world.bucket("data", objects | {"Resource": f"{DATA}/*"}, account=DEV)
    return world


def steps(world: World, derived: Derive) -> dict[tuple[str, str], Any]:
    """What the account itself gains of others: type and end to the relationship."""
    return {
        (row.type, row.end): row
        for row in derived(world).relationships
        if row.start == ACCOUNT and row.type in ("CAN_ASSUME", "CAN_ACCESS")
    }


def test_an_admin_gives_the_right_to_whom_a_trust_and_a_bucket_name(derived: Derive) -> None:
    found = steps(world_of(), derived)
    assert {key: str(row.props["verdict"]) for key, row in found.items()} == {
        ("CAN_ASSUME", DOOR): "yes",
        ("CAN_ACCESS", DATA): "yes",
    }
    for row in found.values():
        assert row.props["via"] == [ROBOT]
        assert ROBOT in str(row.props["why"])
    role, data = found["CAN_ASSUME", DOOR].props, found["CAN_ACCESS", DATA].props
    assert (role["mechanism"], role["technique"]) == (MECHANISM, "sts-001")
    assert (data["mechanism"], data["level"], data["actions"]) == ("iam", "read", ["s3:GetObject"])


@pytest.mark.parametrize(
    "rights",
    [
        [deny("sts:AssumeRole"), deny("s3:*")],
        [allow("sts:AssumeRole", DOOR, Condition={"StringEquals": {"aws:PrincipalAccount": DEV}})],
    ],
    ids=["denied", "another-condition"],
)
def test_what_the_principal_has_of_its_own_does_not_keep_the_admin_out(
    derived: Derive, rights: list[Any]
) -> None:
    assert set(steps(world_of(*rights), derived)) == {("CAN_ASSUME", DOOR), ("CAN_ACCESS", DATA)}


def test_a_boundary_is_taken_away(derived: Derive) -> None:
    arn = iam("policy", "box")
    bound = {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"}
    world = world_of(allow("*"), PermissionsBoundary=bound)
    item = {
        "Arn": arn,
        "PolicyName": "box",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [
            {
                "VersionId": "v1",
                "IsDefaultVersion": True,
                "Document": {"Version": "2012-10-17", "Statement": [allow("logs:*")]},
            }
        ],
    }
    world.add("iam:policy", arn, item)
    assert set(steps(world, derived)) == {("CAN_ASSUME", DOOR), ("CAN_ACCESS", DATA)}


NOT_NEEDED: dict[str, Callable[[], World]] = {
    "has-the-rights": lambda: world_of(ASSUME, allow("s3:GetObject")),
    "names-nobody": lambda: world_of(named=iam("role", "other")),
    "own-account": lambda: world_of(named=DOOR),
    "service-linked": lambda: _service_linked(),
    "wrong-organisation": lambda: world_of(
        trust={"Condition": {"StringEquals": {"aws:PrincipalAccount": "777788889999"}}}
    ),
}


def _service_linked() -> World:
    world = World()
    path = "/aws-service-role/lambda.amazonaws.com/"
    arn = f"arn:aws:iam::{PROD}:role{path}robot"
    world.role("robot", [LAMBDA], Arn=arn, Path=path)
    world.role("door", [trusting({"AWS": arn})], FULL, account=DEV)
    return world


@pytest.mark.parametrize("make", NOT_NEEDED.values(), ids=list(NOT_NEEDED))
def test_there_is_no_step_to_a_role_where_one_control_differs(
    derived: Derive, make: Callable[[], World]
) -> None:
    assert ("CAN_ASSUME", DOOR) not in steps(make(), derived)


def test_a_right_that_is_weaker_than_the_admin_makes_it_is_no_hindrance(derived: Derive) -> None:
    office = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    found = steps(world_of(allow("sts:AssumeRole", DOOR, Condition=office)), derived)
    assert str(found["CAN_ASSUME", DOOR].props["verdict"]) == "yes"


def test_what_the_trust_asks_for_stays_a_condition(derived: Derive) -> None:
    secret = {"StringEquals": {"sts:ExternalId": "k1"}}
    row = steps(world_of(trust={"Condition": secret}), derived)["CAN_ASSUME", DOOR]
    assert str(row.props["verdict"]) == "conditional"
    assert any("sts:ExternalId" in str(one) for one in row.props["conditions"])


def test_an_account_that_is_named_whole_counts_as_one_step(derived: Derive) -> None:
    world = world_of(named=ROOT)
    world.user("another")
    rows = [
        row
        for row in derived(world).relationships
        if row.type == "CAN_ASSUME" and row.end == DOOR and row.start == ACCOUNT
    ]
    assert len(rows) == 1


def test_an_scp_of_the_account_stays(derived: Derive) -> None:
    world = world_of()
    assert ("CAN_ASSUME", DOOR) in steps(with_scp(world, deny("s3:*")), derived)
    assert ("CAN_ASSUME", DOOR) not in steps(with_scp(world, deny("sts:AssumeRole")), derived)


def test_a_principal_that_a_deny_keeps_from_an_admin_is_a_condition(derived: Derive) -> None:
    world = world_of()
    calls = ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]
    world.role("spare", [LAMBDA])
    world.user("boss", allow(calls), deny(calls, ROBOT))
    row = steps(world, derived)["CAN_ASSUME", DOOR]
    assert str(row.props["verdict"]) == "conditional"
    assert f"context:admin-not-kept-from={ROBOT}" in json.dumps(row.props["conditions"])
    world.user("boss", allow(calls))
    assert str(steps(world, derived)["CAN_ASSUME", DOOR].props["verdict"]) == "yes"


def test_the_account_is_passed_through_by_chains_and_starts_none() -> None:
    account = End(ACCOUNT, None, None, PROD, None, frozenset({"AWSAccount"}))
    hub, door, start = (
        End(one, None, None, PROD, None, frozenset({"IAMRole"})) for one in (ROBOT, DOOR, "start")
    )
    yes = Answer(Verdict.YES)
    hops = [
        Hop(start, hub, "CAN_ASSUME", "sts:AssumeRole", yes),
        Hop(hub, account, "HAS_ADMIN", "takeover", yes),
        Hop(account, door, "CAN_ASSUME", MECHANISM, yes),
    ]
    found = [[hop.end.id for hop in one.way] for one in Chains(hops).to_role(DOOR)]
    assert found == [[ROBOT, ACCOUNT, DOOR]]
    assert [list(one.way) for one in Chains(hops[1:]).to_role(DOOR)] == []
