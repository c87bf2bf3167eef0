"""HTTP and WebSocket APIs, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from front_doors.test_apigateway import FUNCTION, NLB, POOL, function, invocable, users
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab, allow, exposed
from network.test_load_balancers import ALB, balancer, listener, target, target_group
from snapshot_files import ACCOUNT, REGION, Absent, Denied

API = f"arn:aws:apigateway:{REGION}::/apis/abc123"
EXECUTE = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc123"
DOOR = "apigatewayv2/ipv4"
LAMBDA: Json = {"IntegrationId": "i1", "IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION}
STAGE: Json = {"StageName": "$default", "AutoDeploy": True, "DeploymentId": "d1"}


def route(auth: str | None = "NONE", key: str = "GET /items", **more: Any) -> Json:
    found = {"RouteKey": key, "Target": "integrations/i1", **more}
    return found | ({"AuthorizationType": auth} if auth else {})


def api(
    *routes: Json,
    stages: Any = None,
    integrations: Any = None,
    authorizers: Any = (),
    told: Any = None,
    lab: Lab | None = None,
    **item: Any,
) -> Lab:
    lab = lab or Lab()
    shape = {"ApiId": "abc123", "ProtocolType": "HTTP", "ApiEndpoint": "https://abc123.example"}
    lab.add(
        "apigatewayv2:api",
        "api",
        API,
        {**shape, **item},
        get_routes=(list(routes) or [route()]) if told is None else told,
        get_stages=[STAGE] if stages is None else stages,
        get_integrations=[LAMBDA] if integrations is None else integrations,
        get_authorizers=list(authorizers),
    )
    return lab


def test_a_route_without_authorization_is_open(tmp_path: Path) -> None:
    reach = one(api(), tmp_path, API, DOOR)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any("https://abc123.example" in text for text in reach.answer.evidence)


@pytest.mark.parametrize(
    ("change", "lock"),
    [
        ({"DisableExecuteApiEndpoint": True}, "default endpoint"),
        ({"stages": []}, "stage"),
        ({"told": []}, "route"),
    ],
)
def test_a_closed_lock_closes_it(tmp_path: Path, change: dict[str, Any], lock: str) -> None:
    reach = one(api(**change), tmp_path, API, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, [lock])


@pytest.mark.parametrize(
    "change",
    [{"stages": Denied}, {"told": Denied}, {"told": [], "stages": [{"DeploymentId": "d"}]}],
)
def test_what_was_not_read_is_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    assert one(api(**change), tmp_path, API, DOOR).verdict is Verdict.UNKNOWN


def test_a_stage_on_which_nothing_is_deployed_is_dormant(tmp_path: Path) -> None:
    lab = api(stages=[{"StageName": "$default", "AutoDeploy": False}])
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.DORMANT


@pytest.mark.parametrize(
    ("auth", "term"),
    [
        ("AWS_IAM", "authn:sigv4"),
        ("CUSTOM", "authn:lambda-authorizer"),
        ("JWT", "authn:jwt"),
    ],
)
def test_authentication_in_front_is_a_condition(tmp_path: Path, auth: str, term: str) -> None:
    reach = one(api(route(auth)), tmp_path / "a", API, DOOR)
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, (term,))
    both = api(route(auth), route(key="GET /health"))
    assert one(both, tmp_path / "b", API, DOOR).verdict is Verdict.YES


def test_no_authorization_type_is_none(tmp_path: Path) -> None:
    assert one(api(route(None)), tmp_path, API, DOOR).verdict is Verdict.YES


def test_another_authorization_type_is_unknown(tmp_path: Path) -> None:
    assert one(api(route("NEW")), tmp_path, API, DOOR).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("routes", "verdict"),
    [
        ((route("AWS_IAM", "$connect"), route("NONE", "$default")), Verdict.CONDITIONAL),
        ((route("NONE", "$connect"), route("NONE", "$default")), Verdict.YES),
        ((route("NONE", "$default"),), Verdict.YES),
    ],
)
def test_of_a_websocket_api_only_connecting_is_authorised(
    tmp_path: Path, routes: tuple[Json, ...], verdict: Verdict
) -> None:
    lab = function(api(*routes, ProtocolType="WEBSOCKET"), invocable())
    assert one(lab, tmp_path / "a", API, DOOR).verdict is verdict
    assert one(lab, tmp_path / "b", FUNCTION, DOOR).verdict is verdict


ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}"


def tokens(issuer: str = ISSUER) -> Json:
    return {"AuthorizerId": "a1", "AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": issuer}}


@pytest.mark.parametrize(
    ("admin_only", "issuer", "more", "verdict"),
    [
        (False, ISSUER, {}, Verdict.YES),
        (True, ISSUER, {}, None),
        (False, "https://login.example.com/", {}, None),
        (False, ISSUER, {"AuthorizationScopes": ["shop/admin"]}, Verdict.CONDITIONAL),
    ],
)
def test_whoever_may_register_gets_a_token(
    tmp_path: Path, admin_only: bool, issuer: str, more: Json, verdict: Verdict | None
) -> None:
    lab = api(route("JWT", AuthorizerId="a1", **more), authorizers=[tokens(issuer)])
    reaches = judged(users(lab, admin_only), tmp_path)
    found = {r.source: r.verdict for r in reaches if r.target == API}
    assert found.get(f"self-sign-up:{POOL}") is verdict


def test_families(tmp_path: Path) -> None:
    dual = judged(api(IpAddressType="dualstack"), tmp_path / "a")
    assert {str(r.family) for r in dual if r.target == API} == {"ipv4", "ipv6"}
    assert {str(r.family) for r in judged(api(), tmp_path / "b") if r.target == API} == {"ipv4"}


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        (invocable({"ArnLike": {"AWS:SourceArn": f"{EXECUTE}/*/*/items"}}), Verdict.YES),
        (invocable(service="events.amazonaws.com"), Verdict.NO),
        (Absent, Verdict.NO),
        (Denied, Verdict.UNKNOWN),
    ],
)
def test_the_functions_policy_must_let_it_be_invoked(
    tmp_path: Path, policy: Any, verdict: Verdict
) -> None:
    reach = one(function(api(), policy), tmp_path, FUNCTION, DOOR)
    assert (reach.verdict, reach.via) == (verdict, (API,))


def test_a_mocked_route_opens_nothing(tmp_path: Path) -> None:
    mock = {"IntegrationId": "i2", "IntegrationType": "MOCK"}
    ping = route(key="ping", Target="integrations/i2")
    lab = api(route("AWS_IAM"), ping, integrations=[LAMBDA, mock])
    assert one(lab, tmp_path, API, DOOR).verdict is Verdict.CONDITIONAL


def linked(status: str = "AVAILABLE") -> Lab:
    """A link that leads to one of an internal load balancer's two listeners."""
    lab = exposed([allow("tcp/8080", "10.0.0.0/16")])
    balancer(lab, NLB, [listener(1, 8443, "TCP"), listener(2, 9443, "TCP")], Scheme="internal")
    item = lab.item(NLB)
    base = NLB.replace(":loadbalancer/", ":listener/")
    lines = lab.lines[ACCOUNT, REGION, "elbv2:load-balancer"][NLB]
    for number, given in enumerate(lines["calls"]["describe_listeners"]["value"], 1):
        given["ListenerArn"] = f"{base}/{number}"
    assert item["Scheme"] == "internal"
    target_group(lab, protocol="TCP", targets=[target("i-web")])
    lab.add(
        "apigatewayv2:vpc-link",
        "link1",
        f"arn:aws:apigateway:{REGION}::/vpclinks/link1",
        {"VpcLinkId": "link1", "VpcLinkStatus": status},
    )
    integration = {
        "IntegrationId": "i1",
        "IntegrationType": "HTTP_PROXY",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "link1",
        "IntegrationUri": f"{base}/2",
    }
    return api(integrations=[integration], lab=lab)


