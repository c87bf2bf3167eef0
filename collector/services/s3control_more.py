"""S3 Control: multi-Region and Object Lambda access points, access grants, Storage Lens."""

from collector.declare import (
    Account,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_ACCOUNT = {"AccountId": Account()}
_NAMED = {"AccountId": Account(), "Name": Item("Name")}
_PAGES = Token("NextToken", "NextToken", ("MaxResults", 1000))
_FUNCTION = "Configuration.TransformationConfigurations[].ContentTransformation.AwsLambda"

TYPES = (
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html
    ResourceType(
        id="s3:mrap",
        client="s3control",
        scope=Scope.GLOBAL,
        asked_in="us-west-2",
        arn="arn:{partition}:s3::{account}:accesspoint/{Alias}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_multi_region_access_points",
                params=_ACCOUNT,
                result="AccessPoints",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_multi_region_access_point_policy", params=_NAMED),
            FollowUp(operation="get_multi_region_access_point_policy_status", params=_NAMED),
        ),
    ),
    ResourceType(
        id="s3:object-lambda-ap",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{ObjectLambdaAccessPointArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_access_points_for_object_lambda",
                params=_ACCOUNT,
                result="ObjectLambdaAccessPointList",
                paging=Paginator(1000),
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_access_point_policy_for_object_lambda", params=_NAMED),
            FollowUp(operation="get_access_point_policy_status_for_object_lambda", params=_NAMED),
            FollowUp(operation="get_access_point_configuration_for_object_lambda", params=_NAMED),
        ),
        scan=(f"get_access_point_configuration_for_object_lambda:{_FUNCTION}.FunctionPayload",),
    ),
    # Each stands in its home region, wherever it is listed.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListStorageLensConfigurations.html
    ResourceType(
        id="s3:storage-lens",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{StorageLensArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_storage_lens_configurations",
                params=_ACCOUNT,
                result="StorageLensConfigurationList",
                paging=Token("NextToken", "NextToken"),
            ),
        ),
        only_here="StorageLensArn",
        follow_ups=(
            FollowUp(
                operation="get_storage_lens_configuration",
                params={**_ACCOUNT, "ConfigId": Item("Id")},
            ),
        ),
    ),
    # At most one instance in an account and region: its grants and locations are the account's.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-instance.html
    ResourceType(
        id="s3:access-grants",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{AccessGrantsInstanceArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_access_grants_instances",
                params=_ACCOUNT,
                result="AccessGrantsInstancesList",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_access_grants_instance_resource_policy", params=_ACCOUNT),
        ),
    ),
    ResourceType(
        id="s3:access-grant",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{AccessGrantArn}",
        depth=Depth.FULL,
        listed_for="s3:access-grants",
        lists=(
            ListCall(
                operation="list_access_grants",
                params=_ACCOUNT,
                result="AccessGrantsList",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="s3:access-grants-location",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{AccessGrantsLocationArn}",
        depth=Depth.FULL,
        listed_for="s3:access-grants",
        lists=(
            ListCall(
                operation="list_access_grants_locations",
                params=_ACCOUNT,
                result="AccessGrantsLocationsList",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
