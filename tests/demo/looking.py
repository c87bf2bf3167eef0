"""Read what a demo world shows of itself, through boto3 and the builder's own clients."""

from __future__ import annotations

from typing import Any

from mapper.demo import World
from mapper.demo.world import Touch

# service -> operations whose whole answer says what stands there
_LISTS: dict[str, tuple[str, ...]] = {
    "ec2": (
        "describe_vpcs",
        "describe_subnets",
        "describe_instances",
        "describe_network_interfaces",
        "describe_addresses",
        "describe_security_groups",
        "describe_route_tables",
        "describe_network_acls",
        "describe_internet_gateways",
        "describe_vpc_peering_connections",
        "get_snapshot_block_public_access_state",
    ),
    "elb": ("describe_load_balancers",),
    "elbv2": ("describe_load_balancers", "describe_target_groups"),
    "iam": ("get_account_authorization_details",),
    "rds": ("describe_db_instances", "describe_db_snapshots", "describe_db_cluster_snapshots"),
    "kms": ("list_keys",),
    "sns": ("list_topics",),
    "secretsmanager": ("list_secrets",),
    "ecr": ("describe_repositories",),
    "lambda": ("list_functions",),
    "organizations": ("list_accounts",),
}


def look(world: World, touch: Touch) -> dict[str, Any]:
    """Everything that the touched place shows: lists, and the policies that hang on them."""
    region = "us-east-1" if touch.region == "global" else touch.region
    seen: dict[str, Any] = {}
    for service in touch.services:
        client = world.clients(touch.account_id, service, region)
        for operation in _LISTS.get(service, ()):
            seen[f"{service}.{operation}"] = _plain(getattr(client, operation)())
        more = _FOLLOW_UPS.get(service)
        if more is not None:
            seen[f"{service}.follow-ups"] = more(client, touch.account_id)
    return seen


def look_at_world(world: World) -> dict[str, Any]:
    """What the used regions of every account show of network, identity and names."""
    seen: dict[str, Any] = {}
    for account in world.accounts:
        for region in world.regions_used:
            for service in ("ec2", "elbv2", "kms", "secretsmanager", "rds"):
                place = Touch(account, region, (service,))
                seen[f"{account}/{region}/{service}"] = look(world, place)
        for service in ("iam", "s3"):
            seen[f"{account}/{service}"] = look(world, Touch(account, "global", (service,)))
    return seen


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _try(call: Any, **arguments: Any) -> Any:
    from botocore.exceptions import ClientError

    try:
        return _plain(call(**arguments))
    except ClientError as error:
        return error.response["Error"]["Code"]


def _of_images(ec2: Any, _: str) -> Any:
    images = ec2.describe_images(Owners=["self"])["Images"]
    snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    return [
        *(
            _try(
                ec2.describe_image_attribute,
                ImageId=image["ImageId"],
                Attribute="launchPermission",
            )
            for image in images
        ),
        *(
            _try(
                ec2.describe_snapshot_attribute,
                SnapshotId=snapshot["SnapshotId"],
                Attribute="createVolumePermission",
            )
            for snapshot in snapshots
        ),
    ]


def _of_buckets(s3: Any, _: str) -> Any:
    return {
        bucket["Name"]: [
            _try(s3.get_bucket_policy, Bucket=bucket["Name"]),
            _try(s3.get_bucket_acl, Bucket=bucket["Name"]),
            _try(s3.get_public_access_block, Bucket=bucket["Name"]),
            _try(s3.get_bucket_ownership_controls, Bucket=bucket["Name"]),
            _try(s3.get_bucket_replication, Bucket=bucket["Name"]),
        ]
        for bucket in s3.list_buckets()["Buckets"]
    }


def _of_queues(sqs: Any, _: str) -> Any:
    urls = sqs.list_queues().get("QueueUrls", [])
    return [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]) for url in urls]


def _of_functions(client: Any, _: str) -> Any:
    names = [one["FunctionName"] for one in client.list_functions()["Functions"]]
    return {
        name: [
            _try(client.get_policy, FunctionName=name),
            _try(client.list_function_url_configs, FunctionName=name),
        ]
        for name in names
    }


def _of_snapshots(rds: Any, _: str) -> Any:
    return [
        *(
            _try(
                rds.describe_db_snapshot_attributes,
                DBSnapshotIdentifier=one["DBSnapshotIdentifier"],
            )
            for one in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        ),
        *(
            _try(
                rds.describe_db_cluster_snapshot_attributes,
                DBClusterSnapshotIdentifier=one["DBClusterSnapshotIdentifier"],
            )
            for one in rds.describe_db_cluster_snapshots(SnapshotType="manual")[
                "DBClusterSnapshots"
            ]
        ),
    ]


def _of_keys(kms: Any, _: str) -> Any:
    return [
        kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
        for key in kms.list_keys()["Keys"]
    ]


def _of_topics(sns: Any, _: str) -> Any:
    arns = [one["TopicArn"] for one in sns.list_topics()["Topics"]]
    return [sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] for arn in arns]


def _of_secrets(client: Any, _: str) -> Any:
    arns = [one["ARN"] for one in client.list_secrets()["SecretList"]]
    return [_try(client.get_resource_policy, SecretId=arn) for arn in arns]


def _of_repositories(ecr: Any, _: str) -> Any:
    names = [one["repositoryName"] for one in ecr.describe_repositories()["repositories"]]
    return [_try(ecr.get_repository_policy, repositoryName=name) for name in names]


def _of_shares(ram: Any, _: str) -> Any:
    shares = ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]
    return [
        ram.get_resource_share_associations(
            associationType="PRINCIPAL", resourceShareArns=[one["resourceShareArn"]]
        )["resourceShareAssociations"]
        for one in shares
    ]


def _of_account(s3control: Any, account: str) -> Any:
    return _try(s3control.get_public_access_block, AccountId=account)


def _of_policies(organizations: Any, _: str) -> Any:
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return {
        one["Name"]: organizations.list_targets_for_policy(PolicyId=one["Id"])["Targets"]
        for one in policies
    }


_FOLLOW_UPS: dict[str, Any] = {
    "ec2": _of_images,
    "s3": _of_buckets,
    "s3control": _of_account,
    "sqs": _of_queues,
    "sns": _of_topics,
    "kms": _of_keys,
    "lambda": _of_functions,
    "rds": _of_snapshots,
    "secretsmanager": _of_secrets,
    "ecr": _of_repositories,
    "ram": _of_shares,
    "organizations": _of_policies,
}
