"""RAM: resources shared between accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.schema.convert import texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import account, receiver
from graph.schema.path import ShapeError, look

_STATUS = "ASSOCIATED"


def _associated(line: Item, kind: str) -> list[str]:
    """What a share is associated with; only associations that are in force."""
    path = f"@get_resource_share_associations(associationType={kind})/*"
    found: set[str] = set()
    for association in look(path, line).values:
        if not isinstance(association, Mapping):
            raise ShapeError("an association is not an object")
        entity = association.get("associatedEntity")
        if isinstance(entity, str) and association.get("status") == _STATUS:
            found.add(entity)
    return sorted(found)


def _shared(line: Item) -> Iterator[Edge]:
    """Every resource of the share with every receiver of it."""
    receivers = [end for name in _associated(line, "PRINCIPAL") if (end := receiver(name))]
    for resource in _associated(line, "RESOURCE"):
        for end in receivers:
            yield Edge(
                start=Reference(id=resource),
                end=end,
                discriminator=line.id,
                props={"share": line.id},
            )


def _received(line: Item) -> Iterator[Edge]:
    """A share that another account owns: only the owner can list what it holds."""
    owner = look("owningAccountId", line).values
    if owner and owner[0] != line.account_id:
        yield Edge(account(line.account_id))


def _contains(line: Item) -> Iterator[Edge]:
    for resource in _associated(line, "RESOURCE"):
        yield Edge(Reference(id=resource))


def _share(line: Item) -> Reference | None:
    found = look("resourceShareArn", line).values
    return Reference(id=str(found[0]), label="ResourceShare") if found else None


DECLARATIONS = (
    NodeType(
        snapshot_type="ram:share",
        label="ResourceShare",
        resource_type="AWS::RAM::ResourceShare",
        category="policy",
        description="A RAM resource share.",
        arn="arn:{partition}:ram:{region}:{account}:resource-share/{id}",
        name="name",
        owner="owningAccountId",
        tags="tags",
        properties=(
            Property("status", "status", "E.g. ACTIVE."),
            Property(
                "allow_external_principals",
                "allowExternalPrincipals",
                "Whether accounts outside the organisation can be added.",
                truth,
            ),
            Property("creation_time", "creationTime", "When it was made (ISO 8601)."),
            Property(
                "permission_arns",
                "@list_resource_share_permissions/*/arn",
                "What receivers may do, by RAM permission.",
                texts,
                absent=[],
            ),
        ),
        links=(
            Link(
                "CONTAINS",
                ("OtherResource",),
                "The share holds the resource (of any type).",
                _contains,
            ),
            Link(
                "SHARED_WITH",
                ("AWSAccount",),
                "The account receives another account's share.",
                _received,
            ),
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount", "Organization", "OrganizationalUnit"),
                "A share in force gives the receiver the resource.",
                _shared,
                start="OtherResource",
                properties=(("share", "Id of the resource share."),),
            ),
        ),
    ),
    Setting(
        snapshot_type="ram:received-resource",
        label="ResourceShare",
        describes=_share,
        description="A resource of another account that the share gives.",
        properties=(Property("received_resource_arns", "arn", "Resources that it gives.", texts),),
    ),
    Setting(
        snapshot_type="ram:invitation",
        label="ResourceShare",
        describes=_share,
        description="An invitation to a share, sent or received.",
        properties=(
            Property("invitation_status", "status", "PENDING, ACCEPTED, REJECTED or EXPIRED."),
            Property("invitation_sender", "senderAccountId", "The account that sent it."),
        ),
    ),
)
