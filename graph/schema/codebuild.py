"""CodeBuild: what is built, with which role, and who can start it."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_PROJECT = "@batch_get_projects"

DECLARATIONS = (
    NodeType(
        snapshot_type="codebuild:project",
        label="CodeBuildProject",
        resource_type="AWS::CodeBuild::Project",
        category="compute",
        description="A build project: code from a repository runs with its role.",
        arn="arn:{partition}:codebuild:{region}:{account}:project/{id}",
        name="name",
        resource_id="name",
        tags=f"{_PROJECT}/tags",
        properties=(
            Property("role_arn", f"{_PROJECT}/serviceRole", "The role that builds run with."),
            Property(
                "has_policy",
                "@get_resource_policy/policy",
                "Whether a resource policy shares it.",
                present,
                absent=False,
            ),
            Property("source_type", f"{_PROJECT}/source/type", "E.g. GITHUB."),
            Property("source_location", f"{_PROJECT}/source/location", "Where the code is."),
            Property(
                "project_visibility",
                f"{_PROJECT}/projectVisibility",
                "PUBLIC_READ: anyone can read its builds, logs and artifacts.",
            ),
            Property(
                "webhook_url",
                f"{_PROJECT}/webhook/payloadUrl",
                "Where the repository announces changes.",
            ),
            Property(
                "has_webhook",
                f"{_PROJECT}/webhook",
                "Whether changes in the repository start builds.",
                present,
                absent=False,
            ),
            Property(
                "webhook_filters",
                f"{_PROJECT}/webhook/filterGroups/*/*/type",
                "What its webhook filters by; without ACTOR_ACCOUNT_ID anyone can start it.",
                texts,
                absent=[],
            ),
            Property(
                "privileged_mode",
                f"{_PROJECT}/environment/privilegedMode",
                "Whether builds run privileged containers.",
                truth,
            ),
            Property("image", f"{_PROJECT}/environment/image", "The image that builds run in."),
            Property(
                "environment_variables",
                f"{_PROJECT}/environment/environmentVariables/*/name",
                "Names of its environment variables.",
                texts,
                absent=[],
            ),
            Property("kms_key_id", f"{_PROJECT}/encryptionKey", "The key for its artifacts."),
            Property("created", f"{_PROJECT}/created", "When it was made (ISO 8601)."),
        ),
        links=(
            in_vpc(f"{_PROJECT}/vpcConfig/vpcId"),
            in_subnet(f"{_PROJECT}/vpcConfig/subnets/*"),
            has_security_group(f"{_PROJECT}/vpcConfig/securityGroupIds/*"),
            encrypted_with(f"{_PROJECT}/encryptionKey"),
        ),
    ),
    NodeType(
        snapshot_type="codebuild:source-credential",
        label="CodeBuildSourceCredential",
        resource_type="AWS::CodeBuild::SourceCredential",
        category="secrets",
        description="What CodeBuild signs in with at a source of code.",
        arn="arn:{partition}:codebuild:{region}:{account}:token/{id}",
        properties=(
            Property("server_type", "serverType", "E.g. GITHUB."),
            Property("auth_type", "authType", "E.g. PERSONAL_ACCESS_TOKEN."),
            Property("connection_or_secret", "resource", "The connection or secret it uses."),
        ),
    ),
    NodeType(
        snapshot_type="codebuild:report-group",
        label="CodeBuildReportGroup",
        resource_type="AWS::CodeBuild::ReportGroup",
        category="data",
        description="A group of test reports, which a policy can share.",
        arn="arn:{partition}:codebuild:{region}:{account}:report-group/{id}",
        properties=(
            Property(
                "has_policy",
                "@get_resource_policy/policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
        ),
    ),
)
