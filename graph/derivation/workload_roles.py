"""Which roles every collected workload carries: what control of it, or of its settings, gives.

Which types carry roles, and where, is data (``workload_roles.json``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from collector.snapshot import Item, Snapshot
from graph.derivation.workload_profiles import Names, names_of
from graph.derivation.workload_rows import RoleAt, Through, WorkloadType, workload_types
from graph.derivation.workload_state import pointer, state_of
from graph.derivation.workload_trust import (
    ByCluster,
    cluster_roles,
    not_collected,
    not_trusted,
    trusted,
)
from graph.evidence import Ref, Step
from graph.iam.world import IamWorld
from graph.schema.path import ShapeError, inside, look
from graph.schema.registry import REGISTRY
from graph.verdict import Answer, Verdict, all_of, condition


@dataclass(frozen=True, slots=True)
class CarriedRole:
    """A role that a workload carries.

    Attributes:
        role: its ARN; empty where what names it was not read (``unknown``) or names none (``no``).
        kind: as in ``workload_roles.json``, e.g. ``execution-role``.
        answer: whether it is carried and trusts who hands it out; the state is not in it.
        state: ``yes`` for what runs or starts when it is called, ``dormant`` for what is stopped or
            a definition, ``unknown``.
        profile: the instance profile's ARN, if one carries it.
        runs_code: whether who controls the workload acts with the role; otherwise a service has it
            for its own steps.
        reached: whether a request that reaches the workload reaches what acts with the role.
        via: id of what names the role in the workload's stead: profile, template, definition.
    """

    role: str
    kind: str
    answer: Answer
    state: Answer
    profile: str = ""
    runs_code: bool = True
    reached: bool = True
    via: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """A collected item that carries at least one role, or something that should name one.

    Attributes:
        id: its node's id.
        type: snapshot type, e.g. ``glue:job``.
        account: the account that it was collected from.
        region: its region, or ``global``.
        item: its line.
        roles: in the order of the data file.
    """

    id: str
    type: str
    account: str
    region: str
    item: Item
    roles: tuple[CarriedRole, ...]


def workloads(snapshot: Snapshot, world: IamWorld) -> Iterator[Workload]:
    """Every workload that carries a role, by type, account, region and id.

    What is gone (a terminated instance, a deleted stack) is left out.

    Args:
        snapshot: where the items are read.
        world: where the roles' trust policies are.

    Raises:
        collector.snapshot.SnapshotError: a file of the snapshot cannot be read.
    """
    reader = _Reader(snapshot, world, names_of(snapshot, world), cluster_roles(world))
    for row in workload_types().values():
        for item in snapshot.items(row.type) if row.roles else ():
            yield from _workload(reader, row, item)


def _workload(reader: _Reader, row: WorkloadType, item: Item) -> Iterator[Workload]:
    state = state_of(row, item) if _node_id(item) is not None else None
    roles = tuple(reader.roles(row, item, state)) if state is not None else ()
    if roles:
        yield Workload(item.id, row.type, item.account_id, item.region, item, roles)


_NODE_ID = {one.snapshot_type: one.node_id for one in REGISTRY.node_types}


def _node_id(item: Item) -> str | None:
    """The node that a line is about; ``None`` for lines about another type's node."""
    find = _NODE_ID.get(item.type)
    return find(item) if find else item.id


class _Named(NamedTuple):
    """A role that an item names; without one, ``carries`` says what is missing."""

    role: str
    carries: Answer
    profile: str = ""
    via: str = ""


_Lines = Mapping[tuple[str, str, str], Item]


