"""CodeBuild: projects, report groups, and the credentials of source repositories."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    LineId,
    ListCall,
    NamesOnly,
    Paginator,
    ResourceType,
    Scope,
)

_VARIABLES = "batch_get_projects:environment.environmentVariables[].value"

TYPES = (
    ResourceType(
        id="codebuild:project",
        client="codebuild",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:codebuild:{region}:{account}:project/{name}",
        lists=(
            ListCall(operation="list_projects", result="projects", paging=Paginator(), wrap="name"),
        ),
        follow_ups=(
            FollowUp(
                operation="batch_get_projects",
                params={"names": [Item("name")]},
                result="projects",
                batch=Batch(size=100, match=("name", "name")),
            ),
            FollowUp(operation="get_resource_policy", params={"resourceArn": LineId()}),
        ),
        redact=(
            _VARIABLES,
            "batch_get_projects:webhook.secret",
        ),
        # Of these types the value is the name of a parameter or secret.
        # https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html
        names_only=(NamesOnly(_VARIABLES, "type", ("PARAMETER_STORE", "SECRETS_MANAGER")),),
        scan=(
            "batch_get_projects:source.buildspec",
            "batch_get_projects:source.location",
            "batch_get_projects:secondarySources[].buildspec",
            "batch_get_projects:secondarySources[].location",
            "batch_get_projects:badge.badgeRequestUrl",
        ),
    ),
    ResourceType(
        id="codebuild:source-credential",
        client="codebuild",
        scope=Scope.REGIONAL,
        arn="{arn}",
        lists=(ListCall(operation="list_source_credentials", result="sourceCredentialsInfos"),),
    ),
    ResourceType(
        id="codebuild:report-group",
        client="codebuild",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_report_groups",
                result="reportGroups",
                paging=Paginator(100),
                wrap="arn",
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"resourceArn": Item("arn")}),
        ),
    ),
)
"""Declarations of this service."""
