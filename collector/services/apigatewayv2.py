"""API Gateway, version 2: HTTP and WebSocket APIs, custom domains, links into VPCs."""

from collector.declare import (
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
    When,
)

_SOURCE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"

LIMITS = {"apigatewayv2": (Limit(rate=10, burst=40, source=_SOURCE),)}

# The page size is text in this API, and what it may be is not published.
_PAGES = Paginator()
_BY_HAND = Token("NextToken", "NextToken")
_ARN = "arn:{partition}:apigateway:{region}::"


def _of_api(operation: str) -> FollowUp:
    return FollowUp(
        operation=operation, params={"ApiId": Item("ApiId")}, result="Items", paging=_PAGES
    )


TYPES = (
    ResourceType(
        id="apigatewayv2:api",
        client="apigatewayv2",
        scope=Scope.REGIONAL,
        arn=_ARN + "/apis/{ApiId}",
        lists=(ListCall(operation="get_apis", result="Items", paging=_PAGES),),
        follow_ups=(
            _of_api("get_routes"),
            _of_api("get_integrations"),
            _of_api("get_stages"),
            _of_api("get_authorizers"),
        ),
        redact=("get_stages:[].StageVariables.*",),
        scan=(
            "get_integrations:[].RequestParameters.*",
            "get_integrations:[].RequestTemplates.*",
            "get_integrations:[].ResponseParameters.*",
        ),
    ),
    # The domains are those of version 1; here stands which HTTP and WebSocket APIs they lead to.
    ResourceType(
        id="apigatewayv2:domain",
        client="apigatewayv2",
        scope=Scope.REGIONAL,
        arn=_ARN + "/domainnames/{DomainName}",
        lists=(ListCall(operation="get_domain_names", result="Items", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="get_api_mappings",
                params={"DomainName": Item("DomainName")},
                result="Items",
                paging=_BY_HAND,
            ),
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-mode.html
            FollowUp(
                operation="list_routing_rules",
                params={"DomainName": Item("DomainName")},
                result="RoutingRules",
                paging=Paginator(100),
                when=(
                    When(
                        "RoutingMode",
                        is_one_of=("ROUTING_RULE_ONLY", "ROUTING_RULE_THEN_API_MAPPING"),
                    ),
                ),
            ),
        ),
    ),
    ResourceType(
        id="apigatewayv2:vpc-link",
        client="apigatewayv2",
        scope=Scope.REGIONAL,
        arn=_ARN + "/vpclinks/{VpcLinkId}",
        lists=(ListCall(operation="get_vpc_links", result="Items", paging=_BY_HAND),),
    ),
)
"""Declarations of this service."""
