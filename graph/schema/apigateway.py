"""API Gateway: REST, HTTP and WebSocket APIs, their domains, links, keys and plans."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.account import of_region
from graph.schema.convert import count, filled, texts
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.usual import created, flag, groups, many, status, subnets
from graph.schema.vpc import has_security_group, in_subnet

_ARN = "arn:{partition}:apigateway:{region}::"
_METHODS = "@get_resources/*"
_DOMAIN = "APIGatewayDomain"


def _domain_of(line: Item) -> Reference:
    return Reference(id=line.id, label=_DOMAIN)


def _policy() -> Property:
    return Property(
        "has_policy", "policy", "Whether it has a resource policy.", filled, absent=False
    )


def _endpoint_types() -> Property:
    return many("endpoint_types", "endpointConfiguration/types/*", "EDGE, REGIONAL or PRIVATE.")


def _vpc_endpoints() -> Property:
    return many("vpc_endpoint_ids", "endpointConfiguration/vpcEndpointIds/*", "Its VPC endpoints.")


_DOMAIN_PROPERTIES = (
    _endpoint_types(),
    Property("regional_domain_name", "regionalDomainName", "What its DNS record points to."),
    Property("distribution_domain_name", "distributionDomainName", "The same, at an edge."),
    many("certificate_arns", "certificateArn|regionalCertificateArn", "Its certificate."),
    Property("security_policy", "securityPolicy", "Oldest version of TLS, e.g. TLS_1_2."),
    Property("mutual_tls_truststore", "mutualTlsAuthentication/truststoreUri", "Whom it knows."),
    Property("routing_mode", "routingMode", "Whether mappings, rules or both lead on."),
    many("rest_api_ids", "@get_base_path_mappings/*/restApiId", "REST APIs behind it."),
)

DECLARATIONS = (
    NodeType(
        snapshot_type="apigateway:rest-api",
        label="RestApi",
        resource_type="AWS::ApiGateway::RestApi",
        category="network",
        description="A REST API.",
        arn=_ARN + "/restapis/{id}",
        name="name",
        resource_id="id",
        tags="tags",
        properties=(
            _endpoint_types(),
            _vpc_endpoints(),
            flag(
                "execute_api_endpoint_disabled",
                "disableExecuteApiEndpoint",
                "Whether it answers under its own domains alone.",
            ),
            Property("api_key_source", "apiKeySource", "HEADER or AUTHORIZER."),
            _policy(),
            created("createdDate"),
            many("stages", "@get_stages/*/stageName", "What is deployed."),
            many("web_acl_arns", "@get_stages/*/webAclArn", "Web ACLs before its stages."),
            many("authorizer_types", "@get_authorizers/*/type", "Kinds of its authorizers."),
            many("authorizer_uris", "@get_authorizers/*/authorizerUri", "Functions that decide."),
            Property("resource_count", f"{_METHODS}/id", "How many paths it has.", count, absent=0),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:domain",
        label=_DOMAIN,
        resource_type="AWS::ApiGateway::DomainName",
        category="network",
        description="A host name of its own for APIs.",
        arn=_ARN + "/domainnames/{id}",
        name="domainName",
        resource_id="domainName",
        tags="tags",
        properties=_DOMAIN_PROPERTIES,
    ),
    Setting(
        snapshot_type="apigatewayv2:domain",
        label=_DOMAIN,
        describes=_domain_of,
        description="Which HTTP and WebSocket APIs are behind it.",
        proves=True,
        properties=(
            Property("name", "DomainName", "The host name."),
            many("http_api_ids", "@get_api_mappings/*/ApiId", "HTTP and WebSocket APIs behind it."),
            many(
                "routing_rule_api_ids",
                "@list_routing_rules/*/Actions/*/InvokeApi/ApiId",
                "APIs that routing rules lead to.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:private-domain",
        label="APIGatewayPrivateDomain",
        resource_type="AWS::ApiGateway::DomainNameV2",
        category="network",
        description="A host name for private APIs, known to VPC endpoints alone.",
        # No arn: other accounts' begin alike, and public ones too where the account is empty.
        name="domainName",
        resource_id="domainNameId",
        tags="tags",
        properties=(*_DOMAIN_PROPERTIES, _vpc_endpoints(), _policy()),
    ),
    NodeType(
        snapshot_type="apigateway:domain-access-association",
        label="APIGatewayDomainAccessAssociation",
        resource_type="AWS::ApiGateway::DomainNameAccessAssociation",
        category="network",
        description="A VPC endpoint that may reach a private host name.",
        tags="tags",
        properties=(
            Property("domain_name_arn", "domainNameArn", "The private host name."),
            Property("source_type", "accessAssociationSourceType", "VPCE."),
            Property("vpc_endpoint_id", "accessAssociationSource", "The VPC endpoint."),
        ),
    ),
    Setting(
        snapshot_type="apigateway:misc",
        label="Region",
        describes=of_region,
        description="What API Gateway does for the whole account.",
        properties=(
            Property(
                "api_gateway_log_role_arn",
                "@get_account/cloudwatchRoleArn",
                "The role with which API Gateway writes logs.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:vpc-link",
        label="APIGatewayVpcLink",
        resource_type="AWS::ApiGateway::VpcLink",
        category="network",
        description="A link from REST APIs to load balancers in a VPC.",
        arn=_ARN + "/vpclinks/{id}",
        name="name",
        resource_id="id",
        tags="tags",
        properties=(
            status("status", "AVAILABLE"),
            many("target_arns", "targetArns/*", "Load balancers behind it."),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:api-key",
        label="APIGatewayKey",
        resource_type="AWS::ApiGateway::ApiKey",
        category="secrets",
        description="A key that meters callers; its value is never asked for.",
        arn=_ARN + "/apikeys/{id}",
        name="name",
        resource_id="id",
        tags="tags",
        properties=(
            flag("enabled", "enabled", "Whether it is accepted."),
            created("createdDate"),
            many("stage_keys", "stageKeys/*", "API and stage that it is for."),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:usage-plan",
        label="APIGatewayUsagePlan",
        resource_type="AWS::ApiGateway::UsagePlan",
        category="network",
        description="How often the holders of keys may call.",
        arn=_ARN + "/usageplans/{id}",
        name="name",
        resource_id="id",
        tags="tags",
        properties=(
            Property("api_ids", "apiStages/*/apiId", "APIs that it is for.", texts, absent=[]),
        ),
    ),
    NodeType(
        snapshot_type="apigateway:client-certificate",
        label="APIGatewayClientCertificate",
        resource_type="AWS::ApiGateway::ClientCertificate",
        category="secrets",
        description="With it a stage shows backends who is calling.",
        arn=_ARN + "/clientcertificates/{id}",
        resource_id="clientCertificateId",
        tags="tags",
        properties=(
            created("createdDate"),
            Property("expiration_date", "expirationDate", "Until when it holds (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="apigatewayv2:api",
        label="HttpApi",
        resource_type="AWS::ApiGatewayV2::Api",
        category="network",
        description="An HTTP or WebSocket API.",
        arn=_ARN + "/apis/{id}",
        name="Name",
        resource_id="ApiId",
        properties=(
            Property("protocol_type", "ProtocolType", "HTTP or WEBSOCKET."),
            Property("endpoint_address", "ApiEndpoint", "Under which name it answers."),
            flag(
                "execute_api_endpoint_disabled",
                "DisableExecuteApiEndpoint",
                "Whether it answers under its own domains alone.",
            ),
            created("CreatedDate"),
            many(
                "cors_allow_origins",
                "CorsConfiguration/AllowOrigins/*",
                "Web pages that browsers let call it.",
            ),
            many("stages", "@get_stages/*/StageName", "What is deployed."),
            many("authorization_types", "@get_routes/*/AuthorizationType", "NONE, JWT, ..."),
            many("authorizer_types", "@get_authorizers/*/AuthorizerType", "REQUEST or JWT."),
            many(
                "jwt_issuers",
                "@get_authorizers/*/JwtConfiguration/Issuer",
                "Whose tokens it takes.",
            ),
            many("integration_uris", "@get_integrations/*/IntegrationUri", "What it leads to."),
            many("credentials_arns", "@get_integrations/*/CredentialsArn", "Roles it calls with."),
        ),
    ),
    NodeType(
        snapshot_type="apigatewayv2:vpc-link",
        label="HttpApiVpcLink",
        resource_type="AWS::ApiGatewayV2::VpcLink",
        category="network",
        description="A link from HTTP APIs into a VPC.",
        # No arn: it has the form of REST APIs' links.
        name="Name",
        resource_id="VpcLinkId",
        properties=(
            status("VpcLinkStatus", "AVAILABLE"),
            subnets("SubnetIds/*"),
            groups("SecurityGroupIds/*"),
            created("CreatedDate"),
        ),
        links=(in_subnet("SubnetIds/*"), has_security_group("SecurityGroupIds/*")),
    ),
)
