"""Lines of data stores: caches, warehouses, search, tables, files, backups, and what moves them."""

from __future__ import annotations

from typing import Any

from tests.schema.aws_lines import (
    KEY,
    PROD,
    RDS,
    SG,
    SHARED,
    SUBNET,
    VENDOR,
    VPC,
    WEST,
    Line,
    Lines,
    iam,
    line,
    ok,
    tags,
)

ROLE = iam("role", "app")
POLICY = '{"Statement": []}'


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{WEST}:{PROD}:{resource}"


def lines() -> Lines:
    found = _caches() | _warehouses() | _search() | _tables() | _files() | _backups()
    found |= _transfer() | _lightsail() | _small_databases() | _migration() | _s3() | _keys()
    return {
        (PROD, "global" if where in _GLOBAL else WEST, where): rows for where, rows in found.items()
    }


_GLOBAL = (
    "s3:mrap",
    "lightsail:distribution",
    "lightsail:domain",
    "backup:global-settings",
)
_SUBNETS = [{"SubnetIdentifier": SUBNET}]
_GROUPS = [{"SecurityGroupId": SG, "Status": "active"}]
_VPC_GROUPS = [{"VpcSecurityGroupId": SG, "Status": "active"}]
_REACHED = {"Address": "host.example.com", "Port": 6379}

Found = dict[str, list[Line]]


def _caches() -> Found:
    cache, memory = "elasticache", "memorydb"
    return {
        "elasticache:cluster": [
            line(
                arn(cache, "cluster:sessions-001"),
                {
                    "CacheClusterId": "sessions-001",
                    "CacheClusterStatus": "available",
                    "Engine": "redis",
                    "EngineVersion": "7.1.0",
                    "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": _REACHED}],
                    "AuthTokenEnabled": False,
                    "TransitEncryptionEnabled": False,
                    "AtRestEncryptionEnabled": True,
                    "ReplicationGroupId": "sessions",
                    "CacheSubnetGroupName": "caches",
                    "SecurityGroups": _GROUPS,
                },
            )
        ],
        "elasticache:replication-group": [
            line(
                arn(cache, "replicationgroup:sessions"),
                {
                    "ReplicationGroupId": "sessions",
                    "Status": "available",
                    "AuthTokenEnabled": False,
                    "NodeGroups": [{"PrimaryEndpoint": _REACHED}],
                    "MemberClusters": ["sessions-001"],
                    "UserGroupIds": ["people"],
                    "KmsKeyId": KEY,
                },
            )
        ],
        "elasticache:serverless-cache": [
            line(
                arn(cache, "serverlesscache:burst"),
                {
                    "ServerlessCacheName": "burst",
                    "Endpoint": _REACHED,
                    "SecurityGroupIds": [SG],
                    "SubnetIds": [SUBNET],
                    "KmsKeyId": KEY,
                },
            )
        ],
        "elasticache:subnet-group": [
            line(
                arn(cache, "subnetgroup:caches"),
                {"CacheSubnetGroupName": "caches", "VpcId": VPC, "Subnets": _SUBNETS},
            )
        ],
        "elasticache:snapshot": [
            line(arn(cache, "snapshot:nightly"), {"SnapshotName": "nightly", "SnapshotSource": "x"})
        ],
        "elasticache:user": [
            line(
                arn(cache, "user:default"),
                {
                    "UserId": "default",
                    "UserName": "default",
                    "AccessString": "on ~* +@all",
                    "Authentication": {"Type": "no-password", "PasswordCount": 0},
                },
            )
        ],
        "elasticache:user-group": [
            line(
                arn(cache, "usergroup:people"),
                {"UserGroupId": "people", "UserIds": ["default"], "ReplicationGroups": ["x"]},
            )
        ],
        "memorydb:cluster": [
            line(
                arn(memory, "cluster/ledger"),
                {
                    "Name": "ledger",
                    "ACLName": "open-access",
                    "TLSEnabled": True,
                    "ClusterEndpoint": _REACHED,
                    "SecurityGroups": _GROUPS,
                },
            )
        ],
        "memorydb:acl": [
            line(arn(memory, "acl/open-access"), {"Name": "open-access", "UserNames": ["default"]})
        ],
        "memorydb:user": [
            line(
                arn(memory, "user/default"),
                {"Name": "default", "Authentication": {"Type": "password", "PasswordCount": 1}},
            )
        ],
        "memorydb:subnet-group": [
            line(
                arn(memory, "subnetgroup/mem"),
                {"Name": "mem", "VpcId": VPC, "Subnets": [{"Identifier": SUBNET}]},
            )
        ],
        "memorydb:snapshot": [
            line(arn(memory, "snapshot/ledger-1"), {"Name": "ledger-1", "KmsKeyId": KEY})
        ],
    }


