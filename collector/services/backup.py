"""AWS Backup: vaults, what they hold, plans and what they cover."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
    Token,
)

_PAGES = Paginator(1000)
_VAULT = {"BackupVaultName": Item("BackupVaultName")}
_PLAN = {"BackupPlanId": Item("BackupPlanId")}

TYPES = (
    ResourceType(
        id="backup:vault",
        client="backup",
        scope=Scope.REGIONAL,
        arn="{BackupVaultArn}",
        lists=(ListCall(operation="list_backup_vaults", result="BackupVaultList", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_backup_vault_access_policy", params=_VAULT),),
    ),
    ResourceType(
        id="backup:recovery-point",
        client="backup",
        scope=Scope.REGIONAL,
        arn="{RecoveryPointArn}",
        depth=Depth.FULL,
        listed_for="backup:vault",
        lists=(
            ListCall(
                operation="list_recovery_points_by_backup_vault",
                params=_VAULT,
                result="RecoveryPoints",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="backup:plan",
        client="backup",
        scope=Scope.REGIONAL,
        arn="{BackupPlanArn}",
        lists=(ListCall(operation="list_backup_plans", result="BackupPlansList", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_backup_plan", params=_PLAN),
            FollowUp(
                operation="list_backup_selections",
                params=_PLAN,
                result="BackupSelectionsList",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="get_backup_selection",
                        params={
                            "BackupPlanId": Root("BackupPlanId"),
                            "SelectionId": Item("SelectionId"),
                        },
                        key=("SelectionId",),
                    ),
                ),
            ),
        ),
        redact=("get_backup_plan:BackupPlan.Rules[].RecoveryPointTags.*",),
    ),
    ResourceType(
        id="backup:report-plan",
        client="backup",
        scope=Scope.REGIONAL,
        arn="{ReportPlanArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_report_plans",
                result="ReportPlans",
                paging=Token("NextToken", "NextToken", ("MaxResults", 1000)),
            ),
        ),
    ),
    ResourceType(
        id="backup:protected-resource",
        client="backup",
        scope=Scope.REGIONAL,
        arn="{ResourceArn}",
        lists=(ListCall(operation="list_protected_resources", result="Results", paging=_PAGES),),
    ),
    ResourceType(
        id="backup:region-settings",
        client="backup",
        scope=Scope.REGIONAL,
        follow_ups=(FollowUp(operation="describe_region_settings"),),
    ),
    ResourceType(
        id="backup:global-settings",
        client="backup",
        scope=Scope.HOME_REGION,
        follow_ups=(
            FollowUp(
                operation="describe_global_settings",
                # An account outside of any organisation.
                # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeGlobalSettings.html
                not_enabled=("InvalidRequestException",),
            ),
        ),
    ),
)
"""Declarations of this service."""
