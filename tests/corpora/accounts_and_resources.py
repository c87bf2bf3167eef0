"""Corpus files of accounts and Terraform resources -> recorded calls.

``iam-vulnerable`` and ``pathfinding-labs``: ``{"accounts": {id: account details}, "resources":
[{"type": "aws_...", "account", "arn", ...}]}``. Labels are no part of what this module is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.corpora.files import DATA
from tests.corpora.recorded_calls import RecordedCalls

REGION = "us-east-1"
"""The region of every regional ARN of these files."""

NO_DECLARATION = {
    "aws_bedrockagentcore_code_interpreter": (
        "bedrock-agentcore-control",
        "list_code_interpreters",
    ),
    "aws_cloudformation_stack": ("cloudformation", "describe_stacks"),
    "aws_cloudformation_stack_set": ("cloudformation", "list_stack_sets"),
    "aws_cloudformation_stack_set_instance": ("cloudformation", "list_stack_instances"),
    "aws_cloudwatch_log_group": ("logs", "describe_log_groups"),
    "aws_codebuild_project": ("codebuild", "batch_get_projects"),
    "aws_dynamodb_table": ("dynamodb", "describe_table"),
    "aws_ecs_cluster": ("ecs", "describe_clusters"),
    "aws_ecs_service": ("ecs", "describe_services"),
    "aws_ecs_task_definition": ("ecs", "describe_task_definition"),
    "aws_glue_dev_endpoint": ("glue", "get_dev_endpoints"),
    "aws_glue_job": ("glue", "get_jobs"),
    "aws_iam_access_key": ("iam", "list_access_keys"),
    "aws_s3_object": ("s3", "list_objects_v2"),
    "aws_ssm_parameter": ("ssm", "describe_parameters"),
}
"""Resources whose call nobody declares yet."""

TOO_LITTLE = {
    "aws_s3_bucket_server_side_encryption_configuration": "the file names no algorithm",
    "aws_s3_bucket_versioning": "the file gives no status",
    "aws_security_group": "the file gives no id, no VPC and no rules",
}
"""Resources of which a corpus file says too little for an answer of AWS."""

CONVERTED = frozenset(
    {
        "aws_instance",
        "aws_lambda_function",
        "aws_s3_bucket",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
    }
)

Rows = dict[str, list[Mapping[str, Any]]]
"""Resources of one account by their Terraform type."""


def convert(data: Mapping[str, Any], root: Path) -> set[str]:
    """Write the recorded calls of a corpus file; the resource types that were left out.

    Raises:
        ValueError: the data hold more than accounts and resources, so maybe labels.
    """
    if set(data) - set(DATA):
        raise ValueError(f"a converter is given {DATA} only")
    calls = RecordedCalls(root)
    for account, details in data["accounts"].items():
        calls.account_details(account, details)
    by_account: defaultdict[str, Rows] = defaultdict(dict)
    for row in data.get("resources", ()):
        by_account[row["account"]].setdefault(row["type"], []).append(row)
    for account, rows in by_account.items():
        _buckets(calls, account, rows)
        _functions(calls, account, rows)
        _instances(calls, account, rows)
    types = {row["type"] for row in data.get("resources", ())}
    return types - CONVERTED


def _buckets(calls: RecordedCalls, account: str, rows: Rows) -> None:
    if "aws_s3_bucket" not in rows:
        return
    policies = {row["bucket"]: row["policy"] for row in rows.get("aws_s3_bucket_policy", ())}
    buckets = [row["bucket"] for row in rows["aws_s3_bucket"]]
    calls.buckets(account, {name: policies.get(name) for name in buckets})
    for row in rows.get("aws_s3_bucket_public_access_block", ()):
        block = {
            "BlockPublicAcls": row["block_public_acls"],
            "IgnorePublicAcls": row["ignore_public_acls"],
            "BlockPublicPolicy": row["block_public_policy"],
            "RestrictPublicBuckets": row["restrict_public_buckets"],
        }
        answer = {"PublicAccessBlockConfiguration": block}
        calls.add(account, "global", "s3.get_public_access_block", answer, row["bucket"])


def _functions(calls: RecordedCalls, account: str, rows: Rows) -> None:
    if "aws_lambda_function" in rows:
        functions = [
            {
                "FunctionName": row["function_name"],
                "FunctionArn": row["arn"],
                "Role": row["role"],
            }
            for row in rows["aws_lambda_function"]
        ]
        calls.functions(account, REGION, functions, {})


def _instances(calls: RecordedCalls, account: str, rows: Rows) -> None:
    if "aws_instance" not in rows:
        return
    instances = [_instance(account, row) for row in rows["aws_instance"]]
    answer = {"Reservations": [{"OwnerId": account, "Instances": instances}]}
    calls.add(account, REGION, "ec2.describe_instances", answer)
    for row in instances:
        attribute = {"InstanceId": row["InstanceId"], "UserData": {}}
        call = "ec2.describe_instance_attribute"
        calls.add(account, REGION, call, attribute, row["InstanceId"])


def _instance(account: str, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "InstanceId": row["arn"].rpartition("/")[2],
        "State": {"Code": 16, "Name": "running"},
    }
    if row.get("iam_instance_profile"):
        name = row["iam_instance_profile"]
        found["IamInstanceProfile"] = {"Arn": f"arn:aws:iam::{account}:instance-profile/{name}"}
    return found


def explained(types: Sequence[str] | set[str]) -> set[str]:
    """Of the types that were left out, those for which nobody says why."""
    return set(types) - NO_DECLARATION.keys() - TOO_LITTLE.keys()
