"""Directory Service: directories."""

from __future__ import annotations

from graph.schema.convert import texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

DECLARATIONS = (
    NodeType(
        snapshot_type="ds:directory",
        label="Directory",
        resource_type="AWS::DirectoryService::Directory",
        cloudformation=False,
        category="identity",
        description="An Active Directory, AWS's, shared by another account, or connected.",
        arn="arn:{partition}:ds:{region}:{account}:directory/{id}",
        name="Name",
        resource_id="DirectoryId",
        properties=(
            Property("directory_type", "Type", "MicrosoftAD, SharedMicrosoftAD, SimpleAD, ..."),
            Property("stage", "Stage", "E.g. Active."),
            Property("access_url", "AccessUrl", "Its sign-in URL."),
            Property("sso_enabled", "SsoEnabled", "Whether single sign-on is on.", truth),
            Property("dns_addresses", "DnsIpAddrs/*", "Its DNS servers.", texts, absent=[]),
            Property(
                "shared_with",
                "@describe_shared_directories/*/SharedAccountId",
                "Accounts that it is shared with.",
                texts,
                absent=[],
            ),
            Property(
                "shared_by", "OwnerDirectoryDescription/AccountId", "The account that shares it."
            ),
            Property(
                "trusted_domains",
                "@describe_trusts/*/RemoteDomainName",
                "Domains that it has a trust with.",
                texts,
                absent=[],
            ),
            Property("launch_time", "LaunchTime", "When it was made (ISO 8601)."),
        ),
        links=(
            in_vpc("VpcSettings/VpcId|ConnectSettings/VpcId"),
            in_subnet("VpcSettings/SubnetIds/*|ConnectSettings/SubnetIds/*"),
            has_security_group("VpcSettings/SecurityGroupId|ConnectSettings/SecurityGroupId"),
        ),
    ),
)
