"""ECS: clusters, services, tasks, the machines under them, and gateways."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import texts, truth, whole
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet

_ARN = "arn:{partition}:ecs:{region}:{account}:"
_CLUSTER = "@describe_clusters"
_SERVICE = "@describe_services"
_TASK = "@describe_tasks"
_DEFINITION = "@describe_task_definition/taskDefinition"
_MACHINE = "@describe_container_instances"
_GATEWAY = "@describe_gateway/gateway"
_HOST = f"{_GATEWAY}/configuration/hostSharedAlb"
_NETWORK = f"{_SERVICE}/networkConfiguration/awsvpcConfiguration"
_EXEC = f"{_CLUSTER}/configuration/executeCommandConfiguration"
_DETAILS = f"{_TASK}/attachments/*/details"
_IN_CLUSTER = Property("cluster_arn", "clusterArn", "The cluster that it runs in.")


def _setting(name: str, property_name: str, description: str) -> Property:
    return Property(property_name, f"@list_account_settings/[name={name}]/value", description)


DECLARATIONS = (
    NodeType(
        snapshot_type="ecs:cluster",
        label="ECSCluster",
        resource_type="AWS::ECS::Cluster",
        category="compute",
        description="A cluster of containers.",
        arn=_ARN + "cluster/{id}",
        name=f"{_CLUSTER}/clusterName",
        tags=f"{_CLUSTER}/tags",
        properties=(
            Property("status", f"{_CLUSTER}/status", "E.g. ACTIVE."),
            Property(
                "running_tasks_count", f"{_CLUSTER}/runningTasksCount", "Tasks that run.", whole
            ),
            Property(
                "container_instances_count",
                f"{_CLUSTER}/registeredContainerInstancesCount",
                "Machines of the account that it runs on.",
                whole,
            ),
            Property(
                "capacity_providers",
                f"{_CLUSTER}/capacityProviders/*",
                "E.g. FARGATE.",
                texts,
                absent=[],
            ),
            Property(
                "execute_command_logging",
                f"{_EXEC}/logging",
                "Where shells in its containers are logged: NONE, DEFAULT or OVERRIDE.",
            ),
        ),
        links=(encrypted_with(f"{_CLUSTER}/configuration/managedStorageConfiguration/kmsKeyId"),),
    ),
    NodeType(
        snapshot_type="ecs:service",
        label="ECSService",
        resource_type="AWS::ECS::Service",
        category="compute",
        description="A number of tasks that ECS keeps running.",
        arn=_ARN + "service/{id}",
        name=f"{_SERVICE}/serviceName",
        tags=f"{_SERVICE}/tags",
        properties=(
            _IN_CLUSTER,
            Property("status", f"{_SERVICE}/status", "E.g. ACTIVE."),
            Property("task_definition_arn", f"{_SERVICE}/taskDefinition", "What its tasks are."),
            Property("launch_type", f"{_SERVICE}/launchType", "FARGATE, EC2 or EXTERNAL."),
            Property("desired_count", f"{_SERVICE}/desiredCount", "Wanted tasks.", whole),
            Property("running_count", f"{_SERVICE}/runningCount", "Tasks that run.", whole),
            Property(
                "assign_public_ip",
                f"{_NETWORK}/assignPublicIp",
                "ENABLED: its tasks get public addresses.",
            ),
            Property(
                "enable_execute_command",
                f"{_SERVICE}/enableExecuteCommand",
                "Whether shells in its containers can be opened.",
                truth,
            ),
            Property(
                "target_group_arns",
                f"{_SERVICE}/loadBalancers/*/targetGroupArn",
                "Target groups that its tasks are registered with.",
                texts,
                absent=[],
            ),
            Property("role_arn", f"{_SERVICE}/roleArn", "The role that registers them."),
            Property("created_at", f"{_SERVICE}/createdAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_NETWORK}/subnets/*"),
            has_security_group(f"{_NETWORK}/securityGroups/*"),
        ),
    ),
    NodeType(
        snapshot_type="ecs:task-definition",
        label="ECSTaskDefinition",
        resource_type="AWS::ECS::TaskDefinition",
        category="compute",
        description="What a task is made of: images, roles, network; one revision of it.",
        arn=_ARN + "task-definition/{id}",
        tags="@describe_task_definition/tags",
        properties=(
            Property("status", f"{_DEFINITION}/status", "E.g. ACTIVE."),
            Property("task_role_arn", f"{_DEFINITION}/taskRoleArn", "The role of its containers."),
            Property(
                "execution_role_arn",
                f"{_DEFINITION}/executionRoleArn",
                "The role that starts them: it pulls images and reads secrets.",
            ),
            Property("network_mode", f"{_DEFINITION}/networkMode", "awsvpc, bridge, host or none."),
            Property("pid_mode", f"{_DEFINITION}/pidMode", "host: sees the machine's processes."),
            Property(
                "images", f"{_DEFINITION}/containerDefinitions/*/image", "Images.", texts, absent=[]
            ),
            Property(
                "privileged_containers",
                f"{_DEFINITION}/containerDefinitions/[privileged=true]/name",
                "Containers with the rights of their machine's root.",
                texts,
                absent=[],
            ),
            Property(
                "secret_arns",
                f"{_DEFINITION}/containerDefinitions/*/secrets/*/valueFrom",
                "Secrets and parameters that its containers are given.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="ecs:task",
        label="ECSTask",
        resource_type="AWS::ECS::Task",
        cloudformation=False,
        category="compute",
        description="Containers that run together.",
        arn=_ARN + "task/{id}",
        tags=f"{_TASK}/tags",
        properties=(
            _IN_CLUSTER,
            Property("last_status", f"{_TASK}/lastStatus", "E.g. RUNNING."),
            Property("task_definition_arn", f"{_TASK}/taskDefinitionArn", "What it is."),
            Property("group", f"{_TASK}/group", "service:name, or who started it."),
            Property("launch_type", f"{_TASK}/launchType", "FARGATE, EC2 or EXTERNAL."),
            Property(
                "enable_execute_command",
                f"{_TASK}/enableExecuteCommand",
                "Whether shells in its containers can be opened.",
                truth,
            ),
            Property(
                "task_role_arn",
                f"{_TASK}/overrides/taskRoleArn",
                "The role, where it is not that of its definition.",
            ),
            Property(
                "execution_role_arn",
                f"{_TASK}/overrides/executionRoleArn",
                "The role that starts it, where it is not that of its definition.",
            ),
            Property(
                "network_interface_ids",
                f"{_DETAILS}/[name=networkInterfaceId]/value",
                "Its interfaces.",
                texts,
                absent=[],
            ),
            Property(
                "private_ips",
                f"{_DETAILS}/[name=privateIPv4Address]/value",
                "Private IPv4 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "container_instance_arn",
                f"{_TASK}/containerInstanceArn",
                "The machine that it runs on, if it is the account's.",
            ),
            Property("images", f"{_TASK}/containers/*/image", "Images.", texts, absent=[]),
            Property("started_at", f"{_TASK}/startedAt", "When it was started (ISO 8601)."),
        ),
        links=(in_subnet(f"{_DETAILS}/[name=subnetId]/value"),),
    ),
    NodeType(
        snapshot_type="ecs:container-instance",
        label="ECSContainerInstance",
        resource_type="AWS::ECS::ContainerInstance",
        cloudformation=False,
        category="compute",
        description="A machine that a cluster places tasks on.",
        arn=_ARN + "container-instance/{id}",
        tags=f"{_MACHINE}/tags",
        properties=(
            _IN_CLUSTER,
            Property("instance_id", f"{_MACHINE}/ec2InstanceId", "The instance (i- or mi-)."),
            Property("status", f"{_MACHINE}/status", "E.g. ACTIVE."),
            Property(
                "agent_version", f"{_MACHINE}/versionInfo/agentVersion", "Version of ECS's agent."
            ),
            Property("agent_connected", f"{_MACHINE}/agentConnected", "Whether it answers.", truth),
        ),
    ),
    NodeType(
        snapshot_type="ecs:gateway",
        label="ECSGateway",
        resource_type="AWS::ECS::Gateway",
        cloudformation=False,
        category="network",
        description="A gateway that ECS manages in front of services.",
        name="name",
        tags=f"{_GATEWAY}/tags",
        properties=(
            Property("status", "status", "E.g. ACTIVE."),
            Property("access_type", f"{_GATEWAY}/accessType", "PUBLIC or PRIVATE."),
            Property("scheme", f"{_HOST}/scheme", "internet-facing or internal."),
            Property("port", f"{_HOST}/port", "Port that it listens on.", whole),
            Property("protocol", f"{_HOST}/protocol", "HTTP or HTTPS."),
            Property("web_acl_arn", f"{_HOST}/webACLArn", "Its web ACL, if it has one."),
            Property(
                "infrastructure_role_arn",
                f"{_GATEWAY}/infrastructureRoleArn",
                "The role with which ECS builds it.",
            ),
            Property(
                "service_arns",
                "@list_gateway_routes/*/serviceArn",
                "Services behind it.",
                texts,
                absent=[],
            ),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_HOST}/networkConfiguration/subnets/*"),
            has_security_group(f"{_HOST}/networkConfiguration/inboundSecurityGroup"),
        ),
    ),
    Setting(
        snapshot_type="ecs:account-settings",
        label="Region",
        describes=of_region,
        description="ECS's settings of the account in the region.",
        properties=(
            _setting(
                "containerInsights", "ecs_container_insights", "Whether clusters are watched."
            ),
            _setting(
                "guardDutyActivate", "ecs_guard_duty_activate", "Whether GuardDuty watches tasks."
            ),
            _setting(
                "tagResourceAuthorization",
                "ecs_tag_resource_authorization",
                "on: tags at creation ask for ecs:TagResource.",
            ),
        ),
    ),
)
