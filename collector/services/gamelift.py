"""GameLift: fleets of game servers and their open ports."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

TYPES = (
    ResourceType(
        id="gamelift:fleet",
        client="gamelift",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{FleetArn}",
        # Without ids the operation describes every fleet: nothing has to be listed before.
        # https://docs.aws.amazon.com/gameliftservers/latest/apireference/API_DescribeFleetAttributes.html
        lists=(
            ListCall(
                operation="describe_fleet_attributes",
                result="FleetAttributes",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_fleet_port_settings",
                params={"FleetId": Item("FleetId")},
                not_supported=("UnsupportedRegionException",),
                # The machines of an Anywhere fleet are not AWS's: they have no port settings.
                # https://docs.aws.amazon.com/gameliftservers/latest/developerguide/fleets-creating-anywhere.html
                when=(When("ComputeType", is_none_of=("ANYWHERE",)),),
            ),
        ),
        scan=(
            "ServerLaunchParameters",
            "describe_fleet_port_settings:InboundPermissions[].IpRange",
        ),
    ),
)
"""Declarations of this service."""