def test_a_link_leads_to_one_listener(tmp_path: Path) -> None:
    reach = one(linked(), tmp_path, NLB, DOOR)
    assert (reach.verdict, reach.via, reach.ports) == (Verdict.YES, (API,), ("tcp/9443",))


@pytest.mark.parametrize(
    ("status", "verdict"), [("INACTIVE", Verdict.DORMANT), ("FAILED", Verdict.NO)]
)
def test_a_link_that_is_not_available(tmp_path: Path, status: str, verdict: Verdict) -> None:
    assert one(linked(status), tmp_path, NLB, DOOR).verdict is verdict


def test_a_link_that_was_not_collected_is_unknown(tmp_path: Path) -> None:
    lab = linked()
    lab.remove("link1")
    assert one(lab, tmp_path, NLB, DOOR).verdict is Verdict.UNKNOWN


def to_application(groups: tuple[str, ...] = ("sg-link",), subnets: Any = ("subnet-a",)) -> Lab:
    """A link whose interfaces an internal application load balancer's group admits by theirs."""
    lab = exposed([allow("tcp/8080", "10.0.0.0/16")])
    lab.group("sg-link", [])
    lab.group("sg-other", [])
    admitted = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "UserIdGroupPairs": [{"GroupId": "sg-link", "UserId": ACCOUNT}],
    }
    lab.group("sg-lb", [admitted])
    balancer(lab, ALB, Scheme="internal")
    target_group(lab, targets=[target("i-web")])
    lab.add(
        "apigatewayv2:vpc-link",
        "link1",
        f"arn:aws:apigateway:{REGION}::/vpclinks/link1",
        {"VpcLinkId": "link1", "SubnetIds": list(subnets), "SecurityGroupIds": list(groups)},
    )
    integration = {
        "IntegrationId": "i1",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "link1",
        "IntegrationUri": ALB.replace(":loadbalancer/", ":listener/") + "/1",
    }
    return api(integrations=[integration], lab=lab)


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (to_application(), Verdict.YES),
        (to_application(groups=("sg-other",)), Verdict.NO),
        (to_application(subnets=()), Verdict.UNKNOWN),
    ],
)
def test_the_load_balancers_group_must_admit_the_link(
    tmp_path: Path, lab: Lab, verdict: Verdict
) -> None:
    found = judged(lab, tmp_path)
    (front,) = [r for r in found if (r.target, r.mechanism) == (ALB, DOOR)]
    assert front.verdict is verdict
    behind = [r.verdict for r in found if r.via == (API, ALB)]
    assert behind == ([] if verdict is Verdict.NO else [verdict])


