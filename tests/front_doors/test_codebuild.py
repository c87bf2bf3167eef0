"""CodeBuild projects that strangers read or start, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/build"
VISIBLE = "context:repository-visibility=public"
COMMENT = "approval:pull-request-comment"
PULL = "PUSH, PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED"


def project(call: Any = None, **more: Any) -> Lab:
    lab = Lab()
    told = {"name": "build", "source": {"type": "GITHUB", "location": "https://git.example/x"}}
    told |= {"projectVisibility": "PRIVATE"} | more
    lab.add(
        "codebuild:project", "build", PROJECT, {"name": "build"}, batch_get_projects=call or told
    )
    return lab


def by(kind: str, pattern: str, excluded: bool = False) -> dict[str, Any]:
    return {"type": kind, "pattern": pattern, "excludeMatchedPattern": excluded}


def hook(*groups: list[dict[str, Any]], **more: Any) -> Lab:
    return project(webhook={"filterGroups": list(groups), "status": "ACTIVE"} | more)


def approved(asked: str, *roles: str) -> dict[str, Any]:
    policy = {"requiresCommentApproval": asked, "approverRoles": list(roles)}
    return {"pullRequestBuildPolicy": policy}


EVENT = by("EVENT", PULL)


@pytest.mark.parametrize(
    ("lab", "conditions"),
    [
        (hook([EVENT]), {VISIBLE}),
        (hook(), {VISIBLE}),
        (hook([{"type": "EVENT"}]), {VISIBLE}),
        (hook([EVENT], **approved("DISABLED")), {VISIBLE}),
        (hook([EVENT], **approved("FORK_PULL_REQUESTS", "GITHUB_WRITE")), {VISIBLE, COMMENT}),
        (hook([EVENT], **approved("ALL_PULL_REQUESTS", "GITHUB_READ")), {VISIBLE}),
        (
            hook([EVENT, by("ACTOR_ACCOUNT_ID", "123|^456$")]),
            {VISIBLE, "context:ACTOR_ACCOUNT_ID=123|^456$"},
        ),
        (
            hook([EVENT, by("ACTOR_ACCOUNT_ID", "^.*$")]),
            {VISIBLE, "context:ACTOR_ACCOUNT_ID=^.*$"},
        ),
        (hook([EVENT, by("ACTOR_ACCOUNT_ID", "^123$", excluded=True)]), {VISIBLE}),
        (hook([EVENT, by("HEAD_REF", "^refs/heads/main$")]), {VISIBLE}),
        (hook([by("EVENT", "PUSH")], [EVENT]), {VISIBLE}),
        (hook([by("EVENT", "WORKFLOW_JOB_QUEUED")]), {VISIBLE, "approval:workflow-run"}),
    ],
)
def test_a_strangers_pull_request_is_built(tmp_path: Path, lab: Lab, conditions: set[str]) -> None:
    reach = one(lab, tmp_path, PROJECT, "codebuild-webhook/ipv4")
    assert reach.verdict is Verdict.CONDITIONAL
    assert set(reach.answer.conditions) == conditions


@pytest.mark.parametrize(
    "lab",
    [
        hook([by("EVENT", "PUSH")]),
        hook([by("EVENT", "PULL_REQUEST_MERGED, RELEASED")]),
        hook([EVENT, by("EVENT", PULL, excluded=True)]),
        hook([EVENT, by("ACTOR_ACCOUNT_ID", "^123$")]),
        hook([EVENT, by("ACTOR_ACCOUNT_ID", "^123$|^456$")]),
        hook([EVENT, by("ACTOR_ACCOUNT_ID", "^(123|456)$")]),
    ],
)
def test_a_filter_that_strangers_do_not_pass(tmp_path: Path, lab: Lab) -> None:
    reach = one(lab, tmp_path, PROJECT, "codebuild-webhook/ipv4")
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["filter groups"])


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (project(), Verdict.NO),
        (project(webhook="x"), Verdict.UNKNOWN),
        (project(call=Denied), Verdict.UNKNOWN),
        (hook([EVENT], status="CREATE_FAILED"), Verdict.DORMANT),
    ],
)
def test_other_webhooks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, PROJECT, "codebuild-webhook/ipv4").verdict is verdict


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (project(projectVisibility="PUBLIC_READ"), Verdict.YES),
        (project(), Verdict.NO),
        (project(projectVisibility=None), Verdict.UNKNOWN),
        (project(call=Denied), Verdict.UNKNOWN),
    ],
)
def test_public_builds_and_their_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, PROJECT, "codebuild-public/ipv4").verdict is verdict


@pytest.mark.parametrize("role", ["arn:aws:iam::111122223333:role/reader", None])
def test_logs_are_public_where_a_role_reads_them(tmp_path: Path, role: str | None) -> None:
    lab = project(projectVisibility="PUBLIC_READ", resourceAccessRole=role)
    reach = one(lab, tmp_path, PROJECT, "codebuild-public/ipv4")
    assert any("read by" in text for text in reach.answer.evidence) is (role is not None)
