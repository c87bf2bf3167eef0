"""GuardDuty: detectors, who administers them, and what they found."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
    Token,
)

_PAGES = Paginator(50)
_DETECTOR = {"DetectorId": Item("DetectorId")}

TYPES = (
    ResourceType(
        id="gd:detector",
        client="guardduty",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:guardduty:{region}:{account}:detector/{DetectorId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_detectors", result="DetectorIds", paging=_PAGES, wrap="DetectorId"
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_detector", params=_DETECTOR),
            FollowUp(operation="list_members", params=_DETECTOR, result="Members", paging=_PAGES),
            FollowUp(operation="get_administrator_account", params=_DETECTOR),
            FollowUp(
                operation="list_findings",
                # Archived findings have been judged.
                params={
                    **_DETECTOR,
                    "FindingCriteria": {"Criterion": {"service.archived": {"Eq": ["false"]}}},
                },
                result="FindingIds",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="get_findings",
                        params={"DetectorId": Root("DetectorId"), "FindingIds": [Item("")]},
                        result="Findings",
                        batch=Batch(size=50, match=("Id", "")),
                    ),
                ),
            ),
            FollowUp(
                operation="list_publishing_destinations",
                params=_DETECTOR,
                result="Destinations",
                paging=Token("NextToken", "NextToken", ("MaxResults", 50)),
                then=(
                    FollowUp(
                        operation="describe_publishing_destination",
                        params={
                            "DetectorId": Root("DetectorId"),
                            "DestinationId": Item("DestinationId"),
                        },
                        key=("DestinationId",),
                    ),
                ),
            ),
        ),
        scan=("get_findings:[].Service.RuntimeDetails.Context.CommandLineExample",),
    ),
    ResourceType(
        id="gd:organization-admin",
        client="guardduty",
        scope=Scope.ORGANISATION_REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(
                operation="list_organization_admin_accounts", result="AdminAccounts", paging=_PAGES
            ),
        ),
    ),
)
"""Declarations of this service."""
