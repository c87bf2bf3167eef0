"""Taking over from an earlier snapshot what a narrow collection does not touch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.job import Job
from collector.snapshot.reader import Snapshot
from collector.snapshot.writer import SnapshotWriter


@dataclass(frozen=True)
class Base:
    """A finished snapshot directory to build upon."""

    path: Path
    snapshot: Snapshot

    @classmethod
    def open(cls, path: Path) -> Base:
        """Open it.

        Raises:
            SnapshotError: it is not a finished snapshot.
        """
        return cls(path, Snapshot.open(path))

    @property
    def accounts(self) -> list[dict[str, Any]]:
        """The accounts of its manifest."""
        return list(self.snapshot.manifest["accounts"])

    @property
    def regions(self) -> list[str]:
        """The regions of its manifest."""
        return list(self.snapshot.manifest["regions"])

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """The accounts that had given nothing."""
        return list(self.snapshot.manifest.get("left_out", []))

    def fill(self, writer: SnapshotWriter, jobs: Iterable[Job]) -> None:
        """Copy every file and ledger row that none of the jobs has made anew."""
        anew_files = set()
        anew_rows = set()
        for job in jobs:
            anew_files |= {job.file_of(declared.id) for declared in job.types}
            anew_rows |= {
                (job.account_id, job.place, declared.client, call.operation)
                for declared in job.types
                for call in declared.calls()
            }
        files = {
            file: digest
            for file, digest in self.snapshot.manifest["files"].items()
            if file.startswith("accounts/") and file not in anew_files
        }
        rows = [
            row
            for row in self.snapshot.ledger
            if (row.account_id, row.region, row.service, row.operation) not in anew_rows
        ]
        writer.adopt("base", self.path, files, rows)
