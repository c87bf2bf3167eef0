"""Data that leaves: each setting, with a twin that stays, one that is off, one of nobody known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collector.services import TYPES
from graph.inventory import inventory
from graph.schema.flows import KINDS, Flow, flows
from graph.schema.registry import REGISTRY
from queries.runner import run_query
from tests.queries.embedded import Embedded
from tests.schema.aws_lines import DENIED, PROD, SHARED, VENDOR, WEST, Line, line, ok, write
from tests.schema.test_paths import wrong

ARN = f"arn:aws:{{}}:{WEST}:{PROD}:{{}}"
"""Of a resource whose data leaves: service and the rest."""
DELIVERY = "describe_delivery_stream"


def to(service: str, rest: str) -> str:
    """The ARN of a destination; ``OWNER`` is filled in by the test."""
    return f"arn:aws:{service}:{WEST}:OWNER:{rest}"


def sub(protocol: str, endpoint: str) -> Line:
    """A topic's subscription."""
    return {
        "Protocol": protocol,
        "Endpoint": endpoint,
        "Owner": "OWNER",
        "SubscriptionArn": f"{ARN.format('sns', 'news')}:1",
    }


def topic(protocol: str, endpoint: str) -> tuple[str, str, Line]:
    return (
        "sns:topic",
        "sns-subscription",
        line(ARN.format("sns", "news"), list_subscriptions_by_topic=ok([sub(protocol, endpoint)])),
    )


def stream(destination: Line) -> tuple[str, str, Line]:
    held = {"DeliveryStreamDescription": {"Destinations": [destination]}}
    return (
        "firehose:stream",
        "firehose-delivery",
        line(ARN.format("firehose", "deliverystream/s"), **{DELIVERY: ok(held)}),
    )


def event_destination(where: Line) -> tuple[str, str, Line]:
    held = ok([{"Name": "all", "Enabled": True, **where}])
    made = line(
        ARN.format("ses", "configuration-set/mail"),
        {"ConfigurationSetName": "mail"},
        get_configuration_set_event_destinations=held,
    )
    return "ses:configuration-set", "ses-event-destination", made


BUCKET = "arn:aws:s3:::dest"
SOURCE = "arn:aws:s3:::source"


def balancer(kind: str) -> Line:
    listed = [
        {"Key": f"{kind}.s3.enabled", "Value": "true"},
        {"Key": f"{kind}.s3.bucket", "Value": "dest"},
    ]
    arn = ARN.format("elasticloadbalancing", "loadbalancer/app/a/1")
    return line(arn, describe_load_balancer_attributes=ok(listed))


def trail(**item: str) -> Line:
    logging = ok({"IsLogging": True})
    return line(ARN.format("cloudtrail", "trail/t"), item, get_trail_status=logging)


def notified(kind: str, member: str, arn: str) -> Line:
    held = ok({f"{kind}Configurations": [{member: arn, "Events": ["s3:ObjectCreated:*"]}]})
    return line(SOURCE, {"Name": "source"}, get_bucket_notification_configuration=held)


