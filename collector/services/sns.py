"""SNS: topics."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="sns:topic",
        client="sns",
        scope=Scope.REGIONAL,
        arn="{TopicArn}",
        lists=(ListCall(operation="list_topics", result="Topics", paging=Paginator()),),
        follow_ups=(
            FollowUp(operation="get_topic_attributes", params={"TopicArn": Item("TopicArn")}),
        ),
    ),
)
