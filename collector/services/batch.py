"""Batch: compute environments, queues, and what jobs are made of."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)
# https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDefinition.html
_CONTAINERS = (
    "containerProperties",
    "nodeProperties.nodeRangeProperties[].container",
    "ecsProperties.taskProperties[].containers[]",
    "nodeProperties.nodeRangeProperties[].ecsProperties.taskProperties[].containers[]",
)
_PODS = ("eksProperties", "nodeProperties.nodeRangeProperties[].eksProperties")
_POD_CONTAINERS = tuple(
    f"{pod}.podProperties.{kind}[]" for pod in _PODS for kind in ("containers", "initContainers")
)

TYPES = (
    ResourceType(
        id="batch:environment",
        client="batch",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{computeEnvironmentArn}",
        lists=(
            ListCall(
                operation="describe_compute_environments",
                result="computeEnvironments",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="batch:job-queue",
        client="batch",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{jobQueueArn}",
        lists=(ListCall(operation="describe_job_queues", result="jobQueues", paging=_PAGES),),
    ),
    ResourceType(
        id="batch:job-definition",
        client="batch",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{jobDefinitionArn}",
        lists=(
            ListCall(
                operation="describe_job_definitions",
                # Revisions that were deregistered stay listed for 180 days and start nothing.
                # https://docs.aws.amazon.com/batch/latest/APIReference/API_DeregisterJobDefinition.html
                params={"status": "ACTIVE"},
                result="jobDefinitions",
                paging=_PAGES,
            ),
        ),
        redact=(
            "parameters.*",
            *(f"{container}.environment[].value" for container in _CONTAINERS),
            *(f"{container}.env[].value" for container in _POD_CONTAINERS),
        ),
        scan=(
            *(f"{container}.command[]" for container in (*_CONTAINERS, *_POD_CONTAINERS)),
            *(f"{container}.args[]" for container in _POD_CONTAINERS),
            *(f"{container}.logConfiguration.options.*" for container in _CONTAINERS),
        ),
    ),
)
"""Declarations of this service."""
