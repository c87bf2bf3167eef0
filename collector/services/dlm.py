"""Data Lifecycle Manager: policies that make snapshots, copy and share them."""

from collector.declare import Depth, FollowUp, Item, ListCall, ResourceType, Scope

TYPES = (
    ResourceType(
        id="dlm:policy",
        client="dlm",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:dlm:{region}:{account}:policy/{PolicyId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="get_lifecycle_policies", result="Policies"),),
        follow_ups=(
            FollowUp(operation="get_lifecycle_policy", params={"PolicyId": Item("PolicyId")}),
        ),
    ),
)
"""Declarations of this service."""
