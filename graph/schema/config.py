"""AWS Config: what is recorded, where it goes, and who may aggregate it."""

from __future__ import annotations

from graph.schema.convert import texts, truth
from graph.schema.declare import NodeType, Property

_STATUS = "@describe_configuration_recorder_status/*"
_CHANNEL = "@describe_delivery_channels/*"

DECLARATIONS = (
    NodeType(
        snapshot_type="config:recorder",
        label="ConfigRecorder",
        resource_type="AWS::Config::ConfigurationRecorder",
        category="admin",
        description="What Config records of a region.",
        arn="arn:{partition}:config:{region}:{account}:configuration-recorder/{id}",
        name="name",
        properties=(
            Property("role_arn", "roleARN", "The role that it reads with."),
            Property("recording", f"{_STATUS}/recording", "Whether it records now.", truth),
            Property("last_status", f"{_STATUS}/lastStatus", "E.g. SUCCESS."),
            Property(
                "all_supported", "recordingGroup/allSupported", "Whether it records all.", truth
            ),
            Property(
                "include_global_types",
                "recordingGroup/includeGlobalResourceTypes",
                "Whether it records IAM.",
                truth,
            ),
            Property(
                "resource_types",
                "recordingGroup/resourceTypes/*",
                "Types that it records.",
                texts,
                absent=[],
            ),
            Property(
                "delivery_buckets",
                f"{_CHANNEL}/s3BucketName",
                "Where snapshots and history are written.",
                texts,
                absent=[],
            ),
            Property(
                "delivery_topics",
                f"{_CHANNEL}/snsTopicARN",
                "Topics that hear of changes.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="config:aggregator",
        label="ConfigAggregator",
        resource_type="AWS::Config::ConfigurationAggregator",
        category="admin",
        description="What collects other accounts' and regions' configuration.",
        arn="arn:{partition}:config:{region}:{account}:config-aggregator/{id}",
        name="ConfigurationAggregatorName",
        properties=(
            Property(
                "source_account_ids",
                "AccountAggregationSources/*/AccountIds/*",
                "Accounts that it collects from.",
                texts,
                absent=[],
            ),
            Property(
                "organization_role_arn",
                "OrganizationAggregationSource/RoleArn",
                "The role with which it collects from the whole organisation.",
            ),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="config:aggregation-authorization",
        label="ConfigAggregationAuthorization",
        resource_type="AWS::Config::AggregationAuthorization",
        category="policy",
        description="Lets another account collect this one's configuration.",
        arn="arn:{partition}:config:{region}:{account}:aggregation-authorization/{id}",
        properties=(
            Property("authorized_account_id", "AuthorizedAccountId", "The account."),
            Property("authorized_region", "AuthorizedAwsRegion", "Its region."),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="config:rule",
        label="ConfigRule",
        resource_type="AWS::Config::ConfigRule",
        category="admin",
        description="A rule that Config checks.",
        arn="arn:{partition}:config:{region}:{account}:config-rule/{id}",
        name="ConfigRuleName",
        resource_id="ConfigRuleId",
        properties=(
            Property("source_owner", "Source/Owner", "AWS, CUSTOM_LAMBDA or CUSTOM_POLICY."),
            Property("source_identifier", "Source/SourceIdentifier", "The rule or function."),
            Property("state", "ConfigRuleState", "E.g. ACTIVE."),
            Property("created_by", "CreatedBy", "The service that made it."),
        ),
    ),
)
