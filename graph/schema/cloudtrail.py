"""CloudTrail: what records the account's events, and where the records go."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with

_STORE = "@get_event_data_store"
_HAS_POLICY = Property(
    "has_policy",
    "@get_resource_policy/ResourcePolicy",
    "Whether it has a resource policy.",
    present,
    absent=False,
)

DECLARATIONS = (
    NodeType(
        snapshot_type="cloudtrail:trail",
        label="CloudTrail",
        resource_type="AWS::CloudTrail::Trail",
        category="admin",
        description="A trail: which API calls are recorded, and where to.",
        arn="arn:{partition}:cloudtrail:{region}:{account}:trail/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("is_logging", "@get_trail_status/IsLogging", "Whether it records now.", truth),
            Property(
                "is_multi_region", "IsMultiRegionTrail", "Whether it records all regions.", truth
            ),
            Property(
                "is_organization_trail",
                "IsOrganizationTrail",
                "Whether it records every account of the organisation.",
                truth,
            ),
            Property(
                "log_file_validation",
                "LogFileValidationEnabled",
                "Whether digests let changed files be noticed.",
                truth,
            ),
            Property("s3_bucket_name", "S3BucketName", "The bucket that it writes to."),
            Property(
                "log_group_arn", "CloudWatchLogsLogGroupArn", "The log group that it writes to."
            ),
            Property("sns_topic_arn", "SnsTopicARN", "The topic that hears of new files."),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts its files."),
            Property(
                "latest_delivery_error",
                "@get_trail_status/LatestDeliveryError",
                "Why the last file could not be written.",
            ),
            Property(
                "data_resource_types",
                "@get_event_selectors/EventSelectors/*/DataResources/*/Type",
                "Types of which data events are recorded (basic selectors).",
                texts,
                absent=[],
            ),
            Property(
                "has_advanced_selectors",
                "@get_event_selectors/AdvancedEventSelectors/*",
                "Whether advanced selectors choose the events.",
                present,
                absent=False,
            ),
            Property(
                "insight_types",
                "@get_insight_selectors/InsightSelectors/*/InsightType",
                "Unusual activity that it looks for.",
                texts,
                absent=[],
            ),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="cloudtrail:event-data-store",
        label="EventDataStore",
        resource_type="AWS::CloudTrail::EventDataStore",
        category="data",
        description="An event data store of CloudTrail Lake.",
        arn="arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{id}",
        name="Name",
        properties=(
            Property("status", f"{_STORE}/Status|Status", "E.g. ENABLED."),
            Property(
                "is_multi_region",
                f"{_STORE}/MultiRegionEnabled",
                "Whether it holds events of all regions.",
                truth,
            ),
            Property(
                "is_organization_store",
                f"{_STORE}/OrganizationEnabled",
                "Whether it holds events of every account of the organisation.",
                truth,
            ),
            Property(
                "retention_days", f"{_STORE}/RetentionPeriod", "Days that events are kept.", whole
            ),
            Property(
                "termination_protection",
                f"{_STORE}/TerminationProtectionEnabled",
                "Whether it is protected from deletion.",
                truth,
            ),
            Property("kms_key_id", f"{_STORE}/KmsKeyId", "The key that encrypts it."),
            Property(
                "federation_role_arn",
                f"{_STORE}/FederationRoleArn",
                "The role with which Athena reads it.",
            ),
            _HAS_POLICY,
        ),
        links=(encrypted_with(f"{_STORE}/KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="cloudtrail:channel",
        label="CloudTrailChannel",
        resource_type="AWS::CloudTrail::Channel",
        category="data",
        description="A channel through which events from outside AWS enter CloudTrail Lake.",
        arn="arn:{partition}:cloudtrail:{region}:{account}:channel/{id}",
        name="Name",
        properties=(_HAS_POLICY,),
    ),
)
