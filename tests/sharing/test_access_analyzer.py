"""What IAM Access Analyzer reports and we do not, or not as public; each with its agreeing twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import DEV, PROD, allow, iam, trusting
from sharing.analyzer_world import (
    BUCKET,
    OTHER,
    OUTSIDER,
    QUEUE,
    ROLE,
    analyzer,
    bucket,
    finding,
    open_role,
    queue,
    said,
    told,
    world,
)
from snapshot_files import REGION

Json = dict[str, Any]
BLOCKED = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}


@pytest.mark.parametrize(("admitted", "rows"), [(OTHER, 2), (OUTSIDER, 0)])
def test_a_finding_of_an_account_that_the_policy_does_not_admit(
    tmp_path: Path, admitted: str, rows: int
) -> None:
    made = analyzer(bucket(world(), {"AWS": admitted}), finding(BUCKET))
    found = told(made, tmp_path)
    assert len(found) == rows
    if rows:
        (one,) = (node for node in found if node.props["ours"] == "no")
        assert one.props["tool"] == "IAM Access Analyzer"
        assert one.props["question"] == f"{OUTSIDER} to {BUCKET}"
        assert one.props["theirs"] == "external access"
        assert one.props["their_reason"] == f"s3:GetObject for {OUTSIDER}; not public"
        assert one.props["our_reason"] == (
            f"What was read lets in account:{OTHER}, but not {OUTSIDER}."
        )
        assert one.props["analysed_at"] == "2026-11-19T00:00:00Z"


def test_the_resource_names_itself_and_the_finding_its_place(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), None), finding(BUCKET, id="f-1"))
    derived = made.derive(tmp_path)
    (one,) = [node for node in derived.nodes if "Disagreement" in node.labels]
    (link,) = [link for link in derived.relationships if link.type == "CONCERNS"]
    assert (link.start, link.end) == (one.id, BUCKET)
    assert one.props["analysis"] == "f-1"
    (place,) = one.props["evidence"] or []
    assert str(place).endswith("/calls/list_findings/value/0")


@pytest.mark.parametrize(
    ("status", "rows"),
    [
        ("ACTIVE", [(OUTSIDER, "external access", "no")]),
        ("ARCHIVED", [(OUTSIDER, "external access, archived", "no")]),
        ("RESOLVED", []),
        ("WHATEVER", []),
    ],
)
def test_archived_findings_are_told_as_such_and_resolved_ones_are_history(
    tmp_path: Path, status: str, rows: list[tuple[str, str, str]]
) -> None:
    made = analyzer(bucket(world(), None), finding(BUCKET, status=status))
    assert said(made, tmp_path) == rows


@pytest.mark.parametrize(("blocked", "rows"), [(True, 1), (False, 0)])
def test_a_public_finding_that_block_public_access_cuts_off(
    tmp_path: Path, blocked: bool, rows: int
) -> None:
    """AWS looks at the account's setting every six hours only."""
    made = analyzer(bucket(world(), "*"), finding(BUCKET, "*"))
    if blocked:
        line = made.lines[PROD, "global", "s3:account-bpa"][PROD]
        line["calls"]["get_public_access_block"] = {"status": "ok", "value": BLOCKED}
    found = told(made, tmp_path)
    assert len(found) == rows
    if rows:
        assert found[0].props["theirs"] == "public access"
        assert "RestrictPublicBuckets" in str(found[0].props["our_reason"])


def test_what_we_have_not_read_is_no_disagreement(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), None), finding(BUCKET))
    calls = made.lines[PROD, "global", "s3:bucket"][BUCKET]["calls"]
    calls["get_bucket_policy"] = {"status": "denied", "error": "AccessDenied"}
    assert said(made, tmp_path) == []


def test_a_resource_that_was_not_collected_is_not_compared(tmp_path: Path) -> None:
    made = analyzer(world(), finding(BUCKET), finding(ROLE))
    assert said(made, tmp_path) == []


