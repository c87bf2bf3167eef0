"""CloudFront and Global Accelerator: what stands at the edge of AWS's network."""

from __future__ import annotations

from graph.schema.declare import NodeType, Property
from graph.schema.usual import created, flag, many, status

_ARN = "arn:{partition}:cloudfront::{account}:"
_CONFIG = "@get_distribution_config/DistributionConfig"

_DUAL_STACK = Property("dual_stack_dns_name", "DualStackDnsName", "Host name for IPv6 as well.")


def _accelerator(kind: str, label: str, described: str, *, in_cloudformation: bool) -> NodeType:
    listeners = f"list_{kind}listeners"
    endpoints = f"@list_{kind}endpoint_groups(*)/*/EndpointDescriptions/*/EndpointId"
    name = kind.title().replace("_", "")
    return NodeType(
        snapshot_type=f"globalaccelerator:{kind.replace('_', '-')}accelerator",
        label=label,
        resource_type=f"AWS::GlobalAccelerator::{name}Accelerator",
        cloudformation=in_cloudformation,
        category="network",
        description=described,
        # Both kinds have one form of ARN.
        arn="arn:{partition}:globalaccelerator::{account}:accelerator/{id}" if not kind else "",
        name="Name",
        properties=(
            flag("enabled", "Enabled", "Whether it takes traffic."),
            status("Status", "DEPLOYED"),
            Property("dns_name", "DnsName", "Host name."),
            *(() if kind else (_DUAL_STACK,)),
            many("ip_addresses", "IpSets/*/IpAddresses/*", "Its addresses on the internet."),
            many("listener_ports", f"@{listeners}/*/PortRanges/*/FromPort", "First ports."),
            many("endpoint_ids", endpoints, "What it leads to: ARNs, instances, subnets."),
            created("CreatedTime"),
        ),
    )


DECLARATIONS = (
    _accelerator(
        "",
        "GlobalAccelerator",
        "Addresses on the internet in front of load balancers, addresses and instances.",
        in_cloudformation=True,
    ),
    _accelerator(
        "custom_routing_",
        "CustomRoutingAccelerator",
        "Addresses on the internet whose ports are those of instances in subnets.",
        in_cloudformation=False,
    ),
    NodeType(
        snapshot_type="globalaccelerator:cross-account-attachment",
        label="CrossAccountAttachment",
        resource_type="AWS::GlobalAccelerator::CrossAccountAttachment",
        category="network",
        description="Resources that other accounts may put behind their accelerators.",
        arn="arn:{partition}:globalaccelerator::{account}:attachment/{id}",
        name="Name",
        properties=(
            many("principals", "Principals/*", "Accounts and accelerators that may."),
            many("endpoint_ids", "Resources/*/EndpointId", "What they may put behind them."),
            many("cidrs", "Resources/*/Cidr", "Addresses that they may bring."),
            created("CreatedTime"),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:distribution",
        label="CloudFrontDistribution",
        resource_type="AWS::CloudFront::Distribution",
        category="network",
        description="A distribution: answers at the edge, fetches from origins.",
        arn=_ARN + "distribution/{id}",
        name="DomainName",
        resource_id="Id",
        properties=(
            flag("enabled", "Enabled", "Whether it answers."),
            status("Status", "Deployed"),
            Property("dns_name", "DomainName", "Host name."),
            many("aliases", "Aliases/Items/*", "Host names of its own."),
            many("origin_domain_names", "Origins/Items/*/DomainName", "Where it fetches from."),
            many(
                "origin_access_control_ids",
                "Origins/Items/*/OriginAccessControlId",
                "How it shows origins who it is.",
            ),
            many(
                "origin_access_identities",
                "Origins/Items/*/S3OriginConfig/OriginAccessIdentity",
                "How it showed buckets who it is.",
            ),
            many(
                "vpc_origin_ids",
                "Origins/Items/*/VpcOriginConfig/VpcOriginId",
                "Origins in private subnets.",
            ),
            Property(
                "viewer_protocol_policy",
                "DefaultCacheBehavior/ViewerProtocolPolicy",
                "allow-all, https-only or redirect-to-https.",
            ),
            flag(
                "signed_requests_only",
                "DefaultCacheBehavior/TrustedKeyGroups/Enabled",
                "Whether the default behaviour asks for signed URLs or cookies.",
            ),
            many(
                "lambda_function_arns",
                "DefaultCacheBehavior/LambdaFunctionAssociations/Items/*/LambdaFunctionARN",
                "Functions that see requests at the edge.",
            ),
            Property("certificate_arn", "ViewerCertificate/ACMCertificateArn", "Its certificate."),
            Property(
                "minimum_protocol_version",
                "ViewerCertificate/MinimumProtocolVersion",
                "Oldest version of TLS.",
            ),
            Property("web_acl_id", "WebACLId", "The web ACL before it; empty: none."),
            Property(
                "geo_restriction",
                "Restrictions/GeoRestriction/RestrictionType",
                "none, whitelist or blacklist of countries.",
            ),
            Property("log_bucket", f"{_CONFIG}/Logging/Bucket", "Where its log goes."),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:vpc-origin",
        label="CloudFrontVpcOrigin",
        resource_type="AWS::CloudFront::VpcOrigin",
        category="network",
        description="Makes a load balancer or instance in a private subnet an origin.",
        arn=_ARN + "vpcorigin/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            status("Status", "Deployed"),
            Property("origin_endpoint_arn", "OriginEndpointArn", "What it leads to."),
            created("CreatedTime"),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:origin-access-control",
        label="CloudFrontOriginAccessControl",
        resource_type="AWS::CloudFront::OriginAccessControl",
        category="network",
        description="How CloudFront signs what it asks origins.",
        arn=_ARN + "origin-access-control/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property("signing_behavior", "SigningBehavior", "always, never or no-override."),
            Property("origin_type", "OriginAccessControlOriginType", "E.g. s3, lambda."),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:origin-access-identity",
        label="CloudFrontOriginAccessIdentity",
        resource_type="AWS::CloudFront::CloudFrontOriginAccessIdentity",
        category="identity",
        description="The older identity under which CloudFront reads buckets.",
        arn=_ARN + "origin-access-identity/{id}",
        resource_id="Id",
        properties=(
            Property("s3_canonical_user_id", "S3CanonicalUserId", "Its name in buckets' ACLs."),
            Property("comment", "Comment", "Its author's comment."),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:function",
        label="CloudFrontFunction",
        resource_type="AWS::CloudFront::Function",
        category="compute",
        description="Code that sees requests at the edge.",
        arn=_ARN + "function/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "UNASSOCIATED"),
            Property("runtime", "FunctionConfig/Runtime", "E.g. cloudfront-js-2.0."),
            Property("last_modified", "FunctionMetadata/LastModifiedTime", "When it last changed."),
        ),
    ),
    NodeType(
        snapshot_type="cloudfront:key-group",
        label="CloudFrontKeyGroup",
        resource_type="AWS::CloudFront::KeyGroup",
        category="secrets",
        description="Public keys with which signed URLs and cookies are checked.",
        arn=_ARN + "key-group/{id}",
        name="KeyGroup/KeyGroupConfig/Name",
        resource_id="KeyGroup/Id",
        properties=(many("public_key_ids", "KeyGroup/KeyGroupConfig/Items/*", "The keys."),),
    ),
)
