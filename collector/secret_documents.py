"""Texts that hold a structure: JSON, and YAML with the short forms of CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

LARGEST = 2 * 1024 * 1024
"""Characters. CloudFormation's templates and Step Functions' definitions end at 1 MB."""
DEEPEST = 100
_MOST_NODES = 200_000
_KEY = r"[\w$:./'\"-]{1,200}"
_YAML = re.compile(
    rf"\s{{0,2000}}(?:(?:%YAML[^\n]*|---|\#)[^\n]*\n\s{{0,2000}}){{0,200}}{_KEY}\s{{0,3}}:(?:\s|$)"
)
_NAME = re.compile(_KEY)
_BRACKETS = re.compile(r"[\[\]{}]")
_INDENTS = re.compile(r"^([ ]*)((?:[-?][ \t]+)*)[^\s]", re.MULTILINE)


class NoDocumentError(ValueError):
    """A text holds no structure, or one that is too large or deep."""


def parsed(text: str) -> dict[str, Any] | list[Any]:
    """The structure of a text: an object or a list.

    ``!Ref X`` becomes ``{"Ref": "X"}``, ``!GetAtt A.B`` ``{"Fn::GetAtt": ["A", "B"]}``; dates,
    octal and sexagesimal numbers stay texts.

    Raises:
        NoDocumentError: it is neither JSON nor YAML of several members.
    """
    if len(text) > LARGEST:
        raise NoDocumentError("too long")
    start = text.lstrip("\ufeff \t\r\n")[:1]
    found = _json(text) if start in ("{", "[") else None
    if found is None:
        found = _yaml(text, start in ("{", "["))
    if _depth_exceeds(found, DEEPEST):
        raise NoDocumentError("too deep")
    return found


def is_all_said(text: str) -> bool:
    """Whether all that a text holds is in its structure: JSON has no comments, and, here, no
    member twice."""
    try:
        json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _json(text: str) -> dict[str, Any] | list[Any] | None:
    try:
        found = json.loads(text.lstrip("\ufeff"), parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _yaml(text: str, flow: bool) -> dict[str, Any] | list[Any]:
    if "\n" not in text.strip() or not (flow or _YAML.match(text)):
        raise NoDocumentError("no YAML")
    if _opens_too_deep(text):
        raise NoDocumentError("too deep")
    import yaml

    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        if node is None or _size(node, {}, 0) > _MOST_NODES:
            raise NoDocumentError("no YAML, or too large")
        found = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, AttributeError) as problem:
        raise NoDocumentError("no YAML") from problem
    finally:
        loader.dispose()
    if not isinstance(found, dict) or not all(_NAME.fullmatch(key) for key in found):
        raise NoDocumentError("no mapping")
    return found


def _opens_too_deep(text: str) -> bool:
    """Whether brackets or indentation could make the parser recurse beyond the stack."""
    level = 0
    for bracket in _BRACKETS.findall(text):
        level = level + 1 if bracket in "[{" else max(0, level - 1)
        if level > DEEPEST:
            return True
    open_at: list[int] = []
    for indent, marks in _INDENTS.findall(text):
        while open_at and open_at[-1] >= len(indent):
            open_at.pop()
        open_at.append(len(indent))
        if len(open_at) + len(marks) > DEEPEST:
            return True
    return False


def _size(node: Any, sizes: dict[int, int], depth: int) -> int:
    """How many nodes there are with aliases written out: a short text can stand for billions."""
    if depth > DEEPEST:
        raise NoDocumentError("too deep")
    known = sizes.get(id(node))
    if known is not None:
        if known < 0:
            raise NoDocumentError("it holds itself")
        return known
    sizes[id(node)] = -1  # open: who meets it again below holds itself
    children: list[Any] = []
    if isinstance(node.value, list):
        for child in node.value:
            children += child if isinstance(child, tuple) else [child]
    sizes[id(node)] = size = 1 + sum(_size(child, sizes, depth + 1) for child in children)
    return size


def _depth_exceeds(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


@cache
def _loader() -> Any:
    """A loader that makes nothing but JSON's types, with CloudFormation's tags."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("TemplateLoader", (base,), {})
    loader.add_constructor("tag:yaml.org,2002:int", _number)
    loader.add_constructor("tag:yaml.org,2002:float", _number)
    for tag in ("timestamp", "binary", "value"):
        loader.add_constructor(f"tag:yaml.org,2002:{tag}", _scalar)
    for tag in ("omap", "pairs", "set"):
        loader.add_constructor(f"tag:yaml.org,2002:{tag}", _plain)
    loader.add_constructor("tag:yaml.org,2002:map", _mapping)
    loader.add_multi_constructor("!", _intrinsic)
    return loader


def _scalar(loader: Any, node: Any) -> Any:
    return str(node.value)


def _number(loader: Any, node: Any) -> Any:
    """A number that is written as JSON would write it; else the text (account ids with a leading
    zero, ``22:22``, ``1_000``)."""
    text = str(node.value)
    for kind in (int, float):
        try:
            number = kind(text)
        except (ValueError, OverflowError):
            continue
        if str(number) == text and text not in ("inf", "-inf", "nan"):
            return number
    return text


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    loader.flatten_mapping(node)
    return {_key(key): loader.construct_object(value, deep=True) for key, value in node.value}


def _key(node: Any) -> str:
    if not isinstance(node.value, str):
        raise NoDocumentError("a key is no text")
    return node.value


def _plain(loader: Any, node: Any) -> Any:
    if isinstance(node.value, str):
        return node.value
    if node.id == "mapping":
        return _mapping(loader, node)
    return [loader.construct_object(child, deep=True) for child in node.value]


def _intrinsic(loader: Any, suffix: str, node: Any) -> Any:
    value = _plain(loader, node)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    return {f"Fn::{suffix}": value} if suffix else value
