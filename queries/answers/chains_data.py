"""What data stands behind a role that is assumed: what it adds to what its caller has anyway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.verdict import Verdict
from queries.answers.parties import Parties, account_of
from queries.answers.walk import End

LEVELS = ("read", "write", "admin")
EVERYONE = frozenset({"Internet", "AnyAWSPrincipal", "AnyAWSAccount"})
"""Labels of sources that whoever has an AWS account is one of."""
_EXAMPLES = 5
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource or set of resources that a role adds.

    Attributes:
        id, name: of the node.
        level: ``read``, ``write`` or ``admin``.
        verdict: of the access.
        resources: how many it is; of a set those that the caller does not have anyway.
        sensitive: whether one bears a tag that ``mapper.toml`` calls sensitive.
    """

    id: str
    name: str
    level: str
    verdict: Verdict
    resources: int
    sensitive: bool

    def as_json(self) -> dict[str, Any]:
        """As rows carry it."""
        return {
            "id": self.id,
            "name": self.name,
            "level": self.level,
            "verdict": str(self.verdict),
            "resources": self.resources,
            "sensitive": self.sensitive,
        }


@dataclass(frozen=True, slots=True)
class Data:
    """What a role adds, of other accounts than its caller's.

    Attributes:
        things: those that are had for sure first, of them those that are sensitive.
    """

    things: tuple[Thing, ...]

    @property
    def verdict(self) -> Verdict:
        """Of the strongest."""
        return max((one.verdict for one in self.things), key=lambda verdict: verdict.rank)

    @property
    def level(self) -> str:
        """The strongest level of those that are had for sure; if none is, of all."""
        counted = [one for one in self.things if one.verdict is self.verdict]
        return max((one.level for one in counted), key=LEVELS.index)

    @property
    def sensitive(self) -> bool:
        """Whether something of it is."""
        return any(one.sensitive for one in self.things)

    def count(self, verdict: Verdict) -> int:
        """How many resources are had with this verdict."""
        return sum(one.resources for one in self.things if one.verdict is verdict)

    def as_json(self) -> dict[str, Any]:
        """As rows carry it."""
        return {
            "level": self.level,
            "resources": sum(one.resources for one in self.things),
            "conditional": self.count(Verdict.CONDITIONAL),
            "sensitive": self.sensitive,
            "verdict": str(self.verdict),
            "examples": [one.id for one in self.things[:_EXAMPLES]],
            "things": [one.as_json() for one in self.things[:_LISTED]],
        }


@dataclass(frozen=True, slots=True)
class _Held:
    """A thing that a role may use, and of a set its members that others may use, too."""

    thing: Thing
    account: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Open:
    """That a source outside may use a resource."""

    source: str
    labels: frozenset[str]
    level: int
    rank: int


@dataclass(slots=True)
class Behind:
    """The data behind roles; empty for a role that nothing is known of."""

    parties: Parties = field(default_factory=Parties)
    _of: dict[str, list[_Held]] = field(default_factory=lambda: defaultdict(list))
    _open: dict[str, list[_Open]] = field(default_factory=lambda: defaultdict(list))
    _found: dict[tuple[str, str], Data | None] = field(default_factory=dict)

    def of(self, role: str, start: End) -> Data | None:
        """What a role may use outside its caller's own account that the caller has not anyway.

        What everyone may use, or the caller's account or organisation by name, is no gain. None
        for nothing.
        """
        account = _account(start)
        key = (role, start.id if account is None or "Source" in start.labels else account)
        if key not in self._found:
            things = list(self._gains(role, start, account))
            likely = [one for one in things if one.verdict.rank >= Verdict.CONDITIONAL.rank]
            ordered = sorted(likely or things, key=_first)
            self._found[key] = Data(tuple(ordered)) if ordered else None
        return self._found[key]

    def _gains(self, role: str, start: End, account: str | None) -> Iterator[Thing]:
        for held in self._of.get(role, ()):
            if account is not None and held.account == account:
                continue
            thing = held.thing
            size = thing.resources
            if held.members:
                size -= sum(self._has(start, account, one, thing) for one in held.members)
            elif self._has(start, account, thing.id, thing):
                continue
            if size == thing.resources:
                yield thing
            elif size > 0:
                yield Thing(thing.id, thing.name, thing.level, thing.verdict, size, thing.sensitive)

    def _has(self, start: End, account: str | None, resource: str, thing: Thing) -> bool:
        """Whether a caller may use a resource at least so without the role."""
        return any(
            one.level >= LEVELS.index(thing.level)
            and one.rank >= thing.verdict.rank
            and self._is_one_of(start, account, one)
            for one in self._open.get(resource, ())
        )

    def _is_one_of(self, start: End, account: str | None, source: _Open) -> bool:
        if source.labels & EVERYONE or source.source == start.id:
            return True
        if "ExternalAccount" in source.labels:
            return account is not None and source.source == f"account:{account}"
        organisation = source.source.removeprefix("org:")
        return (
            "Organization" in source.labels
            and account in self.parties.organisation
            and organisation in self.parties.organisation_ids
        )


def _account(start: End) -> str | None:
    """The caller's account; whoever signs in at an identity provider is of none."""
    if "FederatedProvider" in start.labels:
        return None
    return account_of(start.id, start.account_id)


def data_behind(rows: Iterable[Mapping[str, Any]], parties: Parties) -> Behind:
    """The rows of ``data-behind-trusts`` by role.

    Several grants of one resource to one role count it once.
    """
    found = Behind(parties)
    listed = list(rows)
    marked: set[str] = set()
    members: dict[str, set[str]] = defaultdict(set)
    once: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in listed:
        if row["relationship"] == "TARGETS":
            members[row["from_id"]].add(row["to_id"])
            if parties.is_sensitive(row["tags"]):
                marked.add(row["from_id"])
        elif "Source" in row["from_labels"]:
            found._open[row["to_id"]].append(_open(row))
        else:
            once[row["from_id"], row["to_id"]].append(row)
    for (role, thing), same in sorted(once.items()):
        held = _held(same, thing in marked, parties, frozenset(members.get(thing, ())))
        found._of[role].append(held)
    return found


def _held(
    same: Sequence[Mapping[str, Any]], marked: bool, parties: Parties, members: frozenset[str]
) -> _Held:
    row = max(same, key=_strength)
    thing = Thing(
        id=row["to_id"],
        name=row["to_name"] or row["to_id"],
        level=row["level"] or "read",
        verdict=Verdict(row["verdict"]),
        resources=int(row["size"] or 1),
        sensitive=marked or parties.is_sensitive(row["tags"]),
    )
    return _Held(thing, row["to_account"] or "", members)


def _open(row: Mapping[str, Any]) -> _Open:
    rank, level = _strength(row)
    return _Open(row["from_id"], frozenset(row["from_labels"]), level, rank)


def _strength(row: Mapping[str, Any]) -> tuple[int, int]:
    return Verdict(row["verdict"]).rank, LEVELS.index(row["level"] or "read")


def _first(thing: Thing) -> tuple[int, bool, int, str]:
    return (
        -thing.verdict.rank,
        not thing.sensitive,
        -LEVELS.index(thing.level),
        thing.id,
    )
