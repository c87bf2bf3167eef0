"""Amplify: web applications, their branches and domains."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_APP = {"appId": Item("appId")}
_BUILDS = ("", "autoBranchCreationConfig.", "list_branches:[].")

TYPES = (
    ResourceType(
        id="amplify:app",
        client="amplify",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{appArn}",
        lists=(ListCall(operation="list_apps", result="apps", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(
                operation="list_branches", params=_APP, result="branches", paging=Paginator(50)
            ),
            FollowUp(
                operation="list_domain_associations",
                params=_APP,
                result="domainAssociations",
                paging=Paginator(50),
            ),
        ),
        redact=(
            *(f"{build}environmentVariables.*" for build in _BUILDS),
            *(f"{build}basicAuthCredentials" for build in _BUILDS),
        ),
        scan=("repository", "customHeaders", *(f"{build}buildSpec" for build in _BUILDS)),
    ),
)
"""Declarations of this service."""
