"""Findings of trust and sharing: what each query of the library lists, and what takes it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.records import Relationship
from queries.runner import records, run_query
from tests.queries import organisation as org
from tests.queries.embedded import Embedded

VENDOR, NOBODY, CLOSED = (f"account:{one}" for one in (org.VENDOR, org.NOBODY, org.CLOSED))
FOUND = [
    (
        "vendors-without-externalid",
        ("from_id", "role", "external_id"),
        {
            (VENDOR, org.VENDOR_ROLE, "not-required"),
            (VENDOR, org.VENDOR_SAFE, "shared"),
        },
    ),
    (
        "external-trusts-without-externalid",
        ("account", "role"),
        {(VENDOR, org.VENDOR_ROLE), (NOBODY, org.OPEN_ROLE)},
    ),
    ("externalid-shared", ("role", "external_id"), {(org.VENDOR_SAFE, "shared")}),
    (
        "unknown-accounts-trusted",
        ("from_id", "to_id", "relationship"),
        {
            (NOBODY, org.OPEN_ROLE, "CAN_ASSUME"),
            (NOBODY, org.KEY, "CAN_ACCESS"),
            (NOBODY, org.KEY, "SHARED_WITH"),
        },
    ),
    (
        "deleted-principals",
        ("holder", "unique_id", "kind"),
        {(org.TOPIC, "AROAAAAAAAAAAAAAAAAAA", "role")},
    ),
    (
        "closed-accounts-trusted",
        ("from_id", "to_id", "status"),
        {(CLOSED, org.DEPLOY_ROLE, "SUSPENDED")},
    ),
    ("providers-without-subject", ("provider", "role"), {(org.GITHUB, org.CI_ROLE)}),
    ("confused-deputies", ("source", "to_id"), {("service:iot.amazonaws.com", org.THING_ROLE)}),
    ("keys-shared-with-everyone", ("source", "key"), {("any-aws-principal", org.OPEN_KEY)}),
    (
        "whole-account-trusts",
        ("account", "to_id"),
        {
            (org.VENDOR, org.VENDOR_ROLE),
            (org.VENDOR, org.VENDOR_SAFE),
            (org.NOBODY, org.OPEN_ROLE),
            (org.NOBODY, org.KEY),
        },
    ),
    ("organisation-trusts", ("organisation", "to_id"), {("org:o-ours", org.DEPLOY_ROLE)}),
    ("impossible-accounts", ("holder", "named"), {(org.TOPIC, "arn:aws:iam::12:root")}),
]


def rows(store: Embedded, name: str, columns: tuple[str, ...]) -> set[tuple[Any, ...]]:
    return {tuple(row[one] for one in columns) for row in records(run_query(store, name))}


@pytest.mark.parametrize(("name", "columns", "expected"), FOUND, ids=[one[0] for one in FOUND])
def test_a_finding_lists_this_and_nothing_else(store, name, columns, expected) -> None:
    assert rows(store, name, columns) == expected


def _guarded(start: str, end: str, *guards: str) -> Relationship:
    return org.walked("CAN_ASSUME", start, end, "sts:AssumeRole", guards=list(guards))


@pytest.mark.parametrize(
    ("name", "columns", "gone", "instead"),
    [
        (
            "vendors-without-externalid",
            ("role",),
            org.VENDOR_ROLE,
            _guarded(VENDOR, org.VENDOR_ROLE, "account vendor: X.", "external-id required: Yes."),
        ),
        (
            "externalid-shared",
            ("role",),
            org.VENDOR_SAFE,
            _guarded(VENDOR, org.VENDOR_SAFE, "account vendor: X.", "external-id required: Yes."),
        ),
        (
            "providers-without-subject",
            ("role",),
            org.CI_ROLE,
            _guarded(org.GITHUB, org.CI_ROLE, "subject project: Only repository a/b."),
        ),
        (
            "confused-deputies",
            ("to_id",),
            org.THING_ROLE,
            _guarded("service:iot.amazonaws.com", org.THING_ROLE, "source fixed: Only for us."),
        ),
    ],
)
def test_the_twin_with_the_guard_is_no_finding(
    changed: Callable[..., Embedded],
    name: str,
    columns: tuple[str, ...],
    gone: str,
    instead: Relationship,
) -> None:
    twin = changed(
        without=lambda r: r.type == "CAN_ASSUME" and (r.start, r.end) == (instead.start, gone),
        plus=(instead,),
    )
    assert not {row for row in rows(twin, name, columns) if gone in row}


def test_a_principal_that_came_back_under_its_id_is_not_gone(changed) -> None:
    again = org._node(
        org.arn("iam", org.PROD, "role/back"),
        "IAMRole Principal",
        "AWS::IAM::Role",
        org.PROD,
        unique_id="AROAAAAAAAAAAAAAAAAAA",
    )
    assert rows(changed(nodes=(again,)), "deleted-principals", ("unique_id",)) == set()


def test_an_account_that_is_open_again_is_not_closed(changed) -> None:
    active = org._node(CLOSED, "AWSAccount", "AWS::Organizations::Account", org.CLOSED)
    twin = changed(nodes=(active,))
    twin.run(f"MATCH (n:AWSAccount {{id: '{CLOSED}'}}) SET n.status = 'ACTIVE'", read_only=False)
    assert rows(twin, "closed-accounts-trusted", ("from_id",)) == set()


def test_an_account_of_an_aws_service_needs_no_external_id(changed) -> None:
    service = org._node(
        "account:127311923021",
        "ExternalAccount Source",
        None,
        "127311923021",
        vendor="ELB logs",
        vendor_kind="aws-service",
    )
    twin = changed(
        nodes=(service,), plus=(org.walked("CAN_ASSUME", service.id, org.OPEN_ROLE, "x"),)
    )
    found = rows(twin, "external-trusts-without-externalid", ("account",))
    assert found == {(VENDOR,), (NOBODY,)}