class _Reader:
    """Reads roles off lines; what other lines name is looked up once."""

    def __init__(
        self, snapshot: Snapshot, world: IamWorld, names: Names, clusters: ByCluster
    ) -> None:
        self._snapshot, self._world, self._names = snapshot, world, names
        self._clusters = clusters
        self._lines: dict[tuple[str, str], _Lines] = {}
        self._trust: dict[tuple[str, tuple[str, ...], str], Answer] = {}

    def roles(self, row: WorkloadType, item: Item, state: Answer) -> Iterator[CarriedRole]:
        """The roles of one item, each once for its kind."""
        seen: set[tuple[str, str]] = set()
        for at in row.roles:
            for one in self._named(at, item, ()):
                key = (one.role or one.via, at.kind)
                if key in seen:
                    continue
                seen.add(key)
                answer = one.carries
                if one.role:
                    answer = all_of((answer, self._trusted(at, one.role, item)))
                yield CarriedRole(
                    role=one.role,
                    kind=at.kind,
                    answer=answer,
                    state=state,
                    profile=one.profile,
                    runs_code=at.runs_code,
                    reached=at.runs_code and at.reached,
                    via=one.via,
                )

    def _trusted(self, at: RoleAt, role: str, item: Item) -> Answer:
        if at.trusted_as:
            found = self._clusters.get((item.id, at.trusted_as), {}).get(role)
            if found is None and role not in self._world.principals:
                return not_collected(role, f"whether it trusts {item.id}")
            return found or not_trusted(role, item.id)
        if not at.trusts:
            return Answer(Verdict.YES)
        key = (role, at.trusts, item.account_id)
        if key not in self._trust:
            self._trust[key] = trusted(self._world, role, at.trusts, item)
        return self._trust[key]

    def _named(self, at: RoleAt, line: Item, passed: tuple[str, ...]) -> Iterator[_Named]:
        """The roles that a line names, itself or through another; ``passed``: types on the way."""
        if at.trusted_as and not at.at:
            yield from self._trusting(at, line)
            return
        found = list(_texts(at.at, line)) if at.at else []
        for text, ref in found:
            find = self._names.profile if at.form == "profile" else self._names.role
            arn = find(text, line)
            if not arn:
                yield _unreadable(at, line, ref)
            elif at.form == "profile":
                yield from self._in_profile(arn, line, ref)
            else:
                yield _Named(arn, _carries(line, arn, at.kind, (ref,)))
        if not found and at.through and at.through.type not in passed:
            yield from self._through(at, at.through, line, (*passed, at.through.type))

    def _trusting(self, at: RoleAt, line: Item) -> Iterator[_Named]:
        """Roles that the line does not name, but whose trust policies name it."""
        for role in self._clusters.get((line.id, at.trusted_as), {}):
            text = f"{role} trusts {line.id}."
            step = Step("trust policy", role, "pass", text, (Ref.to(line, "/calls"),))
            yield _Named(role, Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,)))

    def _in_profile(self, profile: str, line: Item, ref: Ref) -> Iterator[_Named]:
        held = self._names.profiles.get(profile)
        if not held:
            missing = None if held is not None else "iam:instance-profile"
            yield _Named("", _without_role(line, profile, missing, ref), profile, profile)
        for role, place in held or ():
            name = profile.rpartition("/")[2]
            text = f"{_said(line)} carries {name}, which holds {role}."
            step = Step("instance profile", line.id, "pass", text, (ref, place))
            answer = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
            yield _Named(role, answer, profile, profile)

    def _through(
        self, at: RoleAt, through: Through, line: Item, passed: tuple[str, ...]
    ) -> Iterator[_Named]:
        """The role that another item names, which the line names."""
        for name, version, ref in _pointers(through, line):
            found = self._line(through, name, line)
            told = _of_version(found, version) if found and through.version else found
            if told is None:
                via = found.id if found else name
                yield _Named("", _without_role(line, via, through.type, ref), via=via)
                continue
            text = f"{_said(line)} is started from {told.id}."
            step = Step("definition", line.id, "pass", text, (ref,))
            begins = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
            row = workload_types()[through.type]
            for other in (one for one in row.roles if one.kind == at.kind):
                for one in self._named(other, told, passed):
                    carries = all_of((begins, one.carries))
                    yield one._replace(carries=carries, via=one.via or told.id)

    def _line(self, through: Through, name: str, line: Item) -> Item | None:
        key = (through.type, through.match)
        if key not in self._lines:
            self._lines[key] = {
                (one.account_id, one.region, text): one
                for one in self._snapshot.items(through.type)
                for text in _matching(through.match, one)
            }
        return self._lines[key].get((line.account_id, line.region, name))


