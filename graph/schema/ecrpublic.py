"""Public repositories of container images."""

from __future__ import annotations

from graph.schema.account import of_account
from graph.schema.convert import present, texts
from graph.schema.declare import NodeType, Property, Setting

DECLARATIONS = (
    NodeType(
        snapshot_type="ecr-public:repository",
        label="ECRPublicRepository",
        resource_type="AWS::ECR::PublicRepository",
        category="data",
        description="A repository of images that everyone can pull.",
        arn="arn:{partition}:ecr-public::{account}:repository/{id}",
        name="repositoryName",
        resource_id="repositoryName",
        owner="registryId",
        properties=(
            Property("repository_uri", "repositoryUri", "Where images are pulled from."),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
            Property(
                "has_policy",
                "@get_repository_policy/policyText",
                "Whether others may push or administer it.",
                present,
                absent=False,
            ),
        ),
    ),
    Setting(
        snapshot_type="ecr-public:registry",
        label="AWSAccount",
        describes=of_account,
        description="The account's public registry.",
        properties=(
            Property(
                "ecr_public_aliases",
                "aliases/*/name",
                "Names of its public registry.",
                texts,
                absent=[],
            ),
        ),
    ),
)
