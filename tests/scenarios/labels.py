"""Scenarios, and the claims that each of them is labelled with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.scenarios.worlds import Account, Estate

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
AUTH = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
ORGS = "https://docs.aws.amazon.com/organizations/latest/userguide/"


@dataclass(frozen=True)
class Claim:
    """What is true of a world.

    Attributes:
        question: ``path``, ``blast``, ``blast_class``, ``admin``, ``compute``, ``can`` or
            ``who_can``.
        words: of the question.
        verdict: ``yes``, ``conditional``, ``possible`` (either of these), ``not-yes``, ``no``.
        through: techniques that stand on the path, each as ``a|b``; ``-x``: it does not.
        why: by AWS's page that the scenario names.
        given: context and the like of ``can``.
        relabelled: why the label is not the one that was first written.
    """

    question: str
    words: tuple[str, ...]
    verdict: str
    through: tuple[str, ...] = ()
    why: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    relabelled: str = ""


def path(start: str, goal: str, verdict: str, *through: str, why: str, **more: Any) -> Claim:
    """Whether ``mapper paths`` leads from a start to a goal."""
    return Claim("path", (start, goal), verdict, through, why, **more)


def blast(start: str, thing: str, verdict: str, why: str, **more: Any) -> Claim:
    """Whether ``mapper blast`` lists a thing, and with which verdict at best."""
    return Claim("blast", (start, thing), verdict, (), why, **more)


def blast_class(start: str, thing: str, kind: str, why: str) -> Claim:
    """In which class ``mapper blast`` has a thing."""
    return Claim("blast_class", (start, thing), kind, (), why)


def admin(who: str, account: Account, verdict: str, why: str, **more: Any) -> Claim:
    """Whether ``mapper admins`` has somebody, by its own rights or by a chain of roles."""
    return Claim("admin", (who, account.node), verdict, (), why, **more)


def compute(machine: str, account: Account, verdict: str, why: str, **more: Any) -> Claim:
    """Whether ``mapper admins --compute`` has a machine."""
    return Claim("compute", (machine, account.node), verdict, (), why, **more)


def can(who: str, action: str, what: str, verdict: str, why: str, **more: Any) -> Claim:
    """Whether somebody may do something."""
    return Claim("can", (who, action, what), verdict, (), why, **more)


def who_can(action: str, what: str, who: str, verdict: str, why: str) -> Claim:
    """Whether somebody is among those who may do something."""
    return Claim("who_can", (action, what, who), verdict, (), why)


@dataclass
class Lab:
    """Where a scenario puts its accounts."""

    estate: Estate
    first: int
    made: int = 0

    def account(self) -> Account:
        """A new one; its number is the scenario's own."""
        number = f"{self.first + self.made}"
        self.made += 1
        return self.estate.account(number)


Build = Callable[[Lab], Iterator[Claim]]


@dataclass(frozen=True)
class Scenario:
    """A small world and what is true of it.

    Attributes:
        name: of it.
        source: AWS's page.
        build: puts it into a lab and yields the claims.
        first: the lowest number of its accounts.
        alone: whether it is imported by itself (it has an organisation).
    """

    name: str
    source: str
    build: Build
    first: int
    alone: bool

    def put(self, estate: Estate) -> list[Claim]:
        """The claims, with the world put into an estate."""
        return list(self.build(Lab(estate, self.first)))


SCENARIOS: dict[str, Scenario] = {}


def scenario(source: str, *, alone: bool = False) -> Callable[[Build], Build]:
    """Register a builder under its name."""

    def register(build: Build) -> Build:
        name = build.__name__.strip("_").replace("_", "-")
        assert name not in SCENARIOS, name
        first = 210_000_000_000 + 1_000_010 * (len(SCENARIOS) + 1)
        SCENARIOS[name] = Scenario(name, source, build, first, alone)
        return build

    return register


def estate_of(chosen: Iterable[Scenario]) -> Estate:
    """One estate that holds some scenarios."""
    estate = Estate()
    for one in chosen:
        one.put(estate)
    return estate