CASES: list[tuple[str, str, Line]] = [
    (
        "s3:bucket",
        "s3-access-log",
        line(SOURCE, get_bucket_logging=ok({"LoggingEnabled": {"TargetBucket": "dest"}})),
    ),
    (
        "s3:bucket",
        "s3-replication",
        line(
            SOURCE,
            get_bucket_replication=ok(
                {
                    "ReplicationConfiguration": {
                        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": BUCKET}}]
                    }
                }
            ),
        ),
    ),
    ("s3:bucket", "s3-notification", notified("Topic", "TopicArn", to("sns", "t"))),
    ("s3:bucket", "s3-notification", notified("Queue", "QueueArn", to("sqs", "q"))),
    (
        "s3:bucket",
        "s3-notification",
        notified("LambdaFunction", "LambdaFunctionArn", to("lambda", "function:f")),
    ),
    ("cloudtrail:trail", "cloudtrail-bucket", trail(S3BucketName="dest")),
    (
        "cloudtrail:trail",
        "cloudtrail-log-group",
        trail(CloudWatchLogsLogGroupArn=to("logs", "log-group:g:*")),
    ),
    ("cloudtrail:trail", "cloudtrail-topic", trail(SnsTopicARN=to("sns", "t"))),
    (
        "config:recorder",
        "config-delivery",
        line(
            ARN.format("config", "configuration-recorder/default/1"),
            describe_delivery_channels=ok([{"s3BucketName": "dest"}]),
        ),
    ),
    (
        "config:recorder",
        "config-topic",
        line(
            ARN.format("config", "configuration-recorder/default/1"),
            describe_delivery_channels=ok([{"snsTopicARN": to("sns", "t")}]),
        ),
    ),
    (
        "config:aggregation-authorization",
        "config-aggregation",
        line(
            ARN.format("config", "aggregation-authorization/1/eu-west-1"),
            {"AuthorizedAccountId": "OWNER"},
        ),
    ),
    (
        "ec2:flow-log",
        "flow-log",
        line(ARN.format("ec2", "vpc-flow-log/fl-1"), {"LogDestination": f"{BUCKET}/vpc"}),
    ),
    (
        "route53:query-logging-config",
        "dns-query-log",
        line(
            "arn:aws:route53:::queryloggingconfig/1",
            {
                "HostedZoneId": "Z1",
                "CloudWatchLogsLogGroupArn": to("logs", "log-group:/aws/route53/x"),
            },
        ),
    ),
    (
        "route53resolver:query-log",
        "dns-query-log",
        line(
            ARN.format("route53resolver", "resolver-query-log-config/q"), {"DestinationArn": BUCKET}
        ),
    ),
    ("elbv2:load-balancer", "elb-access-log", balancer("access_logs")),
    ("elbv2:load-balancer", "elb-connection-log", balancer("connection_logs")),
    (
        "elb:load-balancer",
        "elb-access-log",
        line(
            ARN.format("elasticloadbalancing", "loadbalancer/old"),
            describe_load_balancer_attributes=ok(
                {"LoadBalancerAttributes": {"AccessLog": {"Enabled": True, "S3BucketName": "dest"}}}
            ),
        ),
    ),
    (
        "cloudfront:distribution",
        "cloudfront-log",
        line(
            f"arn:aws:cloudfront::{PROD}:distribution/E1",
            get_distribution_config=ok(
                {
                    "DistributionConfig": {
                        "Logging": {"Enabled": True, "Bucket": "dest.s3.amazonaws.com"}
                    }
                }
            ),
        ),
    ),
    (
        "redshift:cluster",
        "redshift-log",
        line(
            ARN.format("redshift", "cluster:c"),
            describe_logging_status=ok({"LoggingEnabled": True, "BucketName": "dest"}),
        ),
    ),
    (
        "kafka:cluster",
        "msk-log",
        line(
            ARN.format("kafka", "cluster/c/1"),
            {
                "Provisioned": {
                    "LoggingInfo": {"BrokerLogs": {"S3": {"Enabled": True, "Bucket": "dest"}}}
                }
            },
        ),
    ),
    (
        "emr:cluster",
        "emr-log",
        line(
            ARN.format("elasticmapreduce", "cluster/j-1"),
            describe_cluster=ok({"Cluster": {"LogUri": "s3n://dest/logs/"}}),
        ),
    ),
    (
        "codebuild:project",
        "codebuild-log",
        line(
            ARN.format("codebuild", "project/p"),
            batch_get_projects=ok(
                {"logsConfig": {"s3Logs": {"status": "ENABLED", "location": "dest/logs"}}}
            ),
        ),
    ),
    (
        "codebuild:project",
        "codebuild-artifacts",
        line(
            ARN.format("codebuild", "project/p"),
            batch_get_projects=ok({"artifacts": {"type": "S3", "location": "dest"}}),
        ),
    ),
    (
        "bedrock:invocation-logging",
        "bedrock-log",
        line(
            PROD,
            get_model_invocation_logging_configuration=ok(
                {"loggingConfig": {"s3Config": {"bucketName": "dest"}}}
            ),
        ),
    ),
    (
        "athena:workgroup",
        "athena-results",
        line(
            ARN.format("athena", "workgroup/w"),
            get_work_group=ok(
                {
                    "WorkGroup": {
                        "Configuration": {"ResultConfiguration": {"OutputLocation": "s3://dest/x/"}}
                    }
                }
            ),
        ),
    ),
    (
        "logs:group",
        "log-subscription",
        line(
            ARN.format("logs", "log-group:g"),
            describe_subscription_filters=ok([{"destinationArn": to("logs", "destination:d")}]),
        ),
    ),
    (
        "logs:account-settings",
        "log-account-policy",
        line(
            PROD,
            **{
                "describe_account_policies(policyType=SUBSCRIPTION_FILTER_POLICY)": ok(
                    [{"policyDocument": json.dumps({"DestinationArn": to("kinesis", "stream/s")})}]
                )
            },
        ),
    ),
    (
        "logs:destination",
        "log-destination",
        line(ARN.format("logs", "destination:d"), {"targetArn": to("kinesis", "stream/s")}),
    ),
    ("oam:link", "oam-link", line(ARN.format("oam", "link/1"), {"SinkArn": to("oam", "sink/1")})),
    (
        "gd:detector",
        "guardduty-administrator",
        line(
            ARN.format("guardduty", "detector/1"),
            get_administrator_account=ok(
                {"Administrator": {"AccountId": "OWNER", "RelationshipStatus": "Enabled"}}
            ),
        ),
    ),
    (
        "macie:session",
        "macie-administrator",
        line(
            PROD,
            get_administrator_account=ok(
                {"administrator": {"accountId": "OWNER", "relationshipStatus": "Enabled"}}
            ),
        ),
    ),
    (
        "events:rule",
        "event-target",
        line(
            ARN.format("events", "rule/r"),
            {"State": "ENABLED"},
            list_targets_by_rule=ok([{"Id": "1", "Arn": to("events", "event-bus/b")}]),
        ),
    ),
    (
        "events:api-destination",
        "api-destination",
        line(
            ARN.format("events", "api-destination/d/1"),
            {
                "InvocationEndpoint": "https://hooks.example.com/a/*",
                "ApiDestinationState": "ACTIVE",
            },
        ),
    ),
    topic("sqs", to("sqs", "q")),
    topic("lambda", to("lambda", "function:f")),
    topic("firehose", to("firehose", "deliverystream/s")),
    topic("https", "https://ann:b@hooks.example.com:8443/x"),
    topic("email", "ann@example.com"),
    stream({"S3DestinationDescription": {"BucketARN": BUCKET}}),
    stream({"AmazonopensearchserviceDestinationDescription": {"DomainARN": to("es", "domain/d")}}),
    stream(
        {
            "HttpEndpointDestinationDescription": {
                "EndpointConfiguration": {"Url": "https://in.example.com/v1"}
            }
        }
    ),
    stream(
        {
            "RedshiftDestinationDescription": {
                "ClusterJDBCURL": "jdbc:redshift://db.example.com:5439/x"
            }
        }
    ),
    (
        "ecr:registry",
        "ecr-replication",
        line(
            PROD,
            describe_registry=ok(
                {
                    "replicationConfiguration": {
                        "rules": [{"destinations": [{"region": WEST, "registryId": "OWNER"}]}]
                    }
                }
            ),
        ),
    ),
    (
        "dynamodb:table",
        "dynamodb-replica",
        line(
            ARN.format("dynamodb", "table/t"),
            describe_table=ok({"Table": {"Replicas": [{"ReplicaArn": to("dynamodb", "table/r")}]}}),
        ),
    ),
    (
        "efs:replication",
        "efs-replication",
        line(
            ARN.format("elasticfilesystem", "file-system/fs-0a0a0a0a"),
            {
                "Destinations": [
                    {
                        "FileSystemId": "fs-0b0b0b0b",
                        "Region": WEST,
                        "OwnerId": "OWNER",
                        "Status": "ENABLED",
                    }
                ]
            },
        ),
    ),
    (
        "secretsmanager:replication",
        "secret-replication",
        line(
            ARN.format("secretsmanager", "secret:s-AbCdEf"),
            describe_secret=ok(
                {
                    "CrossAccountReplicas": [
                        {"ReplicaSecretARN": to("secretsmanager", "secret:r-AbCdEf")}
                    ]
                }
            ),
        ),
    ),
    (
        "backup:plan",
        "backup-copy",
        line(
            ARN.format("backup", "backup-plan:p"),
            get_backup_plan=ok(
                {
                    "BackupPlan": {
                        "Rules": [
                            {
                                "CopyActions": [
                                    {"DestinationBackupVaultArn": to("backup", "backup-vault:v")}
                                ]
                            }
                        ]
                    }
                }
            ),
        ),
    ),
    (
        "dlm:policy",
        "dlm-share",
        line(
            ARN.format("dlm", "policy/policy-1"),
            get_lifecycle_policy=ok(
                {
                    "Policy": {
                        "State": "ENABLED",
                        "PolicyDetails": {
                            "Schedules": [{"ShareRules": [{"TargetAccounts": ["OWNER"]}]}]
                        },
                    }
                }
            ),
        ),
    ),
    (
        "datasync:task",
        "datasync-report",
        line(
            ARN.format("datasync", "task/t"),
            describe_task=ok(
                {"TaskReportConfig": {"Destination": {"S3": {"S3BucketArn": BUCKET}}}}
            ),
        ),
    ),
    (
        "s3:bucket",
        "s3-inventory",
        line(
            SOURCE,
            {"Name": "source"},
            list_bucket_inventory_configurations=ok(
                [
                    {
                        "Id": "all",
                        "IsEnabled": True,
                        "Destination": {"S3BucketDestination": {"Bucket": BUCKET}},
                    }
                ]
            ),
        ),
    ),
    (
        "s3:bucket",
        "s3-analytics",
        line(
            SOURCE,
            {"Name": "source"},
            list_bucket_analytics_configurations=ok(
                [
                    {
                        "Id": "all",
                        "StorageClassAnalysis": {
                            "DataExport": {
                                "Destination": {
                                    "S3BucketDestination": {
                                        "BucketAccountId": "OWNER",
                                        "Bucket": BUCKET,
                                    }
                                }
                            }
                        },
                    }
                ]
            ),
        ),
    ),
    (
        "s3:storage-lens",
        "s3-storage-lens",
        line(
            ARN.format("s3", "storage-lens/all"),
            {"Id": "all", "IsEnabled": True},
            get_storage_lens_configuration=ok(
                {
                    "StorageLensConfiguration": {
                        "DataExport": {"S3BucketDestination": {"AccountId": "OWNER", "Arn": BUCKET}}
                    }
                }
            ),
        ),
    ),
    (
        "wafv2:web-acl",
        "waf-log",
        line(
            ARN.format("wafv2", "regional/webacl/shield/w1"),
            {"Name": "shield"},
            get_logging_configuration=ok(
                {"LoggingConfiguration": {"LogDestinationConfigs": [BUCKET]}}
            ),
        ),
    ),
    (
        "wafv2:cloudfront-web-acl",
        "waf-log",
        line(
            f"arn:aws:wafv2:us-east-1:{PROD}:global/webacl/edge/w2",
            {"Name": "edge"},
            get_logging_configuration=ok(
                {
                    "LoggingConfiguration": {
                        "LogDestinationConfigs": [to("firehose", "deliverystream/aws-waf-logs-x")]
                    }
                }
            ),
        ),
    ),
    (
        "network-firewall:firewall",
        "network-firewall-log",
        line(
            ARN.format("network-firewall", "firewall/edge"),
            {"FirewallName": "edge"},
            describe_logging_configuration=ok(
                {
                    "LoggingConfiguration": {
                        "LogDestinationConfigs": [
                            {
                                "LogType": "ALERT",
                                "LogDestinationType": "CloudWatchLogs",
                                "LogDestination": {"logGroup": "alerts"},
                            },
                            {
                                "LogType": "FLOW",
                                "LogDestinationType": "S3",
                                "LogDestination": {"bucketName": "dest", "prefix": "flows"},
                            },
                        ]
                    }
                }
            ),
        ),
    ),
    (
        "dynamodb:export",
        "dynamodb-export",
        line(
            ARN.format("dynamodb", "table/orders/export/01"),
            {"ExportStatus": "COMPLETED"},
            describe_export=ok(
                {
                    "ExportDescription": {
                        "TableArn": ARN.format("dynamodb", "table/orders"),
                        "ExportStatus": "COMPLETED",
                        "S3Bucket": "dest",
                    }
                }
            ),
        ),
    ),
    *(
        (
            "rds:export-task",
            "rds-export",
            line(
                ARN.format("rds", "export-task:monthly"),
                {
                    "ExportTaskIdentifier": "monthly",
                    "SourceArn": ARN.format("rds", source),
                    "S3Bucket": "dest",
                    "Status": "COMPLETE",
                },
            ),
        )
        for source in ("snapshot:rds:nightly", "cluster-snapshot:rds:nightly", "cluster:orders")
    ),
    (
        "backup:report-plan",
        "backup-report",
        line(
            ARN.format("backup", "report-plan:r-1"),
            {"ReportPlanName": "r", "ReportDeliveryChannel": {"S3BucketName": "dest"}},
        ),
    ),
    event_destination({"SnsDestination": {"TopicArn": to("sns", "bounces")}}),
    event_destination(
        {"KinesisFirehoseDestination": {"DeliveryStreamArn": to("firehose", "deliverystream/s")}}
    ),
    event_destination({"EventBridgeDestination": {"EventBusArn": to("events", "event-bus/b")}}),
    (
        "gd:detector",
        "guardduty-export",
        line(
            ARN.format("guardduty", "detector/1"),
            **{
                "describe_publishing_destination(DestinationId=d1)": ok(
                    {
                        "Status": "PUBLISHING",
                        "DestinationProperties": {"DestinationArn": f"{BUCKET}/findings"},
                    }
                )
            },
        ),
    ),
    (
        "logs:delivery",
        "log-delivery",
        line(
            ARN.format("logs", "delivery:1"),
            {"deliveryDestinationArn": to("logs", "delivery-destination:central")},
        ),
    ),
    (
        "logs:delivery-destination",
        "log-delivery",
        line(
            ARN.format("logs", "delivery-destination:central"),
            {
                "name": "central",
                "deliveryDestinationConfiguration": {"destinationResourceArn": BUCKET},
            },
        ),
    ),
    (
        "pipes:pipe",
        "pipe-target",
        line(
            ARN.format("pipes", "pipe/p"),
            {"Name": "p", "CurrentState": "RUNNING"},
            describe_pipe=ok({"Target": to("sqs", "q")}),
        ),
    ),
]
NAMES = [f"{kind}-{how}-{number}" for number, (kind, how, _) in enumerate(CASES)]
TO_ADDRESS = [case for case in CASES if "example.com" in str(case[2])]
TO_BUCKET = [case for case in CASES if "dest" in str(case[2]) and "OWNER" not in str(case[2])]
TO_BUCKET = [case for case in TO_BUCKET if case not in TO_ADDRESS]


