"""CloudHSM: clusters, backups and with whom backups are shared."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="cloudhsm:cluster",
        client="cloudhsmv2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:cloudhsm:{region}:{account}:cluster/{ClusterId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_clusters", result="Clusters", paging=Paginator(25)),),
        # The password that a new cluster's first officer signs in with.
        redact=("PreCoPassword",),
    ),
    ResourceType(
        id="cloudhsm:backup",
        client="cloudhsmv2",
        scope=Scope.REGIONAL,
        arn="{BackupArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_backups", result="Backups", paging=Paginator(50)),),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"ResourceArn": Item("BackupArn")}),
        ),
    ),
)
"""Declarations of this service."""
