"""Values that stand after a name that says that they are secret: ``password: x``, ``--token x``,
``<secret>x</secret>``, ``$pwd = "x"``, ``Password=x;``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from collector.secret_names import facts, is_placeholder, is_reference, is_secret_name

_SHORTEST = 3
_BEFORE = re.compile(r"[\w.-]{0,64}\Z")
_AFTER = re.compile(r"[\w.-]{0,64}")
_SIGN = re.compile(
    r"""(?:\\?["'])?\s{0,3}[\])}]{0,2}[ \t]{0,40}
    (?P<sign>=>|:=|\?=|={1,3}|:|>|,(?=\s{0,5}\\?["']))[ \t]{0,40}""",
    re.VERBOSE,
)
_FLAG = re.compile(r"""["']?,?[ \t]{1,40}(?P<sign>)""")
_ON_NEXT_LINES = re.compile(r"[|>][-+0-9]{0,2}[ \t]{0,20}\n(?P<indent>[ \t]{1,80})")
_OPENING = {")": "(", "}": "{", "]": "["}
_SET_BEFORE = re.compile(r"(?:^|\s)(?:/|(?:ENV|ARG|setx|set|requirepass)[ \t]{1,10})\Z")
_QUOTED = re.compile(
    r"""@?(?P<quote>\\?["'`])(?P<value>(?:\\.|(?!(?P=quote))[^\n]){0,4096})""", re.DOTALL
)
_BARE = re.compile(r"""[^\s"'<`]{1,4096}""")
_TO_LINE_END = re.compile(r"[^\n<]{1,4096}")
_VALUE_ATTRIBUTE = re.compile(
    r"""["'][^<>\n]{0,40}?\b(?:value|Value)\s{0,3}[=:]\s{0,3}["'](?P<value>[^"'\n]{1,1024})"""
)
_PAIRED = re.compile(
    r"""["']?\s{0,80},?\s{0,80}["']?(?:value|Value|defaultValue|default|Default)["']?\s{0,3}[:=]\s{0,3}"""
)
_LINE_START = re.compile(
    r"""(?:^|\n)[ \t]{0,200}(?:-[ \t]{1,20})?(?:export[ \t]+|set[ \t]+)?["']?\Z"""
)


@cache
def _keywords() -> re.Pattern[str]:
    return re.compile(facts()["keywords"])


def assignments(text: str) -> Iterator[tuple[int, int]]:
    """Where the secrets are, in order of their names."""
    done = 0
    for match in _keywords().finditer(text):
        if match.start() < done:
            continue
        before = _BEFORE.search(text, max(0, match.start() - 64), match.start())
        start = before.start() if before else match.start()
        end = match.end() + len(_matched(_AFTER, text, match.end()))
        done = end
        if is_secret_name(text[start:end]):
            found = _value(text, start, end)
            if found is not None and _is_secret(text, *found):
                yield found


def _is_secret(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    # Nothing is put into what stands in single quotes.
    stands_for = is_reference if text[start - 1 : start] == "'" else is_placeholder
    return len(value) >= _SHORTEST and not stands_for(value)


def _matched(pattern: re.Pattern[str], text: str, position: int) -> str:
    found = pattern.match(text, position)
    return found.group() if found else ""


def _value(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the value of a name is."""
    is_flag = text.startswith("-", start) or _SET_BEFORE.search(text, max(0, start - 20), start)
    sign = _SIGN.match(text, end) or (_FLAG.match(text, end) if is_flag else None)
    if sign is None:
        apart = _VALUE_ATTRIBUTE.match(text, end) or _paired(text, end)
        return apart.span("value") if apart else None
    return _after_sign(text, start, sign)


def _paired(text: str, end: int) -> re.Match[str] | None:
    """The value of a ``name: DB_PASSWORD`` that has a ``value: x`` beside it."""
    pair = _PAIRED.match(text, end)
    if pair is None:
        return None
    quoted = _QUOTED.match(text, pair.end())
    return quoted or re.compile(r"(?P<value>[^\s\"']{1,4096})").match(text, pair.end())


def _after_sign(text: str, start: int, sign: re.Match[str]) -> tuple[int, int] | None:
    position = sign.end()
    lines = _ON_NEXT_LINES.match(text, position)
    if lines and ":" in sign.group("sign"):
        return _block(text, lines)
    quoted = _QUOTED.match(text, position)
    if quoted:
        return quoted.span("value")
    whole = _LINE_START.search(text, max(0, start - 230), start) and (
        ":" in sign.group("sign") or text[sign.start() : position] != sign.group("sign")
    )
    pattern = _TO_LINE_END if whole else _BARE
    value = _matched(pattern, text, position)
    value = value.rstrip(" \t\r") if whole else _without_closing(value)
    return (position, position + len(value)) if value else None


def _without_closing(value: str) -> str:
    """A word without what ends the sentence or closes brackets that were opened before it."""
    while value and value[-1] in ",;)}]":
        opening = _OPENING.get(value[-1], "")
        if opening and value.count(opening) >= value.count(value[-1]):
            break
        value = value[:-1]
    return value


def _block(text: str, lines: re.Match[str]) -> tuple[int, int]:
    """The lines of a YAML block scalar: all that are indented as the first."""
    indent = lines.group("indent")
    start = end = lines.end("indent")
    while True:
        newline = text.find("\n", end)
        end = len(text) if newline < 0 else newline
        if newline < 0 or not text.startswith(indent, newline + 1):
            return start, end
        end = newline + 1
