"""DynamoDB Accelerator: clusters and the subnets that they may use."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

# The service-linked role is made with the account's first cluster.
_NEVER_USED = ("ServiceLinkedRoleNotFoundFault",)

TYPES = (
    ResourceType(
        id="dax:cluster",
        client="dax",
        scope=Scope.REGIONAL,
        arn="{ClusterArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_clusters",
                result="Clusters",
                paging=Paginator(100),
                not_enabled=_NEVER_USED,
            ),
        ),
    ),
    # A subnet group has no ARN; its name is the account's in the region.
    ResourceType(
        id="dax:subnet-group",
        client="dax",
        scope=Scope.REGIONAL,
        arn="dax-subnet-group:{account}/{region}/{SubnetGroupName}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_subnet_groups",
                result="SubnetGroups",
                paging=Paginator(100),
                not_enabled=_NEVER_USED,
            ),
        ),
    ),
)
"""Declarations of this service."""
