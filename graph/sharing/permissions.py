"""Things that are shared by a list of accounts: images, EBS snapshots, database snapshots.

* AMI: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html
* EBS: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
* EBS regional block: https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
* RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, refused, unread
from graph.verdict import Answer, Verdict, all_of

ANYONE = "any-aws-account"


def image_judgements(snapshot: Snapshot) -> Iterator[Judgement]:
    """Who may launch an AMI. A public one stays public when new sharing is blocked."""
    for item in snapshot.items("ec2:image"):
        if item.item.get("OwnerId") not in (None, item.account_id):
            continue
        call = item.call("describe_image_attribute")
        permissions = _list_of(call, "LaunchPermissions")
        yield from _shared(
            item,
            "launch-permission",
            "ec2.describe_image_attribute",
            call,
            [_image_receiver(row) for row in permissions],
            ("ec2:RunInstances",),
            public=bool(item.item.get("Public")),
        )


def _image_receiver(row: Mapping[str, Any]) -> str:
    if row.get("Group") == "all":
        return ANYONE
    for member in ("OrganizationArn", "OrganizationalUnitArn"):
        if row.get(member):
            return f"org:{str(row[member]).split('/')[1]}"
    return f"account:{row.get('UserId')}"


def volume_snapshot_judgements(snapshot: Snapshot) -> Iterator[Judgement]:
    """Who may create a volume from an EBS snapshot, under the region's sharing block."""
    for item in snapshot.items("ec2:snapshot"):
        if item.item.get("OwnerId") not in (None, item.account_id):
            continue
        call = item.call("describe_snapshot_attribute")
        receivers = [
            ANYONE if row.get("Group") == "all" else f"account:{row.get('UserId')}"
            for row in _list_of(call, "CreateVolumePermissions")
        ]
        for judgement in _shared(
            item,
            "create-volume-permission",
            "ec2.describe_snapshot_attribute",
            call,
            receivers,
            ("ec2:CreateVolume",),
        ):
            if judgement.source == ANYONE and judgement.answer.verdict is Verdict.YES:
                answer = all_of((judgement.answer, _sharing_block(snapshot, item)))
                yield outside(item, ANYONE, judgement.mechanism, answer, judgement.actions)
            else:
                yield judgement


def _sharing_block(snapshot: Snapshot, item: Item) -> Answer:
    """The region's block public access for snapshots: only ``block-all-sharing`` hides them."""
    operation = "get_snapshot_block_public_access_state"
    for guards in snapshot.items("ec2:account-guards", item.account_id, item.region):
        call = guards.call(operation)
        if not call.known:
            break
        state = (call.value or {}).get("State", "unblocked")
        ref = Ref.to(guards, f"/calls/{operation}/value/State")
        if state == "block-all-sharing":
            return refused(
                item.id,
                "block public access for snapshots",
                "The region blocks all public sharing of snapshots, so the public permission "
                "has no effect while the block stands.",
                ref,
            )
        text = f"The region's block public access for snapshots is {state}."
        step = Step("block public access for snapshots", item.id, "pass", text, (ref,))
        return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
    return unread(
        f"ec2.{operation}",
        item,
        "Whether the region blocks all public sharing of snapshots was not read.",
    )


def database_snapshot_judgements(snapshot: Snapshot) -> Iterator[Judgement]:
    """Who may restore a manual RDS snapshot; automated ones cannot be shared."""
    kinds = (
        ("rds:db-snapshot", "describe_db_snapshot_attributes", "DBSnapshotAttributes"),
        (
            "rds:db-cluster-snapshot",
            "describe_db_cluster_snapshot_attributes",
            "DBClusterSnapshotAttributes",
        ),
    )
    for type_id, operation, member in kinds:
        mechanism = type_id.split(":")[1] + "-attribute"
        action = (
            "rds:RestoreDBClusterFromSnapshot"
            if "cluster" in type_id
            else ("rds:RestoreDBInstanceFromDBSnapshot")
        )
        for item in snapshot.items(type_id):
            if item.item.get("SnapshotType") != "manual":
                continue
            call = item.call(operation)
            receivers = [
                ANYONE if value == "all" else f"account:{value}"
                for row in _list_of(call, member)
                if row.get("AttributeName") == "restore"
                for value in row.get("AttributeValues", [])
            ]
            yield from _shared(item, mechanism, f"rds.{operation}", call, receivers, (action,))


def _shared(
    item: Item,
    mechanism: str,
    operation: str,
    call: CallResult,
    receivers: list[str],
    actions: tuple[str, ...],
    public: bool = False,
) -> Iterator[Judgement]:
    ref = Ref.to(item, f"/calls/{operation.split('.')[1]}/value")
    if public and ANYONE not in receivers:
        receivers = [ANYONE, *receivers]
        ref = Ref.to(item, "/item/Public") if not call.known else ref
    elif not call.known:
        why = f"Its permissions were not read ({call.status}): who it is shared with is not known."
        yield outside(item, ANYONE, mechanism, unread(operation, item, why), actions)
        return
    for receiver in dict.fromkeys(receivers):
        if own(receiver, item.account_id):
            continue
        text = (
            "Its permissions name every AWS account."
            if receiver == ANYONE
            else f"Its permissions name {receiver}."
        )
        step = Step(mechanism, item.id, "pass", text, (ref,))
        answer = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
        yield outside(item, receiver, mechanism, answer, actions)
    if ANYONE not in receivers:
        answer = refused(item.id, mechanism, "Its permissions do not name every account.", ref)
        yield outside(item, ANYONE, mechanism, answer, actions)


def _list_of(call: CallResult, member: str) -> list[Mapping[str, Any]]:
    """The list in a call's value, which may be the response, its one object, or the list."""
    if call.status is not Status.OK:
        return []
    value = call.value
    while isinstance(value, Mapping) and member not in value and len(value) == 1:
        value = next(iter(value.values()))
    if isinstance(value, Mapping):
        value = value.get(member)
    return [row for row in value or [] if isinstance(row, Mapping)]
