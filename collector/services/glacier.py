"""S3 Glacier: vaults of its own API, their access policies and locks."""

from collector.declare import (
    Account,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_VAULT = {"accountId": Account(), "vaultName": Item("VaultName")}

TYPES = (
    ResourceType(
        id="glacier:vault",
        client="glacier",
        scope=Scope.REGIONAL,
        arn="{VaultARN}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_vaults",
                params={"accountId": Account()},
                result="VaultList",
                paging=Paginator(),
                # New accounts cannot have vaults any more.
                # https://docs.aws.amazon.com/amazonglacier/latest/dev/introduction.html
                not_enabled=("NoLongerSupportedException",),
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_vault_access_policy", params=_VAULT),
            FollowUp(operation="get_vault_lock", params=_VAULT),
        ),
    ),
)
"""Declarations of this service."""
