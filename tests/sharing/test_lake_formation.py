"""Lake Formation's grants to others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.judgement import Judgement
from graph.sharing.lake_formation import lake_formation_judgements
from graph.sharing.levels import strongest_level
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

PARTNER = "999988887777"
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}:"
TABLE = {"Table": {"CatalogId": ACCOUNT, "DatabaseName": "sales", "Name": "orders"}}


def grant(principal: str, resource: Any, *permissions: str, option: bool = False) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": principal},
        "Resource": resource,
        "Permissions": list(permissions or ("SELECT",)),
        "PermissionsWithGrantOption": list(permissions or ("SELECT",)) if option else [],
    }


def judge(folder: Path, rows: Any, databases: bool = True) -> list[Judgement]:
    lines = {
        (ACCOUNT, REGION, "lakeformation:permissions"): [
            line(f"{ACCOUNT}/{REGION}", {}, list_permissions=rows)
        ]
    }
    if databases:
        lines[ACCOUNT, REGION, "glue:database"] = [line(GLUE + "database/sales", {"Name": "sales"})]
    snapshot = write_snapshot(folder, lines)
    return list(lake_formation_judgements(snapshot, from_snapshot(snapshot)))


@pytest.mark.parametrize(
    ("resource", "rest"),
    [
        (TABLE, "table/sales/orders"),
        ({"TableWithColumns": TABLE["Table"]}, "table/sales/orders"),
        ({"Table": {"DatabaseName": "sales", "TableWildcard": {}}}, "database/sales"),
        ({"Database": {"CatalogId": ACCOUNT, "Name": "sales"}}, "database/sales"),
        ({"Catalog": {}}, "catalog"),
        (
            {"DataCellsFilter": {"DatabaseName": "sales", "TableName": "orders", "Name": "eu"}},
            "table/sales/orders",
        ),
    ],
)
def test_what_is_granted(tmp_path: Path, resource: Any, rest: str) -> None:
    (one,) = judge(tmp_path, [grant(PARTNER, resource)])
    assert (one.source, one.target) == (f"account:{PARTNER}", GLUE + rest)
    assert one.answer.verdict == "yes"


@pytest.mark.parametrize(
    ("principal", "source"),
    [
        (f"arn:aws:iam::{PARTNER}:role/app", f"arn:aws:iam::{PARTNER}:role/app"),
        (f"arn:aws:organizations::{ACCOUNT}:organization/o-abc", "org:o-abc"),
    ],
)
def test_to_whom(tmp_path: Path, principal: str, source: str) -> None:
    assert [one.source for one in judge(tmp_path, [grant(principal, TABLE)])] == [source]


@pytest.mark.parametrize(
    "principal", [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/app", "IAM_ALLOWED_PRINCIPALS"]
)
def test_ones_own_are_no_share(tmp_path: Path, principal: str) -> None:
    assert judge(tmp_path, [grant(principal, TABLE)]) == []


def test_somebody_elses_table_is_theirs(tmp_path: Path) -> None:
    theirs = {"Table": TABLE["Table"] | {"CatalogId": PARTNER}}
    assert judge(tmp_path, [grant(PARTNER, theirs)]) == []


def test_tags_are_a_condition(tmp_path: Path) -> None:
    tags = {"LFTagPolicy": {"CatalogId": ACCOUNT, "ResourceType": "TABLE"}}
    (one,) = judge(tmp_path, [grant(PARTNER, tags)])
    assert (one.answer.verdict, one.answer.conditions) == (
        "conditional",
        ("context:lf-tag=matches",),
    )


@pytest.mark.parametrize(
    ("permission", "option", "level"),
    [
        ("SELECT", False, "read"),
        ("DESCRIBE", False, "read"),
        ("INSERT", False, "write"),
        ("SOMETHING_NEW", False, "write"),
        ("SELECT", True, "admin"),
    ],
)
def test_the_level(tmp_path: Path, permission: str, option: bool, level: str) -> None:
    (one,) = judge(tmp_path, [grant(PARTNER, TABLE, permission, option=option)])
    assert strongest_level(one.actions) == level


def test_what_was_not_read(tmp_path: Path) -> None:
    (one,) = judge(tmp_path / "1", Denied)
    assert (one.source, one.answer.verdict) == ("any-aws-account", "unknown")
    assert judge(tmp_path / "2", Denied, databases=False) == []


def test_odd_rows_are_left_out(tmp_path: Path) -> None:
    assert judge(tmp_path, [None, {}, {"Principal": 1, "Resource": 2}, "x"]) == []
