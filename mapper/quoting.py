"""The statements and short answers that a proof cites, as they stand in the snapshot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mapper.deriving import statement_text

if TYPE_CHECKING:
    from graph.evidence import Ref
    from graph.judgement import Judgement
    from mapper.session import Session

_QUOTED = 3
"""Judgements up to which statements are read."""
_LONGEST = 40
"""Lines of a statement that are kept."""
_SHORT = 16
"""Lines up to which an answer of AWS is quoted: a list of accounts, not an inventory."""


def statements_of(session: Session, judged: Sequence[Judgement]) -> dict[Ref, str]:
    """What few judgements of access cite: statements as long as a reader reads, short answers."""
    if len(judged) > _QUOTED:
        return {}
    cited = {
        ref
        for one in judged
        if one.question in ("access", "assume")
        for step in one.answer.steps
        for ref in step.refs
    }
    statements = {ref for ref in cited if "/Statement" in ref.pointer}
    # A share has no statement: what stands for it is a list of accounts in an answer of AWS.
    chosen = statements or {ref for ref in cited if ref.pointer.startswith("/calls/")}
    texts = ((ref, statement_text(session.snapshot, ref)) for ref in chosen)
    told = ((ref, _lines(text)) for ref, text in texts if text is not None)
    return {
        ref: _few_lines(lines) for ref, lines in told if ref in statements or len(lines) <= _SHORT
    }


def _lines(value: object) -> list[str]:
    return json.dumps(value, indent=2, default=str).split("\n")


def _few_lines(lines: list[str]) -> str:
    more = len(lines) - _LONGEST
    return "\n".join([*lines[:_LONGEST], *([f"... {more} more lines"] if more > 0 else [])])
