"""How AWS Config's resource types map to calls: ``data/aws-config.json``.

Sources and the day they were read stand in the file. What a type's row may say:

- ``client``, ``list``, ``path``: the list call and where in its answer the items stand; ``answer``
  instead: the items are the answer of another call (``of``: for each value of this member);
- ``needs``: members that an item must have (``A|B``: one of them; ``A[].B``: in every element),
  so that a part of a configuration (a query that selected little) does not pass for all of it;
- ``members``: the only members that are taken; ``string``: the items are texts, this member's;
- ``rename``, ``texts``: members with another name, and lists of texts that are lists of objects;
- ``added``: Config's own members, which are dropped;
- ``only``: values that the list call is restricted to; ``tags``: the member for the item's tags;
- ``everywhere``: the resource is the account's, whatever region recorded it;
- ``partly``: why the list is never the whole one;
- ``follow_ups``: by operation, what it is made ``from`` and ``how``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one answer is made of a part of a configuration item.

    Attributes:
        source: ``configuration``, ``supplementary``, ``tags`` or ``region``, with a path.
        how: ``shape`` (by botocore's shape), or a way of its own (see
            :mod:`collector.aws_config_answers`).
        into: the member of the answer that it becomes; empty: the answer.
        members: member of the answer -> member of the source; empty: all by their own names.
        values: member of the answer -> what its values are called there.
        absent: the error code of an answer that says there is none.
        key: a member without which nothing is known.
        without: members that are not taken.
        named: the member that names the item in a list of tags.
    """

    source: str
    how: str = "shape"
    into: str = ""
    members: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    absent: str = ""
    key: str = ""
    without: tuple[str, ...] = ()
    named: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigType:
    """How one of Config's types is taken; attributes as above.

    Attributes:
        name: Config's own, ``AWS::EC2::Instance``.
        operation: the call whose answer the items are.
        path: where in it; ends in ``[]`` if there are several.
        of: for each value of which member there is an answer; empty: one answer for all.
    """

    name: str
    client: str
    operation: str
    path: str
    of: str = ""
    is_list_call: bool = True
    needs: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict)
    string: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: str = ""
    everywhere: bool = False
    partly: str = ""
    follow_ups: Mapping[str, Part] = field(default_factory=dict)


@cache
def config_types() -> Mapping[str, ConfigType]:
    """Every type that is taken, by Config's name."""
    return {name: _type(name, row) for name, row in config_facts()["types"].items()}


@cache
def config_facts() -> Mapping[str, Any]:
    """The data file."""
    text = (resources.files("collector") / "data" / "aws-config.json").read_text("utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


def why_left_out(type_name: str) -> str:
    """Why a type is not taken."""
    return str(
        config_facts()["left_out"].get(type_name, "mapper knows no faithful way to read its items")
    )


def _type(name: str, row: Mapping[str, Any]) -> ConfigType:
    answer = row.get("answer", {})
    return ConfigType(
        name=name,
        client=row["client"],
        operation=answer.get("operation") or row["list"],
        path=answer.get("path") or row["path"],
        of=answer.get("of", ""),
        is_list_call=not answer,
        needs=tuple(row["needs"]),
        members=row.get("members", {}),
        string=row.get("string", ""),
        rename={path.lower(): member for path, member in row.get("rename", {}).items()},
        texts={path.lower(): member for path, member in row.get("texts", {}).items()},
        added=frozenset(path.lower() for path in row.get("added", ())),
        only={member: tuple(values) for member, values in row.get("only", {}).items()},
        tags=row.get("tags", ""),
        everywhere=row.get("everywhere", False),
        partly=row.get("partly", ""),
        follow_ups={call: _part(part) for call, part in row.get("follow_ups", {}).items()},
    )


def _part(row: Mapping[str, Any]) -> Part:
    known = {key: value for key, value in row.items() if key not in ("from", "without")}
    return Part(source=row["from"], without=tuple(row.get("without", ())), **known)
