"""Lightsail: instances, databases, load balancers, buckets, containers and their addresses.

They live outside of the account's VPCs.
"""

from collector.declare import (
    Depth,
    FollowUp,
    ListCall,
    OnePage,
    Paginator,
    Paging,
    ResourceType,
    Scope,
    Token,
)

_PAGES = Paginator()
_BY_HAND = Token("pageToken", "nextPageToken")

# Lightsail sets itself up when an account first uses it, in each region.
_NEVER_USED = ("AccountSetupInProgressException", "RegionSetupInProgressException")


def _listed(
    name: str,
    operation: str,
    result: str,
    *,
    paging: Paging = _PAGES,
    asked_in: str = "",
    redact: tuple[str, ...] = (),
    scan: tuple[str, ...] = (),
) -> ResourceType:
    return ResourceType(
        id=f"lightsail:{name}",
        client="lightsail",
        scope=Scope.GLOBAL if asked_in else Scope.REGIONAL,
        asked_in=asked_in,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation=operation, result=result, paging=paging, not_enabled=_NEVER_USED),
        ),
        redact=redact,
        scan=scan,
    )


def _of_containers(member: str) -> tuple[str, ...]:
    return tuple(
        f"{deployment}Deployment.containers.*.{member}" for deployment in ("current", "next")
    )


TYPES = (
    # Its ports are in the list: get_instance_port_states says nothing more.
    _listed("instance", "get_instances", "instances"),
    _listed(
        "database",
        "get_relational_databases",
        "relationalDatabases",
        redact=("pendingModifiedValues.masterUserPassword",),
    ),
    _listed("load-balancer", "get_load_balancers", "loadBalancers"),
    _listed("bucket", "get_buckets", "buckets", paging=_BY_HAND),
    _listed(
        "container-service",
        "get_container_services",
        "containerServices",
        paging=OnePage(),
        redact=_of_containers("environment.*"),
        scan=_of_containers("command[]"),
    ),
    _listed("static-ip", "get_static_ips", "staticIps"),
    # Other regions refuse these two.
    # https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-regions-and-availability-zones-in-amazon-lightsail.html
    _listed(
        "distribution",
        "get_distributions",
        "distributions",
        paging=_BY_HAND,
        asked_in="us-east-1",
    ),
    _listed("domain", "get_domains", "domains", asked_in="us-east-1"),
    ResourceType(
        id="lightsail:settings",
        client="lightsail",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="is_vpc_peered", not_enabled=_NEVER_USED),),
    ),
)
"""Declarations of this service."""
