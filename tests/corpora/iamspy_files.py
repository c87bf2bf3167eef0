"""The account files of the corpus ``iamspy`` -> recorded calls.

A question names account details, trees of organisation policies, and lists of resources with their
policies; the questions' answers are no part of what this module is given.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.corpora import account_details
from tests.corpora.recorded_calls import RecordedCalls

SCP = "SERVICE_CONTROL_POLICY"


def convert(
    details: Sequence[Mapping[str, Any]],
    trees: Sequence[Mapping[str, Any]],
    resources: Sequence[Sequence[Mapping[str, Any]]],
    root: Path,
) -> None:
    """Write the recorded calls of the files of one question."""
    for one in details:
        account_details.convert(one, root)
    for tree in trees:
        _organisation(RecordedCalls(root), tree)
    rows = [row for file in resources for row in file]
    if rows:
        _resources(RecordedCalls(root), rows)


def _organisation(calls: RecordedCalls, tree: Mapping[str, Any]) -> None:
    """The tree as its management account answers about it."""
    _, _, _, _, management, path = tree["Arn"].split(":")
    organisation = path.split("/")[1]
    described = {
        "Id": organisation,
        "Arn": f"arn:aws:organizations::{management}:organization/{organisation}",
        "MasterAccountId": management,
        "FeatureSet": "ALL",
    }
    nodes = list(_nodes(tree))
    accounts = [one for one in nodes if one.get("Type") == "Account"]

    def add(operation: str, answer: Mapping[str, Any], subject: str = "") -> None:
        calls.add(management, "global", f"organizations.{operation}", answer, subject)

    for account in {management, *(one["Id"] for one in accounts)}:
        call = "organizations.describe_organization"
        calls.add(account, "global", call, {"Organization": described})
    add("list_roots", {"Roots": [_own(tree)]})
    add("list_accounts", {"Accounts": [_own(one) for one in accounts]})
    for node in nodes:
        children = node.get("Children", ())
        for child in children:
            kind = {"Account": "ACCOUNT"}.get(child.get("Type"), "ORGANIZATIONAL_UNIT")
            if kind == "ACCOUNT":
                parent = {"Id": node["Id"], "Type": "ROOT" if node is tree else kind}
                add("list_parents", {"Parents": [parent]}, child["Id"])
        if node.get("Type") != "Account":
            inside = [_own(one) for one in children if one.get("Type") == "Account"]
            units = [_own(one) for one in children if one.get("Type") != "Account"]
            add("list_accounts_for_parent", {"Accounts": inside}, node["Id"])
            add("list_organizational_units_for_parent", {"OrganizationalUnits": units}, node["Id"])
    _policies(add, nodes)


def _policies(add: Any, nodes: Sequence[Mapping[str, Any]]) -> None:
    held: dict[str, Mapping[str, Any]] = {}
    targets: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for node in nodes:
        for policy in node.get("Policies", ()):
            held[policy["Id"]] = policy
            targets[policy["Id"]].append({"TargetId": node["Id"], "Arn": node["Arn"]})
    summaries = [_own(policy, "Content") for policy in held.values()]
    add("list_policies", {"Policies": summaries}, SCP)
    for kind in ("RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2"):
        add("list_policies", {"Policies": []}, kind)
    for policy in held.values():
        described = {
            "PolicySummary": _own(policy, "Content"),
            "Content": json.dumps(policy["Content"]),
        }
        add("describe_policy", {"Policy": described}, policy["Id"])
        add("list_targets_for_policy", {"Targets": targets[policy["Id"]]}, policy["Id"])


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Children", ()):
        yield from _nodes(child)


def _own(node: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """A row of the tree without what hangs on it."""
    hanging = {"Children", "Policies", "Email", "JoinedTimestamp", *without}
    if "Content" not in without:
        hanging.add("Type")
    return {name: value for name, value in node.items() if name not in hanging}


def _resources(calls: RecordedCalls, rows: Sequence[Mapping[str, Any]]) -> None:
    buckets: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    functions: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        parts = row["Resource"].split(":")
        if parts[2] == "s3":
            buckets[row["Account"]][parts[5]] = row["Policy"]
        elif parts[2] == "lambda":
            functions[row["Account"], parts[3]].append(row)
        else:
            raise ValueError(f"no recorded call for {row['Resource']}")
    for account, policies in buckets.items():
        calls.buckets(account, policies)
    for (account, region), found in functions.items():
        names = {row["Resource"].split(":")[6]: row for row in found}
        listed = [
            {"FunctionName": name, "FunctionArn": row["Resource"]} for name, row in names.items()
        ]
        policies = {name: row["Policy"] for name, row in names.items()}
        calls.functions(account, region, listed, policies)
