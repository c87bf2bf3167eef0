"""AWS Backup, and the other services that keep copies by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.schema.account import of_account, of_region
from graph.schema.convert import texts, truth, whole
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.path import ShapeError
from graph.schema.usual import created, encrypted, flag, key, many, policy, role, status

# Services that list what AWS Backup made of theirs themselves, under the same ARN.
_LISTED_ELSEWHERE = ("ec2", "dynamodb", "fsx", "redshift")
_PLAN = "@get_backup_plan/BackupPlan"
_POLICY = "@get_lifecycle_policy/Policy"


def _recovery_point(line: Item) -> str | None:
    service = line.id.split(":")[2] if line.id.count(":") > 2 else ""
    return None if service in _LISTED_ELSEWHERE else line.id


def _switched_on(values: Sequence[Any]) -> list[str]:
    """The keys of a map of switches that are on."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return sorted(str(name) for name, state in values[0].items() if state is True)


DECLARATIONS = (
    NodeType(
        snapshot_type="backup:vault",
        label="BackupVault",
        resource_type="AWS::Backup::BackupVault",
        category="data",
        description="Where AWS Backup keeps recovery points.",
        arn="arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
        name="BackupVaultName",
        resource_id="BackupVaultName",
        properties=(
            status("VaultState", "AVAILABLE"),
            Property(
                "vault_type", "VaultType", "BACKUP_VAULT, LOGICALLY_AIR_GAPPED_BACKUP_VAULT, ..."
            ),
            key("EncryptionKeyArn"),
            flag("locked", "Locked", "Whether Vault Lock guards its recovery points."),
            Property("lock_date", "LockDate", "When the lock can no longer be undone."),
            Property("min_retention_days", "MinRetentionDays", "Kept so long at least.", whole),
            Property("recovery_points", "NumberOfRecoveryPoints", "How many it holds.", whole),
            policy("@get_backup_vault_access_policy/Policy"),
            created("CreationDate"),
        ),
        links=(encrypted_with("EncryptionKeyArn"),),
    ),
    NodeType(
        snapshot_type="backup:recovery-point",
        label="RecoveryPoint",
        resource_type="AWS::Backup::RecoveryPoint",
        cloudformation=False,
        category="data",
        description="A backup that AWS Backup made, where no other service lists it.",
        arn="arn:{partition}:backup:{region}:{account}:recovery-point:{id}",
        name="ResourceName",
        node_id=_recovery_point,
        properties=(
            status("Status", "COMPLETED"),
            Property("vault_name", "BackupVaultName", "Where it is kept."),
            Property("source_arn", "ResourceArn", "What it is a backup of."),
            Property("source_type", "ResourceType", "E.g. EFS."),
            encrypted("IsEncrypted"),
            key("EncryptionKeyArn"),
            role("IamRoleArn", "The role that made it."),
            created("CreationDate"),
        ),
        links=(encrypted_with("EncryptionKeyArn"),),
    ),
    NodeType(
        snapshot_type="backup:plan",
        label="BackupPlan",
        resource_type="AWS::Backup::BackupPlan",
        category="policy",
        description="What AWS Backup backs up, when, and where it copies it.",
        arn="arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
        name="BackupPlanName",
        resource_id="BackupPlanId",
        properties=(
            many("target_vaults", f"{_PLAN}/Rules/*/TargetBackupVaultName", "Where it backs up."),
            many(
                "copy_vault_arns",
                f"{_PLAN}/Rules/*/CopyActions/*/DestinationBackupVaultArn",
                "Vaults, also of other accounts, that get copies.",
            ),
            many("role_arns", "@list_backup_selections/*/IamRoleArn", "The roles that back up."),
            many(
                "selected_resources",
                "@get_backup_selection(*)/BackupSelection/Resources/*",
                "What it names, with wildcards.",
            ),
            created("CreationDate"),
        ),
    ),
    NodeType(
        snapshot_type="backup:report-plan",
        label="BackupReportPlan",
        resource_type="AWS::Backup::ReportPlan",
        category="policy",
        description="Writes reports about backups to a bucket.",
        arn="arn:{partition}:backup:{region}:{account}:report-plan:{id}",
        name="ReportPlanName",
        resource_id="ReportPlanName",
        properties=(
            Property("report_template", "ReportSetting/ReportTemplate", "E.g. BACKUP_JOB_REPORT."),
            many("reported_account_ids", "ReportSetting/Accounts/*", "Accounts that it covers."),
            created("CreationTime"),
        ),
    ),
    Setting(
        snapshot_type="backup:protected-resource",
        label="Region",
        describes=of_region,
        description="AWS Backup holds backups of a resource.",
        properties=(
            Property(
                "backed_up_types", "ResourceType", "Types of which AWS Backup has any.", texts
            ),
        ),
    ),
    Setting(
        snapshot_type="backup:region-settings",
        label="Region",
        describes=of_region,
        description="Which services AWS Backup may back up in the region.",
        properties=(
            Property(
                "backup_opted_in_types",
                "@describe_region_settings/ResourceTypeOptInPreference",
                "Types that AWS Backup may back up.",
                _switched_on,
            ),
        ),
    ),
    Setting(
        snapshot_type="backup:global-settings",
        label="AWSAccount",
        describes=of_account,
        description="What AWS Backup may do across the organisation's accounts.",
        properties=(
            Property(
                "cross_account_backup_enabled",
                "@describe_global_settings/GlobalSettings/isCrossAccountBackupEnabled",
                "Whether backups may be copied to other accounts of the organisation.",
                truth,
            ),
        ),
    ),
    NodeType(
        snapshot_type="dlm:policy",
        label="LifecyclePolicy",
        resource_type="AWS::DLM::LifecyclePolicy",
        category="policy",
        description="Makes snapshots and images on a schedule, copies and shares them.",
        arn="arn:{partition}:dlm:{region}:{account}:policy/{id}",
        resource_id="PolicyId",
        properties=(
            status("State", "ENABLED"),
            Property("policy_type", "PolicyType", "EBS_SNAPSHOT_MANAGEMENT, ..."),
            role(f"{_POLICY}/ExecutionRoleArn"),
            many(
                "shared_with_accounts",
                f"{_POLICY}/PolicyDetails/Schedules/*/ShareRules/*/TargetAccounts/*",
                "Accounts that its snapshots are shared with.",
            ),
            many(
                "copy_targets",
                f"{_POLICY}/PolicyDetails/Schedules/*/CrossRegionCopyRules/*/Target",
                "Regions and outposts that get copies.",
            ),
            created(f"{_POLICY}/DateCreated"),
        ),
    ),
    NodeType(
        snapshot_type="rbin:rule",
        label="RecycleBinRule",
        resource_type="AWS::Rbin::Rule",
        category="policy",
        description="Keeps deleted snapshots, images or volumes for a while.",
        arn="arn:{partition}:rbin:{region}:{account}:rule/{id}",
        resource_id="Identifier",
        properties=(
            status("@get_rule/Status", "available"),
            Property("kept_type", "@get_rule/ResourceType", "EBS_SNAPSHOT, EC2_IMAGE, ..."),
            Property("lock_state", "LockState", "locked: nobody can weaken it."),
            Property("retention_days", "RetentionPeriod/RetentionPeriodValue", "How long.", whole),
        ),
    ),
)
