"""Lists over all services: the tagging API and Resource Explorer. They show what else there is."""

from collector.declare import Depth, FollowUp, Item, Limit, ListCall, Paginator, ResourceType, Scope

_SOURCE = "https://docs.aws.amazon.com/resource-explorer/latest/userguide/quotas.html"

LIMITS = {"resource-explorer-2": (Limit(rate=3, burst=3, source=_SOURCE),)}

TYPES = (
    ResourceType(
        id="tagging:resources",
        client="resourcegroupstaggingapi",
        scope=Scope.REGIONAL,
        arn="{ResourceARN}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="get_resources",
                result="ResourceTagMappingList",
                paging=Paginator(100),
            ),
        ),
    ),
    # Answers in the management account, in us-east-1.
    # https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetComplianceSummary.html
    ResourceType(
        id="tagging:compliance",
        client="resourcegroupstaggingapi",
        scope=Scope.ORGANISATION,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="get_compliance_summary",
                result="SummaryList",
                paging=Paginator(1000),
                not_enabled=("ConstraintViolationException",),
            ),
        ),
    ),
    # Any region lists the indexes of all.
    # https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListIndexes.html
    ResourceType(
        id="resource-explorer:index",
        client="resource-explorer-2",
        scope=Scope.HOME_REGION,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_indexes", result="Indexes", paging=Paginator(100)),),
    ),
    ResourceType(
        id="resource-explorer:view",
        client="resource-explorer-2",
        scope=Scope.REGIONAL,
        arn="{ViewArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_views", result="Views", paging=Paginator(50), wrap="ViewArn"),
        ),
    ),
    # A search gives the same, but at most a thousand.
    ResourceType(
        id="resource-explorer:resource",
        client="resource-explorer-2",
        scope=Scope.REGIONAL,
        arn="{Arn}",
        depth=Depth.FULL,
        listed_for="resource-explorer:view",
        lists=(
            ListCall(
                operation="list_resources",
                params={"ViewArn": Item("ViewArn")},
                result="Resources",
                paging=Paginator(1000),
            ),
        ),
    ),
)
"""Declarations of these services."""
