"""Workloads and data as their APIs describe them."""

from __future__ import annotations

import json
from typing import Any

from tests.scenarios.worlds import DAY, REGION, Account, Json, doc


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def instance(
    account: Account, name: str, role: str = "", *, ping: str = "Online", **more: Any
) -> str:
    """A running machine with the profile of a role; ``ping=""``: no SSM agent."""
    item: Json = {
        "InstanceId": name,
        "InstanceType": "t3.small",
        "LaunchTime": DAY,
        "State": {"Code": 16, "Name": more.get("state", "running")},
        "SubnetId": "subnet-0a1b2c3d",
        "VpcId": "vpc-0a1b2c3d",
        "PrivateIpAddress": "10.0.0.10",
        "Tags": [{"Key": k, "Value": v} for k, v in more.get("tags", {}).items()],
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "required",
            "HttpEndpoint": "enabled",
            "HttpPutResponseHopLimit": 2,
        },
    }
    if role:
        profile = account.iam("instance-profile", _name(role))
        item["IamInstanceProfile"] = {"Arn": profile, "Id": f"AIPA{_name(role)}"}
    reservation = {"OwnerId": account.number, "Instances": [item]}
    account.listed("ec2.describe_instances", "Reservations", reservation)
    empty = {"InstanceId": name, "UserData": {}}
    account.answer("ec2.describe_instance_attribute", empty, name)
    if ping:
        told = {
            "InstanceId": name,
            "PingStatus": ping,
            "PlatformType": "Linux",
            "ResourceType": "EC2Instance",
            "AgentVersion": "3.3.0",
        }
        account.listed("ssm.describe_instance_information", "InstanceInformationList", told)
    return account.arn("ec2", f"instance/{name}")


def function(
    account: Account, name: str, role: str, *policy: Json, url: str = "", **more: Any
) -> str:
    """A function; ``url`` is the authentication type of its URL."""
    arn = account.arn("lambda", f"function:{name}")
    item = {
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": "python3.12",
        "Role": role,
        "Handler": "main.handler",
        "PackageType": "Zip",
        "Version": "$LATEST",
        "State": "Active",
        **more,
    }
    account.listed("lambda.list_functions", "Functions", item)
    if policy:
        account.answer("lambda.get_policy", {"Policy": json.dumps(doc(*policy))}, name)
    else:
        account.absent("lambda.get_policy", "ResourceNotFoundException", name)
    urls = []
    if url:
        at = f"https://{name}.lambda-url.{REGION}.on.aws/"
        urls = [{"FunctionUrl": at, "FunctionArn": arn, "AuthType": url, "CreationTime": DAY}]
    account.answer("lambda.list_function_url_configs", {"FunctionUrlConfigs": urls}, name)
    account.answer("lambda.list_aliases", {"Aliases": []}, name)
    return arn


