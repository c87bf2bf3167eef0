"""Secrets Manager: names and policies; a secret's value is never asked for."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="secretsmanager:secret",
        client="secretsmanager",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        lists=(ListCall(operation="list_secrets", result="SecretList", paging=Paginator(100)),),
        follow_ups=(FollowUp(operation="get_resource_policy", params={"SecretId": Item("ARN")}),),
    ),
)
