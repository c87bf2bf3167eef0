"""EC2 Image Builder: the account's images, components and recipes."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_OWN = {"owner": "Self"}
_PAGES = Paginator(100)


def _policies(builds: str, result: str, version: str, policy: str, build: str) -> FollowUp:
    """The builds of a version, each with the policy that shares it.

    https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_GetImagePolicy.html
    """
    return FollowUp(
        operation=builds,
        params={version: Item("arn")},
        result=result,
        paging=_PAGES,
        then=(FollowUp(operation=policy, params={build: Item("arn")}, key=(build,)),),
    )


def _listed(
    name: str, operation: str, result: str, follow_ups: tuple[FollowUp, ...] = ()
) -> ResourceType:
    return ResourceType(
        id=f"imagebuilder:{name}",
        client="imagebuilder",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{arn}",
        lists=(ListCall(operation=operation, params=_OWN, result=result, paging=_PAGES),),
        follow_ups=follow_ups,
    )


TYPES = (
    _listed(
        "image",
        "list_images",
        "imageVersionList",
        (
            _policies(
                "list_image_build_versions",
                "imageSummaryList",
                "imageVersionArn",
                "get_image_policy",
                "imageArn",
            ),
        ),
    ),
    _listed(
        "component",
        "list_components",
        "componentVersionList",
        (
            _policies(
                "list_component_build_versions",
                "componentSummaryList",
                "componentVersionArn",
                "get_component_policy",
                "componentArn",
            ),
        ),
    ),
    _listed("image-recipe", "list_image_recipes", "imageRecipeSummaryList"),
)
"""Declarations of this service."""
