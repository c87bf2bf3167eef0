"""Budgets with what they do by themselves, and Cost Explorer's anomaly watch."""

from __future__ import annotations

from graph.schema.convert import count, texts
from graph.schema.declare import NodeType, Property

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