def _warehouses() -> Found:
    serverless = "redshift-serverless"
    return {
        "redshift:cluster": [
            line(
                arn("redshift", "cluster:dwh"),
                {
                    "ClusterIdentifier": "dwh",
                    "ClusterStatus": "available",
                    "PubliclyAccessible": True,
                    "Endpoint": {"Address": "dwh.example.com", "Port": 5439},
                    "ClusterNodes": [{"NodeRole": "LEADER", "PublicIPAddress": "203.0.113.9"}],
                    "VpcId": VPC,
                    "VpcSecurityGroups": _VPC_GROUPS,
                    "IamRoles": [{"IamRoleArn": ROLE}],
                    "Encrypted": True,
                    "KmsKeyId": KEY,
                    "Tags": tags(env="prod"),
                },
                describe_logging_status=ok({"LoggingEnabled": False}),
                describe_endpoint_authorization=ok([{"Grantor": PROD, "Grantee": VENDOR}]),
                get_resource_policy=ok({"ResourcePolicy": {"Policy": POLICY}}),
            )
        ],
        "redshift:subnet-group": [
            line(
                arn("redshift", "subnetgroup:dwhs"),
                {"ClusterSubnetGroupName": "dwhs", "VpcId": VPC, "Subnets": _SUBNETS},
            )
        ],
        "redshift:share": [
            line(
                arn("redshift", "datashare:1111/sales"),
                {
                    "ProducerArn": arn("redshift", "namespace:1111"),
                    "AllowPubliclyAccessibleConsumers": True,
                    "DataShareAssociations": [
                        {"ConsumerIdentifier": VENDOR, "Status": "ACTIVE"},
                        {"ConsumerIdentifier": SHARED, "Status": "REJECTED"},
                    ],
                },
            )
        ],
        "redshift:snapshot": [
            line(
                arn("redshift", "snapshot:dwh/friday"),
                {
                    "SnapshotIdentifier": "friday",
                    "ClusterIdentifier": "dwh",
                    "OwnerAccount": PROD,
                    "AccountsWithRestoreAccess": [{"AccountId": VENDOR}],
                },
            )
        ],
        "redshift:endpoint-access": [
            line(
                f"redshift-endpoint:{PROD}/{WEST}/theirs",
                {
                    "EndpointName": "theirs",
                    "ClusterIdentifier": "their-dwh",
                    "ResourceOwner": VENDOR,
                    "VpcSecurityGroups": _VPC_GROUPS,
                    "VpcEndpoint": {
                        "VpcId": VPC,
                        "VpcEndpointId": "vpce-0f0f0f0f0f0f0f0f1",
                        "NetworkInterfaces": [{"SubnetId": SUBNET}],
                    },
                },
            )
        ],
        "redshift-serverless:workgroup": [
            line(
                arn(serverless, "workgroup/w-1"),
                {
                    "workgroupName": "analysts",
                    "publiclyAccessible": True,
                    "endpoint": {"address": "analysts.example.com", "port": 5439},
                    "securityGroupIds": [SG],
                    "subnetIds": [SUBNET],
                    "crossAccountVpcs": ["vpc-0f0f0f0f0f0f0f0f1"],
                },
            )
        ],
        "redshift-serverless:namespace": [
            line(
                arn(serverless, "namespace/n-1"),
                {"namespaceName": "sales", "iamRoles": [ROLE], "kmsKeyId": KEY},
            )
        ],
        "redshift-serverless:endpoint-access": [
            line(
                arn(serverless, "managedvpcendpoint/e-1"),
                {"endpointName": "inside", "workgroupName": "analysts", "subnetIds": [SUBNET]},
            )
        ],
        "redshift-serverless:snapshot": [
            line(
                arn(serverless, "snapshot/s-1"),
                {
                    "snapshotName": "monday",
                    "ownerAccount": PROD,
                    "accountsWithRestoreAccess": [VENDOR],
                },
                get_resource_policy=ok({"resourcePolicy": {"policy": POLICY}}),
            )
        ],
    }


def _search() -> Found:
    ends = {
        "LocalDomainInfo": {"AWSDomainInformation": {"OwnerId": PROD, "DomainName": "logs"}},
        "RemoteDomainInfo": {"AWSDomainInformation": {"OwnerId": VENDOR, "DomainName": "spy"}},
        "ConnectionStatus": {"StatusCode": "ACTIVE"},
    }
    network = [{"Rules": [], "AllowFromPublic": True, "SourceServices": ["bedrock.amazonaws.com"]}]
    return {
        "opensearch:domain": [
            line(
                arn("es", "domain/logs"),
                {"DomainName": "logs", "EngineType": "OpenSearch"},
                describe_domains=ok(
                    {
                        "DomainName": "logs",
                        "Endpoints": {"vpc": "vpc-logs.example.com"},
                        "AccessPolicies": POLICY,
                        "AdvancedSecurityOptions": {"Enabled": True, "AnonymousAuthEnabled": True},
                        "DomainEndpointOptions": {"EnforceHTTPS": True},
                        "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": KEY},
                        "VPCOptions": {
                            "VPCId": VPC,
                            "SubnetIds": [SUBNET],
                            "SecurityGroupIds": [SG],
                        },
                    }
                ),
                list_vpc_endpoint_access=ok(
                    [{"PrincipalType": "AWS_ACCOUNT", "Principal": VENDOR}]
                ),
            )
        ],
        "opensearch:inbound-connection": [
            line(f"opensearch-inbound:{PROD}/{WEST}/c-1", ends | {"ConnectionId": "c-1"})
        ],
        "opensearch:outbound-connection": [
            line(
                f"opensearch-outbound:{PROD}/{WEST}/c-2",
                ends | {"ConnectionId": "c-2", "ConnectionAlias": "theirs"},
            )
        ],
        "opensearchserverless:collection": [
            line(
                arn("aoss", "collection/c1"),
                {"id": "c1", "name": "docs"},
                batch_get_collection=ok({"id": "c1", "collectionEndpoint": "https://c1.example"}),
            )
        ],
        "opensearchserverless:security-policy": [
            line(
                f"aoss-policy:{PROD}/{WEST}/network/open",
                {"name": "open", "type": "network"},
                get_security_policy=ok({"securityPolicyDetail": {"policy": network}}),
            ),
            line(
                f"aoss-policy:{PROD}/{WEST}/encryption/own",
                {"name": "own", "type": "encryption"},
                get_security_policy=ok(
                    {"securityPolicyDetail": {"policy": {"Rules": [], "AWSOwnedKey": True}}}
                ),
            ),
        ],
        "opensearchserverless:access-policy": [
            line(
                f"aoss-policy:{PROD}/{WEST}/data/readers",
                {"name": "readers", "type": "data"},
                get_access_policy=ok(
                    {"accessPolicyDetail": {"policy": [{"Rules": [], "Principal": [ROLE]}]}}
                ),
            )
        ],
        "opensearchserverless:vpc-endpoint": [
            line(
                arn("ec2", "vpc-endpoint/vpce-0a0a0a0a0a0a0a0a1"),
                {"id": "vpce-0a0a0a0a0a0a0a0a1", "name": "search", "status": "ACTIVE"},
            )
        ],
    }


