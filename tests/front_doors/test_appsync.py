"""AppSync's APIs, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from front_doors.test_apigateway import FUNCTION, POOL, invocable, users
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab
from snapshot_files import ACCOUNT, REGION, Denied

API = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/graph1"
CHAT = f"arn:aws:appsync:{REGION}:{ACCOUNT}:apis/chat1"
DOOR = "appsync/ipv4"
EARLIER, LATER = 1_700_000_000, 2_000_000_000


def api(kind: Any = "API_KEY", keys: Any = None, sources: Any = (), **item: Any) -> Lab:
    lab = Lab()
    shape = {"apiId": "graph1", "authenticationType": kind, "visibility": "GLOBAL"}
    lab.add(
        "appsync:api",
        "api",
        API,
        {**shape, "uris": {"GRAPHQL": "https://graph1.example/graphql"}, **item},
        list_api_keys=[{"expires": LATER}] if keys is None else keys,
        list_data_sources=list(sources),
    )
    return lab


def test_an_api_key_keeps_it_open(tmp_path: Path) -> None:
    reach = one(api(), tmp_path, API, DOOR)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any("https://graph1.example/graphql" in text for text in reach.answer.evidence)


def test_a_private_api_is_not_reached(tmp_path: Path) -> None:
    reach = one(api(visibility="PRIVATE"), tmp_path, API, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["visibility"])


def test_global_is_the_default(tmp_path: Path) -> None:
    assert one(api(visibility=None), tmp_path / "a", API, DOOR).verdict is Verdict.YES
    assert one(api(visibility="NEW"), tmp_path / "b", API, DOOR).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        ([], Verdict.DORMANT),
        ([{"expires": EARLIER}], Verdict.DORMANT),
        ([{"expires": EARLIER}, {"expires": LATER}], Verdict.YES),
        ([{"id": "k"}], Verdict.YES),
        (Denied, Verdict.UNKNOWN),
    ],
)
def test_without_a_valid_key_it_is_dormant(tmp_path: Path, keys: Any, verdict: Verdict) -> None:
    assert one(api(keys=keys), tmp_path, API, DOOR).verdict is verdict


@pytest.mark.parametrize(
    ("kind", "term"),
    [
        ("AWS_IAM", "authn:sigv4"),
        ("AMAZON_COGNITO_USER_POOLS", "authn:cognito"),
        ("OPENID_CONNECT", "authn:jwt"),
        ("AWS_LAMBDA", "authn:lambda-authorizer"),
    ],
)
def test_authentication_in_front_is_a_condition(tmp_path: Path, kind: str, term: str) -> None:
    reach = one(api(kind), tmp_path / "a", API, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, (term,))
    more = [{"authenticationType": "API_KEY"}]
    both = one(api(kind, additionalAuthenticationProviders=more), tmp_path / "b", API, DOOR)
    assert both.verdict is Verdict.YES


def test_a_mode_that_is_not_known_is_unknown(tmp_path: Path) -> None:
    assert one(api(None), tmp_path, API, DOOR).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("admin_only", "action", "verdict"),
    [
        (False, "ALLOW", Verdict.YES),
        (False, "DENY", Verdict.CONDITIONAL),
        (True, "ALLOW", None),
    ],
)
def test_whoever_may_register_gets_a_token(
    tmp_path: Path, admin_only: bool, action: str, verdict: Verdict | None
) -> None:
    pool = {"userPoolId": POOL, "defaultAction": action}
    lab = users(api("AMAZON_COGNITO_USER_POOLS", userPoolConfig=pool), admin_only)
    found = {r.source: r.verdict for r in judged(lab, tmp_path) if r.target == API}
    assert found.get(f"self-sign-up:{POOL}") is verdict


def test_a_web_acl_is_a_guard(tmp_path: Path) -> None:
    reach = one(api(wafWebAclArn="arn:waf"), tmp_path, API, DOOR)
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, ("waf arn:waf",))


def source(**more: Any) -> Json:
    return {"type": "AWS_LAMBDA", "lambdaConfig": {"lambdaFunctionArn": FUNCTION}, **more}


def test_a_function_stands_behind_it(tmp_path: Path) -> None:
    role = {"serviceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/source"}
    reach = one(api(sources=[source(**role)]), tmp_path / "a", FUNCTION, DOOR)
    assert (reach.verdict, reach.via) == (Verdict.YES, (API,))
    without = api(sources=[source()])
    policy = {"Policy": json.dumps(invocable(service="events.amazonaws.com"))}
    without.add("lambda:function", "shop", FUNCTION, {}, get_policy=policy)
    assert one(without, tmp_path / "b", FUNCTION, DOOR).verdict is Verdict.NO


def test_an_additional_mode_needs_a_directive(tmp_path: Path) -> None:
    role = {"serviceRoleArn": f"arn:aws:iam::{ACCOUNT}:role/source"}
    more = [{"authenticationType": "API_KEY"}]
    lab = api("AWS_IAM", sources=[source(**role)], additionalAuthenticationProviders=more)
    reach = one(lab, tmp_path, FUNCTION, DOOR)
    assert reach.verdict is Verdict.CONDITIONAL


def events(kind: str = "API_KEY", keys: Any = None, config: Any = None) -> Lab:
    lab = Lab()
    config = {"authProviders": [{"authType": kind}]} if config is None else config
    item = {"apiId": "chat1", "eventConfig": config, "dns": {"HTTP": "chat1.example"}}
    keys = [{"expires": LATER}] if keys is None else keys
    lab.add("appsync:event-api", "chat", CHAT, item, list_api_keys=keys)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (events(), Verdict.YES),
        (events("AWS_IAM"), Verdict.CONDITIONAL),
        (events(keys=[]), Verdict.DORMANT),
        (events(keys=Denied), Verdict.UNKNOWN),
        (events(config={}), Verdict.UNKNOWN),
    ],
)
def test_an_event_api(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, CHAT, "appsync-events/ipv4").verdict is verdict
