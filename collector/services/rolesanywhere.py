"""IAM Roles Anywhere: whose certificates are believed, and which roles they get."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="iam:roles-anywhere-trust-anchor",
        client="rolesanywhere",
        scope=Scope.REGIONAL,
        arn="{trustAnchorArn}",
        lists=(
            ListCall(operation="list_trust_anchors", result="trustAnchors", paging=Paginator()),
        ),
    ),
    ResourceType(
        id="iam:roles-anywhere-profile",
        client="rolesanywhere",
        scope=Scope.REGIONAL,
        arn="{profileArn}",
        lists=(ListCall(operation="list_profiles", result="profiles", paging=Paginator()),),
    ),
    ResourceType(
        id="iam:roles-anywhere-crl",
        client="rolesanywhere",
        scope=Scope.REGIONAL,
        arn="{crlArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_crls", result="crls", paging=Paginator()),),
    ),
)
"""Declarations of this service."""
