"""Bring ``collector/data/operation-actions.json`` up to date with the declarations.

For each operation that the collector may call: the IAM actions behind it, their level and, where
one action stands for many operations, the resources that this one reads. ``overrides`` in the
file are written by hand, each with its source; everything else is derived from botocore's names
and checked in the packaged action catalogue. What cannot be derived is named: write an override.

``--check`` changes nothing and fails when the file is out of date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel

from collector.session import allowed_operations
from graph.iam import catalogue

TARGET = Path(__file__).resolve().parent.parent / "collector" / "data" / "operation-actions.json"
LEVELS = {
    "list": "List",
    "read": "Read",
    "tagging": "Tagging",
    "write": "Write",
    "permissions": "Permissions management",
}
"""The catalogue's words to AWS's, the weakest first."""
HTTP_ACTIONS = ("GET",)
"""Services whose actions are HTTP methods have the path as the resource."""
_VERSION = re.compile(r"^/v\d+(?=/)|^/\d{4}-\d\d-\d\d(?=/)")
_HOLE = re.compile(r"\$?\{[^}]*\}")


@cache
def _session() -> Any:
    return botocore.session.get_session()


@cache
def service_model(client: str) -> ServiceModel:
    """botocore's model of a client."""
    return _session().get_service_model(client)


@cache
def _operation_names(client: str) -> dict[str, str]:
    return {xform_name(name): name for name in service_model(client).operation_names}


def operation_model(client: str, operation: str) -> OperationModel | None:
    """botocore's model of an operation; None if there is none."""
    name = _operation_names(client).get(operation)
    return None if name is None else service_model(client).operation_model(name)


def derived_actions(client: str, operation: str) -> list[str]:
    """The action of the same name, or of the HTTP method; none where neither exists."""
    model = operation_model(client, operation)
    if model is None:
        return []
    about = service_model(client)
    prefixes = (about.signing_name, about.metadata.get("endpointPrefix", ""), client)
    for prefix in dict.fromkeys(prefixes):
        for name in (model.name, str(model.http.get("method", ""))):
            found = catalogue.action(f"{prefix}:{name}")
            if found is not None:
                return [found.name]
    return []


def resources_of(client: str, operation: str, actions: Iterable[str]) -> list[str]:
    """The resources of an operation whose action is an HTTP method; none means all.

    ``service:region:account:path`` with ``*`` for what is not fixed, as the catalogue's ARNs.
    """
    model = operation_model(client, operation)
    prefixes = [a.partition(":")[0] for a in actions if a.partition(":")[2] in HTTP_ACTIONS]
    if model is None or not prefixes:
        return []
    uri = _VERSION.sub("", str(model.http["requestUri"]).partition("?")[0])
    path = _HOLE.sub("*", uri)
    found = {
        f"{prefix}:*:{'*' if account else ''}:{path}"
        for prefix in prefixes
        for account, known in _paths(prefix)
        if known == path
    }
    return sorted(found) or [f"{prefix}:*::{path}" for prefix in prefixes]


@cache
def _paths(prefix: str) -> frozenset[tuple[bool, str]]:
    """The paths of a service's ARNs, and whether their ARN names the account."""
    found = set()
    for name, _, _ in catalogue._data()["services"][prefix]["types"]:
        for template in catalogue.resource_arns(prefix, name):
            _, _, _, _, account, path = template.split(":", 5)
            found.add((bool(account), _HOLE.sub("*", path)))
    return frozenset(found)


def level_of(actions: Iterable[str]) -> str:
    """The strongest level among actions of the catalogue.

    Raises:
        KeyError: the catalogue does not have one of them.
    """
    order = list(LEVELS)
    found = []
    for name in actions:
        info = catalogue.action(name)
        if info is None:
            raise KeyError(name)
        found.append(order.index(info.level))
    return LEVELS[order[max(found)]]


def row_of(client: str, operation: str, overrides: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row of an operation; None if no action of its name is known.

    Raises:
        KeyError: an override names an action that the catalogue does not have, or says so of one
            that it has.
    """
    row: dict[str, Any] = dict(overrides.get(f"{client}.{operation}", {}))
    actions = row.get("actions") or derived_actions(client, operation)
    if not actions:
        return None
    if row.get("newer_than_catalogue"):
        known = [name for name in actions if catalogue.action(name)]
        if known:
            raise KeyError(f"{known[0]} is in the catalogue now: take the override away")
    else:
        row |= {"actions": actions, "level": level_of(actions)}
    resources = row.get("resources") or resources_of(client, operation, actions)
    return row | ({"resources": resources} if resources else {})


def updated(
    data: Mapping[str, Any], declared: Iterable[tuple[str, str]], prune: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """The file's new content, and the operations for which an override has to be written."""
    overrides = data["overrides"]
    names = {f"{client}.{operation}" for client, operation in declared}
    if not prune:
        names |= set(data["operations"])
    rows = {}
    unresolved = []
    for name in sorted(names):
        client, _, operation = name.partition(".")
        row = row_of(client, operation, overrides)
        if row is None:
            unresolved.append(name)
        else:
            rows[name] = row
    about = {"catalogue": f"{catalogue.VERSION} of {catalogue.DATE}"}
    return {**data, **about, "overrides": overrides, "operations": rows}, unresolved


def as_text(data: Mapping[str, Any]) -> str:
    """The file's text: one operation a line, so that a change is a line of a comparison."""
    head = {key: value for key, value in data.items() if key not in ("operations", "overrides")}
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in sorted(head.items())]
    for key in ("overrides", "operations"):
        lines = [
            f"  {json.dumps(name)}: {json.dumps(row, sort_keys=True)}"
            for name, row in sorted(data[key].items())
        ]
        parts.append(f" {json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if out of date")
    parser.add_argument(
        "--keep", action="store_true", help="keep rows of operations that nobody declares (yet)"
    )
    options = parser.parse_args(arguments)
    before = TARGET.read_text(encoding="utf-8")
    data, unresolved = updated(json.loads(before), allowed_operations(), prune=not options.keep)
    for name in unresolved:
        sys.stderr.write(
            f"update_operation_actions: {name}: no action of this name in the catalogue. Write it "
            f"into overrides of {TARGET.name}, with its source.\n"
        )
    text = as_text(data)
    if options.check and text != before:
        sys.stderr.write(
            f"update_operation_actions: {TARGET.name} is out of date: "
            "run scripts/update_operation_actions.py\n"
        )
        return 1
    if not options.check:
        TARGET.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{TARGET.name}: {len(data['operations'])} operations\n")
    return 1 if unresolved else 0


if __name__ == "__main__":
    sys.exit(main())
