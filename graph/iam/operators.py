"""Condition operators on one concrete value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from graph.iam import patterns

_EPOCH = re.compile(r"-?(\d{5,}|\d{1,3})(\.\d+)?")
_SHORT_DATE = re.compile(r"(\d{4})(-\d{2})?")
"""Year, or year and month: forms of ISO 8601 that W3C's profile has too."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

OPERATORS: dict[str, tuple[str, str, bool]] = {
    "stringequals": ("string", "equals", False),
    "stringnotequals": ("string", "equals", True),
    "stringequalsignorecase": ("string", "ignorecase", False),
    "stringnotequalsignorecase": ("string", "ignorecase", True),
    "stringlike": ("string", "like", False),
    "stringnotlike": ("string", "like", True),
    "arnequals": ("arn", "like", False),
    "arnlike": ("arn", "like", False),
    "arnnotequals": ("arn", "like", True),
    "arnnotlike": ("arn", "like", True),
    "numericequals": ("numeric", "==", False),
    "numericnotequals": ("numeric", "==", True),
    "numericlessthan": ("numeric", "<", False),
    "numericlessthanequals": ("numeric", "<=", False),
    "numericgreaterthan": ("numeric", ">", False),
    "numericgreaterthanequals": ("numeric", ">=", False),
    "dateequals": ("date", "==", False),
    "datenotequals": ("date", "==", True),
    "datelessthan": ("date", "<", False),
    "datelessthanequals": ("date", "<=", False),
    "dategreaterthan": ("date", ">", False),
    "dategreaterthanequals": ("date", ">=", False),
    "bool": ("bool", "equals", False),
    "binaryequals": ("binary", "equals", False),
    "ipaddress": ("ip", "in", False),
    "notipaddress": ("ip", "in", True),
}
"""Operator (lower case) -> family, comparison, whether it is the negation of it."""


def compare(family: str, comparison: str, want: str, have: str) -> bool:
    """Whether a value of the request meets one value of the policy; unparsable: no.

    ``want`` is in the internal form of :mod:`graph.iam.patterns` for ``like``, else plain text.
    """
    if comparison == "like":
        if family == "arn":
            return _arn_like(want, have)
        return patterns.matches(want, have)
    if family == "string":
        return want.lower() == have.lower() if comparison == "ignorecase" else want == have
    if family == "bool":
        return want.lower() == have.lower() and want.lower() in ("true", "false")
    if family == "binary":
        return _same_bytes(want, have)
    if family == "ip":
        return _in_network(want, have)
    left, right = number(family, have), number(family, want)
    return left is not None and right is not None and _ordered(comparison, left, right)


def _arn_like(want: str, have: str) -> bool:
    """Each of the six segments is matched alone; what is no ARN matches nothing but ``*``."""
    left, right = want.split(":", 5), have.split(":", 5)
    if len(left) != 6 or len(right) != 6:
        # A lone wildcard, or a truncated ARN that ends in one, is a pattern of the whole.
        return want.endswith(patterns.STAR) and patterns.matches(want, have)
    return all(patterns.matches(a, b) for a, b in zip(left, right, strict=True))


def _ordered(comparison: str, left: Decimal, right: Decimal) -> bool:
    if comparison == "==":
        return left == right
    if comparison == "<":
        return left < right
    if comparison == "<=":
        return left <= right
    return left > right if comparison == ">" else left >= right


def number(family: str, text: str) -> Decimal | None:
    """A number, or a date as seconds since 1970; ``None`` if it is neither."""
    if family == "date":
        seconds = _seconds(text)
        return None if seconds is None else Decimal(str(seconds))
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@lru_cache(maxsize=4096)
def _seconds(text: str) -> float | None:
    """ISO 8601 or epoch seconds, as AWS reads dates."""
    stripped = text.strip()
    if _EPOCH.fullmatch(stripped):
        return float(stripped)
    if short := _SHORT_DATE.fullmatch(stripped):
        stripped = f"{short[1]}{short[2] or '-01'}-01"
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def _same_bytes(want: str, have: str) -> bool:
    try:
        return base64.b64decode(want, validate=True) == base64.b64decode(have, validate=True)
    except (binascii.Error, ValueError):
        return False


@lru_cache(maxsize=16384)
def network(text: str) -> Network | None:
    """A CIDR or an address as a network; ``None`` if it is neither. Host bits are ignored."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _in_network(want: str, have: str) -> bool:
    outer, inner = network(want), network(have)
    return outer is not None and inner is not None and inside(inner, outer)


def joined(networks: Iterable[Network]) -> list[Network]:
    """The same addresses in as few networks as they fit: two halves become their whole."""
    rows = list(networks)
    four = [one for one in rows if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in rows if isinstance(one, ipaddress.IPv6Network)]
    return [*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six)]


def inside(inner: Network, outer: Network) -> bool:
    """Whether a network lies within another; different families never do."""
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False
