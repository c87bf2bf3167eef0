"""EventBridge: buses with their policies, rules and targets, and what leads out of AWS."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_BY_HAND = Token("NextToken", "NextToken", ("Limit", 100))
_TARGETS = "list_targets_by_rule:[]"

TYPES = (
    ResourceType(
        id="events:bus",
        client="events",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        lists=(ListCall(operation="list_event_buses", result="EventBuses", paging=_BY_HAND),),
        follow_ups=(FollowUp(operation="describe_event_bus", params={"Name": Item("Name")}),),
    ),
    ResourceType(
        id="events:rule",
        client="events",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        listed_for="events:bus",
        lists=(
            ListCall(
                operation="list_rules",
                params={"EventBusName": Item("Name")},
                result="Rules",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="list_targets_by_rule",
                params={"Rule": Item("Name"), "EventBusName": Item("EventBusName")},
                result="Targets",
                paging=Paginator(100),
            ),
        ),
        redact=(
            f"{_TARGETS}.HttpParameters.HeaderParameters.*",
            f"{_TARGETS}.HttpParameters.QueryStringParameters.*",
        ),
        scan=(
            f"{_TARGETS}.Input",
            f"{_TARGETS}.InputTransformer.InputTemplate",
            f"{_TARGETS}.HttpParameters.PathParameterValues",
            f"{_TARGETS}.RedshiftDataParameters.Sql",
            f"{_TARGETS}.RedshiftDataParameters.Sqls",
            f"{_TARGETS}.SageMakerPipelineParameters.PipelineParameterList",
            f"{_TARGETS}.AppSyncParameters.GraphQLOperation",
        ),
    ),
    ResourceType(
        id="events:archive",
        client="events",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:events:{region}:{account}:archive/{ArchiveName}",
        lists=(ListCall(operation="list_archives", result="Archives", paging=_BY_HAND),),
    ),
    ResourceType(
        id="events:api-destination",
        client="events",
        scope=Scope.REGIONAL,
        arn="{ApiDestinationArn}",
        lists=(
            ListCall(operation="list_api_destinations", result="ApiDestinations", paging=_BY_HAND),
        ),
        scan=("InvocationEndpoint",),
    ),
    ResourceType(
        id="events:connection",
        client="events",
        scope=Scope.REGIONAL,
        arn="{ConnectionArn}",
        lists=(ListCall(operation="list_connections", result="Connections", paging=_BY_HAND),),
    ),
    ResourceType(
        id="events:endpoint",
        client="events",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_endpoints",
                result="Endpoints",
                paging=Token("NextToken", "NextToken", ("MaxResults", 100)),
            ),
        ),
    ),
)
"""Declarations of this service."""
