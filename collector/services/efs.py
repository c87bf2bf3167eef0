"""EFS: file systems, where they are mounted, and their access points."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)
_FILE_SYSTEM = {"FileSystemId": Item("FileSystemId")}

TYPES = (
    ResourceType(
        id="efs:file-system",
        client="efs",
        scope=Scope.REGIONAL,
        arn="{FileSystemArn}",
        lists=(ListCall(operation="describe_file_systems", result="FileSystems", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_mount_targets",
                params=_FILE_SYSTEM,
                result="MountTargets",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="describe_mount_target_security_groups",
                        params={"MountTargetId": Item("MountTargetId")},
                        key=("MountTargetId",),
                        result="SecurityGroups",
                    ),
                ),
            ),
            FollowUp(operation="describe_file_system_policy", params=_FILE_SYSTEM),
            FollowUp(operation="describe_backup_policy", params=_FILE_SYSTEM),
        ),
    ),
    ResourceType(
        id="efs:access-point",
        client="efs",
        scope=Scope.REGIONAL,
        arn="{AccessPointArn}",
        lists=(ListCall(operation="describe_access_points", result="AccessPoints", paging=_PAGES),),
    ),
    # A file system has at most one; the region of the copy lists it too.
    ResourceType(
        id="efs:replication",
        client="efs",
        scope=Scope.REGIONAL,
        arn="{SourceFileSystemArn}",
        lists=(
            ListCall(
                operation="describe_replication_configurations",
                result="Replications",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
