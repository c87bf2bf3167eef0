"""EKS: clusters, who may enter them, and which roles their pods get."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Root, Scope, When

_PAGES = Paginator(100)
_IN_CLUSTER = {"clusterName": Item("name")}
_ENTRY = {"clusterName": Root("name"), "principalArn": Item("")}


def _named(listing: str, result: str, describing: str, name: str) -> FollowUp:
    """What a cluster lists by name, and the description of each."""
    return FollowUp(
        operation=listing,
        params=_IN_CLUSTER,
        result=result,
        paging=_PAGES,
        then=(
            FollowUp(
                operation=describing,
                params={"clusterName": Root("name"), name: Item("")},
                key=(name,),
            ),
        ),
    )


TYPES = (
    ResourceType(
        id="eks:cluster",
        client="eks",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:eks:{region}:{account}:cluster/{name}",
        lists=(ListCall(operation="list_clusters", result="clusters", paging=_PAGES, wrap="name"),),
        follow_ups=(
            FollowUp(operation="describe_cluster", params={"name": Item("name")}),
            FollowUp(
                operation="list_access_entries",
                params=_IN_CLUSTER,
                result="accessEntries",
                paging=_PAGES,
                # A cluster that reads the aws-auth ConfigMap alone has no access entries.
                # https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
                when=(
                    When(
                        "cluster.accessConfig.authenticationMode",
                        call="describe_cluster",
                        is_none_of=("CONFIG_MAP",),
                    ),
                ),
                then=(
                    FollowUp(
                        operation="describe_access_entry", params=_ENTRY, key=("principalArn",)
                    ),
                    FollowUp(
                        operation="list_associated_access_policies",
                        params=_ENTRY,
                        key=("principalArn",),
                        result="associatedAccessPolicies",
                        paging=_PAGES,
                    ),
                ),
            ),
            FollowUp(
                operation="list_pod_identity_associations",
                params=_IN_CLUSTER,
                result="associations",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="describe_pod_identity_association",
                        params={
                            "clusterName": Item("clusterName"),
                            "associationId": Item("associationId"),
                        },
                        key=("associationId",),
                    ),
                ),
            ),
            _named("list_nodegroups", "nodegroups", "describe_nodegroup", "nodegroupName"),
            _named(
                "list_fargate_profiles",
                "fargateProfileNames",
                "describe_fargate_profile",
                "fargateProfileName",
            ),
            FollowUp(
                operation="list_identity_provider_configs",
                params=_IN_CLUSTER,
                result="identityProviderConfigs",
                paging=_PAGES,
            ),
            FollowUp(operation="list_addons", params=_IN_CLUSTER, result="addons", paging=_PAGES),
        ),
    ),
)
"""Declarations of this service."""
