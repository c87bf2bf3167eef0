"""One call to be answered, and who answers: AWS, or a recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from collector.declare import Call, Start


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to be answered.

    Attributes:
        account_id: in whose name.
        region: the region whose endpoint is asked.
        place: under which the answer is filed (a region or ``global``).
        client: boto3's client name.
        call: the declaration.
        params: the parameters, filled in.
        subjects: how a recorded answer may be named for this call, best first; empty when the
            call has no subject.
        start_params: the parameters of what starts it.
    """

    account_id: str
    region: str
    place: str
    client: str
    call: Call
    params: Mapping[str, Any]
    subjects: tuple[str, ...] = ()
    start_params: Mapping[str, Any] = field(default_factory=dict)


class Transport(Protocol):
    """Answers calls.

    Attributes:
        batches: whether one call may describe several items; a recording answers for one.
    """

    batches: bool

    def pages(self, ask: Ask) -> Iterator[Mapping[str, Any]]:
        """The answer's pages.

        Raises:
            CallError: there is no answer, or the rest of the pages is missing.
        """

    def start(self, ask: Ask, start: Start, again: bool) -> Mapping[str, Any]:
        """Start what an asynchronous call needs, or only wait a little to ask ``again``.

        Returns:
            the starting call's answer; empty when it was only waited.

        Raises:
            CallError: it cannot be started, or has been waited for long enough.
        """
