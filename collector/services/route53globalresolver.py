"""Route 53 Global Resolver: DNS resolvers at anycast addresses on the internet."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="route53globalresolver:resolver",
        client="route53globalresolver",
        scope=Scope.GLOBAL,
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53globalresolver-globalresolver.html
        asked_in="us-east-2",
        depth=Depth.FULL,
        arn="{arn}",
        lists=(
            ListCall(
                operation="list_global_resolvers", result="globalResolvers", paging=Paginator()
            ),
        ),
    ),
)
"""Declarations of this service."""