def rows(folder: Path, case: tuple[str, str, Line], owner: str, bucket_of: str) -> list[Any]:
    """What leaves where the destination is ``owner``'s, and ``dest`` a bucket of ``bucket_of``."""
    kind, _, made = case
    made = json.loads(json.dumps(made).replace("OWNER", owner))
    lines = {(PROD, WEST, kind): [made]}
    if bucket_of:
        lines.setdefault((bucket_of, "global", "s3:bucket"), []).append(
            line(BUCKET, {"Name": "dest"})
        )
    result = inventory(write(folder, lines))
    assert not result.problems
    frame = run_query(Embedded(result.nodes, result.relationships), "data-flows-outside")
    return [dict(row) for row in frame.to_dict("records")]


def told(found: list[Any]) -> list[tuple[str, str, str | None]]:
    return [(one["mechanism"], one["verdict"], one["from_account"] or None) for one in found]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_goes_to_another_account_is_a_row(tmp_path: Path, case: tuple[str, str, Line]) -> None:
    owner = None if case in TO_ADDRESS else SHARED
    assert told(rows(tmp_path, case, SHARED, SHARED)) == [(case[1], "yes", owner)]


@pytest.mark.parametrize(
    "case", [one for one in CASES if one not in TO_ADDRESS], ids=lambda case: str(case[1])
)
def test_what_stays_in_the_account_is_none(tmp_path: Path, case: tuple[str, str, Line]) -> None:
    assert rows(tmp_path, case, PROD, PROD) == []


