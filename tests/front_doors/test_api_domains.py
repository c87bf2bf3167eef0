"""Custom domains of API Gateway, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from front_doors.test_apigateway import API, FUNCTION, api, function, method
from front_doors.test_apigatewayv2 import API as HTTP_API
from front_doors.test_apigatewayv2 import api as http_api
from front_doors.test_apigatewayv2 import route
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab
from snapshot_files import REGION, Denied

NAME = "api.example.com"
DOMAIN = f"arn:aws:apigateway:{REGION}::/domainnames/{NAME}"
DOOR = "apigateway-domain/ipv4"
PATH: Json = {"basePath": "(none)", "restApiId": "abc123", "stage": "prod"}


def rest(lab: Lab, mappings: Any = None, second: Any = (), **item: Any) -> Lab:
    """A domain as both versions of the API tell it."""
    shape = {"domainName": NAME, "endpointConfiguration": {"types": ["REGIONAL"]}, **item}
    lab.add(
        "apigateway:domain",
        "domain",
        DOMAIN,
        shape,
        get_base_path_mappings=[PATH] if mappings is None else mappings,
    )
    return lab if second is None else http(lab, list(second) if second == () else second)


def http(lab: Lab, mappings: Any, rules: Any = None, **item: Any) -> Lab:
    calls = {"get_api_mappings": mappings} | (
        {} if rules is None else {"list_routing_rules": rules}
    )
    lab.add("apigatewayv2:domain", "second", DOMAIN, {"DomainName": NAME, **item}, **calls)
    return lab


def test_a_domain_leads_to_an_api_without_default_endpoint(tmp_path: Path) -> None:
    lab = rest(function(api(disableExecuteApiEndpoint=True)))
    found = {(r.target, r.mechanism): r for r in judged(lab, tmp_path)}
    assert found[DOMAIN, DOOR].verdict is Verdict.YES
    assert found[API, "apigateway/ipv4"].verdict is Verdict.NO
    assert (found[API, DOOR].verdict, found[API, DOOR].via) == (Verdict.YES, (DOMAIN,))
    assert found[FUNCTION, DOOR].verdict is Verdict.YES
    assert found[FUNCTION, DOOR].via == (DOMAIN, API)


def test_a_certificate_is_a_condition(tmp_path: Path) -> None:
    lab = rest(api(), mutualTlsAuthentication={"truststoreUri": "s3://trust/ca.pem"})
    for target in (DOMAIN, API):
        reach = one(lab, tmp_path / target[-3:], target, DOOR)
        assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:mtls",))


def test_the_methods_still_decide(tmp_path: Path) -> None:
    reach = one(rest(api({"GET": method("AWS_IAM")})), tmp_path, API, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))


def test_a_mapping_to_a_stage_that_does_not_exist(tmp_path: Path) -> None:
    reach = one(rest(api(), [PATH | {"stage": "old"}]), tmp_path, API, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["stage"])


def test_a_domain_without_mapping_leads_nowhere(tmp_path: Path) -> None:
    reach = one(rest(api(), []), tmp_path, DOMAIN, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["mapping", "mapping"])


@pytest.mark.parametrize(("mappings", "second"), [(Denied, ()), ([], Denied), ([], None)])
def test_mappings_that_were_not_read_are_unknown(
    tmp_path: Path, mappings: Any, second: Any
) -> None:
    """Version 2 alone tells mappings of HTTP APIs and of more than one level."""
    lab = rest(api(), mappings, second)
    assert one(lab, tmp_path, DOMAIN, DOOR).verdict is Verdict.UNKNOWN


def test_routing_rules_alone_lead_on_where_the_mode_says_so(tmp_path: Path) -> None:
    rule = {"Actions": [{"InvokeApi": {"ApiId": "abc123", "Stage": "prod"}}]}
    lab = rest(api(), routingMode="ROUTING_RULE_ONLY", second=None)
    http(lab, [], [rule], RoutingMode="ROUTING_RULE_ONLY")
    assert one(lab, tmp_path / "a", API, DOOR).verdict is Verdict.YES
    without = rest(api(), routingMode="ROUTING_RULE_ONLY", second=None)
    http(without, [{"ApiId": "abc123", "Stage": "prod"}], [], RoutingMode="ROUTING_RULE_ONLY")
    assert one(without, tmp_path / "b", DOMAIN, DOOR).verdict is Verdict.NO
    assert API not in {r.target for r in judged(without, tmp_path / "c") if r.mechanism == DOOR}


def test_a_domain_of_an_http_api(tmp_path: Path) -> None:
    mapping = {"ApiId": "abc123", "Stage": "$default"}
    lab = http(http_api(route("JWT"), DisableExecuteApiEndpoint=True), [mapping])
    reach = one(lab, tmp_path, HTTP_API, DOOR)
    assert (reach.verdict, reach.via) == (Verdict.CONDITIONAL, (DOMAIN,))
    tls = http(http_api(), [mapping], MutualTlsAuthentication={"TruststoreUri": "s3://t/ca.pem"})
    assert one(tls, tmp_path / "tls", HTTP_API, DOOR).answer.conditions == ("authn:mtls",)


def test_a_domain_that_waits_for_ownership(tmp_path: Path) -> None:
    lab = rest(api(), domainNameStatus="PENDING_OWNERSHIP_VERIFICATION", second=None)
    assert one(lab, tmp_path / "a", DOMAIN, DOOR).verdict is Verdict.CONDITIONAL
    ready = rest(api(), domainNameStatus="AVAILABLE", second=None)
    assert one(ready, tmp_path / "b", DOMAIN, DOOR).verdict is Verdict.YES


def test_families(tmp_path: Path) -> None:
    dual = {"types": ["REGIONAL"], "ipAddressType": "dualstack"}
    found = judged(rest(api(), endpointConfiguration=dual, second=None), tmp_path)
    assert {str(r.family) for r in found if r.target == DOMAIN} == {"ipv4", "ipv6"}


def test_a_private_domain_is_never_reached(tmp_path: Path) -> None:
    lab = Lab()
    lab.add("apigateway:private-domain", "p", f"{DOMAIN}+p1", {"domainName": NAME})
    reach = one(lab, tmp_path, f"{DOMAIN}+p1", DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["endpoint type"])


class _Unlisted(Lab):
    """A region whose custom domains nobody could list."""

    def ledger(self) -> Any:
        yield from super().ledger()
        row = next(iter(super().ledger()))
        gap = {"service": "apigateway", "operation": "get_domain_names", "status": "denied"}
        yield {**row, **gap, "type": "apigateway:domain"}


@pytest.mark.parametrize("disabled", [False, True])
def test_domains_that_were_not_listed_may_lead_to_it(tmp_path: Path, disabled: bool) -> None:
    for number, (make, node) in enumerate(((api, API), (http_api, HTTP_API))):
        name = "disableExecuteApiEndpoint" if node == API else "DisableExecuteApiEndpoint"
        lab = make(lab=_Unlisted(), **{name: disabled})
        found = [r for r in judged(lab, tmp_path / str(number)) if r.mechanism == DOOR]
        assert [r.verdict for r in found] == ([Verdict.UNKNOWN] if disabled else [])


def test_a_private_api_has_no_public_domain(tmp_path: Path) -> None:
    lab = api(lab=_Unlisted(), disableExecuteApiEndpoint=True, types=("PRIVATE",))
    assert {r.verdict for r in judged(lab, tmp_path)} == {Verdict.NO}
