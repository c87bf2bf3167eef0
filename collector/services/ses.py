"""Simple Email Service: identities, who may send as them, and where its events go."""

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
    ResourceType(
        id="ses:configuration-set",
        client="sesv2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ses:{region}:{account}:configuration-set/{ConfigurationSetName}",
        lists=(
            ListCall(
                operation="list_configuration_sets",
                result="ConfigurationSets",
                paging=Token("NextToken", "NextToken", ("PageSize", 1000)),
                wrap="ConfigurationSetName",
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_configuration_set_event_destinations",
                params={"ConfigurationSetName": Item("ConfigurationSetName")},
                result="EventDestinations",
            ),
        ),
    ),
)
"""Declarations of this service."""