def _tables() -> Found:
    return {
        "dynamodb:table": [
            line(
                arn("dynamodb", "table/orders"),
                {"TableName": "orders"},
                describe_table=ok(
                    {
                        "Table": {
                            "TableName": "orders",
                            "TableStatus": "ACTIVE",
                            "SSEDescription": {"SSEType": "KMS", "KMSMasterKeyArn": KEY},
                            "Replicas": [{"RegionName": "us-east-1"}],
                            "DeletionProtectionEnabled": False,
                        }
                    }
                ),
                describe_continuous_backups=ok(
                    {
                        "ContinuousBackupsDescription": {
                            "PointInTimeRecoveryDescription": {
                                "PointInTimeRecoveryStatus": "ENABLED"
                            }
                        }
                    }
                ),
            )
        ],
        "dynamodb:backup": [
            line(
                arn("dynamodb", "table/orders/backup/0123-abcd"),
                {"BackupName": "before", "BackupType": "USER"},
            )
        ],
        "dax:cluster": [
            line(
                arn("dax", "cache/fast"),
                {
                    "ClusterName": "fast",
                    "IamRoleArn": ROLE,
                    "SecurityGroups": [{"SecurityGroupIdentifier": SG}],
                },
            )
        ],
        "dax:subnet-group": [
            line(
                f"dax-subnet-group:{PROD}/{WEST}/fasts",
                {"SubnetGroupName": "fasts", "VpcId": VPC, "Subnets": _SUBNETS},
            )
        ],
    }


def _files() -> Found:
    system = arn("elasticfilesystem", "file-system/fs-1")
    return {
        "efs:file-system": [
            line(
                system,
                {
                    "FileSystemId": "fs-1",
                    "OwnerId": PROD,
                    "Name": "home",
                    "Encrypted": True,
                    "KmsKeyId": KEY,
                    "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
                },
                describe_mount_targets=ok(
                    [{"VpcId": VPC, "SubnetId": SUBNET, "IpAddress": "10.0.0.7"}]
                ),
                **{
                    "describe_mount_target_security_groups(MountTargetId=fsmt-1)": ok([SG]),
                    "describe_file_system_policy": ok({"Policy": POLICY}),
                    "describe_backup_policy": ok({"BackupPolicy": {"Status": "ENABLED"}}),
                },
            )
        ],
        "efs:access-point": [
            line(
                arn("elasticfilesystem", "access-point/fsap-1"),
                {
                    "AccessPointId": "fsap-1",
                    "FileSystemId": "fs-1",
                    "OwnerId": PROD,
                    "RootDirectory": {"Path": "/app"},
                    "PosixUser": {"Uid": 1000, "Gid": 1000},
                },
            )
        ],
        "efs:replication": [
            line(system, {"Destinations": [{"Region": "us-east-1", "OwnerId": VENDOR}]})
        ],
        "fsx:file-system": [
            line(
                arn("fsx", "file-system/fs-2"),
                {
                    "FileSystemId": "fs-2",
                    "OwnerId": PROD,
                    "FileSystemType": "ONTAP",
                    "VpcId": VPC,
                    "SubnetIds": [SUBNET],
                    "KmsKeyId": KEY,
                    "Tags": tags(Name="shares"),
                },
            )
        ],
        "fsx:storage-virtual-machine": [
            line(
                arn("fsx", "storage-virtual-machine/fs-2/svm-1"),
                {"StorageVirtualMachineId": "svm-1", "Name": "svm", "FileSystemId": "fs-2"},
            )
        ],
        "fsx:volume": [
            line(
                arn("fsx", "volume/fs-2/fsvol-1"),
                {
                    "VolumeId": "fsvol-1",
                    "Name": "vol",
                    "OpenZFSConfiguration": {
                        "NfsExports": [{"ClientConfigurations": [{"Clients": "*"}]}]
                    },
                },
            )
        ],
        "fsx:backup": [line(arn("fsx", "backup/backup-1"), {"BackupId": "backup-1"})],
    }


