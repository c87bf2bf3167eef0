"""AWS Config: what is recorded, where it goes, and who may aggregate it.

Its queries and resource lists are another source for what the services themselves are asked here.
"""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="config:recorder",
        client="config",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="describe_configuration_recorders", result="ConfigurationRecorders"),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_configuration_recorder_status",
                params={"ConfigurationRecorderNames": [Item("name")]},
                result="ConfigurationRecordersStatus",
            ),
            # The one channel of the region, which only a recorder writes to.
            # https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html
            FollowUp(operation="describe_delivery_channels", result="DeliveryChannels"),
        ),
    ),
    ResourceType(
        id="config:aggregator",
        client="config",
        scope=Scope.REGIONAL,
        arn="{ConfigurationAggregatorArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_configuration_aggregators",
                result="ConfigurationAggregators",
                paging=Paginator(100),
            ),
        ),
    ),
    ResourceType(
        id="config:aggregation-authorization",
        client="config",
        scope=Scope.REGIONAL,
        arn="{AggregationAuthorizationArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_aggregation_authorizations",
                result="AggregationAuthorizations",
                paging=Paginator(100),
            ),
        ),
    ),
    ResourceType(
        id="config:rule",
        client="config",
        scope=Scope.REGIONAL,
        arn="{ConfigRuleArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="describe_config_rules", result="ConfigRules", paging=Paginator()),
        ),
        scan=("InputParameters", "Source.CustomPolicyDetails.PolicyText"),
    ),
)
"""Declarations of this service."""
