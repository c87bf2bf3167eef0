"""Lambda: functions with their policies, URLs, aliases and versions, layers, event sources."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
    When,
)

_SOURCE = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"

LIMITS = {
    "lambda": (
        Limit(operations=("get_policy",), rate=15, burst=15, source=_SOURCE),
        Limit(rate=15, burst=15, source=_SOURCE),
    )
}

# The service gives at most 50 a page, whatever is asked.
_PAGES = Paginator(50)
_FUNCTION = {"FunctionName": Item("FunctionName")}

TYPES = (
    ResourceType(
        id="lambda:function",
        client="lambda",
        scope=Scope.REGIONAL,
        arn="{FunctionArn}",
        lists=(ListCall(operation="list_functions", result="Functions", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_policy", params=_FUNCTION),
            FollowUp(
                operation="list_function_url_configs",
                params=_FUNCTION,
                result="FunctionUrlConfigs",
                paging=_PAGES,
                fallback=FollowUp(operation="get_function_url_config", params=_FUNCTION),
            ),
            FollowUp(
                operation="list_aliases",
                params=_FUNCTION,
                result="Aliases",
                paging=_PAGES,
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
        scan=(
            "Environment.Error.Message",
            "ImageConfigResponse",
            "RuntimeVersionConfig.Error.Message",
        ),
    ),
    # A published version keeps the environment and the role of its day, and has a policy of its
    # own. https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    ResourceType(
        id="lambda:function-version",
        client="lambda",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{FunctionArn}",
        listed_for="lambda:function",
        lists=(
            ListCall(
                operation="list_versions_by_function",
                params=_FUNCTION,
                result="Versions",
                paging=_PAGES,
            ),
        ),
        keep=(When("Version", is_none_of=("$LATEST",)),),
        follow_ups=(
            FollowUp(operation="get_policy", params={**_FUNCTION, "Qualifier": Item("Version")}),
        ),
        redact=("Environment.Variables.*",),
        scan=(
            "Environment.Error.Message",
            "ImageConfigResponse",
            "RuntimeVersionConfig.Error.Message",
        ),
    ),
    ResourceType(
        id="lambda:function-setting",
        client="lambda",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{FunctionArn}",
        each_of=("lambda:function",),
        carry=("FunctionArn", "FunctionName", "PackageType"),
        follow_ups=(
            FollowUp(operation="get_function_concurrency", params=_FUNCTION),
            # Images are signed in their registry, not here.
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
            FollowUp(
                operation="get_function_code_signing_config",
                params=_FUNCTION,
                when=(When("PackageType", is_none_of=("Image",)),),
            ),
        ),
    ),
    ResourceType(
        id="lambda:layer",
        client="lambda",
        scope=Scope.REGIONAL,
        arn="{LayerArn}",
        lists=(ListCall(operation="list_layers", result="Layers", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_layer_versions",
                params={"LayerName": Item("LayerName")},
                result="LayerVersions",
                paging=_PAGES,
                # Each version is shared by itself.
                then=(
                    FollowUp(
                        operation="get_layer_version_policy",
                        params={
                            "LayerName": Root("LayerName"),
                            "VersionNumber": Item("Version"),
                        },
                        key=("VersionNumber",),
                    ),
                ),
            ),
        ),
    ),
    ResourceType(
        id="lambda:event-source",
        client="lambda",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{UUID}",
        lists=(
            ListCall(
                operation="list_event_source_mappings",
                result="EventSourceMappings",
                paging=Paginator(100),
            ),
        ),
    ),
)
"""Declarations of this service."""
