"""Findings of IAM Access Analyzer beside our answers: each difference, and its agreeing twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import DEV, ORG, PROD, World, allow, iam, trusting
from sharing.analyzer_world import (
    BUCKET,
    LOOKED,
    OTHER,
    OUTSIDER,
    QUEUE,
    SNAPSHOT,
    analyzer,
    bucket,
    finding,
    queue,
    said,
    told,
    world,
)
from snapshot_files import REGION, Denied

Json = dict[str, Any]
ROLE = iam("role", "partner")
BLOCKED = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}


def open_role(*principals: Any, **more: Any) -> World:
    made = world()
    made.role("partner", [trusting(principal, **more) for principal in principals])
    return made


# What Access Analyzer reports and we do not.


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


# What we report and Access Analyzer does not.


def test_an_access_without_a_finding(tmp_path: Path) -> None:
    (one,) = told(analyzer(bucket(world(), {"AWS": OUTSIDER})), tmp_path)
    assert one.props["theirs"] == "no finding"
    assert one.props["ours"] == "yes"
    assert one.props["analysed_at"] == LOOKED
    assert str(one.props["analysis"]).endswith(":analyzer/outside")
    assert one.props["their_reason"] == (
        f"Analyzer outside of account {PROD} in {REGION} looks at such resources there and has no "
        f"finding for account:{OUTSIDER}"
    )
    assert "Account 999988887777 is allowed" in str(one.props["our_reason"])


def test_many_parties_without_a_finding_are_one_row(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), {"AWS": [OUTSIDER, OTHER]}))
    (one,) = told(made, tmp_path)
    assert "and 1 more to" in str(one.props["question"])


@pytest.mark.parametrize(
    "off",
    [
        {"status": "DISABLED"},
        {"status": "CREATING"},
        {"region": "us-east-1"},
        {"account": DEV},
        {"read": Denied},
        {"kind": "ACCOUNT_UNUSED_ACCESS"},
        {"kind": "ACCOUNT_INTERNAL_ACCESS"},
        {"lastResourceAnalyzedAt": None},
        {"lastResourceAnalyzedAt": "yesterday"},
        {"lastResourceAnalyzedAt": "2026-11-18T00:00:00Z"},
    ],
    ids=lambda off: (
        "-".join(f"{key}-{value}" for key, value in off.items() if value is not Denied) or "denied"
    ),
)
def test_only_an_analyzer_that_has_looked_there_can_miss_it(
    tmp_path: Path, off: dict[str, Any]
) -> None:
    made = bucket(world(), {"AWS": OUTSIDER})
    made.item(BUCKET)["CreationDate"] = "2026-11-19T00:00:00Z"
    assert said(analyzer(made.twin(), **off), tmp_path / "a") == []
    assert len(said(analyzer(made), tmp_path / "b")) == 1


def test_what_was_not_read_may_be_why_it_is_silent(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), "*"))
    assert said(made, tmp_path / "a") == [("internet", "no finding", "yes")]
    twin = made.twin()
    twin.lines[PROD, "global", "s3:account-bpa"][PROD]["calls"] = {
        "get_public_access_block": {"status": "denied", "error": "AccessDenied"}
    }
    assert said(twin, tmp_path / "b") == []


@pytest.mark.parametrize(
    ("kind", "account", "missed"),
    [
        ("ACCOUNT", PROD, True),
        ("ORGANIZATION", PROD, False),
        ("ORGANIZATION", DEV, False),
    ],
)
def test_the_zone_of_trust_decides_what_is_outside(
    tmp_path: Path, kind: str, account: str, missed: bool
) -> None:
    """The delegated administrator's analyzer covers every account of the organisation."""
    other = f"arn:aws:iam::{DEV}:root"
    inside = analyzer(bucket(world(), {"AWS": other}), kind=kind, account=account)
    rows = said(inside, tmp_path / "a")
    assert rows == ([(f"account:{DEV}", "no finding", "yes")] if missed else [])
    outside = analyzer(bucket(world(), {"AWS": OUTSIDER}), kind=kind, account=account)
    assert said(outside, tmp_path / "b") == [(f"account:{OUTSIDER}", "no finding", "yes")]


@pytest.mark.parametrize(("kind", "missed"), [("ACCOUNT", True), ("ORGANIZATION", False)])
def test_the_organisation_as_a_whole(tmp_path: Path, kind: str, missed: bool) -> None:
    whole = {"StringEquals": {"aws:PrincipalOrgID": ORG}}
    made = analyzer(bucket(world(), "*", Condition=whole), kind=kind)
    rows = said(made, tmp_path / "a")
    assert [row[1:] for row in rows] == ([("no finding", "yes")] if missed else [])
    condition = {"aws:PrincipalOrgID": ORG}
    reported = finding(BUCKET, "*", isPublic=False, condition=condition)
    twin = analyzer(bucket(world(), "*", Condition=whole), reported)
    assert said(twin, tmp_path / "b") == []


def test_whether_an_account_is_in_an_organisation_that_was_not_listed_is_not_known(
    tmp_path: Path,
) -> None:
    made = analyzer(bucket(world(), {"AWS": OUTSIDER}), kind="ORGANIZATION")
    assert len(said(made, tmp_path / "a")) == 1
    twin = made.twin()
    for type_id in ("org:account", "org:root"):
        del twin.lines[PROD, "global", type_id]
    assert said(twin, tmp_path / "b") == []