def bucket(account: Account, name: str, *policy: Json, **more: Any) -> str:
    """A bucket with all of Block Public Access on, SSE-S3 and without ACLs."""
    account.listed("s3.list_buckets", "Buckets", {"Name": name, "CreationDate": DAY})

    def tell(call: str, value: Json) -> None:
        account.answer(f"s3.{call}", value, name, "global")

    tell("get_bucket_location", {"LocationConstraint": REGION})
    if policy:
        tell("get_bucket_policy", {"Policy": json.dumps(doc(*policy))})
        tell("get_bucket_policy_status", {"PolicyStatus": {"IsPublic": more.get("public", False)}})
    else:
        account.absent("s3.get_bucket_policy", "NoSuchBucketPolicy", name, "global")
        account.absent("s3.get_bucket_policy_status", "NoSuchBucketPolicy", name, "global")
    closed = more.get("blocked", True)
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    held = dict.fromkeys(blocks, closed)
    tell("get_public_access_block", {"PublicAccessBlockConfiguration": held})
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    tell("get_bucket_ownership_controls", {"OwnershipControls": owned})
    owner = {"ID": f"{int(account.number):064x}"}
    full = {"Grantee": {**owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    tell("get_bucket_acl", {"Owner": owner, "Grants": [full]})
    by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    tell("get_bucket_encryption", {"ServerSideEncryptionConfiguration": {"Rules": [by]}})
    if tags := more.get("tags"):
        tell("get_bucket_tagging", {"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})
    else:
        account.absent("s3.get_bucket_tagging", "NoSuchTagSet", name, "global")
    return f"arn:aws:s3:::{name}"


def secret(account: Account, name: str, *policy: Json, key: str = "", **more: Any) -> str:
    """A secret; without a key under ``aws/secretsmanager``."""
    arn = account.arn("secretsmanager", f"secret:{name}-AbCdEf")
    tags = [{"Key": k, "Value": v} for k, v in more.get("tags", {}).items()]
    item = {"ARN": arn, "Name": name, "Tags": tags} | ({"KmsKeyId": key} if key else {})
    account.listed("secretsmanager.list_secrets", "SecretList", item)
    told = {"ARN": arn, "Name": name}
    if policy:
        told["ResourcePolicy"] = json.dumps(doc(*policy))
    account.answer("secretsmanager.get_resource_policy", told, arn)
    account.answer("secretsmanager.list_resource_policies", {"ResourcePolicies": []}, arn)
    return arn


def key(account: Account, number: int, *policy: Json, grants: Any = ()) -> str:
    """A symmetric customer managed key, enabled."""
    name = f"0a1b2c3d-0000-4000-8000-{number:012}"
    arn = account.arn("kms", f"key/{name}")
    account.listed("kms.list_keys", "Keys", {"KeyId": name, "KeyArn": arn})
    told = {
        "AWSAccountId": account.number,
        "KeyId": name,
        "Arn": arn,
        "Enabled": True,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
    }
    account.answer("kms.describe_key", {"KeyMetadata": told}, arn)
    account.answer("kms.get_key_policy", {"Policy": json.dumps(doc(*policy))}, arn)
    account.answer("kms.list_grants", {"Grants": list(grants)}, arn)
    account.answer("kms.get_key_rotation_status", {"KeyRotationEnabled": False}, arn)
    return arn


def project(account: Account, name: str, role: str) -> str:
    """A CodeBuild project."""
    arn = account.arn("codebuild", f"project/{name}")
    account.listed("codebuild.list_projects", "projects", name)
    told = {
        "name": name,
        "arn": arn,
        "serviceRole": role,
        "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [],
        },
    }
    account.answer("codebuild.batch_get_projects", {"projects": [told]}, arn)
    account.absent("codebuild.get_resource_policy", "ResourceNotFoundException", arn)
    return arn


def stack(account: Account, name: str, role: str = "") -> str:
    """A CloudFormation stack, with a service role or without."""
    arn = account.arn("cloudformation", f"stack/{name}/0a1b2c3d-0000-4000-8000-000000000001")
    item = {
        "StackId": arn,
        "StackName": name,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": DAY,
    } | ({"RoleARN": role} if role else {})
    account.listed("cloudformation.describe_stacks", "Stacks", item)
    account.answer("cloudformation.list_stack_resources", {"StackResourceSummaries": []}, arn)
    account.answer("cloudformation.get_template", {"TemplateBody": {"Resources": {}}}, arn)
    return arn


def dev_endpoint(account: Account, name: str, role: str) -> str:
    """A Glue development endpoint."""
    item = {"EndpointName": name, "RoleArn": role, "Status": "READY", "PublicAddress": "ec2-x"}
    account.listed("glue.get_dev_endpoints", "DevEndpoints", item)
    return account.arn("glue", f"devEndpoint/{name}")


def notebook(account: Account, name: str, role: str, status: str = "InService") -> str:
    """A SageMaker notebook instance."""
    arn = account.arn("sagemaker", f"notebook-instance/{name}")
    item = {
        "NotebookInstanceName": name,
        "NotebookInstanceArn": arn,
        "NotebookInstanceStatus": status,
    }
    account.listed("sagemaker.list_notebook_instances", "NotebookInstances", item)
    told = {**item, "RoleArn": role, "DirectInternetAccess": "Enabled", "RootAccess": "Enabled"}
    account.answer("sagemaker.describe_notebook_instance", told, arn)
    return arn


def task(account: Account, name: str, role: str, *, shell: bool) -> str:
    """A running task of a service in a cluster of its own, with or without ECS Exec."""
    cluster = account.arn("ecs", f"cluster/{name}")
    service = account.arn("ecs", f"service/{name}/{name}")
    definition = account.arn("ecs", f"task-definition/{name}:1")
    arn = account.arn("ecs", f"task/{name}/0123456789abcdef0123456789abcdef")
    account.listed("ecs.list_clusters", "clusterArns", cluster)
    told = {"clusterArn": cluster, "clusterName": name, "status": "ACTIVE"}
    account.answer("ecs.describe_clusters", {"clusters": [told]}, cluster)
    for call, member, one in (
        ("services", "serviceArns", service),
        ("tasks", "taskArns", arn),
        ("container_instances", "containerInstanceArns", ""),
    ):
        account.answer(f"ecs.list_{call}", {member: [one] if one else []}, cluster)
    held: Json = {"serviceArn": service, "serviceName": name, "clusterArn": cluster}
    held |= {"status": "ACTIVE", "taskDefinition": definition, "enableExecuteCommand": shell}
    held |= {"launchType": "FARGATE", "desiredCount": 1, "runningCount": 1}
    account.answer("ecs.describe_services", {"services": [held]}, service)
    runs: Json = {"taskArn": arn, "clusterArn": cluster, "taskDefinitionArn": definition}
    runs |= {"lastStatus": "RUNNING", "desiredStatus": "RUNNING", "launchType": "FARGATE"}
    runs |= {"enableExecuteCommand": shell, "overrides": {}, "group": f"service:{name}"}
    runs |= {"containers": [{"name": "app", "lastStatus": "RUNNING"}]}
    account.answer("ecs.describe_tasks", {"tasks": [runs]}, arn)
    defined = {
        "taskDefinitionArn": definition,
        "family": name,
        "revision": 1,
        "status": "ACTIVE",
        "taskRoleArn": role,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": "app:1", "essential": True}],
    }
    account.answer("ecs.describe_task_definition", {"taskDefinition": defined}, definition)
    return arn


def state_machine(account: Account, name: str, role: str) -> str:
    """A Step Functions state machine."""
    arn = account.arn("states", f"stateMachine:{name}")
    item = {"stateMachineArn": arn, "name": name, "type": "STANDARD", "creationDate": DAY}
    account.listed("stepfunctions.list_state_machines", "stateMachines", item)
    body = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
    told = {**item, "status": "ACTIVE", "definition": json.dumps(body), "roleArn": role}
    account.answer("stepfunctions.describe_state_machine", told, arn)
    return arn


def code_interpreter(account: Account, name: str, role: str = "") -> str:
    """A custom code interpreter of Bedrock AgentCore."""
    number = f"{name}-0a1b2c3d4e"
    arn = account.arn("bedrock-agentcore", f"code-interpreter-custom/{number}")
    item = {"codeInterpreterId": number, "codeInterpreterArn": arn, "name": name, "status": "READY"}
    call = "bedrock-agentcore-control.list_code_interpreters"
    account.listed(call, "codeInterpreterSummaries", item)
    told: Json = {**item, "networkConfiguration": {"networkMode": "PUBLIC"}}
    if role:
        told["executionRoleArn"] = role
    account.answer("bedrock-agentcore-control.get_code_interpreter", told, arn)
    return arn


def job(account: Account, name: str, role: str) -> str:
    """A Glue job."""
    item = {"Name": name, "Role": role, "Command": {"Name": "glueetl", "ScriptLocation": ""}}
    account.listed("glue.get_jobs", "Jobs", item)
    return account.arn("glue", f"job/{name}")


def table(account: Account, name: str) -> str:
    """A DynamoDB table without a policy of its own."""
    arn = account.arn("dynamodb", f"table/{name}")
    account.listed("dynamodb.list_tables", "TableNames", name)
    told = {"TableName": name, "TableArn": arn, "TableStatus": "ACTIVE"}
    account.answer("dynamodb.describe_table", {"Table": told}, arn)
    off = {"ContinuousBackupsStatus": "DISABLED"}
    backups = {"ContinuousBackupsDescription": off}
    account.answer("dynamodb.describe_continuous_backups", backups, arn)
    account.absent("dynamodb.get_resource_policy", "PolicyNotFoundException", arn)
    return arn
