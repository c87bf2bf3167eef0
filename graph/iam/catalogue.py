"""The action catalogue: every action of AWS, its level, resource types and condition keys.

The data is a packaged file made by ``scripts/update_catalogue.py`` from the Service Authorization
Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/). It is read at
first use. A set of actions is a Python integer: bit ``n`` stands for ``all_actions()[n]``.
"""

from __future__ import annotations

import difflib
import gzip
import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

from graph.iam import patterns
from graph.iam.name_columns import NameColumns
from graph.iam.patterns import ONE, STAR, ResourcePattern

LEVELS = {"r": "read", "w": "write", "l": "list", "p": "permissions", "t": "tagging"}
_STARS = re.compile(f"{STAR}+")
_WILDCARD = re.compile(f"[{STAR}{ONE}]")
_HOLE = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_LONGEST_TEXT = 2048
_SOME = frozenset({("s3", "Region"), ("s3", "Account")})
"""Parts of a service's templates that are never empty: without them the ARN is of another type."""
_WITHOUT_SLASH = frozenset({("s3", "bucket")})
"""Resource types (service, lower case name) of which no ARN has a slash, whatever it is named.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

FULL: int
"""The set of all actions."""
VERSION: str
"""Release of the source package."""
DATE: str
"""Day of the source's data, ``YYYY-MM-DD``."""


def __getattr__(name: str) -> object:
    if name == "FULL":
        return (1 << len(all_actions())) - 1
    if name in ("VERSION", "DATE"):
        return about()[name.lower()]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource type of an action; ``condition_keys`` are those of this use alone."""

    type: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionInfo:
    """One action; ``name`` as AWS writes it (``s3:GetObject``).

    ``level`` is ``read``, ``write``, ``list``, ``permissions`` or ``tagging``. Keys and dependent
    actions are as the reference writes them.
    """

    name: str
    level: str
    resource_types: tuple[ResourceUse, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    packed = Path(__file__).with_name("catalogue.json.gz").read_bytes()
    data: dict[str, Any] = json.loads(gzip.decompress(packed))
    return data


def about() -> dict[str, str]:
    """Source, upstream, package, version, date and licence of the data."""
    return dict(_data()["about"])


@cache
def all_actions() -> tuple[str, ...]:
    """Every action by service and name; the index of an action is its bit."""
    services = _data()["services"].items()
    return tuple(
        f"{prefix}:{name}" for prefix, entry in services for name in entry["actions"].split()
    )


@cache
def _lower() -> tuple[str, ...]:
    return tuple("\n".join(all_actions()).lower().split("\n"))


@cache
def _number() -> dict[str, int]:
    return {name: number for number, name in enumerate(_lower())}


@cache
def _ranges() -> dict[str, tuple[int, int]]:
    """First bit of each service and the bit after its last."""
    counts = {prefix: len(entry["row"]) for prefix, entry in _data()["services"].items()}
    ends = accumulate(counts.values())
    return {prefix: (end - counts[prefix], end) for prefix, end in zip(counts, ends, strict=True)}


def services() -> tuple[str, ...]:
    """The prefixes of all services, e.g. ``s3``."""
    return tuple(_data()["services"])


def service_name(prefix: str) -> str | None:
    """A service's name, e.g. ``Amazon S3``; ``None`` if unknown."""
    entry = _data()["services"].get(prefix.lower())
    return entry and str(entry["name"])


def actions_of(service: str) -> tuple[str, ...]:
    """The actions of a service prefix; none if it is unknown."""
    start, end = _ranges().get(service.lower(), (0, 0))
    return all_actions()[start:end]


# Sets of actions


def _run(start: int, end: int) -> int:
    """The set of the bits ``start`` to ``end - 1``."""
    return ((1 << max(0, end - start)) - 1) << start


def service_bits(service: str) -> int:
    """The set of a service's actions; empty if it is unknown."""
    return _run(*_ranges().get(service.lower(), (0, 0)))


@cache
def level_bits(level: str) -> int:
    """The set of all actions of a level.

    Raises:
        ValueError: for a word that is no level.
    """
    letter = next((letter for letter, word in LEVELS.items() if word == level), None)
    if letter is None:
        raise ValueError(f"{level!r} is no access level: {', '.join(LEVELS.values())}")
    letters = "".join(entry["levels"] for entry in _data()["services"].values())
    return int("".join("1" if one == letter else "0" for one in reversed(letters)), 2)


def names(bits: int) -> list[str]:
    """The actions of a set, in the order of ``all_actions()``; bits beyond it are ignored."""
    everything = all_actions()
    digits = bin(bits & _run(0, len(everything)))[:1:-1]
    found = []
    place = digits.find("1")
    while place >= 0:
        found.append(everything[place])
        place = digits.find("1", place + 1)
    return found


