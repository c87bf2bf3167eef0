"""AppSync, App Runner and Elastic Beanstalk: applications with endpoints of their own."""

from __future__ import annotations

from graph.schema.convert import count
from graph.schema.declare import NodeType, Property
from graph.schema.usual import created, flag, groups, key, many, role, status, subnets
from graph.schema.vpc import has_security_group, in_subnet

_SERVICE = "@describe_service/Service"
_NETWORK = f"{_SERVICE}/NetworkConfiguration"
_RESOURCES = "@describe_environment_resources/EnvironmentResources"
_APPSYNC = "arn:{partition}:appsync:{region}:{account}:"
_APPRUNNER = "arn:{partition}:apprunner:{region}:{account}:"
_BEANSTALK = "arn:{partition}:elasticbeanstalk:{region}:{account}:"


def _keys() -> Property:
    return Property(
        "api_key_count", "@list_api_keys/*", "How many API keys open it.", count, absent=0
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="appsync:api",
        label="GraphQLApi",
        resource_type="AWS::AppSync::GraphQLApi",
        category="network",
        description="A GraphQL API.",
        arn=_APPSYNC + "apis/{id}",
        name="name",
        resource_id="apiId",
        tags="tags",
        properties=(
            Property("authentication_type", "authenticationType", "API_KEY: whoever has the key."),
            many(
                "additional_authentication_types",
                "additionalAuthenticationProviders/*/authenticationType",
                "Other ways to sign in.",
            ),
            Property("visibility", "visibility", "GLOBAL or PRIVATE."),
            Property("api_type", "apiType", "GRAPHQL or MERGED."),
            Property("endpoint_address", "uris/GRAPHQL", "Under which name it answers."),
            Property("introspection", "introspectionConfig", "Whether it tells its schema."),
            Property("web_acl_arn", "wafWebAclArn", "The web ACL before it."),
            _keys(),
            many("data_source_types", "@list_data_sources/*/type", "What it reads from."),
            many("role_arns", "@list_data_sources/*/serviceRoleArn", "The roles it does so as."),
        ),
    ),
    NodeType(
        snapshot_type="appsync:event-api",
        label="EventApi",
        resource_type="AWS::AppSync::Api",
        category="network",
        description="An API over which applications publish and subscribe.",
        # No arn: it has the form of GraphQL APIs'.
        name="name",
        resource_id="apiId",
        tags="tags",
        properties=(
            many(
                "authentication_types", "eventConfig/authProviders/*/authType", "Ways to sign in."
            ),
            Property("endpoint_address", "dns/HTTP", "Under which name it answers."),
            Property("web_acl_arn", "wafWebAclArn", "The web ACL before it."),
            _keys(),
            created("created"),
        ),
    ),
    NodeType(
        snapshot_type="appsync:domain",
        label="AppSyncDomain",
        resource_type="AWS::AppSync::DomainName",
        category="network",
        description="A host name of its own for AppSync APIs.",
        arn=_APPSYNC + "domainnames/{id}",
        name="domainName",
        resource_id="domainName",
        tags="tags",
        properties=(
            Property("certificate_arn", "certificateArn", "Its certificate."),
            Property("target_domain_name", "appsyncDomainName", "What its DNS record points to."),
        ),
    ),
    NodeType(
        snapshot_type="apprunner:service",
        label="AppRunnerService",
        resource_type="AWS::AppRunner::Service",
        category="compute",
        description="A web application that runs from an image or from code.",
        arn=_APPRUNNER + "service/{id}",
        name="ServiceName",
        resource_id="ServiceId",
        properties=(
            status("Status", "RUNNING"),
            Property("endpoint_address", "ServiceUrl", "Under which name it answers."),
            flag(
                "publicly_accessible",
                f"{_NETWORK}/IngressConfiguration/IsPubliclyAccessible",
                "Whether it answers on the internet.",
            ),
            Property(
                "vpc_connector_arn",
                f"{_NETWORK}/EgressConfiguration/VpcConnectorArn",
                "Through what it reaches a VPC.",
            ),
            role(f"{_SERVICE}/InstanceConfiguration/InstanceRoleArn"),
            Property(
                "access_role_arn",
                f"{_SERVICE}/SourceConfiguration/AuthenticationConfiguration/AccessRoleArn",
                "The role that fetches its image.",
            ),
            Property(
                "image",
                f"{_SERVICE}/SourceConfiguration/ImageRepository/ImageIdentifier",
                "Its image.",
            ),
            key(f"{_SERVICE}/EncryptionConfiguration/KmsKey"),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="apprunner:vpc-ingress-connection",
        label="AppRunnerVpcIngressConnection",
        resource_type="AWS::AppRunner::VpcIngressConnection",
        category="network",
        description="Makes a service answer to a VPC endpoint.",
        arn=_APPRUNNER + "vpcingressconnection/{id}",
        properties=(Property("service_arn", "ServiceArn", "The service."),),
    ),
    NodeType(
        snapshot_type="apprunner:vpc-connector",
        label="AppRunnerVpcConnector",
        resource_type="AWS::AppRunner::VpcConnector",
        category="network",
        description="Through it services reach a VPC.",
        arn=_APPRUNNER + "vpcconnector/{id}",
        name="VpcConnectorName",
        properties=(
            status("Status", "ACTIVE"),
            subnets("Subnets/*"),
            groups("SecurityGroups/*"),
            created("CreatedAt"),
        ),
        links=(in_subnet("Subnets/*"), has_security_group("SecurityGroups/*")),
    ),
    NodeType(
        snapshot_type="elasticbeanstalk:env",
        label="BeanstalkEnvironment",
        resource_type="AWS::ElasticBeanstalk::Environment",
        category="compute",
        description="A deployed application with the resources it runs on.",
        arn=_BEANSTALK + "environment/{id}",
        name="EnvironmentName",
        resource_id="EnvironmentId",
        properties=(
            status("Status", "Ready"),
            Property("application_name", "ApplicationName", "The application."),
            Property("cname", "CNAME", "Host name."),
            Property("endpoint_address", "EndpointURL", "Under which name it answers."),
            Property("platform_arn", "PlatformArn", "What it runs on."),
            Property("tier", "Tier/Name", "WebServer or Worker."),
            Property("operations_role_arn", "OperationsRole", "The role that keeps it."),
            many("instance_ids", f"{_RESOURCES}/Instances/*/Id", "Its instances."),
            many("load_balancers", f"{_RESOURCES}/LoadBalancers/*/Name", "Its load balancers."),
            many(
                "auto_scaling_groups",
                f"{_RESOURCES}/AutoScalingGroups/*/Name",
                "Its Auto Scaling groups.",
            ),
            created("DateCreated"),
        ),
    ),
    NodeType(
        snapshot_type="elasticbeanstalk:application",
        label="BeanstalkApplication",
        resource_type="AWS::ElasticBeanstalk::Application",
        category="compute",
        description="An application and its versions.",
        arn=_BEANSTALK + "application/{id}",
        name="ApplicationName",
        resource_id="ApplicationName",
        properties=(
            role("ResourceLifecycleConfig/ServiceRole", "The role that clears old versions away."),
            Property("version_count", "Versions/*", "How many versions.", count),
            created("DateCreated"),
        ),
    ),
)
