"""ElastiCache: clusters, replication groups, serverless caches, users."""

from __future__ import annotations

from graph.schema.convert import one_of, whole
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import (
    created,
    encrypted,
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

_ARN = "arn:{partition}:elasticache:{region}:{account}:"
_TOKEN = flag("auth_token_enabled", "AuthTokenEnabled", "Whether clients send a password.")
_TLS = flag("transit_encryption_enabled", "TransitEncryptionEnabled", "Whether clients speak TLS.")
_NO_PASSWORD = Property(
    "no_password_required",
    "Authentication/Type",
    "Whether the user signs in without a password.",
    one_of("no-password"),
)
_ACCESS = Property("access_string", "AccessString", "What it may do, in the engine's language.")

DECLARATIONS = (
    NodeType(
        snapshot_type="elasticache:cluster",
        label="ElastiCacheCluster",
        resource_type="AWS::ElastiCache::CacheCluster",
        category="data",
        description="A cache cluster: Memcached, or one node of a replication group.",
        arn=_ARN + "cluster:{id}",
        name="CacheClusterId",
        resource_id="CacheClusterId",
        properties=(
            status("CacheClusterStatus", "available"),
            engine("Engine", "redis"),
            version("EngineVersion"),
            endpoint("ConfigurationEndpoint/Address|CacheNodes/*/Endpoint/Address"),
            port("ConfigurationEndpoint/Port|CacheNodes/*/Endpoint/Port"),
            _TOKEN,
            _TLS,
            encrypted("AtRestEncryptionEnabled"),
            Property("replication_group_id", "ReplicationGroupId", "The group it belongs to."),
            Property("subnet_group_name", "CacheSubnetGroupName", "Where it may be placed."),
            groups("SecurityGroups/*/SecurityGroupId"),
            created("CacheClusterCreateTime"),
        ),
        links=(has_security_group("SecurityGroups/*/SecurityGroupId"),),
    ),
    NodeType(
        snapshot_type="elasticache:replication-group",
        label="ElastiCacheReplicationGroup",
        resource_type="AWS::ElastiCache::ReplicationGroup",
        category="data",
        description="Redis or Valkey: a primary and its replicas.",
        arn=_ARN + "replicationgroup:{id}",
        name="ReplicationGroupId",
        resource_id="ReplicationGroupId",
        properties=(
            status("Status", "available"),
            engine("Engine", "valkey"),
            endpoint("ConfigurationEndpoint/Address|NodeGroups/*/PrimaryEndpoint/Address"),
            port("ConfigurationEndpoint/Port|NodeGroups/*/PrimaryEndpoint/Port"),
            _TOKEN,
            _TLS,
            encrypted("AtRestEncryptionEnabled"),
            key("KmsKeyId"),
            many("user_group_ids", "UserGroupIds/*", "Groups of users who may sign in."),
            many("member_clusters", "MemberClusters/*", "Its clusters."),
            created("ReplicationGroupCreateTime"),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="elasticache:serverless-cache",
        label="ElastiCacheServerlessCache",
        resource_type="AWS::ElastiCache::ServerlessCache",
        category="data",
        description="A serverless cache.",
        arn=_ARN + "serverlesscache:{id}",
        name="ServerlessCacheName",
        resource_id="ServerlessCacheName",
        properties=(
            status("Status", "available"),
            engine("Engine", "valkey"),
            version("FullEngineVersion"),
            endpoint("Endpoint/Address"),
            port("Endpoint/Port"),
            key("KmsKeyId"),
            Property("user_group_id", "UserGroupId", "The group of users who may sign in."),
            groups("SecurityGroupIds/*"),
            subnets("SubnetIds/*"),
            created("CreateTime"),
        ),
        links=(
            in_subnet("SubnetIds/*"),
            has_security_group("SecurityGroupIds/*"),
            encrypted_with("KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="elasticache:subnet-group",
        label="ElastiCacheSubnetGroup",
        resource_type="AWS::ElastiCache::SubnetGroup",
        category="network",
        description="The subnets that a cache may use.",
        arn=_ARN + "subnetgroup:{id}",
        name="CacheSubnetGroupName",
        resource_id="CacheSubnetGroupName",
        properties=(subnets("Subnets/*/SubnetIdentifier"),),
        links=(in_vpc(), in_subnet("Subnets/*/SubnetIdentifier")),
    ),
    NodeType(
        snapshot_type="elasticache:snapshot",
        label="ElastiCacheSnapshot",
        resource_type="AWS::ElastiCache::Snapshot",
        cloudformation=False,
        category="data",
        description="A backup of a cache.",
        arn=_ARN + "snapshot:{id}",
        name="SnapshotName",
        resource_id="SnapshotName",
        properties=(
            status("SnapshotStatus", "available"),
            engine("Engine", "redis"),
            key("KmsKeyId"),
            Property("snapshot_source", "SnapshotSource", "manual or automated."),
            Property("replication_group_id", "ReplicationGroupId", "What it is a backup of."),
            Property("cache_cluster_id", "CacheClusterId", "What it is a backup of."),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="elasticache:user",
        label="ElastiCacheUser",
        resource_type="AWS::ElastiCache::User",
        category="identity",
        description="A user of Redis or Valkey caches.",
        arn=_ARN + "user:{id}",
        name="UserName",
        resource_id="UserId",
        properties=(
            status("Status", "active"),
            Property("authentication", "Authentication/Type", "password, no-password or iam."),
            _NO_PASSWORD,
            Property(
                "password_count", "Authentication/PasswordCount", "How many passwords.", whole
            ),
            _ACCESS,
            many("user_group_ids", "UserGroupIds/*", "Its groups."),
        ),
    ),
    NodeType(
        snapshot_type="elasticache:user-group",
        label="ElastiCacheUserGroup",
        resource_type="AWS::ElastiCache::UserGroup",
        category="identity",
        description="The users who may sign in to a cache.",
        arn=_ARN + "usergroup:{id}",
        name="UserGroupId",
        resource_id="UserGroupId",
        properties=(
            status("Status", "active"),
            many("user_ids", "UserIds/*", "Its users."),
            many("replication_groups", "ReplicationGroups/*", "Where they may sign in."),
            many("serverless_caches", "ServerlessCaches/*", "Where they may sign in."),
        ),
    ),
)
