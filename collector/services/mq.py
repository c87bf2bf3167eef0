"""Amazon MQ: brokers."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="mq:broker",
        client="mq",
        scope=Scope.REGIONAL,
        arn="{BrokerArn}",
        lists=(
            ListCall(operation="list_brokers", result="BrokerSummaries", paging=Paginator(100)),
        ),
        follow_ups=(FollowUp(operation="describe_broker", params={"BrokerId": Item("BrokerId")}),),
    ),
)
"""Declarations of this service."""
