"""X-Ray: the account's resource policies in a region."""

from collector.declare import Depth, FollowUp, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="xray:policy",
        client="xray",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="list_resource_policies", result="ResourcePolicies", paging=Paginator()
            ),
        ),
    ),
)
"""Declarations of this service."""
