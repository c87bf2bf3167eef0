"""Directory Service: directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property
from graph.schema.links import each, receiver
from graph.schema.vpc import has_security_group, in_subnet, in_vpc


def _received(line: Item, share: Mapping[str, Any]) -> Iterator[Edge]:
    """A share in force or on its way; not one that was rejected, failed or taken back."""
    if share.get("ShareStatus") in _GONE or not share.get("SharedAccountId"):
        return
    if (end := receiver(share["SharedAccountId"])) is not None:
        yield Edge(end)


_GONE = ("Rejected", "Rejecting", "RejectFailed", "ShareFailed", "Deleted", "Deleting")

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
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver may join machines to it.",
                each("@describe_shared_directories/*", _received),
            ),
            in_vpc("VpcSettings/VpcId|ConnectSettings/VpcId"),
            in_subnet("VpcSettings/SubnetIds/*|ConnectSettings/SubnetIds/*"),
            has_security_group("VpcSettings/SecurityGroupId|ConnectSettings/SecurityGroupId"),
        ),
    ),
)
