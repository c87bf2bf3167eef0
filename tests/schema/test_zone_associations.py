"""Private zones that VPCs of other accounts see, each beside a twin of the zone's own account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.inventory import inventory
from queries.runner import run_query
from tests.queries.embedded import Embedded
from tests.schema.aws_lines import DENIED, PROD, SHARED, WEST, Line, ec2, line, ok, write

ZONE = "arn:aws:route53:::hostedzone/Z1"
VPC = "vpc-0a0a0a0a0a0a0a0a9"


def zone(associated: list[str], authorized: list[str]) -> Line:
    def listed(vpcs: list[str]) -> list[dict[str, str]]:
        return [{"VPCRegion": WEST, "VPCId": vpc} for vpc in vpcs]

    return line(
        ZONE,
        {"Id": "/hostedzone/Z1", "Name": "corp.internal.", "Config": {"PrivateZone": True}},
        get_hosted_zone=ok({"VPCs": listed(associated)}),
        list_vpc_association_authorizations=ok(listed(authorized)),
    )


def rows(folder: Path, made: Line, owner: str = "") -> list[Any]:
    """What is shared, the VPC being of an account if one is given."""
    lines = {(PROD, "global", "route53:zone"): [made]}
    if owner:
        item = {"VpcId": VPC, "OwnerId": owner}
        lines[owner, WEST, "ec2:vpc"] = [line(ec2("vpc", VPC, owner), item)]
    result = inventory(write(folder, lines))
    assert not result.problems
    frame = run_query(Embedded(result.nodes, result.relationships), "shared-with-outside")
    return [dict(row) for row in frame.to_dict("records")]


@pytest.mark.parametrize(
    ("associated", "authorized", "mechanism", "words"),
    [
        ([VPC], [], "zone-associated", "is associated with the VPC"),
        ([], [VPC], "zone-authorized", "may be associated by its owner with the VPC"),
    ],
)
def test_a_vpc_of_another_account_is_a_row(
    tmp_path: Path, associated: list[str], authorized: list[str], mechanism: str, words: str
) -> None:
    (row,) = rows(tmp_path / "theirs", zone(associated, authorized), SHARED)
    assert (row["mechanism"], row["to_id"], row["from_account"]) == (mechanism, ZONE, SHARED)
    assert (row["verdict"] or None, row["conditions"]) == (None, [])
    assert row["why"] == f"The private zone corp.internal. {words} {VPC} ({WEST})."
    assert rows(tmp_path / "own", zone(associated, authorized), PROD) == []


def test_a_vpc_of_nobody_known_is_unknown_and_named(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, zone([VPC], []))
    assert (row["verdict"], row["conditions"]) == ("unknown", [f"not_collected:owner={VPC}"])


def test_a_call_that_was_denied_tells_of_no_vpc(tmp_path: Path) -> None:
    refused = line(ZONE, {"Name": "corp."}, get_hosted_zone=DENIED)
    assert rows(tmp_path / "denied", refused) == []
    assert rows(tmp_path / "none", zone([], [])) == []


def test_a_vpc_without_an_id_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    broken = line(ZONE, {"Name": "corp."}, get_hosted_zone=ok({"VPCs": [{"VPCRegion": WEST}]}))
    result = inventory(write(tmp_path, {(PROD, "global", "route53:zone"): [broken]}))
    assert any("SHARED_WITH" in str(problem) for problem in result.problems)
