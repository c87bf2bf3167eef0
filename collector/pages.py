"""What a declaration makes of an answer's pages, or of the error in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collector.declare import Call
from collector.outcome import Outcome
from collector.paths import value_at
from collector.snapshot.canonical import plain
from collector.snapshot.ledger import Status


def meant(call: Call, outcome: Outcome) -> Outcome:
    """The outcome with what the declaration knows of the operation's own error codes."""
    own = (
        (Status.ABSENT, call.absent),
        (Status.NOT_ENABLED, call.not_enabled),
        (Status.NOT_SUPPORTED, call.not_supported),
    )
    for status, codes in own:
        for code, _, words in (listed.partition(":") for listed in codes):
            if outcome.code == code and words in outcome.message:
                return replace(outcome, status=status)
    return outcome


def path_of_elements(result: str) -> str:
    """The path of a list's elements, of the list's own."""
    return result if result.endswith("[]") else result + "[]"


def is_list(call: Call) -> bool:
    """Whether the value of a call is a list, joined over the pages."""
    return bool(call.result)


def _shortened(text: Any, characters: int) -> Any:
    if not isinstance(text, str) or len(text) <= characters:
        return text
    return f"{text[:characters]}... ({len(text) - characters} more characters)"


def useful_part(call: Call, page: Mapping[str, Any]) -> Any:
    """What is kept of an answer that is no list."""
    answer = {key: value for key, value in page.items() if key != "ResponseMetadata"}
    for path in call.text:
        held = value_at(answer, path)
        if isinstance(held, bytes | bytearray):
            answer[path] = bytes(held).decode("utf-8", errors="replace")
    for member, characters in call.cut:
        if member in answer:
            answer[member] = _shortened(answer[member], characters)
    return plain(answer)


def completeness(call: Call, last: Mapping[str, Any]) -> Outcome | None:
    """The outcome of a call whose last page says that there is more; ``None`` if it does not."""
    if call.incomplete and value_at(last, call.incomplete):
        return Outcome(Status.ERROR, "Incomplete", "AWS says that there is more than it lists")
    return None
