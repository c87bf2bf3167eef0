"""OpenSearch Serverless collections, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged
from graph.front_doors import front_door_reaches
from graph.iam.from_snapshot import from_snapshot
from graph.network.from_snapshot import network_world
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied, write_snapshot

COLLECTION = f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/c1"
API, DASHBOARDS = "opensearch-serverless", "opensearch-serverless-dashboards"


def block(public: bool = True, kind: str = "collection", pattern: str = "collection/docs") -> Any:
    return {
        "Rules": [{"ResourceType": kind, "Resource": [pattern]}],
        "AllowFromPublic": public,
    }


def collection(*policies: Any, kind: str = "network", **more: Any) -> Lab:
    lab = Lab()
    item = {"id": "c1", "name": "docs", "status": "ACTIVE"} | more
    lab.add("opensearchserverless:collection", "c1", COLLECTION, item)
    for number, policy in enumerate(policies):
        told = Denied if policy is Denied else {"securityPolicyDetail": {"policy": policy}}
        name = f"p{number}"
        lab.add(
            "opensearchserverless:security-policy",
            name,
            f"aoss-policy:{ACCOUNT}/{REGION}/{kind}/{name}",
            {"name": name, "type": kind},
            get_security_policy=told,
        )
    return lab


def reach(lab: Lab, folder: Path, mechanism: str = API) -> Reach:
    (found,) = [one for one in judged(lab, folder) if one.mechanism == f"{mechanism}/ipv4"]
    return found


def test_a_public_collection_asks_for_a_signature(tmp_path: Path) -> None:
    found = reach(collection([block()]), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.CONDITIONAL, ("tcp/443",))
    assert found.answer.conditions == ("authn:sigv4",)


def test_both_families_answer(tmp_path: Path) -> None:
    found = [
        one for one in judged(collection([block()]), tmp_path) if one.verdict is Verdict.CONDITIONAL
    ]
    assert {one.mechanism for one in found} == {f"{API}/ipv4", f"{API}/ipv6"}


def test_the_dashboards_have_a_rule_of_their_own(tmp_path: Path) -> None:
    lab = collection([block(kind="dashboard")])
    assert reach(lab, tmp_path / "api").verdict is Verdict.NO
    found = reach(lab, tmp_path / "dashboards", DASHBOARDS)
    assert found.answer.conditions == ("authn:iam-or-saml",)


@pytest.mark.parametrize(
    ("pattern", "public"),
    [
        ("collection/docs", True),
        ("collection/do*", True),
        ("*", True),
        ("collection/other", False),
        ("collection/d?cs", False),
        ("collection/d[o]cs", False),
    ],
)
def test_a_pattern_names_the_collection(tmp_path: Path, pattern: str, public: bool) -> None:
    found = reach(collection([block(pattern=pattern)]), tmp_path)
    assert found.verdict is (Verdict.CONDITIONAL if public else Verdict.NO)


@pytest.mark.parametrize(
    "lab",
    [collection(), collection([block(public=False)]), collection([block()], kind="encryption")],
    ids=["no policy", "private", "of another type"],
)
def test_without_a_public_rule_it_is_closed(tmp_path: Path, lab: Lab) -> None:
    found = reach(lab, tmp_path)
    assert found.verdict is Verdict.NO
    assert failing(found) == ["network policy"]


def test_a_public_rule_wins_over_private_and_unread_ones(tmp_path: Path) -> None:
    lab = collection([block(public=False)], Denied, [block()])
    assert reach(lab, tmp_path).verdict is Verdict.CONDITIONAL


@pytest.mark.parametrize(
    "policy",
    [Denied, "{", {"Rules": []}, [{"Rules": block()["Rules"]}]],
    ids=["denied", "text", "object", "flag"],
)
def test_a_policy_that_was_not_read_is_unknown(tmp_path: Path, policy: Any) -> None:
    assert reach(collection([block(public=False)], policy), tmp_path).verdict is Verdict.UNKNOWN


def test_a_policy_as_text_is_read(tmp_path: Path) -> None:
    assert reach(collection(json.dumps([block()])), tmp_path).verdict is Verdict.CONDITIONAL


def test_a_list_of_policies_that_was_refused_is_unknown(tmp_path: Path) -> None:
    row = {
        "account_id": ACCOUNT,
        "region": REGION,
        "service": "opensearchserverless",
        "operation": "list_security_policies",
        "type": "opensearchserverless:security-policy",
        "status": "denied",
    }
    rows = {key: list(found.values()) for key, found in collection().lines.items()}
    snapshot = write_snapshot(tmp_path, rows, [row])
    found = front_door_reaches(snapshot, network_world(snapshot), from_snapshot(snapshot))
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}


def test_a_collection_being_made_is_dormant(tmp_path: Path) -> None:
    assert reach(collection([block()], status="CREATING"), tmp_path).verdict is Verdict.DORMANT
