"""ECS: clusters and what runs in them; gateways."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Named,
    Paginator,
    ResourceType,
    Scope,
)

_PAGES = Paginator(100)
_NO_GATEWAYS = ("UnsupportedFeatureException",)
_CLUSTER = {"cluster": Item("clusterArn")}


_CONTAINERS = "describe_task_definition:taskDefinition.containerDefinitions[]"


def _definition(path: str) -> Named:
    return Named("ecs:task-definition", path, "taskDefinitionArn")


def _in_cluster(
    name: str,
    listed: tuple[str, str, str],
    described: tuple[str, str, str],
    size: int,
    include: list[str],
    redact: tuple[str, ...] = (),
    scan: tuple[str, ...] = (),
    names: tuple[Named, ...] = (),
) -> ResourceType:
    """What is listed for each cluster by ARN and described many at a time.

    Args:
        listed: operation, path of the ARNs, member that an ARN is put under.
        described: operation, parameter of the ARNs, path of the answers.
        size: the most that one describing call takes.
    """
    operation, arns, member = listed
    describe, parameter, result = described
    return ResourceType(
        id=f"ecs:{name}",
        client="ecs",
        scope=Scope.REGIONAL,
        arn=f"{{{member}}}",
        listed_for="ecs:cluster",
        carry=("clusterArn",),
        lists=(
            ListCall(operation=operation, params=_CLUSTER, result=arns, paging=_PAGES, wrap=member),
        ),
        follow_ups=(
            FollowUp(
                operation=describe,
                params={**_CLUSTER, parameter: [Item(member)], "include": include},
                result=result,
                batch=Batch(size=size, match=(member, member)),
                names=names,
            ),
        ),
        redact=redact,
        scan=scan,
    )


TYPES = (
    ResourceType(
        id="ecs:cluster",
        client="ecs",
        scope=Scope.REGIONAL,
        arn="{clusterArn}",
        lists=(
            ListCall(
                operation="list_clusters", result="clusterArns", paging=_PAGES, wrap="clusterArn"
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_clusters",
                params={
                    "clusters": [Item("clusterArn")],
                    "include": ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "TAGS"],
                },
                result="clusters",
                batch=Batch(size=100, match=("clusterArn", "clusterArn")),
            ),
        ),
    ),
    _in_cluster(
        "service",
        ("list_services", "serviceArns", "serviceArn"),
        ("describe_services", "services", "services"),
        10,
        ["TAGS"],
        names=(
            _definition("taskDefinition"),
            _definition("deployments[].taskDefinition"),
            _definition("taskSets[].taskDefinition"),
        ),
        scan=(
            "describe_services:events[].message",
            "describe_services:deployments[].serviceConnectConfiguration.logConfiguration.options.*",
        ),
    ),
    _in_cluster(
        "task",
        ("list_tasks", "taskArns", "taskArn"),
        ("describe_tasks", "tasks", "tasks"),
        100,
        ["TAGS"],
        names=(_definition("taskDefinitionArn"),),
        redact=("describe_tasks:overrides.containerOverrides[].environment[].value",),
        scan=("describe_tasks:overrides.containerOverrides[].command[]",),
    ),
    _in_cluster(
        "container-instance",
        ("list_container_instances", "containerInstanceArns", "containerInstanceArn"),
        ("describe_container_instances", "containerInstances", "containerInstances"),
        100,
        ["TAGS"],
    ),
    # Those that a service or task names: there may be thousands of others, out of use for years.
    ResourceType(
        id="ecs:task-definition",
        client="ecs",
        scope=Scope.REGIONAL,
        arn="{taskDefinitionArn}",
        discovered_by="ecs:service",
        follow_ups=(
            FollowUp(
                operation="describe_task_definition",
                params={"taskDefinition": Item("taskDefinitionArn"), "include": ["TAGS"]},
            ),
        ),
        redact=(f"{_CONTAINERS}.environment[].value",),
        scan=(
            f"{_CONTAINERS}.command[]",
            f"{_CONTAINERS}.entryPoint[]",
            f"{_CONTAINERS}.healthCheck.command[]",
            f"{_CONTAINERS}.logConfiguration.options.*",
            f"{_CONTAINERS}.firelensConfiguration.options.*",
            f"{_CONTAINERS}.dockerLabels.*",
        ),
    ),
    ResourceType(
        id="ecs:account-settings",
        client="ecs",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="list_account_settings",
                params={"effectiveSettings": True},
                result="settings",
                paging=Paginator(10),
            ),
        ),
    ),
    ResourceType(
        id="ecs:gateway",
        client="ecs",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{gatewayArn}",
        lists=(
            ListCall(
                operation="list_gateways",
                result="gateways",
                paging=Paginator(),
                not_supported=_NO_GATEWAYS,
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_gateway", params={"gateway": Item("gatewayArn")}),
            FollowUp(
                operation="list_gateway_routes",
                params={"gateway": Item("gatewayArn")},
                result="gatewayRoutes",
                paging=Paginator(),
            ),
        ),
    ),
)
"""Declarations of this service."""
