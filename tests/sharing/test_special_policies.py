"""Policies of a form or meaning of their own: several together, permissions, shares, guards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.world import outside_account
from graph.judgement import Judgement
from graph.sharing import access_judgements
from sharing.policy_lines import ORGANISATION, SETTINGS, SHAPES, VENDOR, Shape, arn, statement, text
from sharing.test_resource_policies import verdicts
from snapshot_files import ACCOUNT, REGION, Absent, Denied, line, write_snapshot

SECRET = arn("secretsmanager", "secret:db-AbCdEf")
OTHER = "222233334444"


def judged(folder: Path, **lines: Any) -> list[Judgement]:
    """Judgements of lines by type, ``sqs__queue`` for ``sqs:queue``."""
    written = {
        (ACCOUNT, REGION, name.replace("__", ":").replace("_", "-")): rows
        for name, rows in lines.items()
    }
    snapshot = write_snapshot(folder, written)
    return list(access_judgements(snapshot, from_snapshot(snapshot)))


# Several policies of one resource


def _secret(own: Any, beside: Any) -> dict[str, Any]:
    extra = line(SECRET, {}, list_resource_policies=[{"PolicyName": "beside"}])
    extra["calls"]["get_resource_policy(PolicyName=beside)"] = line(
        "x", {}, call=beside if beside is Denied else {"ResourcePolicy": beside}
    )["calls"]["call"]
    value = own if own is Absent else {"ResourcePolicy": own}
    return {
        "secretsmanager__secret": [line(SECRET, {}, get_resource_policy=value)],
        "secretsmanager__extra_policies": [extra],
    }


_READ = statement("secretsmanager:GetSecretValue", "*", {"AWS": VENDOR})


def test_a_second_policy_of_a_secret_counts(tmp_path: Path) -> None:
    found = judged(tmp_path, **_secret(Absent, text(_READ)))
    assert verdicts(found) == {f"account:{VENDOR}": "yes"}


def test_its_twin_denied_by_the_first(tmp_path: Path) -> None:
    found = judged(tmp_path, **_secret(text(_READ | {"Effect": "Deny"}), text(_READ)))
    assert verdicts(found) == {"any-aws-principal": "no"}


def test_its_twin_where_the_second_was_not_read(tmp_path: Path) -> None:
    found = judged(tmp_path, **_secret(text(_READ), Denied))
    assert verdicts(found) == {f"account:{VENDOR}": "conditional", "any-aws-principal": "unknown"}


def test_a_vault_lock_denies_what_the_access_policy_allows(tmp_path: Path) -> None:
    vault = arn("glacier", "vaults/old")
    allow = statement("glacier:DeleteArchive", vault, {"AWS": VENDOR})
    lock = statement("glacier:DeleteArchive", vault, "*", Effect="Deny")
    policy = {"policy": {"Policy": text(allow)}}

    def row(locked: Any) -> dict[str, Any]:
        return line(vault, {}, get_vault_access_policy=policy, get_vault_lock=locked)

    shut = judged(tmp_path, glacier__vault=[row({"Policy": text(lock)})])
    assert verdicts(shut) == {"any-aws-principal": "no"}
    opened = judged(tmp_path / "twin", glacier__vault=[row(Absent)])
    assert verdicts(opened) == {f"account:{VENDOR}": "yes"}


def test_a_deny_of_one_logs_policy_binds_the_others(tmp_path: Path) -> None:
    allow = statement("logs:PutLogEvents", arn("logs", "log-group:app:*"), {"AWS": VENDOR})

    def row(*policies: str) -> dict[str, Any]:
        rows = [{"policyName": str(n), "policyDocument": p} for n, p in enumerate(policies)]
        return line(SETTINGS, {}, describe_resource_policies=rows)

    denied = text(allow | {"Effect": "Deny"})
    shut = judged(tmp_path, logs__account_settings=[row(text(allow), denied)])
    assert verdicts(shut) == {"any-aws-principal": "no"}
    opened = judged(tmp_path / "twin", logs__account_settings=[row(text(allow))])
    assert verdicts(opened) == {f"account:{VENDOR}": "yes"}


# What a policy of a whole account and region is about


def _catalog(resource: Any) -> dict[str, Any]:
    row = statement("glue:GetTable", resource, {"AWS": VENDOR})
    tables = [line(arn("glue", f"table/sales/{name}"), {}) for name in ("orders", "people")]
    return {
        "glue__catalog": [line(SETTINGS, {}, get_resource_policy={"PolicyInJson": text(row)})],
        "glue__table": tables,
    }


def test_a_catalogue_policy_is_about_the_tables_that_it_names(tmp_path: Path) -> None:
    found = judged(tmp_path, **_catalog(arn("glue", "table/sales/orders")))
    assert {one.target for one in found} == {arn("glue", "table/sales/orders")}


def test_its_twin_for_the_whole_catalogue(tmp_path: Path) -> None:
    found = judged(tmp_path, **_catalog(arn("glue", "*")))
    assert {one.target for one in found} == {arn("glue", "catalog")}


def test_a_registry_policy_is_about_the_repositories_that_it_names(tmp_path: Path) -> None:
    repositories = [
        line(arn("ecr", f"repository/{name}"), {}, get_repository_policy=Absent)
        for name in ("app/web", "base")
    ]
    row = statement("ecr:ReplicateImage", arn("ecr", "repository/app/*"), {"AWS": VENDOR})
    registry = line(SETTINGS, {}, get_registry_policy={"policyText": text(row)})
    found = judged(tmp_path, ecr__registry=[registry], ecr__repository=repositories)
    shared = {one.target for one in found if one.source == f"account:{VENDOR}"}
    assert shared == {arn("ecr", "repository/app/web")}


# Shares of RAM


def _shared(principal: str) -> dict[str, Any]:
    rule = arn("route53resolver", "resolver-rule/rslvr-rr-1")
    row = statement("route53resolver:AssociateResolverRule", rule, {"AWS": VENDOR})
    share = arn("ram", "resource-share/1")
    made = line(share, {"resourceShareArn": share, "owningAccountId": ACCOUNT})
    for kind, entity in (("PRINCIPAL", principal), ("RESOURCE", rule)):
        rows = [{"associatedEntity": entity, "status": "ASSOCIATED"}]
        made["calls"][f"get_resource_share_associations(associationType={kind})"] = {
            "status": "ok",
            "value": rows,
        }
    policy = {"ResolverRulePolicy": text(row)}
    return {
        "route53resolver__rule": [line(rule, {}, get_resolver_rule_policy=policy)],
        "ram__share": [made],
    }


def test_what_ram_shares_is_not_told_twice(tmp_path: Path) -> None:
    found = judged(tmp_path, **_shared(VENDOR))
    assert [one.mechanism for one in found if one.source == f"account:{VENDOR}"] == ["ram-share"]


def test_its_twin_that_ram_shares_with_somebody_else(tmp_path: Path) -> None:
    assert verdicts(judged(tmp_path, **_shared(OTHER)))[f"account:{VENDOR}"] == "yes"


# Forms of their own


def _application(**row: Any) -> dict[str, Any]:
    told = {"Actions": ["Deploy"], **row}
    own = arn("serverlessrepo", "applications/app")
    return line(own, {}, get_application_policy={"Statements": [told]})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"Principals": ["*"]}, {"any-aws-principal": "yes"}),
        ({"Principals": [VENDOR]}, {f"account:{VENDOR}": "yes"}),
        ({"Principals": [ACCOUNT]}, {"any-aws-principal": "no"}),
        (
            {"Principals": ["*"], "PrincipalOrgIDs": [ORGANISATION]},
            {f"org:{ORGANISATION}": "yes"},
        ),
        ({"Principals": []}, {"any-aws-principal": "no"}),
    ],
)
def test_an_application_of_the_serverless_repository(
    tmp_path: Path, row: dict[str, Any], expected: dict[str, str]
) -> None:
    found = judged(tmp_path, serverlessrepo__application=[_application(**row)])
    assert verdicts(found) == expected


def test_its_twins_without_a_policy_and_unread(tmp_path: Path) -> None:
    own = arn("serverlessrepo", "applications/app")
    for number, (value, expected) in enumerate(((Absent, "no"), (Denied, "unknown"))):
        row = line(own, {}, get_application_policy=value)
        found = judged(tmp_path / str(number), serverlessrepo__application=[row])
        assert verdicts(found) == {"any-aws-principal": expected}


def _authority(rows: Any) -> dict[str, Any]:
    own = arn("acm-pca", "certificate-authority/1")
    return line(own, {}, get_policy=Absent, list_permissions=rows)


def test_a_service_may_issue_for_one_account(tmp_path: Path) -> None:
    row = {"Principal": "acm.amazonaws.com", "Actions": ["IssueCertificate"]}
    open_to_it = judged(tmp_path, acm_pca__ca=[_authority([row])])
    assert verdicts(open_to_it)["service:acm.amazonaws.com"] == "yes"
    narrowed = judged(tmp_path / "1", acm_pca__ca=[_authority([row | {"SourceAccount": ACCOUNT}])])
    assert "any-account-via:acm.amazonaws.com" not in verdicts(narrowed)
    assert verdicts(judged(tmp_path / "2", acm_pca__ca=[_authority([])])) == {
        "any-aws-principal": "no"
    }
    unread = judged(tmp_path / "3", acm_pca__ca=[_authority(Denied)])
    assert verdicts(unread) == {"any-aws-principal": "unknown"}


# Guards


def test_an_auth_policy_that_is_off_is_not_judged(tmp_path: Path) -> None:
    own = arn("vpc-lattice", "service/svc-1")
    policy = {"policy": text(statement("vpc-lattice-svcs:Invoke", "*", "*"))}

    def mechanisms(kind: str, folder: Path) -> set[str]:
        calls = {"get_auth_policy": policy, "get_resource_policy": Absent}
        rows = [line(own, {"authType": kind}, **calls)]
        return {one.mechanism for one in judged(folder, vpc_lattice__service=rows)}

    assert mechanisms("NONE", tmp_path) == {"resource-policy"}
    assert mechanisms("AWS_IAM", tmp_path / "twin") == {"auth-policy", "resource-policy"}


def test_the_api_of_a_file_system_needs_no_mount_target(tmp_path: Path) -> None:
    own = arn("elasticfilesystem", "file-system/fs-1")

    def verdict(action: str, folder: Path) -> str:
        policy = {"Policy": text(statement(action, own, {"AWS": VENDOR}))}
        rows = [line(own, {}, describe_file_system_policy=policy)]
        return verdicts(judged(folder, efs__file_system=rows))[f"account:{VENDOR}"]

    assert verdict("elasticfilesystem:DeleteFileSystem", tmp_path) == "yes"
    assert verdict("elasticfilesystem:ClientWrite", tmp_path / "twin") == "conditional"


# The other questions of the engine

_NOT_ASKED = {
    "ssm:parameter",
    "xray:policy",
    "org:root",
    "secretsmanager:extra-policies",
}
_ASKED = [
    shape
    for shape in SHAPES
    if shape.resource != "*" and shape.type_id not in _NOT_ASKED and shape.target == ""
]


def _may(folder: Path, shape: Shape, policy: Any) -> str:
    lines = {(ACCOUNT, shape.region, shape.type_id): [shape.line(policy)]}
    if shape.type_id == "s3tables:table":
        bucket = line(arn("s3tables", "bucket/lake"), {}, get_table_bucket_policy=Absent)
        lines[ACCOUNT, shape.region, "s3tables:bucket"] = [bucket]
    if shape.type_id == "s3tables:bucket":
        table = line(arn("s3tables", "bucket/lake/table/x"), {}, get_table_policy=Absent)
        lines[ACCOUNT, shape.region, "s3tables:table"] = [table]
    world = from_snapshot(write_snapshot(folder, lines))
    resource = shape.resource if isinstance(shape.resource, str) else shape.resource[0]
    if resource.startswith("execute-api:/"):
        resource = arn("execute-api", "a1b2/prod/GET/x")
    if shape.type_id == "schemas:registry":
        resource = arn("schemas", "schema/shapes/x")
    resource = resource.replace("*", "x")
    caller = outside_account(VENDOR)
    return str(evaluate(world, Request(caller, shape.action, resource, ACCOUNT)).verdict)


@pytest.mark.parametrize("shape", _ASKED, ids=lambda shape: f"{shape.type_id}-{shape.mechanism}")
def test_can_sees_the_same_policy(tmp_path: Path, shape: Shape) -> None:
    allowed = text(shape.allow({"AWS": VENDOR}))
    denied = text(shape.allow({"AWS": VENDOR}), shape.allow("*") | {"Effect": "Deny"})
    assert _may(tmp_path / "1", shape, allowed) in ("yes", "conditional")
    assert _may(tmp_path / "2", shape, denied) == "no"
    if shape.call:
        assert _may(tmp_path / "3", shape, Denied) == "unknown"


# Hostile sizes


def test_ten_thousand_principals_in_one_policy(tmp_path: Path) -> None:
    accounts = [f"{100000000000 + number}" for number in range(10_000)]
    bus = arn("events", "event-bus/main")
    policy = {"Policy": text(statement("events:PutEvents", bus, {"AWS": accounts}))}
    found = judged(tmp_path, events__bus=[line(bus, {}, describe_event_bus=policy)])
    assert set(verdicts(found).values()) == {"yes"}
    assert len(verdicts(found)) == 10_000


@pytest.mark.parametrize("many", [2_000, pytest.param(50_000, marks=pytest.mark.long)])
def test_a_long_list_of_permissions(tmp_path: Path, many: int) -> None:
    rows = [
        {"Principal": f"service{number}.amazonaws.com", "Actions": ["IssueCertificate"]}
        for number in range(many)
    ]
    found = judged(tmp_path, acm_pca__ca=[_authority(rows)])
    assert sum(source.startswith("service:") for source in verdicts(found)) == many


def test_resources_beyond_number_are_told_together(tmp_path: Path) -> None:
    named = [arn("logs", f"log-group:g{number}:*") for number in range(5_000)]
    row = statement("logs:PutLogEvents", named, {"AWS": VENDOR})
    rows = [{"policyName": "many", "policyDocument": text(row)}]
    found = judged(
        tmp_path, logs__account_settings=[line(SETTINGS, {}, describe_resource_policies=rows)]
    )
    assert {one.target for one in found} == {arn("logs", "resource-policies")}
    assert verdicts(found) == {f"account:{VENDOR}": "yes"}


def test_its_twin_with_a_deny_is_not_firm(tmp_path: Path) -> None:
    named = [arn("logs", f"log-group:g{number}:*") for number in range(500)]
    row = statement("logs:PutLogEvents", named, {"AWS": VENDOR})
    rows = [{"policyName": "many", "policyDocument": text(row, row | {"Effect": "Deny"})}]
    found = judged(
        tmp_path, logs__account_settings=[line(SETTINGS, {}, describe_resource_policies=rows)]
    )
    assert verdicts(found) == {f"account:{VENDOR}": "conditional"}


@pytest.mark.parametrize(
    ("type_id", "conditions"),
    [("s3:access-grants", {("authn:sigv4",)}), ("sqs:queue", {(), ("authn:sigv4",)})],
)
def test_a_range_of_addresses_has_to_sign_where_everyone_has_to(
    tmp_path: Path, type_id: str, conditions: set[tuple[str, ...]]
) -> None:
    shape = next(one for one in SHAPES if one.type_id == type_id)
    given = shape.allow("*", Condition={"IpAddress": {"aws:SourceIp": "8.8.8.0/24"}})
    lines = {(ACCOUNT, shape.region, type_id): [shape.line(text(given))]}
    snapshot = write_snapshot(tmp_path, lines)
    found = access_judgements(snapshot, from_snapshot(snapshot))
    assert {one.answer.conditions for one in found if one.source.startswith("cidr:")} == conditions
