"""Where a fact stands, and the steps of a proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Line(Protocol):
    """Anything that stands on a line of a snapshot file."""

    @property
    def file(self) -> str: ...  # noqa: D102

    @property
    def id(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in a snapshot.

    Attributes:
        file: path inside the snapshot, e.g. ``accounts/1111.../eu-west-1/ec2/subnet.jsonl``.
        id: the ``id`` of the line.
        pointer: JSON pointer within the line, e.g. ``/item/Routes/1`` or
            ``/calls/get_bucket_policy/value``.
    """

    file: str
    id: str
    pointer: str = ""

    @classmethod
    def to(cls, line: Line, pointer: str = "") -> Ref:
        """Refer to a place on a line, e.g. ``Ref.to(item, "/item/Routes/1")``."""
        return cls(line.file, line.id, pointer)

    def __str__(self) -> str:
        return f"{self.file}#{self.id}{self.pointer}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof.

    Attributes:
        name: the control that was looked at, e.g. ``route``, ``network ACL in``, ``trust policy``.
        subject: id of the thing that holds the control.
        result: ``pass``, ``fail``, ``unknown`` or ``conditional``.
        text: one sentence for a reader.
        refs: where the facts stand.
        code: AWS Reachability Analyzer's explanation code where one fits, else empty.
        opens: of the only step of a way that fails, the ports that would be open if it did not,
            where that is known.
        hosts: host names that the step tells of its subject.
    """

    name: str
    subject: str
    result: str
    text: str
    refs: tuple[Ref, ...] = ()
    code: str = ""
    opens: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
