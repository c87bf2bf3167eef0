"""Load balancers behind web ACLs that let only ranges or a secret header through, with twins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.network.exposure import internet_reach
from graph.network.reach import Reach
from graph.network.web_acls import Narrowing
from graph.network.web_acls_rules import Known, narrowing
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Json, Lab
from network.test_load_balancers import ALB, behind_alb
from network.web_acls import (
    ACL,
    BY_OFFICE,
    OFFICE,
    RANGE,
    SECRET,
    by_header,
    rule,
    web_acl,
)
from snapshot_files import Denied

OTHER = "54.1.0.0/16"
YES, NO, CONDITIONAL = Verdict.YES, Verdict.NO, Verdict.CONDITIONAL


def reaches(
    lab: Lab, folder: Path, target: str = ALB
) -> dict[str, tuple[Verdict, tuple[str, ...]]]:
    """Verdict and conditions by source."""
    found = internet_reach(lab.build(folder))
    return {
        one.source: (one.verdict, one.answer.conditions)
        for one in found
        if (one.target, one.mechanism) == (target, "alb/ipv4")
    }


@pytest.mark.parametrize("target", [ALB, INSTANCE])
def test_a_range_is_the_source(tmp_path: Path, target: str) -> None:
    narrowed = reaches(web_acl(behind_alb(), ALB), tmp_path / "0", target)
    assert narrowed == {f"cidr:{RANGE}": (YES, ())}
    twin = reaches(web_acl(behind_alb(), ALB, default="Allow"), tmp_path / "1", target)
    assert twin == {"internet": (YES, ())}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule(by_header())], {"internet": (CONDITIONAL, (SECRET,))}),
        ([rule(by_header("user-agent"))], {"internet": (YES, ())}),
        ([rule(by_header("true-client-ip"))], {"internet": (YES, ())}),
        ([rule(by_header("x-edge", "CONTAINS"))], {"internet": (YES, ())}),
        (
            [rule(BY_OFFICE), rule(by_header())],
            {f"cidr:{RANGE}": (YES, ()), "internet": (CONDITIONAL, (SECRET,))},
        ),
        (
            [rule({"AndStatement": {"Statements": [BY_OFFICE, by_header()]}})],
            {f"cidr:{RANGE}": (CONDITIONAL, (SECRET,))},
        ),
        (
            [rule({"OrStatement": {"Statements": [BY_OFFICE, by_header()]}})],
            {f"cidr:{RANGE}": (YES, ()), "internet": (CONDITIONAL, (SECRET,))},
        ),
        (
            [rule({"OrStatement": {"Statements": [BY_OFFICE, {"GeoMatchStatement": {}}]}})],
            {"internet": (YES, ())},
        ),
        (
            [rule({"AndStatement": {"Statements": [BY_OFFICE, {"GeoMatchStatement": {}}]}})],
            {f"cidr:{RANGE}": (YES, ())},
        ),
        ([rule({"NotStatement": {"Statement": BY_OFFICE}})], {"internet": (YES, ())}),
        ([rule(BY_OFFICE, "Block")], {"internet": (NO, ())}),
        ([rule(BY_OFFICE, "Count")], {"internet": (NO, ())}),
        ([], {"internet": (NO, ())}),
        ([rule(BY_OFFICE), {"OverrideAction": {"None": {}}}], {"internet": (YES, ())}),
    ],
)
def test_what_the_rules_allow(tmp_path: Path, rules: list[Json], expected: Any) -> None:
    assert reaches(web_acl(behind_alb(), ALB, rules=rules), tmp_path) == expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([RANGE, OTHER], {f"cidr:{RANGE}": (YES, ()), f"cidr:{OTHER}": (YES, ())}),
        (["0.0.0.0/1", "128.0.0.0/1"], {"internet": (YES, ())}),
        (["2600:1::/32"], {"internet": (NO, ())}),
        ([], {"internet": (NO, ())}),
        (Denied, {"internet": (CONDITIONAL, (f"source:{OFFICE}",))}),
        ("x", {"internet": (CONDITIONAL, (f"source:{OFFICE}",))}),
        ([7], {"internet": (CONDITIONAL, (f"source:{OFFICE}",))}),
    ],
)
def test_the_addresses_of_the_set_count(tmp_path: Path, addresses: Any, expected: Any) -> None:
    assert reaches(web_acl(behind_alb(), ALB, addresses=addresses), tmp_path) == expected


def test_a_range_that_cannot_be_read_may_be_any(tmp_path: Path) -> None:
    lab = web_acl(behind_alb(), ALB, addresses=["somewhere"])
    (reach,) = reaches(lab, tmp_path).values()
    assert reach[0] is Verdict.UNKNOWN


@pytest.mark.parametrize("told", [Denied, {}, {"WebACL": 3}, {"WebACL": {"DefaultAction": []}}])
def test_a_web_acl_that_was_not_read_is_a_guard(tmp_path: Path, told: Any) -> None:
    assert reaches(web_acl(behind_alb(), ALB, told=told), tmp_path) == {"internet": (YES, ())}


def test_a_web_acl_of_something_else_narrows_nothing(tmp_path: Path) -> None:
    assert reaches(web_acl(behind_alb(), f"{ALB}9"), tmp_path) == {"internet": (YES, ())}


def test_the_step_stands_in_the_proof(tmp_path: Path) -> None:
    found: list[Reach] = internet_reach(web_acl(behind_alb(), ALB).build(tmp_path))
    for reach in (one for one in found if one.mechanism == "alb/ipv4"):
        (step,) = [one for one in reach.answer.steps if one.name == "web ACL"]
        assert (step.result, step.subject) == ("pass", ACL)
        assert RANGE in step.text
        assert reach.answer.guards == (f"waf {ACL}",)


def test_a_statement_as_deep_as_none_is_narrows_nothing() -> None:
    statement: Json = BY_OFFICE
    for _ in range(400):
        statement = {"AndStatement": {"Statements": [statement]}}
    acl = {"DefaultAction": {"Block": {}}, "Rules": [rule(statement)]}
    assert narrowing(ACL, acl, Known(lambda _: [RANGE]), ()) is None
    acl["Rules"] = [rule({"AndStatement": {"Statements": [BY_OFFICE]}})]
    assert isinstance(narrowing(ACL, acl, Known(lambda _: [RANGE]), ()), Narrowing)
