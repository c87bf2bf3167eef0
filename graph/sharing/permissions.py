"""Things that are shared by a list of accounts: images, EBS snapshots, database snapshots.

* AMI: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html
* a disabled AMI: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableImage.html
* EBS: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
* EBS regional block: https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
* RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html

Snapshots of Aurora, Neptune and DocumentDB are those of RDS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.decrypting import Decryption
from graph.sharing.policies import refused, unread
from graph.sharing.receiving import (
    ANYONE,
    Receiver,
    Sharing,
    judged,
    sleeps,
    source_of,
)
from graph.verdict import Answer, Verdict, all_of

_ASLEEP = ("disabled", "deregistered", "invalid", "failed", "error")
_PERMISSION = ("Group", "UserId", "OrganizationArn", "OrganizationalUnitArn")


def image_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Who may launch an AMI. A public one stays public when new sharing is blocked."""
    decryption = Decryption(snapshot, world)
    backing = {str(one.item.get("SnapshotId")): one.item for one in snapshot.items("ec2:snapshot")}
    for item in snapshot.items("ec2:image"):
        if item.item.get("OwnerId") not in (None, item.account_id):
            continue
        call = item.call("describe_image_attribute")
        receivers, read = _permitted(call, "LaunchPermissions")
        if item.item.get("Public") and all(one.source != ANYONE for one in receivers):
            receivers = [Receiver(ANYONE), *receivers]
        state, block = _image_state(item), _block(snapshot, item, "image")
        receivers = [
            replace(one, answer=all_of((state, *((block,) if one.source == ANYONE else ()))))
            for one in receivers
        ]
        operation = "ec2.describe_image_attribute"
        sharing = _sharing(item, "launch-permission", operation, call, read)
        sharing = replace(
            sharing, actions=("ec2:RunInstances",), limit=_Disks(item, backing, decryption).limit
        )
        yield from judged(sharing, receivers, world)


@dataclass(frozen=True, slots=True)
class _Disks:
    """The encrypted snapshots of an image, every one of which a receiver has to decrypt."""

    item: Item
    backing: Mapping[str, Mapping[str, Any]]
    decryption: Decryption

    def limit(self, source: str) -> Answer:
        found = [self.decryption.limit(self.item, key, "ec2")(source) for key in self._keys()]
        return all_of(found)

    def _keys(self) -> list[str]:
        rows = self.item.item.get("BlockDeviceMappings")
        keys = []
        for row in rows if isinstance(rows, list) else []:
            disk = row.get("Ebs") if isinstance(row, Mapping) else None
            if isinstance(disk, Mapping):
                held = self.backing.get(str(disk.get("SnapshotId")), {})
                if disk.get("Encrypted") or held.get("Encrypted"):
                    keys.append(str(disk.get("KmsKeyId") or held.get("KmsKeyId") or ""))
        return list(dict.fromkeys(keys))


def _image_state(item: Item) -> Answer:
    state = str(item.item.get("State") or "available")
    if state not in _ASLEEP:
        return Answer(Verdict.YES)
    text = f"The image is {state}: nobody can launch it."
    return sleeps("image state", item, text, Ref.to(item, "/item/State"))


def _permitted(call: CallResult, member: str) -> tuple[list[Receiver], bool]:
    rows, read = _list_of(call, member)
    named = [
        Receiver(source_of(row[name])) for row in rows for name in _PERMISSION if row.get(name)
    ]
    return named, read


def _sharing(item: Item, mechanism: str, operation: str, call: CallResult, read: bool) -> Sharing:
    """The list as far as it was read; ``read`` is off where some of it has no known shape."""
    name = operation.split(".")[1]
    ref = Ref.to(item, f"/calls/{name}/value" if call.known else "/item")
    status = str(call.status) if read or not call.known else "its shape is not known"
    return Sharing(item, mechanism, operation, read, status, ref)


def volume_snapshot_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Who may create a volume from an EBS snapshot, under the region's sharing block."""
    decryption = Decryption(snapshot, world)
    for item in snapshot.items("ec2:snapshot"):
        if item.item.get("OwnerId") not in (None, item.account_id):
            continue
        call = item.call("describe_snapshot_attribute")
        permitted, read = _permitted(call, "CreateVolumePermissions")
        receivers = [
            Receiver(ANYONE, _block(snapshot, item, "snapshot")) if one.source == ANYONE else one
            for one in permitted
        ]
        operation = "ec2.describe_snapshot_attribute"
        sharing = _sharing(item, "create-volume-permission", operation, call, read)
        sharing = replace(sharing, actions=("ec2:CreateVolume",))
        if item.item.get("Encrypted"):
            limit = decryption.limit(item, item.item.get("KmsKeyId"), "ec2")
            sharing = replace(sharing, limit=limit)
        yield from judged(sharing, receivers, world)


