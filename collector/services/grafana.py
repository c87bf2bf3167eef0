"""Managed Grafana: workspaces."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_CALL = "describe_workspace:workspace."
_TEXTS = ("name", "description")

TYPES = (
    ResourceType(
        id="grafana:workspace",
        client="grafana",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedgrafana.html
        arn="arn:{partition}:grafana:{region}:{account}:/workspaces/{id}",
        lists=(ListCall(operation="list_workspaces", result="workspaces", paging=Paginator(100)),),
        follow_ups=(FollowUp(operation="describe_workspace", params={"workspaceId": Item("id")}),),
        redact=("grafanaToken", _CALL + "grafanaToken"),
        scan=(
            *_TEXTS,
            *(_CALL + name for name in (*_TEXTS, "organizationRoleName", "workspaceRoleArn")),
            _CALL + "organizationalUnits[]",
        ),
    ),
)
"""Declarations of this service."""