@pytest.mark.parametrize("case", TO_BUCKET, ids=lambda case: str(case[1]))
def test_a_bucket_that_nobody_collected_has_an_owner_that_is_not_known(
    tmp_path: Path, case: tuple[str, str, Line]
) -> None:
    (row,) = rows(tmp_path, case, SHARED, "")
    assert (row["verdict"], row["conditions"]) == ("unknown", [f"not_collected:owner={BUCKET}"])
    assert row["why"].endswith("The owner is not known.")


def test_every_flow_has_a_case() -> None:
    assert {(flow.type, flow.mechanism) for flow in flows()} == {case[:2] for case in CASES}


@pytest.mark.parametrize(
    "flow", flows(), ids=lambda flow: f"{flow.type}-{flow.mechanism}-{flow.to}"
)
def test_every_path_exists_in_what_aws_answers(flow: Flow) -> None:
    def whole(path: str) -> str:
        if path[:1] in "@^" or not flow.each:
            return path.removeprefix("^")
        return f"{flow.each}/{path}"

    member = flow.document or flow.to
    asked = [member, *(path for path in (flow.owner, flow.region) if path)]
    asked += [flow.off["path"]] if flow.off else []
    for path in asked:
        assert wrong(TYPES[flow.type], whole(path)) == [], path


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("snapshot:s", "RDSSnapshot"),
        ("cluster-snapshot:s", "RDSClusterSnapshot"),
        ("cluster:c", "RDSCluster"),
        ("snapshot-tenant-database:s", None),
    ],
)
def test_an_export_leaves_what_was_exported(tmp_path: Path, source: str, label: str | None) -> None:
    arn = ARN.format("rds", source)
    made = line(ARN.format("rds", "export-task:e"), {"SourceArn": arn, "S3Bucket": "dest"})
    found = rows(tmp_path, ("rds:export-task", "rds-export", made), SHARED, SHARED)
    assert [(one["to_id"], one["to_labels"][-1]) for one in found] == [(arn, label)] * bool(label)


