"""Simple Email Service: identities and who may send as them."""

from collector.declare import Depth, FollowUp, Item, ListCall, ResourceType, Scope, Token

TYPES = (
    ResourceType(
        id="ses:identity",
        client="sesv2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ses:{region}:{account}:identity/{IdentityName}",
        lists=(
            ListCall(
                operation="list_email_identities",
                result="EmailIdentities",
                paging=Token("NextToken", "NextToken", ("PageSize", 1000)),
            ),
        ),
        # Its policies come with this answer.
        follow_ups=(
            FollowUp(
                operation="get_email_identity", params={"EmailIdentity": Item("IdentityName")}
            ),
        ),
    ),
)
"""Declarations of this service."""
