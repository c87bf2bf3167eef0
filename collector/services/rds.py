"""RDS; the same operations also list Neptune's and DocumentDB's clusters (``Engine``)."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="rds:db-instance",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBInstanceArn}",
        lists=(ListCall(operation="describe_db_instances", result="DBInstances", paging=PAGES),),
        redact=("PendingModifiedValues.MasterUserPassword",),
    ),
    ResourceType(
        id="rds:db-cluster",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBClusterArn}",
        lists=(ListCall(operation="describe_db_clusters", result="DBClusters", paging=PAGES),),
        redact=("PendingModifiedValues.MasterUserPassword",),
    ),
    ResourceType(
        id="rds:subnet-group",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBSubnetGroupArn}",
        lists=(
            ListCall(operation="describe_db_subnet_groups", result="DBSubnetGroups", paging=PAGES),
        ),
    ),
    # Only manual snapshots can be shared.
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
    ResourceType(
        id="rds:db-snapshot",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBSnapshotArn}",
        lists=(
            ListCall(
                operation="describe_db_snapshots",
                params={"SnapshotType": "manual"},
                result="DBSnapshots",
                paging=PAGES,
            ),
        ),
        keep=(When("SnapshotType", is_one_of=("manual",)),),
        follow_ups=(
            FollowUp(
                operation="describe_db_snapshot_attributes",
                params={"DBSnapshotIdentifier": Item("DBSnapshotIdentifier")},
            ),
        ),
    ),
    ResourceType(
        id="rds:db-cluster-snapshot",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBClusterSnapshotArn}",
        lists=(
            ListCall(
                operation="describe_db_cluster_snapshots",
                params={"SnapshotType": "manual"},
                result="DBClusterSnapshots",
                paging=PAGES,
            ),
        ),
        keep=(When("SnapshotType", is_one_of=("manual",)),),
        follow_ups=(
            FollowUp(
                operation="describe_db_cluster_snapshot_attributes",
                params={"DBClusterSnapshotIdentifier": Item("DBClusterSnapshotIdentifier")},
            ),
        ),
    ),
    # Every cluster names its other endpoints itself.
    ResourceType(
        id="rds:db-cluster-endpoint",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBClusterEndpointArn}",
        lists=(
            ListCall(
                operation="describe_db_cluster_endpoints",
                params={
                    "Filters": [{"Name": "db-cluster-endpoint-type", "Values": ["custom"]}],
                },
                result="DBClusterEndpoints",
                paging=PAGES,
            ),
        ),
        keep=(When("EndpointType", is_one_of=("CUSTOM",)),),
    ),
    ResourceType(
        id="rds:proxy",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBProxyArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_db_proxies", result="DBProxies", paging=PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_db_proxy_targets",
                params={"DBProxyName": Item("DBProxyName")},
                result="Targets",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="rds:proxy-endpoint",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBProxyEndpointArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_db_proxy_endpoints", result="DBProxyEndpoints", paging=PAGES
            ),
        ),
    ),
    # Left over from EC2-Classic.
    ResourceType(
        id="rds:db-security-group",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBSecurityGroupArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_db_security_groups", result="DBSecurityGroups", paging=PAGES
            ),
        ),
    ),
    ResourceType(
        id="rds:parameter-group",
        client="rds",
        scope=Scope.REGIONAL,
        arn="{DBParameterGroupArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_db_parameter_groups", result="DBParameterGroups", paging=PAGES
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_db_parameters",
                # What nobody has set has the engine's value.
                params={"DBParameterGroupName": Item("DBParameterGroupName"), "Source": "user"},
                result="Parameters",
                paging=PAGES,
            ),
        ),
        scan=("describe_db_parameters:[].ParameterValue",),
    ),
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeExportTasks.html
    ResourceType(
        id="rds:export-task",
        client="rds",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:rds:{region}:{account}:export-task:{ExportTaskIdentifier}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_export_tasks", result="ExportTasks", paging=PAGES),),
    ),
)
