"""FSx: file systems, storage virtual machines, volumes and backups."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

_ADMIN = "OntapConfiguration.FsxAdminPassword"
_ACTIONS = f"AdministrativeActions[].TargetFileSystemValues.{_ADMIN}"


def _listed(name: str, operation: str, result: str, *redact: str) -> ResourceType:
    return ResourceType(
        id=f"fsx:{name}",
        client="fsx",
        scope=Scope.REGIONAL,
        arn="{ResourceARN}",
        depth=Depth.FULL,
        lists=(ListCall(operation=operation, result=result, paging=Paginator()),),
        redact=redact,
    )


TYPES = (
    # The aliases of Windows file systems are in the list.
    _listed("file-system", "describe_file_systems", "FileSystems", _ADMIN, _ACTIONS),
    _listed(
        "storage-virtual-machine", "describe_storage_virtual_machines", "StorageVirtualMachines"
    ),
    _listed("volume", "describe_volumes", "Volumes", _ACTIONS),
    _listed(
        "backup",
        "describe_backups",
        "Backups",
        f"FileSystem.{_ADMIN}",
        f"FileSystem.{_ACTIONS}",
        f"Volume.{_ACTIONS}",
    ),
)
"""Declarations of this service."""
