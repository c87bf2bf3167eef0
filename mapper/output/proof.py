"""Proofs as text: each judged question, its steps, and where the facts stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.output.names import short_ids, short_name
from mapper.output.widths import unbroken
from queries.answers.near import QUESTIONS, Locks, locks_of, would_open
from queries.answers.parties import Parties, account_of
from viz.display_text import shown

if TYPE_CHECKING:
    from graph.evidence import Ref, Step
    from graph.judgement import Judgement
    from mapper.explanation import Explanation
    from queries.answers.row import Row

WITH_PLACES = 3
"""Judgements up to which each fact is followed by where it stands."""
WITH_STEPS = 12
"""Judgements up to which all steps are printed."""
FACTS = 40
"""Sentences of configuration that are printed without -v."""
_MARKS = {"pass": "+", "fail": "x", "unknown": "?", "conditional": "~"}
_IDLE = "."
_LEGEND = "+ lets through   x stops   ~ under a condition   ? not known"
_LEGEND_OF_IDLE = "   . takes no part"
_COLOURS = {"+": "32", "x": "31", "?": "35", "~": "33"}
_QUOTE = " " * 8
"""Before a line of a statement, which is told as it stands."""
_PLACES = 4
"""Places of one step that are named without -v."""
_NOBODY = Parties()
_HANGING = "    "
_NARROWEST = 20
_UNREAD = re.compile(r" \(not_collected:(?P<call>[^)]*)\)")


def proof_text(
    explanation: Explanation,
    *,
    colour: bool,
    whole: bool,
    parties: Parties = _NOBODY,
    width: int = 0,
) -> str:
    """A proof for a reader.

    Args:
        explanation: what was found.
        colour: whether to write colour codes.
        whole: whether to print whole ARNs, the file of each fact, and every step however many
            judgements there are; else short ids, and the steps of up to :data:`WITH_STEPS`
            judgements, of which up to :data:`WITH_PLACES` with the places of their facts.
        parties: for the accounts' names.
        width: characters per line, beyond which a line goes on below; 0 for no limit.
    """
    count = len(explanation.judgements)
    steps = whole or count <= WITH_STEPS
    places = whole or count <= WITH_PLACES
    lines = list(_head(explanation, whole=whole))
    quotes = explanation.statements
    for judgement in explanation.judgements:
        made = _judgement_lines(
            judgement, quotes, steps=steps, places=places, whole=whole, parties=parties
        )
        lines.extend(m if whole or m.startswith(_QUOTE) else short_ids(m) for m in made)
    if explanation.facts:
        lines.extend((*_facts(explanation.facts, whole=whole), ""))
    if not explanation.judgements and (explanation.row is None or not _evidence(explanation.row)):
        lines.append(
            "Nothing was judged here: no way of this kind begins or ends at it, or this version "
            "does not evaluate it. mapper coverage lists what was not seen."
        )
    elif not steps:
        lines.append("The steps of so many: mapper explain FROM TO, or -v for all of them.")
    elif explanation.judgements:
        if any(step.code for one in explanation.judgements for step in one.answer.steps):
            lines.append("[CODE] is what AWS Reachability Analyzer calls it.")
        idle = any(_is_idle(one, step) for one in explanation.judgements for step in _steps(one))
        lines.append(f"{_LEGEND}{_LEGEND_OF_IDLE if idle else ''}")
        if not whole:
            lines.append(
                "Below a step stands where its facts are: type, id, JSON pointer. -v gives whole "
                "ARNs and files."
            )
    while lines[-1] == "":
        lines.pop()
    safe = [shown(line) for line in lines]
    if width:
        safe = [part for line in safe for part in _within(line, width)]
    return "\n".join(map(_coloured, safe) if colour else safe) + "\n"


def _facts(facts: tuple[str, ...], *, whole: bool) -> Iterable[str]:
    if whole:
        return facts
    told = [short_ids(fact) for fact in facts[:FACTS]]
    return (*told, *([f"{len(facts) - FACTS} more: -v."] if len(facts) > FACTS else ()))


def _head(explanation: Explanation, *, whole: bool) -> Iterable[str]:
    """The title, what the subject is, and its row."""
    row = explanation.row
    yield explanation.title if row is None or whole else short_ids(explanation.title)
    yield from explanation.about
    if row is None:
        yield ""
    else:
        yield from _row_lines(explanation)


def _within(line: str, width: int) -> list[str]:
    """A line in pieces that fit, those below the first further in."""
    bare = line.lstrip()
    indent = " " * (len(line) - len(bare))
    if len(line) <= width:
        return [line]
    pieces = unbroken(bare, max(width - len(indent) - len(_HANGING), _NARROWEST)).split("\n")
    return [f"{indent}{_HANGING if n else ''}{piece}" for n, piece in enumerate(pieces)]


def _not_read(found: re.Match[str]) -> str:
    return f": not read ({found['call']})"


def _coloured(line: str) -> str:
    """Colour the mark of a step's line."""
    mark = line[2:3]
    if line.startswith("  ") and line[3:4] == " " and mark in _COLOURS:
        return f"  \x1b[{_COLOURS[mark]}m{mark}\x1b[0m{line[3:]}"
    return line


