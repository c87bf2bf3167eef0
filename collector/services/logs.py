"""CloudWatch Logs: groups and where they are sent, destinations, and the account's policies."""

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

_PAGES = Paginator(50)

TYPES = (
    ResourceType(
        id="logs:group",
        client="logs",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_log_groups", result="logGroups", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_subscription_filters",
                params={"logGroupName": Item("logGroupName")},
                result="subscriptionFilters",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="logs:destination",
        client="logs",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_destinations", result="destinations", paging=_PAGES),),
    ),
    # Logs that other services deliver: of what, and to which account's delivery destination.
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDeliveries.html
    ResourceType(
        id="logs:delivery",
        client="logs",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_deliveries", result="deliveries", paging=_PAGES),),
    ),
    ResourceType(
        id="logs:delivery-destination",
        client="logs",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_delivery_destinations",
                result="deliveryDestinations",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="logs:account-settings",
        client="logs",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="describe_resource_policies", result="resourcePolicies", paging=_PAGES
            ),
            FollowUp(operation="describe_metric_filters", result="metricFilters", paging=_PAGES),
            # The other types index, transform and keep.
            *(
                FollowUp(
                    operation="describe_account_policies",
                    params={"policyType": kind},
                    key=("policyType",),
                    result="accountPolicies",
                    paging=Token("nextToken", "nextToken"),
                )
                for kind in ("DATA_PROTECTION_POLICY", "SUBSCRIPTION_FILTER_POLICY")
            ),
        ),
    ),
)
"""Declarations of this service."""
