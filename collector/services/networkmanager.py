"""Network Manager: Cloud WAN's core networks and what is attached to them."""

from collector.declare import (
    Account,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

# https://docs.aws.amazon.com/general/latest/gr/networkmanager.html
_ASKED_IN = "us-west-2"
_PAGES = Paginator(500)
# The policy and the sharing of a network that is only shared with the account are its owner's.
_OWN = (When("OwnerAccountId", is_one_of=(Account(), None)),)

TYPES = (
    ResourceType(
        id="networkmanager:core-network",
        client="networkmanager",
        scope=Scope.GLOBAL,
        asked_in=_ASKED_IN,
        depth=Depth.FULL,
        arn="{CoreNetworkArn}",
        lists=(ListCall(operation="list_core_networks", result="CoreNetworks", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="get_core_network_policy",
                params={"CoreNetworkId": Item("CoreNetworkId")},
                when=_OWN,
            ),
            FollowUp(
                operation="get_resource_policy",
                params={"ResourceArn": Item("CoreNetworkArn")},
                when=_OWN,
            ),
        ),
    ),
    ResourceType(
        id="networkmanager:global-network",
        client="networkmanager",
        scope=Scope.GLOBAL,
        asked_in=_ASKED_IN,
        depth=Depth.FULL,
        arn="{GlobalNetworkArn}",
        lists=(
            ListCall(operation="describe_global_networks", result="GlobalNetworks", paging=_PAGES),
        ),
    ),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsnetworkmanager.html
    ResourceType(
        id="networkmanager:attachment",
        client="networkmanager",
        scope=Scope.GLOBAL,
        asked_in=_ASKED_IN,
        depth=Depth.FULL,
        arn="arn:{partition}:networkmanager::{OwnerAccountId|account}:attachment/{AttachmentId}",
        lists=(ListCall(operation="list_attachments", result="Attachments", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