def test_every_flow_begins_at_a_node_and_ends_in_a_way_that_is_known() -> None:
    for flow in flows():
        assert flow.label in REGISTRY.by_label
        assert flow.kind in KINDS
        assert flow.source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize(
    ("case", "on", "off"),
    [
        ("s3-replication", '"Enabled"', '"Disabled"'),
        ("cloudtrail-bucket", "true", "false"),
        ("elb-connection-log", '"true"', '"false"'),
        ("cloudfront-log", "true", "false"),
        ("redshift-log", "true", "false"),
        ("msk-log", "true", "false"),
        ("codebuild-log", '"ENABLED"', '"DISABLED"'),
        ("guardduty-administrator", '"Enabled"', '"Removed"'),
        ("event-target", '"ENABLED"', '"DISABLED"'),
        ("api-destination", '"ACTIVE"', '"INACTIVE"'),
        ("sns-subscription", f'"{ARN.format("sns", "news")}:1"', '"PendingConfirmation"'),
        ("efs-replication", '"ENABLED"', '"ERROR"'),
        ("dlm-share", '"ENABLED"', '"DISABLED"'),
        ("s3-inventory", "true", "false"),
        ("s3-storage-lens", "true", "false"),
        ("dynamodb-export", '"COMPLETED"', '"FAILED"'),
        ("rds-export", '"COMPLETE"', '"CANCELED"'),
        ("ses-event-destination", "true", "false"),
        ("guardduty-export", '"PUBLISHING"', '"STOPPED"'),
        ("pipe-target", '"RUNNING"', '"STOPPED"'),
    ],
)
def test_a_setting_that_is_off_is_dormant(tmp_path: Path, case: str, on: str, off: str) -> None:
    kind, how, made = next(one for one in CASES if one[1] == case)
    switched = json.loads(json.dumps(made).replace(on, off))
    assert switched != made
    (row,) = rows(tmp_path, (kind, how, switched), SHARED, SHARED)
    assert (row["verdict"], row["conditions"]) == ("dormant", [])


