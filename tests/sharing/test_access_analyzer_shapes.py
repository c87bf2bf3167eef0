"""Names of resources in findings of IAM Access Analyzer, and findings of another shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import PROD
from derivation.organisation import organisation
from graph.schema.declare import NodeType
from graph.schema.registry import REGISTRY
from graph.sharing.access_analyzer import analyzed_types
from sharing.analyzer_world import (
    BUCKET,
    OTHER,
    OUTSIDER,
    SNAPSHOT,
    analyzer,
    bucket,
    finding,
    said,
    told,
    world,
)
from snapshot_files import REGION

Json = dict[str, Any]


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


def test_the_disagreements_of_the_fixtures_are_explained(tmp_path: Path) -> None:
    """docs/trust.md, Second opinions, shows each of them."""
    page = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")
    section = page.partition("\n## Second opinions\n")[2].partition("\n## ")[0]
    rows = [one.props for one in told(organisation(), tmp_path)]
    shown = [row for row in rows if row["tool"] == "IAM Access Analyzer"]
    assert [row["analysis"] for row in shown] == ["f-2"]
    for row in shown:
        for name in ("question", "theirs", "their_reason", "ours", "our_reason"):
            assert str(row[name]) in section


def test_every_type_of_the_data_file_is_one_of_ours_and_of_aws() -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummary.html"""
    named = {name for one in analyzed_types().values() for name in one.analyzed}
    assert len(named) == 16
    nodes = {
        (one.resource_type, one.snapshot_type)
        for one in REGISTRY.declarations
        if isinstance(one, NodeType)
    }
    assert {(one.type, one.snapshot) for one in analyzed_types().values()} <= nodes
    properties = {
        (one.resource_type, name.name)
        for one in REGISTRY.declarations
        if isinstance(one, NodeType)
        for name in one.properties
    }
    created = {(one.type, one.created) for one in analyzed_types().values() if one.created}
    assert created <= properties
