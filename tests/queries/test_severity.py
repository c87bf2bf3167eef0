"""Severity is data: every rule holds what exists, and a weaker verdict never weighs more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import queries.severity as severity
from graph.verdict import Verdict
from queries.library import SEVERITIES
from queries.ports import overlaps
from queries.severity import port_class, rules, severity_of, thing_of

DATA = json.loads((Path(severity.__file__).parent / "data" / "severity.json").read_text())
COMMANDS = ("public", "trusts", "admins")
FACTS = st.fixed_dictionaries(
    {}, optional={fact: st.sampled_from(values) for fact, values in DATA["facts"].items()}
)


def test_every_command_ends_with_a_rule_that_always_fits() -> None:
    for command in COMMANDS:
        assert [rule for rule in rules() if rule.command == command][-1].when == {}


def test_every_rule_can_decide() -> None:
    """No rule stands behind one that takes all it would take."""
    for number, rule in enumerate(rules()):
        for earlier in rules()[:number]:
            swallowed = earlier.command == rule.command and all(
                fact in rule.when and set(rule.when[fact]) <= set(values)
                for fact, values in earlier.when.items()
            )
            assert not swallowed, (earlier.reason, rule.reason)


@given(st.sampled_from(COMMANDS), FACTS)
def test_a_weaker_verdict_never_weighs_more(command: str, facts: dict[str, str]) -> None:
    ordered = sorted(Verdict, key=lambda verdict: -verdict.rank)
    places = [SEVERITIES.index(severity_of(command, facts, verdict)) for verdict in ordered]
    assert places == sorted(places)
    assert places[-1] == len(SEVERITIES) - 1


@given(st.sampled_from(COMMANDS), FACTS)
def test_admin_behind_never_weighs_less(command: str, facts: dict[str, str]) -> None:
    without = severity_of(command, {**facts, "behind": ""}, Verdict.YES)
    behind = severity_of(command, {**facts, "behind": "admin"}, Verdict.YES)
    if command == "public" or facts.get("who") in ("anyone", "any-aws", "outside"):
        assert SEVERITIES.index(behind) <= SEVERITIES.index(without)


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (("tcp/22",), "admin"),
        (("tcp/23-21",), "other"),
        (("tcp/443",), "other"),
        (("tcp/1-1024",), "admin"),
        (("udp/161",), "admin"),
        (("udp/162",), "other"),
        (("tcp/2181",), "unauthenticated"),
        (("tcp/2182",), "other"),
        (("all",), "unauthenticated"),
        (("icmp",), "ping"),
        (("tcp/443", "tcp/5432"), "admin"),
        (("tcp/1883",), "admin"),
        (("tcp/1884",), "other"),
        (("tcp/9092",), "unauthenticated"),
        (("tcp/9093",), "other"),
        (("tcp/8182",), "unauthenticated"),
        (("tcp/2049",), "unauthenticated"),
        ((), ""),
    ],
)
def test_ports_of_administration(ports: tuple[str, ...], expected: str) -> None:
    assert port_class(ports) == expected


_CLASSES = ("", "ping", "other", "admin", "unauthenticated")
_PORT = st.integers(0, 65535)


@given(_PORT, _PORT, _PORT, _PORT)
def test_who_opens_more_is_never_graded_milder(a: int, b: int, c: int, d: int) -> None:
    low, first, last, high = sorted((a, b, c, d))
    narrow, wide = (port_class((f"tcp/{one}-{two}",)) for one, two in ((first, last), (low, high)))
    assert _CLASSES.index(narrow) <= _CLASSES.index(wide) <= _CLASSES.index(port_class(("all",)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tcp/443", "tcp/443", True),
        ("tcp/443", "udp/443", False),
        ("tcp/400-500", "tcp/443", True),
        ("tcp/400-442", "tcp/443", False),
        ("all", "udp/53", True),
        ("tcp", "tcp/1", True),
        ("icmp", "tcp/1", False),
    ],
)
def test_overlap_of_ports(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, [other]) is expected
    assert overlaps(other, [one]) is expected


def test_types_are_sorted_once_into_things() -> None:
    kinds = [kind for kinds in DATA["things"].values() for kind in kinds]
    assert len(kinds) == len(set(kinds))
    assert thing_of("AWS::S3::Bucket") == "storage"
    assert thing_of("AWS::Nothing::Here") == thing_of(None) == "other"
