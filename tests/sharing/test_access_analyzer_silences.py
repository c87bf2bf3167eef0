"""What we report and IAM Access Analyzer does not; each with its agreeing twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import DEV, ORG, PROD, allow, doc
from sharing.analyzer_world import (
    BUCKET,
    FUNCTION,
    LOOKED,
    OTHER,
    OUTSIDER,
    analyzer,
    bucket,
    finding,
    function,
    said,
    told,
    world,
)
from snapshot_files import REGION, Denied

Json = dict[str, Any]


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


@pytest.mark.parametrize(
    ("call", "rows"),
    [
        ("get_policy", [("any-aws-principal", "no finding", "yes")]),
        ("get_policy(Qualifier=live)", []),
    ],
)
def test_policies_of_aliases_access_analyzer_does_not_read(
    tmp_path: Path, call: str, rows: list[tuple[str, str, str]]
) -> None:
    name = f"{FUNCTION}:live" if "live" in call else FUNCTION
    opened = allow("lambda:InvokeFunction", name, Principal={"AWS": "*"})
    assert said(analyzer(function(opened, call=call)), tmp_path) == rows


@pytest.mark.parametrize(
    ("urls", "rows"),
    [
        ([], [("*", "public access", "no")]),
        ([{"FunctionArn": FUNCTION, "AuthType": "NONE", "FunctionUrl": "https://x.on.aws/"}], []),
    ],
    ids=["no URL", "URL"],
)
def test_a_policy_for_a_url_without_a_url(
    tmp_path: Path, urls: list[Json], rows: list[tuple[str, str, str]]
) -> None:
    without = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    through = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    statements = [
        allow("lambda:InvokeFunctionUrl", FUNCTION, Principal="*", Condition=without),
        allow("lambda:InvokeFunction", FUNCTION, Principal="*", Condition=through),
    ]
    made = function(*statements, call="get_policy", urls=urls)
    assert said(analyzer(made, finding(FUNCTION, "*")), tmp_path) == rows


def test_mounts_of_a_file_system_are_weighed_by_access_analyzer_too(tmp_path: Path) -> None:
    disk = f"arn:aws:elasticfilesystem:{REGION}:{PROD}:file-system/fs-1"
    mounts = allow("elasticfilesystem:ClientMount", disk, Principal={"AWS": OUTSIDER})
    policy = {"Policy": json.dumps(doc(mounts))}
    made = world()
    item = {"FileSystemId": "fs-1", "OwnerId": PROD}
    made.add("efs:file-system", disk, item, region=REGION, describe_file_system_policy=policy)
    rows = [one for one in analyzer(made).derive(tmp_path).judgements if one.target == disk]
    assert any(one.source == f"account:{OUTSIDER}" for one in rows)
    assert said(made, tmp_path / "b") == []
