"""S3 Vectors: vector buckets and their policies."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="s3vectors:bucket",
        client="s3vectors",
        scope=Scope.REGIONAL,
        arn="{vectorBucketArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_vector_buckets", result="vectorBuckets", paging=Paginator(500)
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_vector_bucket_policy",
                params={"vectorBucketArn": Item("vectorBucketArn")},
            ),
        ),
    ),
)
"""Declarations of this service."""
