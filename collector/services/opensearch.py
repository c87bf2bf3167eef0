"""OpenSearch Service domains (Elasticsearch's too) and their connections to other domains."""

from collector.declare import Batch, FollowUp, Item, ListCall, ResourceType, Scope, Token

_PAGES = Token("NextToken", "NextToken", ("MaxResults", 100))
_DISABLED = ("DisabledOperationException",)


def _connections(direction: str) -> ResourceType:
    """Connections between domains have no ARN: their id is the account's in the region."""
    return ResourceType(
        id=f"opensearch:{direction}-connection",
        client="opensearch",
        scope=Scope.REGIONAL,
        arn=f"opensearch-{direction}:{{account}}/{{region}}/{{ConnectionId}}",
        lists=(
            ListCall(
                operation=f"describe_{direction}_connections",
                result="Connections",
                paging=_PAGES,
                not_supported=_DISABLED,
            ),
        ),
    )


TYPES = (
    ResourceType(
        id="opensearch:domain",
        client="opensearch",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:es:{region}:{account}:domain/{DomainName}",
        lists=(ListCall(operation="list_domain_names", result="DomainNames"),),
        follow_ups=(
            FollowUp(
                operation="describe_domains",
                params={"DomainNames": [Item("DomainName")]},
                result="DomainStatusList",
                # https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomains.html
                batch=Batch(size=5, match=("DomainName", "DomainName")),
            ),
            FollowUp(
                operation="list_vpc_endpoint_access",
                params={"DomainName": Item("DomainName")},
                result="AuthorizedPrincipalList",
                paging=Token("NextToken", "NextToken"),
                not_supported=_DISABLED,
            ),
        ),
        scan=("describe_domains:AdvancedOptions.*",),
    ),
    _connections("inbound"),
    _connections("outbound"),
)
"""Declarations of this service."""
