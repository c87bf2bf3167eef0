"""One id listed twice: the snapshot keeps one line, and says so where the other one differed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.request import CollectResult
from collector.snapshot import Snapshot, Status
from collector.snapshot.ledger import LISTED_AGAIN, LedgerRow, combined
from recording_files import ACCOUNT, REGION, Recording

VIEWS = tuple(
    f"arn:aws:resource-explorer-2:{REGION}:{ACCOUNT}:view/{name}/1" for name in ("all", "tagged")
)


def vpc(name: str, **more: Any) -> dict[str, Any]:
    return {"VpcId": name, "OwnerId": ACCOUNT, "CidrBlock": "10.0.0.0/16", **more}


def loaded(folder: Path, *vpcs: dict[str, Any]) -> tuple[Snapshot, CollectResult]:
    raw = Recording(folder)
    raw.put("ec2.describe_vpcs", {"Vpcs": list(vpcs)})
    return raw.load()


def row_of(snapshot: Snapshot, operation: str) -> LedgerRow:
    (row,) = [row for row in snapshot.ledger if row.operation == operation]
    return row


def test_an_item_that_differs_the_second_time_is_named(tmp_path: Path) -> None:
    snapshot, result = loaded(tmp_path, vpc("vpc-1"), vpc("vpc-2"), vpc("vpc-1", State="pending"))
    assert len(list(snapshot.items("ec2:vpc"))) == 2
    row = row_of(snapshot, "describe_vpcs")
    assert (row.status, row.code, row.items) == (Status.OK, LISTED_AGAIN, 2)
    assert "ec2:vpc" in row.message
    assert "vpc-1" in row.message
    assert "vpc-2" not in row.message
    assert not row.is_gap
    (warning,) = result.warnings
    assert "ec2:describe_vpcs" in warning
    assert row.message in warning


def test_the_same_item_twice_is_one_item_and_no_matter(tmp_path: Path) -> None:
    snapshot, result = loaded(tmp_path, vpc("vpc-1"), vpc("vpc-2"), vpc("vpc-1"))
    row = row_of(snapshot, "describe_vpcs")
    assert (row.status, row.code, row.message, row.items) == (Status.OK, "", "", 2)
    assert result.warnings == ()
    assert result.items == loaded(tmp_path / "once", vpc("vpc-1"), vpc("vpc-2"))[1].items


def test_what_is_kept_once_is_counted_once(tmp_path: Path) -> None:
    _, result = loaded(tmp_path, vpc("vpc-1"), vpc("vpc-1", State="pending"))
    assert result.items == loaded(tmp_path / "once", vpc("vpc-1"))[1].items


def test_of_many_a_few_are_named(tmp_path: Path) -> None:
    twice = [vpc(f"vpc-{n}", State=state) for n in range(500) for state in ("a", "b")]
    message = row_of(loaded(tmp_path, *twice)[0], "describe_vpcs").message
    assert message.count("vpc-") == 3
    assert "and 497 more" in message


@pytest.mark.parametrize("order", [1, -1], ids=["all-first", "tagged-first"])
def test_the_line_that_is_kept_does_not_depend_on_which_list_came_first(
    tmp_path: Path, order: int
) -> None:
    """Two views show one resource with other properties; their lists run side by side."""
    raw = Recording(tmp_path)
    raw.put("resource-explorer-2.list_views", {"Views": list(VIEWS)[::order]})
    for view, properties in zip(VIEWS, ([], [{"Name": "tags", "Data": []}]), strict=True):
        resource = {"Arn": "arn:aws:sns:eu-west-1:1:t", "Properties": properties}
        answer = {"Resources": [resource], "ViewArn": view}
        raw.follow("resource-explorer-2.list_resources", view, answer)
    snapshot, result = raw.load()
    (item,) = snapshot.items("resource-explorer:resource")
    assert item.item["Properties"] == [{"Name": "tags", "Data": []}]
    assert any("resource-explorer:resource arn:aws:sns" in told for told in result.warnings)


def test_a_row_that_stands_for_several_lists_tells_of_the_one_that_differed() -> None:
    def row(code: str, status: Status = Status.OK) -> LedgerRow:
        return LedgerRow(ACCOUNT, "global", "organizations", "list_policies", "org:policy", status,
                         code=code)  # fmt: skip

    assert combined([row(""), row(LISTED_AGAIN)])[0].warning
    assert not combined([row(""), row("")])[0].warning
    denied = combined([row("AccessDenied", Status.DENIED), row(LISTED_AGAIN)])[0]
    assert (denied.status, denied.code) == (Status.DENIED, "AccessDenied")
