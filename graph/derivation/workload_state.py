"""Whether a workload runs, and whether its metadata service hands out credentials.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.snapshot import Item
from graph.derivation.workload_rows import Meaning, StateAt, WorkloadType
from graph.evidence import Ref, Step
from graph.schema.path import ShapeError, look
from graph.verdict import Answer, Verdict, all_of, condition


def state_of(row: WorkloadType, item: Item) -> Answer | None:
    """``yes`` for what runs or starts when it is called, ``dormant`` for what is stopped or only a
    definition, ``unknown`` where its state is not known; ``None`` for what is gone.
    """
    answers = []
    if row.metadata:
        answers.append(_metadata(item, row.metadata))
    if row.definition:
        answers.append(_definition(item))
    for state in row.states:
        value = _value(state, item)
        meaning = state.means.get(value, state.otherwise) if value else state.missing
        if meaning == "gone":
            return None
        answers.append(_meant(meaning, state, value, item))
    return all_of(answers)


def pointer(at: str) -> str:
    """JSON pointer to the nearest place that a path surely names."""
    if at.startswith("@"):
        call = at[1:].partition("/")[0]
        return "/calls" if "(" in call else f"/calls/{call}/value"
    steps = []
    for step in at.split("/"):
        if step == "*" or step.startswith("["):
            break
        steps.append(step)
    return "/" + "/".join(("item", *steps))


def _value(state: StateAt, item: Item) -> str:
    """What the member says, as text; empty where it says nothing that can be read."""
    try:
        found = look(state.at, item).values
    except ShapeError:
        return ""
    value = found[0] if found else ""
    return str(value) if isinstance(value, str | int) else ""


def _meant(meaning: Meaning, state: StateAt, value: str, item: Item) -> Answer:
    if meaning == "running":
        return Answer(Verdict.YES)
    member = state.at.rpartition("/")[2]
    if meaning == "dormant":
        text = f"It does not run: its {member} is {value}."
        step = Step("state", item.id, "conditional", text, (Ref.to(item, pointer(state.at)),))
        return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))
    told = f"Its {member} is {value}; whether it runs then" if value else f"Its {member}"
    text = f"{told} is not known."
    gap = condition("not_collected", f"{item.type}.{member}", item.id)
    return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))


def _definition(item: Item) -> Answer:
    text = "It is a definition: what is started from it gets the role."
    step = Step("state", item.id, "conditional", text, (Ref.to(item),))
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))


def _metadata(item: Item, at: str) -> Answer:
    """Without the metadata endpoint the credentials do not reach the machine."""
    options = item.item.get(at)
    options = options if isinstance(options, Mapping) else {}
    ref = Ref.to(item, f"/item/{at}")
    if options.get("HttpEndpoint") == "disabled":
        text = "The instance metadata service is disabled, so it hands out no credentials."
        step = Step("instance metadata", item.id, "conditional", text, (ref,))
        return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))
    kind = "IMDSv2 only" if options.get("HttpTokens") == "required" else "IMDSv1 answers too"
    text = f"The instance metadata service hands out the role's credentials ({kind})."
    step = Step("instance metadata", item.id, "pass", text, (ref,))
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
