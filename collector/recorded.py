"""Answers from a recording. The shapes of botocore's models turn the AWS CLI's forms into those
of live answers.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.utils import parse_timestamp

from collector.asking import Ask
from collector.declare import After, FollowUp, OnePage, Start, Token
from collector.facts import as_fact
from collector.outcome import CallError, Outcome, outcome_of_error
from collector.paths import value_at
from collector.recording import Recording, Source, UnreadableError, digest_name, is_deep
from collector.snapshot.ledger import Status


class RecordedTransport:
    """Answers from a :class:`Recording`. What has no file was not attempted."""

    batches = False

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._used: set[int] = set()
        self.unreadable: dict[str, str] = {}
        """Files that hold no answer of their operation, with the reason, by name."""
        self.taken_as_all: set[str] = set()
        """Lists that were recorded without saying for which value of a parameter."""

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """See :class:`collector.asking.Transport`."""
        found = self._files(ask)
        if not found:
            raise CallError(Outcome(Status.NOT_ATTEMPTED))
        for source in found:
            if id(source) in self._used and ask.subjects[-1:] == ("",) and not _is_batch(ask):
                continue
            self._used.add(id(source))
            yield self._answer(ask, source)
        partial = self._recording.partial.get((ask.account_id, ask.client, ask.call.operation))
        if partial:
            raise CallError(Outcome(Status.ERROR, "Incomplete", partial))

    def _answer(self, ask: Ask, source: Source) -> Mapping[str, Any]:
        try:
            return _answer(ask, source)
        except CallError as problem:
            if problem.outcome.code in _UNUSABLE:
                self.unreadable.setdefault(source.name, problem.outcome.message)
            raise

    def _files(self, ask: Ask) -> list[Source]:
        """The files of a call. A regional one has its own place; a global one may lie anywhere,
        and a regional one may lie under ``global`` where the account has one region only.

        A list that takes several values of a parameter may be recorded once for all of them,
        without a subject: its file then answers the first and has nothing new for the others.
        """
        for subject in ask.subjects or ("",):
            held = self._held(ask, subject)
            here = [source for place, source in held if ask.place in ("global", place)]
            if not here and len(self._recording.places.get(ask.account_id, ())) == 1:
                here = [source for place, source in held if place == "global"]
            if here:
                if not subject and len(ask.subjects) > 1 and not _is_batch(ask):
                    self.taken_as_all.add(f"{ask.client}.{ask.call.operation}")
                return here
        return []

    def _held(self, ask: Ask, subject: str) -> list[tuple[str, Source]]:
        names = (subject, digest_name(subject), *_short(subject)) if subject else ("",)
        for name in names:
            key = (ask.account_id, ask.client, ask.call.operation, name)
            if held := self._recording.answers.get(key):
                return held
        return []

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        """Nothing can be started in a recording: the answer is what it is."""
        if start.first and not again:
            return {}
        found = self._files(ask)
        raise CallError(_failure(ask, found[0]) if found else Outcome(Status.NOT_ATTEMPTED))

    def unused(self) -> list[str]:
        """Names of the answers that no call asked for."""
        return [source.name for source in self._recording.sources() if id(source) not in self._used]


def _is_batch(ask: Ask) -> bool:
    return isinstance(ask.call, FollowUp) and ask.call.batch is not None


def _short(subject: str) -> tuple[str, ...]:
    """The id or name at the end of an ARN or a queue's URL: a file may bear it instead."""
    if not subject.startswith(("arn:", "https://")):
        return ()
    resource = subject.split(":", 5)[-1]
    return tuple(dict.fromkeys((resource, resource.rpartition("/")[2], subject.rpartition(":")[2])))


_UNUSABLE = frozenset({"NotJSON", "UnknownShape", "Incomplete"})


def _failure(ask: Ask, source: Source) -> Outcome:
    try:
        _answer(ask, source)
    except CallError as problem:
        return problem.outcome
    return Outcome(Status.ERROR, "NotReady")


def _answer(ask: Ask, source: Source) -> Mapping[str, Any]:
    try:
        held = source.read()
    except UnreadableError as problem:
        raise CallError(Outcome(Status.ERROR, "NotJSON", str(problem))) from None
    if not isinstance(held, dict):
        raise CallError(Outcome(Status.ERROR, "UnknownShape", f"{source.name} is not an object"))
    if isinstance(held.get("Error"), dict) and "Code" in held["Error"]:
        outcome = outcome_of_error(held, ask.call.not_supported)
        raise CallError(as_fact(ask, outcome, pages=0))
    shape = _output_shape(ask.client, ask.call.operation)
    if held and shape is not None and not set(held) & {*shape.members, "ResponseMetadata"}:
        raise CallError(
            Outcome(
                Status.ERROR,
                "UnknownShape",
                f"{source.name} has none of the members of {ask.call.operation}'s answer",
            )
        )
    answer: dict[str, Any] = _live_form(held, shape)
    if not isinstance(ask.call.paging, OnePage):
        _refuse_cut(ask, answer, source)
    return answer


def _refuse_cut(ask: Ask, answer: Mapping[str, Any], source: Source) -> None:
    """A recording that ends in a token is a first page and no more (``--max-items``)."""
    paging = ask.call.paging
    if isinstance(paging, Token):
        tokens = [paging.response]
    elif isinstance(paging, After):
        tokens = [paging.more]
    else:
        tokens = ["NextToken", "nextToken", "NextMarker", "Marker", "ContinuationToken"]
    if any(value_at(answer, token) for token in tokens):
        raise CallError(
            Outcome(
                Status.ERROR,
                "Incomplete",
                f"{source.name} ends in a token for more; record it without --max-items",
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
def _session() -> Any:
    return botocore.session.Session()


@cache
def _service_model(client: str) -> Any:
    return _session().get_service_model(client)


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
        found = json.loads(unquote(value))
    except (ValueError, RecursionError):
        return value
    return value if is_deep(found) else found
