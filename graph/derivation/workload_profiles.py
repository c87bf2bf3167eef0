"""Roles by the names that items give: a role's ARN or name, an instance profile's ARN or name.

* instance profiles: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
* names are unique in an account: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam.world import IamWorld
from graph.schema.links import partition_of

_ARN = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):(role|instance-profile)/(.+)\Z", re.DOTALL)
_NAME = re.compile(r"[\w+=,.@/-]{1,640}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for.

    Attributes:
        roles: ARN of a collected role by account and name.
        profiles: by ARN, the roles that a profile holds and where that stands; nothing for one
            that was not read.
        profile_arns: ARN of a collected profile by account and name.
    """

    roles: Mapping[tuple[str, str], str]
    profiles: Mapping[str, list[tuple[str, Ref]]]
    profile_arns: Mapping[tuple[str, str], str]

    def role(self, text: str, line: Item) -> str:
        """A role's ARN; empty if the text can be no role's name."""
        return _named(text, "role", line, self.roles)

    def profile(self, text: str, line: Item) -> str:
        """An instance profile's ARN; empty if the text can be none's name."""
        return _named(text, "instance-profile", line, self.profile_arns)


def names_of(snapshot: Snapshot, world: IamWorld) -> Names:
    """The roles and instance profiles of a snapshot by name."""
    found = _profiles(snapshot)
    return Names(
        roles={
            (one.account, one.name or arn.rpartition("/")[2]): arn
            for arn, one in world.principals.items()
            if one.kind == "role"
        },
        profiles=found,
        profile_arns={
            (parts[1], parts[3].rpartition("/")[2]): arn
            for arn in found
            if (parts := _ARN.match(arn))
        },
    )


def profiles_of_roles(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The instance profiles that hold each role, by the role's ARN."""
    found: dict[str, list[str]] = defaultdict(list)
    for profile, held in sorted(_profiles(snapshot).items()):
        for role, _ in held:
            found[role].append(profile)
    return {role: tuple(profiles) for role, profiles in found.items()}


def account_of(arn: str) -> str:
    """The account of a role's or a profile's ARN, empty if it is none."""
    found = _ARN.match(arn)
    return found[1] if found else ""


def _named(text: str, kind: str, line: Item, known: Mapping[tuple[str, str], str]) -> str:
    """Some answers give a name, some a name with its path, most an ARN."""
    found = _ARN.match(text)
    if found:
        return text if found[2] == kind else ""
    if text.startswith("arn:") or not _NAME.match(text):
        return ""
    name = text.strip("/").rpartition("/")[2]
    path = text.strip("/")
    built = f"arn:{partition_of(line)}:iam::{line.account_id}:{kind}/{path}"
    return known.get((line.account_id, name), built) if name else ""


def _profiles(snapshot: Snapshot) -> dict[str, list[tuple[str, Ref]]]:
    """Roles by instance profile: from the profiles' own list, else from the roles' details."""
    found: dict[str, dict[str, Ref]] = {}
    for line in snapshot.items("iam:instance-profile"):
        arn = str(line.item.get("Arn", line.id))
        roles = line.item.get("Roles") or []
        if isinstance(roles, list) and all(isinstance(role, Mapping) for role in roles):
            # Otherwise it is not known which role it holds, or that it holds none.
            found.setdefault(arn, {})
        for index, role in _objects(roles):
            ref = Ref.to(line, f"/item/Roles/{index}")
            found.setdefault(arn, {}).setdefault(str(role.get("Arn")), ref)
    for line in snapshot.items("iam:role"):
        for index, profile in _objects(line.item.get("InstanceProfileList")):
            ref = Ref.to(line, f"/item/InstanceProfileList/{index}")
            found.setdefault(str(profile.get("Arn")), {}).setdefault(line.id, ref)
    return {arn: sorted(roles.items()) for arn, roles in found.items()}


def _objects(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a list with their places; nothing of what is no list."""
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, Mapping):
            yield index, entry
