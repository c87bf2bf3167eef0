"""Two accounts with the same short ids, as in restored labs.

Law: an account's own rows stay the same when a second account like it stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from front_doors import test_ecs, test_eks, test_private_access
from front_doors import test_globalaccelerator as accelerators
from front_doors.door_lab import judged
from network.aws_shapes import INSTANCE, Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION

OTHER = "999988887777"


def doubled(lab: Lab) -> Lab:
    both = lab.twin()
    for (_, region, type_id), found in lab.lines.items():
        moved = json.dumps(found).replace(ACCOUNT, OTHER)
        both.lines[OTHER, region, type_id] = json.loads(moved)
    return both


def task_on_a_machine() -> Lab:
    return test_ecs.on_machine(exposed([allow("tcp/8080")]), test_ecs.binding(8080))


def nodes() -> Lab:
    lab = exposed([allow("tcp/22")])
    lab.item("subnet-a")["MapPublicIpOnLaunch"] = True
    made = test_eks.cluster(lab)
    (line,) = made.lines[ACCOUNT, REGION, "eks:cluster"].values()
    for name, value in test_eks.nodes({"ec2SshKey": "key"}).items():
        call = f"describe_nodegroup(nodegroupName={name})"
        line["calls"][call] = {"status": "ok", "value": value}
    return made


def to_instance() -> Lab:
    endpoint = accelerators.endpoint("i-web")
    return accelerators.accelerator(accelerators.hidden(), endpoint)


@pytest.mark.parametrize(
    ("lab", "target", "mechanism"),
    [
        (task_on_a_machine, "", "ecs/ipv4"),
        (nodes, "", "eks-nodes/ipv4"),
        (test_private_access.endpoint, INSTANCE, "verified-access/ipv4"),
        (to_instance, INSTANCE, "globalaccelerator/ipv4"),
    ],
)
def test_a_second_account_changes_no_row(
    lab: Callable[[], Lab], target: str, mechanism: str, tmp_path: Path
) -> None:
    def rows(of: Lab, folder: str) -> set[tuple[str, ...]]:
        return {
            (one.target, one.mechanism, one.verdict.value, *one.ports, *one.answer.conditions)
            for one in judged(of, tmp_path / folder)
            if f":{ACCOUNT}:" in one.target
        }

    alone = rows(lab(), "alone")
    told = {row[2] for row in alone if row[1] == mechanism and target in row[0]}
    assert told & {"yes", "conditional"}
    assert rows(doubled(lab()), "both") == alone
