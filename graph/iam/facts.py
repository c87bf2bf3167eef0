"""What is known of a request's context keys."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph.iam import patterns


@dataclass(frozen=True, slots=True)
class Known:
    """The key is present with these values."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """The request does not carry the key."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing in the snapshot tells. ``role``: ``unknown``, ``chosen``, ``secret``, ``time``.

    ``present``: ``True`` if the key is always there, ``None`` if that is unknown too.
    """

    role: str = "unknown"
    present: bool | None = None


@dataclass(frozen=True, slots=True)
class Shaped:
    """The value fits a pattern (internal form) and is the caller's choice within it."""

    shape: str
    may_be_absent: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of the request (or of the session's start): from ``now`` (ISO 8601) on.

    ``may_be_absent``: the caller may also come without it (an access key has no start).
    """

    now: str
    may_be_absent: bool = False


@dataclass(frozen=True, slots=True)
class Tenant:
    """A claim that names a tenant of a shared identity provider; the caller is one of their own.

    Attributes:
        forms: where the tenant's name stands: between a prefix (empty: from the start) and a
            delimiter (empty: to the end), e.g. ``("repo:", "/")``.
        templated: whether a tenant may lay the claim out anew: then a value without the tenant's
            name stops nobody.
    """

    forms: tuple[tuple[str, str], ...]
    templated: bool = False

    def lowered(self) -> Tenant:
        """The same where case does not matter: names of tenants are found in any case."""
        return self

    def always_fits(self, value: str, like: bool) -> bool:
        """Whether a policy's value fits every claim, whoever the tenant is."""
        star = patterns.STAR
        shapes = [f"{prefix}{star}{end}{star if end else ''}" for prefix, end in self.forms]
        shapes += [star] if self.templated else []
        return like and all(patterns.covers(value, shape) for shape in shapes)

    def may_fit(self, value: str, like: bool) -> bool:
        """Whether a policy's value (internal form if ``like``) fits some claim of a stranger's."""
        names = [name for form in self.forms for name in _names(value, form)]
        if not names:
            return self.templated or (like and not patterns.is_literal(value))
        return like and not any(name and patterns.is_literal(name) for name in names)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value fits one of several patterns (internal form); which is the caller's choice."""

    shapes: tuple[str, ...]

    def lowered(self) -> OneOf:
        """The same where case does not matter."""
        return OneOf(tuple(shape.lower() for shape in self.shapes))

    def always_fits(self, value: str, like: bool) -> bool:
        """Whether a policy's value (internal form if ``like``) fits every value there can be."""
        glob = value if like else patterns.plain(value)
        return all(patterns.covers(glob, shape) for shape in self.shapes)

    def may_fit(self, value: str, like: bool) -> bool:
        """Whether a policy's value (internal form if ``like``) fits some value there can be."""
        glob = value if like else patterns.plain(value)
        return any(patterns.intersects(glob, shape) for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The key may be absent, and its value is whatever some patterns do not fit.

    Of an account outside: its owner may join and leave organisations, but none that is named.

    Attributes:
        never: patterns (internal form) that no value fits.
        own: a value that its owner can have at will.
    """

    never: tuple[str, ...]
    own: str


@dataclass(frozen=True, slots=True)
class AbsentOr:
    """The request lacks the key or has this one value; which of both is not known."""

    value: str


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _names(value: str, form: tuple[str, str]) -> list[str]:
    """What stands for the tenant in a value: after the prefix, up to the delimiter.

    The prefix may be in any case: what a policy writes otherwise names a tenant all the same.
    """
    prefix, end = form
    written = value.translate(_LOWER)
    place = 0 if written.startswith(prefix) else written.find(f":{prefix}") + 1
    if not prefix or place or written.startswith(prefix):
        rest = value[place + len(prefix) :]
        return [rest.partition(end)[0] if end else rest]
    return []


Fact = Known | Absent | Unknown | Shaped | Clock | Tenant | OneOf | Elsewhere | AbsentOr
Facts = Callable[[str], Fact]
"""Key in lower case -> what is known of it."""


def known(*values: str) -> Known:
    """A key with these values."""
    return Known(values)


def shaped(pattern: str, may_be_absent: bool = False) -> Shaped:
    """A value that fits a pattern with ``*`` and ``?``."""
    return Shaped(patterns.wild(pattern), may_be_absent)


@dataclass(frozen=True, slots=True)
class Layered:
    """Facts of a request: what the asker states, then the caller's, then the key's class."""

    first: Mapping[str, Fact]
    then: Callable[[str], Fact]

    def __call__(self, key: str) -> Fact:
        """What is known of a key (lower case)."""
        found = self.first.get(key)
        return self.then(key) if found is None else found
