"""OpenSearch domains, their connections, and serverless collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import Converter, texts
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.kms import encrypted_with
from graph.schema.path import ShapeError
from graph.schema.usual import (
    endpoint,
    flag,
    groups,
    key,
    many,
    policy,
    role,
    status,
    subnets,
    version,
)
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_DOMAIN = "@describe_domains"
_SECURITY = f"{_DOMAIN}/AdvancedSecurityOptions"
_ENDPOINT = f"{_DOMAIN}/DomainEndpointOptions"
_COLLECTION = "@batch_get_collection"


def _named(values: Sequence[Any]) -> list[str]:
    """The values of a map of host names."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return texts(tuple(values[0].values()))


def _rules(values: Sequence[Any]) -> list[Mapping[str, Any]] | None:
    """The rules of a policy, a list; ``None`` for an encryption policy, an object.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
    """
    if isinstance(values[0], Mapping):
        return None
    if not isinstance(values[0], list):
        raise ShapeError("a list of rules is expected")
    for rule in values[0]:
        if not isinstance(rule, Mapping):
            raise ShapeError("a rule is not an object")
    return values[0]


def _opens(values: Sequence[Any]) -> bool | None:
    rules = _rules(values)
    return None if rules is None else any(rule.get("AllowFromPublic") is True for rule in rules)


def _from(member: str) -> Converter:
    """Every element of a list that rules may have."""

    def convert(values: Sequence[Any]) -> list[str]:
        held = [rule.get(member) or [] for rule in _rules(values) or ()]
        return texts([one for each in held for one in (each if isinstance(each, list) else [each])])

    return convert


def _connection(direction: str, label: str, description: str) -> NodeType:
    """A connection between two domains; both sides list it, under one id."""
    resource_type = f"AWS::OpenSearchService::{direction.title()}Connection"
    parts = [("local", "LocalDomainInfo"), ("remote", "RemoteDomainInfo")]
    members = [("owner", "OwnerId"), ("domain", "DomainName"), ("domain_region", "Region")]
    return NodeType(
        snapshot_type=f"opensearch:{direction}-connection",
        label=label,
        resource_type=resource_type,
        cloudformation=False,
        category="network",
        description=description,
        name="ConnectionAlias" if direction == "outbound" else "ConnectionId",
        resource_id="ConnectionId",
        properties=(
            status("ConnectionStatus/StatusCode", "ACTIVE"),
            *(
                Property(
                    f"{side}_{name}",
                    f"{member}/AWSDomainInformation/{inner}",
                    f"Of the {side} domain.",
                )
                for side, member in parts
                for name, inner in members
            ),
        ),
    )


def _policy(kind: str, label: str, description: str, more: tuple[Property, ...]) -> NodeType:
    return NodeType(
        snapshot_type=f"opensearchserverless:{kind}-policy",
        label=label,
        resource_type=f"AWS::OpenSearchServerless::{kind.title()}Policy",
        category="policy",
        description=description,
        name="name",
        resource_id="name",
        properties=(
            Property("policy_type", "type", "network, encryption or data."),
            Property("policy_version", "policyVersion", "Its version."),
            *more,
        ),
    )


def _vpc_endpoint(line: Item) -> Reference:
    return Reference(id=line.id, label="VPCEndpoint")


_POLICY = "@get_security_policy/securityPolicyDetail/policy"

