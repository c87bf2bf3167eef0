"""Kinds that AWS keeps off the internet."""

from __future__ import annotations

from pathlib import Path

import pytest

from front_doors.door_lab import failing, one
from graph.front_doors.controls import facts
from graph.verdict import Verdict
from network.aws_shapes import allow, exposed
from snapshot_files import ACCOUNT, REGION

KINDS = {kind["type"]: kind["mechanism"] for kind in facts("never_public")["kinds"]}


@pytest.mark.parametrize("type_id", sorted(KINDS))
def test_it_is_no_whatever_its_groups_and_routes_say(tmp_path: Path, type_id: str) -> None:
    lab = exposed([allow("-1")])
    node = f"arn:aws:{type_id.partition(':')[0]}:{REGION}:{ACCOUNT}:thing/x"
    told = {"SecurityGroups": [{"SecurityGroupId": "sg-web"}], "SubnetIds": ["subnet-a"]}
    lab.add(type_id, "x", node, told | {"PubliclyAccessible": True})
    found = one(lab, tmp_path, node, f"{KINDS[type_id]}/ipv4")
    assert found.verdict is Verdict.NO
    assert failing(found) == ["address"]
