"""Front doors behind web ACLs that let only ranges or a secret header through, with twins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from front_doors import test_apigateway, test_apigatewayv2, test_apprunner, test_appsync
from front_doors.distributions import custom, distribution
from front_doors.door_lab import judged
from front_doors.test_apigateway import API, URI, api, method
from front_doors.test_cloudfront_vpc import LB, balanced, behind, private, vpc_origin
from front_doors.test_globalaccelerator import V4, accelerator, endpoint
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab
from network.test_load_balancers import ALB
from network.web_acls import ACL, BY_OFFICE, RANGE, SECRET, by_header, rule, web_acl

PROD = {"stageName": "prod", "webAclArn": ACL}
TEST = {"stageName": "test"}


def rest_api() -> Lab:
    return web_acl(api(stages=(PROD,)))


def at_api(lab: Lab, folder: Path) -> list[Reach]:
    return [reach for reach in judged(lab, folder) if reach.target == API]


def graphql() -> Lab:
    return web_acl(test_appsync.api(wafWebAclArn=ACL))


def app_runner() -> Lab:
    return web_acl(test_apprunner.service(), test_apprunner.SERVICE, "APP_RUNNER_SERVICE")


@pytest.mark.parametrize(
    ("made", "target"),
    [
        (rest_api, API),
        (graphql, test_appsync.API),
        (app_runner, test_apprunner.SERVICE),
    ],
)
def test_a_range_is_the_source(tmp_path: Path, made: Callable[[], Lab], target: str) -> None:
    def sources(lab: Lab, name: str) -> set[tuple[str, Verdict]]:
        found = judged(lab, tmp_path / name)
        return {(one.source, one.verdict) for one in found if one.target == target}

    assert sources(made(), "0") == {(f"cidr:{RANGE}", Verdict.YES)}
    assert sources(web_acl(made(), default="Allow", acl=ACL), "1") == {("internet", Verdict.YES)}


def test_registration_with_a_user_pool(tmp_path: Path) -> None:
    def sources(rules: list[dict[str, object]] | None, name: str) -> set[tuple[str, Verdict]]:
        lab = test_apigateway.users(Lab(), admin_only=False)
        pool = lab.item("pool")["Id"]
        line = f"arn:aws:cognito-idp:{ACL.split(':')[3]}:{ACL.split(':')[4]}:userpool/{pool}"
        lab = web_acl(lab, line, "COGNITO_USER_POOL", rules=rules)
        found = judged(lab, tmp_path / name)
        return {(one.source, one.verdict) for one in found if one.target == line}

    assert sources(None, "0") == {(f"cidr:{RANGE}", Verdict.YES)}
    assert sources([rule(by_header("accept"))], "1") == {("internet", Verdict.YES)}


def test_one_stage_without_a_web_acl_is_enough(tmp_path: Path) -> None:
    lab = web_acl(api(stages=(PROD, TEST)))
    assert {(one.source, one.verdict) for one in at_api(lab, tmp_path)} == {
        ("internet", Verdict.YES)
    }


def test_stages_let_in_what_one_of_them_does(tmp_path: Path) -> None:
    second = ACL.replace("shop", "till")
    lab = web_acl(api(stages=(PROD, {"stageName": "test", "webAclArn": second})))
    web_acl(lab, acl=second, rules=[rule(by_header())])
    found = {(one.source, one.answer.conditions) for one in at_api(lab, tmp_path)}
    assert found == {(f"cidr:{RANGE}", ()), ("internet", (SECRET,))}


def test_signed_callers_of_every_account_need_the_range_too(tmp_path: Path) -> None:
    rows = test_apigateway.document(test_apigateway.statement())
    lab = web_acl(api({"GET": method("AWS_IAM", uri=URI)}, policy=rows, stages=(PROD,)))
    conditions = {one.source: one.answer.conditions for one in at_api(lab, tmp_path)}
    assert conditions == {
        f"cidr:{RANGE}": ("authn:sigv4",),
        "any-aws-principal": ("authn:sigv4", f"source:{RANGE}"),
    }


def test_a_web_acl_that_allows_nothing_closes(tmp_path: Path) -> None:
    lab = web_acl(api(stages=(PROD,)), rules=[])
    assert {one.verdict for one in at_api(lab, tmp_path)} == {Verdict.NO}


@pytest.mark.parametrize(("sent", "terms"), [("X-Edge", ()), ("X-Other", (SECRET,))])
def test_a_header_that_cloudfront_sends_is_no_secret_to_it(
    tmp_path: Path, sent: str, terms: tuple[str, ...]
) -> None:
    headers = {"Quantity": 1, "Items": [{"HeaderName": sent, "HeaderValue": "x"}]}
    lab = web_acl(balanced(), LB, rules=[rule(by_header())])
    distribution(lab, custom(CustomHeaders=headers))
    assert behind(lab, tmp_path, INSTANCE).answer.conditions == terms


def test_a_range_without_cloudfront_keeps_cloudfront_out(tmp_path: Path) -> None:
    def verdict(rules: list[dict[str, object]], name: str) -> Verdict:
        lab = distribution(web_acl(balanced(), LB, rules=rules), custom())
        return behind(lab, tmp_path / name, INSTANCE).verdict

    assert verdict([rule(BY_OFFICE)], "0") is Verdict.UNKNOWN  # CloudFront's ranges were not read.
    assert verdict([rule(by_header("accept"))], "1") is Verdict.YES


# Load balancers with a web ACL of their own, where it sees somebody else's address.

GUARD = f"waf {ACL}"


def found_at(lab: Lab, folder: Path, target: str, door: str) -> list[Reach]:
    return [one for one in judged(lab, folder) if (one.target, one.mechanism) == (target, door)]


@pytest.mark.parametrize(
    ("rules", "verdict", "terms"),
    [
        (None, Verdict.UNKNOWN, ("not_collected:addresses of CloudFront in the VPC",)),
        ([rule(by_header())], Verdict.CONDITIONAL, (SECRET,)),
        ([rule(by_header("accept"))], Verdict.YES, ()),
        ([], Verdict.NO, ()),
    ],
)
def test_a_vpc_origin_passes_the_load_balancers_web_acl(
    tmp_path: Path, rules: Any, verdict: Verdict, terms: tuple[str, ...]
) -> None:
    lab = vpc_origin(web_acl(private(), LB, rules=rules), LB)
    found = behind(lab, tmp_path, LB)
    assert (found.verdict, found.answer.conditions) == (verdict, terms)
    assert GUARD in found.answer.guards or verdict is Verdict.NO
    lab.lines.pop((ACL.split(":")[4], ACL.split(":")[3], "wafv2:web-acl"))
    assert behind(lab, tmp_path / "twin", LB).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("preserved", "sources"),
    [
        (True, {(f"cidr:{RANGE}", Verdict.YES)}),
        (False, {("internet", Verdict.UNKNOWN)}),
    ],
)
def test_behind_an_accelerator_the_web_acl_sees_the_client_or_the_accelerator(
    tmp_path: Path, preserved: bool, sources: set[tuple[str, Verdict]]
) -> None:
    told = endpoint(LB, ClientIPPreservationEnabled=preserved)
    lab = accelerator(web_acl(private(), LB), told)
    for target in (LB, INSTANCE):
        found = found_at(lab, tmp_path / target.rpartition("/")[2], target, V4)
        assert {(one.source, one.verdict) for one in found} == sources
    twin = accelerator(web_acl(private(), LB, default="Allow"), told)
    (open_to_all,) = found_at(twin, tmp_path / "twin", LB, V4)
    assert (open_to_all.source, open_to_all.verdict) == ("internet", Verdict.YES)
    assert open_to_all.answer.guards == (GUARD,)


@pytest.mark.parametrize(
    ("rules", "default", "verdict", "terms"),
    [
        (None, "Allow", Verdict.YES, ()),
        (None, "Block", Verdict.UNKNOWN, ("not_collected:private addresses of API Gateway",)),
        ([rule(by_header())], "Block", Verdict.CONDITIONAL, (SECRET,)),
        ([], "Block", Verdict.NO, ()),
    ],
)
def test_behind_a_link_the_web_acl_stays_a_guard(
    tmp_path: Path, rules: Any, default: str, verdict: Verdict, terms: tuple[str, ...]
) -> None:
    lab = web_acl(test_apigatewayv2.to_application(), ALB, rules=rules, default=default)
    (found,) = found_at(lab, tmp_path, ALB, test_apigatewayv2.DOOR)
    assert (found.verdict, found.answer.conditions) == (verdict, terms)
    if verdict is not Verdict.NO:
        assert found.answer.guards == (GUARD,)
        (target,) = found_at(lab, tmp_path, INSTANCE, test_apigatewayv2.DOOR)
        assert (target.verdict, target.answer.guards) == (verdict, (GUARD,))
