"""Amplify applications, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab
from snapshot_files import ACCOUNT, REGION, Denied

APP = f"arn:aws:amplify:{REGION}:{ACCOUNT}:apps/d123"
DOOR = "amplify/ipv4"


def branch(name: str = "main", jobs: str = "3", **more: Any) -> Json:
    return {"branchName": name, "totalNumberOfJobs": jobs, "enableBasicAuth": False, **more}


def app(*branches: Json, told: Any = None, domains: Any = (), **item: Any) -> Lab:
    lab = Lab()
    shape = {"appId": "d123", "defaultDomain": "d123.amplifyapp.com", "enableBasicAuth": False}
    lab.add(
        "amplify:app",
        "app",
        APP,
        {**shape, **item},
        list_branches=(list(branches) or [branch()]) if told is None else told,
        list_domain_associations=list(domains),
    )
    return lab


def test_a_branch_is_served_to_everyone(tmp_path: Path) -> None:
    setting = {"prefix": "www", "branchName": "main"}
    domain = {"domainName": "example.com", "subDomains": [{"subDomainSetting": setting}]}
    reach = one(app(domains=[domain]), tmp_path, APP, DOOR)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    (names,) = [text for text in reach.answer.evidence if "Callers use" in text]
    assert "https://main.d123.amplifyapp.com" in names
    assert "https://www.example.com" in names


@pytest.mark.parametrize("where", ["app", "branch"])
def test_a_password_is_a_condition(tmp_path: Path, where: str) -> None:
    asked = {"enableBasicAuth": True}
    lab = app(**asked) if where == "app" else app(branch(**asked))
    reach = one(lab, tmp_path, APP, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:basic",))


def test_the_most_open_branch_counts(tmp_path: Path) -> None:
    lab = app(branch("dev", enableBasicAuth=True), branch("main"))
    assert one(lab, tmp_path, APP, DOOR).verdict is Verdict.YES


def test_a_branch_without_deployment_is_dormant(tmp_path: Path) -> None:
    assert one(app(branch(jobs="0")), tmp_path, APP, DOOR).verdict is Verdict.DORMANT


def test_an_application_without_branches_serves_nothing(tmp_path: Path) -> None:
    reach = one(app(told=[]), tmp_path, APP, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["branch"])


def test_branches_that_were_not_read_are_unknown(tmp_path: Path) -> None:
    assert one(app(told=Denied), tmp_path, APP, DOOR).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("status", "guards"),
    [("ASSOCIATION_SUCCESS", ("waf arn:waf",)), ("DISASSOCIATION_FAILED", ())],
)
def test_a_web_acl_is_a_guard(tmp_path: Path, status: str, guards: tuple[str, ...]) -> None:
    lab = app(wafConfiguration={"webAclArn": "arn:waf", "wafStatus": status})
    reach = one(lab, tmp_path, APP, DOOR)
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, guards)
