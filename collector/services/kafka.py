"""Managed Kafka: clusters, who may use them, and the connections to them from other VPCs."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

_PAGES = Paginator(100)
_CLUSTER = {"ClusterArn": Item("ClusterArn")}
_PROVISIONED = When("ClusterType", is_one_of=("PROVISIONED",))

TYPES = (
    ResourceType(
        id="kafka:cluster",
        client="kafka",
        scope=Scope.REGIONAL,
        arn="{ClusterArn}",
        # The list has all that describing one cluster gives.
        lists=(ListCall(operation="list_clusters_v2", result="ClusterInfoList", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_cluster_policy", params=_CLUSTER),
            FollowUp(
                operation="get_bootstrap_brokers",
                params=_CLUSTER,
                when=(When("State", is_none_of=("CREATING", "DELETING", "FAILED")),),
            ),
            FollowUp(
                operation="list_client_vpc_connections",
                params=_CLUSTER,
                result="ClientVpcConnections",
                paging=_PAGES,
                when=(_PROVISIONED,),
            ),
            FollowUp(
                operation="list_scram_secrets",
                params=_CLUSTER,
                result="SecretArnList",
                paging=_PAGES,
                when=(
                    _PROVISIONED,
                    When("Provisioned.ClientAuthentication.Sasl.Scram.Enabled", is_one_of=(True,)),
                ),
            ),
        ),
    ),
    ResourceType(
        id="kafka:vpc-connection",
        client="kafka",
        scope=Scope.REGIONAL,
        arn="{VpcConnectionArn}",
        lists=(ListCall(operation="list_vpc_connections", result="VpcConnections", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
