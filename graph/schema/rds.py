"""RDS, which also answers for Aurora, Neptune and DocumentDB."""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.schema.convert import one_of, texts, truth, whole
from graph.schema.declare import Edge, Finder, Link, NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.links import at, receiver
from graph.schema.path import look
from graph.schema.vpc import has_security_group, in_subnet, in_vpc


def _snapshot_attribute(kind: str) -> str:
    operation = f"describe_db_{kind}_attributes"
    member = "DBClusterSnapshotAttributes" if "cluster" in kind else "DBSnapshotAttributes"
    return f"@{operation}/{member}Result/{member}/[AttributeName=restore]/AttributeValues/*"


def _restorers(path: str) -> Finder:
    def find(line: Item) -> Iterator[Edge]:
        for value in look(path, line).values:
            if value != "all" and (end := receiver(value)) is not None:
                yield Edge(end)

    return find


def _snapshot(kind: str, label: str, of: str, identifier: str, source: str) -> NodeType:
    restore = _snapshot_attribute(kind)
    arn = "cluster-snapshot" if "cluster" in kind else "snapshot"
    return NodeType(
        snapshot_type=f"rds:db-{kind.replace('_', '-')}",
        label=label,
        resource_type=f"AWS::RDS::DB{'Cluster' if 'cluster' in kind else ''}Snapshot",
        cloudformation=False,
        category="data",
        description=f"A snapshot of a database {'cluster' if 'cluster' in kind else 'instance'}.",
        arn="arn:{partition}:rds:{region}:{account}:" + arn + ":{id}",
        name=identifier,
        resource_id=identifier,
        tags="TagList",
        properties=(
            Property("snapshot_type", "SnapshotType", "manual or automated."),
            Property("status", "Status", "E.g. available."),
            Property("engine", "Engine", "E.g. postgres."),
            Property("encrypted", "Encrypted|StorageEncrypted", "Whether it is encrypted.", truth),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it."),
            Property("snapshot_create_time", "SnapshotCreateTime", "When it was taken."),
            Property(
                "shared_with_all",
                restore,
                "Whether every account may restore it (a public snapshot).",
                one_of("all"),
                absent=False,
            ),
        ),
        links=(
            Link(
                "SNAPSHOT_OF",
                (of,),
                "The snapshot holds the database's data.",
                at(source, of, must_exist=True),
            ),
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver may restore it.",
                _restorers(restore),
            ),
            encrypted_with("KmsKeyId"),
        ),
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="rds:db-instance",
        label="RDSInstance",
        resource_type="AWS::RDS::DBInstance",
        category="data",
        description="A database instance.",
        arn="arn:{partition}:rds:{region}:{account}:db:{id}",
        name="DBInstanceIdentifier",
        resource_id="DBInstanceIdentifier",
        tags="TagList",
        properties=(
            Property("status", "DBInstanceStatus", "E.g. available."),
            Property("engine", "Engine", "E.g. postgres."),
            Property("endpoint_address", "Endpoint/Address", "Host name."),
            Property("endpoint_port", "Endpoint/Port", "Port.", whole),
            Property(
                "publicly_accessible",
                "PubliclyAccessible",
                "Whether its name resolves to a public address; alone no exposure.",
                truth,
            ),
            Property("storage_encrypted", "StorageEncrypted", "Whether it is encrypted.", truth),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it."),
            Property(
                "iam_database_authentication",
                "IAMDatabaseAuthenticationEnabled",
                "Whether IAM principals can sign in.",
                truth,
            ),
            Property(
                "deletion_protection", "DeletionProtection", "Whether it is protected.", truth
            ),
        ),
        links=(
            in_vpc("DBSubnetGroup/VpcId"),
            in_subnet("DBSubnetGroup/Subnets/*/SubnetIdentifier"),
            has_security_group("VpcSecurityGroups/*/VpcSecurityGroupId"),
            Link(
                "MEMBER_OF",
                ("RDSCluster",),
                "The instance belongs to the cluster.",
                at("DBClusterIdentifier", "RDSCluster"),
            ),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="rds:db-cluster",
        label="RDSCluster",
        resource_type="AWS::RDS::DBCluster",
        category="data",
        description="A database cluster.",
        arn="arn:{partition}:rds:{region}:{account}:cluster:{id}",
        name="DBClusterIdentifier",
        resource_id="DBClusterIdentifier",
        tags="TagList",
        properties=(
            Property("status", "Status", "E.g. available."),
            Property("engine", "Engine", "E.g. aurora-postgresql."),
            Property("endpoint_address", "Endpoint", "Host name of the writer."),
            Property("endpoint_port", "Port", "Port.", whole),
            Property(
                "http_endpoint_enabled", "HttpEndpointEnabled", "Whether the Data API is on.", truth
            ),
            Property("storage_encrypted", "StorageEncrypted", "Whether it is encrypted.", truth),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it."),
            Property(
                "publicly_accessible",
                "PubliclyAccessible",
                "Whether its name resolves to a public address (Multi-AZ clusters).",
                truth,
            ),
        ),
        links=(
            has_security_group("VpcSecurityGroups/*/VpcSecurityGroupId"),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="rds:subnet-group",
        label="DBSubnetGroup",
        resource_type="AWS::RDS::DBSubnetGroup",
        category="network",
        description="The subnets that a database may use.",
        arn="arn:{partition}:rds:{region}:{account}:subgrp:{id}",
        name="DBSubnetGroupName",
        resource_id="DBSubnetGroupName",
        properties=(
            Property("group_description", "DBSubnetGroupDescription", "Its author's description."),
            Property("status", "SubnetGroupStatus", "E.g. Complete."),
            Property("network_types", "SupportedNetworkTypes/*", "IPV4, DUAL.", texts, absent=[]),
        ),
        links=(in_vpc(), in_subnet("Subnets/*/SubnetIdentifier")),
    ),
    _snapshot(
        "snapshot", "RDSSnapshot", "RDSInstance", "DBSnapshotIdentifier", "DBInstanceIdentifier"
    ),
    _snapshot(
        "cluster_snapshot",
        "RDSClusterSnapshot",
        "RDSCluster",
        "DBClusterSnapshotIdentifier",
        "DBClusterIdentifier",
    ),
)
