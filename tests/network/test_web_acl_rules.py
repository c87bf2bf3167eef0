"""Rules that block who lacks something, groups of rules, and the order of both, with twins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network.web_acls_rules import Known, narrowing
from network.aws_shapes import Json
from network.test_load_balancers import ALB, behind_alb
from network.test_web_acls import CONDITIONAL, NO, YES, reaches
from network.web_acls import (
    ACL,
    BY_OFFICE,
    RANGE,
    SECRET,
    by_header,
    managed,
    of_group,
    rule,
    rule_group,
    web_acl,
    without,
)
from snapshot_files import Denied

ANYBODY: Any = {"internet": (YES, ())}
OFFICE_ONLY: Any = {f"cidr:{RANGE}": (YES, ())}
WITH_HEADER: Any = {"internet": (CONDITIONAL, (SECRET,))}
NOBODY: Any = {"internet": (NO, ())}
GEO: Json = {"GeoMatchStatement": {"CountryCodes": ["NL"]}}
CORE = "AWSManagedRulesCommonRuleSet"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # Who is not the office is blocked; the twin blocks the office.
        ([rule(without(BY_OFFICE), "Block")], OFFICE_ONLY),
        ([rule(BY_OFFICE, "Block")], ANYBODY),
        ([rule(without(BY_OFFICE), "Count")], ANYBODY),
        ([rule(without(by_header()), "Block")], WITH_HEADER),
        ([rule(without(by_header("accept")), "Block")], ANYBODY),
        # Blocked only from one country: from elsewhere nobody is.
        ([rule({"AndStatement": {"Statements": [without(BY_OFFICE), GEO]}}, "Block")], ANYBODY),
        (
            [rule({"OrStatement": {"Statements": [without(BY_OFFICE), GEO]}}, "Block")],
            OFFICE_ONLY,
        ),
        (
            [
                rule(
                    {"AndStatement": {"Statements": [without(BY_OFFICE), without(by_header())]}},
                    "Block",
                )
            ],
            OFFICE_ONLY | WITH_HEADER,
        ),
        # An Allow that comes first ends it.
        ([rule(GEO, "Allow", 1), rule(without(BY_OFFICE), "Block", 2)], ANYBODY),
        ([rule(GEO, "Allow", 2), rule(without(BY_OFFICE), "Block", 1)], OFFICE_ONLY),
        # As AWS lists them, not as they are asked.
        ([rule(without(BY_OFFICE), "Block", 2), rule(GEO, "Allow", 1)], ANYBODY),
        ([rule(without(BY_OFFICE), "Block"), managed("Rules", "Somebody", 2)], OFFICE_ONLY),
        ([rule(without(BY_OFFICE), "Block", 2), managed("Rules", "Somebody")], ANYBODY),
        ([rule(without(BY_OFFICE), "Block", 2), managed(CORE)], OFFICE_ONLY),
        ([rule(without(BY_OFFICE), "Unheard"), rule(without(BY_OFFICE), "Block", 2)], ANYBODY),
    ],
)
def test_who_is_blocked_where_the_rest_is_allowed(
    tmp_path: Path, rules: list[Json], expected: Any
) -> None:
    lab = web_acl(behind_alb(), ALB, rules=rules, default="Allow")
    assert reaches(lab, tmp_path) == expected


OVERRIDDEN = [{"Name": "NoUserAgent_HEADER", "ActionToUse": {"Allow": {}}}]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (managed(CORE), OFFICE_ONLY),
        (managed("AWSManagedRulesOfTomorrow"), ANYBODY),
        (managed(CORE, "Somebody"), ANYBODY),
        (managed(CORE, RuleActionOverrides=OVERRIDDEN), ANYBODY),
        (managed(CORE, ExcludedRules=[{"Name": "NoUserAgent_HEADER"}]), OFFICE_ONLY),
        ({**managed("Rules", "Somebody"), "OverrideAction": {"Count": {}}}, OFFICE_ONLY),
    ],
)
def test_a_group_of_aws_lets_nobody_through_of_itself(
    tmp_path: Path, first: Json, expected: Any
) -> None:
    lab = web_acl(behind_alb(), ALB, rules=[first, rule(BY_OFFICE, "Allow", 2)])
    assert reaches(lab, tmp_path) == expected


BLOCKS = [rule(without(BY_OFFICE), "Block", name="away")]
NEUTRAL = {"Name": "away", "ActionToUse": {"Count": {}}}


@pytest.mark.parametrize(
    ("inside", "refers", "expected"),
    [
        (BLOCKS, of_group(), OFFICE_ONLY),
        ([rule(BY_OFFICE, "Block")], of_group(), ANYBODY),
        (BLOCKS, of_group(override="Count"), ANYBODY),
        (BLOCKS, of_group(ExcludedRules=[{"Name": "away"}]), ANYBODY),
        (BLOCKS, of_group(ExcludedRules=[{"Name": "other"}]), OFFICE_ONLY),
        (BLOCKS, of_group(RuleActionOverrides=[NEUTRAL]), ANYBODY),
        ([rule(GEO, "Allow", 1), rule(without(BY_OFFICE), "Block", 2)], of_group(), ANYBODY),
        ([rule(without(BY_OFFICE), "Block", 1), rule(GEO, "Allow", 2)], of_group(), OFFICE_ONLY),
        (Denied, of_group(), ANYBODY),
        ([7], of_group(), ANYBODY),
    ],
)
def test_a_group_of_the_account_narrows(
    tmp_path: Path, inside: Any, refers: Json, expected: Any
) -> None:
    lab = web_acl(behind_alb(), ALB, rules=[refers], default="Allow")
    assert reaches(rule_group(lab, inside), tmp_path) == expected


def test_a_group_allows_where_the_rest_is_blocked(tmp_path: Path) -> None:
    def found(inside: Any, name: str) -> Any:
        lab = web_acl(behind_alb(), ALB, rules=[of_group()])
        return reaches(rule_group(lab, inside), tmp_path / name)

    assert found([rule(BY_OFFICE)], "0") == OFFICE_ONLY
    assert found([rule(BY_OFFICE, "Block")], "1") == NOBODY
    assert found([rule(GEO)], "2") == ANYBODY


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("PreProcessFirewallManagerRuleGroups", ANYBODY),
        ("PostProcessFirewallManagerRuleGroups", OFFICE_ONLY),
    ],
)
def test_groups_of_firewall_manager_come_first_and_last(
    tmp_path: Path, member: str, expected: Any
) -> None:
    """Those of another account were not read: what reaches them may be let through."""
    theirs = managed("Rules", "Somebody")
    theirs["FirewallManagerStatement"] = theirs.pop("Statement")
    acl = {
        "DefaultAction": {"Allow": {}},
        "Rules": [rule(without(BY_OFFICE), "Block")],
        member: [theirs],
    }
    lab = web_acl(behind_alb(), ALB, told={"WebACL": acl})
    assert reaches(lab, tmp_path) == expected


# A law: whoever WAF lets through has what one of the openings asks.

SETS = {"a": (("198.51.100.0/24",),), "b": (("203.0.113.0/24",),)}
ADDRESS = {"198.51.100.0/24": "a", "203.0.113.0/24": "b"}
LEAF = st.sampled_from(
    [
        {"IPSetReferenceStatement": {"ARN": "a"}},
        {"IPSetReferenceStatement": {"ARN": "b"}},
        by_header("x-one"),
        by_header("x-two"),
        GEO,
    ]
)


def _with(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda some: {"OrStatement": {"Statements": some}}),
        several.map(lambda some: {"AndStatement": {"Statements": some}}),
        inner.map(without),
    )


STATEMENTS = st.recursive(LEAF, _with, max_leaves=5)
ACTIONS = st.sampled_from(["Allow", "Block", "Count", "Captcha"])
REQUESTS = [
    {"from": place, "x-one": one, "x-two": two, "NL": home}
    for place in ("a", "b", "")
    for one in (False, True)
    for two in (False, True)
    for home in (False, True)
]


def matches(statement: Json, request: Json) -> bool:
    """What AWS's pages of the statements say of one request."""
    ((kind, inner),) = statement.items()
    if kind == "OrStatement":
        return any(matches(one, request) for one in inner["Statements"])
    if kind == "AndStatement":
        return all(matches(one, request) for one in inner["Statements"])
    if kind == "NotStatement":
        return not matches(inner["Statement"], request)
    if kind == "IPSetReferenceStatement":
        return bool(request["from"] == inner["ARN"])
    if kind == "GeoMatchStatement":
        return bool(request["NL"])
    return bool(request[inner["FieldToMatch"]["SingleHeader"]["Name"]])


