"""Where a text stands in a snapshot: every field of every line is looked at.

What kind of text it is (an address, a host name, a tag, ...) decides what counts as the same.
"""

from __future__ import annotations

import base64
import enum
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collector.paths import values_at
from collector.snapshot.reader import Item, Snapshot

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Kind(enum.StrEnum):
    """What a text is taken for."""

    ADDRESS = "address"
    NETWORK = "network"
    HOST = "host"
    ACCESS_KEY = "access-key"
    ACCOUNT = "account"
    ARN = "arn"
    TAG = "tag"
    TEXT = "text"


class How(enum.IntEnum):
    """How well a value fits, the best first."""

    SAME = 0
    PATTERN = 1
    """A wildcard (``*.example.com``) covers the text."""
    RANGE = 2
    """The address lies in a network or subnet."""
    BELOW = 3
    """The value names something inside what the text names (an ARN's path, an account's role)."""
    PART = 4
    """The text is a part of the value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a line that fits.

    Attributes:
        item: the line.
        pointer: JSON pointer into the line.
        value: what stands there; of a tag ``key=value``.
        how: how well it fits.
    """

    item: Item
    pointer: str
    value: str
    how: How


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_ACCESS_KEY = re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}\Z")
_HOST = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9_*-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\.?\Z", re.IGNORECASE
)
_RANGES_OF = {
    "ec2:subnet": ("CidrBlock", "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock"),
    "ec2:vpc": (
        "CidrBlock",
        "CidrBlockAssociationSet[].CidrBlock",
        "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
    ),
}
_DIGITS = re.compile(r"(?<![0-9a-z])[0-9]{12}(?![0-9a-z])")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
_BUCKET = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3[.-]")
_ACCOUNTS_OWN = frozenset({"aws:account", "org:account"})
LEAST_PART = 3
"""Shorter texts are not looked for inside of others."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A text to look for.

    Attributes:
        text: as it was given, without blanks around it.
        kind: what it is taken for.
        address: of an address.
        fragments: one of these, in lower case, stands in every stored line that can fit.
        other: another text that means the same (the bucket of a URL), empty if there is none.
    """

    text: str
    kind: Kind
    fragments: tuple[str, ...]
    address: Address | None = None
    other: str = ""

    def fits(self, value: str) -> How | None:
        """How a value fits; None if it does not."""
        found = value.casefold().rstrip(".")
        wanted = self.text.casefold().rstrip(".")
        if found in (wanted, self.other or wanted):
            return How.SAME
        if self.address is not None:
            return How.SAME if _is_address(value, self.address) else None
        if self.kind is Kind.HOST and (how := _host_fits(found, wanted)) is not None:
            return how
        if self.kind is Kind.ARN:
            return How.BELOW if found.startswith((f"{wanted}/", f"{wanted}:")) else None
        if self.kind is Kind.ACCOUNT:
            return How.BELOW if wanted in _DIGITS.findall(found) else None
        if self.kind is Kind.NETWORK or len(wanted) < LEAST_PART:
            return None
        return How.PART if wanted in found else None


def needle_of(text: str) -> Needle:
    """What a text is, and so what it fits.

    Raises:
        ValueError: it is empty.
    """
    text = text.strip()
    if not text:
        raise ValueError("there is nothing to look for")
    address = _address(text)
    if address is not None:
        spellings = {text, str(address), address.exploded}
        return Needle(text, Kind.ADDRESS, _fragments(*spellings), address)
    if text.startswith("arn:"):
        return Needle(text, Kind.ARN, _fragments(text))
    if _ACCESS_KEY.match(text):
        return Needle(text, Kind.ACCESS_KEY, _fragments(text))
    if re.fullmatch(r"\d{12}", text):
        return Needle(text, Kind.ACCOUNT, _fragments(text))
    if _network(text) is not None:
        return Needle(text, Kind.NETWORK, _fragments(text))
    host = urlsplit(text).hostname if "://" in text else text
    if host and _HOST.match(host):
        bucket = _BUCKET.match(host.lower())
        named = bucket.group(1) if bucket else ""
        spelt = (host.rstrip("."), *_parents(host), *([named] if named else ()))
        return Needle(host, Kind.HOST, _fragments(*spelt), other=named)
    key, equals, value = text.partition("=")
    if equals and key and value:
        return Needle(text, Kind.TAG, _fragments(value))
    return Needle(text, Kind.TEXT, _fragments(text))


def search(snapshot: Snapshot, needle: Needle) -> Iterator[Place]:
    """Every value that fits, in the order of the snapshot.

    Raises:
        SnapshotError: a line is truncated or not ours.
    """
    for type_id in sorted(snapshot.types()):
        for item in snapshot.items_holding(type_id, needle.fragments):
            yield from _places(item, needle)
        if needle.address is not None and type_id in _RANGES_OF:
            for item in snapshot.items(type_id):
                yield from _ranges(item, needle.address, _RANGES_OF[type_id])


