"""A request as it came over the wire, understood through botocore's input shapes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from aws_wire import cbor
from aws_wire.models import Directory, Operation

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d+)/([^/]+)/([^/]+)/aws4_request")
_KEY = re.compile(r"A[KS]IA(\d{12})")


class NotUnderstoodError(Exception):
    """A request that no service of this server would take; the message says why."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A request's bytes.

    Attributes:
        headers: lower-case names.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        account: whose credentials signed it: see :func:`access_key_of`.
        region: that the signature names.
        access_key: the id of the key.
        operation: of which service.
        params: the parameters as boto3 takes them.
    """

    account: str
    region: str
    access_key: str
    operation: Operation
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> str:
        """boto3's client name."""
        return self.operation.client

    @property
    def name(self) -> str:
        """``client.operation``."""
        return f"{self.operation.client}.{self.operation.name}"


def access_key_of(account: str, temporary: bool = False, serial: int = 0) -> str:
    """An access key id in which the account can be read: no state is needed to know it."""
    return f"{'ASIA' if temporary else 'AKIA'}{account}{serial % 10000:04d}"


def understood(raw: Raw, directory: Directory) -> Request:
    """Which operation of whose account is asked for, with its parameters.

    Raises:
        NotUnderstoodError: it is not signed, or is no operation of these services.
    """
    scope = _SCOPE.search(raw.headers.get("authorization", ""))
    if scope is None:
        raise NotUnderstoodError(f"{raw.method} {raw.url} is not signed with SigV4")
    key, _, region, signing_name = scope.groups()
    account = _KEY.match(key)
    form: dict[str, str] = {}
    if raw.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(raw.body.decode(), keep_blank_values=True))
    target = raw.headers.get("x-amz-target", "")
    found = directory.find(signing_name, raw.method, raw.url, target, form)
    if found is None:
        named = target or form.get("Action") or f"{raw.method} {raw.url}"
        raise NotUnderstoodError(f"{signing_name}: {named} is no operation that is played here")
    operation, labels = found
    shape = operation.model.input_shape
    params = {} if shape is None else _parameters(operation, shape, raw, form, labels)
    return Request(account.group(1) if account else "000000000000", region, key, operation, params)


def _parameters(
    operation: Operation, shape: Any, raw: Raw, form: dict[str, str], labels: dict[str, str]
) -> dict[str, Any]:
    if operation.protocol in ("query", "ec2"):
        tree = _tree(form)
        return _from_form(shape, tree, operation.protocol == "ec2")  # type: ignore[no-any-return]
    if operation.protocol == "json":
        return _from_json(shape, json.loads(raw.body or b"{}"))  # type: ignore[no-any-return]
    if operation.protocol == "smithy-rpc-v2-cbor":
        return dict(cbor.decoded(raw.body)) if raw.body else {}
    return _from_rest(operation, shape, raw, labels)


# --- query and ec2 -----------------------------------------------------------------------------


def _tree(form: Mapping[str, str]) -> dict[str, Any]:
    """``A.member.1.B=x`` as nested dictionaries; a leaf stands under the empty name."""
    root: dict[str, Any] = {}
    for name, value in form.items():
        node = root
        for step in name.split("."):
            node = node.setdefault(step, {})
        node[""] = value
    return root


def _from_form(shape: Any, node: Mapping[str, Any], ec2: bool) -> Any:
    if shape.type_name == "structure":
        found = {}
        for name, member in shape.members.items():
            inner = node.get(_form_name(name, member, ec2))
            if inner is not None:
                found[name] = _from_form(member, inner, ec2)
        return found
    if shape.type_name == "list":
        flat = ec2 or shape.serialization.get("flattened")
        held = node if flat else node.get(shape.member.serialization.get("name", "member"), {})
        numbers = sorted(int(key) for key in held if key.isdigit())
        return [_from_form(shape.member, held[str(number)], ec2) for number in numbers]
    if shape.type_name == "map":
        entries = node if shape.serialization.get("flattened") else node.get("entry", {})
        return {
            entry[shape.key.serialization.get("name", "key")][""]: _from_form(
                shape.value, entry[shape.value.serialization.get("name", "value")], ec2
            )
            for key, entry in entries.items()
            if key.isdigit()
        }
    return _scalar(shape, node.get("", ""))