def _backups() -> Found:
    return {
        "backup:vault": [
            line(
                arn("backup", "backup-vault:main"),
                {"BackupVaultName": "main", "Locked": False, "EncryptionKeyArn": KEY},
                get_backup_vault_access_policy=ok({"Policy": POLICY}),
            )
        ],
        "backup:recovery-point": [
            line(
                arn("backup", "recovery-point:rp-1"),
                {"BackupVaultName": "main", "ResourceName": "home", "ResourceType": "EFS"},
            ),
        ],
        "backup:report-plan": [
            line(
                arn("backup", "report-plan:r-1"),
                {
                    "ReportPlanName": "r",
                    "ReportDeliveryChannel": {"S3BucketName": "reports"},
                    "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT", "Accounts": [PROD]},
                },
            )
        ],
        "backup:plan": [
            line(
                arn("backup", "backup-plan:p-1"),
                {"BackupPlanId": "p-1", "BackupPlanName": "daily"},
                get_backup_plan=ok(
                    {
                        "BackupPlan": {
                            "Rules": [
                                {
                                    "TargetBackupVaultName": "main",
                                    "CopyActions": [
                                        {
                                            "DestinationBackupVaultArn": "arn:aws:backup:us-east-1:"
                                            f"{SHARED}:backup-vault:safe"
                                        }
                                    ],
                                }
                            ]
                        }
                    }
                ),
                list_backup_selections=ok([{"SelectionId": "s-1", "IamRoleArn": ROLE}]),
                **{
                    "get_backup_selection(SelectionId=s-1)": ok(
                        {"BackupSelection": {"Resources": ["arn:aws:dynamodb:*:*:table/*"]}}
                    )
                },
            )
        ],
        "backup:protected-resource": [
            line(arn("dynamodb", "table/orders"), {"ResourceType": "DynamoDB"}),
            line(arn("elasticfilesystem", "file-system/fs-1"), {"ResourceType": "EFS"}),
        ],
        "backup:region-settings": [
            line(
                f"{PROD}/{WEST}",
                describe_region_settings=ok(
                    {"ResourceTypeOptInPreference": {"EFS": True, "EC2": False}}
                ),
            )
        ],
        "backup:global-settings": [
            line(
                PROD,
                describe_global_settings=ok(
                    {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}}
                ),
            )
        ],
        "dlm:policy": [
            line(
                arn("dlm", "policy/policy-1"),
                {"PolicyId": "policy-1", "State": "ENABLED"},
                get_lifecycle_policy=ok(
                    {
                        "Policy": {
                            "ExecutionRoleArn": ROLE,
                            "PolicyDetails": {
                                "Schedules": [{"ShareRules": [{"TargetAccounts": [VENDOR]}]}]
                            },
                        }
                    }
                ),
            )
        ],
        "rbin:rule": [
            line(
                arn("rbin", "rule/r1"),
                {"Identifier": "r1", "RetentionPeriod": {"RetentionPeriodValue": 7}},
                get_rule=ok({"ResourceType": "EBS_SNAPSHOT", "Status": "available"}),
            )
        ],
    }


def _transfer() -> Found:
    return {
        "transfer:server": [
            line(
                arn("transfer", "server/s-1"),
                {"ServerId": "s-1", "EndpointType": "VPC", "State": "ONLINE", "Domain": "S3"},
                describe_server=ok(
                    {
                        "Server": {
                            "Protocols": ["SFTP", "FTP"],
                            "EndpointDetails": {
                                "AddressAllocationIds": ["eipalloc-0a0a0a0a0a0a0a0a1"],
                                "SubnetIds": [SUBNET],
                                "SecurityGroupIds": [SG],
                                "VpcId": VPC,
                            },
                            "Tags": tags(Name="partners"),
                        }
                    }
                ),
            )
        ],
        "transfer:user": [
            line(
                arn("transfer", "user/s-1/bob"),
                {"UserName": "bob", "ServerId": "s-1", "Role": ROLE},
                describe_user=ok({"User": {"Policy": POLICY}}),
            )
        ],
        "transfer:web-app": [
            line(
                arn("transfer", "webapp/w-1"),
                {"WebAppId": "w-1", "AccessEndpoint": "https://w-1.example"},
                describe_web_app=ok({"WebApp": {"WebAppId": "w-1"}}),
            )
        ],
        "datasync:task": [
            line(
                arn("datasync", "task/task-1"),
                {"Name": "nightly"},
                describe_task=ok({"SourceLocationArn": arn("datasync", "location/loc-1")}),
            )
        ],
        "datasync:location": [
            line(arn("datasync", "location/loc-1"), {"LocationUri": "s3://eu-west-1.site/"})
        ],
        "storagegateway:gateway": [
            line(
                arn("storagegateway", "gateway/sgw-1"),
                {"GatewayId": "sgw-1", "GatewayName": "cellar", "HostEnvironment": "VMWARE"},
            )
        ],
        "storagegateway:file-share": [
            line(
                arn("storagegateway", "share/share-1"),
                {"FileShareId": "share-1", "FileShareType": "NFS"},
            )
        ],
    }


