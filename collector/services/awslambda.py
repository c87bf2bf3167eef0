"""Lambda: functions with their policies, URLs and aliases."""

from collector.declare import (
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
)

_SOURCE = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"

LIMITS = {
    "lambda": (
        Limit(operations=("get_policy",), rate=15, burst=15, source=_SOURCE),
        Limit(rate=15, burst=15, source=_SOURCE),
    )
}

TYPES = (
    ResourceType(
        id="lambda:function",
        client="lambda",
        scope=Scope.REGIONAL,
        arn="{FunctionArn}",
        lists=(
            # The service gives at most 50 a page, whatever is asked.
            ListCall(operation="list_functions", result="Functions", paging=Paginator(50)),
        ),
        follow_ups=(
            FollowUp(operation="get_policy", params={"FunctionName": Item("FunctionName")}),
            FollowUp(
                operation="list_function_url_configs",
                params={"FunctionName": Item("FunctionName")},
                result="FunctionUrlConfigs",
                paging=Paginator(50),
                fallback=FollowUp(
                    operation="get_function_url_config",
                    params={"FunctionName": Item("FunctionName")},
                ),
            ),
            FollowUp(
                operation="list_aliases",
                params={"FunctionName": Item("FunctionName")},
                result="Aliases",
                paging=Paginator(50),
                # An alias has a policy of its own.
                then=(
                    FollowUp(
                        operation="get_policy",
                        params={"FunctionName": Root("FunctionName"), "Qualifier": Item("Name")},
                        key=("Qualifier",),
                    ),
                ),
            ),
        ),
        redact=("Environment.Variables.*",),
    ),
)
