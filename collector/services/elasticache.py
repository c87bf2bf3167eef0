"""ElastiCache: clusters, replication groups, serverless caches, and who may sign in to them."""

from collector.declare import ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)
_UNNAMED = Paginator()

# The service-linked role is made with the account's first cache.
_NEVER_USED = ("ServiceLinkedRoleNotFoundFault",)


def _listed(name: str, call: ListCall, scan: tuple[str, ...] = ()) -> ResourceType:
    return ResourceType(
        id=f"elasticache:{name}",
        client="elasticache",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        lists=(call,),
        scan=scan,
    )


TYPES = (
    _listed(
        "cluster",
        ListCall(
            operation="describe_cache_clusters",
            params={"ShowCacheNodeInfo": True},
            result="CacheClusters",
            paging=_PAGES,
        ),
    ),
    _listed(
        "replication-group",
        ListCall(
            operation="describe_replication_groups", result="ReplicationGroups", paging=_PAGES
        ),
    ),
    _listed(
        "serverless-cache",
        ListCall(
            operation="describe_serverless_caches", result="ServerlessCaches", paging=_UNNAMED
        ),
    ),
    _listed(
        "subnet-group",
        ListCall(
            operation="describe_cache_subnet_groups", result="CacheSubnetGroups", paging=_PAGES
        ),
    ),
    _listed(
        "snapshot",
        ListCall(operation="describe_snapshots", result="Snapshots", paging=Paginator(50)),
    ),
    _listed(
        "user",
        ListCall(
            operation="describe_users", result="Users", paging=_UNNAMED, not_enabled=_NEVER_USED
        ),
        scan=("AccessString",),
    ),
    _listed(
        "user-group",
        ListCall(
            operation="describe_user_groups",
            result="UserGroups",
            paging=_UNNAMED,
            not_enabled=_NEVER_USED,
        ),
    ),
)
"""Declarations of this service."""
