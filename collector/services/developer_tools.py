"""CodeArtifact, CodePipeline, CodeCommit, CodeConnections: where code comes from and goes."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    NamesOnly,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_VARIABLES = "get_pipeline:pipeline.stages[].actions[].environmentVariables[].value"

TYPES = (
    ResourceType(
        id="codeartifact:domain",
        client="codeartifact",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_domains", result="domains", paging=Paginator(1000)),),
        follow_ups=(
            FollowUp(
                operation="get_domain_permissions_policy",
                params={"domain": Item("name"), "domainOwner": Item("owner")},
            ),
        ),
    ),
    ResourceType(
        id="codeartifact:repository",
        client="codeartifact",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_repositories", result="repositories", paging=Paginator(1000)),
        ),
        follow_ups=(
            FollowUp(
                operation="get_repository_permissions_policy",
                params={
                    "domain": Item("domainName"),
                    "domainOwner": Item("domainOwner"),
                    "repository": Item("name"),
                },
            ),
        ),
    ),
    ResourceType(
        id="codepipeline:pipeline",
        client="codepipeline",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:codepipeline:{region}:{account}:{name}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_pipelines", result="pipelines", paging=Paginator(1000)),),
        follow_ups=(FollowUp(operation="get_pipeline", params={"name": Item("name")}),),
        redact=(
            "get_pipeline:pipeline.stages[].actions[].configuration.OAuthToken",
            _VARIABLES,
            "get_pipeline:pipeline.variables[].defaultValue",
        ),
        # https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_EnvironmentVariable.html
        names_only=(NamesOnly(_VARIABLES, "type", ("SECRETS_MANAGER",)),),
        # Names of repositories, connections, projects, stacks, ... stand here too.
        scan=(
            "get_pipeline:pipeline.stages[].actions[].configuration.*",
            "get_pipeline:pipeline.stages[].actions[].commands[]",
            *(
                f"get_pipeline:pipeline.stages[].{when}.conditions[].rules[].commands[]"
                for when in ("onFailure", "onSuccess", "beforeEntry")
            ),
        ),
    ),
    ResourceType(
        id="codepipeline:webhook",
        client="codepipeline",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_webhooks", result="webhooks", paging=Paginator(100)),),
        redact=("definition.authenticationConfiguration.SecretToken", "url"),
    ),
    ResourceType(
        id="codecommit:repository",
        client="codecommit",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:codecommit:{region}:{account}:{repositoryName}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_repositories", result="repositories", paging=Paginator()),),
        follow_ups=(
            FollowUp(
                operation="batch_get_repositories",
                params={"repositoryNames": [Item("repositoryName")]},
                result="repositories",
                batch=Batch(size=25, match=("repositoryName", "repositoryName")),
            ),
        ),
    ),
    ResourceType(
        id="codeconnections:connection",
        client="codeconnections",
        scope=Scope.REGIONAL,
        arn="{ConnectionArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_connections",
                result="Connections",
                paging=Token("NextToken", "NextToken", ("MaxResults", 100)),
            ),
        ),
    ),
)
"""Declarations of these services."""
