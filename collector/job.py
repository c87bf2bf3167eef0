"""The unit of work: types that share list calls, in one account and one place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from collector.declare import FollowUp, ResourceType, Scope
from collector.services import TYPES

GLOBAL = "global"

# The names that S3 answers for regions that are older than the others' names.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
_S3_NAMES = {"EU": "eu-west-1"}


@dataclass(frozen=True)
class Job:
    """One or more types of one account and place.

    Attributes:
        account_id: twelve digits.
        partition: ``aws``, ``aws-cn``, ...
        place: a region, or ``global``: where the files stand.
        region: the region that is asked (the home region for ``global``).
        types: the declarations; they share list calls or find each other's items.
        regions: all that are collected of the account.
    """

    account_id: str
    partition: str
    place: str
    region: str
    types: tuple[ResourceType, ...]
    regions: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The same for the same work: names the job in the journal."""
        return f"{self.account_id}/{self.place}/{self.types[0].id}"

    @property
    def line_id(self) -> str:
        """The id of a line that stands for no item."""
        return self.account_id if self.place == GLOBAL else f"{self.account_id}/{self.place}"

    @cached_property
    def context(self) -> Mapping[str, str]:
        """What id templates may use beside the item."""
        return {"account": self.account_id, "region": self.region, "partition": self.partition}

    def file_of(self, type_id: str) -> str:
        """Path of a type's file inside the snapshot."""
        return f"accounts/{self.account_id}/{self.place}/{TYPES[type_id].file_name}"

    def region_named(self, name: object) -> str:
        """A region's name as S3 gives it; ``null`` is the first region of all."""
        if name is None:
            return "us-east-1" if self.partition == "aws" else self.region
        return _S3_NAMES.get(str(name), str(name))


_REGIONAL = frozenset({Scope.REGIONAL, Scope.ORGANISATION_REGIONAL})
_OF_ORGANISATION = frozenset({Scope.ORGANISATION, Scope.ORGANISATION_REGIONAL})


def groups(type_ids: Iterable[str]) -> list[tuple[ResourceType, ...]]:
    """The types in groups that have to be collected together, in the registry's order.

    A group is what shares a list call or finds each other's items: asking for one of its types
    is asking for all, but for those that need calls of their own for items of another, and for
    those that only a type finds which nobody asked for.
    """
    wanted: set[str] = set()
    waiting = list(type_ids)
    while waiting:
        type_id = waiting.pop()
        if type_id not in wanted:
            wanted.add(type_id)
            found_with = TYPES[type_id].found_with
            waiting += [*_finders().get(type_id, ()), *([found_with] if found_with else [])]
    leader: dict[str, str] = {}
    by_call: dict[tuple[str, str, str], str] = {}
    members: dict[str, list[ResourceType]] = {}
    for declared in TYPES.values():
        first = leader.get(declared.found_with, declared.id)
        for call in declared.lists:
            key = (declared.client, call.operation, repr(dict(call.params)))
            first = by_call.setdefault(key, first)
        leader[declared.id] = first
        members.setdefault(first, []).append(declared)
    return [
        tuple(d for d in group if d.id in wanted or _comes_along(d, group, wanted))
        for group in members.values()
        if wanted & {d.id for d in group}
    ]


def _comes_along(
    declared: ResourceType, group: Iterable[ResourceType], wanted: Collection[str]
) -> bool:
    """Whether a type is collected although only others of its group were asked for."""
    if declared.listed_for or declared.each_of:
        return False
    finders = _finders().get(declared.id)
    if not finders:
        return True
    here = (other for other in group if other.id in finders)
    return any(other.id in wanted or _comes_along(other, group, wanted) for other in here)


@cache
def _finders() -> Mapping[str, frozenset[str]]:
    """Type -> the other types whose follow-ups find its items."""
    found: dict[str, set[str]] = {}
    for declared in TYPES.values():
        for call in declared.calls():
            for type_id in call.finds if isinstance(call, FollowUp) else ():
                if type_id != declared.id:
                    found.setdefault(type_id, set()).add(declared.id)
    return {type_id: frozenset(finders) for type_id, finders in found.items()}


def jobs_of(
    account_id: str,
    partition: str,
    home: str,
    regions: Iterable[str],
    type_ids: Iterable[str],
    sees_organisation: bool,
) -> list[Job]:
    """Every job of one account: slow ones first, then global ones, then region by region."""
    found = []
    regional = []
    for group in groups(type_ids):
        scope = group[0].scope
        if scope in _OF_ORGANISATION and not sees_organisation:
            continue
        if scope in _REGIONAL:
            regional.append(group)
        else:
            asked = group[0].asked_in if partition == "aws" else ""
            found.append(Job(account_id, partition, GLOBAL, asked or home, group))
    found.sort(key=lambda job: not job.types[0].slow)
    regions = tuple(regions)
    here = frozenset(regions)
    for region in regions:
        found += [Job(account_id, partition, region, region, group, here) for group in regional]
    return found
