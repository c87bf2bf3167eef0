"""OpenSearch Serverless: collections, the policies that open them, and their VPC endpoints."""

from collector.declare import Batch, FollowUp, Item, ListCall, ResourceType, Scope, Token

_PAGES = Token("nextToken", "nextToken", ("maxResults", 100))
_POLICY = {"type": Item("type"), "name": Item("name")}


def _policies(kind: str, types: tuple[str, ...]) -> ResourceType:
    """Policies have no ARN: type and name are the account's in the region."""
    return ResourceType(
        id=f"opensearchserverless:{kind}-policy",
        client="opensearchserverless",
        scope=Scope.REGIONAL,
        arn="aoss-policy:{account}/{region}/{type}/{name}",
        lists=tuple(
            ListCall(
                operation=f"list_{kind}_policies",
                params={"type": name},
                result=f"{kind}PolicySummaries",
                paging=_PAGES,
            )
            for name in types
        ),
        follow_ups=(FollowUp(operation=f"get_{kind}_policy", params=_POLICY),),
    )


TYPES = (
    ResourceType(
        id="opensearchserverless:collection",
        client="opensearchserverless",
        scope=Scope.REGIONAL,
        arn="{arn}",
        lists=(
            ListCall(operation="list_collections", result="collectionSummaries", paging=_PAGES),
        ),
        follow_ups=(
            FollowUp(
                operation="batch_get_collection",
                params={"ids": [Item("id")]},
                result="collectionDetails",
                batch=Batch(size=100, match=("id", "id")),
            ),
        ),
    ),
    _policies("security", ("network", "encryption")),
    _policies("access", ("data",)),
    # An endpoint that EC2 lists as well, under the same id.
    # https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc.html
    ResourceType(
        id="opensearchserverless:vpc-endpoint",
        client="opensearchserverless",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
        lists=(
            ListCall(operation="list_vpc_endpoints", result="vpcEndpointSummaries", paging=_PAGES),
        ),
        follow_ups=(
            FollowUp(
                operation="batch_get_vpc_endpoint",
                params={"ids": [Item("id")]},
                result="vpcEndpointDetails",
                batch=Batch(size=100, match=("id", "id")),
            ),
        ),
    ),
)
"""Declarations of this service."""
