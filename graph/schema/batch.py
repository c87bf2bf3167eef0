"""Batch: compute environments, queues and job definitions."""

from __future__ import annotations

from graph.schema.convert import one_of, texts, whole
from graph.schema.declare import NodeType, Property
from graph.schema.vpc import has_security_group, in_subnet

_ARN = "arn:{partition}:batch:{region}:{account}:"
_NODE = "nodeProperties/nodeRangeProperties/*"
_TASK = "ecsProperties/taskProperties/*"


def _of_containers(member: str) -> str:
    return f"containerProperties/{member}|{_TASK}/containers/*/{member}|{_NODE}/container/{member}"


def _of_tasks(simple: str, member: str) -> str:
    return f"containerProperties/{simple}|{_TASK}/{member}|{_NODE}/container/{simple}"


DECLARATIONS = (
    NodeType(
        snapshot_type="batch:environment",
        label="BatchComputeEnvironment",
        resource_type="AWS::Batch::ComputeEnvironment",
        category="compute",
        description="Machines that batch jobs run on.",
        arn=_ARN + "compute-environment/{id}",
        name="computeEnvironmentName",
        resource_id="computeEnvironmentName",
        tags="tags",
        properties=(
            Property("state", "state", "ENABLED or DISABLED."),
            Property("status", "status", "E.g. VALID."),
            Property("environment_type", "type", "MANAGED or UNMANAGED."),
            Property("compute_type", "computeResources/type", "EC2, SPOT, FARGATE, ..."),
            Property("service_role_arn", "serviceRole", "The role that Batch has."),
            Property(
                "instance_role",
                "computeResources/instanceRole",
                "The instance profile of its machines.",
            ),
            Property("key_name", "computeResources/ec2KeyPair", "The key pair for SSH."),
            Property("ecs_cluster_arn", "ecsClusterArn", "The cluster underneath."),
            Property("eks_cluster_arn", "eksConfiguration/eksClusterArn", "Or this one."),
        ),
        links=(
            in_subnet("computeResources/subnets/*"),
            has_security_group("computeResources/securityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="batch:job-queue",
        label="BatchJobQueue",
        resource_type="AWS::Batch::JobQueue",
        category="compute",
        description="Where batch jobs wait.",
        arn=_ARN + "job-queue/{id}",
        name="jobQueueName",
        resource_id="jobQueueName",
        tags="tags",
        properties=(
            Property("state", "state", "ENABLED or DISABLED."),
            Property("priority", "priority", "Its turn among queues.", whole),
            Property(
                "compute_environment_arns",
                "computeEnvironmentOrder/*/computeEnvironment",
                "Where its jobs run.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="batch:job-definition",
        label="BatchJobDefinition",
        resource_type="AWS::Batch::JobDefinition",
        category="compute",
        description="One revision of what a batch job is.",
        arn=_ARN + "job-definition/{id}",
        name="jobDefinitionName",
        tags="tags",
        properties=(
            Property("status", "status", "ACTIVE."),
            Property("revision", "revision", "Its number.", whole),
            Property("job_type", "type", "container, multinode, ..."),
            Property(
                "job_role_arns",
                _of_tasks("jobRoleArn", "taskRoleArn"),
                "Roles that its containers get.",
                texts,
                absent=[],
            ),
            Property(
                "execution_role_arns",
                _of_tasks("executionRoleArn", "executionRoleArn"),
                "Roles that start them.",
                texts,
                absent=[],
            ),
            Property("images", _of_containers("image"), "Images.", texts, absent=[]),
            Property(
                "privileged",
                _of_containers("privileged"),
                "Whether a container is root on its machine.",
                one_of("true"),
                absent=False,
            ),
        ),
    ),
)
