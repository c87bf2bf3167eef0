"""CodeDeploy: applications and the groups of machines, functions or tasks they are deployed to."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_ARN = "arn:{partition}:codedeploy:{region}:{account}:"

TYPES = (
    ResourceType(
        id="codedeploy:application",
        client="codedeploy",
        scope=Scope.REGIONAL,
        arn=_ARN + "application:{applicationName}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_applications",
                result="applications",
                paging=Paginator(),
                wrap="applicationName",
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="batch_get_applications",
                params={"applicationNames": [Item("applicationName")]},
                result="applicationsInfo",
                batch=Batch(size=100, match=("applicationName", "applicationName")),
            ),
        ),
    ),
    ResourceType(
        id="codedeploy:deployment-group",
        client="codedeploy",
        scope=Scope.REGIONAL,
        arn=_ARN + "deploymentgroup:{applicationName}/{deploymentGroupName}",
        depth=Depth.FULL,
        listed_for="codedeploy:application",
        carry=("applicationName",),
        lists=(
            ListCall(
                operation="list_deployment_groups",
                params={"applicationName": Item("applicationName")},
                result="deploymentGroups",
                paging=Paginator(),
                wrap="deploymentGroupName",
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="batch_get_deployment_groups",
                params={
                    "applicationName": Item("applicationName"),
                    "deploymentGroupNames": [Item("deploymentGroupName")],
                },
                result="deploymentGroupsInfo",
                batch=Batch(size=100, match=("deploymentGroupName", "deploymentGroupName")),
            ),
        ),
        # https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RawString.html
        scan=(
            "batch_get_deployment_groups:targetRevision.string.content",
            "batch_get_deployment_groups:targetRevision.appSpecContent.content",
        ),
    ),
)
"""Declarations of this service."""
