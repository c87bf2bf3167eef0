"""Mainframe Modernization: environments."""

from __future__ import annotations

from graph.schema.convert import truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_CALL = "@get_environment"

DECLARATIONS = (
    NodeType(
        snapshot_type="m2:environment",
        label="MainframeEnvironment",
        resource_type="AWS::M2::Environment",
        category="compute",
        description="Machines that run a mainframe's programs.",
        arn="arn:{partition}:m2:{region}:{account}:env/{id}",
        name="name",
        resource_id="environmentId",
        tags=f"{_CALL}/tags",
        properties=(
            Property("status", "status", "E.g. Available."),
            Property("engine_type", "engineType", "microfocus or bluage."),
            Property(
                "publicly_accessible",
                f"{_CALL}/publiclyAccessible",
                "Whether its applications get public addresses.",
                truth,
            ),
            Property("load_balancer_arn", f"{_CALL}/loadBalancerArn", "What stands before it."),
            Property("creation_time", "creationTime", "When it was made (ISO 8601)."),
        ),
        links=(
            in_vpc(f"{_CALL}/vpcId"),
            in_subnet(f"{_CALL}/subnetIds/*"),
            has_security_group(f"{_CALL}/securityGroupIds/*"),
            encrypted_with(f"{_CALL}/kmsKeyId"),
        ),
    ),
)
