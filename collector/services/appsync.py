"""AppSync: GraphQL and event APIs."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(25)
_API = {"apiId": Item("apiId")}
_KEYS = FollowUp(operation="list_api_keys", params=_API, result="apiKeys", paging=_PAGES)
# What AppSync calls the id of a key is what a caller sends as the key.
# https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
_SECRET = ("list_api_keys:[].id",)

TYPES = (
    ResourceType(
        id="appsync:api",
        client="appsync",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{arn}",
        lists=(ListCall(operation="list_graphql_apis", result="graphqlApis", paging=_PAGES),),
        follow_ups=(
            _KEYS,
            FollowUp(
                operation="list_data_sources", params=_API, result="dataSources", paging=_PAGES
            ),
        ),
        redact=_SECRET,
    ),
    ResourceType(
        id="appsync:event-api",
        client="appsync",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{apiArn}",
        lists=(ListCall(operation="list_apis", result="apis", paging=_PAGES),),
        follow_ups=(_KEYS,),
        redact=_SECRET,
    ),
    ResourceType(
        id="appsync:domain",
        client="appsync",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{domainNameArn}",
        lists=(ListCall(operation="list_domain_names", result="domainNameConfigs", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
