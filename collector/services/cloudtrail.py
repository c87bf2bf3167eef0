"""CloudTrail: trails, and Lake's event data stores and channels."""

from collector.declare import FollowUp, Item, ListCall, ResourceType, Scope, Token, When

_PAGES = Token("NextToken", "NextToken", ("MaxResults", 1000))

TYPES = (
    # Every region lists the trails of other regions that record it too (shadow trails); a trail is
    # taken in its home region. describe_trails gives what list_trails and get_trail give.
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    ResourceType(
        id="cloudtrail:trail",
        client="cloudtrail",
        scope=Scope.REGIONAL,
        arn="{TrailARN}",
        lists=(ListCall(operation="describe_trails", result="trailList"),),
        only_here="TrailARN",
        follow_ups=(
            FollowUp(operation="get_trail_status", params={"Name": Item("TrailARN")}),
            FollowUp(operation="get_event_selectors", params={"TrailName": Item("TrailARN")}),
            FollowUp(
                operation="get_insight_selectors",
                params={"TrailName": Item("TrailARN")},
                when=(When("HasInsightSelectors", is_none_of=(False,)),),
                absent=("InsightNotEnabledException",),
            ),
        ),
    ),
    ResourceType(
        id="cloudtrail:event-data-store",
        client="cloudtrail",
        scope=Scope.REGIONAL,
        arn="{EventDataStoreArn}",
        lists=(
            ListCall(
                operation="list_event_data_stores",
                result="EventDataStores",
                paging=_PAGES,
                not_supported=("UnsupportedOperationException",),
            ),
        ),
        follow_ups=(
            # The list has lost all members but the ARN and the name.
            # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventDataStore.html
            FollowUp(
                operation="get_event_data_store",
                params={"EventDataStore": Item("EventDataStoreArn")},
            ),
            FollowUp(
                operation="get_resource_policy", params={"ResourceArn": Item("EventDataStoreArn")}
            ),
        ),
    ),
    ResourceType(
        id="cloudtrail:channel",
        client="cloudtrail",
        scope=Scope.REGIONAL,
        arn="{ChannelArn}",
        lists=(
            ListCall(
                operation="list_channels",
                result="Channels",
                paging=_PAGES,
                not_supported=("UnsupportedOperationException",),
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"ResourceArn": Item("ChannelArn")}),
        ),
    ),
)
"""Declarations of this service."""
