"""SQS queues."""

from __future__ import annotations

from graph.schema.convert import present, truth, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with

_ATTRIBUTES = "@get_queue_attributes/Attributes"


def _attribute(name: str) -> str:
    return f"{_ATTRIBUTES}/{name}"


DECLARATIONS = (
    NodeType(
        snapshot_type="sqs:queue",
        label="SQSQueue",
        resource_type="AWS::SQS::Queue",
        category="data",
        description="An SQS queue.",
        arn="arn:{partition}:sqs:{region}:{account}:{id}",
        tags="@list_queue_tags/Tags",
        properties=(
            Property("queue_url", "QueueUrl", "Its URL."),
            Property("kms_key_id", _attribute("KmsMasterKeyId"), "The key that encrypts it."),
            Property(
                "sqs_managed_sse",
                _attribute("SqsManagedSseEnabled"),
                "Whether SQS's own key encrypts it.",
                truth,
            ),
            Property(
                "message_retention_period",
                _attribute("MessageRetentionPeriod"),
                "How long messages are kept, in seconds.",
                whole,
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
