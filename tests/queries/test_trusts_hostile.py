"""What no honest account has: odd principals, impossible numbers, long lists, as rows of trusts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import DEV, PROD, VENDOR, World, allow, iam, trusting
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import QUERIES, trust_rows
from queries.runner import run_query
from snapshot_files import REGION
from tests.queries.embedded import Embedded

IMAGE = f"arn:aws:ec2:{REGION}:{PROD}:image/ami-1"
SUBNET = f"arn:aws:ec2:{REGION}:{PROD}:subnet/subnet-1"
SHARE = f"arn:aws:ram:{REGION}:{PROD}:resource-share/rs-1"
QUEUE = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
Asked = Callable[[Callable[[World], Any]], list[Row]]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """Rows of trusts of an organisation of two accounts with something in it."""

    def rows(change: Callable[[World], Any]) -> list[Row]:
        world = World()
        world.organisation(prod=PROD, dev=DEV)
        change(world)
        derivation = world.derive(tmp_path)
        store = Embedded(derivation.nodes, derivation.relationships)
        inside = frozenset({PROD, DEV})
        trusts, steps, shared, data, flows = (run_query(store, name) for name in QUERIES)
        parties = Parties(collected=inside, organisation=inside)
        return trust_rows(trusts, steps, shared, parties, data, flows)

    return rows


def share(world: World, *receivers: str) -> None:
    def associated(entity: str) -> dict[str, Any]:
        return {"associatedEntity": entity, "status": "ASSOCIATED", "external": True}

    calls = {
        "get_resource_share_associations(associationType=PRINCIPAL)": list(
            map(associated, receivers)
        ),
        "get_resource_share_associations(associationType=RESOURCE)": [associated(SUBNET)],
        "list_resource_share_permissions": [
            {"arn": "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionSubnet"}
        ],
    }
    item = {"name": "net", "owningAccountId": PROD, "status": "ACTIVE"}
    world.add("ram:share", SHARE, item, region=REGION, **calls)


def image(world: World, *receivers: str) -> None:
    permitted = {"LaunchPermissions": [{"UserId": one} for one in receivers]}
    item = {"OwnerId": PROD, "State": "available", "ImageId": "ami-1"}
    world.add("ec2:image", IMAGE, item, region=REGION, describe_image_attribute=permitted)


def queue(world: World, policy: str) -> None:
    attributes = {"Attributes": {"Policy": policy}}
    world.add("sqs:queue", QUEUE, {}, region=REGION, get_queue_attributes=attributes)


def function(world: World, policy: str) -> None:
    arn = f"arn:aws:lambda:{REGION}:{PROD}:function:form"
    calls = {"get_policy": {"Policy": policy}, "list_function_url_configs": []}
    world.add("lambda:function", arn, {"FunctionName": "form"}, region=REGION, **calls)


@pytest.mark.parametrize("shared", [share, image])
def test_the_number_that_is_no_account_gets_nothing(asked: Asked, shared: Any) -> None:
    found = asked(lambda world: shared(world, "000000000000", VENDOR))
    wanted = {row.own["from"] for row in found if row.id in (SUBNET, IMAGE)}
    assert wanted == {f"account:{VENDOR}"}


@pytest.mark.parametrize("shared", [share, image])
def test_a_receiver_of_unknown_form_is_a_row_that_is_not_known(asked: Asked, shared: Any) -> None:
    found = [row for row in asked(lambda world: shared(world, "ADX")) if row.id in (SUBNET, IMAGE)]
    assert {str(row.verdict) for row in found} == {"unknown"}
    assert all("ADX" in row.answer.why for row in found)


def test_a_role_that_trusts_itself_is_no_row_and_no_endless_chain(asked: Asked) -> None:
    own = iam("role", "own")

    def trusts(world: World, *more: Any) -> None:
        world.role("own", [trusting({"AWS": own}), *more], allow("sts:AssumeRole"))

    assert not [row for row in asked(trusts) if row.id == own]


def test_its_twin_that_trusts_a_vendor_too_is_one_row(asked: Asked) -> None:
    own = iam("role", "own")

    def trusts(world: World) -> None:
        both = [trusting({"AWS": own}), trusting({"AWS": VENDOR})]
        world.role("own", both, allow("sts:AssumeRole"))

    (row,) = [row for row in asked(trusts) if row.id == own]
    assert [hop["id"] for hop in row.own["hops"]] == [own]


ODD = ["x", "arn:", "arn:aws:iam::12:root", "*:*", "\u202e\x1b[31m=cmd()", "a" * 5000]


def test_principals_of_unknown_form_give_no_row_and_take_none_away(asked: Asked) -> None:
    def trusts(world: World) -> None:
        principal = {"AWS": [*ODD, VENDOR], "Weird": ["a"], "CanonicalUser": "z"}
        world.role("odd", [trusting(principal)])

    (row,) = [row for row in asked(trusts) if row.id == iam("role", "odd")]
    assert (row.own["from"], str(row.verdict)) == (f"account:{VENDOR}", "yes")


@pytest.mark.parametrize(
    "text",
    ["nope", "{", "[]", "null", '"x"', '{"Statement": 3}', '{"a":' * 2000, "[" * 100_000],
    ids=["words", "open", "list", "null", "text", "number", "deep", "deeper"],
)
def test_a_policy_that_is_none_is_named_where_it_matters(asked: Asked, text: str) -> None:
    def broken(world: World) -> None:
        function(world, text)
        world.role("broken", [trusting({"AWS": VENDOR})])
        world.item(iam("role", "broken"))["AssumeRolePolicyDocument"] = text
        queue(world, text)

    (row,) = [row for row in asked(broken) if row.id == iam("role", "broken")]
    assert str(row.verdict) == "unknown"
    assert any(term.startswith("not_collected:") for term in row.answer.conditions)


@pytest.mark.parametrize("many", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_many_principals_of_one_policy_are_as_many_rows(asked: Asked, many: int) -> None:
    accounts = [f"{100_000_000_000 + number}" for number in range(many)]
    rows = [allow("sqs:SendMessage", QUEUE, Principal={"AWS": accounts})]

    def named(world: World) -> None:
        queue(world, json.dumps({"Version": "2012-10-17", "Statement": rows}))
        world.role("many", [trusting({"AWS": accounts})])

    found = asked(named)
    for target in (QUEUE, iam("role", "many")):
        assert {row.own["from"] for row in found if row.id == target} == {
            f"account:{one}" for one in accounts
        }


@pytest.mark.parametrize("many", [500, pytest.param(50_000, marks=pytest.mark.long)])
def test_a_long_list_of_receivers_is_told_whole(asked: Asked, many: int) -> None:
    accounts = [f"{100_000_000_000 + number}" for number in range(many)]
    found = asked(lambda world: image(world, *accounts))
    assert {row.own["from"] for row in found if row.id == IMAGE} == {
        f"account:{one}" for one in accounts
    }
