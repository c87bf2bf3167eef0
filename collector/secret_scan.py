"""Where a text holds secrets, and of which kinds. It names the rule, never the secret.

The formats of tokens come from our own table (``data/secret-rules.json``) and from
`detect-secrets <https://github.com/Yelp/detect-secrets>`_, whose patterns are read off its plugins
and matched here: in memory, without its settings (which are global), its verification (which
calls the network) and its files. What the name before a value says is read by our own rule.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from collector.secret_assignments import assignments
from collector.secret_entropy import random_tokens
from collector.secret_names import facts, is_hash_name, is_placeholder
from collector.secret_pairs import owners
from collector.secret_unpack import LIMIT, as_text, decoded, gunzipped, unpacked

_BASE64_RUN = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=])")
_WRAPPED_RUN = re.compile(r"(?:^[ \t]{0,80}[A-Za-z0-9+/]{40,100}={0,2}[ \t]*\n?){2,}", re.MULTILINE)
_POINTERS = re.compile(
    r"arn:[a-z-]{1,20}:[\w:/.*+=@,${}#~-]{1,1200}"
    r"|\{\{\s?resolve:(?:\$\{[^{}\n]{1,200}\}|[^{}\n]){1,600}\}\}"
    r"|(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
    r"|sha(?:256|384|512)[:-][A-Za-z0-9+/=]{32,128}"
)
_NESTED = 3
_KEY_RULE = "aws-secret-access-key"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One secret in a text.

    Attributes:
        start: where it begins.
        end: where it ends.
        rules: the ids of the rules that found it.
    """

    start: int
    end: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    pattern: re.Pattern[str]
    foreign: bool = False


@cache
def _rules() -> tuple[_Rule, ...]:
    own = [
        _Rule(rule["id"], re.compile(rule["pattern"]))
        for rule in facts()["rules"]
        if not rule.get("identifier")
    ]
    return (*own, *_engine())


@cache
def _identifiers() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(rule["id"], re.compile(rule["pattern"]))
        for rule in facts()["rules"]
        if rule.get("identifier")
    )


@cache
def _engine() -> tuple[_Rule, ...]:
    """The patterns of detect-secrets. Imported when first needed: it takes tenths of a second."""
    engine = facts()["engine"]
    found = []
    for module, name, chosen in engine["plugins"]:
        plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)
        rule = engine["same_as"].get(name) or str(plugin.secret_type).lower().replace(" ", "-")
        patterns = tuple(plugin.denylist)
        found += [_Rule(rule, patterns[index], foreign=True) for index in chosen]
    return tuple(found)


def hits(text: str, name: str = "") -> list[str]:
    """Rule ids that match, sorted; identifiers with their value: ``aws-access-key-id:AKIA...``.

    Of several access keys those with their secret are named: ``aws-secret-access-key:AKIA...``.

    Args:
        text: what may hold a secret; of a very long one the beginning is read.
        name: the name it stands under (an environment variable's), which is scanned with it.
    """
    scanned = text[:LIMIT]
    rules = rules_of(scanned, name)
    named = _named(scanned, _NESTED)
    if _KEY_RULE in rules and len(named) > 1:
        named |= _with_secret(scanned)
    return sorted(rules | named)


def _with_secret(text: str) -> set[str]:
    ids = sorted(
        (*match.span(), match.group())
        for rule in _identifiers()
        for match in rule.pattern.finditer(text)
    )
    secrets = [(one.start, one.end) for one in find(text) if _KEY_RULE in one.rules]
    return {f"{_KEY_RULE}:{name}" for name in owners(ids, secrets)}


def rules_of(text: str, name: str = "") -> set[str]:
    """The rules that find a secret in a value that stands under a name."""
    found = {rule for secret in find(text) for rule in secret.rules}
    if is_hash_name(name):
        found.discard("high-entropy")
    return found | under_name(text, name) if name else found


def under_name(text: str, name: str) -> set[str]:
    """Rule ids that match because of the name that a value stands under."""
    head = f"{name}: "
    with_name = head + text.split("\n", 1)[0][:4096]
    return {
        rule for secret in find(with_name) if secret.end > len(head) for rule in secret.rules
    } - {"high-entropy"}


