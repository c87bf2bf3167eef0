"""Transfer Family: servers, their users, web apps."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(1000)
_SERVER = {"ServerId": Item("ServerId")}

TYPES = (
    ResourceType(
        id="transfer:server",
        client="transfer",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        lists=(ListCall(operation="list_servers", result="Servers", paging=_PAGES),),
        follow_ups=(FollowUp(operation="describe_server", params=_SERVER),),
        scan=(
            "describe_server:Server.PreAuthenticationLoginBanner",
            "describe_server:Server.PostAuthenticationLoginBanner",
        ),
    ),
    ResourceType(
        id="transfer:user",
        client="transfer",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        listed_for="transfer:server",
        carry=("ServerId",),
        lists=(ListCall(operation="list_users", params=_SERVER, result="Users", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="describe_user", params=_SERVER | {"UserName": Item("UserName")}),
        ),
    ),
    ResourceType(
        id="transfer:web-app",
        client="transfer",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_web_apps", result="WebApps", paging=_PAGES),),
        follow_ups=(FollowUp(operation="describe_web_app", params={"WebAppId": Item("WebAppId")}),),
    ),
)
"""Declarations of this service."""
