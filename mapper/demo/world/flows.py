"""Buckets whose objects are copied: to a bucket outside, to a log archive, and to one's own."""

from __future__ import annotations

from typing import Any

from mapper.demo.world.buckets import bucket
from mapper.demo.world.facts import Flows, Thing, Touch
from mapper.demo.world.plan import UNKNOWN_ACCOUNT
from mapper.demo.world.stage import Stage, flip_call

_REPLICATION = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html"
)


def flows(stage: Stage) -> None:
    """One bucket is copied outside, its decoy within the account, a third to the log archive."""
    scenario = "flow"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    outside = (f"arn:aws:s3:::{stage.plan.name(scenario, 'partner-copies')}", UNKNOWN_ACCOUNT)
    _, copies = bucket(stage, scenario, "invoice-copies", blocked=True)
    _, archive = bucket(stage, "flow-archive", "log-archive", blocked=True)
    kept = stage.plan.account("flow-archive")
    things = []
    for what, part, to in (
        ("invoices", "planted", outside),
        ("contracts", "decoy", (copies, account)),
        ("audit-trail", "planted", (archive, kept)),
    ):
        name, arn = bucket(stage, scenario, what, blocked=True)
        s3 = stage.clients(account, "s3", region)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_replication(Bucket=name, ReplicationConfiguration=_copied(account, *to))
        operation, arguments = "delete_bucket_replication", {}
        if part == "decoy":
            operation = "put_bucket_replication"
            arguments = {"ReplicationConfiguration": _copied(account, *outside)}
        leaving = Flows(*(outside if part == "decoy" else to), arn, account, "s3-replication")
        things.append(
            Thing(
                name, part, "sharing", _REPLICATION, f"its objects are copied to {to[0]}",
                facts=() if part == "decoy" else (leaving,),
                flipped=(leaving,) if part == "decoy" else (),
                flip=flip_call(account, "s3", region, operation, Bucket=name, **arguments),
                touches=(Touch(account, "global", ("s3",)),),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _copied(account: str, to: str, owner: str) -> dict[str, Any]:
    """A replication of everything to a bucket, which is its owner's from then on."""
    destination: dict[str, Any] = {"Bucket": to}
    if owner != account:
        destination |= {"Account": owner, "AccessControlTranslation": {"Owner": "Destination"}}
    return {
        "Role": f"arn:aws:iam::{account}:role/service-role/s3-replication",
        "Rules": [
            {
                "ID": "everything",
                "Priority": 1,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Disabled"},
                "Destination": destination,
            }
        ],
    }
