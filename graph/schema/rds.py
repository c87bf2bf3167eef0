"""RDS, which also answers for Aurora, Neptune and DocumentDB."""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.schema.convert import one_of, texts, truth, whole
from graph.schema.declare import Edge, Finder, Link, NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.links import at, receiver
from graph.schema.path import look
from graph.schema.usual import (
    created,
    endpoint,
    engine,
    flag,
    groups,
    many,
    role,
    status,
    subnets,
)
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
    NodeType(
        snapshot_type="rds:db-cluster-endpoint",
        label="RDSClusterEndpoint",
        resource_type="AWS::RDS::DBClusterEndpoint",
        cloudformation=False,
        category="data",
        description="A host name of its own for some instances of a cluster.",
        arn="arn:{partition}:rds:{region}:{account}:cluster-endpoint:{id}",
        name="DBClusterEndpointIdentifier",
        resource_id="DBClusterEndpointIdentifier",
        properties=(
            status("Status", "available"),
            endpoint("Endpoint"),
            Property("cluster_identifier", "DBClusterIdentifier", "Its cluster."),
            many("static_members", "StaticMembers/*", "The instances behind it."),
            many("excluded_members", "ExcludedMembers/*", "Instances that are not behind it."),
        ),
    ),
    NodeType(
        snapshot_type="rds:proxy",
        label="RDSProxy",
        resource_type="AWS::RDS::DBProxy",
        category="data",
        description="Keeps connections to databases; reached from its VPC only.",
        arn="arn:{partition}:rds:{region}:{account}:db-proxy:{id}",
        name="DBProxyName",
        properties=(
            status("Status", "available"),
            engine("EngineFamily", "POSTGRESQL"),
            endpoint("Endpoint"),
            flag("require_tls", "RequireTLS", "Whether clients have to speak TLS."),
            role("RoleArn", "The role that reads the databases' passwords."),
            many("secret_arns", "Auth/*/SecretArn", "The databases' passwords."),
            many("iam_authentication", "Auth/*/IAMAuth", "DISABLED, REQUIRED or ENABLED."),
            many("target_ids", "@describe_db_proxy_targets/*/RdsResourceId", "Where it leads."),
            groups("VpcSecurityGroupIds/*"),
            subnets("VpcSubnetIds/*"),
            created("CreatedDate"),
        ),
        links=(
            in_vpc(),
            in_subnet("VpcSubnetIds/*"),
            has_security_group("VpcSecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="rds:proxy-endpoint",
        label="RDSProxyEndpoint",
        resource_type="AWS::RDS::DBProxyEndpoint",
        category="data",
        description="A further host name of a proxy, maybe in another VPC.",
        arn="arn:{partition}:rds:{region}:{account}:db-proxy-endpoint:{id}",
        name="DBProxyEndpointName",
        properties=(
            status("Status", "available"),
            endpoint("Endpoint"),
            Property("proxy_name", "DBProxyName", "Its proxy."),
            Property("target_role", "TargetRole", "READ_WRITE or READ_ONLY."),
            groups("VpcSecurityGroupIds/*"),
            subnets("VpcSubnetIds/*"),
        ),
        links=(
            in_vpc(),
            in_subnet("VpcSubnetIds/*"),
            has_security_group("VpcSecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="rds:db-security-group",
        label="RDSSecurityGroup",
        resource_type="AWS::RDS::DBSecurityGroup",
        category="network",
        description="Left over from EC2-Classic: who could reach a database.",
        arn="arn:{partition}:rds:{region}:{account}:secgrp:{id}",
        name="DBSecurityGroupName",
        resource_id="DBSecurityGroupName",
        owner="OwnerId",
        properties=(
            many("ip_ranges", "IPRanges/*/CIDRIP", "Addresses that it lets in."),
            many(
                "ec2_group_ids",
                "EC2SecurityGroups/*/EC2SecurityGroupId",
                "Security groups that it lets in.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="rds:parameter-group",
        label="RDSParameterGroup",
        resource_type="AWS::RDS::DBParameterGroup",
        category="policy",
        description="Settings of a database engine.",
        arn="arn:{partition}:rds:{region}:{account}:pg:{id}",
        name="DBParameterGroupName",
        resource_id="DBParameterGroupName",
        properties=(
            Property("family", "DBParameterGroupFamily", "E.g. postgres16."),
            Property(
                "force_ssl",
                "@describe_db_parameters/[ParameterName=rds.force_ssl]/ParameterValue",
                "1: clients have to speak TLS; null: as the engine's version has it.",
            ),
            many("set_parameters", "@describe_db_parameters/*/ParameterName", "What was set."),
        ),
    ),
)
