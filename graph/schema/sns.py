"""SNS topics."""

from __future__ import annotations

from graph.schema.convert import present, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import many

_ATTRIBUTES = "@get_topic_attributes/Attributes"


def _attribute(name: str) -> str:
    return f"{_ATTRIBUTES}/{name}"


DECLARATIONS = (
    NodeType(
        snapshot_type="sns:topic",
        label="SNSTopic",
        resource_type="AWS::SNS::Topic",
        category="data",
        description="An SNS topic.",
        arn="arn:{partition}:sns:{region}:{account}:{id}",
        properties=(
            Property("display_name", _attribute("DisplayName"), "Its display name."),
            Property("kms_key_id", _attribute("KmsMasterKeyId"), "The key that encrypts it."),
            Property(
                "subscriptions_confirmed",
                _attribute("SubscriptionsConfirmed"),
                "How many subscribers it has.",
                whole,
            ),
            many(
                "subscription_protocols",
                "@list_subscriptions_by_topic/*/Protocol",
                "Ways in which subscribers are reached.",
            ),
            many(
                "subscription_owners",
                "@list_subscriptions_by_topic/*/Owner",
                "Accounts that have subscribed.",
            ),
            Property(
                "has_policy",
                _attribute("Policy"),
                "Whether it has a policy.",
                present,
                absent=False,
            ),
        ),
        links=(encrypted_with(_attribute("KmsMasterKeyId")),),
    ),
)
