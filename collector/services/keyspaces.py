"""Keyspaces (for Cassandra): keyspaces and tables."""

from collector.declare import Depth, Item, ListCall, Paginator, ResourceType, Scope, When

_PAGES = Paginator(1000)

# https://docs.aws.amazon.com/keyspaces/latest/devguide/working-with-keyspaces.html
_SYSTEM = ("system", "system_schema", "system_schema_mcs", "system_multiregion_info")

TYPES = (
    ResourceType(
        id="keyspaces:keyspace",
        client="keyspaces",
        scope=Scope.REGIONAL,
        arn="{resourceArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_keyspaces", result="keyspaces", paging=_PAGES),),
        keep=(When("keyspaceName", is_none_of=_SYSTEM),),
    ),
    ResourceType(
        id="keyspaces:table",
        client="keyspaces",
        scope=Scope.REGIONAL,
        arn="{resourceArn}",
        depth=Depth.FULL,
        listed_for="keyspaces:keyspace",
        lists=(
            ListCall(
                operation="list_tables",
                params={"keyspaceName": Item("keyspaceName")},
                result="tables",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
