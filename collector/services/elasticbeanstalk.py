"""Elastic Beanstalk: applications and environments."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

TYPES = (
    ResourceType(
        id="elasticbeanstalk:env",
        client="elasticbeanstalk",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{EnvironmentArn}",
        lists=(
            ListCall(
                operation="describe_environments",
                params={"IncludeDeleted": False},
                result="Environments",
                paging=Paginator(1000),
            ),
        ),
        keep=(When("Status", is_none_of=("Terminated",)),),
        follow_ups=(
            FollowUp(
                operation="describe_environment_resources",
                params={"EnvironmentId": Item("EnvironmentId")},
            ),
            FollowUp(
                operation="describe_configuration_settings",
                params={
                    "ApplicationName": Item("ApplicationName"),
                    "EnvironmentName": Item("EnvironmentName"),
                },
            ),
        ),
        # Environment variables and a database's password stand among all other settings.
        # https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
        redact=("describe_configuration_settings:ConfigurationSettings[].OptionSettings[].Value",),
    ),
    ResourceType(
        id="elasticbeanstalk:application",
        client="elasticbeanstalk",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ApplicationArn}",
        lists=(ListCall(operation="describe_applications", result="Applications"),),
    ),
)
"""Declarations of this service."""
