"""Answers from files, as the AWS CLI prints them.

``<account>/<region|global>/<service>.<operation>[.<id>].json``; ``<id>`` is percent-encoded. The
shapes of botocore's models turn the CLI's forms into those of live answers.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.utils import parse_timestamp

from collector.declare import OnePage, Start, Token
from collector.outcome import CallError, Outcome, outcome_of_error
from collector.paths import value_at
from collector.runner import Ask
from collector.services import operations
from collector.snapshot.ledger import Status

_ACCOUNT = re.compile(r"\d{12}")


@dataclass
class Recording:
    """The files of a directory, by account, client, operation and subject.

    Attributes:
        answers: ``(account, client, operation, subject)`` -> ``(place, path)`` of each file.
        places: the regions of each account that have a directory.
        ignored: sentences about what is not used.
    """

    answers: dict[tuple[str, str, str, str], list[tuple[str, Path]]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, root: Path) -> Recording:
        """Find the files; nothing is opened yet.

        Raises:
            OSError: the directory cannot be listed.
        """
        recording = cls()
        declared = operations()
        for account in sorted(root.iterdir()):
            if account.name.startswith("."):
                continue
            if not (account.is_dir() and _ACCOUNT.fullmatch(account.name)):
                recording.ignored.append(f"{account.name} is not an account's directory")
                continue
            regions = recording.places.setdefault(account.name, set())
            for place in sorted(path for path in account.iterdir() if path.is_dir()):
                if place.name != "global":
                    regions.add(place.name)
                for path in sorted(place.glob("*.json")):
                    recording._add(account.name, place.name, path, declared)
        return recording

    def _add(
        self, account: str, place: str, path: Path, declared: frozenset[tuple[str, str]]
    ) -> None:
        client, _, rest = path.name.removesuffix(".json").partition(".")
        operation, _, subject = rest.partition(".")
        operation = operation.replace("-", "_")
        if (client, operation) not in declared:
            self.ignored.append(f"{account}/{place}/{path.name} is of no operation that is used")
            return
        key = (account, client, operation, unquote(subject))
        self.answers.setdefault(key, []).append((place, path))

    def first_answer(self, account: str, client: str, operation: str) -> Mapping[str, Any]:
        """Any readable answer of an operation; empty if there is none."""
        for key, files in self.answers.items():
            if key[:3] == (account, client, operation):
                for _, path in files:
                    try:
                        held = json.loads(path.read_bytes())
                    except (OSError, ValueError):
                        continue
                    if isinstance(held, dict):
                        return held
        return {}


class RecordedTransport:
    """Answers from a :class:`Recording`. What has no file was not attempted."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._used: set[Path] = set()
        self.taken_as_all: set[str] = set()
        """Lists that were recorded without saying for which value of a parameter."""

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """See :class:`collector.runner.Transport`."""
        found = self._files(ask)
        if not found:
            raise CallError(Outcome(Status.NOT_ATTEMPTED))
        for path in found:
            if path in self._used and ask.subjects[-1:] == ("",):
                continue
            self._used.add(path)
            yield _answer(ask, path)

    def _files(self, ask: Ask) -> list[Path]:
        """The files of a call. A regional one has its own place; a global one may lie anywhere,
        and a regional one may lie under ``global`` where the account has one region only.

        A list that takes several values of a parameter may be recorded once for all of them,
        without a subject: its file then answers the first and has nothing new for the others.
        """
        for subject in ask.subjects or ("",):
            key = (ask.account_id, ask.client, ask.call.operation, subject)
            held = self._recording.answers.get(key, [])
            here = [path for place, path in held if ask.place in ("global", place)]
            if not here and len(self._recording.places.get(ask.account_id, ())) == 1:
                here = [path for place, path in held if place == "global"]
            if here:
                if not subject and len(ask.subjects) > 1:
                    self.taken_as_all.add(f"{ask.client}.{ask.call.operation}")
                return here
        return []

    def start(self, ask: Ask, start: Start) -> None:
        """Nothing can be started in a recording: the answer is what it is."""
        del start
        pages = self._files(ask)
        raise CallError(_failure(ask, pages[0]) if pages else Outcome(Status.NOT_ATTEMPTED))

    def unused(self) -> list[Path]:
        """Files that no call asked for."""
        every = {path for files in self._recording.answers.values() for _, path in files}
        return sorted(every - self._used)


def _failure(ask: Ask, path: Path) -> Outcome:
    try:
        _answer(ask, path)
    except CallError as problem:
        return problem.outcome
    return Outcome(Status.ERROR, "NotReady")


def _answer(ask: Ask, path: Path) -> Mapping[str, Any]:
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise CallError(
            Outcome(Status.ERROR, "NotJSON", f"{path.name} cannot be read as JSON ({problem})")
        ) from None
    if not isinstance(held, dict):
        raise CallError(Outcome(Status.ERROR, "UnknownShape", f"{path.name} is not an object"))
    if "Error" in held and "Code" in (held["Error"] or {}):
        raise CallError(outcome_of_error(held, ask.call.not_supported))
    shape = _output_shape(ask.client, ask.call.operation)
    if held and shape is not None and not set(held) & {*shape.members, "ResponseMetadata"}:
        raise CallError(
            Outcome(
                Status.ERROR,
                "UnknownShape",
                f"{path.name} has none of the members of {ask.call.operation}'s answer",
            )
        )
    answer: dict[str, Any] = _live_form(held, shape)
    if not isinstance(ask.call.paging, OnePage):
        _refuse_cut(ask, answer, path)
    return answer


def _refuse_cut(ask: Ask, answer: Mapping[str, Any], path: Path) -> None:
    """A recording that ends in a token is a first page and no more (``--max-items``)."""
    paging = ask.call.paging
    if isinstance(paging, Token):
        tokens = [paging.response]
    else:
        tokens = ["NextToken", "nextToken", "NextMarker", "Marker", "ContinuationToken"]
    if any(value_at(answer, token) for token in tokens):
        raise CallError(
            Outcome(
                Status.ERROR,
                "Incomplete",
                f"{path.name} ends in a token for more; record it without --max-items",
            )
        )


@cache
def _output_shape(client: str, operation: str) -> Any:
    model = _service_model(client)
    for name in model.operation_names:
        if xform_name(name) == operation:
            return model.operation_model(name).output_shape
    return None


@cache
def _service_model(client: str) -> Any:
    return botocore.session.Session().get_service_model(client)


def _live_form(value: Any, shape: Any) -> Any:
    """What botocore would have given: times as times, blobs as bytes, documents decoded."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {name: _live_form(inner, members.get(name)) for name, inner in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_live_form(inner, shape.member) for inner in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _live_form(inner, shape.value) for name, inner in value.items()}
    if shape.type_name == "timestamp":
        return _moment(value)
    if shape.type_name == "blob" and isinstance(value, str):
        return _bytes(value)
    if shape.name == "policyDocumentType" and isinstance(value, str):
        return _document(value)
    return value


def _moment(value: Any) -> Any:
    try:
        moment: dt.datetime = parse_timestamp(value)
    except (ValueError, TypeError, OverflowError):
        return value
    return moment


def _bytes(value: str) -> bytes:
    """The CLI prints blobs as base64; hand-written fixtures may hold the text itself."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value.encode("utf-8", "surrogatepass")


def _document(value: str) -> Any:
    """botocore decodes IAM's percent-encoded documents; see botocore/handlers.py."""
    try:
        return json.loads(unquote(value))
    except ValueError:
        return value
