"""Secrets Manager: what is known of a secret without reading it."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.kms import encrypted_with
from graph.schema.usual import many

_LABEL = "Secret"
_DETAIL = "@describe_secret"


def _secret(line: Item) -> Reference:
    return Reference(id=line.id, label=_LABEL)


DECLARATIONS = (
    NodeType(
        snapshot_type="secretsmanager:secret",
        label=_LABEL,
        resource_type="AWS::SecretsManager::Secret",
        category="secrets",
        description="A secret; its value is never read.",
        arn="arn:{partition}:secretsmanager:{region}:{account}:secret:{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("secret_description", "Description", "Its author's description."),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it; none: AWS's own."),
            Property(
                "rotation_enabled",
                "RotationEnabled",
                "Whether it is rotated automatically.",
                truth,
                absent=False,
            ),
            Property("last_changed_date", "LastChangedDate", "When it last changed (ISO 8601)."),
            Property("last_accessed_date", "LastAccessedDate", "Day of the last reading."),
            Property("owning_service", "OwningService", "The service that manages it."),
            Property("primary_region", "PrimaryRegion", "Where the primary of a replica lies."),
            Property(
                "has_policy",
                "@get_resource_policy/ResourcePolicy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
    Setting(
        snapshot_type="secretsmanager:extra-policies",
        label=_LABEL,
        describes=_secret,
        description="Policies that services have attached beside its own.",
        properties=(
            Property(
                "policy_names",
                "@list_resource_policies/*/PolicyName",
                "All its policies; default is the one that its owner writes.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="secretsmanager:replication",
        label=_LABEL,
        describes=_secret,
        description="Where copies of it lie.",
        properties=(
            many("replica_regions", f"{_DETAIL}/ReplicationStatus/*/Region", "Regions of copies."),
            many(
                "cross_account_replica_arns",
                f"{_DETAIL}/CrossAccountReplicas/*/ReplicaSecretARN",
                "Copies in other accounts.",
            ),
        ),
    ),
)