def blanked(text: str) -> str:
    """A text without its secrets, where there is no key to mark them with (a crash report)."""
    pieces = []
    done = 0
    for found in find(text):
        pieces += [text[done : found.start], f"<redacted hits={','.join(found.rules)}>"]
        done = found.end
    return "".join([*pieces, text[done:]])


def identifiers(text: str) -> set[str]:
    """Identifiers with their value; those in packed parts included."""
    return _named(text, _NESTED)


def _named(text: str, depth: int) -> set[str]:
    found = {
        f"{rule.id}:{match}" for rule in _identifiers() for match in rule.pattern.findall(text)
    }
    if depth:
        for _, inner in _packed(text):
            found |= _named(inner, depth - 1)
    return found


def find(text: str, depth: int = _NESTED) -> list[Found]:
    """The secrets of a text, in order, without overlaps.

    Args:
        text: a script, a configuration file, a sentence, one value.
        depth: how often packed parts (base64, gzip) are looked into.
    """
    found = [*_by_format(text), *_by_name(text), *_by_packing(text, depth)] if text else []
    if not found:
        return []
    return _merged(found)


def _by_format(text: str) -> Iterator[Found]:
    pointers: list[tuple[int, int]] | None = None
    for rule in _rules():
        for match in rule.pattern.finditer(text):
            start, end = _extent(match)
            if end <= start or is_placeholder(text[start:end]):
                continue
            if rule.foreign:
                if start and text[start].isalnum() and text[start - 1].isalnum():
                    continue
                pointers = _pointers(text) if pointers is None else pointers
                if _inside(start, end, pointers):
                    continue
            yield Found(start, end, (rule.id,))


def _by_name(text: str) -> Iterator[Found]:
    candidates = [
        *(Found(start, end, ("password-assignment",)) for start, end in assignments(text)),
        *(Found(start, end, ("high-entropy",)) for start, end in random_tokens(text)),
    ]
    if candidates:
        pointers = _pointers(text)
        yield from (found for found in candidates if not _inside(found.start, found.end, pointers))


def _by_packing(text: str, depth: int) -> Iterator[Found]:
    if depth:
        for (start, end), inner in _packed(text):
            rules = {rule for secret in find(inner, depth - 1) for rule in secret.rules}
            if rules:
                yield Found(start, end, tuple(sorted(rules)))


def _packed(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Runs of base64 in a text that hold a text, with that text."""
    for pattern in (_BASE64_RUN, _WRAPPED_RUN):
        for match in pattern.finditer(text):
            data = decoded(match.group())
            if data is None:
                continue
            inner = as_text(gunzipped(data) if data[:2] == b"\x1f\x8b" else data[:LIMIT])
            if inner:
                yield match.span(), inner


def _extent(match: re.Match[str]) -> tuple[int, int]:
    """Where the secret is in a match: its named group, else its first group, else all of it."""
    for group in ("secret", "secret2"):
        if group in match.re.groupindex and match.group(group) is not None:
            return match.span(group)
    if match.re.groups == 1 and match.group(1) and not match.re.groupindex:
        held = match.span(1)
        return held if held[1] - held[0] >= 8 else match.span()
    return match.span()


def _pointers(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _POINTERS.finditer(text)]


def _inside(start: int, end: int, pointers: list[tuple[int, int]]) -> bool:
    """Whether a span lies within one of the spans (sorted, apart)."""
    low, high = 0, len(pointers)
    while low < high:
        middle = (low + high) // 2
        if pointers[middle][0] <= start:
            low = middle + 1
        else:
            high = middle
    return low > 0 and end <= pointers[low - 1][1]


def _merged(found: list[Found]) -> list[Found]:
    merged: list[Found] = []
    for each in sorted(found):
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            rules = tuple(sorted({*last.rules, *each.rules}))
            merged[-1] = Found(last.start, max(last.end, each.end), rules)
        else:
            merged.append(each)
    return merged


def readable(value: Any) -> str:
    """The text inside a value: base64, gzip and multipart are unpacked; what is no text is written
    as JSON.
    """
    if not isinstance(value, str):
        return json.dumps(value, sort_keys=True, default=str)
    return unpacked(value)
