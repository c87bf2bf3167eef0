"""KMS keys and their aliases."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.convert import count, present, texts, truth
from graph.schema.declare import Link, NodeType, Property, Reference, Setting
from graph.schema.links import kms_key, partition_of
from graph.schema.path import look

_AWS = "alias/aws/"


def encrypted_with(path: str) -> Link:
    """ENCRYPTED_WITH by the key ARN or id at a path."""
    return Link("ENCRYPTED_WITH", ("KMSKey",), "The key encrypts its data.", kms_key(path))


def _aliased(line: Item) -> Reference | None:
    key = look("TargetKeyId", line).values
    if not key:  # AWS's own aliases name no key until the service makes one
        return None
    arn = f"arn:{partition_of(line)}:kms:{line.region}:{line.account_id}:key/{key[0]}"
    # AWS's own aliases also name keys that the account never used and that are not listed.
    is_aws = look("AliasName", line).values[:1] and str(line.item["AliasName"]).startswith(_AWS)
    return Reference(id=arn, label="KMSKey", must_exist=bool(is_aws))


DECLARATIONS = (
    NodeType(
        snapshot_type="kms:key",
        label="KMSKey",
        resource_type="AWS::KMS::Key",
        category="secrets",
        description="A KMS key.",
        arn="arn:{partition}:kms:{region}:{account}:key/{id}",
        resource_id="KeyId",
        properties=(
            Property(
                "key_manager",
                "@describe_key/KeyMetadata/KeyManager",
                "CUSTOMER or AWS.",
            ),
            Property(
                "key_state",
                "@describe_key/KeyMetadata/KeyState",
                "Enabled, Disabled, PendingDeletion, ...",
            ),
            Property(
                "key_usage",
                "@describe_key/KeyMetadata/KeyUsage",
                "ENCRYPT_DECRYPT, SIGN_VERIFY, ...",
            ),
            Property(
                "key_origin",
                "@describe_key/KeyMetadata/Origin",
                "AWS_KMS, EXTERNAL, ...",
            ),
            Property(
                "key_description",
                "@describe_key/KeyMetadata/Description",
                "Its author's description.",
            ),
            Property(
                "multi_region",
                "@describe_key/KeyMetadata/MultiRegion",
                "Whether it has replicas in other regions.",
                truth,
            ),
            Property(
                "key_rotation_enabled",
                "@get_key_rotation_status/KeyRotationEnabled",
                "Whether it is rotated automatically.",
                truth,
            ),
            Property(
                "has_policy",
                "@get_key_policy/Policy",
                "Whether a key policy was read.",
                present,
                absent=False,
            ),
            Property("grant_count", "@list_grants/*", "How many grants it has.", count, absent=0),
        ),
    ),
    Setting(
        snapshot_type="kms:alias",
        label="KMSKey",
        describes=_aliased,
        description="A name of the key.",
        properties=(
            Property("name", "AliasName", "The alias, as the key's name."),
            Property("aliases", "AliasName", "Its aliases.", texts),
        ),
    ),
)