def passes(rules: list[Json], default: str, request: Json) -> bool:
    for one in sorted(rules, key=lambda each: int(each["Priority"])):
        (action,) = one["Action"]
        if action in ("Allow", "Block") and matches(one["Statement"], request):
            return bool(action == "Allow")
    return default == "Allow"


@given(
    drawn=st.lists(st.tuples(STATEMENTS, ACTIONS), max_size=4).flatmap(st.permutations),
    default=st.sampled_from(["Allow", "Block"]),
    grouped=st.booleans(),
)
def test_who_gets_through_has_what_an_opening_asks(
    drawn: list[tuple[Json, str]], default: str, grouped: bool
) -> None:
    rules = [rule(s, action, number) for number, (s, action) in enumerate(drawn)]
    acl: Json = {"DefaultAction": {default: {}}, "Rules": [of_group()] if grouped else rules}
    known = Known(lambda arn: SETS[arn][0], lambda _: rules)
    found = narrowing(ACL, acl, known, ())
    if found is None:
        return
    for request in REQUESTS:
        if passes(rules, default, request):
            assert any(
                (one.cidrs is None or any(ADDRESS[c] == request["from"] for c in one.cidrs))
                and (not one.term or request[one.term.rpartition("/")[2]])
                for one in found.openings
            )


def test_a_web_acl_of_very_many_openings_is_a_guard() -> None:
    many = {"OrStatement": {"Statements": [by_header(f"x-{n}") for n in range(300)]}}
    rules = [rule(many, "Allow", number) for number in range(100)]
    acl = {"DefaultAction": {"Block": {}}, "Rules": rules}
    assert narrowing(ACL, acl, Known(lambda _: None), ()) is None
    acl["Rules"] = rules[:2]
    found = narrowing(ACL, acl, Known(lambda _: None), ())
    assert found is not None
    assert len(found.openings) == 300


@pytest.mark.parametrize("told", [None, {}, "x", [1]])
@pytest.mark.parametrize("member", ["Rules", "PreProcessFirewallManagerRuleGroups"])
def test_rules_that_cannot_be_read_close_nothing(member: str, told: Any) -> None:
    acl: Json = {"DefaultAction": {"Block": {}}, "Rules": [rule(BY_OFFICE)]}
    known = Known(lambda _: [RANGE])
    assert narrowing(ACL, acl, known, ()) is not None
    assert narrowing(ACL, acl | {member: told}, known, ()) is None
