"""Whether one session can be what every step of a chain asks of it.

Source identity and transitive tags stay with a session through every role that it assumes next
and cannot be changed, so two steps that ask for different ones are no chain.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queries.answers.walk import Hop

_IDENTITY = ("sts:sourceidentity", "aws:sourceidentity")
_TRANSITIVE = "sts:transitivetagkeys"
_REQUESTED, _CARRIED = "aws:requesttag/", "aws:principaltag/"
_AFRESH = frozenset({"HAS_ADMIN", "CONTROLS"})
_WILD = re.compile(r"[*?]")

Session = frozenset[tuple[str, frozenset[str]]]
"""What a session carries for good: (``identity`` or ``tag:KEY``, the values that it may have),
once for each step that asked."""
FRESH: Session = frozenset()


def after(session: Session, hop: Hop) -> Session | None:
    """What the session carries after a step; None if the step asks for what it cannot be.

    Who takes an account over signs in afresh as whoever it holds.
    """
    if hop.type in _AFRESH:
        return FRESH
    if not hop.session:
        return session
    asked = [_parsed(text) for text in hop.session]
    identity = [values for key, values in asked if key in _IDENTITY]
    kept = {key.lower() for tag, values in asked if tag == _TRANSITIVE for key in values}
    found = set(session) | {("identity", values) for values in identity}
    for key, values in asked:
        tag = _tag(key)
        if tag and _contradicts(session, f"tag:{tag}", values):
            return None
        if key.startswith(_REQUESTED) and tag in kept:
            found.add((f"tag:{tag}", values))
    if not compatible(values for name, values in found if name == "identity"):
        return None
    return frozenset(found)


def compared(hop: Hop) -> list[tuple[str, frozenset[str]]]:
    """What a step compares with its session, named as in :data:`Session`, and what it takes."""
    found = []
    for key, values in map(_parsed, hop.session):
        if key in _IDENTITY:
            found.append(("identity", values))
        elif tag := _tag(key):
            found.append((f"tag:{tag}", values))
    return found


def consistent(way: Iterable[Hop]) -> bool:
    """Whether one session can take every step."""
    session = FRESH
    for hop in way:
        carried = after(session, hop)
        if carried is None:
            return False
        session = carried
    return True


def compatible(asked: Iterable[frozenset[str]]) -> bool:
    """Whether one value can be among each of the given ones, which may hold ``*`` and ``?``.

    Where all have wildcards alone nothing is ruled out.
    """
    listed = list(asked)
    plain = [one for one in listed if not any(map(_WILD.search, one))]
    if len(listed) < 2 or not plain:
        return True
    return any(all(any(_fits(want, value) for want in one) for one in listed) for value in plain[0])


def _contradicts(session: Session, name: str, values: frozenset[str]) -> bool:
    held = [found for kind, found in session if kind == name]
    return bool(held) and not compatible([*held, values])


def _tag(key: str) -> str:
    for start in (_REQUESTED, _CARRIED):
        if key.startswith(start):
            return key.removeprefix(start)
    return ""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[str, frozenset[str]]:
    key, _, values = text.partition("=")
    return key, frozenset(values.split("|"))


@lru_cache(maxsize=4096)
def _pattern(want: str) -> re.Pattern[str]:
    pieces = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in want)
    return re.compile("".join(pieces), re.IGNORECASE | re.DOTALL)


def _fits(want: str, value: str) -> bool:
    return _pattern(want).fullmatch(value) is not None
