"""Policies of resources that were not read: a row of trusts says so, one per account and call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import QUERIES, trust_rows
from queries.runner import run_query
from snapshot_files import Absent, Denied, line
from tests.derivation.aws_world import DEV, PROD, World, allow
from tests.queries.embedded import Embedded

CALL = "s3.get_bucket_policy"


def bucket(world: World, name: str, said: Any, account: str = PROD) -> None:
    """A bucket with what the call for its policy answered."""
    node = world.bucket(name, allow("s3:GetObject", Principal="*"), account=account)
    answered = line(node, get_bucket_policy=said)["calls"]
    world.lines[account, "global", "s3:bucket"][node]["calls"].update(answered)


def rows_of(folder: Path, world: World) -> list[Row]:
    derivation = world.derive(folder)
    store = Embedded(derivation.nodes, derivation.relationships)
    frames = [run_query(store, name) for name in QUERIES[:3]]
    rows = trust_rows(*frames, Parties(), access=run_query(store, "public-access"))
    return [row for row in rows if row.resource_type == "AWS::S3::Bucket"]


def test_a_bucket_whose_policy_was_refused_is_a_row_that_names_the_call(tmp_path: Path) -> None:
    world = World()
    bucket(world, "assets", Denied)
    (row,) = rows_of(tmp_path, world)
    assert str(row.verdict) == "unknown"
    assert row.answer.conditions == (f"not_collected:{CALL}@{PROD}/global",)
    assert CALL in row.answer.why
    assert "arn:aws:s3:::assets" in row.answer.why
    assert row.accounts == (PROD,)


def test_a_bucket_that_has_no_policy_is_no_row(tmp_path: Path) -> None:
    world = World()
    bucket(world, "assets", Absent)
    assert rows_of(tmp_path, world) == []


def test_alike_buckets_of_an_account_are_one_row_that_counts_them(tmp_path: Path) -> None:
    world = World()
    for number in range(5):
        bucket(world, f"assets-{number}", Denied)
    bucket(world, "read", Absent)
    bucket(world, "other", Denied, DEV)
    found = {row.account_id: row for row in rows_of(tmp_path, world)}
    assert set(found) == {PROD, DEV}
    assert len(rows_of(tmp_path, world)) == 2
    assert "5 resources (assets-0, assets-1, assets-2 and 2 more)" in found[PROD].answer.why
    assert "arn:aws:s3:::other" in found[DEV].answer.why
