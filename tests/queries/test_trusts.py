"""Rows of trusts: direct trusts, chains to admin elsewhere, shares; and who the party is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.records import Relationship
from graph.verdict import Verdict
from queries.answers.answer import Filters, answered
from queries.answers.coverage import Coverage
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import FLOWS, trust_rows
from queries.runner import run_query
from tests.queries import organisation as org

OURS = frozenset({org.PROD, org.DEV, org.SEC})
PARTIES = Parties(collected=OURS, organisation=OURS, organisation_ids=frozenset({"o-ours"}))
VENDOR, NOBODY = f"account:{org.VENDOR}", f"account:{org.NOBODY}"


def rows_of(store, parties: Parties = PARTIES) -> dict[tuple[str, str, str], Row]:
    made = trust_rows(
        run_query(store, "trusts"),
        run_query(store, "identity-steps"),
        run_query(store, "shared-with-outside"),
        parties,
    )
    found = {(r.own["from"], r.id, r.own["ends_in"]): r for r in made}
    assert len(found) == len(made)
    return found


def test_every_trust_chain_and_share_is_a_row(store) -> None:
    assert {(key, str(row.verdict)) for key, row in rows_of(store).items()} == {
        ((VENDOR, org.VENDOR_ROLE, org.VENDOR_ROLE), "yes"),
        ((VENDOR, org.VENDOR_SAFE, org.VENDOR_SAFE), "conditional"),
        ((NOBODY, org.OPEN_ROLE, org.OPEN_ROLE), "yes"),
        (("any-aws-principal", org.ANY_ROLE, org.ANY_ROLE), "yes"),
        ((org.WEB_ROLE, org.HOP_ROLE, org.HOP_ROLE), "yes"),
        ((org.WEB_ROLE, org.SEC_ADMIN, f"account:{org.SEC}"), "conditional"),
        ((NOBODY, org.KEY, org.KEY), "yes"),
        ((VENDOR, org.IMAGE, org.IMAGE), "yes"),
        ((org.GITHUB, org.CI_ROLE, org.CI_ROLE), "yes"),
        (("org:o-ours", org.DEPLOY_ROLE, org.DEPLOY_ROLE), "yes"),
        ((f"account:{org.CLOSED}", org.DEPLOY_ROLE, org.DEPLOY_ROLE), "yes"),
    }


def test_among_equals_who_comes_from_outside_stands_first(store) -> None:
    """Whatever the ids: the keys that break ties are sorted the other way round."""
    (chain,) = [
        row for row in rows_of(store).values() if row.own["ends_in"] == f"account:{org.SEC}"
    ]
    inside = replace(chain, severity="high", account_id="1", key="a")
    outside = replace(inside, account_id="2", key="b", own={**inside.own, "outside": "unknown"})
    assert inside.own["outside"] == "organisation"
    made = answered("trusts", [inside, outside], Coverage(), Filters())
    assert made.rows == (outside, inside)
    made = answered("trusts", [inside, replace(outside, severity="low")], Coverage(), Filters())
    assert [row.key for row in made.rows] == ["a", "b"]


def test_a_trust_inside_one_account_is_no_row_but_a_step_of_a_chain(store) -> None:
    rows = rows_of(store)
    assert not any(row.own["from"] == org.HOP_ROLE for row in rows.values())
    chain = rows[org.WEB_ROLE, org.SEC_ADMIN, f"account:{org.SEC}"]
    assert chain.own["hops"] == [
        {"id": org.HOP_ROLE, "type": "CAN_ASSUME"},
        {"id": org.SEC_ADMIN, "type": "CAN_ASSUME"},
        {"id": f"account:{org.SEC}", "type": "HAS_ADMIN"},
    ]
    assert chain.answer.conditions == ("context:aws:MultiFactorAuthPresent=true",)


def test_a_chain_goes_when_one_step_goes(changed) -> None:
    twin = changed(without=lambda r: r.start == org.HOP_ROLE)
    assert (org.WEB_ROLE, org.SEC_ADMIN, f"account:{org.SEC}") not in rows_of(twin)


def test_a_chain_passes_a_set_of_principals(changed) -> None:
    group = org._node("principal-set:1", "PrincipalSet", None, org.PROD)
    twin = changed(
        without=lambda r: (r.type, r.start) == ("CAN_ASSUME", org.WEB_ROLE),
        nodes=(group,),
        plus=(
            org.walked("IN_GROUP", org.WEB_ROLE, group.id, "member"),
            org.walked("CAN_ASSUME", group.id, org.HOP_ROLE, "sts:AssumeRole"),
            org.walked("CAN_ASSUME", org.HOP_ROLE, org.SEC_ADMIN, "sts:AssumeRole"),
        ),
    )
    rows = rows_of(twin)
    assert (org.WEB_ROLE, org.SEC_ADMIN, f"account:{org.SEC}") in rows
    assert ("principal-set:1", org.SEC_ADMIN, f"account:{org.SEC}") not in rows


def test_a_service_that_may_assume_a_role_is_no_row(store) -> None:
    assert not any("service:" in row.own["from"] for row in rows_of(store).values())


def test_two_ways_to_assume_one_role_are_one_row(changed) -> None:
    second = org.walked(
        "CAN_ASSUME", VENDOR, org.VENDOR_SAFE, "sts:AssumeRoleWithSAML", "conditional", ("authn:x",)
    )
    third = org.walked("CAN_ASSUME", VENDOR, org.VENDOR_SAFE, "sts:TagSession")
    assert rows_of(changed(plus=(second,)))[VENDOR, org.VENDOR_SAFE, org.VENDOR_SAFE].verdict == (
        Verdict.CONDITIONAL
    )
    assert rows_of(changed(plus=(second, third)))[
        VENDOR, org.VENDOR_SAFE, org.VENDOR_SAFE
    ].verdict == (Verdict.YES)


def test_a_receiver_gives_way_to_the_access_it_grants_but_a_ram_share_stays(changed) -> None:
    share = Relationship("SHARED_WITH", org.KEY, NOBODY, "ram", {"share": "rs-1"})
    made = trust_rows(
        run_query(store := changed(plus=(share,)), "trusts"),
        run_query(store, "identity-steps"),
        run_query(store, "shared-with-outside"),
        PARTIES,
    )
    found = sorted(row.own["mechanism"] for row in made if row.id == org.KEY)
    assert found == ["key-policy", "ram-share"]


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        (Parties(), ("vendor", "Datadog")),
        (Parties(vendors={org.VENDOR: "Our monitoring"}), ("vendor", "Our monitoring")),
        (Parties(trusted=frozenset({org.VENDOR})), ("trusted", "Datadog")),
        (Parties(collected=frozenset({org.VENDOR})), ("collected", None)),
        (Parties(organisation=frozenset({org.VENDOR})), ("organisation", None)),
        (Parties(own={org.VENDOR: "lab"}), ("own", None)),
    ],
)
def test_who_the_party_is(store, parties: Parties, expected: tuple[str, str | None]) -> None:
    row = rows_of(store, parties)[VENDOR, org.VENDOR_ROLE, org.VENDOR_ROLE]
    assert (row.own["outside"], row.own["vendor"]) == expected


def test_an_account_of_an_aws_service_is_no_vendor() -> None:
    assert Parties().classify("127311923021", org.PROD)[0] == "aws-service"
    assert Parties().classify(org.NOBODY, org.PROD) == ("unknown", None)


def test_ones_own_organisation_is_told_from_another() -> None:
    labels = ("Organization", "Source")
    assert PARTIES.classify_source("org:o-ours/r-1", labels, None, org.PROD)[0] == "organisation"
    assert PARTIES.classify_source("org:o-other", labels, None, org.PROD)[0] == "unknown"


@pytest.mark.parametrize(
    ("state", "more", "severity"),
    [
        ("required", (), "low"),
        ("shared", (), "medium"),
        ("guessable", (), "medium"),
        ("guessable", ("context:aws:SourceIp=192.0.2.0/24",), "low"),
    ],
)
def test_an_external_id_lowers_a_vendors_trust_if_others_do_not_know_it(
    changed, state: str, more: tuple[str, ...], severity: str
) -> None:
    asked = org.walked(
        "CAN_ASSUME",
        VENDOR,
        org.VENDOR_SAFE,
        "sts:AssumeRole",
        "conditional",
        ("secret:sts:ExternalId", *more),
        guards=[f"external-id {state}: Asked for."],
    )
    ends = (VENDOR, org.VENDOR_SAFE)
    rows = rows_of(changed(without=lambda r: (r.start, r.end) == ends, plus=(asked,)))
    assert rows[VENDOR, org.VENDOR_ROLE, org.VENDOR_ROLE].severity == "high"
    assert rows[VENDOR, org.VENDOR_SAFE, org.VENDOR_SAFE].severity == severity


def test_among_equals_everyone_stands_before_one_user(store) -> None:
    (row,) = (r for r in rows_of(store).values() if r.id == org.ANY_ROLE)
    user = f"arn:aws:iam::{org.NOBODY}:user/bob"
    named = [user, f"account:{org.NOBODY}", "org:o-other", "any-aws-principal"]
    rows = [replace(row, key=str(n), own={**row.own, "from": one}) for n, one in enumerate(named)]
    made = answered("trusts", rows, Coverage(), Filters())
    assert [one.own["from"] for one in made.rows] == named[::-1]


def test_the_saved_query_finds_the_same_chains(store) -> None:
    """Python's search and the Cypher of the library agree on what is possible."""
    saved = {
        (row["from_id"], row["ends_in"])
        for row in run_query(store, "trust-chains").to_dict("records")
        if len(row["hops"]) > 2
    }
    ours = {
        (row.own["from"], row.own["ends_in"])
        for row in rows_of(store).values()
        if len(row.own["hops"]) > 2 and row.verdict.rank >= Verdict.CONDITIONAL.rank
    }
    assert saved == ours


