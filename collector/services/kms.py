"""KMS: keys with policies and grants, aliases, and stores of keys outside of KMS."""

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

_KEY = {"KeyId": Item("KeyArn")}
# A key that AWS manages has a policy that nobody can change and that serves its own account only.
# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
_CUSTOMER = When("KeyMetadata.KeyManager", call="describe_key", is_none_of=("AWS",))

TYPES = (
    ResourceType(
        id="kms:key",
        client="kms",
        scope=Scope.REGIONAL,
        arn="{KeyArn}",
        lists=(ListCall(operation="list_keys", result="Keys", paging=Paginator(1000)),),
        follow_ups=(
            FollowUp(operation="describe_key", params=_KEY),
            FollowUp(
                operation="get_key_policy",
                params={**_KEY, "PolicyName": "default"},
                when=(_CUSTOMER,),
            ),
            FollowUp(
                operation="list_grants",
                params=_KEY,
                result="Grants",
                paging=Paginator(100),
                when=(_CUSTOMER,),
            ),
            FollowUp(
                operation="get_key_rotation_status",
                params=_KEY,
                # Other kinds of keys never rotate; asking for one is an error.
                when=(
                    _CUSTOMER,
                    When(
                        "KeyMetadata.KeySpec",
                        call="describe_key",
                        is_one_of=("SYMMETRIC_DEFAULT", None),
                    ),
                    When(
                        "KeyMetadata.Origin",
                        call="describe_key",
                        is_one_of=("AWS_KMS", "EXTERNAL", None),
                    ),
                    When(
                        "KeyMetadata.KeyState",
                        call="describe_key",
                        is_one_of=("Enabled", "Disabled", None),
                    ),
                ),
            ),
        ),
    ),
    ResourceType(
        id="kms:alias",
        client="kms",
        scope=Scope.REGIONAL,
        arn="{AliasArn}",
        lists=(ListCall(operation="list_aliases", result="Aliases", paging=Paginator(100)),),
    ),
    # A store has no ARN; its id is AWS's own and unique.
    ResourceType(
        id="kms:custom-key-store",
        client="kms",
        scope=Scope.REGIONAL,
        arn="{CustomKeyStoreId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_custom_key_stores",
                result="CustomKeyStores",
                paging=Paginator(1000),
            ),
        ),
        redact=("XksProxyConfiguration.AccessKeyId",),
    ),
)
