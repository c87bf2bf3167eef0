"""CloudWatch alarms and cross-account observability, and Prometheus workspaces."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

# Without a type only metric alarms are listed; the engine asks once and files each kind apart.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
_ALARMS = {"cw:alarm": "MetricAlarms", "cw:composite-alarm": "CompositeAlarms"}

TYPES = (
    *(
        ResourceType(
            id=type_id,
            client="cloudwatch",
            scope=Scope.REGIONAL,
            arn="{AlarmArn}",
            depth=Depth.FULL,
            lists=(
                ListCall(
                    operation="describe_alarms",
                    params={"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
                    result=member,
                    paging=Paginator(100),
                ),
            ),
        )
        for type_id, member in _ALARMS.items()
    ),
    ResourceType(
        id="oam:sink",
        client="oam",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_sinks", result="Items", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_sink_policy", params={"SinkIdentifier": Item("Arn")}),
            FollowUp(
                operation="list_attached_links",
                params={"SinkIdentifier": Item("Arn")},
                result="Items",
                paging=Paginator(1000),
            ),
        ),
    ),
    ResourceType(
        id="oam:link",
        client="oam",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_links", result="Items", paging=Paginator(5)),),
    ),
    ResourceType(
        id="amp:workspace",
        client="amp",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_workspaces", result="workspaces", paging=Paginator(1000)),),
        follow_ups=(
            FollowUp(
                operation="describe_resource_policy", params={"workspaceId": Item("workspaceId")}
            ),
        ),
    ),
)
"""Declarations of these services."""
