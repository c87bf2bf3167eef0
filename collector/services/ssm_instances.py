"""Systems Manager: the machines that its agent runs on."""

from collector.declare import ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="ssm:managed-instance",
        client="ssm",
        scope=Scope.REGIONAL,
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
        arn="arn:{partition}:ssm:{region}:{account}:managed-instance/{InstanceId}",
        scan=("IPAddress",),
        lists=(
            ListCall(
                operation="describe_instance_information",
                result="InstanceInformationList",
                paging=Paginator(50),
            ),
        ),
    ),
)
"""Declarations of this service."""
