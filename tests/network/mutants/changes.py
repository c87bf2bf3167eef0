"""Ways of switching something off that several mutants share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.evidence import Step
from graph.network import from_snapshot
from graph.network.facts import Facts
from tests.iam.rules.mutation import always, instead

Change = tuple[Any, str, Any]
Thunk = Callable[[], Change]


def instead_of(owner: Any, name: str, make: Callable[[Any], Any]) -> Thunk:
    """A function of the engine replaced by one that is made of it."""
    return lambda: instead(owner, name, make)


def always_is(owner: Any, name: str, value: Any) -> Thunk:
    """A function of the engine that answers one thing."""
    return lambda: always(owner, name, value)


def constant(owner: Any, name: str, value: Any) -> Thunk:
    """Another value of an attribute."""
    return lambda: (owner, name, value)


def answer(owner: Any, name: str, change: Callable[[Any], Any]) -> Thunk:
    """A function of the engine with its answer changed."""
    return instead_of(owner, name, lambda f: lambda *a, **k: change(f(*a, **k)))


def passing(owner: Any, name: str, step: str) -> Thunk:
    """A function that gives a step gives one that passes."""
    return always_is(owner, name, Step(step, "", "pass", "Off."))


def facts(change: Callable[[Facts], Facts]) -> Thunk:
    """What is read from every snapshot, changed."""
    return answer(from_snapshot._Reader, "facts", change)


def known(member: str, change: Callable[[Any], Any]) -> Thunk:
    """Each fact of a kind (``member`` of ``Facts``) changed."""
    return facts(
        lambda all_of: replace(all_of, **{member: tuple(map(change, getattr(all_of, member)))})
    )


def fact(member: str, **values: Any) -> Thunk:
    """Each fact of a kind with other values."""
    return known(member, lambda one: replace(one, **values))


def joint(member: str, change: Callable[[Any], Any]) -> Thunk:
    """Each of what joins networks (``member`` of ``Joints``) changed."""
    return facts(
        lambda all_of: replace(
            all_of,
            joints=replace(
                all_of.joints, **{member: tuple(map(change, getattr(all_of.joints, member)))}
            ),
        )
    )


def without_gap(operation: str) -> Thunk:
    """A call that failed is taken for one that found nothing."""
    return facts(
        lambda all_of: replace(
            all_of, gaps=frozenset(g for g in all_of.gaps if not g.startswith(f"{operation}@"))
        )
    )