def flow_rows(store) -> dict[tuple[str, str], Row]:
    names = ("trusts", "identity-steps", "shared-with-outside")
    flows = run_query(store, "data-flows-outside")
    made = trust_rows(*(run_query(store, name) for name in names), PARTIES, None, flows)
    return {(row.own["from"], row.id): row for row in made if row.own["hops"][0]["type"] in FLOWS}


def test_data_that_leaves_an_account_is_a_row(store) -> None:
    assert {
        key: (str(row.verdict), row.severity, row.own["mechanism"], row.own["outside"])
        for key, row in flow_rows(store).items()
    } == {
        (org.CENTRAL, org.TRAIL): ("yes", "info", "cloudtrail-log-group", "organisation"),
        (org.HOOKS, org.TOPIC): ("yes", "low", "sns-subscription", "unknown"),
        (org.ELSEWHERE, org.BUCKET): ("unknown", "info", "s3-replication", "unknown"),
    }


@pytest.mark.parametrize(
    ("owner", "active", "expected"),
    [
        (org.NOBODY, True, ("yes", "medium")),
        (org.NOBODY, False, ("dormant", "info")),
        (org.VENDOR, True, ("yes", "medium")),
        (org.DEV, True, ("yes", "info")),
    ],
)
def test_who_gets_the_data_makes_it_severe(changed, owner, active, expected) -> None:
    told = org.flow(
        "REPLICATES_TO",
        org.BUCKET,
        org.ELSEWHERE,
        "s3-replication",
        owner_account_id=owner,
        active=active,
    )
    twin = changed(without=lambda r: r.type == "REPLICATES_TO", plus=(told,))
    row = flow_rows(twin)[org.ELSEWHERE, org.BUCKET]
    assert (str(row.verdict), row.severity) == expected
    assert owner in row.accounts


def test_data_that_stays_in_its_account_is_no_row(changed) -> None:
    told = org.flow("REPLICATES_TO", org.BUCKET, org.ELSEWHERE, "s3", owner_account_id=org.PROD)
    twin = changed(without=lambda r: r.type == "REPLICATES_TO", plus=(told,))
    assert (org.ELSEWHERE, org.BUCKET) not in flow_rows(twin)
