"""What stands in every account beside the scenarios' own things: declared, not built."""

from __future__ import annotations

from mapper.demo.world.facts import Holds, Thing
from mapper.demo.world.stage import Stage

_ADMINISTRATOR = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "access_policies_job-functions.html#jf_administrator"
)
# What AWS makes in every region of every account:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
_DEFAULTS = (
    ("events", "event-bus/default", "data"),
    ("elasticache", "user:default", "other"),
)


def inventory(stage: Stage, regions: list[str]) -> None:
    """Declare what an admin of each account has, and who stands beside whom in a network.

    Args:
        stage: after everything is built.
        regions: every region that is usable.
    """
    for account in stage.plan.accounts.values():
        for region in regions:
            for service, what, kind in _DEFAULTS:
                stage.keep(account, f"arn:aws:{service}:{region}:{account}:{what}", kind)
            if region in stage.plan.regions:
                _disks(stage, account, region)
    held: tuple[Holds, ...] = tuple(dict.fromkeys(stage.held))
    stage.add(
        "inventory",
        Thing(
            "inventory",
            "setting",
            "iam",
            _ADMINISTRATOR,
            facts=(*held, *stage.unspoken()),
        ),
    )


def _disks(stage: Stage, account: str, region: str) -> None:
    """Instances come with a root volume, images with a snapshot: their ids are AWS's to choose."""
    ec2 = stage.clients(account, "ec2", region)
    for volume in ec2.describe_volumes()["Volumes"]:
        arn = f"arn:aws:ec2:{region}:{account}:volume/{volume['VolumeId']}"
        stage.keep(account, arn, "data")
    for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        arn = f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}"
        stage.keep(account, arn, "backup")
