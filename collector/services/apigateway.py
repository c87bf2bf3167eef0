"""API Gateway, version 1: REST APIs, custom domains, links into VPCs, keys and usage plans."""

from collector.declare import (
    Depth,
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

LIMITS = {
    "apigateway": (
        Limit(operations=("get_resources",), rate=2.5, burst=5, source=_SOURCE),
        Limit(rate=10, burst=40, source=_SOURCE),
    )
}

_PAGES = Paginator(500)
_API = {"restApiId": Item("id")}
# The service's ARNs name no account.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
_ARN = "arn:{partition}:apigateway:{region}::"
_MAPPINGS = "get_base_path_mappings"


def _listed(operation: str) -> tuple[ListCall, ...]:
    return (ListCall(operation=operation, result="items", paging=_PAGES),)


TYPES = (
    ResourceType(
        id="apigateway:rest-api",
        client="apigateway",
        scope=Scope.REGIONAL,
        arn=_ARN + "/restapis/{id}",
        lists=_listed("get_rest_apis"),
        follow_ups=(
            FollowUp(operation="get_stages", params=_API, result="item"),
            FollowUp(
                operation="get_resources",
                params={**_API, "embed": ["methods"]},
                result="items",
                paging=_PAGES,
            ),
            FollowUp(operation="get_authorizers", params=_API, result="items", paging=_PAGES),
        ),
        redact=(
            "get_stages:[].variables.*",
            "get_stages:[].canarySettings.stageVariableOverrides.*",
        ),
        # Integrations carry constant headers and body templates.
        scan=("get_resources:[].resourceMethods",),
    ),
    # Private domains share names; what tells them apart has to be given in calls about them.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html
    ResourceType(
        id="apigateway:domain",
        client="apigateway",
        scope=Scope.REGIONAL,
        arn=_ARN + "/domainnames/{domainName}",
        lists=_listed("get_domain_names"),
        keep=(When("domainNameId", is_one_of=(None, "")),),
        follow_ups=(
            FollowUp(
                operation=_MAPPINGS,
                params={"domainName": Item("domainName")},
                result="items",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="apigateway:private-domain",
        client="apigateway",
        scope=Scope.REGIONAL,
        arn="{domainNameArn}",
        lists=_listed("get_domain_names"),
        keep=(When("domainNameId", is_none_of=(None, "")),),
        follow_ups=(
            FollowUp(
                operation=_MAPPINGS,
                params={"domainName": Item("domainName"), "domainNameId": Item("domainNameId")},
                result="items",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="apigateway:domain-access-association",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{domainNameAccessAssociationArn}",
        lists=(
            ListCall(
                operation="get_domain_name_access_associations",
                result="items",
                paging=Token("position", "position", ("limit", 500)),
            ),
        ),
    ),
    ResourceType(
        id="apigateway:misc",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="get_account"),),
    ),
    ResourceType(
        id="apigateway:vpc-link",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "/vpclinks/{id}",
        lists=_listed("get_vpc_links"),
    ),
    ResourceType(
        id="apigateway:api-key",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "/apikeys/{id}",
        # Values come only if they are asked for (includeValues), which they never are.
        lists=_listed("get_api_keys"),
        redact=("value",),
    ),
    ResourceType(
        id="apigateway:usage-plan",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "/usageplans/{id}",
        lists=_listed("get_usage_plans"),
    ),
    ResourceType(
        id="apigateway:client-certificate",
        client="apigateway",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=_ARN + "/clientcertificates/{clientCertificateId}",
        lists=_listed("get_client_certificates"),
    ),
)
"""Declarations of this service."""
