"""ECR: private repositories and the registry's own policy."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="ecr:repository",
        client="ecr",
        scope=Scope.REGIONAL,
        arn="{repositoryArn}",
        lists=(
            ListCall(
                operation="describe_repositories", result="repositories", paging=Paginator(1000)
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_repository_policy",
                params={"repositoryName": Item("repositoryName")},
            ),
        ),
    ),
    ResourceType(
        id="ecr:registry",
        client="ecr",
        scope=Scope.REGIONAL,
        follow_ups=(
            FollowUp(operation="get_registry_policy"),
            FollowUp(operation="describe_registry"),
        ),
    ),
)