def bits(glob: str) -> int:
    """The set of actions that an ``Action`` entry names, e.g. ``s3:Get*``, ``*``, in any case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    text = _STARS.sub(STAR, patterns.action_glob(glob))
    if len(text) > 2 * _longest() + 1:  # more characters than any action has
        return 0
    return _bits(text)


@lru_cache(maxsize=16384)
def _bits(text: str) -> int:
    if patterns.is_literal(text):
        number = _number().get(text)
        return 0 if number is None else 1 << number
    stem = _WILDCARD.split(text, maxsplit=1)[0]
    run = _begin_with(stem)
    rest = text[len(stem) :]
    return run if rest == STAR or not run else _columns().match(rest, run, len(stem))


def _begin_with(stem: str) -> int:
    prefix, colon, _ = stem.partition(":")
    if not colon:
        runs = [_run(*ends) for service, ends in _ranges().items() if service.startswith(stem)]
        return sum(runs)
    start, end = _ranges().get(prefix, (0, 0))
    start = bisect_left(_lower(), stem, start, end)
    return _run(start, bisect_left(_lower(), stem + "\U0010ffff", start, end))


@cache
def _columns() -> NameColumns:
    return NameColumns(_lower())


@cache
def _longest() -> int:
    return max(map(len, all_actions()))


def unknown(glob: str) -> bool:
    """Whether no action of the catalogue matches an ``Action`` entry."""
    return not bits(glob)


def nearest(action: str) -> list[str]:
    """Up to three known actions that resemble an unknown one: "did you mean".

    Takes some ten milliseconds: for the few that a person is shown.
    """
    text = action.lower()
    prefix, _, name = text.partition(":")
    if len(text) > 2 * _longest():
        return []
    near = [prefix] if prefix in _ranges() else difflib.get_close_matches(prefix, services())
    if near:
        pool = [low for one in near for low in _lower()[slice(*_ranges()[one])]]
    else:
        pool = [low for low in _lower() if low.endswith(f":{name}")]
    return [all_actions()[_number()[low]] for low in difflib.get_close_matches(text, pool)]


# One action


@cache
def _info(number: int) -> ActionInfo:
    prefix = all_actions()[number].partition(":")[0]
    entry = _data()["services"][prefix]
    place = number - _ranges()[prefix][0]
    uses, keyset, dependent = entry["rows"][entry["row"][place]]
    return ActionInfo(
        all_actions()[number],
        LEVELS[entry["levels"][place]],
        tuple(
            ResourceUse(entry["types"][kind][0], bool(required), _keyset(keys), tuple(after))
            for kind, required, keys, after in uses
        ),
        _keyset(keyset),
        tuple(dependent),
    )


@cache
def _keyset(number: int) -> tuple[str, ...]:
    data = _data()
    return tuple(data["keys"][key] for key in data["keysets"][number])


def _known(name: str) -> ActionInfo | None:
    number = _number().get(name.lower())
    return None if number is None else _info(number)


def action(name: str) -> ActionInfo | None:
    """What is known of an action, in any case; ``None`` if it is not in the catalogue."""
    return _known(name)


@lru_cache(maxsize=65536)
def spelled(name: str) -> str:
    """An action or pattern in the reference's case: ``sns:Publish`` for ``SNS:publish``.

    What no action begins with stays as it is written, behind the service's prefix.
    """
    stem = re.split(r"[*?]", name.lower(), maxsplit=1)[0]
    if stem == name.lower() and (number := _number().get(stem)) is not None:
        return all_actions()[number]
    place = bisect_left(_lower(), stem) if ":" in stem else len(_lower())
    if stem != name.lower() and place < len(_lower()) and _lower()[place].startswith(stem):
        return all_actions()[place][: len(stem)] + name[len(stem) :]
    prefix, colon, rest = name.partition(":")
    return f"{prefix.lower()}{colon}{rest}" if service_name(prefix) else name


def is_wildcard_only(action: str) -> bool | None:
    """Whether an action has no resource type, so that only Resource ``*`` names it.

    ``None`` if the action is unknown.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    info = _known(action)
    return None if info is None else not info.resource_types


def required_resource_types(action: str) -> tuple[str, ...]:
    """Resource types that the reference marks as required for an action.

    Several required types are not always required at once: for some actions they are alternatives.
    """
    info = _known(action)
    return tuple(use.type for use in info.resource_types if use.required) if info else ()


