"""MemoryDB: clusters, users and access control lists."""

from __future__ import annotations

from graph.schema.convert import one_of
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import (
    endpoint,
    engine,
    flag,
    groups,
    key,
    many,
    port,
    status,
    subnets,
    version,
)
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_ARN = "arn:{partition}:memorydb:{region}:{account}:"

DECLARATIONS = (
    NodeType(
        snapshot_type="memorydb:cluster",
        label="MemoryDBCluster",
        resource_type="AWS::MemoryDB::Cluster",
        category="data",
        description="An in-memory database.",
        arn=_ARN + "cluster/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "available"),
            engine("Engine", "valkey"),
            version("EngineVersion"),
            endpoint("ClusterEndpoint/Address"),
            port("ClusterEndpoint/Port"),
            Property("acl_name", "ACLName", "Who may sign in; open-access: anyone, unasked."),
            flag("tls_enabled", "TLSEnabled", "Whether clients speak TLS."),
            key("KmsKeyId"),
            Property("subnet_group_name", "SubnetGroupName", "Where it may be placed."),
            groups("SecurityGroups/*/SecurityGroupId"),
        ),
        links=(
            has_security_group("SecurityGroups/*/SecurityGroupId"),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="memorydb:acl",
        label="MemoryDBACL",
        resource_type="AWS::MemoryDB::ACL",
        category="identity",
        description="The users who may sign in to a cluster.",
        arn=_ARN + "acl/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "active"),
            many("user_names", "UserNames/*", "Its users."),
            many("cluster_names", "Clusters/*", "Where they may sign in."),
        ),
    ),
    NodeType(
        snapshot_type="memorydb:user",
        label="MemoryDBUser",
        resource_type="AWS::MemoryDB::User",
        category="identity",
        description="A user of MemoryDB.",
        arn=_ARN + "user/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "active"),
            Property("authentication", "Authentication/Type", "password, no-password or iam."),
            Property(
                "no_password_required",
                "Authentication/Type",
                "Whether the user signs in without a password.",
                one_of("no-password"),
            ),
            Property("access_string", "AccessString", "What it may do, in the engine's language."),
            many("acl_names", "ACLNames/*", "Its access control lists."),
        ),
    ),
    NodeType(
        snapshot_type="memorydb:subnet-group",
        label="MemoryDBSubnetGroup",
        resource_type="AWS::MemoryDB::SubnetGroup",
        category="network",
        description="The subnets that a cluster may use.",
        arn=_ARN + "subnetgroup/{id}",
        name="Name",
        resource_id="Name",
        properties=(subnets("Subnets/*/Identifier"),),
        links=(in_vpc(), in_subnet("Subnets/*/Identifier")),
    ),
    NodeType(
        snapshot_type="memorydb:snapshot",
        label="MemoryDBSnapshot",
        resource_type="AWS::MemoryDB::Snapshot",
        cloudformation=False,
        category="data",
        description="A backup of a cluster.",
        arn=_ARN + "snapshot/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "available"),
            Property("snapshot_source", "Source", "manual or automated."),
            key("KmsKeyId"),
            Property("cluster_name", "ClusterConfiguration/Name", "What it is a backup of."),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
)
