"""REST APIs whose resource policy is about some methods, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from front_doors.test_api_domains import rest as domain
from front_doors.test_apigateway import (
    API,
    DOOR,
    EXECUTE,
    FUNCTION,
    api,
    document,
    function,
    method,
    statement,
)
from graph.front_doors.api_methods import cuts
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Json

EVERYTHING = statement()


def deny(*resources: str, **more: Any) -> Json:
    return statement("Deny", list(resources), **more)


def told(folder: Path, *rows: Json, path: str = "/items", verb: str = "GET") -> Reach:
    """How the internet reaches an API with this policy and one method."""
    resources = [{"id": "r1", "path": path, "resourceMethods": {verb: method()}}]
    return one(api(policy=document(*rows), resources=resources), folder, API, DOOR)


@pytest.mark.parametrize(
    ("denied", "verdict"),
    [
        ("execute-api:/*/GET/items", Verdict.NO),
        (f"{EXECUTE}/prod/*/items", Verdict.NO),
        ("execute-api:/*/POST/items", Verdict.YES),
        ("execute-api:/test/GET/items", Verdict.YES),
        ("execute-api:/*/GET/items/*", Verdict.YES),
    ],
)
def test_a_method_is_closed_by_a_deny_of_it_alone(
    tmp_path: Path, denied: str, verdict: Verdict
) -> None:
    reach = told(tmp_path, EVERYTHING, deny(denied))
    assert reach.verdict is verdict
    assert failing(reach) == ([] if verdict is Verdict.YES else ["resource policy"])


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [
        ("execute-api:/prod/GET/items", Verdict.YES),
        ("execute-api:/prod/GET/health", Verdict.NO),
        ("execute-api:/prod", Verdict.YES),
        ("execute-api:/test", Verdict.NO),
        (f"{EXECUTE}/", Verdict.YES),
        (f"{EXECUTE}4/", Verdict.NO),
    ],
)
def test_a_method_is_opened_by_an_allow_of_it_alone(
    tmp_path: Path, allowed: str, verdict: Verdict
) -> None:
    assert told(tmp_path, statement(resource=allowed)).verdict is verdict


@pytest.mark.parametrize(
    ("path", "verb", "denied", "verdict"),
    [
        ("/items/{id}", "GET", "execute-api:/*/GET/items/*", Verdict.NO),
        ("/items/{id}", "GET", "execute-api:/*/GET/items/1", Verdict.YES),
        ("/{proxy+}", "GET", "execute-api:/*/GET/*", Verdict.NO),
        ("/{proxy+}", "GET", "execute-api:/*/GET/admin/*", Verdict.YES),
        ("/items", "ANY", "execute-api:/*/*/items", Verdict.NO),
        ("/items", "ANY", "execute-api:/*/GET/items", Verdict.YES),
        ("/", "GET", "execute-api:/*/GET/", Verdict.NO),
    ],
)
def test_the_caller_chooses_verb_and_parameters(
    tmp_path: Path, path: str, verb: str, denied: str, verdict: Verdict
) -> None:
    assert told(tmp_path, EVERYTHING, deny(denied), path=path, verb=verb).verdict is verdict


def test_what_a_deny_leaves_out_stays_open(tmp_path: Path) -> None:
    leaving = {**deny(), "NotResource": ["execute-api:/*/GET/items"]}
    del leaving["Resource"]
    assert told(tmp_path / "0", EVERYTHING, leaving).verdict is Verdict.YES
    assert told(tmp_path / "1", EVERYTHING, leaving, path="/other").verdict is Verdict.NO


def test_what_an_allow_leaves_out_stays_closed(tmp_path: Path) -> None:
    leaving = {**statement(), "NotResource": ["execute-api:/*/GET/items"]}
    del leaving["Resource"]
    assert told(tmp_path / "0", leaving).verdict is Verdict.NO
    assert told(tmp_path / "1", leaving, path="/other").verdict is Verdict.YES


def test_a_method_that_is_denied_does_not_close_another(tmp_path: Path) -> None:
    lab = function(
        api(
            {"GET": method(), "POST": method(kind="HTTP", uri="https://example.com")},
            policy=document(EVERYTHING, deny("execute-api:/*/GET/items")),
        )
    )
    found = {(one.target, one.verdict) for one in judged(lab, tmp_path) if one.source == "internet"}
    assert found == {(API, Verdict.YES), (FUNCTION, Verdict.NO)}


def test_a_range_holds_for_the_methods_that_name_it(tmp_path: Path) -> None:
    office = {"IpAddress": {"aws:SourceIp": "52.1.2.0/24"}}
    rows = (statement(resource="execute-api:/*/GET/items", Condition=office),)
    lab = function(api(policy=document(*rows)))
    assert {(one.source, one.verdict) for one in judged(lab, tmp_path / "0")} == {
        ("cidr:52.1.2.0/24", Verdict.YES)
    }
    lab = function(api(policy=document(*rows, statement(resource="execute-api:/*/GET/other"))))
    assert {(one.source, one.verdict) for one in judged(lab, tmp_path / "1")} == {
        ("cidr:52.1.2.0/24", Verdict.YES)
    }


def test_one_open_stage_is_enough(tmp_path: Path) -> None:
    rows = document(EVERYTHING, deny("execute-api:/prod/*"))
    assert one(api(policy=rows), tmp_path / "0", API, DOOR).verdict is Verdict.NO
    both = ({"stageName": "prod"}, {"stageName": "test"})
    assert one(api(policy=rows, stages=both), tmp_path / "1", API, DOOR).verdict is Verdict.YES


def test_signed_callers_meet_the_deny_of_their_method(tmp_path: Path) -> None:
    for number, (path, verdict) in enumerate(
        {"items": Verdict.NO, "other": Verdict.CONDITIONAL}.items()
    ):
        rows = document(EVERYTHING, deny(f"execute-api:/*/GET/{path}"))
        lab = api({"GET": method("AWS_IAM")}, policy=rows)
        reach = one(lab, tmp_path / str(number), API, DOOR)
        assert reach.verdict is verdict


def test_too_much_to_compare_is_not_compared() -> None:
    rows = [deny(f"{EXECUTE}/*/GET/{number}") for number in range(3000)]
    methods = [("GET", f"/{number}") for number in range(3000)]
    assert cuts(document(*rows), EXECUTE, ["prod"], methods)[7] == (tuple(range(3000)),)
    assert cuts(document(*rows[:9]), EXECUTE, ["prod"], methods)[7] == ((7,),)


def test_what_is_not_a_resource_is_left_to_the_evaluation() -> None:
    odd: list[Any] = [None, 7, {"Effect": "Deny"}, deny("${aws:username}"), deny()]
    assert cuts({"Statement": odd}, EXECUTE, [], [("GET", "/")]) == [((0, 1, 2, 3, 4),)]


def test_a_domain_leads_to_its_stage_alone(tmp_path: Path) -> None:
    def verdict(denied: str) -> Verdict:
        stages = ({"stageName": "prod"}, {"stageName": "test"})
        policy = document(EVERYTHING, deny(f"execute-api:/{denied}/*"))
        lab = domain(api(policy=policy, stages=stages))
        return one(lab, tmp_path / denied, API, "apigateway-domain/ipv4").verdict

    assert verdict("prod") is Verdict.NO
    assert verdict("test") is Verdict.YES
