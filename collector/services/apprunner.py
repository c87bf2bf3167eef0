"""App Runner: services, and their ways into and out of VPCs."""

from collector.declare import Depth, FollowUp, Item, ListCall, ResourceType, Scope, Token

_SOURCE = "describe_service:Service.SourceConfiguration"
_IMAGE = f"{_SOURCE}.ImageRepository.ImageConfiguration"
_CODE = f"{_SOURCE}.CodeRepository.CodeConfiguration.CodeConfigurationValues"

TYPES = (
    ResourceType(
        id="apprunner:service",
        client="apprunner",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ServiceArn}",
        lists=(
            ListCall(
                operation="list_services",
                result="ServiceSummaryList",
                paging=Token("NextToken", "NextToken", ("MaxResults", 20)),
            ),
        ),
        follow_ups=(
            FollowUp(operation="describe_service", params={"ServiceArn": Item("ServiceArn")}),
        ),
        redact=tuple(f"{where}.RuntimeEnvironmentVariables.*" for where in (_IMAGE, _CODE)),
        scan=(
            f"{_IMAGE}.StartCommand",
            f"{_CODE}.StartCommand",
            f"{_CODE}.BuildCommand",
            # References to secrets, where they are used as meant.
            f"{_IMAGE}.RuntimeEnvironmentSecrets",
            f"{_CODE}.RuntimeEnvironmentSecrets",
        ),
    ),
    ResourceType(
        id="apprunner:vpc-ingress-connection",
        client="apprunner",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{VpcIngressConnectionArn}",
        lists=(
            ListCall(
                operation="list_vpc_ingress_connections",
                result="VpcIngressConnectionSummaryList",
                paging=Token("NextToken", "NextToken", ("MaxResults", 100)),
            ),
        ),
    ),
    ResourceType(
        id="apprunner:vpc-connector",
        client="apprunner",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{VpcConnectorArn}",
        lists=(
            ListCall(
                operation="list_vpc_connectors",
                result="VpcConnectors",
                paging=Token("NextToken", "NextToken", ("MaxResults", 100)),
            ),
        ),
    ),
)
"""Declarations of this service."""
