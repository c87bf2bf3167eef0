"""Proofs as text: each judged question, its steps, and where the facts stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from viz.display_text import shown

if TYPE_CHECKING:
    from graph.evidence import Step
    from graph.judgement import Judgement
    from mapper.explaining import Explanation

_MARKS = {"pass": "+", "fail": "x", "unknown": "?", "conditional": "~"}
_COLOURS = {"+": "32", "x": "31", "?": "35", "~": "33"}


def proof_text(explanation: Explanation, *, colour: bool, refs: bool) -> str:
    """A proof for a reader.

    Args:
        explanation: what was found.
        colour: whether to write colour codes.
        refs: whether to name the place of every fact (file, line's id, JSON pointer).
    """
    lines = [explanation.title, ""]
    if explanation.row is not None:
        lines.extend(_row_lines(explanation))
    for judgement in explanation.judgements:
        lines.extend(_judgement_lines(judgement, refs=refs))
    lines.extend(explanation.facts)
    if not explanation.judgements:
        lines.append(
            "Nothing was judged here: no way of this kind begins or ends at it, or this version "
            "does not evaluate it. mapper coverage lists what was not seen."
        )
    else:
        lines.append("+ lets through   x stops   ~ under a condition   ? not known")
    safe = (shown(line) for line in lines)
    return "\n".join(map(_coloured, safe) if colour else safe) + "\n"


def _coloured(line: str) -> str:
    """Colour the mark of a step's line."""
    mark = line[2:3]
    if line.startswith("  ") and line[3:4] == " " and mark in _COLOURS:
        return f"  \x1b[{_COLOURS[mark]}m{mark}\x1b[0m{line[3:]}"
    return line


def _row_lines(explanation: Explanation) -> Iterable[str]:
    row = explanation.row
    assert row is not None
    yield f"{row.id}"
    yield f"{row.verdict}, {row.severity}"
    for condition in row.answer.conditions:
        yield f"  under {condition}"
    for text in row.answer.evidence:
        yield f"  {text}"
    yield ""


def _judgement_lines(judgement: Judgement, *, refs: bool) -> Iterable[str]:
    answer = judgement.answer
    ports = f" {', '.join(judgement.ports)}" if judgement.ports else ""
    yield (
        f"{answer.verdict}: {judgement.source} -> {judgement.target} "
        f"({judgement.question}, {judgement.mechanism}){ports}"
    )
    if answer.why:
        yield f"  {answer.why}"
    for condition in answer.conditions:
        yield f"  under {condition}"
    for guard in answer.guards:
        yield f"  guard {guard}"
    for assumed in answer.assumes:
        yield f"  assumed absent: {assumed}"
    steps = answer.steps
    for step in steps:
        yield from _step_lines(step, refs=refs)
    if not steps:
        yield from (f"  {text}" for text in answer.evidence)
    yield ""


def _step_lines(step: Step, *, refs: bool) -> Iterable[str]:
    code = f" [{step.code}]" if step.code else ""
    yield f"  {_MARKS.get(step.result, '-')} {step.name}: {step.text}{code}"
    if refs:
        yield from (f"      {ref}" for ref in step.refs)
