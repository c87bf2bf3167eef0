"""Findings of trust from AWS's JSON to the rows of the library's queries, each with its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from derivation.aws_world import DEV, PROD, VENDOR, Derive, World, allow, iam, trusting
from queries.answers.parties import Parties
from queries.answers.public import public_rows, shown_by_default
from queries.answers.trusts import QUERIES, trust_rows
from queries.runner import records, run_query
from snapshot_files import REGION
from tests.queries.embedded import Embedded

DATADOG = "464622532012"
GITHUB = iam("oidc-provider", "token.actions.githubusercontent.com")
SUB = "token.actions.githubusercontent.com:sub"
TARGET = iam("role", "target")
QUEUE = f"arn:aws:sqs:{REGION}:{PROD}:jobs"

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def rows(derived: Derive) -> Rows:
    """Rows of a query about a role that trusts so, in an organisation of two accounts."""

    def make(
        name: str, *trust: dict[str, Any], change: Callable[[World], Any] | None = None
    ) -> Any:
        world = World()
        world.organisation(prod=PROD, dev=DEV)
        world.role("target", list(trust) or [trusting({"Service": "ec2.amazonaws.com"})])
        if change is not None:
            change(world)
        derivation = derived(world)
        store = Embedded(derivation.nodes, derivation.relationships)
        return records(run_query(store, name))

    return make


def secret(value: str) -> dict[str, Any]:
    return {"StringEquals": {"sts:ExternalId": value}}


def web(**condition: Any) -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return trusting({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity", **more)


def test_a_vendor_without_external_id(rows: Rows) -> None:
    (row,) = rows("vendors-without-externalid", trusting({"AWS": DATADOG}))
    assert (row["vendor"], row["role"], row["external_id"]) == ("Datadog", TARGET, "not-required")
    one = f"arn:aws:iam::{DATADOG}:role/scan"
    (row,) = rows("vendors-without-externalid", trusting({"AWS": one}))
    assert (row["from_id"], "Datadog" in row["vendor"]) == (one, True)
    locked = trusting({"AWS": DATADOG}, Condition=secret("5f2a"))
    assert rows("vendors-without-externalid", locked) == []
    assert rows("vendors-without-externalid", trusting({"AWS": VENDOR})) == []


def test_an_account_that_nobody_knows(rows: Rows) -> None:
    (row,) = rows("unknown-accounts-trusted", trusting({"AWS": VENDOR}))
    assert (row["from_id"], row["to_id"]) == (f"account:{VENDOR}", TARGET)
    one = f"arn:aws:iam::{VENDOR}:user/x"
    (row,) = rows("unknown-accounts-trusted", trusting({"AWS": one}))
    assert row["from_id"] == one
    assert rows("unknown-accounts-trusted", trusting({"AWS": [DATADOG, DEV]})) == []


def test_a_deleted_principal(rows: Rows) -> None:
    gone = trusting({"AWS": ["AROAAAAAAAAAAAAAAAAAA", PROD]})
    (row,) = rows("deleted-principals", gone)
    assert (row["holder"], row["policy"], row["kind"]) == (TARGET, "trust", "role")
    back = {"UserId": "AIDAAAAAAAAAAAAAAAAAA"}
    stays = trusting({"AWS": "AIDAAAAAAAAAAAAAAAAAA"})
    assert rows("deleted-principals", stays)
    assert rows("deleted-principals", stays, change=lambda w: w.user("back", **back)) == []


@pytest.mark.parametrize(("status", "found"), [("SUSPENDED", 1), ("ACTIVE", 0)])
def test_a_closed_account(rows: Rows, status: str, found: int) -> None:
    node = f"arn:aws:organizations::{PROD}:account/o-abcdefghij/{DEV}"

    def close(world: World) -> None:
        world.item(node)["Status"] = status

    listed = rows("closed-accounts-trusted", trusting({"AWS": DEV}), change=close)
    assert [row["to_id"] for row in listed] == [TARGET] * found


def test_github_without_a_subject(rows: Rows) -> None:
    (row,) = rows("providers-without-subject", web())
    assert (row["provider"], row["role"]) == (GITHUB, TARGET)
    assert rows("providers-without-subject", web(StringLike={SUB: "repo:*/app:*"}))
    assert rows("providers-without-subject", web(StringLike={SUB: "repo:acme/*"})) == []


def test_a_service_that_anyone_drives(rows: Rows) -> None:
    iot = trusting({"Service": "iot.amazonaws.com"})
    (row,) = rows("confused-deputies", iot)
    assert (row["source"], row["to_id"]) == ("service:iot.amazonaws.com", TARGET)
    fixed = iot | {"Condition": {"StringEquals": {"aws:SourceAccount": PROD}}}
    assert rows("confused-deputies", fixed) == []
    assert rows("confused-deputies", trusting({"Service": "ec2.amazonaws.com"})) == []


def _key(world: World, principal: Any, **more: Any) -> None:
    arn = f"arn:aws:kms:{REGION}:{PROD}:key/k"
    text = {"Version": "2012-10-17", "Statement": [allow("kms:*", Principal=principal, **more)]}
    world.add(
        "kms:key",
        arn,
        {"KeyId": "k"},
        region=REGION,
        get_key_policy={"Policy": text},
        list_grants=[],
    )


def test_a_key_for_everyone(rows: Rows) -> None:
    (row,) = rows("keys-shared-with-everyone", change=lambda w: _key(w, "*"))
    assert row["source"] == "any-aws-principal"
    ours = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}
    assert rows("keys-shared-with-everyone", change=lambda w: _key(w, "*", **ours)) == []
    listed = rows("organisation-trusts", change=lambda w: _key(w, "*", **ours))
    (row,) = [one for one in listed if one["to_id"].endswith(":key/k")]
    assert row["organisation"] == "org:o-abcdefghij"
    assert any(one.startswith("organisation fixed") for one in row["guards"])


def test_one_external_id_for_two_vendors(rows: Rows) -> None:
    def another(value: str) -> Callable[[World], Any]:
        other = trusting({"AWS": VENDOR}, Condition=secret(value))
        return lambda world: world.role("other", [other])

    mine = trusting({"AWS": DATADOG}, Condition=secret("one-for-all"))
    listed = rows("externalid-shared", mine, change=another("one-for-all"))
    assert {row["external_id"] for row in listed} == {"shared"}
    assert len(listed) == 2
    assert rows("externalid-shared", mine, change=another("its-own")) == []


def test_a_whole_outside_account(rows: Rows) -> None:
    (row,) = rows("whole-account-trusts", trusting({"AWS": f"arn:aws:iam::{VENDOR}:root"}))
    assert (row["account"], row["to_id"]) == (VENDOR, TARGET)
    one = trusting({"AWS": f"arn:aws:iam::{VENDOR}:role/x"})
    assert rows("whole-account-trusts", one) == []


def test_a_whole_account_of_ones_own_says_how_many_can(rows: Rows) -> None:
    def people(world: World) -> None:
        world.user("able", allow("sts:AssumeRole", TARGET), account=DEV)
        world.user("other", allow("s3:GetObject"), account=DEV)

    (row,) = rows("trusts", trusting({"AWS": DEV}), change=people)
    (told,) = [one for one in row["guards"] if one.startswith("delegated whole-account")]
    assert "1 of its 2 users and roles" in told
    named = trusting({"AWS": iam("user", "able", DEV)})
    (row,) = rows("trusts", named, change=people)
    assert not [one for one in row["guards"] if one.startswith("delegated")]


def test_a_whole_organisation(rows: Rows) -> None:
    ours = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    listed = rows("organisation-trusts", trusting({"AWS": "*"}, Condition=ours))
    (row,) = [one for one in listed if one["to_id"] == TARGET]
    assert row["organisation"] == "org:o-abcdefghij"
    listed = rows("organisation-trusts", trusting({"AWS": DEV}))
    assert not [one for one in listed if one["to_id"] == TARGET]


@pytest.mark.parametrize("named", ["12345", "000000000000", "arn:aws:iam::1234:root"])
def test_an_account_that_cannot_exist(rows: Rows, named: str) -> None:
    (row,) = rows("impossible-accounts", trusting({"AWS": [named, DEV]}))
    assert (row["holder"], row["named"]) == (TARGET, named)


def test_real_accounts_and_other_principals_are_not_impossible(rows: Rows) -> None:
    real = [DEV, f"arn:aws:iam::{VENDOR}:root", "*", "AROAAAAAAAAAAAAAAAAAA"]
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    assert rows("impossible-accounts", trusting({"AWS": [*real, identity]})) == []


def test_a_share_with_an_unknown_account_says_what_guards_it(rows: Rows) -> None:
    text = allow("sqs:SendMessage", QUEUE, Principal={"AWS": VENDOR})
    policy = {"Attributes": {"Policy": {"Version": "2012-10-17", "Statement": [text]}}}

    def queue(world: World) -> None:
        world.add("sqs:queue", QUEUE, {}, region=REGION, get_queue_attributes=policy)

    found = [row for row in rows("unknown-accounts-trusted", change=queue) if row["to_id"] == QUEUE]
    assert any(one.startswith("account unknown") for row in found for one in row["guards"])


@pytest.mark.parametrize(
    ("condition", "severity", "shown"),
    [({}, "critical", True), ({"StringLike": {SUB: "repo:acme/app:*"}}, "low", False)],
)
def test_any_customer_of_a_provider_is_anyone_but_one_repository_is_not(
    derived: Derive, condition: dict[str, Any], severity: str, shown: bool
) -> None:
    world = World()
    world.role("target", [web(**condition)])
    derivation = derived(world)
    store = Embedded(derivation.nodes, derivation.relationships)
    frames = [run_query(store, name) for name in ("public-network", "public-access")]
    (row,) = [one for one in public_rows(*frames, Parties()) if one.id == TARGET]
    assert shown_by_default(row) == shown
    frames = [run_query(store, name) for name in QUERIES[:3]]
    (row,) = [one for one in trust_rows(*frames, Parties()) if one.id == TARGET]
    assert row.severity == severity
