"""The snapshot: what was collected, as files. Format in ``docs/snapshot.md``.

Reading it needs neither boto3 nor a network.
"""

from collector.snapshot.ledger import GAPS, Status
from collector.snapshot.overlay import Change, Overlay
from collector.snapshot.reader import CallResult, Item, Snapshot, SnapshotError

__all__ = [
    "GAPS",
    "CallResult",
    "Change",
    "Item",
    "Overlay",
    "Snapshot",
    "SnapshotError",
    "Status",
]
