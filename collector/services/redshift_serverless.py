"""Redshift Serverless: workgroups, namespaces, endpoints and snapshots."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="redshift-serverless:workgroup",
        client="redshift-serverless",
        scope=Scope.REGIONAL,
        arn="{workgroupArn}",
        lists=(ListCall(operation="list_workgroups", result="workgroups", paging=_PAGES),),
        scan=("configParameters[].parameterValue",),
    ),
    ResourceType(
        id="redshift-serverless:namespace",
        client="redshift-serverless",
        scope=Scope.REGIONAL,
        arn="{namespaceArn}",
        lists=(ListCall(operation="list_namespaces", result="namespaces", paging=_PAGES),),
        redact=("adminUsername",),
    ),
    ResourceType(
        id="redshift-serverless:endpoint-access",
        client="redshift-serverless",
        scope=Scope.REGIONAL,
        arn="{endpointArn}",
        lists=(ListCall(operation="list_endpoint_access", result="endpoints", paging=_PAGES),),
    ),
    ResourceType(
        id="redshift-serverless:snapshot",
        client="redshift-serverless",
        scope=Scope.REGIONAL,
        arn="{snapshotArn}",
        lists=(ListCall(operation="list_snapshots", result="snapshots", paging=_PAGES),),
        redact=("adminUsername",),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"resourceArn": Item("snapshotArn")}),
        ),
    ),
)
"""Declarations of this service."""
