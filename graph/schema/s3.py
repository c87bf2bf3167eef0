"""S3 buckets, access points and the account's Block Public Access."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.iam.document import Document, parse
from graph.iam.s3_public import is_public
from graph.schema.account import of_account
from graph.schema.convert import present, text, texts, truth
from graph.schema.declare import Link, NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.links import bucket

_FLAGS = (
    ("block_public_acls", "BlockPublicAcls", "New public ACLs are refused."),
    ("ignore_public_acls", "IgnorePublicAcls", "Public ACLs have no effect."),
    ("block_public_policy", "BlockPublicPolicy", "New public policies are refused."),
    (
        "restrict_public_buckets",
        "RestrictPublicBuckets",
        "A public policy admits only AWS services and the owner's account.",
    ),
)


def _bucket_region(values: Sequence[Any]) -> str | None:
    """The location constraint; ``EU`` is the old name of eu-west-1.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    """
    found = text(values)
    return "eu-west-1" if found == "EU" else found


def _public_by_rule(values: Sequence[Any]) -> bool | None:
    """AWS's published rule, to compare with S3's own word; ``None`` for a broken policy.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    documents = [parse(value) for value in values if isinstance(value, str | dict)]
    if not documents or not all(isinstance(one, Document) for one in documents):
        return None
    return any(is_public(one) for one in documents if isinstance(one, Document))


def block_public_access(
    prefix: str, path: str, absent: bool | None = False
) -> tuple[Property, ...]:
    """The four flags; no configuration means that all are off."""
    return tuple(
        Property(prefix + name, f"{path}/{member}", description, truth, absent=absent)
        for name, member, description in _FLAGS
    )


_ENCRYPTION = (
    "@get_bucket_encryption/ServerSideEncryptionConfiguration/Rules/*"
    "/ApplyServerSideEncryptionByDefault"
)
_REPLICATION = "@get_bucket_replication/ReplicationConfiguration"
_NOTIFICATION = "@get_bucket_notification_configuration"
_CONFIGURATION = "@get_public_access_block/PublicAccessBlockConfiguration"

DECLARATIONS = (
    Setting(
        snapshot_type="s3:account-bpa",
        label="AWSAccount",
        describes=of_account,
        description="S3 Block Public Access of the whole account.",
        properties=block_public_access("s3_", _CONFIGURATION),
    ),
    NodeType(
        snapshot_type="s3:bucket",
        label="S3Bucket",
        resource_type="AWS::S3::Bucket",
        category="data",
        description="A general purpose bucket.",
        arn="arn:{partition}:s3:::{id}",
        name="Name",
        resource_id="Name",
        tags="@get_bucket_tagging/TagSet",
        region=Property(
            "region",
            "BucketRegion|@get_bucket_location/LocationConstraint",
            "Its region; none in the answer means us-east-1.",
            _bucket_region,
            absent="us-east-1",
        ),
        properties=(
            Property("creation_date", "CreationDate", "When it was made (ISO 8601)."),
            *block_public_access("", _CONFIGURATION),
            Property(
                "object_ownership",
                "@get_bucket_ownership_controls/OwnershipControls/Rules/*/ObjectOwnership",
                "BucketOwnerEnforced: ACLs are off. None: ACLs count (ObjectWriter).",
            ),
            Property(
                "has_policy",
                "@get_bucket_policy/Policy",
                "Whether it has a bucket policy.",
                present,
                absent=False,
            ),
            Property(
                "policy_is_public",
                "@get_bucket_policy_status/PolicyStatus/IsPublic",
                "Whether AWS calls the policy public, before Block Public Access.",
                truth,
                absent=False,
            ),
            Property(
                "policy_public_by_rule",
                "@get_bucket_policy/Policy",
                "Whether AWS's published rule calls the policy public, before Block Public Access.",
                _public_by_rule,
                absent=False,
            ),
            Property("encryption", f"{_ENCRYPTION}/SSEAlgorithm", "AES256, aws:kms, ..."),
            Property("kms_key_id", f"{_ENCRYPTION}/KMSMasterKeyID", "The default key."),
            Property("versioning", "@get_bucket_versioning/Status", "Enabled, Suspended or none."),
            Property(
                "website",
                "@get_bucket_website",
                "Whether it is served as a web site.",
                present,
                absent=False,
            ),
            Property(
                "logs_to",
                "@get_bucket_logging/LoggingEnabled/TargetBucket",
                "The bucket that gets its access log.",
            ),
            Property(
                "replicates_to",
                f"{_REPLICATION}/Rules/*/Destination/Bucket",
                "Buckets that get copies of its objects, as ARNs.",
                texts,
                absent=[],
            ),
            Property(
                "replication_role_arn", f"{_REPLICATION}/Role", "The role that copies objects."
            ),
            Property(
                "notifies",
                f"{_NOTIFICATION}/TopicConfigurations/*/TopicArn",
                "Topics that are told of its objects.",
                texts,
                absent=[],
            ),
            Property(
                "triggers",
                f"{_NOTIFICATION}/LambdaFunctionConfigurations/*/LambdaFunctionArn",
                "Functions that its objects start.",
                texts,
                absent=[],
            ),
            Property(
                "object_lock",
                "@get_object_lock_configuration/ObjectLockConfiguration/ObjectLockEnabled",
                "Enabled: objects can be kept from deletion.",
            ),
        ),
        links=(encrypted_with(f"{_ENCRYPTION}/KMSMasterKeyID"),),
    ),
    NodeType(
        snapshot_type="s3:access-point",
        label="S3AccessPoint",
        resource_type="AWS::S3::AccessPoint",
        category="data",
        description="A named door to a bucket, with its own policy.",
        arn="arn:{partition}:s3:{region}:{account}:accesspoint/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("network_origin", "NetworkOrigin", "Internet or VPC."),
            Property("alias", "Alias", "Its bucket-style alias."),
            Property("bucket_account_id", "BucketAccountId", "Who owns the bucket."),
            Property("vpc_id", "VpcConfiguration/VpcId", "The only VPC it answers to, if any."),
            *block_public_access("", "@get_access_point/PublicAccessBlockConfiguration"),
            Property(
                "has_policy",
                "@get_access_point_policy/Policy",
                "Whether it has a policy.",
                present,
                absent=False,
            ),
            Property(
                "policy_is_public",
                "@get_access_point_policy_status/PolicyStatus/IsPublic",
                "Whether AWS calls the policy public, before Block Public Access.",
                truth,
                absent=False,
            ),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("S3Bucket",),
                "The access point leads to the bucket.",
                bucket("Bucket"),
            ),
        ),
    ),
)