def honours_rcp(service_or_action: str) -> bool | None:
    """Whether resource control policies apply to a service; ``None`` if it is unknown.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    prefix = service_or_action.partition(":")[0].lower()
    return prefix in _rcp() if prefix in _ranges() else None


@cache
def _rcp() -> frozenset[str]:
    return frozenset(_data()["rcp"])


# Condition keys


def condition_keys(action: str) -> frozenset[str]:
    """Condition keys that an action knows: its own and its resource types', in lower case.

    A key may be a template, e.g. ``aws:resourcetag/${tagkey}``; global keys that services do not
    list are left out.
    """
    info = _known(action)
    return _keys_of(info.name) if info else frozenset()


@cache
def _keys_of(name: str) -> frozenset[str]:
    info, types = _info(_number()[name.lower()]), _types(name.partition(":")[0])
    sets = [info.condition_keys]
    for use in info.resource_types:
        sets += [use.condition_keys, types[use.type.lower()][1]]
    return frozenset(key.lower() for key in chain.from_iterable(sets))


def key_type(key: str) -> str | None:
    """Type of a condition key, e.g. ``ArrayOfString``, ``Bool``; ``None`` if it is unknown.

    Types that begin with ``ArrayOf`` are those of multivalued keys.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    known: dict[str, str] = _data()["key_types"]
    key = key.lower()
    return known.get(key) or (_type_of_shape(key) if len(key) <= _LONGEST_TEXT else None)


def keys_with(prefix: str) -> list[str]:
    """Condition keys (lower case) that begin with a text."""
    return sorted(key for key in _data()["key_types"] if key.startswith(prefix))


@lru_cache(maxsize=4096)
def _type_of_shape(key: str) -> str | None:
    shapes = _key_shapes().items()
    return next((kind for shape, kind in shapes if patterns.matches(shape, key)), None)


@cache
def _key_shapes() -> dict[str, str]:
    kinds = _data()["key_types"].items()
    return {_HOLE.sub(STAR, key): kind for key, kind in kinds if _HOLE.search(key)}


# Resources


@cache
def _types(service: str) -> dict[str, tuple[str, tuple[str, ...], ResourcePattern]]:
    """ARN template, condition keys and pattern of a service's resource types."""
    entry = _data()["services"].get(service)
    return {
        name.lower(): (arn, _keyset(keys), patterns.written_resource(_shape(service, arn)))
        for name, arn, keys in (entry["types"] if entry else ())
    }


def _shape(service: str, template: str) -> str:
    """A template as a policy would write it."""
    return _HOLE.sub(lambda hole: "?*" if (service, hole[0][2:-1]) in _SOME else "*", template)


def resource_arns(service: str, type: str) -> tuple[str, ...]:  # noqa: A002
    """ARN templates of a resource type, e.g. ``arn:${Partition}:s3:::${BucketName}``."""
    known = _types(service.lower()).get(type.lower())
    return (known[0],) if known else ()


def _separators(resource: str) -> int:
    return resource.count("/") + resource.count(":")


@lru_cache(maxsize=32768)
def _types_of(service: str, arn: str) -> tuple[frozenset[str], frozenset[str]]:
    """Resource types (lower case) whose template an ARN fits best, and all those it may fit."""
    found: dict[str, tuple[bool, int]] = {}
    for name, (template, _, pattern) in _types(service).items():
        if pattern.matches(arn) and _may_have_slashes(service, name, arn):
            shape = template.split(":", 5)[5]
            # As many separators in both: no part of the ARN that a name stands for has one.
            exact = _separators(_HOLE.sub("", shape)) == _separators(arn.split(":", 5)[5])
            found[name] = (exact, len(_HOLE.sub("", shape)))
    best = max(found.values(), default=None)
    return frozenset(name for name in found if found[name] == best), frozenset(found)


def _may_have_slashes(service: str, name: str, arn: str) -> bool:
    """Whether the slashes of an ARN (or of a pattern of ARNs) can be those of a resource type."""
    return "/" not in arn or (service, name) not in _WITHOUT_SLASH


def _is_pattern(arn: str) -> bool:
    return "*" in arn or "?" in arn


def type_of(service: str, arn: str) -> str | None:
    """Resource type of an ARN; ``None`` if none or several fit, or for a pattern."""
    if _is_pattern(arn) or len(arn) > _LONGEST_TEXT:
        return None
    best, _ = _types_of(service.lower(), arn)
    if len(best) != 1:
        return None
    types: list[tuple[str, str, int]] = _data()["services"][service.lower()]["types"]
    return next(name for name, _, _ in types if name.lower() in best)


def fits(action: str, arn: str) -> bool | None:
    """Whether an ARN can be a resource of an action.

    ``None`` in doubt: an unknown action, an ARN that another type fits better, or a pattern that
    may name such a resource (an incomplete ARN is one). An action without resource types takes
    ``*`` alone.
    """
    info = _known(action)
    if info is None or len(arn) > _LONGEST_TEXT:
        return None
    service = action.partition(":")[0].lower()
    wanted = {use.type.lower() for use in info.resource_types}
    if not wanted:
        return arn == "*"
    written = patterns.written_resource(arn)
    if _is_pattern(arn) or written.completed:
        shapes = [written.glob, *([written.completed.glob] if written.completed else ())]
        types = _types(service)
        hit = any(
            patterns.may_name(shape, types[name][2].glob)
            for name in wanted
            if _may_have_slashes(service, name, arn)
            for shape in shapes
        )
        return None if hit else False
    best, possible = _types_of(service, arn)
    if best & wanted:
        return True
    return None if possible & wanted else False
