"""Answers and errors on the wire. botocore's output shapes validate what is recorded."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from botocore.utils import parse_timestamp

from aws_wire import cbor
from aws_wire.models import Operation, service

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}


class ShapeError(ValueError):
    """An answer has a member that its shape does not know, or a value of another kind."""


@dataclass(frozen=True, slots=True)
class WireError:
    """An error that a service answers with.

    Attributes:
        code: as AWS writes it.
        message: AWS's words.
        status: of HTTP; 0 takes the protocol's usual one.
    """

    code: str
    message: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def response(operation: Operation, answer: Mapping[str, Any]) -> Response:
    """An answer of an operation.

    Raises:
        ShapeError: it does not fit the operation's output shape.
    """
    shape = operation.model.output_shape
    held = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    if shape is None and held:
        raise ShapeError(f"{operation.wire_name} answers nothing, not {sorted(held)}")
    match operation.protocol:
        case "json":
            value = _json(shape, held, operation.wire_name) if shape is not None else {}
            return Response(
                200, json.dumps(value).encode(), {"Content-Type": _json_type(operation)}
            )
        case "smithy-rpc-v2-cbor":
            value = _cbor(shape, held, operation.wire_name) if shape is not None else {}
            return Response(200, cbor.encoded(value), _CBOR_HEADERS)
        case "query":
            return Response(200, _query(operation, shape, held), _XML_HEADERS)
        case "ec2":
            inner = (
                _xml_members(shape, held, operation.wire_name, True) if shape is not None else ""
            )
            name = f"{operation.wire_name}Response"
            return Response(
                200,
                f"<{name}{_namespace(operation)}><requestId>{REQUEST_ID}</requestId>"
                f"{inner}</{name}>".encode(),
                _XML_HEADERS,
            )
    return _rest(operation, shape, held)


REQUEST_ID = "3f1c0c5e-0000-4000-8000-5f0d1d1a0001"
_XML_HEADERS = {"Content-Type": "text/xml"}
_CBOR_HEADERS = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}


def _json_type(operation: Operation) -> str:
    version = operation.model.service_model.metadata.get("jsonVersion", "1.0")
    return f"application/x-amz-json-{version}"


def _namespace(operation: Operation) -> str:
    held = operation.model.service_model.metadata
    uri = held.get("xmlNamespace") or f"http://ec2.amazonaws.com/doc/{held['apiVersion']}/"
    return f" xmlns={quoteattr(uri if isinstance(uri, str) else uri['uri'])}"


# --- errors ------------------------------------------------------------------------------------


def error_response(operation: Operation, error: WireError) -> Response:
    """An error in the words of the operation's protocol."""
    code, message = error.code, error.message
    body = {"__type": code, "message": message}
    match operation.protocol:
        case "json":
            headers = {"Content-Type": _json_type(operation), "x-amzn-requestid": REQUEST_ID}
            return Response(error.status or 400, json.dumps(body).encode(), headers)
        case "rest-json":
            headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
            return Response(error.status or 400, json.dumps({"message": message}).encode(), headers)
        case "smithy-rpc-v2-cbor":
            return Response(error.status or 400, cbor.encoded(body), _CBOR_HEADERS)
    words = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if operation.protocol == "ec2":
        text = (
            f"<Response><Errors><Error>{words}</Error></Errors>"
            f"<RequestID>{REQUEST_ID}</RequestID></Response>"
        )
    elif operation.client == "s3":
        text = f"<Error>{words}<RequestId>{REQUEST_ID}</RequestId><HostId>aaaa</HostId></Error>"
    else:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{words}</Error>"
            f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
    return Response(error.status or 400, text.encode(), _XML_HEADERS)


# --- values ------------------------------------------------------------------------------------


