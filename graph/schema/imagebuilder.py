"""EC2 Image Builder: images, components and recipes."""

from __future__ import annotations

from graph.schema.convert import present
from graph.schema.declare import NodeType, Property

_ARN = "arn:{partition}:imagebuilder:{region}:{account}:"
_VERSION = Property("version", "version", "Its version.")
_PLATFORM = Property("platform", "platform", "Linux, Windows or macOS.")
_CREATED = Property("date_created", "dateCreated", "When it was made (ISO 8601).")


def _policy(operation: str) -> Property:
    return Property(
        "has_policy",
        f"@{operation}(*)/policy",
        "Whether a policy shares one of its builds.",
        present,
        absent=False,
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="imagebuilder:image",
        label="ImageBuilderImage",
        resource_type="AWS::ImageBuilder::Image",
        category="data",
        description="A version of an image that Image Builder makes.",
        arn=_ARN + "image/{id}",
        name="name",
        properties=(
            _VERSION,
            _PLATFORM,
            Property("image_type", "type", "AMI or DOCKER."),
            _policy("get_image_policy"),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="imagebuilder:component",
        label="ImageBuilderComponent",
        resource_type="AWS::ImageBuilder::Component",
        category="compute",
        description="A script that builds or tests images.",
        arn=_ARN + "component/{id}",
        name="name",
        properties=(
            _VERSION,
            _PLATFORM,
            Property("component_type", "type", "BUILD or TEST."),
            _policy("get_component_policy"),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="imagebuilder:image-recipe",
        label="ImageBuilderRecipe",
        resource_type="AWS::ImageBuilder::ImageRecipe",
        category="compute",
        description="What an image is made of.",
        arn=_ARN + "image-recipe/{id}",
        name="name",
        tags="tags",
        properties=(
            _PLATFORM,
            Property("parent_image", "parentImage", "The image that it begins with."),
            _CREATED,
        ),
    ),
)
