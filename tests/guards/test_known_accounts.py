"""The packaged list of known accounts, and the script that makes it."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from graph.guards.data import data
from graph.guards.known_accounts import known_accounts, with_owner
from graph.records import Node

ROOT = Path(__file__).parents[2]
FILE = ROOT / "graph" / "guards" / "known-accounts.json"


@pytest.fixture
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "update_known_accounts", ROOT / "scripts" / "update_known_accounts.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_row_says_who_since_when_and_by_what() -> None:
    origins = data("known-accounts.json")["origins"]
    assert set(origins) == {"known_aws_accounts", "cloudmapper", "aws"}
    assert all(origins[key]["licence"] for key in origins)
    for account, row in known_accounts().items():
        assert re.fullmatch(r"[0-9]{12}", account)
        assert row.name
        assert row.kind in ("vendor", "aws-service")
        assert row.source
        assert re.fullmatch(r"20[0-9]{2}-[0-9]{2}(-[0-9]{2})?", row.date)
        assert row.origin in origins


def test_the_list_holds_the_public_one_and_what_aws_adds() -> None:
    found = known_accounts()
    assert sum(row.origin != "aws" for row in found.values()) == 499
    assert found["464622532012"].name == "Datadog"
    assert (found["127311923021"].kind, found["098369216593"].kind) == ("aws-service",) * 2
    added = json.loads((ROOT / "scripts" / "aws_service_accounts.json").read_text("utf-8"))
    for service in added["services"]:
        assert set(service["accounts"].values()) <= found.keys()


def test_the_file_is_what_the_script_writes(maker: ModuleType) -> None:
    """Made again from its own rows it is the same text: sorted, one line an account."""
    rows = data("known-accounts.json")["accounts"]
    listed = [row for row in rows if row["origin"] != "aws"]
    added = json.loads(maker.ADDED.read_text("utf-8"))["services"]
    text = maker.document(reversed(listed), maker.rows_of_aws(added))
    assert text == FILE.read_text("utf-8")


def owner(**more: Any) -> dict[str, Any]:
    return {
        "name": "Acme",
        "type": None,
        "accounts": ["111122223333"],
        "source": ["https://a"],
    } | more


def test_a_row_is_made_of_an_owner(maker: ModuleType) -> None:
    (row,) = maker.rows_of_list([owner()])
    assert (row["kind"], row["source"], row["origin"]) == (
        "vendor",
        "https://a",
        "known_aws_accounts",
    )
    (row,) = maker.rows_of_list([owner(type="aws", via="cloudmapper", source=[])])
    assert (row["kind"], row["origin"]) == ("aws-service", "cloudmapper")
    assert row["source"].startswith("https://github.com/duo-labs")


@pytest.mark.parametrize("account", ["11112222333", "1111 2222 3333", "arn:aws:iam::1"])
def test_what_is_no_account_stops_the_script(maker: ModuleType, account: str) -> None:
    with pytest.raises(ValueError, match="no account id"):
        list(maker.rows_of_list([owner(accounts=[account])]))


def test_an_outside_accounts_node_gets_its_owner() -> None:
    def node(account: str, label: str = "ExternalAccount") -> Node:
        return Node(f"account:{account}", (label, "Source"), {"account_id": account})

    named = with_owner(node("464622532012")).props
    assert (named["vendor"], named["vendor_kind"]) == ("Datadog", "vendor")
    for other in (node("999988887777"), node("464622532012", "AWSAccount")):
        assert with_owner(other) == other
