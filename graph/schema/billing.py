"""Budgets with what they do by themselves, and Cost Explorer's anomaly watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.schema.account import of_account
from graph.schema.convert import count, texts
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.path import ShapeError


def _places(values: Sequence[Any]) -> list[str]:
    found = set()
    for value in values:
        keys = value.get("Keys") if isinstance(value, dict) else None
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise ShapeError("a group of costs has no keys")
        found.add(" ".join(keys))
    return sorted(found)


DECLARATIONS = (
    NodeType(
        snapshot_type="budgets:budget",
        label="Budget",
        resource_type="AWS::Budgets::Budget",
        category="admin",
        description="A limit on what the account costs.",
        name="BudgetName",
        resource_id="BudgetName",
        properties=(
            Property("limit_amount", "BudgetLimit/Amount", "The limit."),
            Property("limit_unit", "BudgetLimit/Unit", "The limit's currency."),
            Property("budget_type", "BudgetType", "E.g. COST."),
            Property(
                "notifications",
                "@describe_notifications_for_budget/*",
                "How many thresholds somebody is told of.",
                count,
                absent=0,
            ),
        ),
    ),
    NodeType(
        snapshot_type="budgets:action",
        label="BudgetAction",
        resource_type="AWS::Budgets::BudgetsAction",
        category="admin",
        description="What happens by itself when a budget is exceeded.",
        resource_id="ActionId",
        properties=(
            Property("budget_name", "BudgetName", "The budget."),
            Property(
                "action_type",
                "ActionType",
                "APPLY_IAM_POLICY, APPLY_SCP_POLICY or RUN_SSM_DOCUMENTS.",
            ),
            Property("role_arn", "ExecutionRoleArn", "The role that it is done with."),
            Property("approval_model", "ApprovalModel", "AUTOMATIC or MANUAL."),
            Property("status", "Status", "E.g. STANDBY."),
        ),
    ),
    Setting(
        snapshot_type="ce:usage",
        label="AWSAccount",
        describes=of_account,
        description="What the account paid for in the last 30 days.",
        properties=(
            Property(
                "billed",
                "@get_cost_and_usage/*/Groups/*",
                "Region and service that were paid for, e.g. eu-west-1 AWS Lambda.",
                _places,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="ce:anomaly-monitor",
        label="CostAnomalyMonitor",
        resource_type="AWS::CE::AnomalyMonitor",
        category="admin",
        description="Watches for unusual costs.",
        arn="arn:{partition}:ce::{account}:anomalymonitor/{id}",
        name="MonitorName",
        properties=(
            Property("monitor_type", "MonitorType", "DIMENSIONAL or CUSTOM."),
            Property("monitor_dimension", "MonitorDimension", "E.g. SERVICE."),
        ),
    ),
    NodeType(
        snapshot_type="ce:anomaly-subscription",
        label="CostAnomalySubscription",
        resource_type="AWS::CE::AnomalySubscription",
        category="admin",
        description="Who hears of unusual costs.",
        arn="arn:{partition}:ce::{account}:anomalysubscription/{id}",
        name="SubscriptionName",
        properties=(
            Property("frequency", "Frequency", "DAILY, IMMEDIATE or WEEKLY."),
            Property("subscribers", "Subscribers/*/Address", "Who is told.", texts, absent=[]),
        ),
    ),
)
