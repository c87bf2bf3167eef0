"""Shield Advanced: the subscription and what it protects."""

from collector.declare import Depth, FollowUp, ListCall, Paginator, ResourceType, Scope

# https://docs.aws.amazon.com/general/latest/gr/shield.html
_REGION = "us-east-1"
# What an account without a subscription answers.
_UNUSED = ("ResourceNotFoundException",)

TYPES = (
    ResourceType(
        id="shield:subscription",
        client="shield",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="describe_subscription", not_enabled=_UNUSED),),
    ),
    ResourceType(
        id="shield:protection",
        client="shield",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        arn="{ProtectionArn}",
        lists=(
            ListCall(
                operation="list_protections",
                result="Protections",
                paging=Paginator(1000),
                not_enabled=_UNUSED,
            ),
        ),
    ),
)
"""Declarations of this service."""
