"""Whether what holds nothing is an answer that holds nothing, or no answer.

botocore takes what it does not know for nothing at all: an answer in another shape, a log-in page
of a proxy where XML is expected, or a body of no bytes read as an empty list. Of an account with
public buckets it would be said that it has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from botocore.parsers import BaseCBORParser, ResponseParserError


class UnknownShapeError(Exception):
    """An answer that says it went well has nothing that the operation answers."""


class TruncatedAnswerError(Exception):
    """The connection ended before the answer did."""


_ENVELOPE = frozenset({"ResponseMetadata", "requestId", "RequestId"})


def refuse_unknown_shape(
    http_response: Any = None, parsed: Mapping[str, Any] | None = None, model: Any = None, **_: Any
) -> None:
    """A botocore event handler (``after-call``).

    Raises:
        UnknownShapeError: the body has members, and none that the output shape knows; it has
            not a byte where a list or XML is answered; or it is to be a policy and is no JSON.
    """
    if not 200 <= http_response.status_code < 300:
        return
    _refuse_no_policy(parsed or {}, model)
    shape = _body_shape(model)
    if shape is None or _held(shape, parsed or {}, model):
        return
    body = http_response.content
    if not body:
        if _has_always_a_body(shape, model):
            raise UnknownShapeError(f"the answer to {model.name} has no body")
        return
    known = {member.serialization.get("name", name) for name, member in shape.members.items()}
    known |= {
        member.member.serialization["name"]
        for member in shape.members.values()
        if member.type_name == "list" and "name" in member.member.serialization
    }
    found = _members(body, model)
    if found and not found & known:
        raise UnknownShapeError(f"the answer to {model.name} has none of its members")


def _refuse_no_policy(parsed: Mapping[str, Any], model: Any) -> None:
    """Where the whole answer is one policy's text, a proxy's page is a text too."""
    shape = model.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload != "Policy" or shape.members[payload].type_name != "string":
        return
    try:
        policy = json.loads(parsed.get(payload) or "")
    except (ValueError, RecursionError, TypeError):
        policy = None
    if not isinstance(policy, dict):
        raise UnknownShapeError(f"the answer to {model.name} is no policy")


def _has_always_a_body(shape: Any, model: Any) -> bool:
    """A list is at least an empty one, and XML has at least its root."""
    if str(model.service_model.resolved_protocol) in ("query", "ec2", "rest-xml"):
        return True
    return any(member.type_name == "list" for member in shape.members.values())


def refuse_truncated(
    operation_model: Any = None, response_dict: Mapping[str, Any] | None = None, **_: Any
) -> None:
    """A botocore event handler (``before-parse``): botocore counts the bytes of streams alone, and
    half a bucket policy is a text too.

    Raises:
        TruncatedAnswerError: there are fewer bytes than the answer's head says.
    """
    answer = response_dict or {}
    body, headers = answer.get("body"), answer.get("headers") or {}
    length = str(headers.get("content-length") or "")
    if not isinstance(body, bytes) or not length.isdecimal() or "content-encoding" in headers:
        return
    if operation_model.http.get("method") != "HEAD" and len(body) < int(length):
        raise TruncatedAnswerError(
            f"the answer to {operation_model.name} ends after {len(body)} of {length} bytes"
        )


def _body_shape(model: Any) -> Any:
    """The structure that the body holds; ``None`` where any bytes are an answer."""
    shape = model.output_shape
    if shape is None:
        return None
    payload = shape.serialization.get("payload")
    if payload:
        inner = shape.members[payload]
        return inner if inner.type_name == "structure" and not inner.is_document_type else None
    in_body = [m for m in shape.members.values() if not m.serialization.get("location")]
    return shape if in_body else None


def _held(shape: Any, parsed: Mapping[str, Any], model: Any) -> bool:
    payload = model.output_shape.serialization.get("payload")
    held = (parsed.get(payload) or {}) if payload else parsed
    return any(
        held.get(name) is not None
        for name, member in shape.members.items()
        if not member.serialization.get("location")
    )


def _members(body: bytes, model: Any) -> set[str]:
    """The names of what a body holds at its top; empty where it cannot be told."""
    protocol = str(model.service_model.resolved_protocol)
    try:
        if "json" in protocol:
            held = json.loads(body)
            return set(held) if isinstance(held, dict) else {"(no object)"}
        if protocol == "smithy-rpc-v2-cbor":
            return _members_of_cbor(body)
        if protocol not in ("query", "ec2", "rest-xml"):
            return set()
        root = ElementTree.fromstring(body)  # noqa: S314 - botocore has parsed it already
    except (ValueError, RecursionError, ElementTree.ParseError, ResponseParserError):
        return set()
    if root.tag.lower() == "html":
        return {"html"}
    wrapper = model.output_shape.serialization.get("resultWrapper")
    for child in root if wrapper else ():
        if _local(child.tag) == wrapper:
            root = child
            break
    return {_local(child.tag) for child in root} - _ENVELOPE


def _members_of_cbor(body: bytes) -> set[str]:
    parser = BaseCBORParser()
    held = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    return set(held) if isinstance(held, dict) else {"(no map)"}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
