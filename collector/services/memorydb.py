"""MemoryDB: clusters, and the users and access control lists that guard them."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope


def _listed(name: str, operation: str, result: str, scan: tuple[str, ...] = ()) -> ResourceType:
    return ResourceType(
        id=f"memorydb:{name}",
        client="memorydb",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation=operation,
                result=result,
                paging=Paginator(),
                # The service-linked role is made with the account's first cluster.
                not_enabled=("ServiceLinkedRoleNotFoundFault",),
            ),
        ),
        scan=scan,
    )


TYPES = (
    _listed("cluster", "describe_clusters", "Clusters"),
    _listed("acl", "describe_acls", "ACLs"),
    _listed("user", "describe_users", "Users", scan=("AccessString",)),
    _listed("subnet-group", "describe_subnet_groups", "SubnetGroups"),
    _listed("snapshot", "describe_snapshots", "Snapshots"),
)
"""Declarations of this service."""
