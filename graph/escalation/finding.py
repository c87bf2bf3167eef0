"""What the judging of a technique gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.escalation.technique import Technique
from graph.iam.request import Request
from graph.verdict import Answer


@dataclass(frozen=True, slots=True)
class Goal:
    """What is gained, and what that takes whoever asks.

    Attributes:
        node: id of the node gained.
        answer: what must hold besides the calls: trust, state, what follows.
        requests: the calls with this goal, those of which the goal is no part included.
        via: ids of what is used on the way: the function, the instance, the policy.
    """

    node: str
    answer: Answer
    requests: tuple[Request, ...]
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class First:
    """What a principal does first, so that it has the rights for what follows.

    Attributes:
        words: a predicate without full stop, e.g. ``can join the group ...``.
        answer: of its calls.
        actions: the calls.
        via: ids of what is used.
    """

    words: str
    answer: Answer
    actions: tuple[str, ...]
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Principals of one account, alike, and goals, alike.

    Attributes:
        members: ARNs, sorted.
        answer: of the calls, for one member and the first goal.
        relationship: ``CAN_ESCALATE_TO`` or ``CAN_EXECUTE_ON``.
        first: what each member does before, where the rights are not had from the start.
    """

    technique: Technique
    account: str
    members: tuple[str, ...]
    goals: tuple[Goal, ...]
    answer: Answer
    relationship: str = "CAN_ESCALATE_TO"
    first: Mapping[str, First] = field(default_factory=dict)
