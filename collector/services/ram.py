"""RAM: resource shares, given and received."""

from collector.declare import (
    Account,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
    When,
)

PAGES = Paginator(500)


def _associations(kind: str) -> FollowUp:
    return FollowUp(
        operation="get_resource_share_associations",
        params={"resourceShareArns": [Item("resourceShareArn")], "associationType": kind},
        key=("associationType",),
        result="resourceShareAssociations",
        paging=PAGES,
        # The operation answers for shares of one's own only.
        # https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShareAssociations.html
        when=(When("owningAccountId", is_one_of=(Account(), None)),),
    )


TYPES = (
    ResourceType(
        id="ram:share",
        client="ram",
        scope=Scope.REGIONAL,
        arn="{resourceShareArn}",
        lists=tuple(
            ListCall(
                operation="get_resource_shares",
                params={"resourceOwner": owner},
                result="resourceShares",
                paging=PAGES,
            )
            for owner in ("SELF", "OTHER-ACCOUNTS")
        ),
        follow_ups=(
            _associations("PRINCIPAL"),
            _associations("RESOURCE"),
            FollowUp(
                operation="list_resource_share_permissions",
                params={"resourceShareArn": Item("resourceShareArn")},
                result="permissions",
                paging=Token("nextToken", "nextToken", ("maxResults", 500)),
                when=(When("owningAccountId", is_one_of=(Account(), None)),),
                then=(
                    FollowUp(
                        operation="get_permission",
                        params={"permissionArn": Item("arn")},
                        key=("permissionArn",),
                    ),
                ),
            ),
        ),
    ),
    # What the shares of other accounts hold; what one's own hold is in their associations.
    ResourceType(
        id="ram:received-resource",
        client="ram",
        scope=Scope.REGIONAL,
        arn="{resourceShareArn}/{arn}",
        lists=(
            ListCall(
                operation="list_resources",
                params={"resourceOwner": "OTHER-ACCOUNTS"},
                result="resources",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="ram:invitation",
        client="ram",
        scope=Scope.REGIONAL,
        arn="{resourceShareInvitationArn}",
        lists=(
            ListCall(
                operation="get_resource_share_invitations",
                result="resourceShareInvitations",
                paging=PAGES,
            ),
        ),
    ),
)
