"""What stands beside EventBridge's buses: its second API, Scheduler, Pipes and Schemas."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PIPE = "describe_pipe:"
_ENVIRONMENTS = (
    "TargetParameters.EcsTaskParameters.Overrides.ContainerOverrides[].Environment[].value",
    "TargetParameters.BatchJobParameters.ContainerOverrides.Environment[].Value",
)
_HTTP = (
    f"{parameters}.HttpParameters.{kind}.*"
    for parameters in ("EnrichmentParameters", "TargetParameters")
    for kind in ("HeaderParameters", "QueryStringParameters")
)

TYPES = (
    ResourceType(
        id="eventbridgev2:bus",
        client="eventbridgev2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{EventBusArn}",
        lists=(ListCall(operation="list_event_buses", result="EventBuses", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"ResourceArn": Item("EventBusArn")}),
        ),
    ),
    ResourceType(
        id="scheduler:schedule",
        client="scheduler",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="list_schedules", result="Schedules", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(
                operation="get_schedule",
                params={"Name": Item("Name"), "GroupName": Item("GroupName")},
            ),
        ),
        scan=(
            "get_schedule:Target.Input",
            "get_schedule:Target.SageMakerPipelineParameters.PipelineParameterList",
            "get_schedule:Target.EventBridgePutRawEventsParameters.Metadata",
        ),
    ),
    ResourceType(
        id="pipes:pipe",
        client="pipes",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(ListCall(operation="list_pipes", result="Pipes", paging=Paginator(100)),),
        follow_ups=(FollowUp(operation="describe_pipe", params={"Name": Item("Name")}),),
        redact=tuple(_PIPE + path for path in (*_ENVIRONMENTS, *_HTTP)),
        scan=tuple(
            _PIPE + path
            for path in (
                "Description",
                "SourceParameters",
                "EnrichmentParameters",
                "TargetParameters",
                "Tags",
            )
        ),
    ),
    ResourceType(
        id="schemas:registry",
        client="schemas",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{RegistryArn}",
        # Not those that AWS provides.
        lists=(
            ListCall(
                operation="list_registries",
                params={"Scope": "LOCAL"},
                result="Registries",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_resource_policy", params={"RegistryName": Item("RegistryName")}
            ),
        ),
    ),
)
"""Declarations of these services."""
