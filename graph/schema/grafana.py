"""Managed Grafana: workspaces."""

from __future__ import annotations

from graph.schema.convert import texts
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet

_CALL = "@describe_workspace/workspace"

DECLARATIONS = (
    NodeType(
        snapshot_type="grafana:workspace",
        label="GrafanaWorkspace",
        resource_type="AWS::Grafana::Workspace",
        category="compute",
        description="A Grafana server that AWS runs.",
        arn="arn:{partition}:grafana:{region}:{account}:/workspaces/{id}",
        name="name",
        resource_id="id",
        tags="tags",
        properties=(
            Property("status", "status", "E.g. ACTIVE."),
            Property("endpoint", "endpoint", "Host name."),
            Property("version", "grafanaVersion", "Version of Grafana."),
            Property(
                "authentication_providers",
                "authentication/providers/*",
                "AWS_SSO, SAML.",
                texts,
                absent=[],
            ),
            Property(
                "account_access_type",
                f"{_CALL}/accountAccessType",
                "CURRENT_ACCOUNT, or ORGANIZATION: it reads other accounts too.",
            ),
            Property("role_arn", f"{_CALL}/workspaceRoleArn", "The role that it has."),
            Property(
                "allowed_prefix_list_ids",
                f"{_CALL}/networkAccessControl/prefixListIds/*",
                "Who may connect (with allowed_vpce_ids); neither: every address may.",
                texts,
                absent=[],
            ),
            Property(
                "allowed_vpce_ids",
                f"{_CALL}/networkAccessControl/vpceIds/*",
                "Endpoints from which one may connect.",
                texts,
                absent=[],
            ),
            Property("created", "created", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_CALL}/vpcConfiguration/subnetIds/*"),
            has_security_group(f"{_CALL}/vpcConfiguration/securityGroupIds/*"),
            encrypted_with(f"{_CALL}/kmsKeyId"),
        ),
    ),
)
