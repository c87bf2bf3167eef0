"""WorkSpaces: desktops, their directories, and the address groups that may connect."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonworkspaces.html
_ARN = "arn:{partition}:workspaces:{region}:{account}:"

TYPES = (
    ResourceType(
        id="workspaces:workspace",
        client="workspaces",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "workspace/{WorkspaceId}",
        lists=(
            ListCall(operation="describe_workspaces", result="Workspaces", paging=Paginator(25)),
        ),
    ),
    ResourceType(
        id="workspaces:directory",
        client="workspaces",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "directory/{DirectoryId}",
        lists=(
            ListCall(
                operation="describe_workspace_directories",
                result="Directories",
                paging=Paginator(),
            ),
        ),
    ),
    ResourceType(
        id="workspaces:ip-group",
        client="workspaces",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "workspaceipgroup/{groupId}",
        lists=(ListCall(operation="describe_ip_groups", result="Result", paging=Paginator(25)),),
    ),
)
"""Declarations of this service."""
