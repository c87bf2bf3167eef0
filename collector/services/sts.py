"""STS: who the account is. The partition of every id comes from this answer's Arn."""

from collector.declare import FollowUp, ResourceType, Scope

TYPES = (
    ResourceType(
        id="aws:account",
        client="sts",
        scope=Scope.GLOBAL,
        follow_ups=(FollowUp(operation="get_caller_identity"),),
    ),
)
