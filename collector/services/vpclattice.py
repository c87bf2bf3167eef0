"""VPC Lattice: services, networks of services, targets and resources that VPCs share."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
    When,
)

_PAGES = Paginator(100)
_NETWORK = {"serviceNetworkIdentifier": Item("arn")}
_AUTH = FollowUp(operation="get_auth_policy", params={"resourceIdentifier": Item("arn")})
_RESOURCE_POLICY = FollowUp(operation="get_resource_policy", params={"resourceArn": Item("arn")})


def _listed(
    name: str,
    operation: str,
    follow_ups: tuple[FollowUp, ...] = (),
    keep: tuple[When, ...] = (),
) -> ResourceType:
    return ResourceType(
        id=f"vpc-lattice:{name}",
        client="vpc-lattice",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{arn}",
        lists=(ListCall(operation=operation, result="items", paging=_PAGES),),
        follow_ups=follow_ups,
        keep=keep,
    )


def _of_network(kind: str) -> FollowUp:
    return FollowUp(
        operation=f"list_service_network_{kind}_associations",
        params=_NETWORK,
        result="items",
        paging=_PAGES,
    )


TYPES = (
    _listed(
        "service",
        "list_services",
        (
            FollowUp(operation="get_service", params={"serviceIdentifier": Item("arn")}),
            _AUTH,
            _RESOURCE_POLICY,
            FollowUp(
                operation="list_listeners",
                params={"serviceIdentifier": Item("arn")},
                result="items",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="list_rules",
                        params={
                            "serviceIdentifier": Root("arn"),
                            "listenerIdentifier": Item("arn"),
                        },
                        key=("listenerIdentifier",),
                        result="items",
                        paging=_PAGES,
                    ),
                ),
            ),
        ),
    ),
    _listed(
        "service-network",
        "list_service_networks",
        (
            _AUTH,
            _RESOURCE_POLICY,
            _of_network("vpc"),
            _of_network("service"),
            _of_network("resource"),
        ),
    ),
    _listed(
        "target-group",
        "list_target_groups",
        (
            FollowUp(
                operation="list_targets",
                params={"targetGroupIdentifier": Item("arn")},
                result="items",
                paging=_PAGES,
            ),
        ),
    ),
    _listed(
        "resource-configuration",
        "list_resource_configurations",
        (_RESOURCE_POLICY,),
        # What a service of AWS made for itself is AWS's.
        keep=(When("amazonManaged", is_none_of=(True,)),),
    ),
    _listed("resource-gateway", "list_resource_gateways"),
)
"""Declarations of this service."""
