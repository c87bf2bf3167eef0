"""Secrets Manager: names and policies; a secret's value is never asked for."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Root,
    Scope,
    When,
)

_PAGES = Paginator(100)
_SECRET = {"SecretId": Item("ARN")}

TYPES = (
    ResourceType(
        id="secretsmanager:secret",
        client="secretsmanager",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        lists=(ListCall(operation="list_secrets", result="SecretList", paging=_PAGES),),
        follow_ups=(FollowUp(operation="get_resource_policy", params=_SECRET),),
    ),
    # Services that manage a secret may attach policies beside the default one.
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListResourcePolicies.html
    ResourceType(
        id="secretsmanager:extra-policies",
        client="secretsmanager",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ARN}",
        each_of=("secretsmanager:secret",),
        carry=("ARN", "Name"),
        follow_ups=(
            FollowUp(
                operation="list_resource_policies",
                params=_SECRET,
                result="ResourcePolicies",
                paging=_PAGES,
                then=(
                    FollowUp(
                        operation="get_resource_policy",
                        params={"SecretId": Root("ARN"), "PolicyName": Item("PolicyName")},
                        key=("PolicyName",),
                        when=(When("PolicyName", is_none_of=("default",)),),
                    ),
                ),
            ),
        ),
    ),
    ResourceType(
        id="secretsmanager:replication",
        client="secretsmanager",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ARN}",
        each_of=("secretsmanager:secret",),
        carry=("ARN", "Name"),
        follow_ups=(FollowUp(operation="describe_secret", params=_SECRET),),
    ),
)
"""Declarations of this service."""
