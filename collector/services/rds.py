"""RDS; the same operations also list Neptune's and DocumentDB's clusters (``Engine``)."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

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
)
