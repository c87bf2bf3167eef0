"""DynamoDB tables, backups, and the caches before them."""

from __future__ import annotations

from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import (
    created,
    endpoint,
    flag,
    groups,
    key,
    many,
    policy,
    port,
    role,
    status,
    subnets,
)
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_TABLE = "@describe_table/Table"
_BACKUPS = "@describe_continuous_backups/ContinuousBackupsDescription"

DECLARATIONS = (
    NodeType(
        snapshot_type="dynamodb:table",
        label="DynamoDBTable",
        resource_type="AWS::DynamoDB::Table",
        category="data",
        description="A DynamoDB table.",
        arn="arn:{partition}:dynamodb:{region}:{account}:table/{id}",
        name="TableName",
        resource_id="TableName",
        properties=(
            status(f"{_TABLE}/TableStatus", "ACTIVE"),
            policy("@get_resource_policy/Policy"),
            Property(
                "encryption",
                f"{_TABLE}/SSEDescription/SSEType",
                "KMS; none: with a key that AWS owns.",
            ),
            key(f"{_TABLE}/SSEDescription/KMSMasterKeyArn"),
            Property("stream_arn", f"{_TABLE}/LatestStreamArn", "Its stream of changes."),
            many("replica_regions", f"{_TABLE}/Replicas/*/RegionName", "Regions with a copy."),
            flag("deletion_protection", f"{_TABLE}/DeletionProtectionEnabled", "Whether it is on."),
            Property(
                "point_in_time_recovery",
                f"{_BACKUPS}/PointInTimeRecoveryDescription/PointInTimeRecoveryStatus",
                "ENABLED or DISABLED.",
            ),
            created(f"{_TABLE}/CreationDateTime"),
        ),
        links=(encrypted_with(f"{_TABLE}/SSEDescription/KMSMasterKeyArn"),),
    ),
    NodeType(
        snapshot_type="dynamodb:backup",
        label="DynamoDBBackup",
        resource_type="AWS::DynamoDB::Backup",
        cloudformation=False,
        category="data",
        description="A backup of a table.",
        name="BackupName",
        properties=(
            status("BackupStatus", "AVAILABLE"),
            Property("backup_type", "BackupType", "USER, SYSTEM or AWS_BACKUP."),
            Property("table_arn", "TableArn", "What it is a backup of."),
            created("BackupCreationDateTime"),
        ),
    ),
    NodeType(
        snapshot_type="dax:cluster",
        label="DAXCluster",
        resource_type="AWS::DAX::Cluster",
        category="data",
        description="A cache before DynamoDB, that reads tables with its own role.",
        arn="arn:{partition}:dax:{region}:{account}:cache/{id}",
        name="ClusterName",
        resource_id="ClusterName",
        properties=(
            status("Status", "available"),
            endpoint("ClusterDiscoveryEndpoint/Address"),
            port("ClusterDiscoveryEndpoint/Port"),
            role("IamRoleArn"),
            Property("encryption", "SSEDescription/Status", "ENABLED or DISABLED."),
            Property("endpoint_encryption", "ClusterEndpointEncryptionType", "NONE or TLS."),
            Property("subnet_group_name", "SubnetGroup", "Where it may be placed."),
            groups("SecurityGroups/*/SecurityGroupIdentifier"),
        ),
        links=(has_security_group("SecurityGroups/*/SecurityGroupIdentifier"),),
    ),
    NodeType(
        snapshot_type="dax:subnet-group",
        label="DAXSubnetGroup",
        resource_type="AWS::DAX::SubnetGroup",
        category="network",
        description="The subnets that such a cache may use.",
        name="SubnetGroupName",
        resource_id="SubnetGroupName",
        properties=(subnets("Subnets/*/SubnetIdentifier"),),
        links=(in_vpc(), in_subnet("Subnets/*/SubnetIdentifier")),
    ),
)
