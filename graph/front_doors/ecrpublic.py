"""Repositories of the ECR public registry.

https://docs.aws.amazon.com/AmazonECR/latest/public/public-repositories.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, passes
from graph.front_doors.sight import Sight
from graph.network.ec2_shapes import text
from graph.network.reach import Reach


def _repository(sight: Sight, item: Item) -> Iterator[Reach]:
    refs = sight.refs(item, "/item/repositoryUri")
    where = text(item.item.get("repositoryUri")) or "public.ecr.aws"
    words = f"Everybody may pull its images from {where}, without signing in."
    yield from sight.reached(item, "ecr-public", (passes("registry", item.id, words, *refs),))


DOORS = (
    FrontDoor(
        type_id="ecr-public:repository",
        mechanism="ecr-public",
        title="ECR public repositories",
        rule="Always: everybody may pull its images.",
        source="https://docs.aws.amazon.com/AmazonECR/latest/public/public-repositories.html",
        judge=_repository,
        test="tests/front_doors/test_ecrpublic.py",
        untold_families=True,
    ),
)
"""Declarations of this service."""