def _block(snapshot: Snapshot, item: Item, kind: str) -> Answer:
    """The region's block public access: only ``block-all-sharing`` hides what is public.

    It exists for snapshots; for images there is ``block-new-sharing`` alone, which leaves them.
    """
    operation = f"get_{kind}_block_public_access_state"
    member = "State" if kind == "snapshot" else "ImageBlockPublicAccessState"
    name = f"block public access for {kind}s"
    for guards in snapshot.items("ec2:account-guards", item.account_id, item.region):
        call = guards.call(operation)
        if not call.known:
            break
        value = call.value if isinstance(call.value, Mapping) else {}
        state = value.get(member, "unblocked")
        ref = Ref.to(guards, f"/calls/{operation}/value/{member}")
        if state == "block-all-sharing":
            return refused(
                item.id,
                name,
                "The region blocks all public sharing of snapshots, so the public permission "
                "has no effect while the block stands.",
                ref,
            )
        text = f"The region's {name} is {state}, which leaves what is public already."
        return Answer(
            Verdict.YES,
            why=text,
            evidence=(text,),
            steps=(Step(name, item.id, "pass", text, (ref,)),),
        )
    if kind == "image":
        return Answer(Verdict.YES)
    return unread(
        f"ec2.{operation}",
        item,
        "Whether the region blocks all public sharing of snapshots was not read.",
    )


@dataclass(frozen=True, slots=True)
class _Databases:
    """How one type of database snapshots is shared."""

    type_id: str
    operation: str
    member: str
    encrypted: str
    action: str


_DATABASES = (
    _Databases(
        "rds:db-snapshot",
        "describe_db_snapshot_attributes",
        "DBSnapshotAttributes",
        "Encrypted",
        "rds:RestoreDBInstanceFromDBSnapshot",
    ),
    _Databases(
        "rds:db-cluster-snapshot",
        "describe_db_cluster_snapshot_attributes",
        "DBClusterSnapshotAttributes",
        "StorageEncrypted",
        "rds:RestoreDBClusterFromSnapshot",
    ),
)


def database_snapshot_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Who may restore a manual RDS snapshot; automated ones cannot be shared."""
    decryption = Decryption(snapshot, world)
    for kind in _DATABASES:
        mechanism = kind.type_id.split(":")[1] + "-attribute"
        for item in snapshot.items(kind.type_id):
            if item.item.get("SnapshotType") != "manual":
                continue
            call = item.call(kind.operation)
            receivers, read = _restorers(call, kind.member)
            sharing = _sharing(item, mechanism, f"rds.{kind.operation}", call, read)
            sharing = replace(sharing, actions=(kind.action,))
            if item.item.get(kind.encrypted):
                limit = decryption.limit(item, item.item.get("KmsKeyId"), "rds")
                sharing = replace(sharing, limit=limit)
            yield from judged(sharing, receivers, world)


def _list_of(call: CallResult, member: str) -> tuple[list[Mapping[str, Any]], bool]:
    """The list in a call's value, which may be the response, its one object, or the list.

    Returns:
        Its objects, and whether all of it could be read.
    """
    if call.status is not Status.OK:
        return [], call.known
    value = call.value
    while isinstance(value, Mapping) and member not in value and len(value) == 1:
        value = next(iter(value.values()))
    if isinstance(value, Mapping):
        value = value.get(member)
    if not isinstance(value, list):
        return [], not value
    rows = [row for row in value if isinstance(row, Mapping)]
    return rows, len(rows) == len(value)


def _restorers(call: CallResult, member: str) -> tuple[list[Receiver], bool]:
    """Whom the attribute ``restore`` of a database snapshot names."""
    rows, read = _list_of(call, member)
    named = [
        row.get("AttributeValues") or [] for row in rows if row.get("AttributeName") == "restore"
    ]
    lists = [values for values in named if isinstance(values, list)]
    receivers = [Receiver(source_of(value)) for values in lists for value in values]
    return receivers, read and len(lists) == len(named)
