"""Redshift: clusters, and the ways in which they are shared with other accounts."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

_PAGES = Paginator(100)
_ARN = "arn:{partition}:redshift:{region}:"
_CLUSTER = {"ClusterIdentifier": Item("ClusterIdentifier")}

TYPES = (
    ResourceType(
        id="redshift:cluster",
        client="redshift",
        scope=Scope.REGIONAL,
        arn=_ARN + "{account}:cluster:{ClusterIdentifier}",
        lists=(ListCall(operation="describe_clusters", result="Clusters", paging=_PAGES),),
        redact=("PendingModifiedValues.MasterUserPassword",),
        follow_ups=(
            FollowUp(operation="describe_logging_status", params=_CLUSTER),
            # Without a cluster there is none; asked for a cluster, it is the owner's view.
            FollowUp(
                operation="describe_endpoint_authorization",
                params=_CLUSTER,
                result="EndpointAuthorizationList",
                paging=_PAGES,
            ),
            FollowUp(
                operation="get_resource_policy",
                params={"ResourceArn": Item("ClusterNamespaceArn")},
                when=(When("ClusterNamespaceArn", is_none_of=(None,)),),
            ),
        ),
    ),
    ResourceType(
        id="redshift:subnet-group",
        client="redshift",
        scope=Scope.REGIONAL,
        arn=_ARN + "{account}:subnetgroup:{ClusterSubnetGroupName}",
        lists=(
            ListCall(
                operation="describe_cluster_subnet_groups",
                result="ClusterSubnetGroups",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="redshift:share",
        client="redshift",
        scope=Scope.REGIONAL,
        arn="{DataShareArn}",
        lists=(ListCall(operation="describe_data_shares", result="DataShares", paging=_PAGES),),
    ),
    # Only manual snapshots can be shared.
    # https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-snapshots.html
    ResourceType(
        id="redshift:snapshot",
        client="redshift",
        scope=Scope.REGIONAL,
        arn=_ARN + "{OwnerAccount|account}:snapshot:{ClusterIdentifier}/{SnapshotIdentifier}",
        lists=(
            ListCall(
                operation="describe_cluster_snapshots",
                params={"SnapshotType": "manual"},
                result="Snapshots",
                paging=_PAGES,
            ),
        ),
        keep=(When("SnapshotType", is_one_of=("manual",)),),
    ),
    # A managed endpoint has no ARN of its own; its name is the account's in the region.
    ResourceType(
        id="redshift:endpoint-access",
        client="redshift",
        scope=Scope.REGIONAL,
        arn="redshift-endpoint:{account}/{region}/{EndpointName}",
        lists=(
            ListCall(
                operation="describe_endpoint_access", result="EndpointAccessList", paging=_PAGES
            ),
        ),
    ),
)
"""Declarations of this service."""
