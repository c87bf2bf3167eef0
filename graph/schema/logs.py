"""CloudWatch Logs: groups, where they are sent, and what the account set for all of them."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import present, texts, truth, whole
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with

DECLARATIONS = (
    NodeType(
        snapshot_type="logs:group",
        label="LogGroup",
        resource_type="AWS::Logs::LogGroup",
        category="data",
        description="A log group.",
        arn="arn:{partition}:logs:{region}:{account}:log-group:{id}",
        name="logGroupName",
        resource_id="logGroupName",
        properties=(
            Property(
                "retention_days",
                "retentionInDays",
                "Days that events are kept; none: always.",
                whole,
            ),
            Property("kms_key_id", "kmsKeyId", "The key that encrypts it."),
            Property("log_group_class", "logGroupClass", "E.g. STANDARD."),
            Property("data_protection_status", "dataProtectionStatus", "E.g. ACTIVATED."),
            Property("stored_bytes", "storedBytes", "How much it holds.", whole),
            Property(
                "deletion_protection",
                "deletionProtectionEnabled",
                "Whether it is protected from deletion.",
                truth,
            ),
            Property(
                "subscription_destinations",
                "@describe_subscription_filters/*/destinationArn",
                "Where its events are sent.",
                texts,
                absent=[],
            ),
            Property(
                "subscription_roles",
                "@describe_subscription_filters/*/roleArn",
                "Roles with which its events are sent.",
                texts,
                absent=[],
            ),
        ),
        links=(encrypted_with("kmsKeyId"),),
    ),
    NodeType(
        snapshot_type="logs:destination",
        label="LogDestination",
        resource_type="AWS::Logs::Destination",
        category="data",
        description="Takes in log events of other accounts.",
        arn="arn:{partition}:logs:{region}:{account}:destination:{id}",
        name="destinationName",
        resource_id="destinationName",
        properties=(
            Property("target_arn", "targetArn", "Where the events go."),
            Property("role_arn", "roleArn", "The role with which they are written."),
            Property(
                "has_policy", "accessPolicy", "Whether it has a policy.", present, absent=False
            ),
        ),
    ),
    NodeType(
        snapshot_type="logs:delivery",
        label="LogDelivery",
        resource_type="AWS::Logs::Delivery",
        category="data",
        description="Delivers a service's logs to a delivery destination.",
        arn="arn:{partition}:logs:{region}:{account}:delivery:{id}",
        name="deliverySourceName",
        resource_id="id",
        tags="tags",
        properties=(
            Property("delivery_source", "deliverySourceName", "Whose logs."),
            Property("destination_type", "deliveryDestinationType", "S3, CWL, FH or XRAY."),
        ),
    ),
    NodeType(
        snapshot_type="logs:delivery-destination",
        label="LogDeliveryDestination",
        resource_type="AWS::Logs::DeliveryDestination",
        category="data",
        description="Takes in logs that services deliver, also of other accounts.",
        arn="arn:{partition}:logs:{region}:{account}:delivery-destination:{id}",
        name="name",
        resource_id="name",
        tags="tags",
        properties=(
            Property("destination_type", "deliveryDestinationType", "S3, CWL, FH or XRAY."),
        ),
    ),
    Setting(
        snapshot_type="logs:account-settings",
        label="Region",
        describes=of_region,
        description="What is set for all log groups of the region.",
        properties=(
            Property(
                "log_resource_policies",
                "@describe_resource_policies/*/policyName",
                "Policies that let services and accounts write to log groups.",
                texts,
                absent=[],
            ),
            Property(
                "log_metric_filters",
                "@describe_metric_filters/*/filterName",
                "Filters that count events.",
                texts,
                absent=[],
            ),
            Property(
                "log_data_protection_policies",
                "@describe_account_policies(policyType=DATA_PROTECTION_POLICY)/*/policyName",
                "Policies that mask sensitive data in all log groups.",
                texts,
                absent=[],
            ),
            Property(
                "log_subscription_policies",
                "@describe_account_policies(policyType=SUBSCRIPTION_FILTER_POLICY)/*/policyName",
                "Policies that send the events of all log groups elsewhere.",
                texts,
                absent=[],
            ),
        ),
    ),
)
