"""Finds the secrets of a structure: a template, a state machine, a document, an item's part.

Structure stays; only literals are replaced, those that the scanner flags and those whose name says
that they are secret. Policies and references are left as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from collector.secret_documents import NoDocumentError, is_all_said, parsed
from collector.secret_names import ends_secret, is_reference, is_secret_name
from collector.secret_scan import find, readable, rules_of

Replace = Callable[[Any, str, "tuple[str, ...]"], Any]
"""Gives what stands in place of a literal: ``(literal, its name, rules that found it)``."""

DEEPEST = 200
_SHORTEST_TOLD = 6
_DIGEST = re.compile(r"[0-9a-f]{32}")
LARGEST = 4 * 1024 * 1024
"""Characters; a longer text is replaced whole."""

_POINTING = frozenset(
    {"Ref", "Condition", "Fn::GetAtt", "Fn::ImportValue", "Fn::FindInMap", "Fn::GetAZs"}
)
_STATEMENT = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"}
    | {"NotResource", "Condition"}
)
_NAMING: tuple[str, ...] = (
    *("name", "key", "parametername", "parameterkey", "outputkey", "headername"),
    *("httpheadername", "optionname", "attributename", "header"),
)
_VALUE_KEYS = frozenset(
    {"value", "values", "parametervalue", "outputvalue", "default", "defaultvalue", "stringvalue"}
    | {"headervalue", "literal", "plaintext", "content", "optionvalue", "attributevalue"}
    | {"resolvedvalue", "previousvalue", "usepreviousvalue", "const", "example", "enum"}
)
_NAME_BEFORE = re.compile(
    r"(?:^|[\s\"'{,;&?])--?([\w.-]{1,64})=?$|([\w.-]{1,64})[\"']?\s*[=:]\s*[\"']?$"
)


def is_redacted(value: Any) -> bool:
    """Whether a value is what stands in place of another."""
    held = value.get("redacted") if isinstance(value, dict) and len(value) == 1 else None
    return (
        isinstance(held, dict)
        and set(held) == {"length", "hash", "hits"}
        and _DIGEST.fullmatch(str(held["hash"])) is not None
    )


class Walk:
    """One pass over a structure.

    Args:
        replace: gives what stands in place of a literal.
        text: what the structure was read from: what stands before a secret there (a heading, a
            key far above it) may say more than the literal itself.
    """

    def __init__(self, replace: Replace, text: str = "") -> None:
        self._replace = replace
        self._told = _told_by(text)

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """The value without secrets; the same object where there was none.

        Args:
            value: JSON's types.
            name: the name that it stands under.
            depth: how deep it lies.
        """
        if depth > DEEPEST:
            return self._replace(value, name, ("too-deep",))
        if isinstance(value, dict):
            return value if is_redacted(value) else self._mapping(value, name, depth)
        if isinstance(value, list):
            return self._list(value, name, depth)
        if isinstance(value, str):
            return self._text(value, name, depth)
        if value is None or isinstance(value, bool) or not ends_secret(name):
            return value
        return self._replace(value, name, ("secret-name",))

    def _mapping(self, value: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        kept = _STATEMENT if value.get("Effect") in ("Allow", "Deny") else frozenset()
        own_name = _own_name(value)
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if key in kept:
                found[key] = inner
            elif key == "Fn::Sub":
                found[key] = self.value(self._filled(inner), name, depth + 1)
            elif key == "Default" and _is_hidden(value) and not isinstance(inner, dict | list):
                found[key] = self._replace(inner, name, ("no-echo",))
            else:
                given = _name_for(key, value, own_name, name)
                found[self._key(key)] = self.value(inner, given, depth + 1)
        same = found.keys() == value.keys() and all(found[k] is value[k] for k in value)
        return value if same else found

    def _filled(self, inner: Any) -> Any:
        """A substitution whose template gives away that a literal put into it is a secret."""
        if not (isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], dict)):
            return inner
        template = str(inner[0])
        literals = {}
        for variable, literal in inner[1].items():
            if not isinstance(literal, str) or is_reference(literal):
                continue
            whole = template.replace("${" + variable + "}", literal)
            start = whole.find(literal)
            end = start + len(literal)
            if start >= 0 and any(each.start < end and start < each.end for each in find(whole)):
                literals[variable] = self._replace(literal, variable, ("password-assignment",))
        return [inner[0], {**inner[1], **literals}] if literals else inner

    def _key(self, key: str) -> str:
        if len(key) < 16:
            return key
        rules = {rule for secret in find(key) for rule in secret.rules}
        rules -= {"password-assignment", "high-entropy"}
        return json.dumps(self._replace(key, "", tuple(sorted(rules)))) if rules else key

    def _list(self, value: list[Any], name: str, depth: int) -> list[Any]:
        found = []
        before: Any = None
        for inner in value:
            flag = _NAME_BEFORE.search(before[-200:]) if isinstance(before, str) else None
            given = (flag.group(1) or flag.group(2)) if flag else name
            found.append(self.value(inner, given, depth + 1))
            before = inner
        same = all(one is other for one, other in zip(value, found, strict=True))
        return value if same else found

    def _text(self, value: str, name: str, depth: int) -> Any:
        if not value.strip():
            return value
        if len(value) > LARGEST:
            return self._replace(value, name, ("too-long",))
        if is_secret_name(name) and not is_reference(value):
            return self._replace(value, name, ("secret-name",))
        within = self._within(value, name, depth)
        if within is not None:
            return within
        text = readable(value)
        rules = rules_of(text, name)
        for told, why in self._told.items():
            if told in value:
                rules.update(why)
        if text is not value and not rules:
            rules = rules_of(value, name)
        return self._replace(value, name, tuple(sorted(rules))) if rules else value

    def _within(self, value: str, name: str, depth: int) -> Any:
        """The same with its own structure, where the text has one that holds a secret; the text,
        where that structure holds none; ``None`` where it has none."""
        try:
            structure = parsed(value)
        except NoDocumentError:
            return None
        inner = Walk(self._replace, value)
        inner._told |= self._told
        found = inner.value(structure, name, depth + 1)
        if found is not structure:
            return found
        return value if is_all_said(value) or not find(value) else None


def _told_by(text: str) -> dict[str, tuple[str, ...]]:
    """The lines of the secrets that a text holds, with the rules that found them."""
    return {
        line.strip(): found.rules
        for found in find(text)
        if found.rules != ("high-entropy",)
        for line in text[found.start : found.end].splitlines()
        if len(line.strip()) >= _SHORTEST_TOLD
    }


def name_in(pair: dict[str, Any], key: str) -> str:
    """The name of a member's value: the key, or what a pair of name and value calls it."""
    return _name_for(key, pair, _own_name(pair), "")


def _own_name(value: dict[str, Any]) -> str:
    """What a mapping that is a pair of name and value calls its value."""
    lowered = {key.lower(): key for key in value}
    if _VALUE_KEYS.isdisjoint(lowered):
        return ""
    for naming in _NAMING:
        held = value.get(lowered.get(naming, ""))
        if isinstance(held, str):
            return held
    return ""


def _name_for(key: str, value: dict[str, Any], own_name: str, name: str) -> str:
    """The name under which a member's value stands."""
    lowered = key.lower()
    if lowered in _VALUE_KEYS:
        kind = value.get("Type", value.get("type"))
        if isinstance(kind, str) and kind.startswith("AWS::"):
            return ""  # The name of a parameter or the id of a resource
        return own_name or name or key
    if key in _POINTING:
        return ""
    if key.startswith("Fn::"):
        return name
    return key.lstrip("-").removesuffix(".$")


def _is_hidden(value: dict[str, Any]) -> bool:
    return str(value.get("NoEcho", "")).lower() == "true"
