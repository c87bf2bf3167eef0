"""CloudFormation: stacks and stack sets."""

from __future__ import annotations

from graph.schema.convert import count, texts, truth
from graph.schema.declare import NodeType, Property

DECLARATIONS = (
    NodeType(
        snapshot_type="cloudformation:stack",
        label="CloudFormationStack",
        resource_type="AWS::CloudFormation::Stack",
        category="admin",
        description="Resources that were made together from a template.",
        arn="arn:{partition}:cloudformation:{region}:{account}:stack/{id}",
        name="StackName",
        properties=(
            Property("status", "StackStatus", "E.g. CREATE_COMPLETE."),
            Property(
                "role_arn", "RoleARN", "The role that changes are made with; none: the caller's."
            ),
            Property("capabilities", "Capabilities/*", "E.g. CAPABILITY_IAM.", texts, absent=[]),
            Property(
                "parameter_names", "Parameters/*/ParameterKey", "Its parameters.", texts, absent=[]
            ),
            Property(
                "exports",
                "Outputs/*/ExportName",
                "Outputs that other stacks use.",
                texts,
                absent=[],
            ),
            Property(
                "resource_types",
                "@list_stack_resources/*/ResourceType",
                "Types of its resources.",
                texts,
                absent=[],
            ),
            Property(
                "resource_count",
                "@list_stack_resources/*",
                "How many resources it has.",
                count,
                absent=0,
            ),
            Property(
                "termination_protection",
                "EnableTerminationProtection",
                "Whether it is protected from deletion.",
                truth,
            ),
            Property("parent_id", "ParentId", "The stack that it is nested in."),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="cloudformation:stack-set",
        label="StackSet",
        resource_type="AWS::CloudFormation::StackSet",
        category="admin",
        description="A template that is rolled out to accounts and regions.",
        arn="arn:{partition}:cloudformation:{region}:{account}:stackset/{id}",
        name="StackSetName",
        resource_id="StackSetId",
        properties=(
            Property("permission_model", "PermissionModel", "SELF_MANAGED or SERVICE_MANAGED."),
            Property(
                "auto_deployment", "AutoDeployment/Enabled", "Whether new accounts get it.", truth
            ),
            Property(
                "administration_role_arn",
                "@describe_stack_set/StackSet/AdministrationRoleARN",
                "The role that assumes the execution roles in target accounts.",
            ),
            Property(
                "execution_role_name",
                "@describe_stack_set/StackSet/ExecutionRoleName",
                "The role of that name in each target account makes the resources.",
            ),
            Property(
                "target_account_ids",
                "@list_stack_instances/*/Account",
                "Accounts that have it.",
                texts,
                absent=[],
            ),
        ),
    ),
)