def test_a_finding_that_says_that_analysis_failed_says_nothing(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-error-findings.html"""
    failed = finding(BUCKET, error="ACCESS_DENIED")
    assert said(analyzer(bucket(world(), None), failed), tmp_path / "a") == []
    hidden = analyzer(bucket(world(), {"AWS": OUTSIDER}), failed)
    assert said(hidden, tmp_path / "b") == []
    twin = analyzer(bucket(world(), {"AWS": OUTSIDER}))
    assert len(said(twin, tmp_path / "c")) == 1


def test_of_resource_control_policies_the_finding_says_whether_it_looked(tmp_path: Path) -> None:
    rows = {"resourceControlPolicyRestriction": "APPLICABLE"}
    sources = [{"type": "S3_ACCESS_POINT", "detail": {"accessPointArn": "arn:x"}}]
    under = finding(BUCKET, condition={"aws:SourceIp": "192.0.2.1/32"}, sources=sources, **rows)
    (one,) = told(analyzer(bucket(world(), None), under), tmp_path)
    assert one.props["their_reason"] == (
        f"s3:GetObject for {OUTSIDER} under aws:SourceIp=192.0.2.1/32 by S3_ACCESS_POINT arn:x; "
        "not public; a resource control policy applies, which it did not evaluate"
    )


# Roles.


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        (OUTSIDER, OUTSIDER),
        (f"arn:aws:iam::{OUTSIDER}:root", f"arn:aws:iam::{OUTSIDER}:root"),
        (f"arn:aws:iam::{OUTSIDER}:role/app", f"arn:aws:iam::{OUTSIDER}:role/app"),
    ],
)
def test_a_role_by_account_root_or_principal(tmp_path: Path, principal: str, shown: str) -> None:
    agrees = analyzer(open_role({"AWS": OUTSIDER}), finding(ROLE, principal))
    assert said(agrees, tmp_path / "a") == []
    differs = analyzer(open_role({"AWS": PROD}), finding(ROLE, principal))
    (one,) = told(differs, tmp_path / "b")
    assert one.props["question"] == f"{shown} to {ROLE}"
    assert "is not allowed" in str(one.props["our_reason"])


def test_a_trust_that_nobody_of_the_other_account_can_use(tmp_path: Path) -> None:
    """Access Analyzer knows nothing of the other account's own policies."""
    made = world()
    made.role("partner", [trusting({"AWS": iam("user", "idle", DEV)})])
    made.user("idle", allow("s3:*"), account=DEV)
    analyzer(made, finding(ROLE, iam("user", "idle", DEV)))
    idle = told(made, tmp_path / "a")
    assert [node.props["ours"] for node in idle] == ["no"]
    assert "nobody there has leave to assume it" in str(idle[0].props["our_reason"])
    twin = made.twin()
    twin.user("idle", allow("sts:AssumeRole"), account=DEV)
    assert said(twin, tmp_path / "b") == []


def test_a_role_is_reported_in_every_region_and_told_once(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html#access-analyzer-iam-role"""
    made = open_role({"AWS": PROD})
    for region in (REGION, "us-east-1"):
        analyzer(made, finding(ROLE, id=f"f-{region}"), region=region)
    assert said(made, tmp_path) == [(OUTSIDER, "external access", "no")]


def test_a_role_may_be_reported_by_an_analyzer_of_any_region(tmp_path: Path) -> None:
    made = analyzer(open_role({"AWS": OUTSIDER}), region="eu-north-1")
    assert said(made, tmp_path / "a") == [(f"account:{OUTSIDER}", "no finding", "yes")]
    twin = analyzer(bucket(world(), {"AWS": OUTSIDER}), region="eu-north-1")
    assert said(twin, tmp_path / "b") == []


SAML = iam("saml-provider", "corp")


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("reported", [True, False])
def test_identity_providers(tmp_path: Path, trusted: bool, reported: bool) -> None:
    made = world()
    made.add("iam:saml-provider", SAML, {"Arn": SAML})
    audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    saml = trusting({"Federated": SAML}, "sts:AssumeRoleWithSAML", Condition=audience)
    made.role("partner", [saml if trusted else trusting({"AWS": PROD})])
    analyzer(made, *([finding(ROLE, {"Federated": SAML})] if reported else []))
    expected = {
        (True, False): [(SAML, "no finding", "yes")],
        (False, True): [(SAML, "external access", "no")],
    }
    assert said(made, tmp_path) == expected.get((trusted, reported), [])


def test_services_are_neither_missed_nor_compared(tmp_path: Path) -> None:
    """AWS: service principals are not reported."""
    service = {"Service": "ec2.amazonaws.com"}
    assert said(analyzer(open_role(service)), tmp_path / "a") == []
    twin = analyzer(open_role({"AWS": PROD}), finding(ROLE, service))
    assert said(twin, tmp_path / "b") == []


def test_a_service_for_another_account_is_not_missed(tmp_path: Path) -> None:
    named = {"StringEquals": {"aws:SourceAccount": OUTSIDER}}
    by_service = allow(
        "sqs:SendMessage", QUEUE, Principal={"Service": "events.amazonaws.com"}, Condition=named
    )
    assert said(analyzer(queue(world(), by_service)), tmp_path / "a") == []
    itself = allow("sqs:SendMessage", QUEUE, Principal={"AWS": OUTSIDER})
    both = analyzer(queue(world(), by_service, itself))
    assert said(both, tmp_path / "b") == [(f"account:{OUTSIDER}", "no finding", "yes")]


def test_everybody_by_topics_of_any_account(tmp_path: Path) -> None:
    topics = {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:news"}}
    sends = allow("sqs:SendMessage", QUEUE, Principal="*", Condition=topics)
    reported = finding(QUEUE, "*", isPublic=False, condition={"aws:SourceArn": "arn:aws:sns:*"})
    assert said(analyzer(queue(world(), sends), reported), tmp_path / "a") == []
    twin = queue(world(), allow("sqs:SendMessage", QUEUE, Principal={"AWS": PROD}))
    assert said(analyzer(twin, reported), tmp_path / "b") == [("*", "external access", "no")]


# Only one of the two calls it public.


def test_public_for_them_and_not_for_us(tmp_path: Path) -> None:
    narrow = {"IpAddress": {"aws:SourceIp": "52.1.0.0/16"}}
    made = analyzer(bucket(world(), "*", Condition=narrow), finding(BUCKET, "*"))
    (one,) = told(made, tmp_path / "a")
    assert (one.props["theirs"], one.props["ours"]) == ("public access", "no")
    assert str(one.props["our_reason"]).startswith("Not everybody: 52.1.0.0/16 is allowed")
    twin = analyzer(bucket(world(), "*"), finding(BUCKET, "*"))
    assert said(twin, tmp_path / "b") == []


def test_a_wide_range_counts_as_everybody(tmp_path: Path) -> None:
    wide = {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}
    made = analyzer(bucket(world(), "*", Condition=wide), finding(BUCKET, "*"))
    assert said(made, tmp_path) == []


def test_public_for_us_and_not_for_them(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), "*"), finding(BUCKET))
    assert said(made, tmp_path / "a") == [("internet", "external access, not public", "yes")]
    twin = analyzer(bucket(world(), "*"), finding(BUCKET), finding(BUCKET, "*"))
    assert said(twin, tmp_path / "b") == []
