"""Directories of recorded answers, as ``import raw`` reads them."""

from __future__ import annotations

import json
from pathlib import Path

from collector.raw import import_raw
from collector.recording import subject_name
from collector.request import CollectResult
from collector.snapshot import Snapshot
from collector_world import KEY

ACCOUNT = "111122223333"
REGION = "eu-west-1"


class Recording:
    """A directory of recorded answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "raw"
        self.into = folder / "snapshot"

    def put(self, name: str, answer: object, place: str = REGION, account: str = ACCOUNT) -> None:
        path = self.folder / account / place / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(answer if isinstance(answer, str) else json.dumps(answer))

    def load(self) -> tuple[Snapshot, CollectResult]:
        result = import_raw(self.folder, self.into, redaction_key=KEY)
        return Snapshot.open(self.into), result

    def follow(self, name: str, subject: str, answer: object, place: str = REGION) -> None:
        """The answer to a follow-up call about ``subject``."""
        self.put(f"{name}.{subject_name(subject)}", answer, place)
