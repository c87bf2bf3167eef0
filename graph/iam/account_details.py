"""GetAccountAuthorizationDetails rows -> principals.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.evidence import Ref
from graph.iam.document import parse
from graph.iam.world import Policy, Principal


@dataclass(frozen=True, slots=True)
class Row:
    """A row of account details and the place where it stands."""

    item: Mapping[str, Any]
    file: str = ""
    id: str = ""

    def ref(self, pointer: str) -> Ref | None:
        """A place within the row."""
        return Ref(self.file, self.id, pointer) if self.file else None


@dataclass(slots=True)
class AccountDetails:
    """The four lists of one account, with their gaps.

    ``managed`` holds every managed policy's default version by ARN. ``complete`` tells whether
    the call gave all pages.
    """

    account: str
    users: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    policies: list[Row] = field(default_factory=list)
    complete: bool = True


def principals(details: AccountDetails) -> list[Principal]:
    """Users, roles and the root user of an account."""
    managed = _managed(details.policies)
    groups = {str(row.item.get("GroupName")): row for row in details.groups}
    found = [_user(details, row, managed, groups) for row in details.users]
    found += [_role(details, row, managed) for row in details.roles]
    partition = next((one.arn.split(":")[1] for one in found if one.arn.count(":") > 4), "aws")
    root = f"arn:{partition}:iam::{details.account}:root"
    return [*found, Principal(root, details.account, "root", name="root")]


def _managed(rows: Iterable[Row]) -> dict[str, Policy]:
    """Default versions by ARN; names come from the ARN (some sources omit ``PolicyName``)."""
    found = {}
    for row in rows:
        arn = str(row.item.get("Arn") or row.id)
        found[arn] = Policy(f"managed policy {_name_of(arn)}", None, arn)
        for number, version in _listed(row, "PolicyVersionList").rows:
            if not version.get("IsDefaultVersion") or version.get("Document") is None:
                continue
            ref = row.ref(f"/item/PolicyVersionList/{number}/Document")
            name = f"managed policy {_name_of(arn)}"
            found[arn] = Policy(name, parse(version["Document"]), arn, ref)
    return found


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Listed:
    """The objects of a list with their places in it; ``whole`` if nothing else is there."""

    rows: tuple[tuple[int, Mapping[str, Any]], ...]
    whole: bool


def _listed(row: Row, member: str) -> _Listed:
    value = row.item.get(member)
    if value is None:
        return _Listed((), whole=True)
    if not isinstance(value, list | tuple):
        return _Listed((), whole=False)
    rows = tuple((at, entry) for at, entry in enumerate(value) if isinstance(entry, Mapping))
    return _Listed(rows, len(rows) == len(value))


def _inline(row: Row, member: str, suffix: str = "") -> list[Policy]:
    found = []
    for number, entry in _listed(row, member).rows:
        name = f"inline policy {entry.get('PolicyName', number)}{suffix}"
        document = entry.get("PolicyDocument")
        ref = row.ref(f"/item/{member}/{number}/PolicyDocument")
        found.append(Policy(name, None if document is None else parse(document), "", ref))
    return found


def _attached(row: Row, managed: Mapping[str, Policy], suffix: str = "") -> list[Policy]:
    found = []
    for _, entry in _listed(row, "AttachedManagedPolicies").rows:
        arn = str(entry.get("PolicyArn"))
        policy = managed.get(arn) or Policy(f"managed policy {_name_of(arn)}", None, arn)
        name = f"{policy.name}{suffix}"
        found.append(Policy(name, policy.document, policy.arn, policy.ref))
    return found


def _boundary(row: Row, managed: Mapping[str, Policy]) -> Policy | None:
    """A boundary that is used only as boundary may be missing among the policies: unknown then."""
    entry = row.item.get("PermissionsBoundary")
    if entry is None:
        return None
    arn = entry.get("PermissionsBoundaryArn") if isinstance(entry, Mapping) else None
    if not arn or not isinstance(arn, str):
        return Policy(f"permissions boundary of {_arn(row)}", None)
    return managed.get(arn) or Policy(f"permissions boundary {_name_of(arn)}", None, arn)


def _tags(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(tag.get("Key")), str(tag.get("Value", ""))) for _, tag in _listed(row, "Tags").rows
    )


def _arn(row: Row) -> str:
    return str(row.item.get("Arn") or row.id)


def _unread(row: Row, *members: str) -> bool:
    """Whether a list of policies or tags is not one, or holds something else than objects."""
    return not all(_listed(row, member).whole for member in members)


def _gaps(details: AccountDetails, row: Row, inline: str) -> tuple[tuple[str, str], ...]:
    """What was not read of a user or role; without it an identity would seem to have no rights."""
    gaps: tuple[tuple[str, str], ...] = ()
    if not details.complete:
        gaps = (("iam:account-authorization-details", details.account),)
    if _unread(row, inline, "AttachedManagedPolicies", "Tags"):
        gaps += (("iam:policies", _arn(row)),)
    return gaps


def _user(
    details: AccountDetails, row: Row, managed: Mapping[str, Policy], groups: Mapping[str, Row]
) -> Principal:
    policies = _inline(row, "UserPolicyList") + _attached(row, managed)
    gaps = _gaps(details, row, "UserPolicyList")
    names = row.item.get("GroupList")
    if not isinstance(names, list | tuple | None):
        gaps += (("iam:policies", _arn(row)),)
        names = ()
    for name in names or ():
        group = groups.get(str(name))
        if group is None:
            gaps += (("iam:group", f"{details.account}/{name}"),)
            continue
        if _unread(group, "GroupPolicyList", "AttachedManagedPolicies"):
            gaps += (("iam:policies", _arn(group)),)
        suffix = f" (group {name})"
        policies += _inline(group, "GroupPolicyList", suffix) + _attached(group, managed, suffix)
    return Principal(
        arn=_arn(row),
        account=details.account,
        kind="user",
        name=str(row.item.get("UserName") or ""),
        path=str(row.item.get("Path") or "/"),
        unique_id=str(row.item.get("UserId") or ""),
        tags=_tags(row),
        policies=tuple(policies),
        gaps=gaps,
        boundary=_boundary(row, managed),
        ref=row.ref(""),
    )


def _role(details: AccountDetails, row: Row, managed: Mapping[str, Policy]) -> Principal:
    name = str(row.item.get("RoleName") or "")
    trust = row.item.get("AssumeRolePolicyDocument")
    ref = row.ref("/item/AssumeRolePolicyDocument")
    return Principal(
        arn=_arn(row),
        account=details.account,
        kind="role",
        name=name,
        path=str(row.item.get("Path") or "/"),
        unique_id=str(row.item.get("RoleId") or ""),
        tags=_tags(row),
        policies=tuple(_inline(row, "RolePolicyList") + _attached(row, managed)),
        gaps=_gaps(details, row, "RolePolicyList"),
        boundary=_boundary(row, managed),
        trust=Policy(f"trust policy of {name}", None if trust is None else parse(trust), "", ref),
        ref=row.ref(""),
    )
