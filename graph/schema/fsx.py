"""FSx file systems, storage virtual machines, volumes and backups."""

from __future__ import annotations

from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import created, endpoint, key, many, status, subnets
from graph.schema.vpc import in_subnet, in_vpc

_ARN = "arn:{partition}:fsx:{region}:{account}:"

DECLARATIONS = (
    NodeType(
        snapshot_type="fsx:file-system",
        label="FSxFileSystem",
        resource_type="AWS::FSx::FileSystem",
        category="data",
        description="A file server: Windows, Lustre, ONTAP or OpenZFS.",
        arn=_ARN + "file-system/{id}",
        resource_id="FileSystemId",
        owner="OwnerId",
        properties=(
            status("Lifecycle", "AVAILABLE"),
            Property("file_system_type", "FileSystemType", "WINDOWS, LUSTRE, ONTAP or OPENZFS."),
            endpoint("DNSName"),
            many("network_interface_ids", "NetworkInterfaceIds/*", "Its network interfaces."),
            subnets("SubnetIds/*"),
            key("KmsKeyId"),
            many("aliases", "WindowsConfiguration/Aliases/*/Name", "Its own host names."),
            created("CreationTime"),
        ),
        links=(in_vpc(), in_subnet("SubnetIds/*"), encrypted_with("KmsKeyId")),
    ),
    NodeType(
        snapshot_type="fsx:storage-virtual-machine",
        label="FSxStorageVirtualMachine",
        resource_type="AWS::FSx::StorageVirtualMachine",
        category="data",
        description="A file server inside of an ONTAP file system.",
        arn=_ARN + "storage-virtual-machine/{id}",
        name="Name",
        resource_id="StorageVirtualMachineId",
        properties=(
            status("Lifecycle", "CREATED"),
            Property("file_system_id", "FileSystemId", "Its file system."),
            Property("nfs_address", "Endpoints/Nfs/DNSName", "Where NFS answers."),
            Property("smb_address", "Endpoints/Smb/DNSName", "Where SMB answers."),
            Property("iscsi_address", "Endpoints/Iscsi/DNSName", "Where iSCSI answers."),
            Property("management_address", "Endpoints/Management/DNSName", "Where SSH answers."),
            created("CreationTime"),
        ),
    ),
    NodeType(
        snapshot_type="fsx:volume",
        label="FSxVolume",
        resource_type="AWS::FSx::Volume",
        category="data",
        description="A part of an ONTAP or OpenZFS file system.",
        arn=_ARN + "volume/{id}",
        name="Name",
        resource_id="VolumeId",
        properties=(
            status("Lifecycle", "CREATED"),
            Property("volume_type", "VolumeType", "ONTAP or OPENZFS."),
            Property("file_system_id", "FileSystemId", "Its file system."),
            many(
                "nfs_clients",
                "OpenZFSConfiguration/NfsExports/*/ClientConfigurations/*/Clients",
                "Addresses that may mount it; *: all that reach it.",
            ),
            created("CreationTime"),
        ),
    ),
    NodeType(
        snapshot_type="fsx:backup",
        label="FSxBackup",
        resource_type="AWS::FSx::Backup",
        cloudformation=False,
        category="data",
        description="A backup of a file system or volume.",
        arn=_ARN + "backup/{id}",
        resource_id="BackupId",
        owner="OwnerId",
        properties=(
            status("Lifecycle", "AVAILABLE"),
            Property("backup_type", "Type", "AUTOMATIC, USER_INITIATED or AWS_BACKUP."),
            Property("file_system_id", "FileSystem/FileSystemId", "What it is a backup of."),
            key("KmsKeyId"),
            created("CreationTime"),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
)