@pytest.mark.parametrize(
    ("rules", "verdict", "terms"),
    [
        ([allow("tcp/443", "0.0.0.0/0")], Verdict.YES, ()),
        ([allow("tcp/443", "10.0.0.0/16")], Verdict.YES, ()),
        ([allow("tcp/443", "10.0.0.0/28")], Verdict.CONDITIONAL, ("context:vpc-link-egress",)),
        ([allow("tcp/80", "0.0.0.0/0")], Verdict.NO, ()),
        ([allow("tcp/443", "192.168.0.0/16")], Verdict.NO, ()),
        ([], Verdict.NO, ()),
    ],
)
def test_the_links_groups_must_let_it_out(
    tmp_path: Path, rules: Any, verdict: Verdict, terms: tuple[str, ...]
) -> None:
    lab = to_application()
    lab.item("sg-link")["IpPermissionsEgress"] = rules
    (front,) = [r for r in judged(lab, tmp_path) if (r.target, r.mechanism) == (ALB, DOOR)]
    assert (front.verdict, front.answer.conditions) == (verdict, terms)


QUEUED: Json = {
    "IntegrationId": "i1",
    "IntegrationType": "AWS_PROXY",
    "IntegrationSubtype": "SQS-SendMessage",
    "CredentialsArn": f"arn:aws:iam::{ACCOUNT}:role/queue",
}


def test_the_role_with_which_it_calls_a_service_is_told(tmp_path: Path) -> None:
    def told(**change: Any) -> bool:
        folder = tmp_path / str(len(change))
        found = one(api(integrations=[QUEUED | change]), folder, API, DOOR)
        return any(
            "GET /items calls SQS-SendMessage as" in text and "role/queue" in text
            for text in found.answer.evidence
        )

    assert told()
    assert not told(CredentialsArn=None)
