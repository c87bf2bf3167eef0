"""SNS: topics and their subscribers."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_TOPIC = {"TopicArn": Item("TopicArn")}

TYPES = (
    ResourceType(
        id="sns:topic",
        client="sns",
        scope=Scope.REGIONAL,
        arn="{TopicArn}",
        lists=(ListCall(operation="list_topics", result="Topics", paging=Paginator()),),
        follow_ups=(
            FollowUp(operation="get_topic_attributes", params=_TOPIC),
            # By topic: the list of all holds the account's own subscriptions, not those that
            # others have made to its topics.
            # https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
            FollowUp(
                operation="list_subscriptions_by_topic",
                params=_TOPIC,
                result="Subscriptions",
                paging=Paginator(),
            ),
        ),
        # Addresses of webhooks may hold a password.
        scan=("list_subscriptions_by_topic:[].Endpoint",),
    ),
)
"""Declarations of this service."""
