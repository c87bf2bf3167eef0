"""IoT Core: policies of devices, their certificates, roles they may take, and the endpoint."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(250)
_POLICY = {"policyName": Item("policyName")}

TYPES = (
    ResourceType(
        id="iot:policy",
        client="iot",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{policyArn}",
        lists=(ListCall(operation="list_policies", result="policies", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="get_policy", params=_POLICY),
            FollowUp(
                operation="list_targets_for_policy",
                params=_POLICY,
                result="targets",
                paging=_PAGES,
            ),
        ),
    ),
    ResourceType(
        id="iot:certificate",
        client="iot",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{certificateArn}",
        lists=(ListCall(operation="list_certificates", result="certificates", paging=_PAGES),),
    ),
    ResourceType(
        id="iot:role-alias",
        client="iot",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:iot:{region}:{account}:rolealias/{roleAlias}",
        lists=(
            ListCall(
                operation="list_role_aliases",
                result="roleAliases",
                paging=_PAGES,
                wrap="roleAlias",
            ),
        ),
    ),
    ResourceType(
        id="iot:endpoint",
        client="iot",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(operation="describe_endpoint", params={"endpointType": "iot:Data-ATS"}),
        ),
    ),
)
"""Declarations of this service."""
