"""GuardDuty, Security Hub, Macie, Inspector, Detective: whether they are on, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.schema.account import of_region
from graph.schema.convert import count, present, texts
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.path import ShapeError

_DETECTOR = "@get_detector"
_INSPECTOR = "@batch_get_account_status/accounts/*/resourceState"


def _enabled(values: Sequence[Any]) -> list[str]:
    """https://docs.aws.amazon.com/inspector/v2/APIReference/API_ResourceState.html"""
    found = set()
    for state in values:
        if not isinstance(state, Mapping):
            raise ShapeError("the state of Inspector is not an object")
        for kind, inner in state.items():
            if isinstance(inner, Mapping) and inner.get("status") == "ENABLED":
                found.add(str(kind))
    return sorted(found)


DECLARATIONS = (
    NodeType(
        snapshot_type="gd:detector",
        label="GuardDutyDetector",
        resource_type="AWS::GuardDuty::Detector",
        category="admin",
        description="GuardDuty in one region.",
        arn="arn:{partition}:guardduty:{region}:{account}:detector/{id}",
        resource_id="DetectorId",
        tags=f"{_DETECTOR}/Tags",
        properties=(
            Property("status", f"{_DETECTOR}/Status", "ENABLED or DISABLED."),
            Property(
                "features",
                f"{_DETECTOR}/Features/[Status=ENABLED]/Name",
                "What it watches.",
                texts,
                absent=[],
            ),
            Property(
                "administrator_account_id",
                "@get_administrator_account/Administrator/AccountId",
                "The account that administers it; none: its own.",
            ),
            Property(
                "member_account_ids",
                "@list_members/*/AccountId",
                "Accounts that it administers.",
                texts,
                absent=[],
            ),
            Property(
                "open_findings",
                "@list_findings/*",
                "How many findings are not archived.",
                count,
                absent=0,
            ),
            Property(
                "finding_types",
                "@get_findings/*/Type",
                "Types of its findings that are not archived.",
                texts,
                absent=[],
            ),
            Property(
                "publishing_destinations",
                "@list_publishing_destinations/*/DestinationId",
                "Where findings are written.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="gd:organization-admin",
        label="Region",
        describes=of_region,
        description="Who administers GuardDuty for the organisation.",
        properties=(
            Property(
                "guardduty_admin_account_ids",
                "@list_organization_admin_accounts/*/AdminAccountId",
                "Accounts that administer GuardDuty for the organisation.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="sh:hub",
        label="Region",
        describes=of_region,
        description="Security Hub in the region.",
        properties=(
            Property(
                "security_hub_enabled",
                "@describe_hub/HubArn",
                "Whether Security Hub is on.",
                present,
                absent=False,
            ),
            Property(
                "security_hub_standards",
                "@get_enabled_standards/*/StandardsArn",
                "Standards that Security Hub checks.",
                texts,
                absent=[],
            ),
            Property(
                "security_hub_member_account_ids",
                "@list_members/*/AccountId",
                "Accounts whose Security Hub is administered here.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="macie:session",
        label="Region",
        describes=of_region,
        description="Macie in the region.",
        properties=(
            Property(
                "macie_status",
                "@get_macie_session/status",
                "ENABLED or PAUSED; DISABLED where the account does not use Macie.",
                absent="DISABLED",
            ),
            Property(
                "macie_administrator_account_id",
                "@get_administrator_account/administrator/accountId",
                "The account that administers Macie for this one.",
            ),
            Property(
                "macie_member_account_ids",
                "@list_members/*/accountId",
                "Accounts whose Macie is administered here.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="inspector2:status",
        label="Region",
        describes=of_region,
        description="Inspector in the region.",
        properties=(
            Property(
                "inspector_scans",
                _INSPECTOR,
                "What Inspector scans: ec2, ecr, lambda, ...",
                _enabled,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="detective:graph",
        label="DetectiveGraph",
        resource_type="AWS::Detective::Graph",
        category="admin",
        description="A behaviour graph of Detective.",
        arn="arn:{partition}:detective:{region}:{account}:graph:{id}",
        properties=(
            Property(
                "member_account_ids",
                "@list_members/*/AccountId",
                "Accounts that it takes in.",
                texts,
                absent=[],
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
    ),
)
