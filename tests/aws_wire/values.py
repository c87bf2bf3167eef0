"""Plausible values for botocore's shapes, the same for the same seed.

Every text of an item holds the item's *token*: eleven hexadecimal digits for the list and six for
the number of the item. Whoever meets an id, a name or an ARN again knows the item by it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore import xform_name

TOKEN = re.compile(r"[0-9a-f]{11}([0-9a-f]{6})")
DEPTH = 2
"""Levels of structures that are filled; deeper only what a declaration reads."""
START = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Seed:
    """Whose value it is.

    Attributes:
        token: of the item: see :func:`token_of`.
    """

    account: str
    region: str
    partition: str
    client: str
    token: str

    @property
    def number(self) -> int:
        """The item's place in its list."""
        return int(self.token[11:], 16)


Maker = Callable[[Seed], Any]


def digest(*parts: str) -> str:
    """Eleven hexadecimal digits that stand for the parts."""
    return hashlib.sha1("\0".join(parts).encode(), usedforsecurity=False).hexdigest()[:11]


def token_of(prefix: str, number: int) -> str:
    """The token of an item: the list's digest and the item's number."""
    return f"{prefix}{number:06x}"


def number_in(text: str) -> int | None:
    """The number of the item whose token a text holds."""
    found = TOKEN.search(text)
    return int(found.group(1), 16) if found else None


@cache
def maker(shape: Any, name: str, depth: int = DEPTH) -> Maker | None:
    """What makes a value of a shape for a member; ``None``: the member stays away.

    Args:
        shape: botocore's shape.
        name: the member's name: much of AWS's meaning is in it.
        depth: levels of structures to fill.
    """
    match shape.type_name:
        case "structure":
            return _inner_structure(shape, depth)
        case "list":
            inner = maker(shape.member, name.removesuffix("s"), depth - 1) if depth > 0 else None
            return (lambda seed: [inner(seed)]) if inner else None
        case "map":
            inner = maker(shape.value, name, depth - 1) if depth > 0 else None
            key = maker(shape.key, "key", depth)
            return (lambda seed: {key(seed): inner(seed)}) if inner and key else None
        case "timestamp":
            return lambda seed: START + dt.timedelta(minutes=seed.number % 100_000)
        case "blob":
            return lambda seed: b"bytes of " + seed.token.encode()
        case "boolean":
            return lambda seed: False
        case "integer" | "long":
            least = int(shape.metadata.get("min", 0))
            room = min(1000, int(shape.metadata.get("max", 10**9)) - least + 1)
            return lambda seed: least + seed.number % room
        case "float" | "double":
            return lambda seed: 0.5
    return _text(shape, name)


def _inner_structure(shape: Any, depth: int) -> Maker | None:
    if shape.is_tagged_union:
        # One member has to be there, however deep it stands.
        for member, inner in shape.members.items():
            made = maker(inner, member, max(depth - 1, 0))
            if made is not None:
                return lambda seed, name=member, made=made: {name: made(seed)}  # type: ignore[misc]
        return None
    return structure(shape, depth - 1) if depth > 0 else None


@cache
def structure(shape: Any, depth: int = DEPTH) -> Maker:
    """What makes a structure, filled to a depth."""
    if getattr(shape, "is_document_type", False):
        return lambda seed: {"token": seed.token}
    makers = {
        member: made
        for member, inner in shape.members.items()
        if not inner.serialization.get("eventstream")
        and (made := maker(inner, member, depth)) is not None
    }
    if shape.is_tagged_union:
        makers = dict(list(makers.items())[:1])
    return lambda seed: {member: made(seed) for member, made in makers.items()}


_ACCOUNT = re.compile(r"(owner|account).*id$|^(owner|account)$|^ownerid$", re.IGNORECASE)
_GOOD = ("ACTIVE", "Active", "active", "available", "AVAILABLE", "InService", "ENABLED", "Enabled")
_ARN = "arn:{partition}:{client}:{region}:{account}:"


