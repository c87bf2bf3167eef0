"""CodeDeploy: applications and deployment groups."""

from __future__ import annotations

from graph.schema.convert import texts
from graph.schema.declare import NodeType, Property

_APPLICATION = "@batch_get_applications"
_GROUP = "@batch_get_deployment_groups"

DECLARATIONS = (
    NodeType(
        snapshot_type="codedeploy:application",
        label="CodeDeployApplication",
        resource_type="AWS::CodeDeploy::Application",
        category="compute",
        description="Revisions of code and the deployment groups that they go to.",
        arn="arn:{partition}:codedeploy:{region}:{account}:application:{id}",
        name="applicationName",
        resource_id="applicationName",
        properties=(
            Property(
                "compute_platform", f"{_APPLICATION}/computePlatform", "Server, Lambda or ECS."
            ),
            Property("create_time", f"{_APPLICATION}/createTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="codedeploy:deployment-group",
        label="CodeDeployDeploymentGroup",
        resource_type="AWS::CodeDeploy::DeploymentGroup",
        category="compute",
        description="The instances, function or service that an application is deployed to.",
        arn="arn:{partition}:codedeploy:{region}:{account}:deploymentgroup:{application}/{id}",
        name="deploymentGroupName",
        resource_id="deploymentGroupName",
        properties=(
            Property("application_name", "applicationName", "Its application."),
            Property("compute_platform", f"{_GROUP}/computePlatform", "Server, Lambda or ECS."),
            Property(
                "role_arn", f"{_GROUP}/serviceRoleArn", "The role that CodeDeploy works with."
            ),
            Property(
                "auto_scaling_groups",
                f"{_GROUP}/autoScalingGroups/*/name",
                "Auto Scaling groups whose instances are deployed to.",
                texts,
                absent=[],
            ),
            Property(
                "tag_keys",
                f"{_GROUP}/ec2TagFilters/*/Key|{_GROUP}/ec2TagSet/ec2TagSetList/*/*/Key",
                "Tags by which it chooses EC2 instances.",
                texts,
                absent=[],
            ),
        ),
    ),
)