def _matching(match: str, line: Item) -> Iterator[str]:
    if match == "id":
        yield line.id
        return
    yield from (text for text, _ in _texts(match, line) if text)


def _texts(at: str, line: Item) -> Iterator[tuple[str, Ref]]:
    """The texts at a path and where they stand; an empty one for what cannot be read."""
    for branch in at.split("|"):
        try:
            values = look(branch, line).values
        except ShapeError:
            values = (None,)
        found = [one if isinstance(one, str) else "" for one in values if one != ""]
        yield from ((text, Ref.to(line, pointer(branch))) for text in dict.fromkeys(found))
        if found:
            return


def _pointers(through: Through, line: Item) -> Iterator[tuple[str, str, Ref]]:
    """What a line names: name, version and place."""
    if not through.each:
        yield from ((text, "", ref) for text, ref in _texts(through.at, line))
        return
    try:
        objects = look(through.each, line).values
    except ShapeError:
        return
    ref = Ref.to(line, pointer(through.each))
    for one in objects:
        if isinstance(one, Mapping):
            name, version = (_member(one, at) for at in (through.at, through.version))
            if name:
                yield name, version or "$Default", ref


def _member(value: Mapping[str, Any], at: str) -> str:
    found = inside(at, value)
    return str(found[0]) if found and isinstance(found[0], str | int) else ""


_VERSIONS = "describe_launch_template_versions"


def _of_version(line: Item, version: str) -> Item | None:
    """A launch template with one of its versions; ``None`` if that one was not collected.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html
    """
    call = line.call(_VERSIONS)
    listed = call.value if call.known and isinstance(call.value, list) else []
    number = {"$Default": "DefaultVersionNumber", "$Latest": "LatestVersionNumber"}.get(version)
    wanted = str(line.item.get(number)) if number else version
    chosen = [
        one
        for one in listed
        if isinstance(one, Mapping)
        and (
            str(one.get("VersionNumber")) == wanted
            or (version == "$Default" and one.get("DefaultVersion") is True)
        )
    ]
    if not chosen:
        return None
    return replace(line, calls={**line.calls, _VERSIONS: replace(call, value=chosen)})


def _said(line: Item) -> str:
    return "The instance" if line.type == "ec2:instance" else line.id


def _unreadable(at: RoleAt, line: Item, ref: Ref) -> _Named:
    """What AWS's shape does not know may be a role all the same."""
    member = f"{line.type}.{at.at.rpartition('/')[2]}"
    text = f"What stands as the {at.kind} of {line.id} cannot be read."
    step = Step("role", line.id, "unknown", text, (ref,))
    gap = condition("not_collected", member, line.id)
    answer = Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,), steps=(step,))
    return _Named("", answer, via=member)


def _carries(line: Item, role: str, kind: str, refs: tuple[Ref, ...]) -> Answer:
    """The words of functions are those of the time when they alone had roles."""
    what = "The function" if line.type == "lambda:function" else line.id
    text = f"{what} runs with {role} ({kind})." if what == line.id else f"{what} runs with {role}."
    step = Step(kind.replace("-", " "), line.id, "pass", text, refs)
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))


def _without_role(line: Item, named: str, missing: str | None, ref: Ref) -> Answer:
    """Of what was read it is known that it names no role; of another nothing is."""
    if missing is None:
        text = f"{_said(line)} carries {named}, which holds no role."
        step = Step("instance profile", line.id, "fail", text, (ref,))
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))
    text = f"{named} was not collected, so the role that {line.id} carries is not known."
    step = Step("role", line.id, "unknown", text, (ref,))
    gap = condition("not_collected", missing, named)
    return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,), steps=(step,))
