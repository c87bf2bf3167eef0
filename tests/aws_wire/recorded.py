"""Recorded answers: ``<account>/<region|global>/<service>.<operation>[.<id>].json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aws_wire.requests import Request
from aws_wire.responses import WireError
from collector.recording import subject_name


class RecordedWorld:
    """Answers from a directory of files as ``mapper import raw`` reads it.

    Args:
        folder: of the accounts' directories.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def answer(self, request: Request) -> Mapping[str, Any] | WireError | None:
        """What was recorded of this request; ``None`` when nothing was."""
        for path in self._paths(request):
            if path.is_file():
                held = json.loads(path.read_text())
                return _error(held) if set(held) >= {"Error"} else held
        return None

    def _paths(self, request: Request) -> Iterator[Path]:
        texts = [_text(value) for value in request.params.values()]
        named = [text for text in texts if text]
        subjects = [",".join(named), *named, ""] if named else [""]
        for place in (request.region, "global"):
            for subject in subjects:
                ending = f".{subject_name(subject)}" if subject else ""
                yield self.folder / request.account / place / f"{request.name}{ending}.json"


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else ""


def _error(held: Mapping[str, Any]) -> WireError:
    error = held["Error"]
    status = int((held.get("ResponseMetadata") or {}).get("HTTPStatusCode", 400))
    return WireError(str(error.get("Code", "")), str(error.get("Message", "")), status)
