"""Global Accelerator: anycast addresses in front of load balancers, addresses and instances.

An endpoint behind an accelerator is reached from the internet even in a private subnet.
https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html
"""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)
# The service answers in this region alone.
# https://docs.aws.amazon.com/global-accelerator/latest/dg/introduction-how-it-works.html
_REGION = "us-west-2"


def _listeners(kind: str) -> FollowUp:
    return FollowUp(
        operation=f"list_{kind}listeners",
        params={"AcceleratorArn": Item("AcceleratorArn")},
        result="Listeners",
        paging=_PAGES,
        then=(
            FollowUp(
                operation=f"list_{kind}endpoint_groups",
                params={"ListenerArn": Item("ListenerArn")},
                key=("ListenerArn",),
                result="EndpointGroups",
                paging=_PAGES,
            ),
        ),
    )


TYPES = (
    ResourceType(
        id="globalaccelerator:accelerator",
        client="globalaccelerator",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn="{AcceleratorArn}",
        lists=(ListCall(operation="list_accelerators", result="Accelerators", paging=_PAGES),),
        follow_ups=(_listeners(""),),
    ),
    ResourceType(
        id="globalaccelerator:custom-routing-accelerator",
        client="globalaccelerator",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn="{AcceleratorArn}",
        lists=(
            ListCall(
                operation="list_custom_routing_accelerators", result="Accelerators", paging=_PAGES
            ),
        ),
        follow_ups=(_listeners("custom_routing_"),),
    ),
    ResourceType(
        id="globalaccelerator:cross-account-attachment",
        client="globalaccelerator",
        scope=Scope.GLOBAL,
        asked_in=_REGION,
        arn="{AttachmentArn}",
        lists=(
            ListCall(
                operation="list_cross_account_attachments",
                result="CrossAccountAttachments",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
