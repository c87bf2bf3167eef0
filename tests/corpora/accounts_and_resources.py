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
    "aws_s3_object": ("s3", "list_objects_v2"),
}
"""Resources whose call nobody declares yet."""

TOO_LITTLE = {
    "aws_cloudformation_stack_set_instance": "the file names neither stack set nor account",
    "aws_ecs_service": "the file names no cluster, unless there is one alone",
    "aws_ecs_task_definition": "the file names no service that uses it, unless there is one alone",
    "aws_iam_access_key": "the file gives no id",
    "aws_s3_bucket_server_side_encryption_configuration": "the file names no algorithm",
    "aws_s3_bucket_versioning": "the file gives no status",
    "aws_security_group": "the file gives no id, no VPC and no rules",
}
"""Resources of which a corpus file says too little for an answer of AWS."""

LISTED = {
    "aws_cloudformation_stack": (
        "cloudformation.describe_stacks",
        "Stacks",
        {"StackId": "arn", "StackName": "name", "RoleARN": "iam_role_arn"},
    ),
    "aws_cloudformation_stack_set": (
        "cloudformation.list_stack_sets",
        "Summaries",
        {"StackSetId": "name", "StackSetName": "name"},
    ),
    "aws_cloudwatch_log_group": (
        "logs.describe_log_groups",
        "logGroups",
        {"logGroupName": "name"},
    ),
    "aws_glue_dev_endpoint": (
        "glue.get_dev_endpoints",
        "DevEndpoints",
        {"EndpointName": "name", "RoleArn": "role_arn"},
    ),
    "aws_glue_job": ("glue.get_jobs", "Jobs", {"Name": "name", "Role": "role_arn"}),
    "aws_ssm_parameter": ("ssm.describe_parameters", "Parameters", {"Name": "name", "ARN": "arn"}),
}
"""Resources that one call lists: the call, its member, and whence the members of an element."""

DESCRIBED = {
    "aws_codebuild_project": (
        ("codebuild.list_projects", "projects", "name"),
        ("codebuild.batch_get_projects", "projects", True),
        {"name": "name", "arn": "arn", "serviceRole": "service_role"},
    ),
    "aws_dynamodb_table": (
        ("dynamodb.list_tables", "TableNames", "name"),
        ("dynamodb.describe_table", "Table", False),
        {"TableName": "name", "TableArn": "arn"},
    ),
    "aws_ecs_cluster": (
        ("ecs.list_clusters", "clusterArns", "arn"),
        ("ecs.describe_clusters", "clusters", True),
        {"clusterArn": "arn", "clusterName": "name"},
    ),
}
"""Resources that one call names and another describes: all together, or one by one."""

CONVERTED = frozenset(
    {
        *LISTED,
        *DESCRIBED,
        "aws_bedrockagentcore_code_interpreter",
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
        _interpreters(calls, account, rows)
        _listed(calls, account, rows)
        _described(calls, account, rows)
        _tasks(calls, account, rows)
        _stack_sets(calls, account, rows)
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


def _interpreters(calls: RecordedCalls, account: str, rows: Rows) -> None:
    """Code interpreters as AWS names them: an ARN ends in the name and ten characters of AWS's.

    https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_GetCodeInterpreter.html
    """
    found = rows.get("aws_bedrockagentcore_code_interpreter", ())
    listed = []
    for row in found:
        own_id = f"{row['name']}-0000000000"
        summary = {
            "codeInterpreterId": own_id,
            "codeInterpreterArn": (
                f"arn:aws:bedrock-agentcore:{REGION}:{account}:code-interpreter-custom/{own_id}"
            ),
            "name": row["name"],
            "status": "READY",
        }
        listed.append(summary)
        described = summary | {"executionRoleArn": row["execution_role_arn"]}
        call = "bedrock-agentcore-control.get_code_interpreter"
        calls.add(account, REGION, call, described, own_id)
    if listed:
        call = "bedrock-agentcore-control.list_code_interpreters"
        calls.add(account, REGION, call, {"codeInterpreterSummaries": listed})


def _tasks(calls: RecordedCalls, account: str, rows: Rows) -> None:
    """The task that a service keeps running, where there is one cluster, service and definition.

    The file says neither its id nor whether commands may be run in it: the one is made up, the
    other is left out.
    """
    kinds = ("aws_ecs_cluster", "aws_ecs_service", "aws_ecs_task_definition")
    if any(len(rows.get(kind, ())) != 1 for kind in kinds):
        return
    cluster, service, definition = (rows[kind][0] for kind in kinds)
    task = f"arn:aws:ecs:{REGION}:{account}:task/{cluster['name']}/{'0' * 32}"
    described = {
        "taskArn": task,
        "clusterArn": cluster["arn"],
        "taskDefinitionArn": definition["arn"],
        "group": f"service:{service['name']}",
        "lastStatus": "RUNNING",
    }
    held = {
        "taskDefinitionArn": definition["arn"],
        "taskRoleArn": definition["task_role_arn"],
        "executionRoleArn": definition["execution_role_arn"],
    }
    calls.add(account, REGION, "ecs.list_tasks", {"taskArns": [task]}, cluster["arn"])
    calls.add(account, REGION, "ecs.describe_tasks", {"tasks": [described]})
    call = "ecs.describe_task_definition"
    calls.add(account, REGION, call, {"taskDefinition": held}, definition["arn"])


def _stack_sets(calls: RecordedCalls, account: str, rows: Rows) -> None:
    members = {
        "StackSetId": "name",
        "StackSetName": "name",
        "AdministrationRoleARN": "administration_role_arn",
    }
    for row in rows.get("aws_cloudformation_stack_set", ()):
        answer = {"StackSet": _members(row, members)}
        calls.add(account, REGION, "cloudformation.describe_stack_set", answer, row["name"])


def _members(row: Mapping[str, Any], members: Mapping[str, str]) -> dict[str, Any]:
    return {member: row[source] for member, source in members.items() if row.get(source)}


def _listed(calls: RecordedCalls, account: str, rows: Rows) -> None:
    for kind, (call, member, members) in LISTED.items():
        found = [_members(row, members) for row in rows.get(kind, ())]
        if found:
            calls.add(account, REGION, call, {member: found})


def _described(calls: RecordedCalls, account: str, rows: Rows) -> None:
    for kind, ((lists, names, source), (describes, member, together), members) in DESCRIBED.items():
        found = rows.get(kind, ())
        if not found:
            continue
        calls.add(account, REGION, lists, {names: [row[source] for row in found]})
        each = [_members(row, members) for row in found]
        if together:
            calls.add(account, REGION, describes, {member: each})
        else:
            for row, one in zip(found, each, strict=True):
                calls.add(account, REGION, describes, {member: one}, row[source])


def explained(types: Sequence[str] | set[str]) -> set[str]:
    """Of the types that were left out, those for which nobody says why."""
    return set(types) - NO_DECLARATION.keys() - TOO_LITTLE.keys()
