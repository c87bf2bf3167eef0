"""VPC Lattice: services, networks of services, targets and resources that VPCs share."""

from __future__ import annotations

from graph.schema.convert import present, texts, whole
from graph.schema.declare import NodeType, Property
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_ARN = "arn:{partition}:vpc-lattice:{region}:{account}:"
_STATUS = Property("status", "status", "E.g. ACTIVE.")
_CREATED = Property("created_at", "createdAt", "When it was made (ISO 8601).")
_AUTH_STATE = Property(
    "auth_policy_state",
    "@get_auth_policy/state",
    "Active; Inactive: the policy is not asked, every request of the network passes.",
)
_AUTH = Property(
    "has_auth_policy",
    "@get_auth_policy/policy",
    "Whether it has an auth policy.",
    present,
    absent=False,
)
_RESOURCE = Property(
    "has_resource_policy",
    "@get_resource_policy/policy",
    "Whether it is shared by a resource policy.",
    present,
    absent=False,
)

DECLARATIONS = (
    NodeType(
        snapshot_type="vpc-lattice:service",
        label="LatticeService",
        resource_type="AWS::VpcLattice::Service",
        category="network",
        description="An application that VPCs of any account can reach through service networks.",
        arn=_ARN + "service/{id}",
        name="name",
        resource_id="id",
        properties=(
            _STATUS,
            Property(
                "auth_type", "@get_service/authType", "NONE, or AWS_IAM: requests are signed."
            ),
            Property("dns_name", "dnsEntry/domainName", "Host name."),
            Property("custom_domain_name", "customDomainName", "Its own host name."),
            Property("certificate_arn", "@get_service/certificateArn", "Its certificate."),
            Property("listener_ports", "@list_listeners/*/port", "Ports.", texts, absent=[]),
            Property(
                "listener_protocols", "@list_listeners/*/protocol", "Protocols.", texts, absent=[]
            ),
            _AUTH,
            _AUTH_STATE,
            _RESOURCE,
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="vpc-lattice:service-network",
        label="LatticeServiceNetwork",
        resource_type="AWS::VpcLattice::ServiceNetwork",
        category="network",
        description="Services and resources, and the VPCs that reach them.",
        arn=_ARN + "servicenetwork/{id}",
        name="name",
        resource_id="id",
        properties=(
            Property(
                "vpc_ids",
                "@list_service_network_vpc_associations/*/vpcId",
                "VPCs in it.",
                texts,
                absent=[],
            ),
            Property(
                "service_arns",
                "@list_service_network_service_associations/*/serviceArn",
                "Services in it.",
                texts,
                absent=[],
            ),
            Property(
                "resource_configuration_arns",
                "@list_service_network_resource_associations/*/resourceConfigurationArn",
                "Resources in it.",
                texts,
                absent=[],
            ),
            _AUTH,
            _AUTH_STATE,
            _RESOURCE,
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="vpc-lattice:target-group",
        label="LatticeTargetGroup",
        resource_type="AWS::VpcLattice::TargetGroup",
        category="network",
        description="What stands behind services of VPC Lattice.",
        arn=_ARN + "targetgroup/{id}",
        name="name",
        resource_id="id",
        properties=(
            _STATUS,
            Property("target_type", "type", "INSTANCE, IP, LAMBDA or ALB."),
            Property("protocol", "protocol", "E.g. HTTP."),
            Property("port", "port", "Port of targets that name none.", whole),
            Property("service_arns", "serviceArns/*", "Its services.", texts, absent=[]),
            Property("target_ids", "@list_targets/*/id", "Targets.", texts, absent=[]),
            _CREATED,
        ),
        links=(in_vpc("vpcIdentifier"),),
    ),
    NodeType(
        snapshot_type="vpc-lattice:resource-configuration",
        label="LatticeResourceConfiguration",
        resource_type="AWS::VpcLattice::ResourceConfiguration",
        category="network",
        description="A resource of a VPC that others are given, whoever they are.",
        arn=_ARN + "resourceconfiguration/{id}",
        name="name",
        resource_id="id",
        properties=(
            _STATUS,
            Property("configuration_type", "type", "SINGLE, GROUP, CHILD or ARN."),
            Property("resource_gateway_id", "resourceGatewayId", "The gateway that leads to it."),
            Property("custom_domain_name", "customDomainName", "Its own host name."),
            _RESOURCE,
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="vpc-lattice:resource-gateway",
        label="LatticeResourceGateway",
        resource_type="AWS::VpcLattice::ResourceGateway",
        category="network",
        description="A way into a VPC for those who were given its resources.",
        arn=_ARN + "resourcegateway/{id}",
        name="name",
        resource_id="id",
        properties=(
            _STATUS,
            Property("ip_address_type", "ipAddressType", "IPV4, IPV6 or DUALSTACK."),
            _CREATED,
        ),
        links=(
            in_vpc("vpcIdentifier"),
            in_subnet("subnetIds/*"),
            has_security_group("securityGroupIds/*"),
        ),
    ),
)