def _known(shape: Any, value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ShapeError(f"{where} is a {type(value).__name__}, not a structure")
    unknown = set(value) - set(shape.members)
    if unknown:
        raise ShapeError(f"{where}.{min(unknown)} is not in {shape.name}")
    return value


def _elements(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ShapeError(f"{where} is a {type(value).__name__}, not a list")
    return list(value)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ShapeError(f"{where} is a {type(value).__name__}, not a map")
    return value


def _number(shape: Any, value: Any, where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, _NUMBERS[shape.type_name]):
        raise ShapeError(f"{where} is {value!r}, not of type {shape.type_name}")
    return value


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ShapeError(f"{where} is {value!r}, not a boolean")
    return value


def _text(shape: Any, value: Any, where: str) -> str:
    if shape.name == "policyDocumentType" and isinstance(value, Mapping):
        return quote(json.dumps(value), safe="")
    if not isinstance(value, str):
        raise ShapeError(f"{where} is a {type(value).__name__}, not a string")
    return value


def _base64(value: Any, where: str) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if not isinstance(value, str):
        raise ShapeError(f"{where} is a {type(value).__name__}, not a blob in base64")
    return value


@cache
def _parsed(value: Any) -> dt.datetime:
    moment: dt.datetime = parse_timestamp(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _moment(value: Any, where: str) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    try:
        return _parsed(value)
    except (ValueError, TypeError, OverflowError) as problem:
        raise ShapeError(f"{where} is {value!r}, not a time") from problem


def _time_text(shape: Any, value: Any, usual: str, where: str) -> Any:
    moment = _moment(value, where)
    match shape.serialization.get("timestampFormat", usual).lower():
        case "iso8601":
            return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "rfc822":
            return email.utils.format_datetime(moment.astimezone(dt.UTC), usegmt=True)
    seconds = moment.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


# --- JSON and CBOR -----------------------------------------------------------------------------


def _json(shape: Any, value: Any, where: str) -> Any:
    if value is None:
        return None
    match shape.type_name:
        case "structure":
            if shape.is_document_type:
                return value
            members = shape.members
            return {
                members[name].serialization.get("name", name): _json(
                    members[name], inner, f"{where}.{name}"
                )
                for name, inner in _known(shape, value, where).items()
            }
        case "list":
            return [_json(shape.member, v, f"{where}[]") for v in _elements(value, where)]
        case "map":
            return {
                key: _json(shape.value, inner, f"{where}.{key}")
                for key, inner in _mapping(value, where).items()
            }
        case "timestamp":
            return _time_text(shape, value, "unixtimestamp", where)
        case "blob":
            return _base64(value, where)
        case "boolean":
            return _boolean(value, where)
        case "string":
            return _text(shape, value, where)
    return _number(shape, value, where)


def _cbor(shape: Any, value: Any, where: str) -> Any:
    match shape.type_name:
        case "structure":
            return {
                name: _cbor(shape.members[name], inner, f"{where}.{name}")
                for name, inner in _known(shape, value, where).items()
                if inner is not None
            }
        case "list":
            return [_cbor(shape.member, v, f"{where}[]") for v in _elements(value, where)]
        case "map":
            return {
                key: _cbor(shape.value, inner, f"{where}.{key}")
                for key, inner in _mapping(value, where).items()
            }
        case "timestamp":
            return _moment(value, where)
        case "blob":
            return value if isinstance(value, bytes) else base64.b64decode(value)
        case "float" | "double":
            return float(_number(shape, value, where))
    return _json(shape, value, where)


# --- XML ---------------------------------------------------------------------------------------


def _query(operation: Operation, shape: Any, held: Mapping[str, Any]) -> bytes:
    name = operation.wire_name
    inner = _xml_members(shape, held, name, False) if shape is not None else ""
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    if wrapper:
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    return (
        f"<{name}Response{_namespace(operation)}>{inner}<ResponseMetadata>"
        f"<RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{name}Response>"
    ).encode()


def _xml_members(shape: Any, value: Any, where: str, ec2: bool) -> str:
    pieces = []
    for name, inner in _known(shape, value, where).items():
        member = shape.members[name]
        if inner is None or member.serialization.get("location"):
            continue
        if member.serialization.get("xmlAttribute"):
            continue
        written = member.serialization.get("name", name)
        pieces.append(_xml(member, inner, written, f"{where}.{name}", ec2))
    return "".join(pieces)


def _attributes(shape: Any, value: Mapping[str, Any]) -> str:
    found = ""
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and name in value:
            written = member.serialization.get("name", name)
            if written.startswith("xsi:"):
                found += f' xmlns:xsi="{_XSI}"'
            found += f" {written}={quoteattr(str(value[name]))}"
    return found


def _xml(shape: Any, value: Any, name: str, where: str, ec2: bool) -> str:
    match shape.type_name:
        case "structure":
            inner = _xml_members(shape, value, where, ec2)
            return f"<{name}{_attributes(shape, value)}>{inner}</{name}>"
        case "list":
            return _xml_list(shape, _elements(value, where), name, where, ec2)
        case "map":
            return _xml_map(shape, _mapping(value, where), name, where, ec2)
    return f"<{name}>{escape(_xml_scalar(shape, value, where))}</{name}>"


def _xml_list(shape: Any, values: list[Any], name: str, where: str, ec2: bool) -> str:
    if shape.serialization.get("flattened"):
        written = shape.member.serialization.get("name", name)
        written = name if shape.serialization.get("name") else written
        return "".join(_xml(shape.member, v, written, f"{where}[]", ec2) for v in values)
    written = shape.member.serialization.get("name", "item" if ec2 else "member")
    inner = "".join(_xml(shape.member, v, written, f"{where}[]", ec2) for v in values)
    return f"<{name}>{inner}</{name}>"


def _xml_map(shape: Any, values: Mapping[str, Any], name: str, where: str, ec2: bool) -> str:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    flat = shape.serialization.get("flattened")
    entry = name if flat else "entry"
    inner = "".join(
        f"<{entry}>{_xml(shape.key, key, key_name, where, ec2)}"
        f"{_xml(shape.value, held, value_name, f'{where}.{key}', ec2)}</{entry}>"
        for key, held in values.items()
    )
    return inner if flat else f"<{name}>{inner}</{name}>"


def _xml_scalar(shape: Any, value: Any, where: str) -> str:
    match shape.type_name:
        case "timestamp":
            return str(_time_text(shape, value, "iso8601", where))
        case "blob":
            return _base64(value, where)
        case "boolean":
            return "true" if _boolean(value, where) else "false"
        case "string":
            return _text(shape, value, where)
    return str(_number(shape, value, where))


# --- REST --------------------------------------------------------------------------------------


def _rest(operation: Operation, shape: Any, held: Mapping[str, Any]) -> Response:
    is_json = operation.protocol == "rest-json"
    headers = {"Content-Type": "application/json" if is_json else "application/xml"}
    if shape is None:
        return Response(200, b"", headers)
    body_members = dict(_known(shape, held, operation.wire_name))
    for name, member in shape.members.items():
        where = member.serialization.get("location")
        if where and name in body_members:
            value = body_members.pop(name)
            _put_into_headers(headers, member, name, value, where)
    payload = shape.serialization.get("payload")
    if payload:
        return Response(200, _payload(operation, shape, payload, body_members), headers)
    name = operation.wire_name
    if is_json:
        return Response(200, json.dumps(_json(shape, body_members, name)).encode(), headers)
    return Response(200, _rest_xml(operation, shape, body_members), headers)


def _put_into_headers(
    headers: dict[str, str], member: Any, name: str, value: Any, where: str
) -> None:
    written = member.serialization.get("name", name)
    if where == "headers":
        headers |= {f"{written}{key}": str(inner) for key, inner in value.items()}
    elif where == "header":
        is_time = member.type_name == "timestamp"
        headers[written] = str(
            _time_text(member, value, "rfc822", name)
            if is_time
            else str(value).lower()
            if isinstance(value, bool)
            else value
        )


def _payload(operation: Operation, shape: Any, payload: str, held: Mapping[str, Any]) -> bytes:
    others = set(held) - {payload}
    if others:
        raise ShapeError(f"{operation.wire_name}.{min(others)} is not in the payload {payload}")
    member, value = shape.members[payload], held.get(payload)
    where = f"{operation.wire_name}.{payload}"
    if value is None:
        return b""
    if member.type_name == "blob":
        return value if isinstance(value, bytes) else base64.b64decode(value)
    if member.type_name == "string":
        return _text(member, value, where).encode()
    if operation.protocol == "rest-json":
        return json.dumps(_json(member, value, where)).encode()
    written = member.serialization.get("name", member.name)
    return _xml(member, value, written, where, False).encode()


def _rest_xml(operation: Operation, shape: Any, held: Mapping[str, Any]) -> bytes:
    name = shape.serialization.get("name", f"{operation.wire_name}Result")
    if operation.client == "s3" and operation.name == "get_bucket_location":
        # The one answer that is the element itself; botocore's handler reads it so.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
        where = held.get("LocationConstraint") or ""
        return f"<LocationConstraint>{escape(where)}</LocationConstraint>".encode()
    return f"<{name}>{_xml_members(shape, held, operation.wire_name, False)}</{name}>".encode()


def is_valid(client: str, method: str, answer: Mapping[str, Any]) -> str:
    """Why an answer does not fit its operation; empty when it does."""
    try:
        response(service(client).method(method), answer)
    except ShapeError as problem:
        return str(problem)
    return ""
