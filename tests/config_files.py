"""Files of AWS Config, as ``import config`` reads them, made by hand in the documented shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from collector.aws_config import import_config
from collector.request import CollectResult
from collector.snapshot import Snapshot
from collector_world import KEY

ACCOUNT = "111122223333"
REGION = "eu-west-1"
CAPTURED = "2026-11-20T10:00:00.000Z"


def item(
    kind: str,
    name: str,
    configuration: Any,
    *,
    region: str = REGION,
    account: str = ACCOUNT,
    at: str = CAPTURED,
    **more: Any,
) -> dict[str, Any]:
    """A configuration item as Config puts it into S3."""
    return {
        "relatedEvents": [],
        "relationships": [],
        "configuration": configuration,
        "supplementaryConfiguration": {},
        "tags": {},
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": at,
        "configurationStateId": 1,
        "awsAccountId": account,
        "configurationItemStatus": "OK",
        "resourceType": f"AWS::{kind}",
        "resourceId": name,
        "ARN": f"arn:aws:any:{region}:{account}:{name}",
        "awsRegion": region,
        "availabilityZone": "Not Applicable",
        **more,
    }


def snapshot_file(*items: Any, **more: Any) -> dict[str, Any]:
    """A configuration snapshot."""
    return {
        "fileVersion": "1.0",
        "configSnapshotId": "1-2-3",
        "configurationItems": [*items],
    } | more


def history_file(*items: Any) -> dict[str, Any]:
    """A history file: what changed."""
    return {"fileVersion": "1.0", "configurationItems": [*items]}


def as_api(held: dict[str, Any]) -> dict[str, Any]:
    """The item as calls of the API give it: parts are texts of JSON, members have other names."""
    renamed = {"awsAccountId": "accountId", "ARN": "arn", "configurationItemVersion": "version"}
    given = {renamed.get(name, name): value for name, value in held.items()}
    parts = held["supplementaryConfiguration"]
    return given | {
        "configuration": json.dumps(held["configuration"]),
        "supplementaryConfiguration": {key: json.dumps(value) for key, value in parts.items()},
        "configurationStateId": str(held["configurationStateId"]),
    }


def as_row(held: dict[str, Any]) -> str:
    """The item as a row of a query's answer."""
    tags = [{"key": key, "value": value} for key, value in held["tags"].items()]
    row = {name: value for name, value in held.items() if name not in ("relatedEvents", "ARN")}
    return json.dumps(row | {"accountId": row.pop("awsAccountId"), "tags": tags})


class ConfigFiles:
    """A directory of Config's files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "config"
        self.into = folder / "of-config"

    def put(self, held: Any, name: str = "a.json") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(held, bytes):
            path.write_bytes(held)
        else:
            path.write_text(held if isinstance(held, str) else json.dumps(held))
        return path

    def load(self, *paths: Path) -> tuple[Snapshot, CollectResult]:
        result = import_config(paths or [self.folder], self.into, redaction_key=KEY)
        return Snapshot.open(self.into), result

    def load_items(self, *items: Any) -> tuple[Snapshot, CollectResult]:
        self.put(snapshot_file(*items))
        return self.load()
