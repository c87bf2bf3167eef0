"""S3 beside general purpose buckets: other access points, grants, other kinds of buckets."""

from __future__ import annotations

from graph.schema.convert import present, truth
from graph.schema.declare import NodeType, Property
from graph.schema.s3 import block_public_access
from graph.schema.usual import created, flag, many, policy, role, status

_STATUS = "@get_multi_region_access_point_policy_status/Established/IsPublic"
_LAMBDA = "@get_access_point_configuration_for_object_lambda/Configuration"


def _is_public(path: str) -> Property:
    return Property(
        "policy_is_public",
        path,
        "Whether AWS calls the policy public, before Block Public Access.",
        truth,
        absent=False,
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="s3:mrap",
        label="S3MultiRegionAccessPoint",
        resource_type="AWS::S3::MultiRegionAccessPoint",
        category="data",
        description="One address for buckets in several regions, with its own policy.",
        name="Name",
        resource_id="Alias",
        properties=(
            status("Status", "READY"),
            Property("alias", "Alias", "Its name in its host name."),
            many("buckets", "Regions/*/Bucket", "Where it leads."),
            many("bucket_regions", "Regions/*/Region", "Their regions."),
            many("bucket_accounts", "Regions/*/BucketAccountId", "Whose they are."),
            *block_public_access("", "PublicAccessBlock", absent=None),
            policy("@get_multi_region_access_point_policy/Policy/Established/Policy"),
            _is_public(_STATUS),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3:object-lambda-ap",
        label="S3ObjectLambdaAccessPoint",
        resource_type="AWS::S3ObjectLambda::AccessPoint",
        category="data",
        description="A door to a bucket through a function that rewrites objects.",
        arn="arn:{partition}:s3-object-lambda:{region}:{account}:accesspoint/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("alias", "Alias/Value", "Its bucket-style alias."),
            Property(
                "supporting_access_point",
                f"{_LAMBDA}/SupportingAccessPoint",
                "The access point behind it.",
            ),
            many(
                "function_arns",
                f"{_LAMBDA}/TransformationConfigurations/*/ContentTransformation/AwsLambda"
                "/FunctionArn",
                "The functions that objects pass.",
            ),
            policy("@get_access_point_policy_for_object_lambda/Policy"),
            _is_public("@get_access_point_policy_status_for_object_lambda/PolicyStatus/IsPublic"),
        ),
    ),
    NodeType(
        snapshot_type="s3:access-grants",
        label="S3AccessGrantsInstance",
        resource_type="AWS::S3::AccessGrantsInstance",
        category="policy",
        description="Grants of S3 data to principals and directory users, in one region.",
        properties=(
            Property(
                "identity_center_arn",
                "IdentityCenterInstanceArn|IdentityCenterArn",
                "The directory whose users it knows.",
            ),
            policy("@get_access_grants_instance_resource_policy/Policy"),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3:access-grant",
        label="S3AccessGrant",
        resource_type="AWS::S3::AccessGrant",
        category="policy",
        description="Lets one grantee read or write a part of S3.",
        resource_id="AccessGrantId",
        properties=(
            Property("grantee_type", "Grantee/GranteeType", "IAM, DIRECTORY_USER, ..."),
            Property("grantee", "Grantee/GranteeIdentifier", "Who: an ARN or a directory's id."),
            Property("permission", "Permission", "READ, WRITE or READWRITE."),
            Property("grant_scope", "GrantScope", "Where: a bucket, prefix or object."),
            Property("application_arn", "ApplicationArn", "Only through that application."),
            Property("location_id", "AccessGrantsLocationId", "Whose role it uses."),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3:access-grants-location",
        label="S3AccessGrantsLocation",
        resource_type="AWS::S3::AccessGrantsLocation",
        category="policy",
        description="A part of S3 that can be granted, and the role whose credentials are given.",
        resource_id="AccessGrantsLocationId",
        properties=(
            Property("location_scope", "LocationScope", "E.g. s3://bucket/prefix*."),
            role("IAMRoleArn", "The role whose credentials grantees get."),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3:directory-bucket",
        label="S3DirectoryBucket",
        resource_type="AWS::S3Express::DirectoryBucket",
        category="data",
        description="A bucket in one zone; Block Public Access is always on.",
        arn="arn:{partition}:s3express:{region}:{account}:bucket/{id}",
        name="Name",
        resource_id="Name",
        properties=(policy("@get_bucket_policy/Policy"), created("CreationDate")),
    ),
    NodeType(
        snapshot_type="s3tables:bucket",
        label="S3TableBucket",
        resource_type="AWS::S3Tables::TableBucket",
        category="data",
        description="A bucket of tables; it cannot be public.",
        name="name",
        resource_id="name",
        owner="ownerAccountId",
        properties=(
            Property("bucket_type", "type", "customer, or aws where a service writes it."),
            policy("@get_table_bucket_policy/resourcePolicy"),
            many("namespaces", "@list_namespaces/*/namespace/*", "Its namespaces."),
            created("createdAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3tables:table",
        label="S3Table",
        resource_type="AWS::S3Tables::Table",
        category="data",
        description="A table of a table bucket.",
        name="name",
        properties=(
            Property("table_type", "type", "customer, or aws where a service writes it."),
            many("namespace", "namespace/*", "Its namespace."),
            policy("@get_table_policy/resourcePolicy"),
            Property(
                "managed_by_service", "managedByService", "The service that writes it, if any."
            ),
            created("createdAt"),
        ),
    ),
    NodeType(
        snapshot_type="s3vectors:bucket",
        label="S3VectorBucket",
        resource_type="AWS::S3Vectors::VectorBucket",
        category="data",
        description="A bucket of vectors.",
        arn="arn:{partition}:s3vectors:{region}:{account}:bucket/{id}",
        name="vectorBucketName",
        resource_id="vectorBucketName",
        properties=(policy("@get_vector_bucket_policy/policy"), created("creationTime")),
    ),
    NodeType(
        snapshot_type="glacier:vault",
        label="GlacierVault",
        resource_type="AWS::Glacier::Vault",
        cloudformation=False,
        category="data",
        description="An archive of the old Glacier API.",
        arn="arn:{partition}:glacier:{region}:{account}:vaults/{id}",
        name="VaultName",
        resource_id="VaultName",
        properties=(
            policy("@get_vault_access_policy/policy/Policy"),
            Property("lock_state", "@get_vault_lock/State", "InProgress or Locked."),
            Property(
                "has_lock_policy",
                "@get_vault_lock/Policy",
                "Whether a lock policy guards its archives.",
                present,
                absent=False,
            ),
            created("CreationDate"),
        ),
    ),
    NodeType(
        snapshot_type="s3:storage-lens",
        label="S3StorageLens",
        resource_type="AWS::S3::StorageLens",
        category="data",
        description="A dashboard of what buckets hold; it may export its numbers to a bucket.",
        arn="arn:{partition}:s3:{region}:{account}:storage-lens/{id}",
        name="Id",
        resource_id="Id",
        properties=(flag("enabled", "IsEnabled", "Whether it is switched on."),),
    ),
)
