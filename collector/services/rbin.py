"""Recycle Bin: rules that keep what was deleted."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="rbin:rule",
        client="rbin",
        scope=Scope.REGIONAL,
        arn="{RuleArn}",
        depth=Depth.FULL,
        lists=tuple(
            ListCall(
                operation="list_rules",
                params={"ResourceType": kind},
                result="Rules",
                paging=Paginator(1000),
            )
            for kind in ("EBS_SNAPSHOT", "EC2_IMAGE", "EBS_VOLUME")
        ),
        # The list does not say what a rule is about.
        follow_ups=(FollowUp(operation="get_rule", params={"Identifier": Item("Identifier")}),),
    ),
)
"""Declarations of this service."""
