"""EC2 Image Builder: the account's images, components and recipes."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_OWN = {"owner": "Self"}


def _listed(name: str, operation: str, result: str, policy: tuple[str, str] | None) -> ResourceType:
    return ResourceType(
        id=f"imagebuilder:{name}",
        client="imagebuilder",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{arn}",
        lists=(ListCall(operation=operation, params=_OWN, result=result, paging=Paginator(25)),),
        follow_ups=(
            (FollowUp(operation=policy[0], params={policy[1]: Item("arn")}),) if policy else ()
        ),
    )


TYPES = (
    _listed("image", "list_images", "imageVersionList", ("get_image_policy", "imageArn")),
    _listed(
        "component",
        "list_components",
        "componentVersionList",
        ("get_component_policy", "componentArn"),
    ),
    _listed("image-recipe", "list_image_recipes", "imageRecipeSummaryList", None),
)
"""Declarations of this service."""
