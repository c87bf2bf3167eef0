"""REST APIs, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.derive import derive
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, exposed
from network.test_load_balancers import NLB, balancer, listener, target, target_group
from snapshot_files import ACCOUNT, REGION, Absent, Denied, write_snapshot

API = f"arn:aws:apigateway:{REGION}::/restapis/abc123"
EXECUTE = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc123"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"
URI = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
POOL = f"{REGION}_pool"
DOOR = "apigateway/ipv4"


def method(auth: str = "NONE", kind: str = "AWS_PROXY", uri: Any = URI, **more: Any) -> Json:
    integration = {"type": kind, "uri": uri, **more.pop("integration", {})}
    return {"authorizationType": auth, "methodIntegration": integration, **more}


def api(
    methods: dict[str, Json] | None = None,
    *,
    stages: Any = ({"stageName": "prod"},),
    policy: Any = None,
    authorizers: Any = (),
    types: tuple[str, ...] = ("REGIONAL",),
    resources: Any = None,
    lab: Lab | None = None,
    endpoint: Json | None = None,
    **item: Any,
) -> Lab:
    """An API with ``GET /items`` (no authorization) in front of a function, deployed once."""
    lab = lab or Lab()
    methods = {"GET": method()} if methods is None else methods
    told = [{"id": "r1", "path": "/items", "resourceMethods": methods}]
    shape = {"id": "abc123", "endpointConfiguration": {"types": list(types), **(endpoint or {})}}
    if policy is not None:
        # API Gateway gives the policy with its quotes escaped.
        shape["policy"] = json.dumps(json.dumps(policy))[1:-1]
    lab.add(
        "apigateway:rest-api",
        "api",
        API,
        {**shape, **item},
        get_stages=list(stages) if isinstance(stages, tuple) else stages,
        get_resources=told if resources is None else resources,
        get_authorizers=list(authorizers) if isinstance(authorizers, tuple) else authorizers,
    )
    return lab


def function(lab: Lab, policy: Any = "default") -> Lab:
    if policy == "default":
        policy = invocable({"ArnLike": {"AWS:SourceArn": f"{EXECUTE}/*/GET/items"}})
    value = policy if policy in (Absent, Denied) else {"Policy": json.dumps(policy)}
    lab.add("lambda:function", "shop", FUNCTION, {"FunctionName": "shop"}, get_policy=value)
    return lab


def invocable(condition: Json | None = None, service: str = "apigateway.amazonaws.com") -> Json:
    row: Json = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
    }
    return {
        "Version": "2012-10-17",
        "Statement": [row | ({"Condition": condition} if condition else {})],
    }


def document(*rows: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(rows)}


def statement(effect: str = "Allow", resource: Any = "execute-api:/*", **more: Any) -> Json:
    base = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke"}
    return {**base, "Resource": resource, **more}


def users(lab: Lab, admin_only: bool) -> Lab:
    told = {"UserPool": {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": admin_only}}}
    client = {"UserPoolClient": {"ClientId": "c1"}}
    lab.add(
        "cognito:user-pool",
        "pool",
        f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL}",
        {"Id": POOL},
        describe_user_pool=told,
        list_user_pool_clients=[{"ClientId": "c1"}],
        **{"describe_user_pool_client(ClientId=c1)": client},
    )
    return lab


def test_a_method_without_authorization_is_open(tmp_path: Path) -> None:
    reach = one(api(), tmp_path, API, DOOR)
    assert reach.verdict is Verdict.YES
    assert reach.ports == ("tcp/443",)
    named = f"https://abc123.execute-api.{REGION}.amazonaws.com /prod"
    assert any(named in text for text in reach.answer.evidence)


@pytest.mark.parametrize(
    ("change", "lock"),
    [
        ({"types": ("PRIVATE",)}, "endpoint type"),
        ({"disableExecuteApiEndpoint": True}, "default endpoint"),
        ({"stages": []}, "stage"),
        ({"stages": Absent}, "stage"),
    ],
)
def test_a_closed_lock_closes_it(tmp_path: Path, change: dict[str, Any], lock: str) -> None:
    reach = one(api(**change), tmp_path, API, DOOR)
    assert reach.verdict is Verdict.NO
    assert failing(reach) == [lock]


@pytest.mark.parametrize("change", [{"stages": Denied}, {"resources": Denied}, {"resources": []}])
def test_what_was_not_read_is_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    reach = one(api(**change), tmp_path, API, DOOR)
    assert reach.verdict is Verdict.UNKNOWN
    assert all(term.startswith("not_collected:apigateway.") for term in reach.answer.conditions)


def test_private_is_no_even_if_its_methods_were_not_read(tmp_path: Path) -> None:
    lab = api(types=("PRIVATE",), resources=Denied)
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("kind", "authorizer", "term"),
    [
        ("AWS_IAM", {}, "authn:sigv4"),
        ("CUSTOM", {"id": "a1", "type": "TOKEN"}, "authn:lambda-authorizer"),
        ("CUSTOM", {"id": "a1", "type": "JWT"}, "authn:jwt"),
        ("COGNITO_USER_POOLS", {"id": "a1", "type": "COGNITO_USER_POOLS"}, "authn:cognito"),
    ],
)
def test_authentication_in_front_is_a_condition(
    tmp_path: Path, kind: str, authorizer: Json, term: str
) -> None:
    lab = api({"GET": method(kind, authorizerId="a1")}, authorizers=(authorizer,))
    reach = one(lab, tmp_path, API, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, (term,))


def test_the_most_open_method_counts(tmp_path: Path) -> None:
    both = api({"GET": method("AWS_IAM"), "POST": method()})
    assert one(both, tmp_path / "both", API, DOOR).verdict is Verdict.YES
    signed = api({"GET": method("AWS_IAM"), "POST": method("AWS_IAM")})
    assert one(signed, tmp_path / "signed", API, DOOR).verdict is Verdict.CONDITIONAL


def test_an_answer_to_preflights_opens_nothing(tmp_path: Path) -> None:
    preflight = method(kind="MOCK", uri=None)
    lab = api({"GET": method("AWS_IAM"), "OPTIONS": preflight})
    assert one(lab, tmp_path / "a", API, DOOR).verdict is Verdict.CONDITIONAL
    assert one(api({"GET": preflight}), tmp_path / "b", API, DOOR).verdict is Verdict.YES


def test_an_api_key_only_meters(tmp_path: Path) -> None:
    reach = one(api({"GET": method(apiKeyRequired=True)}), tmp_path, API, DOOR)
    assert reach.verdict is Verdict.YES
    assert any("meters" in text for text in reach.answer.evidence)


def test_a_method_of_which_nothing_is_told_is_unknown(tmp_path: Path) -> None:
    assert one(api({"GET": {}}), tmp_path, API, DOOR).verdict is Verdict.UNKNOWN


def test_a_policy_that_allows_everybody_leaves_it_open(tmp_path: Path) -> None:
    lab = api(policy=document(statement()))
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.YES


def test_a_policy_that_is_silent_closes_methods_without_authorization(tmp_path: Path) -> None:
    mine = statement(Principal={"AWS": ACCOUNT})
    reach = one(api(policy=document(mine)), tmp_path, API, DOOR)
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["resource policy"]


@pytest.mark.parametrize("resource", [f"{EXECUTE}/*", f"{EXECUTE}/prod/GET/items", "*"])
def test_a_policy_may_write_its_resources_out(tmp_path: Path, resource: str) -> None:
    lab = api(policy=document(statement(resource=resource)))
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.YES


def test_a_policy_about_another_api_does_not_open_it(tmp_path: Path) -> None:
    lab = api(policy=document(statement(resource=EXECUTE.replace("abc123", "other") + "/*")))
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.NO


def test_a_range_in_the_policy_is_the_source(tmp_path: Path) -> None:
    office = {"IpAddress": {"aws:SourceIp": ["5.6.7.0/24"]}}
    lab = api(policy=document(statement(Condition=office)))
    (reach,) = [r for r in judged(lab, tmp_path) if r.target == API]
    assert (reach.source, reach.verdict) == ("cidr:5.6.7.0/24", Verdict.YES)


def test_a_deny_of_other_ranges_is_the_same(tmp_path: Path) -> None:
    others = {"NotIpAddress": {"aws:SourceIp": ["5.6.7.0/24"]}}
    lab = api(policy=document(statement(), statement("Deny", Condition=others)))
    (reach,) = [r for r in judged(lab, tmp_path) if r.target == API]
    assert (reach.source, reach.verdict) == ("cidr:5.6.7.0/24", Verdict.YES)


@pytest.mark.parametrize("auth", ["NONE", "CUSTOM", "AWS_IAM", "COGNITO_USER_POOLS"])
def test_a_fixed_vpc_endpoint_is_not_the_internet(tmp_path: Path, auth: str) -> None:
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    lab = api(
        {"GET": method(auth)},
        policy=document(statement(), statement("Deny", Condition=elsewhere)),
    )
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.NO


def test_a_lambda_authorizer_decides_where_the_policy_is_silent(tmp_path: Path) -> None:
    silent = document(statement(Principal={"AWS": ACCOUNT}))
    custom = api({"GET": method("CUSTOM")}, policy=silent)
    assert one(custom, tmp_path / "custom", API, DOOR).verdict is Verdict.CONDITIONAL
    cognito = api({"GET": method("COGNITO_USER_POOLS")}, policy=silent)
    assert one(cognito, tmp_path / "cognito", API, DOOR).verdict is Verdict.NO


def test_signed_requests_of_every_account_where_the_policy_admits_them(tmp_path: Path) -> None:
    lab = api({"GET": method("AWS_IAM")}, policy=document(statement(Principal={"AWS": "*"})))
    reach = one(lab, tmp_path / "all", API, DOOR, "any-aws-principal")
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))
    mine = api({"GET": method("AWS_IAM")}, policy=document(statement(Principal={"AWS": ACCOUNT})))
    sources = {r.source for r in judged(mine, tmp_path / "mine") if r.target == API}
    assert sources == {"internet"}


def test_a_deny_of_strangers_leaves_the_owners_signed_requests(tmp_path: Path) -> None:
    strangers = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    lab = api(
        {"GET": method("AWS_IAM")},
        policy=document(statement(), statement("Deny", Condition=strangers)),
    )
    reach = one(lab, tmp_path, API, DOOR)
    assert reach.verdict is Verdict.CONDITIONAL
    assert "authn:sigv4" in reach.answer.conditions


def test_a_policy_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    assert one(api(policy="{{{"), tmp_path, API, DOOR).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("admin_only", [False, True])
def test_whoever_may_register_gets_a_token(tmp_path: Path, admin_only: bool) -> None:
    arn = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL}"
    authorizer = {"id": "a1", "type": "COGNITO_USER_POOLS", "providerARNs": [arn]}
    lab = api({"GET": method("COGNITO_USER_POOLS", authorizerId="a1")}, authorizers=(authorizer,))
    found = {
        r.source: r.verdict for r in judged(users(lab, admin_only), tmp_path) if r.target == API
    }
    assert found["internet"] is Verdict.CONDITIONAL
    assert found.get(f"self-sign-up:{POOL}") is (None if admin_only else Verdict.YES)


@pytest.mark.parametrize(
    ("stages", "guards"),
    [
        (({"stageName": "a", "webAclArn": "arn:waf"},), ("waf arn:waf",)),
        (({"stageName": "a", "webAclArn": "arn:waf"}, {"stageName": "b"}), ()),
    ],
)
def test_a_web_acl_before_every_stage_is_a_guard(
    tmp_path: Path, stages: Any, guards: tuple[str, ...]
) -> None:
    reach = one(api(stages=stages), tmp_path, API, DOOR)
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, guards)


@pytest.mark.parametrize(
    ("kind", "families"), [("ipv4", {"ipv4"}), ("dualstack", {"ipv4", "ipv6"}), (None, {"ipv4"})]
)
def test_families(tmp_path: Path, kind: str | None, families: set[str]) -> None:
    found = judged(api(endpoint={"ipAddressType": kind} if kind else {}), tmp_path)
    assert {str(r.family) for r in found} == families


def test_a_function_stands_behind_it(tmp_path: Path) -> None:
    reach = one(function(api()), tmp_path, FUNCTION, DOOR)
    assert (reach.verdict, reach.via) == (Verdict.YES, (API,))


def test_a_function_behind_a_signed_method_needs_the_signature(tmp_path: Path) -> None:
    reach = one(function(api({"GET": method("AWS_IAM")})), tmp_path, FUNCTION, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))


def test_each_function_has_its_own_methods_lock(tmp_path: Path) -> None:
    other = URI.replace(":shop", ":admin")
    lab = function(api({"GET": method(), "POST": method("AWS_IAM", uri=other)}))
    found = {r.target: r.verdict for r in judged(lab, tmp_path)}
    assert found[FUNCTION] is Verdict.YES
    assert found[FUNCTION.replace(":shop", ":admin")] is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (invocable(), Verdict.YES),
        (invocable({"StringEquals": {"AWS:SourceAccount": ACCOUNT}}), Verdict.YES),
        (invocable(service="events.amazonaws.com"), Verdict.NO),
        (Absent, Verdict.NO),
        (Denied, Verdict.UNKNOWN),
    ],
)
def test_the_functions_policy_must_let_it_be_invoked(
    tmp_path: Path, policy: Any, verdict: Verdict
) -> None:
    assert one(function(api(), policy), tmp_path, FUNCTION, DOOR).verdict is verdict


def test_an_alias_has_a_policy_of_its_own(tmp_path: Path) -> None:
    uri = URI.replace(":shop", ":shop:live")
    lab = api({"GET": method(uri=uri)})
    lab.add(
        "lambda:function",
        "shop",
        FUNCTION,
        {},
        get_policy=Absent,
        **{
            "get_policy(Qualifier=live)": {
                "Policy": json.dumps(invocable()).replace(":shop", ":shop:live")
            }
        },
    )
    assert one(lab, tmp_path, FUNCTION, DOOR).verdict is Verdict.YES


def test_with_a_role_the_functions_policy_does_not_matter(tmp_path: Path) -> None:
    role = {"credentials": f"arn:aws:iam::{ACCOUNT}:role/gateway"}
    lab = function(api({"GET": method(integration=role)}), Absent)
    assert one(lab, tmp_path, FUNCTION, DOOR).verdict is Verdict.YES


def linked(status: str = "AVAILABLE", uri: str = "http://nlb.example.com:8443/x") -> Lab:
    """An API whose link leads to an internal network load balancer before an instance."""
    lab = exposed([allow("tcp/8080", "10.0.0.0/16")])
    balancer(lab, NLB, [listener(1, 8443, "TCP")], Scheme="internal")
    target_group(lab, protocol="TCP", targets=[target("i-web")])
    lab.add(
        "apigateway:vpc-link",
        "link1",
        f"arn:aws:apigateway:{REGION}::/vpclinks/link1",
        {"id": "link1", "targetArns": [NLB], "status": status},
    )
    link = {"connectionType": "VPC_LINK", "connectionId": "link1"}
    return api({"GET": method(kind="HTTP_PROXY", uri=uri, integration=link)}, lab=lab)


def test_a_link_leads_to_the_load_balancer_and_its_targets(tmp_path: Path) -> None:
    found = {r.target: r for r in judged(linked(), tmp_path) if r.mechanism == DOOR}
    assert (found[NLB].verdict, found[NLB].via) == (Verdict.YES, (API,))
    assert found[NLB].ports == ("tcp/8443",)
    (behind,) = [r for target, r in found.items() if target.endswith("i-web")]
    assert (behind.verdict, behind.via) == (Verdict.YES, (API, NLB))
    assert behind.ports == ("tcp/8080",)
    assert behind.answer.guards == ()


ASKED = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"


@pytest.mark.parametrize(
    ("source", "more", "verdict"),
    [
        ("tcp/8443 0.0.0.0/0", {}, Verdict.YES),
        ("tcp/8443 10.0.0.0/8", {}, Verdict.UNKNOWN),
        ("tcp/80 0.0.0.0/0", {}, Verdict.NO),
        ("tcp/80 0.0.0.0/0", {ASKED: "on"}, Verdict.NO),
        ("tcp/80 0.0.0.0/0", {ASKED: "off"}, Verdict.YES),
    ],
)
def test_groups_of_the_load_balancer_are_asked_about_private_links(
    tmp_path: Path, source: str, more: dict[str, str], verdict: Verdict
) -> None:
    lab = linked()
    lab.group("sg-lb", [allow(*source.split())])
    lab.item(NLB).update({"SecurityGroups": ["sg-lb"], **more})
    assert one(lab, tmp_path, NLB, DOOR).verdict is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("PENDING", Verdict.DORMANT), ("FAILED", Verdict.NO)],
)
def test_a_link_that_is_not_available(tmp_path: Path, status: str, verdict: Verdict) -> None:
    assert one(linked(status), tmp_path, NLB, DOOR).verdict is verdict


def test_the_targets_group_must_admit_the_load_balancer(tmp_path: Path) -> None:
    lab = linked()
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/8080", "192.168.0.0/16")]
    (behind,) = [r for r in judged(lab, tmp_path) if r.via == (API, NLB)]
    assert behind.verdict is Verdict.NO


def test_a_port_without_listener_leads_nowhere(tmp_path: Path) -> None:
    found = judged(linked(uri="http://nlb.example.com:9000/"), tmp_path)
    assert not [r for r in found if r.via == (API, NLB) and r.verdict is not Verdict.NO]


def test_a_stage_variable_hides_which_function_it_is(tmp_path: Path) -> None:
    """Values of stage variables are not kept; what is left of the name is no function."""
    part = URI.replace(":shop/", ":shop-${stageVariables.env}/")
    found = judged(function(api({"GET": method(uri=part)})), tmp_path / "name")
    assert [r.target for r in found] == [API]
    alias = URI.replace(":shop/", ":shop:${stageVariables.alias}/")
    lab = function(api({"GET": method(uri=alias)}))
    assert one(lab, tmp_path / "alias", FUNCTION, DOOR).verdict is Verdict.UNKNOWN


def test_the_whole_graph_leads_from_the_internet_to_the_function(tmp_path: Path) -> None:
    lab = function(api())
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    graph = derive(write_snapshot(tmp_path, rows, list(lab.ledger())))
    walked = {(r.type, r.start, r.end): r.props.get("verdict") for r in graph.relationships}
    assert walked["CAN_REACH", "internet", API] == "yes"
    assert walked["TARGETS", API, FUNCTION] == "yes"


def test_the_role_of_a_service_integration_stands_in_the_evidence(tmp_path: Path) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/queue-writer"
    uri = f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}/orders"
    queue = method(kind="AWS", uri=uri, integration={"credentials": role})
    text = f"GET /items calls sqs as {role}."
    assert text in one(api({"GET": queue}), tmp_path / "a", API, DOOR).answer.evidence
    plain = method(kind="AWS", uri=uri)
    assert text not in one(api({"GET": plain}), tmp_path / "b", API, DOOR).answer.evidence