def _lightsail() -> Found:
    def sail(kind: str, item: dict[str, Any], region: str = WEST) -> list[Line]:
        name = item.get("name") or item["containerServiceName"]
        return [line(f"arn:aws:lightsail:{region}:{PROD}:{kind}/ls-{name}", item)]

    ports = [
        {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["0.0.0.0/0"]},
        {"fromPort": 80, "toPort": 80, "protocol": "tcp", "cidrs": [], "ipv6Cidrs": ["::/0"]},
        {"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrs": ["198.51.100.7/32"]},
    ]
    return {
        "lightsail:instance": sail(
            "Instance",
            {
                "name": "blog",
                "publicIpAddress": "203.0.113.20",
                "networking": {"ports": ports},
                "tags": [{"key": "env", "value": "dev"}],
            },
        ),
        "lightsail:database": sail(
            "RelationalDatabase",
            {"name": "blogdb", "publiclyAccessible": True, "masterEndpoint": {"port": 3306}},
        ),
        "lightsail:load-balancer": sail(
            "LoadBalancer", {"name": "front", "publicPorts": [80, 443]}
        ),
        "lightsail:bucket": sail(
            "Bucket",
            {
                "name": "media",
                "accessRules": {"getObject": "public", "allowPublicOverrides": False},
                "readonlyAccessAccounts": [VENDOR],
            },
        ),
        "lightsail:container-service": sail(
            "ContainerService",
            {
                "containerServiceName": "api",
                "publicDomainNames": {"cert": ["api.example.com"]},
                "currentDeployment": {"publicEndpoint": {"containerName": "nginx"}},
            },
        ),
        "lightsail:static-ip": sail("StaticIp", {"name": "fixed", "ipAddress": "203.0.113.21"}),
        "lightsail:distribution": sail(
            "Distribution",
            {"name": "cdn", "alternativeDomainNames": ["www.example.com"]},
            "global",
        ),
        "lightsail:domain": sail(
            "Domain",
            {"name": "example.com", "domainEntries": [{"name": "www", "target": "203.0.113.20"}]},
            "global",
        ),
        "lightsail:settings": [line(f"{PROD}/{WEST}", is_vpc_peered=ok({"isPeered": True}))],
    }


def _small_databases() -> Found:
    placed = {
        "publiclyAccessible": True,
        "vpcSecurityGroupIds": [SG],
        "vpcSubnetIds": [SUBNET],
    }
    return {
        "neptune-graph:graph": [
            line(
                arn("neptune-graph", "graph/g-1"),
                {"id": "g-1", "name": "fraud", "publicConnectivity": True},
                list_private_graph_endpoints=ok([{"vpcEndpointId": "vpce-0f0f0f0f0f0f0f0f1"}]),
                get_graph=ok({"createTime": "2026-01-01T00:00:00+00:00"}),
            )
        ],
        "neptune-graph:graph-snapshot": [
            line(
                arn("neptune-graph", "graph-snapshot/gs-1"),
                {"id": "gs-1", "name": "old", "kmsKeyIdentifier": KEY},
            )
        ],
        "timestream-influxdb:db": [
            line(
                arn("timestream-influxdb", "db-instance/i1"),
                {"id": "i1", "name": "metrics"},
                get_db_instance=ok(placed),
            )
        ],
        "timestream-influxdb:cluster": [
            line(
                arn("timestream-influxdb", "db-cluster/c1"),
                {"id": "c1", "name": "more-metrics"},
                get_db_cluster=ok(placed | {"publiclyAccessible": False}),
            )
        ],
        "dsql:cluster": [
            line(
                arn("dsql", "cluster/d1"),
                {"identifier": "d1"},
                get_cluster=ok({"status": "ACTIVE", "tags": {"Name": "shop"}}),
                get_cluster_policy=ok({"policy": POLICY}),
            )
        ],
        "docdb-elastic:cluster": [
            line(
                arn("docdb-elastic", "cluster/e1"),
                {"clusterName": "articles"},
                get_cluster=ok(
                    {
                        "cluster": {
                            "authType": "PLAIN_TEXT",
                            "vpcSecurityGroupIds": [SG],
                            "subnetIds": [SUBNET],
                        }
                    }
                ),
            )
        ],
        "docdb-elastic:cluster-snapshot": [
            line(arn("docdb-elastic", "cluster-snapshot/es1"), {"snapshotName": "articles-1"})
        ],
        "keyspaces:keyspace": [
            line(arn("cassandra", "/keyspace/shop/"), {"keyspaceName": "shop"}),
        ],
        "keyspaces:table": [
            line(
                arn("cassandra", "/keyspace/shop/table/carts"),
                {"keyspaceName": "shop", "tableName": "carts"},
            )
        ],
        "rds:db-cluster-endpoint": [
            line(
                f"{RDS}:cluster-endpoint:reports",
                {"DBClusterEndpointIdentifier": "reports", "DBClusterIdentifier": "aurora"},
            )
        ],
        "rds:proxy": [
            line(
                f"{RDS}:db-proxy:prx-1",
                {
                    "DBProxyName": "pool",
                    "RoleArn": ROLE,
                    "VpcId": VPC,
                    "VpcSecurityGroupIds": [SG],
                    "VpcSubnetIds": [SUBNET],
                    "Auth": [{"IAMAuth": "DISABLED", "SecretArn": arn("secretsmanager", "x")}],
                },
                describe_db_proxy_targets=ok([{"RdsResourceId": "main"}]),
            )
        ],
        "rds:proxy-endpoint": [
            line(
                f"{RDS}:db-proxy-endpoint:prxe-1",
                {"DBProxyEndpointName": "readers", "TargetRole": "READ_ONLY"},
            )
        ],
        "rds:db-security-group": [
            line(
                f"{RDS}:secgrp:classic",
                {
                    "DBSecurityGroupName": "classic",
                    "OwnerId": PROD,
                    "IPRanges": [{"Status": "authorized", "CIDRIP": "0.0.0.0/0"}],
                },
            )
        ],
        "rds:parameter-group": [
            line(
                f"{RDS}:pg:strict",
                {"DBParameterGroupName": "strict", "DBParameterGroupFamily": "postgres16"},
                describe_db_parameters=ok(
                    [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]
                ),
            )
        ],
    }


