"""EC2 Auto Scaling: groups and launch configurations."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="autoscaling:group",
        client="autoscaling",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{AutoScalingGroupARN}",
        lists=(
            ListCall(
                operation="describe_auto_scaling_groups", result="AutoScalingGroups", paging=_PAGES
            ),
        ),
    ),
    ResourceType(
        id="autoscaling:launch-configuration",
        client="autoscaling",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{LaunchConfigurationARN}",
        lists=(
            ListCall(
                operation="describe_launch_configurations",
                result="LaunchConfigurations",
                paging=_PAGES,
            ),
        ),
        redact=("UserData",),
    ),
)
"""Declarations of this service."""
