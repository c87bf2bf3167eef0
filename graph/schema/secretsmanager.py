"""Secrets Manager: what is known of a secret without reading it."""

from __future__ import annotations

from graph.schema.convert import present, truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with

DECLARATIONS = (
    NodeType(
        snapshot_type="secretsmanager:secret",
        label="Secret",
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
)