def _migration() -> Found:
    return {
        "dms:replication-instance": [
            line(
                arn("dms", "rep:R1"),
                {
                    "ReplicationInstanceIdentifier": "mover",
                    "PubliclyAccessible": True,
                    "ReplicationInstancePublicIpAddress": "203.0.113.30",
                    "VpcSecurityGroups": _VPC_GROUPS,
                    "ReplicationSubnetGroup": {"VpcId": VPC, "Subnets": _SUBNETS},
                },
            )
        ],
        "dms:endpoint": [
            line(
                arn("dms", "endpoint:E1"),
                {"EndpointIdentifier": "from-oracle", "ServerName": "10.9.0.1", "SslMode": "none"},
            )
        ],
        "dms:subnet-group": [
            line(
                arn("dms", "subgrp:movers"),
                {
                    "ReplicationSubnetGroupIdentifier": "movers",
                    "VpcId": VPC,
                    "Subnets": _SUBNETS,
                },
            )
        ],
        "athena:workgroup": [
            line(
                arn("athena", "workgroup/primary"),
                {"Name": "primary", "State": "ENABLED"},
                get_work_group=ok(
                    {
                        "WorkGroup": {
                            "Configuration": {
                                "EnforceWorkGroupConfiguration": False,
                                "ResultConfiguration": {"OutputLocation": "s3://site/results/"},
                            }
                        }
                    }
                ),
            )
        ],
        "athena:data-catalog": [
            line(arn("athena", "datacatalog/theirs"), {"CatalogName": "theirs", "Type": "LAMBDA"})
        ],
    }


def _s3() -> Found:
    return {
        "s3:mrap": [
            line(
                f"arn:aws:s3::{PROD}:accesspoint/everywhere.mrap",
                {
                    "Name": "everywhere",
                    "Alias": "everywhere.mrap",
                    "Regions": [{"Bucket": "site", "Region": WEST}],
                    "PublicAccessBlock": {"BlockPublicPolicy": True},
                },
                get_multi_region_access_point_policy=ok(
                    {"Policy": {"Established": {"Policy": POLICY}}}
                ),
                get_multi_region_access_point_policy_status=ok({"Established": {"IsPublic": True}}),
            )
        ],
        "s3:object-lambda-ap": [
            line(
                arn("s3-object-lambda", "accesspoint/redacted"),
                {"Name": "redacted"},
                get_access_point_configuration_for_object_lambda=ok(
                    {
                        "Configuration": {
                            "TransformationConfigurations": [
                                {
                                    "ContentTransformation": {
                                        "AwsLambda": {"FunctionArn": arn("lambda", "function:x")}
                                    }
                                }
                            ]
                        }
                    }
                ),
            )
        ],
        "s3:access-grants": [
            line(
                arn("s3", "access-grants/default"),
                {},
                get_access_grants_instance_resource_policy=ok({"Policy": POLICY}),
            )
        ],
        "s3:access-grant": [
            line(
                arn("s3", "access-grants/default/grant/g-1"),
                {
                    "AccessGrantId": "g-1",
                    "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": ROLE},
                    "Permission": "READ",
                    "GrantScope": "s3://site/*",
                },
            )
        ],
        "s3:access-grants-location": [
            line(
                arn("s3", "access-grants/default/location/l-1"),
                {"AccessGrantsLocationId": "l-1", "LocationScope": "s3://", "IAMRoleArn": ROLE},
            )
        ],
        "s3:storage-lens": [line(arn("s3", "storage-lens/all"), {"Id": "all", "IsEnabled": True})],
        "dynamodb:export": [
            line(
                arn("dynamodb", "table/orders/export/01"),
                describe_export=ok(
                    {
                        "ExportDescription": {
                            "TableArn": arn("dynamodb", "table/orders"),
                            "S3Bucket": "reports",
                        }
                    }
                ),
            )
        ],
        "rds:export-task": [
            line(
                arn("rds", "export-task:monthly"),
                {"SourceArn": arn("rds", "snapshot:exported"), "S3Bucket": "reports"},
            )
        ],
        "s3:directory-bucket": [
            line(
                arn("s3express", "bucket/fast--euw1-az1--x-s3"),
                {"Name": "fast--euw1-az1--x-s3"},
                get_bucket_policy=ok({"Policy": POLICY}),
            )
        ],
        "s3tables:bucket": [
            line(
                arn("s3tables", "bucket/lake"),
                {"name": "lake", "ownerAccountId": PROD, "type": "customer"},
                list_namespaces=ok([{"namespace": ["sales"]}]),
                get_table_bucket_policy=ok({"resourcePolicy": POLICY}),
            )
        ],
        "s3tables:table": [
            line(
                arn("s3tables", "bucket/lake/table/t-1"),
                {"name": "orders_t", "namespace": ["sales"], "arn": arn("s3tables", "bucket/lake")},
                get_table_policy=ok({"resourcePolicy": POLICY}),
            )
        ],
        "s3vectors:bucket": [
            line(
                arn("s3vectors", "bucket/embeddings"),
                {"vectorBucketName": "embeddings"},
                get_vector_bucket_policy=ok({"policy": POLICY}),
            )
        ],
        "glacier:vault": [
            line(
                arn("glacier", "vaults/attic"),
                {"VaultName": "attic"},
                get_vault_access_policy=ok({"policy": {"Policy": POLICY}}),
                get_vault_lock=ok({"State": "Locked", "Policy": POLICY}),
            )
        ],
    }


