"""CloudFront: distributions, what they may fetch from, and what they check."""

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

_ARN = "arn:{partition}:cloudfront::{account}:"
_PAGES = Paginator(100)
# The global endpoint of the commercial partition signs for this region.
# https://docs.aws.amazon.com/general/latest/gr/cf_region.html
_REGION = "us-east-1"
# Origins often know CloudFront by a secret header.
_HEADERS = "Origins.Items[].CustomHeaders.Items[].HeaderValue"

TYPES = (
    ResourceType(
        id="cloudfront:distribution",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn="{ARN}",
        lists=(
            ListCall(
                operation="list_distributions", result="DistributionList.Items", paging=_PAGES
            ),
        ),
        follow_ups=(FollowUp(operation="get_distribution_config", params={"Id": Item("Id")}),),
        redact=(_HEADERS, f"get_distribution_config:DistributionConfig.{_HEADERS}"),
        scan=(
            "Comment",
            "get_distribution_config:DistributionConfig.Comment",
            "get_distribution_config:DistributionConfig.TenantConfig.ParameterDefinitions[]",
        ),
    ),
    ResourceType(
        id="cloudfront:vpc-origin",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_vpc_origins",
                result="VpcOriginList.Items",
                paging=Token("Marker", "VpcOriginList.NextMarker"),
            ),
        ),
    ),
    ResourceType(
        id="cloudfront:origin-access-control",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn=_ARN + "origin-access-control/{Id}",
        lists=(
            ListCall(
                operation="list_origin_access_controls",
                result="OriginAccessControlList.Items",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="cloudfront:origin-access-identity",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn=_ARN + "origin-access-identity/{Id}",
        lists=(
            ListCall(
                operation="list_cloud_front_origin_access_identities",
                result="CloudFrontOriginAccessIdentityList.Items",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="cloudfront:function",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        arn="{FunctionMetadata.FunctionARN}",
        lists=(
            ListCall(
                operation="list_functions",
                # A function is listed once for each of its stages; only this one is served.
                params={"Stage": "LIVE"},
                result="FunctionList.Items",
                paging=Token("Marker", "FunctionList.NextMarker"),
            ),
        ),
    ),
    ResourceType(
        id="cloudfront:key-group",
        client="cloudfront",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        arn=_ARN + "key-group/{KeyGroup.Id}",
        lists=(
            ListCall(
                operation="list_key_groups",
                result="KeyGroupList.Items",
                paging=Token("Marker", "KeyGroupList.NextMarker"),
            ),
        ),
    ),
)
"""Declarations of this service."""
