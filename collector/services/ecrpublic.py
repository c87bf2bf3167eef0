"""ECR Public: repositories that everyone can pull from, and the account's public registry."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

# The operations answer in this region of partition aws.
# https://docs.aws.amazon.com/general/latest/gr/ecr-public.html
_ASKED_IN = "us-east-1"
_NOT_HERE = ("UnsupportedCommandException",)

TYPES = (
    ResourceType(
        id="ecr-public:repository",
        client="ecr-public",
        scope=Scope.GLOBAL,
        asked_in=_ASKED_IN,
        arn="{repositoryArn}",
        lists=(
            ListCall(
                operation="describe_repositories",
                result="repositories",
                paging=Paginator(1000),
                not_supported=_NOT_HERE,
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
        id="ecr-public:registry",
        client="ecr-public",
        scope=Scope.GLOBAL,
        asked_in=_ASKED_IN,
        arn="{registryArn}",
        lists=(
            ListCall(
                operation="describe_registries",
                result="registries",
                paging=Paginator(1000),
                not_supported=_NOT_HERE,
            ),
        ),
    ),
)
"""Declarations of this service."""
