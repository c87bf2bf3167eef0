"""Step Functions: state machines and activities."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(1000)

TYPES = (
    ResourceType(
        id="stepfunctions:state-machine",
        client="stepfunctions",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{stateMachineArn}",
        lists=(ListCall(operation="list_state_machines", result="stateMachines", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_state_machine",
                params={"stateMachineArn": Item("stateMachineArn")},
            ),
        ),
        scan=(
            "describe_state_machine:definition",
            "describe_state_machine:description",
            "describe_state_machine:variableReferences",
        ),
    ),
    ResourceType(
        id="stepfunctions:activity",
        client="stepfunctions",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{activityArn}",
        lists=(ListCall(operation="list_activities", result="activities", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
