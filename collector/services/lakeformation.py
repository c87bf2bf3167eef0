"""Lake Formation: who administers the data lake of a region, and who was granted what in it."""

from collector.declare import Depth, FollowUp, Paginator, ResourceType, Scope, Token

_PAGES = Token("NextToken", "NextToken", ("MaxResults", 1000))

TYPES = (
    ResourceType(
        id="lakeformation:permissions",
        client="lakeformation",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(operation="get_data_lake_settings"),
            FollowUp(
                operation="list_permissions", result="PrincipalResourcePermissions", paging=_PAGES
            ),
            FollowUp(operation="list_resources", result="ResourceInfoList", paging=_PAGES),
            FollowUp(operation="list_lf_tags", result="LFTags", paging=Paginator(1000)),
            FollowUp(
                operation="list_lake_formation_opt_ins",
                result="LakeFormationOptInsInfoList",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
