"""EFS file systems and access points."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.convert import texts
from graph.schema.declare import Link, NodeType, Property, Reference, Setting
from graph.schema.kms import encrypted_with
from graph.schema.links import at
from graph.schema.usual import created, encrypted, groups, key, many, policy, status, subnets
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_TARGETS = "@describe_mount_targets/*"
_GROUPS = "@describe_mount_target_security_groups(*)/*"
_ARN = "arn:{partition}:elasticfilesystem:{region}:{account}:"


def _source(line: Item) -> Reference:
    return Reference(id=line.id, label="EFSFileSystem")


DECLARATIONS = (
    NodeType(
        snapshot_type="efs:file-system",
        label="EFSFileSystem",
        resource_type="AWS::EFS::FileSystem",
        category="data",
        description="A network file system.",
        arn=_ARN + "file-system/{id}",
        name="Name",
        resource_id="FileSystemId",
        owner="OwnerId",
        properties=(
            status("LifeCycleState", "available"),
            encrypted("Encrypted"),
            key("KmsKeyId"),
            policy("@describe_file_system_policy/Policy"),
            Property(
                "backup_policy", "@describe_backup_policy/BackupPolicy/Status", "E.g. ENABLED."
            ),
            Property(
                "replication_overwrite_protection",
                "FileSystemProtection/ReplicationOverwriteProtection",
                "ENABLED, DISABLED or REPLICATING.",
            ),
            many("mount_addresses", f"{_TARGETS}/IpAddress", "Where it can be mounted."),
            many(
                "network_interface_ids", f"{_TARGETS}/NetworkInterfaceId", "Of its mount targets."
            ),
            subnets(f"{_TARGETS}/SubnetId"),
            groups(_GROUPS),
            created("CreationTime"),
        ),
        links=(
            in_vpc(f"{_TARGETS}/VpcId"),
            in_subnet(f"{_TARGETS}/SubnetId"),
            has_security_group(_GROUPS),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="efs:access-point",
        label="EFSAccessPoint",
        resource_type="AWS::EFS::AccessPoint",
        category="data",
        description="A directory of a file system, entered as one user.",
        arn=_ARN + "access-point/{id}",
        id_prefix="fsap-",
        name="Name",
        resource_id="AccessPointId",
        owner="OwnerId",
        properties=(
            status("LifeCycleState", "available"),
            Property("file_system_id", "FileSystemId", "Where it leads."),
            Property("root_directory", "RootDirectory/Path", "The directory that clients see."),
            Property("posix_user_id", "PosixUser/Uid", "The user that clients are made."),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("EFSFileSystem",),
                "The access point leads to the file system.",
                at("FileSystemId", "EFSFileSystem"),
            ),
        ),
    ),
    Setting(
        snapshot_type="efs:replication",
        label="EFSFileSystem",
        describes=_source,
        description="The file system is copied.",
        properties=(
            Property("replica_ids", "Destinations/*/FileSystemId", "Its copies.", texts),
            Property("replica_regions", "Destinations/*/Region", "Where they are.", texts),
            Property("replica_owners", "Destinations/*/OwnerId", "Whose they are.", texts),
            Property("replication_role_arns", "Destinations/*/RoleArn", "Roles that copy.", texts),
        ),
    ),
)
