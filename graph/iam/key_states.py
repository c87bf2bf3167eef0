"""States of KMS keys in which nobody can use them, and what succeeds in them all the same.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from functools import cache

from graph.evidence import Step
from graph.iam import rules
from graph.verdict import Answer, Verdict


@cache
def asleep() -> frozenset[str]:
    """The states of a key that nobody can use until its owner wakes it."""
    return frozenset(rules.data("key_states.json")["states"])


def serves(state: str, action: str) -> bool:
    """Whether a key in this state serves an action; any other state serves all."""
    return action in rules.data("key_states.json")["states"].get(state, (action,))


def in_state(key: str, state: str, action: str) -> Answer:
    """What the state of a key leaves of an action: ``yes``, or ``dormant`` where it fails."""
    if serves(state, action):
        return Answer(Verdict.YES)
    text = f"{key} is in state {state}, in which {action} fails for everyone."
    step = Step("key state", key, "conditional", text, code="BAD_STATE")
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))
