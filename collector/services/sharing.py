"""Serverless Application Repository, Service Catalog, QuickSight: what is shared by a setting."""

from collector.declare import (
    Account,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_ACCOUNT = {"AwsAccountId": Account()}
# QuickSight answers for the account in the one region where its users are kept, and names that
# region in its refusal everywhere else; before somebody signed up it knows no such account.
# https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DescribeAccountSettings.html
_ELSEWHERE = ("AccessDeniedException:identity region",)
_NOT_SIGNED_UP = (
    "ResourceNotFoundException",
    "UnsupportedUserEditionException",
    "AccessDeniedException:not signed up",
)

TYPES = (
    ResourceType(
        id="serverlessrepo:application",
        client="serverlessrepo",
        scope=Scope.REGIONAL,
        arn="{ApplicationId}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_applications", result="Applications", paging=Paginator(100)),
        ),
        follow_ups=(
            FollowUp(
                operation="get_application_policy",
                params={"ApplicationId": Item("ApplicationId")},
            ),
        ),
    ),
    ResourceType(
        id="servicecatalog:portfolio",
        client="servicecatalog",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_portfolios", result="PortfolioDetails", paging=Paginator(20)),
        ),
        follow_ups=(
            FollowUp(
                operation="list_portfolio_access",
                params={"PortfolioId": Item("Id")},
                result="AccountIds",
                paging=Token("PageToken", "NextPageToken", ("PageSize", 20)),
            ),
            FollowUp(
                operation="list_principals_for_portfolio",
                params={"PortfolioId": Item("Id")},
                result="Principals",
                paging=Paginator(20),
            ),
        ),
    ),
    ResourceType(
        id="servicecatalog:accepted-share",
        client="servicecatalog",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_accepted_portfolio_shares",
                result="PortfolioDetails",
                paging=Paginator(20),
            ),
        ),
    ),
    ResourceType(
        id="quicksight:account",
        client="quicksight",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="describe_account_settings",
                params=_ACCOUNT,
                absent=_ELSEWHERE,
                not_enabled=_NOT_SIGNED_UP,
            ),
        ),
    ),
    ResourceType(
        id="quicksight:dashboard",
        client="quicksight",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_dashboards",
                params=_ACCOUNT,
                result="DashboardSummaryList",
                paging=Paginator(100),
                absent=_ELSEWHERE,
                not_enabled=_NOT_SIGNED_UP,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_dashboard_permissions",
                params={**_ACCOUNT, "DashboardId": Item("DashboardId")},
                not_enabled=("UnsupportedUserEditionException",),
            ),
        ),
    ),
)
"""Declarations of these services."""
