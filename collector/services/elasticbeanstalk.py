"""Elastic Beanstalk: applications and environments."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    NamesOnly,
    Paginator,
    ResourceType,
    Scope,
    When,
)

_SETTINGS = "describe_configuration_settings:ConfigurationSettings[].OptionSettings[].Value"
_PLAIN = (
    # Where environment variables come from: ARNs of secrets and parameters.
    # https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
    "aws:elasticbeanstalk:application:environmentsecrets",
    # Roles, groups, subnets, listeners and the like.
    # https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html
    "aws:autoscaling:asg",
    "aws:autoscaling:launchconfiguration",
    "aws:ec2:instances",
    "aws:ec2:vpc",
    "aws:elasticbeanstalk:cloudwatch:logs*",
    "aws:elasticbeanstalk:environment",
    "aws:elasticbeanstalk:environment:process:*",
    "aws:elasticbeanstalk:managedactions*",
    "aws:elb:listener*",
    "aws:elb:loadbalancer",
    "aws:elb:policies*",
    "aws:elbv2:listener*",
    "aws:elbv2:loadbalancer",
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
        redact=(_SETTINGS,),
        names_only=(NamesOnly(_SETTINGS, "Namespace", _PLAIN),),
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
