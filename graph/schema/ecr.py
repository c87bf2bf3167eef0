"""ECR repositories and the registry's policy."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with

DECLARATIONS = (
    NodeType(
        snapshot_type="ecr:repository",
        label="ECRRepository",
        resource_type="AWS::ECR::Repository",
        category="data",
        description="A private container image repository.",
        arn="arn:{partition}:ecr:{region}:{account}:repository/{id}",
        name="repositoryName",
        resource_id="repositoryName",
        owner="registryId",
        properties=(
            Property("repository_uri", "repositoryUri", "Where images are pulled from."),
            Property("image_tag_mutability", "imageTagMutability", "MUTABLE or IMMUTABLE."),
            Property(
                "scan_on_push",
                "imageScanningConfiguration/scanOnPush",
                "Whether images are scanned.",
                truth,
            ),
            Property("kms_key_id", "encryptionConfiguration/kmsKey", "The key that encrypts it."),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
            Property(
                "has_policy",
                "@get_repository_policy/policyText",
                "Whether it has a repository policy.",
                present,
                absent=False,
            ),
        ),
        links=(encrypted_with("encryptionConfiguration/kmsKey"),),
    ),
    Setting(
        snapshot_type="ecr:registry",
        label="Region",
        describes=of_region,
        description="The policy of the account's registry in the region.",
        properties=(
            Property(
                "has_ecr_registry_policy",
                "@get_registry_policy/policyText",
                "Whether the private registry has a policy.",
                present,
                absent=False,
            ),
            Property(
                "ecr_replication_destinations",
                "@describe_registry/replicationConfiguration/rules/*/destinations/*/registryId",
                "Accounts that images are copied to.",
                texts,
                absent=[],
            ),
        ),
    ),
)