DECLARATIONS = (
    NodeType(
        snapshot_type="opensearch:domain",
        label="OpenSearchDomain",
        resource_type="AWS::OpenSearchService::Domain",
        category="data",
        description="A search cluster: OpenSearch or Elasticsearch.",
        arn="arn:{partition}:es:{region}:{account}:domain/{id}",
        name="DomainName",
        resource_id="DomainName",
        properties=(
            status(f"{_DOMAIN}/DomainProcessingStatus", "Active"),
            version(f"{_DOMAIN}/EngineVersion"),
            endpoint(f"{_DOMAIN}/Endpoint"),
            Property(
                "vpc_endpoint_addresses",
                f"{_DOMAIN}/Endpoints",
                "Its host names inside of a VPC.",
                _named,
            ),
            Property("custom_endpoint", f"{_ENDPOINT}/CustomEndpoint", "Its own host name."),
            Property(
                "vpc_id", f"{_DOMAIN}/VPCOptions/VPCId", "Its VPC; none: its endpoint is public."
            ),
            policy(f"{_DOMAIN}/AccessPolicies"),
            flag("enforce_https", f"{_ENDPOINT}/EnforceHTTPS", "Whether plain HTTP is refused."),
            flag(
                "fine_grained_access_control",
                f"{_SECURITY}/Enabled",
                "Whether it asks who a request is from.",
            ),
            flag(
                "anonymous_access",
                f"{_SECURITY}/AnonymousAuthEnabled",
                "Whether it serves those who do not say.",
            ),
            flag(
                "internal_user_database",
                f"{_SECURITY}/InternalUserDatabaseEnabled",
                "Whether it has users of its own, with passwords.",
            ),
            flag(
                "encrypted",
                f"{_DOMAIN}/EncryptionAtRestOptions/Enabled",
                "Whether it is encrypted at rest.",
            ),
            key(f"{_DOMAIN}/EncryptionAtRestOptions/KmsKeyId"),
            flag(
                "node_to_node_encryption",
                f"{_DOMAIN}/NodeToNodeEncryptionOptions/Enabled",
                "Whether its nodes speak TLS to each other.",
            ),
            role(f"{_DOMAIN}/CognitoOptions/RoleArn", "The role that lets Cognito's users in."),
            groups(f"{_DOMAIN}/VPCOptions/SecurityGroupIds/*"),
            subnets(f"{_DOMAIN}/VPCOptions/SubnetIds/*"),
            many(
                "vpc_endpoint_principals",
                "@list_vpc_endpoint_access/*/Principal",
                "Who may make endpoints to it in their VPCs.",
            ),
        ),
        links=(
            in_vpc(f"{_DOMAIN}/VPCOptions/VPCId"),
            in_subnet(f"{_DOMAIN}/VPCOptions/SubnetIds/*"),
            has_security_group(f"{_DOMAIN}/VPCOptions/SecurityGroupIds/*"),
            encrypted_with(f"{_DOMAIN}/EncryptionAtRestOptions/KmsKeyId"),
        ),
    ),
    _connection(
        "inbound",
        "OpenSearchInboundConnection",
        "Another domain, that may be of another account, searches this one.",
    ),
    _connection(
        "outbound",
        "OpenSearchOutboundConnection",
        "This domain searches another, that may be of another account.",
    ),
    NodeType(
        snapshot_type="opensearchserverless:collection",
        label="OpenSearchCollection",
        resource_type="AWS::OpenSearchServerless::Collection",
        category="data",
        description="A serverless search collection; policies of the account decide who reads it.",
        arn="arn:{partition}:aoss:{region}:{account}:collection/{id}",
        name="name",
        resource_id="id",
        properties=(
            status("status", "ACTIVE"),
            Property("collection_type", f"{_COLLECTION}/type", "SEARCH, TIMESERIES, ..."),
            endpoint(f"{_COLLECTION}/collectionEndpoint"),
            Property(
                "dashboard_address", f"{_COLLECTION}/dashboardEndpoint", "The URL of its console."
            ),
            key(f"{_COLLECTION}/kmsKeyArn|kmsKeyArn"),
        ),
        links=(encrypted_with(f"{_COLLECTION}/kmsKeyArn|kmsKeyArn"),),
    ),
    _policy(
        "security",
        "OpenSearchSecurityPolicy",
        "From where collections are reached, or with which key they are encrypted.",
        (
            Property(
                "allow_from_public",
                _POLICY,
                "Whether a rule opens its collections to the internet; null: not about networks.",
                _opens,
            ),
            Property(
                "source_vpc_endpoints",
                _POLICY,
                "VPC endpoints that lead to its collections.",
                _from("SourceVPCEs"),
            ),
            Property(
                "source_services",
                _POLICY,
                "AWS services that reach its collections.",
                _from("SourceServices"),
            ),
        ),
    ),
    _policy(
        "access",
        "OpenSearchAccessPolicy",
        "Who may do what with the data of collections.",
        (
            Property(
                "principals",
                "@get_access_policy/accessPolicyDetail/policy",
                "Whom it lets in.",
                _from("Principal"),
            ),
        ),
    ),
    Setting(
        snapshot_type="opensearchserverless:vpc-endpoint",
        label="VPCEndpoint",
        describes=_vpc_endpoint,
        description="The endpoint leads to serverless search collections.",
        properties=(
            Property("opensearch_serverless_name", "name", "Its name in OpenSearch Serverless."),
            Property("opensearch_serverless_status", "status", "E.g. ACTIVE."),
        ),
        links=(
            in_vpc("@batch_get_vpc_endpoint/vpcId"),
            in_subnet("@batch_get_vpc_endpoint/subnetIds/*"),
            has_security_group("@batch_get_vpc_endpoint/securityGroupIds/*"),
        ),
    ),
)