def replicating(*rules: tuple[str, str | None]) -> tuple[str, str, Line]:
    listed = [
        {"Status": status, "Destination": {"Bucket": BUCKET} | ({"Account": who} if who else {})}
        for status, who in rules
    ]
    held = ok({"ReplicationConfiguration": {"Rules": listed}})
    return "s3:bucket", "s3-replication", line(SOURCE, get_bucket_replication=held)


def test_of_two_rules_for_one_bucket_the_one_that_is_on_counts(tmp_path: Path) -> None:
    found = rows(tmp_path, replicating(("Disabled", None), ("Enabled", None)), SHARED, SHARED)
    assert told(found) == [("s3-replication", "yes", SHARED)]


def test_a_rule_that_names_the_owner_tells_whose_the_bucket_is(tmp_path: Path) -> None:
    found = rows(tmp_path, replicating(("Enabled", VENDOR)), SHARED, "")
    assert told(found) == [("s3-replication", "yes", VENDOR)]


def test_a_bucket_that_was_collected_is_its_owners_whatever_the_rule_says(tmp_path: Path) -> None:
    assert rows(tmp_path, replicating(("Enabled", VENDOR)), SHARED, PROD) == []


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://abc.execute-api.eu-west-1.amazonaws.com/x", "unknown"),
        ("https://abc.lambda-url.eu-west-1.on.aws/", "unknown"),
        ("https://hooks.example.com", "yes"),
    ],
)
def test_a_host_of_aws_may_be_ones_own(tmp_path: Path, url: str, verdict: str) -> None:
    (row,) = rows(tmp_path, topic("https", url), SHARED, "")
    assert row["verdict"] == verdict


def test_a_call_that_was_denied_tells_of_no_flow(tmp_path: Path) -> None:
    made = line(SOURCE, {"Name": "source"}, get_bucket_logging=DENIED)
    assert rows(tmp_path, ("s3:bucket", "", made), SHARED, "") == []


@pytest.mark.parametrize(
    "made",
    [
        line(SOURCE, get_bucket_logging=ok({"LoggingEnabled": {"TargetBucket": {"redacted": 5}}})),
        line(SOURCE, get_bucket_logging=ok({"LoggingEnabled": "yes"})),
    ],
)
def test_another_shape_is_a_problem_and_no_crash(tmp_path: Path, made: Line) -> None:
    result = inventory(write(tmp_path, {(PROD, "global", "s3:bucket"): [made]}))
    assert any("LOGS_TO" in str(problem) for problem in result.problems)
    assert not [one for one in result.relationships if one.type == "LOGS_TO"]
