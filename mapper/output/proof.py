"""Proofs as text: each judged question, its steps, and where the facts stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from viz.display_text import shown

if TYPE_CHECKING:
    from graph.evidence import Step
    from graph.judgement import Judgement
    from mapper.explaining import Explanation

WITH_STEPS = 12
"""Judgements up to which all steps are printed."""
_MARKS = {"pass": "+", "fail": "x", "unknown": "?", "conditional": "~"}
_COLOURS = {"+": "32", "x": "31", "?": "35", "~": "33"}


def proof_text(explanation: Explanation, *, colour: bool, whole: bool) -> str:
    """A proof for a reader.

    Args:
        explanation: what was found.
        colour: whether to write colour codes.
        whole: whether to print every step with the place of its facts (file, line's id, JSON
            pointer) however many judgements there are; else only up to :data:`WITH_STEPS`.
    """
    steps = whole or len(explanation.judgements) <= WITH_STEPS
    lines = [explanation.title, ""]
    if explanation.row is not None:
        lines.extend(_row_lines(explanation))
    for judgement in explanation.judgements:
        lines.extend(_judgement_lines(judgement, steps=steps))
    lines.extend(explanation.facts)
    if not explanation.judgements:
        lines.append(
            "Nothing was judged here: no way of this kind begins or ends at it, or this version "
            "does not evaluate it. mapper coverage lists what was not seen."
        )
    elif not steps:
        lines.append("The steps of so many: mapper explain FROM TO, or -v for all of them.")
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
    if not explanation.judgements:
        yield from (f"  {text}" for text in row.answer.evidence)
    yield ""


def _judgement_lines(judgement: Judgement, *, steps: bool) -> Iterable[str]:
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
    if steps:
        # The IAM engine asks once for each action of a takeover set: alike steps are shown once.
        for step in dict.fromkeys(answer.steps):
            yield from _step_lines(step)
        if not answer.steps:
            yield from (f"  {text}" for text in answer.evidence)
    yield ""


def _step_lines(step: Step) -> Iterable[str]:
    code = f" [{step.code}]" if step.code else ""
    yield f"  {_MARKS.get(step.result, '-')} {step.name}: {step.text}{code}"
    yield from (f"      {ref}" for ref in step.refs)
