"""DynamoDB: tables and their backups."""

from collector.declare import (
    Depth,
    Earlier,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
    When,
)

_TABLE = {"TableName": Item("TableName")}
_API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_"

TYPES = (
    ResourceType(
        id="dynamodb:table",
        client="dynamodb",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:dynamodb:{region}:{account}:table/{TableName}",
        lists=(
            ListCall(
                operation="list_tables",
                result="TableNames",
                paging=Paginator(100),
                wrap="TableName",
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_table", params=_TABLE),
            FollowUp(operation="describe_continuous_backups", params=_TABLE),
            FollowUp(
                operation="get_resource_policy",
                params={"ResourceArn": Earlier("describe_table", "Table.TableArn")},
            ),
            # A stream has a policy of its own.
            FollowUp(
                operation="get_resource_policy",
                params={"ResourceArn": Earlier("describe_table", "Table.LatestStreamArn")},
                key=("ResourceArn",),
                when=(When("Table.LatestStreamArn", call="describe_table", is_none_of=(None,)),),
            ),
        ),
    ),
    ResourceType(
        id="dynamodb:backup",
        client="dynamodb",
        scope=Scope.REGIONAL,
        arn="{BackupArn}",
        lists=(
            ListCall(
                operation="list_backups",
                # Without it AWS Backup's are left out.
                params={"BackupType": "ALL"},
                result="BackupSummaries",
                paging=Paginator(100),
            ),
        ),
    ),
    # What was exported in the last 90 days.
    # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListExports.html
    ResourceType(
        id="dynamodb:export",
        client="dynamodb",
        scope=Scope.REGIONAL,
        arn="{ExportArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_exports",
                result="ExportSummaries",
                paging=Token("NextToken", "NextToken", ("MaxResults", 25)),
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_export", params={"ExportArn": Item("ExportArn")}),
        ),
    ),
)
"""Declarations of this service."""

LIMITS = {
    "dynamodb": (
        Limit(
            rate=10,
            burst=10,
            source=_API + "DescribeContinuousBackups.html",
            operations=("describe_continuous_backups",),
        ),
        Limit(rate=5, burst=5, source=_API + "ListBackups.html", operations=("list_backups",)),
    ),
}
"""Published rate limits of this service."""
