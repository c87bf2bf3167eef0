"""RAM: resource shares, given and received."""

from collector.declare import (
    Account,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
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
        follow_ups=(_associations("PRINCIPAL"), _associations("RESOURCE")),
    ),
)
