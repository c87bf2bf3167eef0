"""IAM Access Analyzer: its analyzers and what they found, a second opinion on our own answers."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

_PAGES = Paginator(100)
# Resolved findings are history.
_OPEN = {"analyzerArn": Item("arn"), "filter": {"status": {"eq": ["ACTIVE", "ARCHIVED"]}}}
# Findings of external access name the principal in the first form of the list alone; the other
# kinds of analyzers answer in the second alone.
# https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html
_EXTERNAL = ("ACCOUNT", "ORGANIZATION")

TYPES = (
    ResourceType(
        id="aa:analyzer",
        client="accessanalyzer",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_analyzers", result="analyzers", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_findings",
                params=_OPEN,
                result="findings",
                paging=_PAGES,
                when=(When("type", is_one_of=_EXTERNAL),),
            ),
            FollowUp(
                operation="list_findings_v2",
                params=_OPEN,
                result="findings",
                paging=_PAGES,
                when=(When("type", is_none_of=_EXTERNAL),),
            ),
            FollowUp(
                operation="list_archive_rules",
                params={"analyzerName": Item("name")},
                result="archiveRules",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
