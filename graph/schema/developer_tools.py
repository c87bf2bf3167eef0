"""CodeArtifact, CodePipeline, CodeCommit, CodeConnections: where code comes from and goes."""

from __future__ import annotations

from graph.schema.convert import present, texts, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with

_PIPELINE = "@get_pipeline/pipeline"
_ACTIONS = f"{_PIPELINE}/stages/*/actions/*"
_REPOSITORY = "@batch_get_repositories"


def _has_policy(operation: str) -> Property:
    return Property(
        "has_policy",
        f"@{operation}/policy/document",
        "Whether it has a resource policy.",
        present,
        absent=False,
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="codeartifact:domain",
        label="CodeArtifactDomain",
        resource_type="AWS::CodeArtifact::Domain",
        category="data",
        description="A domain: the packages of its repositories.",
        arn="arn:{partition}:codeartifact:{region}:{account}:domain/{id}",
        name="name",
        resource_id="name",
        owner="owner",
        properties=(
            Property("status", "status", "E.g. Active."),
            Property("kms_key_id", "encryptionKey", "The key that encrypts its packages."),
            _has_policy("get_domain_permissions_policy"),
            Property("created_time", "createdTime", "When it was made (ISO 8601)."),
        ),
        links=(encrypted_with("encryptionKey"),),
    ),
    NodeType(
        snapshot_type="codeartifact:repository",
        label="CodeArtifactRepository",
        resource_type="AWS::CodeArtifact::Repository",
        category="data",
        description="A repository of packages.",
        arn="arn:{partition}:codeartifact:{region}:{account}:repository/{id}",
        name="name",
        owner="administratorAccount",
        properties=(
            Property("domain_name", "domainName", "Its domain."),
            Property("domain_owner", "domainOwner", "The account of its domain."),
            _has_policy("get_repository_permissions_policy"),
            Property("created_time", "createdTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="codepipeline:pipeline",
        label="CodePipeline",
        resource_type="AWS::CodePipeline::Pipeline",
        category="compute",
        description="A pipeline from code to what runs, with a role for each step.",
        arn="arn:{partition}:codepipeline:{region}:{account}:{id}",
        name="name",
        resource_id="name",
        properties=(
            Property("role_arn", f"{_PIPELINE}/roleArn", "The pipeline's role."),
            Property(
                "action_role_arns",
                f"{_ACTIONS}/roleArn",
                "Roles of single actions.",
                texts,
                absent=[],
            ),
            Property(
                "providers",
                f"{_ACTIONS}/actionTypeId/provider",
                "What its actions use.",
                texts,
                absent=[],
            ),
            Property(
                "artifact_buckets",
                f"{_PIPELINE}/artifactStore/location",
                "Where artifacts lie between stages.",
                texts,
                absent=[],
            ),
            Property("version", "version", "Its version.", whole),
            Property("created", "created", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="codepipeline:webhook",
        label="CodePipelineWebhook",
        resource_type="AWS::CodePipeline::Webhook",
        category="compute",
        description="A URL that starts a pipeline.",
        arn="arn:{partition}:codepipeline:{region}:{account}:webhook:{id}",
        name="definition/name",
        tags="tags",
        properties=(
            Property("target_pipeline", "definition/targetPipeline", "The pipeline."),
            Property(
                "authentication",
                "definition/authentication",
                "GITHUB_HMAC, IP or UNAUTHENTICATED.",
            ),
            Property(
                "allowed_ip_range",
                "definition/authenticationConfiguration/AllowedIPRange",
                "Who may call it.",
            ),
            Property("last_triggered", "lastTriggered", "When it was last called (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="codecommit:repository",
        label="CodeCommitRepository",
        resource_type="AWS::CodeCommit::Repository",
        category="data",
        description="A repository of code.",
        arn="arn:{partition}:codecommit:{region}:{account}:{id}",
        name="repositoryName",
        resource_id="repositoryName",
        properties=(
            Property("clone_url", f"{_REPOSITORY}/cloneUrlHttp", "Its URL."),
            Property("default_branch", f"{_REPOSITORY}/defaultBranch", "Its default branch."),
            Property("kms_key_id", f"{_REPOSITORY}/kmsKeyId", "The key that encrypts it."),
            Property(
                "creation_date", f"{_REPOSITORY}/creationDate", "When it was made (ISO 8601)."
            ),
        ),
        links=(encrypted_with(f"{_REPOSITORY}/kmsKeyId"),),
    ),
    NodeType(
        snapshot_type="codeconnections:connection",
        label="CodeConnection",
        resource_type="AWS::CodeConnections::Connection",
        category="secrets",
        description="The right to read and write code at GitHub, GitLab, ...",
        arn="arn:{partition}:codeconnections:{region}:{account}:connection/{id}",
        name="ConnectionName",
        owner="OwnerAccountId",
        properties=(
            Property("provider_type", "ProviderType", "E.g. GitHub."),
            Property("status", "ConnectionStatus", "AVAILABLE, PENDING or ERROR."),
            Property("host_arn", "HostArn", "The self-managed host that it leads to."),
        ),
    ),
)
