"""What is for everybody: public repositories and published dashboards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.from_snapshot import from_snapshot
from graph.sharing.everyone import dashboard_judgements, public_repository_judgements
from snapshot_files import ACCOUNT, REGION, Denied, line, write_snapshot

DASHBOARD = f"arn:aws:quicksight:{REGION}:{ACCOUNT}:dashboard/d-1"
PUBLIC = "arn:aws:quicksight:::publicAnonymousUser/*"
USER = "arn:aws:quicksight:{}:{}:user/default/anna"


def judge(folder: Path, permissions: Any, switch: Any = True) -> dict[str, str]:
    settings = switch
    if switch is not Denied:
        settings = {"AccountSettings": {"PublicSharingEnabled": switch}}
    row = line(DASHBOARD, {}, describe_dashboard_permissions=permissions)
    place = f"{ACCOUNT}/{REGION}"
    lines = {
        (ACCOUNT, REGION, "quicksight:dashboard"): [row],
        (ACCOUNT, REGION, "quicksight:account"): [
            line(place, {}, describe_account_settings=settings)
        ],
    }
    snapshot = write_snapshot(folder, lines)
    found = dashboard_judgements(snapshot, from_snapshot(snapshot))
    return {one.source: str(one.answer.verdict) for one in found}


def linked(*names: str) -> dict[str, Any]:
    rows = [{"Principal": name, "Actions": ["quicksight:QueryDashboard"]} for name in names]
    return {"Permissions": [], "LinkSharingConfiguration": {"Permissions": rows}}


@pytest.mark.parametrize(
    ("switch", "verdict"), [(True, "yes"), (False, "no"), (Denied, "conditional")]
)
def test_a_published_dashboard(tmp_path: Path, switch: Any, verdict: str) -> None:
    assert judge(tmp_path, linked(PUBLIC), switch) == {"internet": verdict}


def test_a_dashboard_for_ones_own_users(tmp_path: Path) -> None:
    assert judge(tmp_path, linked(USER.format(REGION, ACCOUNT))) == {"internet": "no"}


def test_a_dashboard_for_users_of_another_account(tmp_path: Path) -> None:
    found = judge(tmp_path, linked(USER.format(REGION, "999988887777")))
    assert found == {"internet": "no", "account:999988887777": "yes"}


def test_permissions_that_were_not_read(tmp_path: Path) -> None:
    assert judge(tmp_path, Denied) == {"internet": "unknown"}


def test_a_public_repository(tmp_path: Path) -> None:
    arn = f"arn:aws:ecr-public::{ACCOUNT}:repository/web"
    lines = {(ACCOUNT, "global", "ecr-public:repository"): [line(arn, {"registryId": ACCOUNT})]}
    snapshot = write_snapshot(tmp_path, lines)
    (one,) = public_repository_judgements(snapshot)
    assert (one.source, one.target, one.answer.verdict) == ("internet", arn, "yes")
