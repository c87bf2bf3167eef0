"""Budgets with what they do by themselves, and Cost Explorer's anomaly watch."""

from collector.declare import (
    Account,
    Day,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_ACCOUNT = {"AccountId": Account()}
# https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/
_BILLED = "AWS bills 0.01 USD for each request to Cost Explorer."

TYPES = (
    ResourceType(
        id="budgets:budget",
        client="budgets",
        scope=Scope.GLOBAL,
        asked_in="us-east-1",
        arn="arn:{partition}:budgets::{account}:budget/{BudgetName}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_budgets",
                params=_ACCOUNT,
                result="Budgets",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_notifications_for_budget",
                params={**_ACCOUNT, "BudgetName": Item("BudgetName")},
                result="Notifications",
                paging=Paginator(100),
            ),
        ),
    ),
    # The fastest answer to "which services and regions are in use".
    ResourceType(
        id="ce:usage",
        client="ce",
        scope=Scope.GLOBAL,
        asked_in="us-east-1",
        depth=Depth.FULL,
        opt_in=_BILLED,
        follow_ups=(
            FollowUp(
                operation="get_cost_and_usage",
                params={
                    "TimePeriod": {"Start": Day(30), "End": Day(0)},
                    "Granularity": "MONTHLY",
                    "Metrics": ["UnblendedCost"],
                    "GroupBy": [
                        {"Type": "DIMENSION", "Key": "REGION"},
                        {"Type": "DIMENSION", "Key": "SERVICE"},
                    ],
                },
                result="ResultsByTime",
                paging=Token("NextPageToken", "NextPageToken"),
                not_enabled=("DataUnavailableException",),
            ),
        ),
    ),
    # An action attaches policies or stops instances, with a role of its own.
    ResourceType(
        id="budgets:action",
        client="budgets",
        scope=Scope.GLOBAL,
        asked_in="us-east-1",
        arn="arn:{partition}:budgets::{account}:budget/{BudgetName}/action/{ActionId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_budget_actions_for_account",
                params=_ACCOUNT,
                result="Actions",
                paging=Paginator(100),
            ),
        ),
    ),
    ResourceType(
        id="ce:anomaly-monitor",
        client="ce",
        scope=Scope.GLOBAL,
        asked_in="us-east-1",
        arn="{MonitorArn}",
        depth=Depth.FULL,
        opt_in=_BILLED,
        lists=(
            ListCall(
                operation="get_anomaly_monitors", result="AnomalyMonitors", paging=Paginator(100)
            ),
        ),
    ),
    ResourceType(
        id="ce:anomaly-subscription",
        client="ce",
        scope=Scope.GLOBAL,
        asked_in="us-east-1",
        arn="{SubscriptionArn}",
        depth=Depth.FULL,
        opt_in=_BILLED,
        lists=(
            ListCall(
                operation="get_anomaly_subscriptions",
                result="AnomalySubscriptions",
                paging=Paginator(100),
            ),
        ),
    ),
)
"""Declarations of these services."""
