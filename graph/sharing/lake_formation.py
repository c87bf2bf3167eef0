"""Lake Formation: grants to other accounts, organisations and their principals.

https://docs.aws.amazon.com/lake-formation/latest/dg/cross-account-permissions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, unread
from graph.sharing.receiving import ANYONE, asks, holds, source_of, told
from graph.verdict import Answer, all_of, condition

MECHANISM = "lake-formation-grant"
_CALL = "list_permissions"
_EVERYONE_OF_IAM = "IAM_ALLOWED_PRINCIPALS"


@cache
def _data() -> Mapping[str, Any]:
    text = Path(__file__).with_name("lake_formation.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def lake_formation_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Each catalogue, database, table and location with each receiver outside its account."""
    for item in snapshot.items("lakeformation:permissions"):
        call = item.call(_CALL)
        if not call.known:
            if any(True for _ in snapshot.items("glue:database", item.account_id, item.region)):
                why = f"The grants of Lake Formation were not read ({call.status})."
                shared = replace(item, id=_arn(item, "catalog"))
                answer = unread(f"lakeformation.{_CALL}", item, why)
                yield outside(shared, ANYONE, MECHANISM, answer)
            continue
        yield from _of_region(item, call.value, world)


def _of_region(item: Item, value: object, world: IamWorld) -> Iterator[Judgement]:
    rows = value.get("PrincipalResourcePermissions") if isinstance(value, Mapping) else value
    found: dict[tuple[str, str], tuple[set[str], list[Answer]]] = {}
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if not isinstance(row, Mapping):
            continue
        source, target = _source(row), _target(item, row)
        if not source or not target or _own(source, item):
            continue
        actions, answers = found.setdefault((source, target), (set(), []))
        actions.update(_actions(row))
        answers.append(_answer(item, row, source, f"/calls/{_CALL}/value/{number}"))
    for (source, target), (actions, answers) in found.items():
        best = max(answers, key=lambda one: one.verdict.rank)
        shared = replace(item, id=target)
        one = outside(shared, source, MECHANISM, best, tuple(sorted(actions)))
        yield told(one, item.account_id, world)


def _own(source: str, item: Item) -> bool:
    return ":organizations:" not in source and own(source, item.account_id)


def _source(row: Mapping[str, Any]) -> str:
    principal = row.get("Principal")
    name = principal.get("DataLakePrincipalIdentifier") if isinstance(principal, Mapping) else ""
    return "" if not name or name == _EVERYONE_OF_IAM else source_of(name)


def _target(item: Item, row: Mapping[str, Any]) -> str:
    """The ARN of what is granted; empty for what belongs to another account's catalogue."""
    resource = row.get("Resource")
    for kind, held in resource.items() if isinstance(resource, Mapping) else ():
        one = held if isinstance(held, Mapping) else {}
        owner = str(one.get("CatalogId") or one.get("TableCatalogId") or item.account_id)
        if owner.partition(":")[0] != item.account_id:
            return ""
        if kind == "DataLocation":
            return str(one.get("ResourceArn") or "")
        return _arn(item, _path(kind, one))
    return ""


def _path(kind: str, one: Mapping[str, Any]) -> str:
    if kind == "Database":
        return f"database/{one.get('Name')}"
    table = one.get("TableName") if kind == "DataCellsFilter" else one.get("Name")
    if kind in ("Table", "TableWithColumns", "DataCellsFilter") and table:
        return f"table/{one.get('DatabaseName')}/{table}"
    return f"database/{one['DatabaseName']}" if one.get("DatabaseName") else "catalog"


def _arn(item: Item, rest: str) -> str:
    partition = (item.region.startswith("cn-") and "aws-cn") or "aws"
    partition = "aws-us-gov" if item.region.startswith("us-gov-") else partition
    return f"arn:{partition}:glue:{item.region}:{item.account_id}:{rest}"


def _actions(row: Mapping[str, Any]) -> set[str]:
    data = _data()
    known: Mapping[str, list[str]] = data["permissions"]
    names = row.get("Permissions")
    found = {
        action
        for name in (names if isinstance(names, list) else [])
        for action in known.get(str(name), data["unknown"])
    }
    return found | set(data["grant_option"] if row.get("PermissionsWithGrantOption") else ())


def _answer(item: Item, row: Mapping[str, Any], source: str, pointer: str) -> Answer:
    ref = Ref.to(item, pointer)
    names = ", ".join(map(str, row.get("Permissions") or ())) or "nothing"
    answer = holds(MECHANISM, item, f"Lake Formation grants {names} to {source}.", ref)
    resource = row.get("Resource")
    if isinstance(resource, Mapping) and {"LFTagPolicy", "LFTagExpression"} & set(resource):
        text = "The grant holds for what carries the tags that it names."
        return all_of(
            (answer, asks("tags", item, text, condition("context", "lf-tag", "matches"), ref))
        )
    return answer
