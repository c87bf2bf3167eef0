"""Route 53: hosted zones with their records, health checks; and Cloud Map's names."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

LIMITS = {
    "route53": (
        Limit(
            rate=5,
            burst=5,
            source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html",
        ),
    )
}

# The global endpoint of the commercial partition signs for this region.
# https://docs.aws.amazon.com/general/latest/gr/r53.html
_REGION = "us-east-1"
_ZONE = {"HostedZoneId": Item("Id")}
_ARN = "arn:{partition}:route53:::"
# Only a private zone is associated with VPCs, only a public one is signed.
_PRIVATE = When("Config.PrivateZone", is_one_of=(True,))
_PUBLIC = When("Config.PrivateZone", is_none_of=(True,))

TYPES = (
    ResourceType(
        id="route53:zone",
        client="route53",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        # Ids come as /hostedzone/Z123.
        arn=_ARN + "hostedzone/{Id/-1}",
        lists=(
            ListCall(operation="list_hosted_zones", result="HostedZones", paging=Paginator(100)),
        ),
        follow_ups=(
            FollowUp(
                operation="list_resource_record_sets",
                params=_ZONE,
                result="ResourceRecordSets",
                paging=Paginator(300),
            ),
            FollowUp(operation="get_hosted_zone", params={"Id": Item("Id")}, when=(_PRIVATE,)),
            FollowUp(
                operation="list_vpc_association_authorizations",
                params=_ZONE,
                result="VPCs",
                paging=Paginator(),
                when=(_PRIVATE,),
            ),
        ),
    ),
    ResourceType(
        id="route53:dnssec",
        client="route53",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        arn=_ARN + "hostedzone/{Id/-1}",
        each_of=("route53:zone",),
        carry=("Id", "Name", "Config"),
        keep=(_PUBLIC,),
        follow_ups=(FollowUp(operation="get_dnssec", params=_ZONE),),
    ),
    ResourceType(
        id="route53:query-logging-config",
        client="route53",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn=_ARN + "queryloggingconfig/{Id}",
        lists=(
            ListCall(
                operation="list_query_logging_configs",
                result="QueryLoggingConfigs",
                paging=Paginator(100),
            ),
        ),
    ),
    ResourceType(
        id="route53:health-check",
        client="route53",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        depth=Depth.FULL,
        arn=_ARN + "healthcheck/{Id}",
        lists=(
            ListCall(operation="list_health_checks", result="HealthChecks", paging=Paginator(100)),
        ),
        scan=("HealthCheckConfig.ResourcePath", "HealthCheckConfig.SearchString"),
    ),
)
"""Declarations of this service."""
