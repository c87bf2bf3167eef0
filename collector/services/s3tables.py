"""S3 Tables: table buckets and tables with their policies."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(1000)
_BUCKET = {"tableBucketARN": Item("arn")}
_TABLE = {**_BUCKET, "namespace": Item("namespace.0"), "name": Item("name")}

TYPES = (
    ResourceType(
        id="s3tables:bucket",
        client="s3tables",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_table_buckets", result="tableBuckets", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_table_bucket_policy", params=_BUCKET),
            FollowUp(
                operation="list_namespaces", params=_BUCKET, result="namespaces", paging=_PAGES
            ),
        ),
    ),
    ResourceType(
        id="s3tables:table",
        client="s3tables",
        scope=Scope.REGIONAL,
        arn="{tableARN}",
        depth=Depth.FULL,
        listed_for="s3tables:bucket",
        carry=("arn",),
        lists=(ListCall(operation="list_tables", params=_BUCKET, result="tables", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_table_policy", params=_TABLE),),
    ),
)
"""Declarations of this service."""
