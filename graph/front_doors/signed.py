"""Endpoints that every signed caller can knock at: what the resource's own policy still shuts out.

Where AWS checks signatures in front of a public endpoint, the account's own identities need no
resource policy: see :mod:`graph.sharing.own_account`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.declare import Lock, asks_for, stops, unread
from graph.front_doors.sight import Sight
from graph.iam.document import BrokenPolicy, parse
from graph.sharing.own_account import Call, left_to_own
from graph.verdict import Verdict, condition

SIGV4 = condition("authn", "sigv4")


@dataclass(frozen=True, slots=True)
class Signed:
    """What is left of the public endpoint for signed callers.

    Attributes:
        lock: closed, or open under conditions of which ``authn:sigv4`` is one.
        more: further conditions, each as a lock.
        admitted: the only ranges that signed callers may come from; ``None``: any.
    """

    lock: Lock
    more: tuple[Lock, ...] = ()
    admitted: tuple[str, ...] | None = None


def document_of(value: Any) -> dict[str, Any] | None:
    """A policy as text or parsed; ``None`` where there is none.

    Raises:
        ValueError: there is one that cannot be read.
    """
    if value is None or value == "":
        return None
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"the policy is no JSON ({problem})") from None
    if not isinstance(found, dict):
        raise ValueError("the policy is no object")
    parsed = parse(found)
    if isinstance(parsed, BrokenPolicy):
        raise ValueError(parsed.reason)
    return found


def signed_callers(
    sight: Sight, item: Item, document: dict[str, Any] | None, actions: Sequence[str], ref: Ref
) -> Signed:
    """What the resource's policy leaves to identities of its own account over the internet.

    Args:
        sight: brings the resource control policies.
        item: the resource with the public endpoint.
        document: its policy, ``None`` if it has none.
        actions: of the data plane, e.g. ``["dsql:DbConnect"]``; any of them is enough.
        ref: where the policy stands.
    """
    # A web function's endpoint is called as it is, not a version below it as of a function.
    call = Call(tuple(actions), exact=item.type == "lambda-web:function")
    left = left_to_own(sight.identities, item, document, call, ref)
    if left.answer.verdict is Verdict.NO:
        text = "No signed request from the internet gets past its policy (or the organisation's)."
        return Signed(stops("resource policy", item.id, text, ref))
    lock = asks_for("authentication", item.id, "AWS answers signed requests only.", SIGV4)
    text = "Its policy (or the organisation's) asks for more."
    more = tuple(
        unread("resource policy", item.id, term.removeprefix("not_collected:"), ref)
        if left.answer.verdict is Verdict.UNKNOWN
        else asks_for("resource policy", item.id, text, term, ref)
        for term in left.answer.conditions
    )
    return Signed(lock, more, left.admitted)


__all__ = ["SIGV4", "Signed", "document_of", "signed_callers"]
