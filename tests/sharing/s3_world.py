"""Buckets, access points and accounts of small worlds, judged in one call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.iam.from_snapshot import from_snapshot
from graph.judgement import Judgement
from graph.sharing.s3 import bucket_judgements
from snapshot_files import ACCOUNT, REGION, Absent, line, write_snapshot

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
SECOND = "arn:aws:s3:::amzn-s3-demo-bucket2"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/ap"
MULTI = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"
LAMBDA = f"arn:aws:s3-object-lambda:{REGION}:{ACCOUNT}:accesspoint/olap"
OTHER = "999988887777"
MANAGEMENT = "444455556666"
ENFORCED = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


def allow(principal: Any, resource: Any, action: Any = "s3:GetObject", **more: Any) -> Any:
    """An Allow statement; ``more`` is its condition."""
    row = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return row | ({"Condition": more} if more else {})


def policy(*rows: Any) -> Any:
    """What a call that gives a policy answers."""
    text = json.dumps({"Version": "2012-10-17", "Statement": list(rows)})
    return {"Policy": text} if rows else Absent


def block(*names: str) -> Any:
    """A Block Public Access configuration with some flags on."""
    return {"PublicAccessBlockConfiguration": dict.fromkeys(names, True)}


def bucket_line(arn: str = BUCKET, **calls: Any) -> dict[str, Any]:
    """A bucket without anything; its ACLs are off."""
    nothing = {
        "get_bucket_policy": Absent,
        "get_bucket_acl": {"Owner": {"ID": "me"}, "Grants": []},
        "get_public_access_block": Absent,
        "get_bucket_ownership_controls": ENFORCED,
    }
    return line(arn, {"Name": arn.rpartition(":")[2]}, **(nothing | calls))


@dataclass
class World:
    """A snapshot in the making."""

    account_block: Any = Absent
    organisation: str = ""
    buckets: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def judged(
        self, folder: Path, rename: Callable[[str], str] = lambda text: text
    ) -> list[Judgement]:
        """Every judgement of its buckets; ``rename`` changes account numbers everywhere."""
        lines: dict[tuple[str, str, str], list[dict[str, Any]]] = {
            (ACCOUNT, "global", "s3:bucket"): self.buckets,
            (ACCOUNT, "global", "s3:account-bpa"): [
                line(ACCOUNT, None, get_public_access_block=self.account_block)
            ],
        }
        for type_id, rows in self.more.items():
            lines[ACCOUNT, "global" if type_id == "s3:mrap" else REGION, type_id] = rows
        if self.organisation:
            lines[MANAGEMENT, "global", "org:effective-policy"] = [self._effective()]
        lines = {
            (rename(account), region, type_id): json.loads(rename(json.dumps(rows)))
            for (account, region, type_id), rows in lines.items()
        }
        listed = json.loads(rename(json.dumps(LISTED)))
        snapshot = write_snapshot(folder, lines, [listed])
        return list(bucket_judgements(snapshot, from_snapshot(snapshot)))

    def verdicts(self, folder: Path) -> dict[tuple[str, str], str]:
        """Verdicts by source and mechanism; what is refused is left out."""
        return {
            (one.source, one.mechanism): str(one.answer.verdict)
            for one in self.judged(folder)
            if str(one.answer.verdict) != "no"
        }

    def _effective(self) -> dict[str, Any]:
        arn = f"arn:aws:organizations::{MANAGEMENT}:account/o-abcdefghij/{ACCOUNT}"
        content = {"s3_attributes": {"public_access_block_configuration": self.organisation}}
        row = line(arn, {"Arn": arn, "Id": ACCOUNT})
        told = {"EffectivePolicy": {"PolicyContent": json.dumps(content)}}
        row["calls"]["describe_effective_policy(PolicyType=S3_POLICY)"] = {
            "status": "ok",
            "value": told,
        }
        return row


LISTED: Mapping[str, Any] = {
    "account_id": ACCOUNT,
    "region": REGION,
    "service": "s3control",
    "operation": "list_access_points",
    "type": "s3:access-point",
    "status": "ok",
}
