"""Policies of a whole account are nodes of their own where there are any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.snapshot import Snapshot
from graph.iam.policies_from_snapshot import carried
from graph.iam.policy_places import places_of
from graph.inventory import inventory
from tests.schema.aws_lines import ABSENT, PROD, WEST, line, ok, write

POLICY = '{"Statement": []}'
HERE = f"arn:aws:{{}}:{WEST}:{PROD}:{{}}"
CASES: list[tuple[str, str, Any, str, str]] = [
    (
        "glue:catalog",
        "get_resource_policy",
        {"PolicyInJson": POLICY},
        HERE.format("glue", "catalog"),
        "GlueDataCatalog",
    ),
    (
        "glue:catalog",
        "get_resource_policies",
        [{"PolicyInJson": POLICY, "PolicyHash": "h"}],
        HERE.format("glue", "catalog"),
        "GlueDataCatalog",
    ),
    (
        "ecr:registry",
        "get_registry_policy",
        {"policyText": POLICY},
        HERE.format("ecr", "registry"),
        "ECRRegistry",
    ),
    (
        "logs:account-settings",
        "describe_resource_policies",
        [{"policyName": "dns", "policyDocument": POLICY}],
        HERE.format("logs", "resource-policies"),
        "LogsResourcePolicies",
    ),
    (
        "xray:policy",
        "list_resource_policies",
        [{"PolicyName": "traces", "PolicyDocument": POLICY}],
        HERE.format("xray", "resource-policies"),
        "XRayResourcePolicies",
    ),
]


@pytest.mark.parametrize(
    ("kind", "call", "value", "arn", "label"), CASES, ids=[case[1] for case in CASES]
)
def test_a_policy_of_the_account_is_a_node_and_its_absence_none(
    tmp_path: Path, kind: str, call: str, value: Any, arn: str, label: str
) -> None:
    def nodes(name: str, answer: Any) -> list[tuple[str, tuple[str, ...], Any]]:
        written = {(PROD, WEST, kind): [line(f"{PROD}/{WEST}", **{call: answer})]}
        result = inventory(write(tmp_path / name, written))
        assert not result.problems
        found = (node for node in result.nodes if node.id.startswith("arn:"))
        return [(node.id, node.labels, node.props["account_id"]) for node in found]

    assert nodes("there", ok(value)) == [(arn, (label,), PROD)]
    assert nodes("absent", ABSENT) == []


@pytest.mark.parametrize("region", [WEST, "cn-north-1", "us-gov-west-1"])
def test_the_node_is_what_the_policy_engine_judges(tmp_path: Path, region: str) -> None:
    """Both build the ARN of the line's region: they have to agree on the partition."""
    for kind, call, value, _, _ in CASES:
        name = f"{kind}-{call}".replace(":", "-")
        written = {(PROD, region, kind): [line(f"{PROD}/{region}", **{call: ok(value)})]}
        snapshot: Snapshot = write(tmp_path / name, written)
        found = {node.id for node in inventory(snapshot).nodes}
        (place,) = [one for one in places_of(kind) if one.operation == call]
        judged = {one.arn for item in snapshot.items(kind) for one in carried(place, item)}
        assert judged
        assert judged <= found
