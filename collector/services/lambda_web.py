"""Lambda web functions: functions that answer at HTTPS endpoints of their own."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Root, Scope

_PAGES = Paginator(50)

TYPES = (
    ResourceType(
        id="lambda-web:function",
        client="lambda-web",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{functionArn}",
        lists=(ListCall(operation="list_web_functions", result="functions", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_web_function_endpoints",
                params={"functionName": Item("functionName")},
                result="endpoints",
                paging=_PAGES,
                then=(
                    # Only this answer has the endpoints of single regions.
                    FollowUp(
                        operation="get_web_function_endpoint",
                        params={
                            "functionName": Root("functionName"),
                            "endpointName": Item("endpointName"),
                        },
                        key=("endpointName",),
                    ),
                ),
            ),
            FollowUp(operation="get_resource_policy", params={"resourceArn": Item("functionArn")}),
        ),
    ),
)
"""Declarations of this service."""