def _form_name(name: str, member: Any, ec2: bool) -> str:
    serialization = member.serialization
    if ec2:
        if "queryName" in serialization:
            return str(serialization["queryName"])
        written = str(serialization.get("name", name))
        return written[0].upper() + written[1:]
    if member.type_name == "list" and serialization.get("flattened"):
        return str(member.member.serialization.get("name", serialization.get("name", name)))
    return str(serialization.get("name", name))


def _scalar(shape: Any, text: str) -> Any:
    match shape.type_name:
        case "integer" | "long":
            return int(text)
        case "float" | "double":
            return float(text)
        case "boolean":
            return text == "true"
        case "blob":
            return base64.b64decode(text)
    return text


# --- JSON --------------------------------------------------------------------------------------


def _from_json(shape: Any, value: Any) -> Any:
    if value is None:
        return None
    if shape.type_name == "structure" and isinstance(value, dict):
        found = {}
        for name, member in shape.members.items():
            written = member.serialization.get("name", name)
            if written in value:
                found[name] = _from_json(member, value[written])
        return found
    if shape.type_name == "list":
        return [_from_json(shape.member, inner) for inner in value]
    if shape.type_name == "map":
        return {key: _from_json(shape.value, inner) for key, inner in value.items()}
    return value


# --- REST --------------------------------------------------------------------------------------


def _from_rest(
    operation: Operation, shape: Any, raw: Raw, labels: dict[str, str]
) -> dict[str, Any]:
    pairs = parse_qsl(urlsplit(raw.url).query, keep_blank_values=True)
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        written = member.serialization.get("name", name)
        where = member.serialization.get("location")
        value = _located(member, written, where, raw, labels, pairs)
        if value is not None:
            found[name] = value
    body = _body(operation, shape, raw)
    for name, value in body.items():
        found.setdefault(name, value)
    return found


def _located(
    member: Any,
    written: str,
    where: str | None,
    raw: Raw,
    labels: dict[str, str],
    pairs: list[tuple[str, str]],
) -> Any:
    if where == "uri" and written in labels:
        return _scalar(member, labels[written])
    if where == "header" and written.lower() in raw.headers:
        text = raw.headers[written.lower()]
        return text.split(",") if member.type_name == "list" else _scalar(member, text)
    if where == "querystring":
        values = [value for key, value in pairs if key == written]
        if member.type_name == "list" and values:
            return [_scalar(member.member, value) for value in values]
        if values:
            return _scalar(member, values[0])
    return None


def _body(operation: Operation, shape: Any, raw: Raw) -> dict[str, Any]:
    if not raw.body:
        return {}
    payload = shape.serialization.get("payload")
    inner = shape.members[payload] if payload else shape
    if inner.type_name in ("blob", "string"):
        return {payload: raw.body}
    if operation.protocol == "rest-json":
        value = _from_json(inner, json.loads(raw.body))
    else:
        value = _from_xml(inner, ElementTree.fromstring(raw.body))
    return {payload: value} if payload else value


def _from_xml(shape: Any, node: ElementTree.Element) -> Any:
    if shape.type_name == "structure":
        found = {}
        for name, member in shape.members.items():
            written = member.serialization.get("name", name)
            inner = [child for child in node if child.tag.rpartition("}")[2] == written]
            if inner and member.type_name == "list" and member.serialization.get("flattened"):
                found[name] = [_from_xml(member.member, child) for child in inner]
            elif inner:
                found[name] = _from_xml(member, inner[0])
        return found
    if shape.type_name == "list":
        return [_from_xml(shape.member, child) for child in node]
    return _scalar(shape, node.text or "")
