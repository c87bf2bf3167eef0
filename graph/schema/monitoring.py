"""CloudWatch alarms, cross-account observability, Prometheus workspaces."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with

_ACTIONS = (
    Property("actions_enabled", "ActionsEnabled", "Whether it does anything.", truth),
    Property("alarm_actions", "AlarmActions/*", "What it does.", texts, absent=[]),
    Property("state_value", "StateValue", "OK, ALARM or INSUFFICIENT_DATA."),
)
_SHARED = Property("resource_types", "ResourceTypes/*", "What is shared.", texts, absent=[])

DECLARATIONS = (
    NodeType(
        snapshot_type="cw:alarm",
        label="CloudWatchAlarm",
        resource_type="AWS::CloudWatch::Alarm",
        category="admin",
        description="An alarm on a metric.",
        arn="arn:{partition}:cloudwatch:{region}:{account}:alarm:{id}",
        name="AlarmName",
        resource_id="AlarmName",
        properties=(
            Property("metric_name", "MetricName", "The metric."),
            Property("metric_namespace", "Namespace", "The metric's namespace."),
            *_ACTIONS,
        ),
    ),
    NodeType(
        snapshot_type="cw:composite-alarm",
        label="CompositeAlarm",
        resource_type="AWS::CloudWatch::CompositeAlarm",
        category="admin",
        description="An alarm on other alarms.",
        name="AlarmName",
        resource_id="AlarmName",
        properties=(Property("alarm_rule", "AlarmRule", "Which alarms it is about."), *_ACTIONS),
    ),
    NodeType(
        snapshot_type="oam:sink",
        label="ObservabilitySink",
        resource_type="AWS::Oam::Sink",
        category="data",
        description="Where other accounts' metrics, logs and traces can be seen.",
        arn="arn:{partition}:oam:{region}:{account}:sink/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property(
                "has_policy",
                "@get_sink_policy/Policy",
                "Whether it has a policy.",
                present,
                absent=False,
            ),
            Property(
                "attached_links",
                "@list_attached_links/*/LinkArn",
                "Links of the accounts that share with it.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="oam:link",
        label="ObservabilityLink",
        resource_type="AWS::Oam::Link",
        category="data",
        description="Shares the account's metrics, logs and traces with a sink.",
        arn="arn:{partition}:oam:{region}:{account}:link/{id}",
        name="Label",
        resource_id="Id",
        properties=(Property("sink_arn", "SinkArn", "The sink."), _SHARED),
    ),
    NodeType(
        snapshot_type="amp:workspace",
        label="PrometheusWorkspace",
        resource_type="AWS::APS::Workspace",
        category="data",
        description="A workspace of Amazon Managed Service for Prometheus.",
        arn="arn:{partition}:aps:{region}:{account}:workspace/{id}",
        name="alias",
        resource_id="workspaceId",
        tags="tags",
        properties=(
            Property("status", "status/statusCode", "E.g. ACTIVE."),
            Property("kms_key_id", "kmsKeyArn", "The key that encrypts it."),
            Property(
                "has_policy",
                "@describe_resource_policy/policyDocument",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
        links=(encrypted_with("kmsKeyArn"),),
    ),
)
