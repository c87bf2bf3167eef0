"""Athena: workgroups and data catalogs."""

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

_ENGINE = "get_work_group:WorkGroup.Configuration.EngineConfiguration"

TYPES = (
    ResourceType(
        id="athena:workgroup",
        client="athena",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:athena:{region}:{account}:workgroup/{Name}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_work_groups",
                result="WorkGroups",
                paging=Token("NextToken", "NextToken", ("MaxResults", 50)),
            ),
        ),
        follow_ups=(FollowUp(operation="get_work_group", params={"WorkGroup": Item("Name")}),),
        scan=(
            "get_work_group:WorkGroup.Configuration.AdditionalConfiguration",
            f"{_ENGINE}.AdditionalConfigs.*",
            f"{_ENGINE}.SparkProperties.*",
            f"{_ENGINE}.Classifications[].Properties.*",
        ),
    ),
    ResourceType(
        id="athena:data-catalog",
        client="athena",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:athena:{region}:{account}:datacatalog/{CatalogName}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_data_catalogs",
                result="DataCatalogsSummary",
                paging=Paginator(50),
            ),
        ),
    ),
)
"""Declarations of this service."""
