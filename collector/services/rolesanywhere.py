"""IAM Roles Anywhere: whose certificates are believed, and which roles they get."""

from collector.declare import ListCall, Paginator, ResourceType, Scope

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
)
"""Declarations of this service."""