def _text(shape: Any, name: str) -> Maker:
    """A maker of texts."""
    if shape.enum and "region" not in name.lower() and name != "LocationConstraint":
        value = next((good for good in _GOOD if good in shape.enum), shape.enum[0])
        return lambda seed: value
    if shape.name == "policyDocumentType":
        return _policy
    template = _template(shape, name)
    least = int(shape.metadata.get("min", 0))
    if "{" not in template:
        return lambda seed: template

    def made(seed: Seed) -> str:
        text = template.format(
            account=seed.account,
            region=seed.region,
            partition=seed.partition,
            client=seed.client,
            token=seed.token,
        )
        return text if len(text) >= least else text + "x" * (least - len(text))

    return made


def _policy(seed: Seed) -> dict[str, Any]:
    """A policy that names the account alone."""
    own = {"AWS": f"arn:{seed.partition}:iam::{seed.account}:root"}
    statement = {"Sid": "Own", "Effect": "Allow", "Principal": own, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _template(shape: Any, name: str) -> str:
    lower = name.lower()
    slug = xform_name(name).replace("_", "-").strip("-")[:24] or "value"
    if lower.endswith(("arn", "arns")) or shape.name.lower().endswith("arn"):
        kind = slug.removesuffix("-arn") or "resource"
        return f"{_ARN}{kind}/{kind}-{{token}}"
    if lower in ("region", "regionname", "awsregion", "locationconstraint") or (
        lower.endswith("region") and "count" not in lower
    ):
        return "{region}"
    if _ACCOUNT.search(name):
        return "{account}"
    for ending, template in _ENDINGS:
        if lower.endswith(ending):
            return template
    if lower.endswith("id"):
        return (slug.removesuffix("-id") or "id") + "-{token}"
    return slug + "-{token}"


_ENDINGS = (
    ("email", "owner-{token}@example.com"),
    ("cidrblock", "10.0.0.0/16"),
    ("cidr", "10.0.0.0/16"),
    ("cidrip", "10.0.0.0/16"),
    ("ipaddress", "10.0.0.10"),
    ("publicip", "198.51.100.10"),
    ("availabilityzone", "{region}a"),
    ("dnsname", "host-{token}.example.com"),
    ("domainname", "host-{token}.example.com"),
    ("url", "https://host.example.com/{token}"),
    ("uri", "https://host.example.com/{token}"),
    ("policy", '{{"Version":"2012-10-17","Statement":[]}}'),
    ("policydocument", '{{"Version":"2012-10-17","Statement":[]}}'),
)


def put(value: dict[str, Any], path: str, what: Any) -> None:
    """Set the value at a dotted path; ``None`` takes the member away. A step that ends in ``[]``
    enters the list's first element, which is made if there is none."""
    *above, last = path.split(".")
    node = value
    for step in above:
        if step.endswith("[]"):
            held = node.setdefault(step[:-2], [{}])
            node = held[0]
        else:
            inner = node.get(step)
            if not isinstance(inner, dict):
                inner = node[step] = {}
            node = inner
    if last.endswith("[]"):
        node[last[:-2]] = [what]
    elif what is None:
        node.pop(last, None)
    else:
        node[last] = what


def shape_at(shape: Any, path: str) -> Any:
    """The shape at a path; ``None`` where a step does not exist."""
    for step in path.split(".") if path else ():
        name = step.removesuffix("[]")
        if name:
            if shape.type_name != "structure" or name not in shape.members:
                return None
            shape = shape.members[name]
        if step.endswith("[]"):
            if shape.type_name != "list":
                return None
            shape = shape.member
    return shape


def made_at(shape: Any, path: str, seed: Seed) -> Any:
    """A value for the member at a path, however deep."""
    found = shape_at(shape, path)
    last = path.rpartition(".")[2].removesuffix("[]") if path else "value"
    made = maker(found, last) if found is not None else None
    return made(seed) if made else None


def as_mapping(value: Any) -> Mapping[str, Any]:
    """A structure, or nothing."""
    return value if isinstance(value, Mapping) else {}
