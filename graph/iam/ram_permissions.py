"""What the shares of RAM let a receiver do: the permission of the share, or what is known of it.

A share's permission is the actions of a resource policy whose principals are the share's
receivers; the receiver's own policies have to allow them too.
https://docs.aws.amazon.com/ram/latest/userguide/security-ram-permissions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from graph.iam import patterns, rules
from graph.iam.patterns import ResourcePattern

_DEFAULT = ":aws:permission/AWSRAMDefaultPermission"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a receiver can do with resources of one kind.

    Attributes:
        means: in words, after "The receiver ...".
        actions: of the type's default permission.
    """

    means: str
    actions: tuple[str, ...]


@cache
def _meanings() -> tuple[tuple[ResourcePattern, Meaning], ...]:
    return tuple(
        (patterns.written_resource(row["arn"]), Meaning(row["means"], tuple(row["actions"])))
        for row in rules.data("ram_meanings.json")["meanings"]
    )


def meaning_of(arn: str) -> Meaning | None:
    """What a share of a resource means, ``None`` for types that the data file does not hold."""
    text = patterns.plain(arn)
    return next((meaning for shape, meaning in _meanings() if shape.intersects(text)), None)


def by_default(arn: str, action: str, names: tuple[str, ...]) -> bool:
    """Whether a share under AWS's default permissions surely gives an action (lower case).

    The data file holds some actions of each permission: of another one nothing follows.

    Args:
        arn: of the shared resource.
        action: in internal form.
        names: ARNs of the share's permissions.
    """
    meaning = meaning_of(arn)
    if meaning is None or not names or not all(_DEFAULT in name for name in names):
        return False
    return any(patterns.matches(action, name.lower()) for name in meaning.actions)


def is_for(permission_type: str, arn: str) -> bool:
    """Whether a permission's type, as ``ec2:Subnet``, is that of an ARN's resource."""
    service, _, name = permission_type.lower().partition(":")
    parts = arn.lower().split(":", 5)
    if len(parts) < 6:
        return False
    kind = parts[5].replace(":", "/").strip("/").partition("/")[0].replace("-", "")
    return parts[2] == service and kind == name
