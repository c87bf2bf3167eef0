"""Security Hub, Macie, Inspector, Detective: whether they are on, and for whom."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

TYPES = (
    ResourceType(
        id="sh:hub",
        client="securityhub",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(operation="describe_hub", not_enabled=("ResourceNotFoundException",)),
            FollowUp(
                operation="get_enabled_standards",
                enabled_by="describe_hub",
                result="StandardsSubscriptions",
                paging=Paginator(100),
            ),
            FollowUp(
                operation="list_members",
                enabled_by="describe_hub",
                result="Members",
                paging=Paginator(50),
            ),
        ),
    ),
    ResourceType(
        id="macie:session",
        client="macie2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(operation="get_macie_session"),
            FollowUp(
                operation="list_members",
                enabled_by="get_macie_session",
                result="members",
                paging=Paginator(25),
            ),
            FollowUp(operation="get_administrator_account", enabled_by="get_macie_session"),
        ),
    ),
    ResourceType(
        id="inspector2:status",
        client="inspector2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="batch_get_account_status"),),
    ),
    ResourceType(
        id="detective:graph",
        client="detective",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_graphs",
                result="GraphList",
                paging=Token("NextToken", "NextToken", ("MaxResults", 200)),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="list_members",
                params={"GraphArn": Item("Arn")},
                result="MemberDetails",
                paging=Token("NextToken", "NextToken", ("MaxResults", 200)),
            ),
        ),
    ),
)
"""Declarations of these services."""
