"""Front doors, events, streams and names: from recorded answers, each with its twin; and live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from aws_server import Answer, Front, Request
from collector.collect import collect
from collector.request import CollectRequest
from collector.services import TYPES
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY, REGIONS, World
from graph.inventory import inventory
from graph.records import Node
from recording_files import ACCOUNT, REGION, Recording

REFUSED = {"Error": {"Code": "AccessDeniedException", "Message": "not authorised"}}
GATEWAY = f"arn:aws:apigateway:{REGION}::"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def absent(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "There is none."}}


def arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    recording = Recording(tmp_path)
    recording.put("sns.list_topics", {"Topics": []})
    return recording


def read(raw: Recording) -> Snapshot:
    """What was recorded until now, imported anew."""
    raw.into = raw.folder.with_name(f"snapshot-{len(list(raw.folder.parent.iterdir()))}")
    return raw.load()[0]


def items(snapshot: Snapshot, type_id: str) -> list[Item]:
    return list(snapshot.items(type_id))


def only(raw: Recording, type_id: str) -> Item:
    (found,) = read(raw).items(type_id)
    return found


def node(raw: Recording, node_id: str) -> Node:
    """The node that follows from what was recorded, without problems on the way."""
    result = inventory(read(raw))
    assert result.problems == ()
    return next(found for found in result.nodes if found.id == node_id)


def rows(snapshot: Snapshot, operation: str) -> set[Status]:
    return {row.status for row in snapshot.ledger if row.operation == operation}


# Global Accelerator


def test_an_accelerators_endpoints_are_found_listener_by_listener(raw: Recording) -> None:
    accelerator = arn("globalaccelerator", "accelerator/a1", "")
    listeners = [f"{accelerator}/listener/{name}" for name in ("l1", "l2")]
    listed = {"AcceleratorArn": accelerator, "Name": "shop", "Enabled": True, "DnsName": "a.aws"}
    listed["IpSets"] = [{"IpAddresses": ["198.51.100.1", "198.51.100.2"]}]
    raw.put("globalaccelerator.list_accelerators", {"Accelerators": [listed]}, "global")
    ports = [{"FromPort": 443, "ToPort": 443}]
    given = {"Listeners": [{"ListenerArn": one, "PortRanges": ports} for one in listeners]}
    raw.follow("globalaccelerator.list_listeners", accelerator, given, "global")
    for listener, endpoint in zip(listeners, ("alb-arn", "eipalloc-1"), strict=True):
        group = {"EndpointGroupArn": "g", "EndpointDescriptions": [{"EndpointId": endpoint}]}
        raw.follow(
            "globalaccelerator.list_endpoint_groups",
            listener,
            {"EndpointGroups": [group]},
            "global",
        )
    found = node(raw, accelerator)
    assert found.props["endpoint_ids"] == ["alb-arn", "eipalloc-1"]
    assert found.props["ip_addresses"] == ["198.51.100.1", "198.51.100.2"]
    assert (found.props["enabled"], found.props["dns_name"]) == (True, "a.aws")


def test_endpoints_of_a_listener_that_were_refused_are_not_none(raw: Recording) -> None:
    accelerator = arn("globalaccelerator", "accelerator/a1", "")
    listed = {"AcceleratorArn": accelerator, "Name": "shop"}
    raw.put("globalaccelerator.list_accelerators", {"Accelerators": [listed]}, "global")
    given = {"Listeners": [{"ListenerArn": "l1"}]}
    raw.follow("globalaccelerator.list_listeners", accelerator, given, "global")
    raw.follow("globalaccelerator.list_endpoint_groups", "l1", REFUSED, "global")
    assert node(raw, accelerator).props["endpoint_ids"] is None


# Lambda


def lambda_function(raw: Recording, **more: Any) -> str:
    function = arn("lambda", "function:pay")
    raw.put(
        "lambda.list_functions",
        {"Functions": [{"FunctionName": "pay", "FunctionArn": function, **more}]},
    )
    return function


def test_a_published_version_is_an_item_with_a_policy_of_its_own(raw: Recording) -> None:
    function = lambda_function(raw)
    versions = [
        {
            "FunctionName": "pay",
            "FunctionArn": f"{function}:{version}",
            "Version": version,
            "Role": ROLE,
            "Environment": {"Variables": {"DB_PASSWORD": "hunter2-of-old"}},
        }
        for version in ("$LATEST", "1", "2")
    ]
    raw.follow("lambda.list_versions_by_function", "pay", {"Versions": versions})
    raw.follow("lambda.get_policy", "pay,1", {"Policy": "{}"})
    raw.follow("lambda.get_policy", "pay,2", absent("ResourceNotFoundException"))
    snapshot = read(raw)
    found = {item.item["Version"]: item for item in items(snapshot, "lambda:function-version")}
    assert set(found) == {"1", "2"}
    assert found["1"].call("get_policy").status is Status.OK
    assert found["2"].call("get_policy").status is Status.ABSENT
    assert "hunter2-of-old" not in json.dumps(found["1"].item, default=str)
    nodes = {n.id: n.props for n in inventory(snapshot).nodes}
    assert [nodes[f"{function}:{v}"]["has_policy"] for v in ("1", "2")] == [True, False]
    assert nodes[f"{function}:1"]["role_arn"] == ROLE


@pytest.mark.parametrize(("package", "asked"), [("Zip", True), ("Image", False)])
def test_only_code_in_archives_is_asked_for_its_signature(
    raw: Recording, package: str, asked: bool
) -> None:
    function = lambda_function(raw, PackageType=package)
    raw.follow("lambda.get_function_concurrency", "pay", {"ReservedConcurrentExecutions": 0})
    config = {"CodeSigningConfigArn": arn("lambda", "code-signing-config:c"), "FunctionName": "pay"}
    raw.follow("lambda.get_function_code_signing_config", "pay", config)
    assert (
        "get_function_code_signing_config" in only(raw, "lambda:function-setting").calls
    ) is asked
    found = node(raw, function)
    assert found.props["reserved_concurrent_executions"] == 0
    assert bool(found.props["code_signing_config_arn"]) is asked


@pytest.mark.parametrize(("answer", "shared"), [({"Policy": "{}"}, True), ("none", False)])
def test_a_layers_versions_have_policies(raw: Recording, answer: Any, shared: bool) -> None:
    layer = arn("lambda", "layer:tools")
    raw.put("lambda.list_layers", {"Layers": [{"LayerName": "tools", "LayerArn": layer}]})
    versions = [{"LayerVersionArn": f"{layer}:{n}", "Version": n} for n in (1, 2)]
    raw.follow("lambda.list_layer_versions", "tools", {"LayerVersions": versions})
    raw.follow("lambda.get_layer_version_policy", "tools,1", absent("ResourceNotFoundException"))
    last = absent("ResourceNotFoundException") if answer == "none" else answer
    raw.follow("lambda.get_layer_version_policy", "tools,2", last)
    assert set(only(raw, "lambda:layer").calls) == {
        "list_layer_versions",
        "get_layer_version_policy(VersionNumber=1)",
        "get_layer_version_policy(VersionNumber=2)",
    }
    found = node(raw, layer)
    assert found.props["has_policy"] is shared
    assert found.props["version_arns"] == [f"{layer}:1", f"{layer}:2"]


# API Gateway


def test_private_and_public_domains_of_one_name_are_two(raw: Recording) -> None:
    private = arn("apigateway", "/domainnames/api.example.com+abc")
    public = {
        "domainName": "api.example.com",
        "regionalDomainName": "d-1.execute-api",
        "endpointConfiguration": {"types": ["REGIONAL"]},
    }
    second = {
        "domainName": "api.example.com",
        "domainNameId": "abc",
        "domainNameArn": private,
        "endpointConfiguration": {"types": ["PRIVATE"]},
        "policy": "{}",
    }
    raw.put("apigateway.get_domain_names", {"items": [public, second]})
    raw.follow(
        "apigateway.get_base_path_mappings",
        "api.example.com",
        {"items": [{"basePath": "(none)", "restApiId": "r1", "stage": "prod"}]},
    )
    raw.follow(
        "apigateway.get_base_path_mappings",
        "api.example.com,abc",
        {"items": [{"basePath": "(none)", "restApiId": "r2", "stage": "prod"}]},
    )
    raw.put("apigatewayv2.get_domain_names", {"Items": [{"DomainName": "api.example.com"}]})
    mapped = {"Items": [{"ApiId": "h1", "Stage": "$default"}]}
    raw.follow("apigatewayv2.get_api_mappings", "api.example.com", mapped)
    one, other = node(raw, f"{GATEWAY}/domainnames/api.example.com"), node(raw, private)
    assert (one.labels[0], one.props["rest_api_ids"]) == ("APIGatewayDomain", ["r1"])
    assert one.props["http_api_ids"] == ["h1"]
    assert (other.labels[0], other.props["rest_api_ids"]) == ("APIGatewayPrivateDomain", ["r2"])


@pytest.mark.parametrize(
    ("mode", "asked"), [("ROUTING_RULE_ONLY", True), ("API_MAPPING_ONLY", False), (None, False)]
)
def test_routing_rules_are_asked_for_where_they_count(
    raw: Recording, mode: str | None, asked: bool
) -> None:
    domain = {"DomainName": "api.example.com", "RoutingMode": mode}
    raw.put("apigatewayv2.get_domain_names", {"Items": [domain]})
    rules = [{"Priority": 1, "Actions": [{"InvokeApi": {"ApiId": "h9", "Stage": "p"}}]}]
    raw.follow("apigatewayv2.list_routing_rules", "api.example.com", {"RoutingRules": rules})
    assert ("list_routing_rules" in only(raw, "apigatewayv2:domain").calls) is asked
    found = node(raw, f"{GATEWAY}/domainnames/api.example.com")
    assert (found.props["routing_rule_api_ids"] == ["h9"]) is asked


@pytest.mark.parametrize(("policy", "has"), [("{}x", True), ("", False), (None, False)])
def test_a_rest_api(raw: Recording, policy: str | None, has: bool) -> None:
    api = {
        "id": "r1",
        "name": "shop",
        "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]},
        "disableExecuteApiEndpoint": True,
        "policy": policy,
        "tags": {"team": "web"},
    }
    raw.put("apigateway.get_rest_apis", {"items": [api]})
    stage = {"stageName": "prod", "webAclArn": "acl", "variables": {"key": "hunter2-stage"}}
    raw.follow("apigateway.get_stages", "r1", {"item": [stage]})
    method = {"httpMethod": "GET", "authorizationType": "NONE"}
    resource = {"id": "x", "path": "/", "resourceMethods": {"GET": method}}
    raw.follow("apigateway.get_resources", "r1", {"items": [resource]})
    raw.follow("apigateway.get_authorizers", "r1", {"items": [{"id": "a", "type": "TOKEN"}]})
    item = only(raw, "apigateway:rest-api")
    assert "hunter2-stage" not in json.dumps(item.call("get_stages").value)
    kept = item.call("get_resources").value[0]["resourceMethods"]["GET"]
    assert kept == method
    props = node(raw, f"{GATEWAY}/restapis/r1").props
    assert props["has_policy"] is has
    assert (props["endpoint_types"], props["vpc_endpoint_ids"]) == (["PRIVATE"], ["vpce-1"])
    assert props["execute_api_endpoint_disabled"] is True
    assert (props["stages"], props["web_acl_arns"]) == (["prod"], ["acl"])
    assert (props["authorizer_types"], props["tags"]) == (["TOKEN"], ["team=web"])


def test_keys_are_listed_without_their_values() -> None:
    (call,) = TYPES["apigateway:api-key"].lists
    assert "includeValues" not in call.params
    for call in TYPES["apigateway:usage-plan"].calls():
        assert call.operation == "get_usage_plans"


def test_an_http_api(raw: Recording) -> None:
    raw.put(
        "apigatewayv2.get_apis",
        {"Items": [{"ApiId": "h1", "Name": "orders", "ProtocolType": "HTTP", "ApiEndpoint": "u"}]},
    )
    routes = [
        {"RouteKey": "GET /", "AuthorizationType": "NONE"},
        {"RouteKey": "POST /", "AuthorizationType": "JWT"},
    ]
    raw.follow("apigatewayv2.get_routes", "h1", {"Items": routes})
    uri = arn("lambda", "function:pay")
    raw.follow("apigatewayv2.get_integrations", "h1", {"Items": [{"IntegrationUri": uri}]})
    jwt = {"AuthorizerType": "JWT", "JwtConfiguration": {"Issuer": "https://idp.example.com"}}
    raw.follow("apigatewayv2.get_authorizers", "h1", {"Items": [jwt]})
    raw.follow("apigatewayv2.get_stages", "h1", REFUSED)
    props = node(raw, f"{GATEWAY}/apis/h1").props
    assert props["authorization_types"] == ["JWT", "NONE"]
    assert props["integration_uris"] == [uri]
    assert props["jwt_issuers"] == ["https://idp.example.com"]
    assert props["stages"] is None


# CloudFront and WAF


def test_a_distribution_hides_the_header_that_its_origin_knows_it_by(raw: Recording) -> None:
    distribution = arn("cloudfront", "distribution/E1", "")
    header = {"HeaderName": "X-Origin-Verify", "HeaderValue": "hunter2-origin"}
    origin = {
        "Id": "o",
        "DomainName": "alb.example.com",
        "CustomHeaders": {"Quantity": 1, "Items": [header]},
        "VpcOriginConfig": {"VpcOriginId": "vo_1"},
    }
    config = {"Origins": {"Quantity": 1, "Items": [origin]}, "Enabled": True, "WebACLId": ""}
    summary = {"Id": "E1", "ARN": distribution, "DomainName": "d1.cloudfront.net", **config}
    raw.put("cloudfront.list_distributions", {"DistributionList": {"Items": [summary]}}, "global")
    logging = {"Logging": {"Enabled": True, "Bucket": "logs.s3.amazonaws.com"}}
    answer = {"DistributionConfig": {**config, **logging}, "ETag": "e"}
    raw.follow("cloudfront.get_distribution_config", "E1", answer, "global")
    item = only(raw, "cloudfront:distribution")
    text = json.dumps([item.item, item.call("get_distribution_config").value], default=str)
    assert "hunter2-origin" not in text
    assert text.count("X-Origin-Verify") == 2
    props = node(raw, distribution).props
    assert props["origin_domain_names"] == ["alb.example.com"]
    assert (props["vpc_origin_ids"], props["web_acl_id"]) == (["vo_1"], "")
    assert props["log_bucket"] == "logs.s3.amazonaws.com"


def web_acl(raw: Recording, kinds: dict[str, Any]) -> str:
    acl = arn("wafv2", "regional/webacl/front/w1")
    raw.put("wafv2.list_web_acls", {"WebACLs": [{"Name": "front", "Id": "w1", "ARN": acl}]})
    match = {"ByteMatchStatement": {"SearchString": "aHVudGVyMi13YWY=", "TextTransformations": []}}
    rules = [
        {"Name": "plain", "Priority": 0, "Statement": match},
        {
            "Name": "nested",
            "Priority": 1,
            "Statement": {
                "RateBasedStatement": {
                    "Limit": 100,
                    "ScopeDownStatement": {
                        "OrStatement": {
                            "Statements": [{"NotStatement": {"Statement": match}}, match]
                        }
                    },
                }
            },
        },
    ]
    answer = {"WebACL": {"Name": "front", "ARN": acl, "DefaultAction": {"Block": {}}}}
    answer["WebACL"]["Rules"] = rules
    raw.follow("wafv2.get_web_acl", "front,w1", answer)
    for kind, given in kinds.items():
        raw.follow("wafv2.list_resources_for_web_acl", f"{acl},{kind}", given)
    return acl


def test_a_web_acl_hides_what_requests_have_to_hold(raw: Recording) -> None:
    acl = web_acl(raw, {})
    text = json.dumps(only(raw, "wafv2:web-acl").call("get_web_acl").value)
    assert "aHVudGVyMi13YWY" not in text
    assert "hunter2-waf" not in text
    assert text.count('"redacted"') == 3
    assert node(raw, acl).props["rules"] == ["nested", "plain"]
    assert node(raw, acl).props["blocks_by_default"] is True


def test_a_web_acl_stands_before_resources_of_several_kinds(raw: Recording) -> None:
    alb, pool = (
        arn("elasticloadbalancing", "loadbalancer/app/a/1"),
        arn("cognito-idp", "userpool/u"),
    )
    acl = web_acl(
        raw,
        {
            "APPLICATION_LOAD_BALANCER": {"ResourceArns": [alb]},
            "COGNITO_USER_POOL": {"ResourceArns": [pool]},
            "APP_RUNNER_SERVICE": absent("WAFInvalidParameterException"),
        },
    )
    calls = only(raw, "wafv2:web-acl").calls
    name = "list_resources_for_web_acl(ResourceType={})"
    assert calls[name.format("APP_RUNNER_SERVICE")].status is Status.NOT_SUPPORTED
    assert calls[name.format("COGNITO_USER_POOL")].value == [pool]
    raw.follow("wafv2.list_resources_for_web_acl", f"{acl},APP_RUNNER_SERVICE", REFUSED)
    calls = only(raw, "wafv2:web-acl").calls
    assert calls[name.format("APP_RUNNER_SERVICE")].status is Status.DENIED


def test_web_acls_of_one_scope_are_no_nodes_of_the_other(raw: Recording) -> None:
    regional = web_acl(raw, {})
    edge = arn("wafv2", "global/webacl/edge/w2", "us-east-1")
    listed = {"WebACLs": [{"Name": "edge", "Id": "w2", "ARN": edge}]}
    raw.put("wafv2.list_web_acls", listed, "global")
    nodes = inventory(read(raw)).nodes
    labels = {n.id: n.labels[0] for n in nodes if "webacl" in n.id}
    assert labels == {regional: "WebACL", edge: "CloudFrontWebACL"}


def test_an_ip_set_has_its_addresses(raw: Recording) -> None:
    """Sets of one scope are no nodes of the other."""
    near, edge = arn("wafv2", "regional/ipset/a/s1"), arn("wafv2", "global/ipset/b/s2", "us-east-1")
    for place, (name, given) in {REGION: ("a", near), "global": ("b", edge)}.items():
        listed = {"IPSets": [{"Name": name, "Id": given[-2:], "ARN": given}]}
        raw.put("wafv2.list_ip_sets", listed, place)
        told = {"IPSet": {"ARN": given, "IPAddressVersion": "IPV4", "Addresses": ["52.1.2.0/24"]}}
        raw.follow("wafv2.get_ip_set", f"{name},{given[-2:]}", told, place)
    nodes = {n.id: n for n in inventory(read(raw)).nodes if "ipset" in n.id}
    labels = {one: found.labels[0] for one, found in nodes.items()}
    assert labels == {near: "IPSet", edge: "CloudFrontIPSet"}
    assert nodes[near].props["cidrs"] == ["52.1.2.0/24"]


def test_a_rule_group_has_its_rules_without_their_secrets(raw: Recording) -> None:
    given = arn("wafv2", "regional/rulegroup/own/g1")
    match = {"ByteMatchStatement": {"SearchString": "aHVudGVyMi13YWY=", "TextTransformations": []}}
    raw.put("wafv2.list_rule_groups", {"RuleGroups": [{"Name": "own", "Id": "g1", "ARN": given}]})
    rules = [{"Name": "edge", "Statement": {"NotStatement": {"Statement": match}}}]
    raw.follow("wafv2.get_rule_group", "own,g1", {"RuleGroup": {"ARN": given, "Rules": rules}})
    text = json.dumps(only(raw, "wafv2:rule-group").call("get_rule_group").value)
    assert "aHVudGVyMi13YWY" not in text
    assert text.count('"redacted"') == 1
    assert node(raw, given).props["rules"] == ["edge"]


# Cognito


def test_a_user_pools_clients_keep_their_secret(raw: Recording) -> None:
    pool = f"{REGION}_abc"
    raw.put("cognito-idp.list_user_pools", {"UserPools": [{"Id": pool, "Name": "users"}]})
    described = {
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
        "LambdaConfig": {"PreSignUp": "arn"},
        "EstimatedNumberOfUsers": 12,
    }
    raw.follow("cognito-idp.describe_user_pool", pool, {"UserPool": described})
    client = {"ClientId": "c1", "UserPoolId": pool, "ClientName": "web"}
    raw.follow("cognito-idp.list_user_pool_clients", pool, {"UserPoolClients": [client]})
    detail = client | {"ClientSecret": "hunter2-client", "AllowedOAuthFlows": ["implicit"]}
    raw.follow("cognito-idp.describe_user_pool_client", f"{pool},c1", {"UserPoolClient": detail})
    raw.follow("cognito-idp.list_groups", pool, {"Groups": [{"GroupName": "g", "RoleArn": ROLE}]})
    raw.follow("cognito-idp.list_identity_providers", pool, {"Providers": []})
    raw.follow("cognito-idp.get_user_pool_mfa_config", pool, {"MfaConfiguration": "OFF"})
    item = only(raw, "cognito:user-pool")
    assert item.id == arn("cognito-idp", f"userpool/{pool}")
    kept = item.call("describe_user_pool_client(ClientId=c1)").value["UserPoolClient"]
    assert set(kept["ClientSecret"]) == {"redacted"}
    props = node(raw, item.id).props
    assert (props["admin_create_user_only"], props["mfa_configuration"]) == (True, "OFF")
    assert (props["oauth_flows"], props["lambda_triggers"]) == (["implicit"], ["PreSignUp"])
    assert (props["group_role_arns"], props["identity_providers"]) == ([ROLE], [])


# Events


@pytest.mark.parametrize("refused", [False, True])
def test_rules_are_listed_bus_by_bus(raw: Recording, refused: bool) -> None:
    buses = {name: arn("events", f"event-bus/{name}") for name in ("default", "central")}
    policy = {"Policy": "{}x"}
    listed = [{"Name": name, "Arn": bus} for name, bus in buses.items()]
    listed[1] |= policy
    raw.put("events.list_event_buses", {"EventBuses": listed})
    for name in buses:
        rule = {"Name": "r", "Arn": arn("events", f"rule/{name}/r"), "EventBusName": name}
        answer = REFUSED if refused and name == "default" else {"Rules": [rule]}
        raw.follow("events.list_rules", name, answer)
        http = {"HeaderParameters": {"Authorization": "hunter2-header"}}
        target = {"Id": "1", "Arn": f"target-of-{name}", "RoleArn": ROLE, "HttpParameters": http}
        raw.follow("events.list_targets_by_rule", f"r,{name}", {"Targets": [target]})
    snapshot = read(raw)
    found = {item.item["EventBusName"] for item in items(snapshot, "events:rule")}
    assert found == ({"central"} if refused else {"central", "default"})
    result = {n.id: n.props for n in inventory(snapshot).nodes}
    rule = arn("events", "rule/central/r")
    assert result[rule]["target_arns"] == ["target-of-central"]
    assert result[rule]["target_role_arns"] == [ROLE]
    assert [result[bus]["has_policy"] for bus in buses.values()] == [False, True]
    text = "".join(p.read_text() for p in raw.into.rglob("*.jsonl"))
    assert "hunter2-header" not in text


def test_a_schedules_group_is_part_of_what_is_asked(raw: Recording) -> None:
    schedule = arn("scheduler", "schedule/ops/nightly")
    listed = {"Arn": schedule, "Name": "nightly", "GroupName": "ops", "Target": {"Arn": "t"}}
    raw.put("scheduler.list_schedules", {"Schedules": [listed]})
    answer = {"Name": "nightly", "GroupName": "ops", "Target": {"Arn": "t", "RoleArn": ROLE}}
    raw.follow("scheduler.get_schedule", "nightly,ops", answer)
    raw.follow("scheduler.get_schedule", "nightly,default", REFUSED)
    assert node(raw, schedule).props["role_arn"] == ROLE


# Names and certificates


@pytest.mark.parametrize("private", [True, False])
def test_only_private_zones_are_asked_for_their_vpcs(raw: Recording, private: bool) -> None:
    zone = {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": private}}
    zone["ResourceRecordSetCount"] = 3
    raw.put("route53.list_hosted_zones", {"HostedZones": [zone]}, "global")
    vpcs = [{"VPCRegion": REGION, "VPCId": "vpc-1"}]
    raw.follow("route53.get_hosted_zone", "/hostedzone/Z1", {"VPCs": vpcs}, "global")
    raw.follow(
        "route53.list_vpc_association_authorizations",
        "/hostedzone/Z1",
        {"VPCs": [{"VPCRegion": REGION, "VPCId": "vpc-of-other"}]},
        "global",
    )
    signed = {"Status": {"ServeSignature": "SIGNING"}}
    raw.follow("route53.get_dnssec", "/hostedzone/Z1", signed, "global")
    snapshot = read(raw)
    (item,) = items(snapshot, "route53:zone")
    assert item.id == "arn:aws:route53:::hostedzone/Z1"
    own = {"get_hosted_zone", "list_vpc_association_authorizations"}
    assert set(item.calls) == {"list_resource_record_sets"} | (own if private else set())
    assert len(items(snapshot, "route53:dnssec")) == (0 if private else 1)
    props = node(raw, item.id).props
    assert (props["is_private"], props["record_count"]) == (private, 3)
    assert props["vpc_ids"] == (["vpc-1"] if private else None)
    assert props["authorized_vpc_ids"] == (["vpc-of-other"] if private else None)
    assert props.get("dnssec_status") == (None if private else "SIGNING")


def test_where_queries_are_logged_stands_with_the_zone(raw: Recording) -> None:
    zones = [{"Id": f"/hostedzone/{z}", "Name": "x."} for z in ("Z1", "Z2")]
    raw.put("route53.list_hosted_zones", {"HostedZones": zones}, "global")
    group = arn("logs", "log-group:dns", "us-east-1")
    config = {"Id": "q", "HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": group}
    raw.put("route53.list_query_logging_configs", {"QueryLoggingConfigs": [config]}, "global")
    logged = [
        node(raw, f"arn:aws:route53:::hostedzone/{z}").props.get("query_log_group_arn")
        for z in ("Z1", "Z2")
    ]
    assert logged == [group, None]


def test_a_registered_domain_says_nothing_of_people(raw: Recording) -> None:
    domain = {"DomainName": "example.org", "AutoRenew": False, "TransferLock": True}
    raw.put("route53domains.list_domains", {"Domains": [domain]}, "global")
    person = {"FirstName": "Zebedee", "Email": "zebedee@example.net", "CountryCode": "DE"}
    detail = {
        "DomainName": "example.org",
        "AdminContact": person | {"ContactType": "PERSON"},
        "TechContact": person,
        "Nameservers": [{"Name": "ns1.example.net"}],
    }
    raw.follow("route53domains.get_domain_detail", "example.org", detail, "global")
    kept = only(raw, "route53domains:domain").call("get_domain_detail").value
    assert "ebedee" not in json.dumps(kept)
    assert kept["AdminContact"]["ContactType"] == "PERSON"
    assert kept["AdminContact"]["Email"] == kept["TechContact"]["Email"]
    props = node(raw, "arn:aws:route53domains:::domain/example.org").props
    assert (props["auto_renew"], props["name_servers"]) == (False, ["ns1.example.net"])


def test_certificates_of_every_key_and_origin_are_asked_for() -> None:
    model = botocore.session.Session().get_service_model("acm")
    (call,) = TYPES["acm:certificate"].lists
    assert set(call.params["Includes"]["keyTypes"]) == set(
        model.shape_for("Filters").members["keyTypes"].member.enum
    )
    origins = model.shape_for("ListCertificatesRequest").members["CertificateKeyPairOrigins"]
    assert set(call.params["CertificateKeyPairOrigins"]) == set(origins.member.enum)


@pytest.mark.parametrize(("status", "asked"), [("ACTIVE", True), ("DELETED", False)])
def test_a_deleted_authority_is_not_asked(raw: Recording, status: str, asked: bool) -> None:
    authority = arn("acm-pca", "certificate-authority/1")
    listed = {"Arn": authority, "Status": status, "OwnerAccount": ACCOUNT}
    raw.put("acm-pca.list_certificate_authorities", {"CertificateAuthorities": [listed]})
    raw.follow("acm-pca.get_policy", authority, {"Policy": "{}"})
    assert bool(only(raw, "acm-pca:ca").calls) is asked
    assert node(raw, authority).props["has_policy"] is (True if asked else None)


# Systems Manager and Secrets Manager


def parameters(raw: Recording, *given: tuple[str, str, str]) -> None:
    listed = [
        {"Name": name, "ARN": arn("ssm", f"parameter/{name}"), "Type": kind, "Tier": tier}
        for name, kind, tier in given
    ]
    raw.put("ssm.describe_parameters", {"Parameters": listed})


@pytest.mark.parametrize(("tier", "asked"), [("Advanced", True), ("Standard", False)])
def test_only_a_parameter_that_can_be_shared_is_asked_for_policies(
    raw: Recording, tier: str, asked: bool
) -> None:
    parameters(raw, ("url", "SecureString", tier))
    one = arn("ssm", "parameter/url")
    raw.follow("ssm.get_resource_policies", one, {"Policies": [{"Policy": "{}"}]})
    assert ("get_resource_policies" in only(raw, "ssm:parameter").calls) is asked
    assert node(raw, one).props["has_policy"] is (True if asked else None)


def test_values_are_read_of_plain_parameters_only_and_hidden(raw: Recording) -> None:
    parameters(raw, ("plain", "String", "Standard"), ("safe", "SecureString", "Standard"))
    key = "AKIAIOSFODNN7EXAMPLE"
    for name in ("plain", "safe"):
        answer = {"Parameters": [{"Name": name, "Type": "String", "Value": key}]}
        raw.follow("ssm.get_parameters", name, answer)
    item = only(raw, "ssm:parameter-value")
    assert item.item["Name"] == "plain"
    assert set(item.call("get_parameters").value["Value"]) == {"redacted"}
    found = [node(raw, arn("ssm", f"parameter/{name}")) for name in ("plain", "safe")]
    assert found[0].props["secrets_in_value"]
    assert "secrets_in_value" not in found[1].props


def test_values_are_collected_by_name_alone_and_never_decrypted() -> None:
    declared = TYPES["ssm:parameter-value"]
    assert declared.opt_in
    (call,) = declared.follow_ups
    assert call.params["WithDecryption"] is False
    assert [when.is_one_of for when in declared.keep] == [("String",)]


@pytest.mark.parametrize(("accounts", "public"), [(["all"], True), (["444455556666"], False)])
def test_a_document_may_be_everybodys(raw: Recording, accounts: list[str], public: bool) -> None:
    raw.put("ssm.list_documents", {"DocumentIdentifiers": [{"Name": "restart"}]})
    raw.follow("ssm.describe_document_permission", "restart", {"AccountIds": accounts})
    props = node(raw, arn("ssm", "document/restart")).props
    assert props["shared_with_all"] is public
    assert props["shared_with"] == accounts


@pytest.mark.parametrize("value", ["Disable", "Enable"])
def test_whether_documents_can_be_everybodys_is_the_regions(raw: Recording, value: str) -> None:
    raw.put("ssm.get_service_setting", {"ServiceSetting": {"SettingValue": value}})
    region = node(raw, f"region:{ACCOUNT}/{REGION}")
    assert region.props["ssm_document_public_sharing"] == value


def test_policies_beside_a_secrets_own_are_read_by_name(raw: Recording) -> None:
    secret = arn("secretsmanager", "secret:db-AbCdEf")
    raw.put("secretsmanager.list_secrets", {"SecretList": [{"ARN": secret, "Name": "db"}]})
    names = [{"PolicyName": "default"}, {"PolicyName": "managed"}]
    raw.follow("secretsmanager.list_resource_policies", secret, {"ResourcePolicies": names})
    raw.follow("secretsmanager.get_resource_policy", f"{secret},managed", {"ResourcePolicy": "{}"})
    replicas = [{"ReplicaSecretARN": "arn:of:other"}]
    detail = {"ReplicationStatus": [{"Region": "eu-north-1"}], "CrossAccountReplicas": replicas}
    raw.follow("secretsmanager.describe_secret", secret, detail)
    calls = only(raw, "secretsmanager:extra-policies").calls
    assert set(calls) == {"list_resource_policies", "get_resource_policy(PolicyName=managed)"}
    props = node(raw, secret).props
    assert props["policy_names"] == ["default", "managed"]
    assert props["replica_regions"] == ["eu-north-1"]
    assert props["cross_account_replica_arns"] == ["arn:of:other"]


# Brokers, streams, mail


@pytest.mark.parametrize("scram", [True, False])
def test_a_kafka_cluster(raw: Recording, scram: bool) -> None:
    cluster = arn("kafka", "cluster/log/1")
    nodes = {
        "ClientSubnets": ["subnet-1"],
        "SecurityGroups": ["sg-1"],
        "ConnectivityInfo": {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}},
    }
    login = {"Sasl": {"Scram": {"Enabled": scram}}, "Unauthenticated": {"Enabled": False}}
    listed = {
        "ClusterArn": cluster,
        "ClusterName": "log",
        "ClusterType": "PROVISIONED",
        "State": "ACTIVE",
        "Provisioned": {"BrokerNodeGroupInfo": nodes, "ClientAuthentication": login},
    }
    raw.put("kafka.list_clusters_v2", {"ClusterInfoList": [listed]})
    raw.follow("kafka.get_cluster_policy", cluster, absent("NotFoundException"))
    brokers = {"BootstrapBrokerStringPublicSaslScram": "b-1.public:9196"}
    raw.follow("kafka.get_bootstrap_brokers", cluster, brokers)
    raw.follow("kafka.list_scram_secrets", cluster, {"SecretArnList": ["secret-arn"]})
    clients = [{"VpcConnectionArn": "v", "Owner": "444455556666"}]
    raw.follow("kafka.list_client_vpc_connections", cluster, {"ClientVpcConnections": clients})
    props = node(raw, cluster).props
    assert props["has_policy"] is False
    assert props["public_access"] == "SERVICE_PROVIDED_EIPS"
    assert props["public_brokers"] == ["b-1.public:9196"]
    assert props["unauthenticated_access"] is False
    assert props["client_connection_owners"] == ["444455556666"]
    assert props["scram_secret_arns"] == (["secret-arn"] if scram else None)
    assert (props["subnet_ids"], props["security_group_ids"]) == (["subnet-1"], ["sg-1"])


def test_a_cluster_that_is_being_made_has_no_brokers_to_ask_for(raw: Recording) -> None:
    cluster = arn("kafka", "cluster/log/1")
    listed = {"ClusterArn": cluster, "ClusterType": "SERVERLESS", "State": "CREATING"}
    raw.put("kafka.list_clusters_v2", {"ClusterInfoList": [listed]})
    assert set(only(raw, "kafka:cluster").calls) == {"get_cluster_policy"}


@pytest.mark.parametrize(("policy", "has"), [("{}", False), ('{"Statement": []}', True)])
def test_a_stream_and_its_readers_have_policies(raw: Recording, policy: str, has: bool) -> None:
    stream = arn("kinesis", "stream/clicks")
    consumer = f"{stream}/consumer/c:1"
    listed = {"StreamSummaries": [{"StreamName": "clicks", "StreamARN": stream}], "StreamNames": []}
    raw.put("kinesis.list_streams", listed)
    readers = {"Consumers": [{"ConsumerName": "c", "ConsumerARN": consumer}]}
    raw.follow("kinesis.list_stream_consumers", stream, readers)
    raw.follow("kinesis.get_resource_policy", stream, absent("ResourceNotFoundException"))
    raw.follow("kinesis.get_resource_policy", consumer, {"Policy": policy})
    assert node(raw, stream).props["has_policy"] is False
    found = node(raw, consumer).props
    assert (found["has_policy"], found["stream_arn"]) == (has, stream)


def test_a_delivery_stream_is_listed_by_name_and_keeps_its_token(raw: Recording) -> None:
    listed = {"DeliveryStreamNames": ["to-splunk"], "HasMoreDeliveryStreams": False}
    raw.put("firehose.list_delivery_streams", listed)
    splunk = {"HECToken": "hunter2-hec", "HECEndpoint": "https://splunk.example.com"}
    lake = {"BucketARN": "arn:aws:s3:::lake", "RoleARN": ROLE}
    destinations = [
        {"DestinationId": "1", "SplunkDestinationDescription": splunk},
        {"DestinationId": "2", "ExtendedS3DestinationDescription": lake},
    ]
    described = {"DeliveryStreamStatus": "ACTIVE", "Destinations": destinations}
    raw.follow(
        "firehose.describe_delivery_stream", "to-splunk", {"DeliveryStreamDescription": described}
    )
    item = only(raw, "firehose:stream")
    assert item.id == arn("firehose", "deliverystream/to-splunk")
    assert "hunter2-hec" not in json.dumps(item.call("describe_delivery_stream").value)
    props = node(raw, item.id).props
    assert (props["bucket_arns"], props["role_arns"]) == (["arn:aws:s3:::lake"], [ROLE])


@pytest.mark.parametrize(("policies", "has"), [({"p": "{}"}, True), ({}, False)])
def test_an_identitys_policies_come_with_it(
    raw: Recording, policies: dict[str, str], has: bool
) -> None:
    listed = {"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com"}]}
    raw.put("sesv2.list_email_identities", listed)
    raw.follow("sesv2.get_email_identity", "example.com", {"Policies": policies})
    props = node(raw, arn("ses", "identity/example.com")).props
    assert (props["has_policy"], props["policies"]) == (has, sorted(policies))


# Applications


def test_the_id_of_an_appsync_key_is_the_key(raw: Recording) -> None:
    api = arn("appsync", "apis/g1")
    listed = {"apiId": "g1", "name": "graph", "arn": api, "authenticationType": "API_KEY"}
    raw.put("appsync.list_graphql_apis", {"graphqlApis": [listed]})
    key = "da2-hunter2hunter2hunter2"
    raw.follow("appsync.list_api_keys", "g1", {"apiKeys": [{"id": key, "expires": 1}]})
    assert key not in json.dumps(only(raw, "appsync:api").call("list_api_keys").value)
    props = node(raw, api).props
    assert (props["api_key_count"], props["authentication_type"]) == (1, "API_KEY")


@pytest.mark.parametrize("public", [True, False])
def test_an_app_runner_service(raw: Recording, public: bool) -> None:
    service = arn("apprunner", "service/web/1")
    listed = {"ServiceName": "web", "ServiceArn": service, "ServiceUrl": "x.awsapprunner.com"}
    raw.put("apprunner.list_services", {"ServiceSummaryList": [listed]})
    image = {"RuntimeEnvironmentVariables": {"PASSWORD": "hunter2-run"}, "Port": "80"}
    described = {
        "SourceConfiguration": {"ImageRepository": {"ImageConfiguration": image}},
        "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": public}},
        "InstanceConfiguration": {"InstanceRoleArn": ROLE},
    }
    raw.follow("apprunner.describe_service", service, {"Service": described})
    text = json.dumps(only(raw, "apprunner:service").call("describe_service").value)
    assert "hunter2-run" not in text
    assert '"PASSWORD"' in text
    props = node(raw, service).props
    assert (props["publicly_accessible"], props["role_arn"]) == (public, ROLE)


def test_an_ended_environment_is_left_out(raw: Recording) -> None:
    environments = [
        {
            "EnvironmentName": name,
            "EnvironmentId": f"e-{name}",
            "ApplicationName": "shop",
            "EnvironmentArn": arn("elasticbeanstalk", f"environment/shop/{name}"),
            "Status": status,
        }
        for name, status in (("live", "Ready"), ("gone", "Terminated"))
    ]
    raw.put("elasticbeanstalk.describe_environments", {"Environments": environments})
    options = [
        {"Namespace": "aws:rds:dbinstance", "OptionName": "DBPassword", "Value": "hunter2-bean"}
    ]
    raw.follow(
        "elasticbeanstalk.describe_configuration_settings",
        "shop,live",
        {"ConfigurationSettings": [{"OptionSettings": options}]},
    )
    resources = {"Instances": [{"Id": "i-1"}], "LoadBalancers": [{"Name": "awseb"}]}
    raw.follow(
        "elasticbeanstalk.describe_environment_resources",
        "e-live",
        {"EnvironmentResources": resources},
    )
    item = only(raw, "elasticbeanstalk:env")
    text = json.dumps(item.call("describe_configuration_settings").value)
    assert "hunter2-bean" not in text
    assert "DBPassword" in text
    props = node(raw, item.id).props
    assert (props["instance_ids"], props["load_balancers"]) == (["i-1"], ["awseb"])


@pytest.mark.parametrize(
    ("answer", "status", "has"),
    [
        ({"Subscription": {"StartTime": "2026-01-01T00:00:00Z"}}, Status.OK, True),
        (absent("ResourceNotFoundException"), Status.NOT_ENABLED, False),
        (REFUSED, Status.DENIED, None),
    ],
)
def test_an_account_without_shield_does_not_use_it(
    raw: Recording, answer: Any, status: Status, has: bool | None
) -> None:
    raw.put("shield.describe_subscription", answer, "global")
    raw.put("shield.list_protections", answer if "Error" in answer else {}, "global")
    snapshot = read(raw)
    assert rows(snapshot, "describe_subscription") == {status}
    listing = Status.EMPTY if status is Status.OK else status
    assert rows(snapshot, "list_protections") == {listing}
    assert node(raw, f"account:{ACCOUNT}").props["has_shield_advanced"] is has


def test_who_has_subscribed_to_a_topic_of_ours(raw: Recording) -> None:
    topic = arn("sns", "news")
    raw.put("sns.list_topics", {"Topics": [{"TopicArn": topic}]})
    theirs = {"SubscriptionArn": f"{topic}:1", "Owner": "444455556666", "Protocol": "sqs"}
    ours = {"SubscriptionArn": f"{topic}:2", "Owner": ACCOUNT, "Protocol": "email"}
    raw.follow("sns.list_subscriptions_by_topic", topic, {"Subscriptions": [theirs, ours]})
    props = node(raw, topic).props
    assert props["subscription_owners"] == [ACCOUNT, "444455556666"]
    assert props["subscription_protocols"] == ["email", "sqs"]


def test_x_rays_policies_are_the_regions(raw: Recording) -> None:
    policies = [{"PolicyName": "traces", "PolicyDocument": "{}"}]
    raw.put("xray.list_resource_policies", {"ResourcePolicies": policies})
    assert node(raw, f"region:{ACCOUNT}/{REGION}").props["xray_policies"] == ["traces"]


# Live


def collected(folder: Path, *types: str) -> Snapshot:
    asked = CollectRequest(
        organisation=False, regions=REGIONS, snapshots=folder, redaction_key=KEY, services=types
    )
    return Snapshot.open(collect(asked).path)


def test_values_of_parameters_come_ten_at_a_time(
    front: Front, world: World, tmp_path: Path
) -> None:
    ssm = world.client("ssm", "eu-west-1")
    kinds = {f"batch-{number:02}": "String" for number in range(12)}
    kinds["batch-safe"] = "SecureString"
    for name, kind in kinds.items():
        ssm.put_parameter(Name=name, Value=f"hunter2-{name}", Type=kind)
    prefix = f"arn:aws:ssm:eu-west-1:{world.management}:parameter/"
    described = [{"Name": n, "ARN": prefix + n, "Type": kind} for n, kind in kinds.items()]

    def with_arns(request: Request) -> Answer | None:
        """moto leaves the ARN out, which AWS gives."""
        if request.operation != "DescribeParameters" or request.region != "eu-west-1":
            return None
        body = json.dumps({"Parameters": described})
        return Answer(200, body, {"Content-Type": "application/x-amz-json-1.1"})

    front.rule = with_arns
    try:
        snapshot = collected(tmp_path, "ssm:parameter-value")
    finally:
        for name in kinds:
            ssm.delete_parameter(Name=name)
    found = {item.item["Name"]: item for item in items(snapshot, "ssm:parameter-value")}
    assert set(found) == kinds.keys() - {"batch-safe"}
    for name, item in found.items():
        value = item.call("get_parameters").value
        assert value["Name"] == name
        assert value["Value"]["redacted"]["length"] == len(f"hunter2-{name}")
    assert sum(request.operation == "GetParameters" for request in front.asked) == 2
    everything = "".join(path.read_text() for path in snapshot.path.rglob("*.jsonl"))
    assert "hunter2" not in everything


def test_web_acls_before_distributions_are_asked_for_once(
    front: Front, world: World, tmp_path: Path
) -> None:
    visible = {
        "SampledRequestsEnabled": False,
        "CloudWatchMetricsEnabled": False,
        "MetricName": "m",
    }
    made: dict[str, str] = {}
    for scope, region in (("REGIONAL", "eu-west-1"), ("CLOUDFRONT", "us-east-1")):
        made[scope] = world.client("wafv2", region).create_web_acl(
            Name=scope.lower(), Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=visible
        )["Summary"]["ARN"]
    snapshot = collected(tmp_path, "wafv2:web-acl", "wafv2:cloudfront-web-acl")
    regional, edge = (
        {(item.region, item.id) for item in items(snapshot, type_id)}
        for type_id in ("wafv2:web-acl", "wafv2:cloudfront-web-acl")
    )
    assert regional == {("eu-west-1", made["REGIONAL"])}
    assert edge == {("global", made["CLOUDFRONT"])}
    asked = [r.region for r in front.asked if r.operation == "ListWebACLs"]
    assert sorted(asked) == ["eu-west-1", "us-east-1", "us-east-1"]


def test_rules_of_every_bus_are_found(endpoint: str, world: World, tmp_path: Path) -> None:
    events = world.client("events", "eu-west-1")
    events.create_event_bus(Name="central")
    for bus in ("default", "central"):
        events.put_rule(Name="same-name", EventBusName=bus, EventPattern='{"source": ["x"]}')
        target = [{"Id": "1", "Arn": f"arn:aws:sqs:eu-west-1:{world.management}:{bus}"}]
        events.put_targets(Rule="same-name", EventBusName=bus, Targets=target)
    snapshot = collected(tmp_path, "events:rule")
    found = {
        item.item["EventBusName"]: [t["Arn"] for t in item.call("list_targets_by_rule").value]
        for item in items(snapshot, "events:rule")
    }
    assert found == {
        bus: [f"arn:aws:sqs:eu-west-1:{world.management}:{bus}"] for bus in ("default", "central")
    }