def _keys() -> Found:
    return {
        "kms:custom-key-store": [
            line(
                "cks-1",
                {
                    "CustomKeyStoreId": "cks-1",
                    "CustomKeyStoreName": "outside",
                    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
                    "XksProxyConfiguration": {"Connectivity": "PUBLIC_ENDPOINT"},
                },
            )
        ],
        "cloudhsm:cluster": [
            line(
                arn("cloudhsm", "cluster/cluster-1"),
                {
                    "ClusterId": "cluster-1",
                    "VpcId": VPC,
                    "SecurityGroup": SG,
                    "Hsms": [{"SubnetId": SUBNET, "EniIp": "10.0.0.9"}],
                    "TagList": tags(Name="vault"),
                },
            )
        ],
        "cloudhsm:backup": [
            line(
                arn("cloudhsm", "backup/backup-2"),
                {"BackupId": "backup-2"},
                get_resource_policy=ok({"Policy": POLICY}),
            )
        ],
    }


NODES = """
r-1 BackupReportPlan
exported RDSSnapshot -
reports S3Bucket -
all S3StorageLens
 Keyspace
0123-abcd DynamoDBBackup
E1 DMSEndpoint
R1 DMSReplicationInstance
aoss-policy:111122223333/eu-west-1/data/readers OpenSearchAccessPolicy
aoss-policy:111122223333/eu-west-1/encryption/own OpenSearchSecurityPolicy
aoss-policy:111122223333/eu-west-1/network/open OpenSearchSecurityPolicy
attic GlacierVault
backup-1 FSxBackup
backup-2 CloudHSMBackup
bob TransferUser
burst ElastiCacheServerlessCache
c1 InfluxDBCluster
c1 OpenSearchCollection
caches ElastiCacheSubnetGroup
carts KeyspacesTable
cks-1 CustomKeyStore
classic RDSSecurityGroup
cluster-1 CloudHSMCluster
d1 DSQLCluster
dax-subnet-group:111122223333/eu-west-1/fasts DAXSubnetGroup
default ElastiCacheUser
default MemoryDBUser
default S3AccessGrantsInstance
dwh RedshiftCluster
dwhs RedshiftSubnetGroup
e-1 RedshiftServerlessEndpoint
e1 DocumentDBElasticCluster
embeddings S3VectorBucket
es1 DocumentDBElasticSnapshot
everywhere.mrap S3MultiRegionAccessPoint
fast DAXCluster
fast--euw1-az1--x-s3 S3DirectoryBucket
friday RedshiftSnapshot
fs-1 EFSFileSystem
fs-2 FSxFileSystem
fsap-1 EFSAccessPoint
fsvol-1 FSxVolume
g-1 NeptuneGraph
g-1 S3AccessGrant
gs-1 NeptuneGraphSnapshot
i1 InfluxDBInstance
l-1 S3AccessGrantsLocation
lake S3TableBucket
ledger MemoryDBCluster
ledger-1 MemoryDBSnapshot
loc-1 DataSyncLocation
logs OpenSearchDomain
ls-api LightsailContainerService
ls-blog LightsailInstance
ls-blogdb LightsailDatabase
ls-cdn LightsailDistribution
ls-example.com LightsailDomain
ls-fixed LightsailStaticIp
ls-front LightsailLoadBalancer
ls-media LightsailBucket
main BackupVault
mem MemoryDBSubnetGroup
movers DMSSubnetGroup
n-1 RedshiftServerlessNamespace
nightly ElastiCacheSnapshot
open-access MemoryDBACL
opensearch-inbound:111122223333/eu-west-1/c-1 OpenSearchInboundConnection
opensearch-outbound:111122223333/eu-west-1/c-2 OpenSearchOutboundConnection
orders DynamoDBTable
p-1 BackupPlan
people ElastiCacheUserGroup
policy-1 LifecyclePolicy
primary AthenaWorkgroup
prx-1 RDSProxy
prxe-1 RDSProxyEndpoint
r1 RecycleBinRule
redacted S3ObjectLambdaAccessPoint
redshift-endpoint:111122223333/eu-west-1/theirs RedshiftEndpoint
reports RDSClusterEndpoint
rp-1 RecoveryPoint
safe BackupVault -
s-1 RedshiftServerlessSnapshot
s-1 TransferServer
sales RedshiftDataShare
sessions ElastiCacheReplicationGroup
sessions-001 ElastiCacheCluster
sgw-1 StorageGateway
share-1 StorageGatewayFileShare
strict RDSParameterGroup
svm-1 FSxStorageVirtualMachine
t-1 S3Table
task-1 DataSyncTask
theirs AthenaDataCatalog
w-1 RedshiftServerlessWorkgroup
w-1 TransferWebApp
"""