def account_of_access_key(key_id: str) -> str | None:
    """The account that an access key's id names; None where the text is no such id.

    Behind the prefix the id is base 32; the 40 bits after the first are the account's number.
    AWS gives the same answer to ``sts:GetAccessKeyInfo``. Ids from before this form (their fifth
    character is ``I`` or ``J``) name no account.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
    """
    if not _ACCESS_KEY.match(key_id) or key_id[4] in "IJ":
        return None
    bits = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
    account = (bits & 0x7FFFFFFFFF80) >> 7
    return f"{account:012d}" if account < 10**12 else None


def _places(item: Item, needle: Needle) -> Iterator[Place]:
    own = needle.kind is Kind.ACCOUNT and item.account_id == needle.text
    if own and item.type not in _ACCOUNTS_OWN:
        # Whatever an account owns names it: only who it is, and who else names it, is an answer.
        return
    if (how := needle.fits(item.id)) is not None:
        yield Place(item, "/id", item.id, how)
    seen: set[tuple[str, str]] = set()
    for pointer, value in _values(item):
        key, equals, _ = value.partition("=")
        how = needle.fits(value)
        is_tag = pointer.endswith("#tag")
        if needle.kind is Kind.TAG and not is_tag:
            how = None
        if how is None or (is_tag and needle.kind is not Kind.TAG and (not equals or not key)):
            continue
        pointer = pointer.removesuffix("#tag")
        if (pointer, value) not in seen:
            seen.add((pointer, value))
            yield Place(item, pointer, value, how)


def _values(item: Item) -> Iterator[tuple[str, str]]:
    yield from _below(item.item, "/item")
    for name, result in item.calls.items():
        yield from _below(result.value, f"/calls/{_escaped(name)}/value")


def _below(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[Any, str]] = [(value, pointer)]
    while waiting:
        held, where = waiting.pop()
        if isinstance(held, str):
            yield where, held
        elif isinstance(held, bool) or held is None:
            continue
        elif isinstance(held, int | float):
            yield where, str(held)
        elif isinstance(held, Mapping):
            yield from _said_by(held, where)
            waiting += [(inner, f"{where}/{_escaped(str(name))}") for name, inner in held.items()]
        elif isinstance(held, list):
            waiting += [(inner, f"{where}/{number}") for number, inner in enumerate(held)]


def _said_by(held: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """What an object says by its keys: tags, and the names of redacted values."""
    if (tag := _tag(held)) is not None:
        yield f"{where}#tag", tag
    is_tags = where.rpartition("/")[2].lower() in ("tags", "tagset", "taglist")
    for name, inner in held.items():
        below = f"{where}/{_escaped(str(name))}"
        if isinstance(inner, Mapping) and "redacted" in inner:
            yield below, str(name)
        if is_tags and isinstance(inner, str):
            yield f"{below}#tag", f"{name}={inner}"


def _tag(held: Mapping[str, Any]) -> str | None:
    for key, value in (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue")):
        if isinstance(held.get(key), str) and isinstance(held.get(value), str):
            return f"{held[key]}={held[value]}"
    return None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _ranges(item: Item, address: Address, paths: tuple[str, ...]) -> Iterator[Place]:
    for path in paths:
        for value in values_at(item.item, path):
            network = _network(str(value))
            if network is not None and address in network:
                yield Place(item, f"/item/{path.partition('[')[0]}", str(value), How.RANGE)


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _network(text: str) -> Network | None:
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_address(value: str, wanted: Address) -> bool:
    head, slash, length = value.partition("/")
    if slash and length != str(wanted.max_prefixlen):
        return False
    return _address(head) == wanted


def _host_fits(found: str, wanted: str) -> How | None:
    # Route 53 writes the star of a wildcard record as \052.
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    found = found.replace("\\052", "*")
    host = found
    if "://" in found:
        try:
            host = urlsplit(found).hostname or found
        except ValueError:
            return None
    host = host.partition("/")[0].partition(":")[0].rstrip(".")
    if wanted in (host, host.removeprefix("dualstack.")):
        return How.SAME
    if host.startswith("*.") and wanted.endswith(host[1:]) and wanted != host[2:]:
        return How.PATTERN
    return None


def _parents(host: str) -> list[str]:
    labels = host.rstrip(".").split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]


def _fragments(*texts: str) -> tuple[str, ...]:
    return tuple(sorted({json.dumps(text, ensure_ascii=False)[1:-1].lower() for text in texts}))
