"""S3 Control: the account's block on public access, and access points."""

from collector.declare import Account, FollowUp, Item, ListCall, ResourceType, Scope, Token

TYPES = (
    ResourceType(
        id="s3:account-bpa",
        client="s3control",
        scope=Scope.GLOBAL,
        follow_ups=(
            FollowUp(operation="get_public_access_block", params={"AccountId": Account()}),
        ),
    ),
    ResourceType(
        id="s3:access-point",
        client="s3control",
        scope=Scope.REGIONAL,
        arn="{AccessPointArn}",
        lists=(
            ListCall(
                operation="list_access_points",
                params={"AccountId": Account()},
                result="AccessPointList",
                paging=Token("NextToken", "NextToken", ("MaxResults", 1000)),
            ),
        ),
        only_here="AccessPointArn",
        follow_ups=(
            FollowUp(
                operation="get_access_point",
                params={"AccountId": Account(), "Name": Item("Name")},
            ),
            FollowUp(
                operation="get_access_point_policy",
                params={"AccountId": Account(), "Name": Item("Name")},
            ),
            FollowUp(
                operation="get_access_point_policy_status",
                params={"AccountId": Account(), "Name": Item("Name")},
            ),
        ),
    ),
)
