"""Which key encrypts what a snapshot holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.snapshot import Item, Snapshot, Status
from graph.iam import rules
from graph.iam.encryption import AWS_MANAGED


def keys_of(snapshot: Snapshot) -> dict[str, str]:
    """ARN of the key by the ARN of what it encrypts; ``AWS_MANAGED`` for the account's own of AWS.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    aliases = _aliases(snapshot)
    found = {}
    for type_id, row in rules.data("encrypted_calls.json")["types"].items():
        for item in snapshot.items(type_id):
            key = _key(item, _named(item, row), aliases)
            if key:
                found[item.id] = key
    return found


def _aliases(snapshot: Snapshot) -> dict[str, str]:
    return {
        item.id: str(target)
        for item in snapshot.items("kms:alias")
        if (target := item.item.get("TargetKeyId"))
    }


def _named(item: Item, row: Mapping[str, str]) -> str:
    """What a line says of its key: ARN, id or alias; empty where it has none.

    ``ListSecrets`` leaves the key out for that of AWS's; a line without a name is none of its.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html
    """
    if "item" in row:
        of_aws = "alias/aws/" if row.get("whole") in item.item else ""
        return str(item.item.get(row["item"]) or of_aws)
    call = item.call(row["call"])
    value: Any = call.value if call.status is Status.OK else None
    told = value.get(row["within"], value) if isinstance(value, Mapping) else None
    return str(told.get(row["member"]) or "") if isinstance(told, Mapping) else ""


def _key(item: Item, name: str, aliases: Mapping[str, str]) -> str:
    short = name.partition(":alias/")[2] if ":alias/" in name else name.removeprefix("alias/")
    is_alias = ":alias/" in name or name.startswith("alias/")
    if is_alias and short.startswith("aws/"):
        return AWS_MANAGED
    partition = item.id.split(":", 2)[1] if item.id.startswith("arn:") else "aws"
    place = f"arn:{partition}:kms:{item.region}:{item.account_id}:"
    if is_alias:
        arn = name if name.startswith("arn:") else f"{place}alias/{short}"
        target = aliases.get(arn)
        return f"{arn.rpartition(':')[0]}:key/{target}" if target else arn
    return name if not name or name.startswith("arn:") else f"{place}key/{name}"
