"""Lines of APIs, pools and applications with whatever in the place of a value."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from front_doors import test_amplify as amplify
from front_doors import test_api_domains as domains
from front_doors import test_apigateway as rest
from front_doors import test_apigatewayv2 as http
from front_doors import test_apprunner as apprunner
from front_doors import test_appsync as appsync
from front_doors import test_cognito as cognito
from front_doors import test_elasticbeanstalk as beanstalk
from front_doors.door_lab import judged
from front_doors.test_all_doors import HOSTILE, _paths, _put
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab

SERVICES = {
    "amplify",
    "apigateway",
    "apigatewayv2",
    "apprunner",
    "appsync",
    "cognito",
    "elasticbeanstalk",
    "lambda",
    "wafv2",
}
OFFICE = {"NotIpAddress": {"aws:SourceIp": ["5.6.7.0/24"]}}
POLICY = rest.document(rest.statement(), rest.statement("Deny", Condition=OFFICE))
POOL = f"arn:aws:cognito-idp:{rest.REGION}:{rest.ACCOUNT}:userpool/{rest.POOL}"


def methods() -> Json:
    kinds = {"GET": "NONE", "POST": "AWS_IAM", "PUT": "CUSTOM", "DELETE": "COGNITO_USER_POOLS"}
    return {verb: rest.method(kind, authorizerId="a1") for verb, kind in kinds.items()}


def routing() -> Json:
    rule = {"Actions": [{"InvokeApi": {"ApiId": "abc123", "Stage": "$default"}}]}
    return {"rules": [rule], "RoutingMode": "ROUTING_RULE_THEN_API_MAPPING"}


def labs() -> list[Lab]:
    authorizer = {"id": "a1", "type": "COGNITO_USER_POOLS", "providerARNs": [POOL]}
    keyed = {"authenticationType": "API_KEY"}
    return [
        rest.users(
            rest.function(rest.api(methods(), policy=POLICY, authorizers=(authorizer,))), False
        ),
        rest.linked(),
        http.linked(),
        http.to_application(),
        rest.users(
            http.api(http.route("JWT", AuthorizerId="a1"), authorizers=[http.tokens()]), False
        ),
        domains.rest(
            rest.function(rest.api()), mutualTlsAuthentication={"truststoreUri": "s3://t"}
        ),
        domains.http(http.api(), [{"ApiId": "abc123", "Stage": "$default"}], **routing()),
        appsync.api(
            "AWS_IAM", sources=[appsync.source()], additionalAuthenticationProviders=[keyed]
        ),
        appsync.events(),
        cognito.users(
            lab=cognito.identities(),
            client=cognito.PAGES,
            Domain="d",
            LambdaConfig={"PreSignUp": "f"},
        ),
        amplify.app(),
        apprunner.service(),
        beanstalk.balanced(),
    ]


LABS = labs()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_shape_of_data_ends_it(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    lab = copy.deepcopy(LABS[data.draw(st.integers(0, len(LABS) - 1))])
    candidates = [
        (row, where)
        for key, rows in sorted(lab.lines.items())
        if key[2].partition(":")[0] in SERVICES
        for row in rows.values()
        for where in _paths(row)
        if where[-1] != "status" and len(where) > {"item": 1, "calls": 2}.get(where[0], 99)
    ]
    for row, where in data.draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=3)):
        with contextlib.suppress(KeyError, IndexError, TypeError):
            _put(row, where, data.draw(st.sampled_from(HOSTILE)))
    for reach in judged(lab, tmp_path_factory.mktemp("hostile")):
        assert isinstance(reach.verdict, Verdict)
        assert isinstance(reach.target, str)
        assert reach.target
