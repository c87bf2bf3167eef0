"""EMR: clusters that run, studios, the account's block on public access; EMR Serverless."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

_ACTIVE = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"]

TYPES = (
    # Terminated clusters stay listed for two months.
    # https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html
    ResourceType(
        id="emr:cluster",
        client="emr",
        scope=Scope.REGIONAL,
        arn="{ClusterArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_clusters",
                params={"ClusterStates": _ACTIVE},
                result="Clusters",
                paging=Paginator(),
            ),
        ),
        keep=(When("Status.State", is_none_of=("TERMINATED", "TERMINATED_WITH_ERRORS")),),
        follow_ups=(
            FollowUp(operation="describe_cluster", params={"ClusterId": Item("Id")}),
            FollowUp(
                operation="list_instances",
                params={"ClusterId": Item("Id"), "InstanceStates": ["RUNNING"]},
                result="Instances",
                paging=Paginator(),
            ),
        ),
        redact=(
            "describe_cluster:Cluster.Configurations[].Properties.*",
            "describe_cluster:Cluster.Configurations[].Configurations[].Properties.*",
            "describe_cluster:Cluster.KerberosAttributes.KdcAdminPassword",
            "describe_cluster:Cluster.KerberosAttributes.CrossRealmTrustPrincipalPassword",
            "describe_cluster:Cluster.KerberosAttributes.ADDomainJoinPassword",
        ),
    ),
    ResourceType(
        id="emr:studio",
        client="emr",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:elasticmapreduce:{region}:{account}:studio/{StudioId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_studios", result="Studios", paging=Paginator()),),
    ),
    ResourceType(
        id="emr:block-public-access",
        client="emr",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="get_block_public_access_configuration"),),
    ),
    ResourceType(
        id="emr-serverless:app",
        client="emr-serverless",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_applications", result="applications", paging=Paginator(50)),
        ),
        follow_ups=(FollowUp(operation="get_application", params={"applicationId": Item("id")}),),
        redact=(
            "get_application:application.runtimeConfiguration[].properties.*",
            "get_application:application.runtimeConfiguration[].configurations[].properties.*",
        ),
    ),
)
"""Declarations of these services."""
