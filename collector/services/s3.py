"""S3: buckets with every setting that decides who may read them."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

# Every operation on a bucket goes to the bucket's own region; any region tells which that is.
_HOME = "get_bucket_location:LocationConstraint"


def _setting(operation: str) -> FollowUp:
    return FollowUp(operation=operation, params={"Bucket": Item("Name")}, region=_HOME)


def _listed(operation: str, result: str) -> FollowUp:
    return FollowUp(
        operation=operation,
        params={"Bucket": Item("Name")},
        result=result,
        paging=Token("ContinuationToken", "NextContinuationToken"),
        region=_HOME,
    )


TYPES = (
    ResourceType(
        id="s3:bucket",
        client="s3",
        scope=Scope.GLOBAL,
        arn="arn:{partition}:s3:::{Name}",
        # No page size: without one S3 lists every bucket; servers that speak its protocol cut
        # the list at the size and give no token.
        lists=(ListCall(operation="list_buckets", result="Buckets", paging=Paginator()),),
        follow_ups=(
            FollowUp(operation="get_bucket_location", params={"Bucket": Item("Name")}),
            _setting("get_bucket_policy"),
            _setting("get_bucket_policy_status"),
            _setting("get_bucket_acl"),
            _setting("get_public_access_block"),
            _setting("get_bucket_ownership_controls"),
            _setting("get_bucket_encryption"),
            _setting("get_bucket_versioning"),
            _setting("get_bucket_logging"),
            _setting("get_bucket_website"),
            _setting("get_bucket_tagging"),
            _setting("get_bucket_replication"),
            _setting("get_bucket_notification_configuration"),
            _setting("get_object_lock_configuration"),
            # Where lists of its objects go.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html
            _listed("list_bucket_inventory_configurations", "InventoryConfigurationList"),
            _listed("list_bucket_analytics_configurations", "AnalyticsConfigurationList"),
        ),
    ),
    # Block Public Access is always on for them.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security.html
    ResourceType(
        id="s3:directory-bucket",
        client="s3",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:s3express:{region}:{account}:bucket/{Name}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_directory_buckets",
                result="Buckets",
                paging=Paginator(1000),
                # Its host is in regions with S3 Express alone, and botocore knows those of S3 only.
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-Endpoints.html
                not_supported=("NoSuchHost:s3express-control",),
            ),
        ),
        follow_ups=(FollowUp(operation="get_bucket_policy", params={"Bucket": Item("Name")}),),
    ),
)