def _row_lines(explanation: Explanation) -> Iterable[str]:
    row = explanation.row
    assert row is not None
    if row.accepted is not None:
        yield f"accepted in mapper.toml{explanation.accepted_until}: {row.accepted}"
    because = f": {row.own['severity_why']}" if row.own.get("severity_why") else ""
    yield f"{row.verdict}, {row.severity}{because}"
    for condition in row.answer.conditions:
        yield f"  under {condition}"
    if not explanation.judgements:
        yield from (f"  {text}" for text in _evidence(row))
    yield ""


def _evidence(row: Row) -> tuple[str, ...]:
    return row.answer.evidence or ((row.answer.why,) if row.answer.why else ())


def _judgement_lines(
    judgement: Judgement,
    quotes: Mapping[Ref, str],
    *,
    steps: bool,
    places: bool,
    whole: bool,
    parties: Parties,
) -> Iterable[str]:
    ports = f" {', '.join(judgement.ports)}" if judgement.ports else ""
    ends = (judgement.source, judgement.target)
    source, target = ends if whole else (_named(end, parties) for end in ends)
    yield (
        f"{judgement.answer.verdict}: {source} -> {target} "
        f"({judgement.question}, {judgement.mechanism}){ports}"
    )
    yield from _answer_lines(judgement)
    if steps:
        for step in _steps(judgement):
            idle = _is_idle(judgement, step)
            yield from _step_lines(step, places=places, whole=whole, idle=idle)
            if places:
                quoted = (quotes[ref] for ref in step.refs if ref in quotes)
                yield from (f"{_QUOTE}{line}" for text in quoted for line in text.split("\n"))
        if not judgement.answer.steps:
            yield from (f"  {text}" for text in judgement.answer.evidence)
    yield ""


def _steps(judgement: Judgement) -> Iterable[Step]:
    """Its steps; the IAM engine asks once for each action: those that are alike are told once."""
    return dict.fromkeys(judgement.answer.steps)


def _is_idle(judgement: Judgement, step: Step) -> bool:
    """Whether a step that lets nothing through stops nothing: another one lets it through."""
    return step.result == "fail" and judgement.answer.verdict is not Verdict.NO


def _answer_lines(judgement: Judgement) -> Iterable[str]:
    """Why, of which actions, what holds, and under which conditions."""
    answer = judgement.answer
    if answer.why:
        yield f"  {answer.why}"
    if judgement.actions:
        yield f"  actions {', '.join(judgement.actions)}"
    if answer.verdict is Verdict.NO and judgement.question in QUESTIONS:
        yield from _lock_lines(locks_of(answer.steps), opens=would_open(judgement))
    for condition in answer.conditions:
        yield f"  under {condition}"
    for guard in answer.guards:
        yield f"  guard {_UNREAD.sub(_not_read, guard)}"
    for assumed in answer.assumes:
        yield f"  assumed absent: {assumed}"


def _lock_lines(locks: Locks, *, opens: bool) -> Iterable[str]:
    """How many controls hold, which is met first, and what would be open without the only one."""
    names = [step.name for step in locks.steps]
    if not names:
        return
    if not opens:
        yield "  Nothing is granted here: there is no lock that could fall."
        return
    if not locks.only_one:
        listed = ", ".join(names)
        yield f"  {len(names)} independent locks, in the order in which they are met: {listed}."
        return
    text = f"  One lock holds: {names[0]}."
    if locks.opens:
        text += f" Without it {', '.join(locks.opens)} would be open."
    yield text


def _step_lines(step: Step, *, places: bool, whole: bool, idle: bool) -> Iterable[str]:
    """A step's lines; ``idle``: it takes no part."""
    code = f" [{step.code}]" if step.code else ""
    yield f"  {_IDLE if idle else _MARKS.get(step.result, '-')} {step.name}: {step.text}{code}"
    if whole:
        yield from (f"      {ref}" for ref in step.refs)
    elif places and step.refs:
        shown_refs = [f"{_type_of(ref)} {ref.id} {ref.pointer}" for ref in step.refs[:_PLACES]]
        more = len(step.refs) - len(shown_refs)
        yield from (f"      {text}" for text in shown_refs)
        if more:
            yield f"      and {more} more"


def _type_of(ref: Ref) -> str:
    """The kind of line, as the file is called: ``ec2/subnet``."""
    return "/".join(ref.file.removesuffix(".jsonl").split("/")[-2:])


def _named(node_id: str, parties: Parties) -> str:
    """A node as a reader knows it, with the account that it lies in."""
    account = account_of(node_id, None)
    name = parties.name(account) or account
    if account is None or name is None:
        return short_name(node_id)
    if node_id == f"account:{account}":
        return name if name == account else f"account {name}"
    return f"{short_name(node_id)} in {name}"
