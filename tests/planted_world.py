"""A synthetic account with a secret at every path that a declaration hides."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from aws_wire.declared import Role, is_list
from aws_wire.requests import Request
from aws_wire.responses import WireError
from aws_wire.synthetic import SyntheticWorld
from collector.declare import FollowUp, ListCall, ResourceType
from collector.parameters import subjects_of
from collector.recording import subject_name
from collector.services import TYPES
from planted_secrets import EVERYTHING, PACKINGS, WITH_A_FORMAT, Planted, as_line

_NAMING = ("name", "Name", "key", "Key", "ParameterKey", "OutputKey", "HttpHeaderName")

_LARGEST_PAIR = 4
"""Members of a structure that is a pair of name and value."""


@dataclass
class Plants:
    """What was planted where; each place gets the next secret.

    Attributes:
        placed: ``type path`` -> the secrets that stand there.
    """

    placed: dict[str, list[Planted]] = field(default_factory=dict)
    _any: Iterator[Planted] = field(default_factory=lambda: itertools.cycle(EVERYTHING))
    _by_format: Iterator[Planted] = field(default_factory=lambda: itertools.cycle(WITH_A_FORMAT))
    _packings: Iterator[str] = field(default_factory=lambda: itertools.cycle(PACKINGS))
    _documents: Iterator[Any] = field(default_factory=lambda: itertools.cycle(_DOCUMENTS))

    def text(self, where: str, scanned: bool) -> str:
        """A text that holds a secret.

        Args:
            where: it is put.
            scanned: the place is scanned, not hidden whole.
        """
        if not scanned:
            return PACKINGS[next(self._packings)](as_line(self._note(where, next(self._any))))
        return str(next(self._documents)(self._note(where, next(self._by_format))))

    def pair(self, where: str) -> Planted:
        """A secret with a name."""
        return self._note(where, next(self._any))

    def _note(self, where: str, planted: Planted) -> Planted:
        self.placed.setdefault(where, []).append(planted)
        return planted


def _template(planted: Planted) -> dict[str, Any]:
    variables = {planted.name or "SETTING": planted.value}
    function = {"Environment": {"Variables": variables}, "Role": {"Ref": "Role"}}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Fn": {"Type": "AWS::Lambda::Function", "Properties": function}},
    }


def _machine(planted: Planted) -> dict[str, Any]:
    arn = "arn:aws:states:::lambda:invoke"
    given = {planted.name or "setting": planted.value}
    return {
        "StartAt": "One",
        "States": {"One": {"Type": "Task", "Resource": arn, "Parameters": given, "End": True}},
    }


_DOCUMENTS = (
    lambda planted: json.dumps(_template(planted)),
    lambda planted: yaml.safe_dump(_template(planted)),
    lambda planted: json.dumps(_machine(planted), indent=2),
    lambda planted: planted.value,
    lambda planted: f"Note this: {planted.value}",
)


class PlantedWorld(SyntheticWorld):
    """A synthetic world whose answers hold secrets, and a recording of what it answered.

    Args:
        recording: a directory for :func:`collector.raw.import_raw`.
    """

    def __init__(self, recording: Path) -> None:
        super().__init__(items=1, elements=1)
        self.recording = recording
        self.plants = Plants()
        self._answers: dict[str, Mapping[str, Any] | WireError] = {}

    def answer(self, request: Request) -> Mapping[str, Any] | WireError:
        """The same answer to the same request."""
        asked = (
            f"{request.account} {request.region} {request.name} {sorted(request.params.items())}"
        )
        if asked not in self._answers:
            answer = super().answer(request)
            if isinstance(answer, Mapping):
                self._plant(request, dict(answer))
                self._record(request, answer)
            self._answers[asked] = answer
        return self._answers[asked]

    def _plant(self, request: Request, answer: dict[str, Any]) -> None:
        shape = request.operation.model.output_shape
        for role in self._roles(request):
            for path, scanned in _paths_of(role):
                where = f"{role.declared.id} {role.call.operation}:{path}"  # type: ignore[union-attr]
                put_at(answer, shape, steps_of(path), where, self.plants, scanned)

    def _record(self, request: Request, answer: Mapping[str, Any]) -> None:
        for role in self._roles(request):
            if role.call is None:
                continue
            subject = ""
            if isinstance(role.call, FollowUp) or role.declared.listed_for:
                subjects = subjects_of(role.call, _asked(role, request), "")
                subject = subjects[0] if subjects else ""
            elif sum(c.operation == role.call.operation for c in role.declared.lists) > 1:
                subject = ",".join(str(v) for v in role.call.params.values() if isinstance(v, str))
            ending = f".{subject_name(subject)}" if subject else ""
            place = self.recording / request.account / request.region
            place.mkdir(parents=True, exist_ok=True)
            text = json.dumps(answer, default=_written)
            (place / f"{request.name}{ending}.json").write_text(text)


def _asked(role: Role, request: Request) -> dict[str, Any]:
    params = role.call.params if role.call else {}
    return {name: request.params.get(name) for name in params}


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value.isoformat())


def hiding(declared: ResourceType) -> list[tuple[str, bool]]:
    """``(path, scanned)`` of what a type hides."""
    return [(p, False) for p in declared.redact] + [(p, True) for p in declared.scan]


def _paths_of(role: Role) -> Iterator[tuple[str, bool]]:
    """Paths in the whole answer to a call, with whether they are scanned."""
    call = role.call
    if call is None:
        return
    types = [role.declared]
    if isinstance(call, FollowUp) and call.discovers:
        types.append(TYPES[call.discovers])
    for declared in types:
        about_item = isinstance(call, ListCall) or declared is not role.declared
        for path, scanned in hiding(declared):
            operation, colon, inner = path.rpartition(":")
            if about_item and not colon:
                yield f"{call.result.removesuffix('[]')}[].{path}", scanned
            elif colon and operation == call.operation and declared is role.declared:
                yield _below(call, inner), scanned


def _below(call: FollowUp | ListCall | Any, inner: str) -> str:
    """A path in a kept value as a path in the answer: of a batch, each item keeps its element."""
    if not is_list(call):
        return str(inner)
    result = call.result.removesuffix("[]")
    return f"{result}{inner}" if inner.startswith("[]") else f"{result}[].{inner}"


def steps_of(path: str) -> list[str]:
    """``A.B[].C`` -> ``["A", "B", "[]", "C"]``."""
    return [step for step in path.replace("[]", ".[]").split(".") if step]


def put_at(
    value: Any, shape: Any, steps: list[str], where: str, plants: Plants, scanned: bool
) -> Any:
    """Put secrets at a path into a value of a shape; the value."""
    if steps:
        return _below_step(value, shape, steps, where, plants, scanned)
    match shape.type_name:
        case "string":
            return plants.text(where, scanned)
        case "blob":
            return plants.text(where, scanned).encode()
        case "map":
            made = _below_step(value or {}, shape, ["*"], where, plants, scanned)
        case "list":
            made = _below_step(value or [], shape, ["[]"], where, plants, scanned)
        case "structure":
            made = value or {}
            for name, inner in shape.members.items():
                if inner.type_name in ("string", "map", "blob") and not getattr(
                    inner, "enum", None
                ):
                    made[name] = put_at(made.get(name), inner, [], where, plants, scanned)
        case _:
            made = value
    return made


def _below_step(
    value: Any, shape: Any, steps: list[str], where: str, plants: Plants, scanned: bool
) -> Any:
    step, *rest = steps
    if step == "[]":
        elements = value or [None]
        return [put_at(e, shape.member, rest, where, plants, scanned) for e in elements]
    made = value if isinstance(value, dict) else {}
    if step == "*" or shape.type_name == "map":
        if rest or shape.value.type_name != "string":
            key = next(iter(made), "planted") if step == "*" else step
            made[key] = put_at(made.get(key), shape.value, rest, where, plants, scanned)
            return made
        for _ in range(3):
            planted = plants.pair(where)
            made[planted.name or "SETTING"] = planted.value
        return made
    small = len(shape.members) <= _LARGEST_PAIR
    naming = next((n for n in _NAMING if small and n in shape.members and n != step), "")
    if naming and not rest and shape.members[step].type_name == "string":
        planted = plants.pair(where)
        made[naming], made[step] = planted.name or "SETTING", planted.value
        return made
    made[step] = put_at(made.get(step), shape.members[step], rest, where, plants, scanned)
    return made