RELATIONSHIPS = """
LOGS_TO r-1 reports
REPLICATES_TO orders reports
REPLICATES_TO exported reports
ATTACHED_TO fsap-1 fs-1
ENCRYPTED_WITH burst 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH dwh 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH fs-1 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH fs-2 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH gs-1 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH ledger-1 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH logs 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH main 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH n-1 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH orders 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH sessions 11111111-2222-3333-4444-555555555555
HAS_SECURITY_GROUP R1 sg-A
HAS_SECURITY_GROUP burst sg-A
HAS_SECURITY_GROUP c1 sg-A
HAS_SECURITY_GROUP cluster-1 sg-A
HAS_SECURITY_GROUP dwh sg-A
HAS_SECURITY_GROUP e1 sg-A
HAS_SECURITY_GROUP fast sg-A
HAS_SECURITY_GROUP fs-1 sg-A
HAS_SECURITY_GROUP i1 sg-A
HAS_SECURITY_GROUP ledger sg-A
HAS_SECURITY_GROUP logs sg-A
HAS_SECURITY_GROUP prx-1 sg-A
HAS_SECURITY_GROUP redshift-endpoint:111122223333/eu-west-1/theirs sg-A
HAS_SECURITY_GROUP s-1 sg-A
HAS_SECURITY_GROUP sessions-001 sg-A
HAS_SECURITY_GROUP w-1 sg-A
IN_SUBNET R1 subnet-A
IN_SUBNET burst subnet-A
IN_SUBNET c1 subnet-A
IN_SUBNET caches subnet-A
IN_SUBNET cluster-1 subnet-A
IN_SUBNET dax-subnet-group:111122223333/eu-west-1/fasts subnet-A
IN_SUBNET dwhs subnet-A
IN_SUBNET e-1 subnet-A
IN_SUBNET e1 subnet-A
IN_SUBNET fs-1 subnet-A
IN_SUBNET fs-2 subnet-A
IN_SUBNET i1 subnet-A
IN_SUBNET logs subnet-A
IN_SUBNET mem subnet-A
IN_SUBNET movers subnet-A
IN_SUBNET prx-1 subnet-A
IN_SUBNET redshift-endpoint:111122223333/eu-west-1/theirs subnet-A
IN_SUBNET s-1 subnet-A
IN_SUBNET w-1 subnet-A
IN_VPC R1 vpc-A
IN_VPC caches vpc-A
IN_VPC cluster-1 vpc-A
IN_VPC dax-subnet-group:111122223333/eu-west-1/fasts vpc-A
IN_VPC dwh vpc-A
IN_VPC dwhs vpc-A
IN_VPC fs-1 vpc-A
IN_VPC fs-2 vpc-A
IN_VPC logs vpc-A
IN_VPC mem vpc-A
IN_VPC movers vpc-A
IN_VPC prx-1 vpc-A
IN_VPC redshift-endpoint:111122223333/eu-west-1/theirs vpc-A
IN_VPC s-1 vpc-A
SHARED_WITH sales account:777766665555
SHARED_WITH friday account:777766665555
SHARED_WITH s-1 account:777766665555
LOGS_TO primary site
REPLICATES_TO p-1 safe
REPLICATES_TO policy-1 account:777766665555
"""

# CloudFormation's own names, from its resource type reference.
CLOUDFORMATION = {
    "AWS::Athena::DataCatalog",
    "AWS::Athena::WorkGroup",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupVault",
    "AWS::Backup::ReportPlan",
    "AWS::Cassandra::Keyspace",
    "AWS::Cassandra::Table",
    "AWS::DAX::Cluster",
    "AWS::DAX::SubnetGroup",
    "AWS::DLM::LifecyclePolicy",
    "AWS::DMS::Endpoint",
    "AWS::DMS::ReplicationInstance",
    "AWS::DMS::ReplicationSubnetGroup",
    "AWS::DSQL::Cluster",
    "AWS::DataSync::Task",
    "AWS::DocDBElastic::Cluster",
    "AWS::DynamoDB::Table",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
    "AWS::FSx::FileSystem",
    "AWS::FSx::StorageVirtualMachine",
    "AWS::FSx::Volume",
    "AWS::Lightsail::Bucket",
    "AWS::Lightsail::Container",
    "AWS::Lightsail::Database",
    "AWS::Lightsail::Distribution",
    "AWS::Lightsail::Instance",
    "AWS::Lightsail::LoadBalancer",
    "AWS::Lightsail::StaticIp",
    "AWS::MemoryDB::ACL",
    "AWS::MemoryDB::Cluster",
    "AWS::MemoryDB::SubnetGroup",
    "AWS::MemoryDB::User",
    "AWS::NeptuneGraph::Graph",
    "AWS::OpenSearchServerless::AccessPolicy",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchServerless::SecurityPolicy",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBProxy",
    "AWS::RDS::DBProxyEndpoint",
    "AWS::RDS::DBSecurityGroup",
    "AWS::Rbin::Rule",
    "AWS::Redshift::Cluster",
    "AWS::Redshift::ClusterSubnetGroup",
    "AWS::Redshift::EndpointAccess",
    "AWS::RedshiftServerless::Namespace",
    "AWS::RedshiftServerless::Snapshot",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::S3::AccessGrant",
    "AWS::S3::AccessGrantsInstance",
    "AWS::S3::AccessGrantsLocation",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3::StorageLens",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3ObjectLambda::AccessPoint",
    "AWS::S3Tables::Table",
    "AWS::S3Tables::TableBucket",
    "AWS::S3Vectors::VectorBucket",
    "AWS::Timestream::InfluxDBCluster",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::Transfer::Server",
    "AWS::Transfer::User",
    "AWS::Transfer::WebApp",
}
