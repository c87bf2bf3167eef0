"""The statements of policies that a proof cites, as they stand in the snapshot."""

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


def statements_of(session: Session, judged: Sequence[Judgement]) -> dict[Ref, str]:
    """The statements that few judgements of access cite, each as long as a reader reads."""
    if len(judged) > _QUOTED:
        return {}
    cited = {
        ref
        for one in judged
        if one.question in ("access", "assume")
        for step in one.answer.steps
        for ref in step.refs
        if "/Statement" in ref.pointer
    }
    texts = {ref: statement_text(session.snapshot, ref) for ref in cited}
    return {ref: _few_lines(text) for ref, text in texts.items() if text is not None}


def _few_lines(statement: object) -> str:
    lines = json.dumps(statement, indent=2, default=str).split("\n")
    more = len(lines) - _LONGEST
    return "\n".join([*lines[:_LONGEST], *([f"... {more} more lines"] if more > 0 else [])])
