"""Redshift: clusters and how they are shared with other accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts
from graph.schema.declare import Edge, Link, NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.links import each, receiver, shared_with
from graph.schema.path import ShapeError
from graph.schema.usual import (
    created,
    encrypted,
    endpoint,
    flag,
    groups,
    key,
    many,
    policy,
    port,
    public,
    roles,
    status,
    subnets,
    version,
)
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_ARN = "arn:{partition}:redshift:{region}:{account}:"
_LOGGING = "@describe_logging_status"


def _shared(values: Sequence[Any]) -> bool:
    """Whether an association is granted.

    https://docs.aws.amazon.com/redshift/latest/APIReference/API_DataShareAssociation.html
    """
    if not isinstance(values[0], list):
        raise ShapeError("a list is expected")
    states = [one.get("Status", "") for one in values[0] if isinstance(one, Mapping)]
    return bool({"ACTIVE", "AUTHORIZED", "AVAILABLE"} & set(texts(states)))


_GRANTED = ("ACTIVE", "AUTHORIZED", "AVAILABLE")


def _consumer(line: Item, association: Mapping[str, Any]) -> Iterator[Edge]:
    """The account of a consumer, which may be named by its namespace."""
    name = str(association.get("ConsumerIdentifier") or "")
    consumer = name.split(":", 5)[4] if name.count(":") >= 5 else name
    producer = line.id.split(":", 5)[4:5]
    if association.get("Status") not in _GRANTED or [consumer] == producer:
        return
    if (end := receiver(consumer)) is not None:
        yield Edge(end)


def _grantee(line: Item, authorization: Mapping[str, Any]) -> Iterator[Edge]:
    if authorization.get("Status") != "Authorized" or not authorization.get("Grantee"):
        return
    if (end := receiver(authorization["Grantee"])) is not None:
        yield Edge(end)


DECLARATIONS = (
    NodeType(
        snapshot_type="redshift:cluster",
        label="RedshiftCluster",
        resource_type="AWS::Redshift::Cluster",
        category="data",
        description="A data warehouse.",
        arn=_ARN + "cluster:{id}",
        name="ClusterIdentifier",
        resource_id="ClusterIdentifier",
        properties=(
            status("ClusterStatus", "available"),
            version("ClusterVersion"),
            endpoint("Endpoint/Address"),
            port("Endpoint/Port"),
            public("PubliclyAccessible"),
            many("public_ips", "ClusterNodes/*/PublicIPAddress", "Public addresses of its nodes."),
            Property("elastic_ip", "ElasticIpStatus/ElasticIp", "Its elastic address."),
            flag("enhanced_vpc_routing", "EnhancedVpcRouting", "Whether it loads through its VPC."),
            encrypted("Encrypted"),
            key("KmsKeyId"),
            roles("IamRoles/*/IamRoleArn"),
            groups("VpcSecurityGroups/*/VpcSecurityGroupId"),
            Property("subnet_group_name", "ClusterSubnetGroupName", "Where it may be placed."),
            Property("namespace_arn", "ClusterNamespaceArn", "What its data shares belong to."),
            Property("custom_domain", "CustomDomainName", "Its own host name."),
            Property("secret_arn", "MasterPasswordSecretArn", "The administrator's password."),
            flag("audit_logging", f"{_LOGGING}/LoggingEnabled", "Whether access is logged."),
            Property("logs_to", f"{_LOGGING}/BucketName", "The bucket that gets the log."),
            many(
                "endpoint_grantees",
                "@describe_endpoint_authorization/*/Grantee",
                "Accounts that may make an endpoint to it in their VPCs.",
            ),
            policy("@get_resource_policy/ResourcePolicy/Policy"),
            created("ClusterCreateTime"),
        ),
        links=(
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver may make endpoints of the cluster in VPCs of its own.",
                each("@describe_endpoint_authorization/*", _grantee),
            ),
            in_vpc(),
            has_security_group("VpcSecurityGroups/*/VpcSecurityGroupId"),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="redshift:subnet-group",
        label="RedshiftSubnetGroup",
        resource_type="AWS::Redshift::ClusterSubnetGroup",
        category="network",
        description="The subnets that a data warehouse may use.",
        arn=_ARN + "subnetgroup:{id}",
        name="ClusterSubnetGroupName",
        resource_id="ClusterSubnetGroupName",
        properties=(
            status("SubnetGroupStatus", "Complete"),
            subnets("Subnets/*/SubnetIdentifier"),
        ),
        links=(in_vpc(), in_subnet("Subnets/*/SubnetIdentifier")),
    ),
    NodeType(
        snapshot_type="redshift:share",
        label="RedshiftDataShare",
        resource_type="AWS::Redshift::DataShare",
        cloudformation=False,
        category="data",
        description="Tables that other clusters and accounts read in place.",
        arn=_ARN + "datashare:{id}",
        properties=(
            Property("producer_arn", "ProducerArn", "The namespace that shares."),
            flag(
                "allow_publicly_accessible_consumers",
                "AllowPubliclyAccessibleConsumers",
                "Whether clusters with public addresses may read it.",
            ),
            many(
                "consumers",
                "DataShareAssociations/*/ConsumerIdentifier",
                "Accounts and namespaces that it is shared with, also those asked or refused.",
            ),
            many("consumer_states", "DataShareAssociations/*/Status", "E.g. ACTIVE."),
            Property(
                "is_shared",
                "DataShareAssociations",
                "Whether any of them may read it now.",
                _shared,
            ),
            Property("managed_by", "ManagedBy", "E.g. ADX: AWS Data Exchange."),
        ),
        links=(
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver reads its tables in place.",
                each("DataShareAssociations/*", _consumer),
            ),
        ),
    ),
    NodeType(
        snapshot_type="redshift:snapshot",
        label="RedshiftSnapshot",
        resource_type="AWS::Redshift::ClusterSnapshot",
        cloudformation=False,
        category="data",
        description="A manual snapshot of a cluster.",
        arn=_ARN + "snapshot:{id}",
        name="SnapshotIdentifier",
        owner="OwnerAccount",
        properties=(
            status("Status", "available"),
            Property("cluster_identifier", "ClusterIdentifier", "What it is a snapshot of."),
            encrypted("Encrypted"),
            key("KmsKeyId"),
            many(
                "restore_accounts",
                "AccountsWithRestoreAccess/*/AccountId",
                "Accounts that may restore it.",
            ),
            created("SnapshotCreateTime"),
        ),
        links=(
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver may restore it.",
                shared_with("AccountsWithRestoreAccess/*/AccountId"),
            ),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="redshift:endpoint-access",
        label="RedshiftEndpoint",
        resource_type="AWS::Redshift::EndpointAccess",
        category="network",
        description="A way from a VPC into a cluster, that may be of another account.",
        name="EndpointName",
        resource_id="EndpointName",
        properties=(
            status("EndpointStatus", "active"),
            endpoint("Address"),
            port("Port"),
            Property("cluster_identifier", "ClusterIdentifier", "Where it leads."),
            Property("cluster_owner", "ResourceOwner", "The account that owns the cluster."),
            Property("vpc_endpoint_id", "VpcEndpoint/VpcEndpointId", "The endpoint in EC2."),
            groups("VpcSecurityGroups/*/VpcSecurityGroupId"),
            created("EndpointCreateTime"),
        ),
        links=(
            in_vpc("VpcEndpoint/VpcId"),
            in_subnet("VpcEndpoint/NetworkInterfaces/*/SubnetId"),
            has_security_group("VpcSecurityGroups/*/VpcSecurityGroupId"),
        ),
    ),
)
