"""ECR public repositories: everybody may pull; private ones are no front doors."""

from __future__ import annotations

from pathlib import Path

from front_doors.door_lab import judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION

PUBLIC = f"arn:aws:ecr-public::{ACCOUNT}:repository/tool"
PRIVATE = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/tool"


def repository(kind: str, node: str) -> Lab:
    lab = Lab()
    uri = "public.ecr.aws/x/tool"
    lab.add(kind, "tool", node, {"repositoryName": "tool", "repositoryUri": uri})
    return lab


def test_everybody_may_pull(tmp_path: Path) -> None:
    lab = repository("ecr-public:repository", PUBLIC)
    reach = one(lab, tmp_path, PUBLIC, "ecr-public/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any("public.ecr.aws/x/tool" in text for text in reach.answer.evidence)


def test_a_private_repository_is_no_front_door(tmp_path: Path) -> None:
    assert judged(repository("ecr:repository", PRIVATE), tmp_path) == []