def test_an_account_of_aws_is_not_reported(tmp_path: Path) -> None:
    """AWS: internal service accounts are not reported; 127311923021 is Elastic Load Balancing's."""
    assert said(analyzer(bucket(world(), {"AWS": "127311923021"})), tmp_path) == []


def test_an_archived_finding_is_a_finding(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), {"AWS": OUTSIDER}), finding(BUCKET, status="ARCHIVED"))
    assert said(made, tmp_path) == []


def test_from_one_endpoint_alone_access_analyzer_need_not_report(tmp_path: Path) -> None:
    narrow = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    assert said(analyzer(bucket(world(), "*", Condition=narrow)), tmp_path) == []


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


# Names of resources.


@pytest.mark.parametrize("owner", ["", PROD])
def test_a_snapshot_with_and_without_its_owner_in_the_name(tmp_path: Path, owner: str) -> None:
    name = SNAPSHOT.replace("::", f":{owner}:")
    made = world()
    shared = {"CreateVolumePermissions": [{"UserId": OUTSIDER}]}
    item = {"SnapshotId": "snap-1", "OwnerId": PROD}
    made.add("ec2:snapshot", SNAPSHOT, item, region=REGION, describe_snapshot_attribute=shared)
    assert said(analyzer(made.twin(), finding(name)), tmp_path / "a") == []
    (one,) = said(analyzer(made.twin(), finding(name, OTHER)), tmp_path / "b")[:1]
    assert one == (OTHER, "external access", "no")
    (missed,) = said(analyzer(made), tmp_path / "c")
    assert missed == (f"account:{OUTSIDER}", "no finding", "yes")


def test_a_version_of_a_layer_and_a_stream_of_a_table(tmp_path: Path) -> None:
    layer = f"arn:aws:lambda:{REGION}:{PROD}:layer:shared"
    table = f"arn:aws:dynamodb:{REGION}:{PROD}:table/orders"
    stream = f"{table}/stream/2026-01-01T00:00:00.000"
    made = world()
    versions = {"list_layer_versions": [{"Version": 1}]}
    made.add("lambda:layer", layer, {"LayerArn": layer}, region=REGION, **versions)
    call = {"status": "absent", "error": "ResourceNotFoundException"}
    calls = made.lines[PROD, REGION, "lambda:layer"][layer]["calls"]
    calls["get_layer_version_policy(VersionNumber=1)"] = call
    described = {"Table": {"TableArn": table, "LatestStreamArn": stream}}
    made.add("dynamodb:table", table, {}, region=REGION, describe_table=described)
    for name in ("get_resource_policy", f"get_resource_policy(ResourceArn={stream})"):
        made.lines[PROD, REGION, "dynamodb:table"][table]["calls"][name] = call
    analyzer(made, finding(f"{layer}:1"), finding(stream))
    found = {str(node.props["question"]).rpartition(" to ")[2] for node in told(made, tmp_path)}
    assert found == {layer, table}


# Bad input.


@pytest.mark.parametrize(
    "read",
    [
        None,
        "findings",
        {"findings": "none"},
        [None, 7, [], "x"],
        [{"status": "ACTIVE"}],
        [{"status": ["ACTIVE"], "resource": BUCKET}],
        [{"status": "ACTIVE", "resource": {"arn": BUCKET}}],
        [{"status": "ACTIVE", "resource": BUCKET, "principal": [OUTSIDER]}],
        [{"status": "ACTIVE", "resource": BUCKET, "principal": {"AWS": ["*"]}}],
        [{"status": "ACTIVE", "resource": BUCKET, "principal": {"AWS": ""}}],
        [{"status": "ACTIVE", "resource": BUCKET, "principal": {"Martian": "*"}}],
        [{"status": "ACTIVE", "resource": "arn:aws:s3", "principal": {"AWS": "arn:"}}],
    ],
    ids=range(12),
)
def test_findings_of_another_shape_are_left_out(tmp_path: Path, read: Any) -> None:
    made = bucket(world(), None)
    analyzer(made, read={"nothing": read} if read is None else read)
    assert said(made, tmp_path) == []


def test_members_of_another_shape_are_left_out_of_the_reason(tmp_path: Path) -> None:
    odd: Json = {"action": "s3:*", "condition": ["x"], "sources": [7, {"type": 7}, {"type": "P"}]}
    odd |= {"isPublic": "yes", "analyzedAt": 7, "id": None, "error": None}
    (one,) = told(analyzer(bucket(world(), None), finding(BUCKET, **odd)), tmp_path)
    assert one.props["their_reason"] == f"access for {OUTSIDER} by P; not public"
    assert one.props["analysed_at"] == ""


def test_the_list_may_stand_in_the_whole_answer(tmp_path: Path) -> None:
    made = analyzer(bucket(world(), None), read={"findings": [finding(BUCKET)]})
    assert said(made, tmp_path) == [(OUTSIDER, "external access", "no")]


def test_thousands_of_findings_and_principals(tmp_path: Path) -> None:
    """Each of both sides is looked up, never gone through for the other."""
    accounts = [f"{number:012d}" for number in range(100_000_000_000, 100_000_002_000)]
    admitted = bucket(world(), {"AWS": accounts[:1000]})
    found = said(analyzer(admitted, *(finding(BUCKET, one) for one in accounts)), tmp_path)
    assert len(found) == 1000
    assert {row[1:] for row in found} == {("external access", "no")}
