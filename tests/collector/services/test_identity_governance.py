"""Identity, governance, builds and data from recorded answers: each rule and its twin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.collect import collect
from collector.job import groups
from collector.request import CollectRequest
from collector.services import TYPES
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY, REGIONS, World
from graph.inventory import inventory
from graph.records import Node
from recording_files import ACCOUNT, REGION, Recording

REFUSED = {"Error": {"Code": "AccessDeniedException", "Message": "not authorised"}}
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
OTHER = "444455556666"
DETAILS = "iam.get_account_authorization_details"


def arn(service: str, resource: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def failed(code: str, message: str = "") -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    recording = Recording(tmp_path)
    recording.put("sns.list_topics", {"Topics": []})
    regions = {"Regions": [{"RegionName": REGION, "OptInStatus": "opt-in-not-required"}]}
    recording.put("ec2.describe_regions", regions, "global")
    return recording


def loaded(raw: Recording) -> Snapshot:
    return raw.load()[0]


def only(snapshot: Snapshot, type_id: str) -> Item:
    (found,) = snapshot.items(type_id)
    return found


def node(snapshot: Snapshot, node_id: str) -> Node:
    return next(found for found in inventory(snapshot).nodes if found.id == node_id)


def region(snapshot: Snapshot) -> Node:
    return node(snapshot, f"region:{ACCOUNT}/{REGION}")


def is_redacted(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"redacted"}


# IAM


def principals(raw: Recording) -> None:
    details = {
        "UserDetailList": [{"Arn": USER, "UserName": "ann", "Path": "/"}],
        "RoleDetailList": [{"Arn": ROLE, "RoleName": "app", "Path": "/"}],
    }
    raw.put(DETAILS, details, "global")


def test_a_users_credentials_stand_with_the_user(raw: Recording) -> None:
    principals(raw)
    keys = [
        {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"},
        {"AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "Status": "Inactive"},
    ]
    raw.follow("iam.list_access_keys", "ann", {"AccessKeyMetadata": keys}, "global")
    used = {"UserName": "ann", "AccessKeyLastUsed": {"ServiceName": "s3", "Region": "us-east-1"}}
    raw.follow("iam.get_access_key_last_used", keys[0]["AccessKeyId"], used, "global")
    raw.follow("iam.get_login_profile", "ann", failed("NoSuchEntity"), "global")
    snapshot = loaded(raw)
    line = only(snapshot, "iam:user-credentials")
    assert (line.id, line.item) == (USER, {"Arn": USER, "UserName": "ann"})
    last = line.call("get_access_key_last_used(AccessKeyId=AKIAIOSFODNN7EXAMPLE)")
    assert last.value["AccessKeyLastUsed"]["ServiceName"] == "s3"
    assert line.call("get_login_profile").status is Status.ABSENT
    props = node(snapshot, USER).props
    assert props["active_access_key_ids"] == ["AKIAIOSFODNN7EXAMPLE"]
    assert props["access_key_ids"] == ["AKIAI44QH8DHBEXAMPLE", "AKIAIOSFODNN7EXAMPLE"]
    assert props["has_login_profile"] is False


def test_credentials_that_nobody_may_read_are_unknown(raw: Recording) -> None:
    principals(raw)
    raw.follow("iam.list_access_keys", "ann", REFUSED, "global")
    raw.follow("iam.get_login_profile", "ann", {"LoginProfile": {"UserName": "ann"}}, "global")
    props = node(loaded(raw), USER).props
    assert props["access_key_ids"] is None
    assert props["has_login_profile"] is True


def last_accessed(raw: Recording, principal: str, status: str) -> None:
    services = [
        {"ServiceNamespace": "s3", "LastAuthenticated": "2026-01-02T00:00:00Z"},
        {"ServiceNamespace": "ec2"},
    ]
    answer = {"JobStatus": status, "ServicesLastAccessed": services}
    raw.follow("iam.get_service_last_accessed_details", principal, answer, "global")


def test_users_and_roles_are_asked_what_they_used(raw: Recording) -> None:
    principals(raw)
    last_accessed(raw, USER, "COMPLETED")
    last_accessed(raw, ROLE, "COMPLETED")
    snapshot = loaded(raw)
    for principal in (USER, ROLE):
        props = node(snapshot, principal).props
        assert (props["services_used"], props["services_never_used"]) == (["s3"], ["ec2"])


def test_a_job_that_was_recorded_unfinished_says_nothing(raw: Recording) -> None:
    principals(raw)
    last_accessed(raw, ROLE, "IN_PROGRESS")
    assert node(loaded(raw), ROLE).props["services_used"] is None


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ({"PasswordPolicy": {"MinimumPasswordLength": 14, "RequireSymbols": True}}, True),
        (failed("NoSuchEntity"), False),
        (REFUSED, None),
    ],
)
def test_no_password_policy_is_a_fact(raw: Recording, answer: Any, has: bool | None) -> None:
    raw.put("iam.get_account_password_policy", answer, "global")
    props = node(loaded(raw), f"account:{ACCOUNT}").props
    assert props["has_password_policy"] is has
    assert props["password_minimum_length"] == (14 if has else None)


def test_the_seed_of_a_virtual_mfa_device_is_never_kept(raw: Recording) -> None:
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
    device = {
        "SerialNumber": serial,
        "Base32StringSeed": "SkJTV0VLMw==",
        "QRCodePNG": "UE5H",
        "User": {"Arn": f"arn:aws:iam::{ACCOUNT}:root"},
    }
    raw.put("iam.list_virtual_mfa_devices", {"VirtualMFADevices": [device]}, "global")
    snapshot = loaded(raw)
    line = only(snapshot, "iam:virtual-mfa")
    assert is_redacted(line.item["Base32StringSeed"])
    assert is_redacted(line.item["QRCodePNG"])
    assert node(snapshot, serial).props["user_arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_each_alternate_contact_is_its_own_call(raw: Recording) -> None:
    contact = {"EmailAddress": "soc@example.com", "Name": "Ann Example", "PhoneNumber": "1"}
    security = {"AlternateContact": contact | {"AlternateContactType": "SECURITY"}}
    raw.follow("account.get_alternate_contact", "SECURITY", security, "global")
    missing = failed("ResourceNotFoundException")
    raw.follow("account.get_alternate_contact", "BILLING", missing, "global")
    raw.follow("account.get_alternate_contact", "OPERATIONS", missing, "global")
    snapshot = loaded(raw)
    line = only(snapshot, "aws:account-contact")
    kept = line.call("get_alternate_contact(AlternateContactType=SECURITY)").value
    assert is_redacted(kept["AlternateContact"]["Name"])
    props = node(snapshot, f"account:{ACCOUNT}").props
    assert props["security_contact_email"] == "soc@example.com"
    assert props["billing_contact_email"] is None
    assert props["alternate_contacts"] == 1


# Organisation

ROOT = "arn:aws:organizations::999988887777:root/o-abc/r-1"
MEMBER = f"arn:aws:organizations::999988887777:account/o-abc/{ACCOUNT}"


def organisation(raw: Recording) -> None:
    raw.put("organizations.list_roots", {"Roots": [{"Id": "r-1", "Arn": ROOT}]}, "global")
    raw.put("organizations.list_accounts", {"Accounts": [{"Id": ACCOUNT, "Arn": MEMBER}]}, "global")


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ({"ResourcePolicy": {"Content": '{"Statement": []}'}}, True),
        (failed("ResourcePolicyNotFoundException"), False),
        (REFUSED, None),
    ],
)
def test_the_organisations_own_policy(raw: Recording, answer: Any, has: bool | None) -> None:
    organisation(raw)
    raw.put("organizations.describe_resource_policy", answer, "global")
    services = {"EnabledServicePrincipals": [{"ServicePrincipal": "sso.amazonaws.com"}]}
    raw.put("organizations.list_aws_service_access_for_organization", services, "global")
    props = node(loaded(raw), "org:o-abc").props
    assert props["has_resource_policy"] is has
    assert props["trusted_services"] == ["sso.amazonaws.com"]


def test_effective_policies_are_asked_for_each_account_and_kind(raw: Recording) -> None:
    organisation(raw)
    policy = {"EffectivePolicy": {"PolicyContent": "{}"}}
    name = "organizations.describe_effective_policy"
    raw.follow(name, f"{ACCOUNT},S3_POLICY", policy, "global")
    none = failed("EffectivePolicyNotFoundException")
    raw.follow(name, f"{ACCOUNT},DECLARATIVE_POLICY_EC2", none, "global")
    snapshot = loaded(raw)
    assert only(snapshot, "org:effective-policy").id == MEMBER
    props = node(snapshot, f"account:{ACCOUNT}").props
    assert props["has_effective_s3_policy"] is True
    assert props["has_effective_ec2_policy"] is False


def test_policies_that_give_no_access_are_filed_apart(raw: Recording) -> None:
    for kind in ("S3_POLICY", "TAG_POLICY"):
        policy = {"Id": f"p-{kind}", "Arn": f"{ROOT}/{kind}", "Type": kind}
        raw.follow("organizations.list_policies", kind, {"Policies": [policy]}, "global")
    snapshot = loaded(raw)
    assert only(snapshot, "org:policy").item["Type"] == "S3_POLICY"
    assert only(snapshot, "org:management-policy").item["Type"] == "TAG_POLICY"


def test_a_handshake_is_one_node_whoever_lists_it(raw: Recording) -> None:
    invitation = "arn:aws:organizations::999988887777:handshake/o-abc/invite/h-1"
    answer = {"Handshakes": [{"Id": "h-1", "Arn": invitation, "State": "OPEN"}]}
    raw.put("organizations.list_handshakes_for_organization", answer, "global")
    snapshot = loaded(raw)
    assert node(snapshot, invitation).labels[0] == "Handshake"
    assert node(snapshot, invitation).props["collected"] is True


# What is watched


def trail(home: str, **more: Any) -> dict[str, Any]:
    return {"Name": "main", "TrailARN": arn("cloudtrail", "trail/main", home), **more}


def test_a_trail_is_taken_in_its_home_region_alone(raw: Recording) -> None:
    trails = {"trailList": [trail(REGION, HomeRegion=REGION)]}
    raw.put("cloudtrail.describe_trails", trails)
    raw.put("cloudtrail.describe_trails", trails, "us-east-1")
    snapshot = loaded(raw)
    line = only(snapshot, "cloudtrail:trail")
    assert line.region == REGION


@pytest.mark.parametrize(("has", "asked"), [(True, Status.ABSENT), (False, Status.NOT_ATTEMPTED)])
def test_insights_are_asked_for_where_there_are_some(
    raw: Recording, has: bool, asked: Status
) -> None:
    raw.put("cloudtrail.describe_trails", {"trailList": [trail(REGION, HasInsightSelectors=has)]})
    name = arn("cloudtrail", "trail/main")
    raw.follow("cloudtrail.get_insight_selectors", name, failed("InsightNotEnabledException"))
    line = only(loaded(raw), "cloudtrail:trail")
    assert line.call("get_insight_selectors").status is asked
    assert ("get_insight_selectors" in line.calls) is has


@pytest.mark.parametrize(
    ("kind", "asked", "not_asked"),
    [
        ("ORGANIZATION", "list_findings", "list_findings_v2"),
        ("ACCOUNT_UNUSED_ACCESS", "list_findings_v2", "list_findings"),
    ],
)
def test_each_kind_of_analyzer_has_one_list_of_findings(
    raw: Recording, kind: str, asked: str, not_asked: str
) -> None:
    analyzer = arn("access-analyzer", "analyzer/a")
    raw.put(
        "accessanalyzer.list_analyzers",
        {"analyzers": [{"arn": analyzer, "name": "a", "type": kind}]},
    )
    bucket = {"resource": "arn:aws:s3:::open", "status": "ACTIVE", "isPublic": True}
    closed = {"resource": "arn:aws:s3:::shut", "status": "ARCHIVED", "isPublic": True}
    raw.follow(f"accessanalyzer.{asked}", analyzer, {"findings": [bucket, closed]})
    snapshot = loaded(raw)
    line = only(snapshot, "aa:analyzer")
    assert asked in line.calls
    assert not_asked not in line.calls
    props = node(snapshot, analyzer).props
    assert props["open_findings"] == 1
    public = ["arn:aws:s3:::open"] if asked == "list_findings" else None
    assert props["public_resources"] == public


def test_findings_are_described_many_at_once(raw: Recording) -> None:
    raw.put("guardduty.list_detectors", {"DetectorIds": ["d1"]})
    raw.follow("guardduty.get_detector", "d1", {"Status": "ENABLED", "ServiceRole": ROLE})
    raw.follow("guardduty.list_findings", "d1", {"FindingIds": ["f1", "f2"]})
    findings = {"Findings": [{"Id": "f1", "Type": "A"}, {"Id": "f2", "Type": "B"}]}
    raw.put("guardduty.get_findings", findings)
    props = node(loaded(raw), arn("guardduty", "detector/d1")).props
    assert props["status"] == "ENABLED"
    assert props["open_findings"] == 2
    assert props["finding_types"] == ["A", "B"]


def test_services_that_are_off_say_so(raw: Recording) -> None:
    off = failed("InvalidAccessException", "Account is not subscribed to AWS Security Hub")
    raw.put("securityhub.describe_hub", off)
    raw.put("macie2.get_macie_session", failed("AccessDeniedException", "Macie is not enabled"))
    snapshot = loaded(raw)
    assert only(snapshot, "sh:hub").call("describe_hub").status is Status.NOT_ENABLED
    props = region(snapshot).props
    assert props["security_hub_enabled"] is False
    assert props["macie_status"] == "DISABLED"


def test_services_that_refuse_say_nothing(raw: Recording) -> None:
    raw.put("securityhub.describe_hub", REFUSED)
    raw.put("macie2.get_macie_session", {"status": "PAUSED"})
    props = region(loaded(raw)).props
    assert props["security_hub_enabled"] is None
    assert props["macie_status"] == "PAUSED"


def test_a_recorder_with_its_channel(raw: Recording) -> None:
    recorder = arn("config", "configuration-recorder/default/r1")
    listed = {"ConfigurationRecorders": [{"arn": recorder, "name": "default"}]}
    raw.put("config.describe_configuration_recorders", listed)
    status = {"ConfigurationRecordersStatus": [{"name": "default", "recording": False}]}
    raw.follow("config.describe_configuration_recorder_status", "default", status)
    channels = {"DeliveryChannels": [{"name": "default", "s3BucketName": "audit"}]}
    raw.put("config.describe_delivery_channels", channels)
    props = node(loaded(raw), recorder).props
    assert props["recording"] is False
    assert props["delivery_buckets"] == ["audit"]


def test_account_policies_of_logs_are_told_apart(raw: Recording) -> None:
    sent = {"accountPolicies": [{"policyName": "to-siem"}]}
    raw.follow("logs.describe_account_policies", "SUBSCRIPTION_FILTER_POLICY", sent)
    none = {"accountPolicies": []}
    raw.follow("logs.describe_account_policies", "DATA_PROTECTION_POLICY", none)
    props = region(loaded(raw)).props
    assert props["log_subscription_policies"] == ["to-siem"]
    assert props["log_data_protection_policies"] == []


def test_both_kinds_of_alarms_come_from_one_call(raw: Recording) -> None:
    answer = {
        "MetricAlarms": [{"AlarmArn": arn("cloudwatch", "alarm:a"), "AlarmName": "a"}],
        "CompositeAlarms": [{"AlarmArn": arn("cloudwatch", "alarm:b"), "AlarmName": "b"}],
    }
    raw.put("cloudwatch.describe_alarms", answer)
    snapshot = loaded(raw)
    assert only(snapshot, "cw:alarm").item["AlarmName"] == "a"
    assert only(snapshot, "cw:composite-alarm").item["AlarmName"] == "b"
    (row,) = [r for r in snapshot.ledger if r.operation == "describe_alarms"]
    assert (row.calls, row.items) == (1, 2)


# Data


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ({"PolicyInJson": "{}"}, True),
        (failed("EntityNotFoundException"), False),
        (REFUSED, None),
    ],
)
def test_the_catalogues_policy(raw: Recording, answer: Any, has: bool | None) -> None:
    raw.put("glue.get_resource_policy", answer)
    assert region(loaded(raw)).props["glue_catalog_has_policy"] is has


def test_tables_of_a_linked_database_are_the_other_accounts(raw: Recording) -> None:
    own = {"Name": "own", "CatalogId": ACCOUNT}
    linked = {"Name": "linked", "TargetDatabase": {"CatalogId": OTHER, "DatabaseName": "sales"}}
    raw.put("glue.get_databases", {"DatabaseList": [own, linked]})
    table = {"Name": "t", "DatabaseName": "own", "CatalogId": ACCOUNT}
    raw.follow("glue.get_tables", "own", {"TableList": [table]})
    theirs = {"Name": "orders", "DatabaseName": "sales", "CatalogId": OTHER}
    raw.follow("glue.get_tables", "linked", {"TableList": [theirs]})
    snapshot = loaded(raw)
    assert {line.id for line in snapshot.items("glue:table")} == {
        arn("glue", "table/own/t"),
        arn("glue", "table/sales/orders", account=OTHER),
    }
    assert node(snapshot, arn("glue", "table/sales/orders", account=OTHER)).props["account_id"] == (
        OTHER
    )


def test_a_connection_keeps_where_it_leads_and_not_the_password(raw: Recording) -> None:
    url = "jdbc:postgresql://db.example.com:5432/orders"
    properties = {"JDBC_CONNECTION_URL": url, "PASSWORD": "correct-horse", "USERNAME": "etl"}
    answer = {"ConnectionList": [{"Name": "db", "ConnectionProperties": properties}]}
    raw.put("glue.get_connections", answer)
    snapshot = loaded(raw)
    assert is_redacted(only(snapshot, "glue:connection").item["ConnectionProperties"]["PASSWORD"])
    assert node(snapshot, arn("glue", "connection/db")).props["jdbc_url"] == url


def test_a_jobs_arguments_are_known_by_name_alone(raw: Recording) -> None:
    job = {"Name": "j", "Role": "etl", "DefaultArguments": {"--db_password": "correct-horse"}}
    raw.put("glue.get_jobs", {"Jobs": [job]})
    snapshot = loaded(raw)
    arguments = only(snapshot, "glue:job").item["DefaultArguments"]
    assert is_redacted(arguments["--db_password"])
    assert node(snapshot, arn("glue", "job/j")).props["argument_names"] == ["--db_password"]


def test_only_clusters_that_run_are_kept(raw: Recording) -> None:
    clusters = [
        {"Id": f"j-{state}", "ClusterArn": arn("elasticmapreduce", f"cluster/j-{state}")}
        | {"Status": {"State": state}}
        for state in ("WAITING", "TERMINATED")
    ]
    raw.put("emr.list_clusters", {"Clusters": clusters})
    secret = {"Realm": "EXAMPLE", "KdcAdminPassword": "correct-horse"}
    settings = [{"Classification": "hive", "Properties": {"password": "correct-horse"}}]
    described = {"KerberosAttributes": secret, "Configurations": settings}
    raw.follow("emr.describe_cluster", "j-WAITING", {"Cluster": described})
    line = only(loaded(raw), "emr:cluster")
    assert line.item["Id"] == "j-WAITING"
    cluster = line.call("describe_cluster").value["Cluster"]
    assert cluster["KerberosAttributes"]["Realm"] == "EXAMPLE"
    assert is_redacted(cluster["KerberosAttributes"]["KdcAdminPassword"])
    assert is_redacted(cluster["Configurations"][0]["Properties"]["password"])


@pytest.mark.parametrize(("kind", "asked"), [("MicrosoftAD", True), ("SimpleAD", False)])
def test_only_a_microsoft_directory_is_shared(raw: Recording, kind: str, asked: bool) -> None:
    radius = {"SharedSecret": "correct-horse"}
    directory = {"DirectoryId": "d-1", "Type": kind, "RadiusSettings": radius}
    raw.put("ds.describe_directories", {"DirectoryDescriptions": [directory]})
    shared = {"SharedDirectories": [{"SharedAccountId": OTHER}]}
    raw.follow("ds.describe_shared_directories", "d-1", shared)
    snapshot = loaded(raw)
    line = only(snapshot, "ds:directory")
    assert is_redacted(line.item["RadiusSettings"]["SharedSecret"])
    assert ("describe_shared_directories" in line.calls) is asked
    shared_with = node(snapshot, arn("ds", "directory/d-1")).props["shared_with"]
    assert shared_with == ([OTHER] if asked else None)


ELSEWHERE = (
    "Operation is being called from endpoint eu-west-1, but your identity region is us-east-1. "
    "Please use the us-east-1 endpoint."
)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (failed("AccessDeniedException", ELSEWHERE), Status.ABSENT),
        (failed("ResourceNotFoundException", "Directory not found"), Status.NOT_ENABLED),
        (REFUSED, Status.DENIED),
    ],
)
def test_quicksight_refuses_for_different_reasons(
    raw: Recording, answer: Any, status: Status
) -> None:
    raw.put("quicksight.describe_account_settings", answer)
    line = only(loaded(raw), "quicksight:account")
    assert line.call("describe_account_settings").status is status


# What runs with a role


@pytest.mark.parametrize(
    ("answer", "has"),
    [
        ({"ResourcePolicy": "{}"}, True),
        (failed("ValidationException", "Cannot find resource policy for: g"), False),
        (failed("ValidationException", "1 validation error detected"), None),
    ],
)
def test_a_group_of_models_without_a_policy(raw: Recording, answer: Any, has: bool | None) -> None:
    group = arn("sagemaker", "model-package-group/g")
    listed = [{"ModelPackageGroupName": "g", "ModelPackageGroupArn": group}]
    raw.put("sagemaker.list_model_package_groups", {"ModelPackageGroupSummaryList": listed})
    raw.follow("sagemaker.get_model_package_group_policy", "g", answer)
    assert node(loaded(raw), group).props["has_policy"] is has


def test_a_model_keeps_its_image_and_not_its_environment(raw: Recording) -> None:
    model = arn("sagemaker", "model/m")
    raw.put("sagemaker.list_models", {"Models": [{"ModelName": "m", "ModelArn": model}]})
    container = {"Image": "scorer:1", "Environment": {"API_TOKEN": "correct-horse"}}
    described = {"PrimaryContainer": container, "Containers": [container]}
    raw.follow("sagemaker.describe_model", "m", described)
    snapshot = loaded(raw)
    value = only(snapshot, "sagemaker:model").call("describe_model").value
    assert is_redacted(value["PrimaryContainer"]["Environment"]["API_TOKEN"])
    assert is_redacted(value["Containers"][0]["Environment"]["API_TOKEN"])
    assert node(snapshot, model).props["image"] == "scorer:1"


def test_projects_are_described_many_at_once(raw: Recording) -> None:
    raw.put("codebuild.list_projects", {"projects": ["web", "gone"]})
    variables = [{"name": "TOKEN", "value": "correct-horse", "type": "PLAINTEXT"}]
    project = {
        "name": "web",
        "serviceRole": ROLE,
        "projectVisibility": "PUBLIC_READ",
        "environment": {"environmentVariables": variables},
        "webhook": {"filterGroups": [[{"type": "EVENT", "pattern": "PUSH"}]]},
    }
    answer = {"projects": [project], "projectsNotFound": ["gone"]}
    raw.put("codebuild.batch_get_projects", answer)
    snapshot = loaded(raw)
    lines = {line.item["name"]: line for line in snapshot.items("codebuild:project")}
    value = lines["web"].call("batch_get_projects").value
    assert is_redacted(value["environment"]["environmentVariables"][0]["value"])
    props = node(snapshot, arn("codebuild", "project/web")).props
    assert props["project_visibility"] == "PUBLIC_READ"
    assert props["environment_variables"] == ["TOKEN"]
    assert props["webhook_filters"] == ["EVENT"]
    assert lines["gone"].call("batch_get_projects").status is Status.ERROR
    assert node(snapshot, arn("codebuild", "project/gone")).props["role_arn"] is None


def test_a_pipelines_tokens_go_and_its_repository_stays(raw: Recording) -> None:
    raw.put("codepipeline.list_pipelines", {"pipelines": [{"name": "release"}]})
    action = {
        "actionTypeId": {"provider": "GitHub"},
        "roleArn": ROLE,
        "configuration": {"Repo": "shop", "OAuthToken": "correct-horse"},
    }
    pipeline = {"name": "release", "stages": [{"actions": [action]}]}
    raw.follow("codepipeline.get_pipeline", "release", {"pipeline": pipeline})
    authentication = {"SecretToken": "correct-horse", "AllowedIPRange": "0.0.0.0/0"}
    hook = {
        "arn": arn("codepipeline", "webhook:push"),
        "url": "https://webhooks.example.com/trigger?t=abc",
        "definition": {"name": "push", "authenticationConfiguration": authentication},
    }
    raw.put("codepipeline.list_webhooks", {"webhooks": [hook]})
    snapshot = loaded(raw)
    value = only(snapshot, "codepipeline:pipeline").call("get_pipeline").value
    configuration = value["pipeline"]["stages"][0]["actions"][0]["configuration"]
    assert configuration["Repo"] == "shop"
    assert is_redacted(configuration["OAuthToken"])
    held = only(snapshot, "codepipeline:webhook").item
    assert is_redacted(held["url"])
    assert is_redacted(held["definition"]["authenticationConfiguration"]["SecretToken"])
    assert node(snapshot, held["arn"]).props["allowed_ip_range"] == "0.0.0.0/0"
    assert node(snapshot, arn("codepipeline", "release")).props["action_role_arns"] == [ROLE]


def test_a_stacks_parameters_go_and_what_it_made_stays(raw: Recording) -> None:
    stack = arn("cloudformation", "stack/base/1")
    listed = {
        "StackId": stack,
        "StackName": "base",
        "Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": "correct-horse"}],
        "Outputs": [{"OutputKey": "Url", "OutputValue": "https://app.example.com"}],
    }
    raw.put("cloudformation.describe_stacks", {"Stacks": [listed]})
    made = {"StackResourceSummaries": [{"ResourceType": "AWS::S3::Bucket"}]}
    raw.follow("cloudformation.list_stack_resources", stack, made)
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs"}}
    database = {"Properties": {"MasterUserPassword": "correct-horse-battery-9"}}
    template = {"Resources": {"Bucket": bucket, "Database": database}}
    raw.follow("cloudformation.get_template", stack, {"TemplateBody": template})
    snapshot = loaded(raw)
    line = only(snapshot, "cloudformation:stack")
    assert is_redacted(line.item["Parameters"][0]["ParameterValue"])
    assert line.item["Outputs"][0]["OutputValue"] == "https://app.example.com"
    body = line.call("get_template").value["TemplateBody"]
    assert body["Resources"]["Bucket"] == bucket
    assert is_redacted(body["Resources"]["Database"]["Properties"]["MasterUserPassword"])
    props = node(snapshot, stack).props
    assert (props["resource_types"], props["resource_count"]) == (["AWS::S3::Bucket"], 1)
    assert props["parameter_names"] == ["DbPassword"]


def test_a_stack_sets_role_stays_and_its_parameters_go(raw: Recording) -> None:
    listed = {"StackSetId": "guard:1", "StackSetName": "guard", "Status": "ACTIVE"}
    raw.put("cloudformation.list_stack_sets", {"Summaries": [listed]})
    described = {
        "StackSetName": "guard",
        "AdministrationRoleARN": ROLE,
        "ExecutionRoleName": "carry-out",
        "Parameters": [{"ParameterKey": "Password", "ParameterValue": "correct-horse"}],
        "TemplateBody": '{"Resources": {"Db": {"Properties": {"MasterUserPassword": "horse-9"}}}}',
    }
    raw.follow("cloudformation.describe_stack_set", "guard", {"StackSet": described})
    snapshot = loaded(raw)
    line = only(snapshot, "cloudformation:stack-set")
    value = line.call("describe_stack_set").value["StackSet"]
    assert is_redacted(value["Parameters"][0]["ParameterValue"])
    assert "horse-9" not in value["TemplateBody"]
    props = node(snapshot, line.id).props
    assert (props["administration_role_arn"], props["execution_role_name"]) == (ROLE, "carry-out")


def test_deployment_groups_stand_with_their_application(raw: Recording) -> None:
    raw.put("codedeploy.list_applications", {"applications": ["shop", "desk"]})
    tags = [{"Key": "app", "Value": "shop", "Type": "KEY_AND_VALUE"}]
    for name, platform in (("shop", "Server"), ("desk", "Lambda")):
        raw.follow("codedeploy.list_deployment_groups", name, {"deploymentGroups": ["prod"]})
        group = {
            "applicationName": name,
            "deploymentGroupName": "prod",
            "computePlatform": platform,
            "ec2TagFilters": tags if platform == "Server" else [],
            "serviceRoleArn": ROLE,
        }
        answer = {"deploymentGroupsInfo": [group]}
        raw.follow("codedeploy.batch_get_deployment_groups", f"{name}/prod", answer)
    snapshot = loaded(raw)
    shop, desk = (arn("codedeploy", f"deploymentgroup:{name}/prod") for name in ("shop", "desk"))
    assert {one.id for one in snapshot.items("codedeploy:deployment-group")} == {shop, desk}
    props = node(snapshot, shop).props
    assert (props["compute_platform"], props["tag_keys"]) == ("Server", ["app"])
    assert (props["role_arn"], props["application_name"]) == (ROLE, "shop")
    assert node(snapshot, desk).props["compute_platform"] == "Lambda"


def test_a_tool_of_agents_has_a_role_and_aws_own_is_not_asked_for(raw: Recording) -> None:
    tool = arn("bedrock-agentcore", "code-interpreter-custom/python-AbCdEfGhIj")
    listed = {"codeInterpreterArn": tool, "codeInterpreterId": "python-AbCdEfGhIj"}
    call = "bedrock-agentcore-control.list_code_interpreters"
    raw.put(call, {"codeInterpreterSummaries": [listed | {"status": "READY"}]})
    described = {"executionRoleArn": ROLE, "networkConfiguration": {"networkMode": "SANDBOX"}}
    call = "bedrock-agentcore-control.get_code_interpreter"
    raw.follow(call, "python-AbCdEfGhIj", described)
    props = node(loaded(raw), tool).props
    assert (props["role_arn"], props["network_mode"]) == (ROLE, "SANDBOX")
    for kind in ("code-interpreter", "browser"):
        (call,) = TYPES[f"agentcore:{kind}"].lists
        assert call.params == {"type": "CUSTOM"}


def test_an_agents_environment_goes_and_its_door_stays(raw: Recording) -> None:
    runtime = arn("bedrock-agentcore", "runtime/helper-1")
    listed = {"agentRuntimeArn": runtime, "agentRuntimeId": "helper-1", "status": "READY"}
    raw.put("bedrock-agentcore-control.list_agent_runtimes", {"agentRuntimes": [listed]})
    described = {
        "roleArn": ROLE,
        "networkConfiguration": {"networkMode": "PUBLIC"},
        "environmentVariables": {"KEY": "correct-horse"},
    }
    raw.follow("bedrock-agentcore-control.get_agent_runtime", "helper-1", described)
    missing = failed("ResourceNotFoundException")
    raw.follow("bedrock-agentcore-control.get_resource_policy", runtime, missing)
    snapshot = loaded(raw)
    value = only(snapshot, "agentcore:runtime").call("get_agent_runtime").value
    assert is_redacted(value["environmentVariables"]["KEY"])
    props = node(snapshot, runtime).props
    assert (props["network_mode"], props["has_policy"]) == ("PUBLIC", False)


# Lists over all services


def test_what_a_declared_type_describes_is_no_other_node(raw: Recording) -> None:
    view = arn("resource-explorer-2", "view/all/v1")
    raw.put("resource-explorer-2.list_views", {"Views": [view]})
    antenna, bucket = arn("groundstation", "config/a"), "arn:aws:s3:::logs"
    found = {"Resources": [{"Arn": antenna, "OwningAccountId": ACCOUNT}, {"Arn": bucket}]}
    raw.follow("resource-explorer-2.list_resources", view, found)
    tagged = {"ResourceARN": antenna, "Tags": [{"Key": "team", "Value": "space"}]}
    mappings = {"ResourceTagMappingList": [tagged, {"ResourceARN": bucket}]}
    raw.put("resourcegroupstaggingapi.get_resources", mappings)
    snapshot = loaded(raw)
    assert len(list(snapshot.items("resource-explorer:resource"))) == 2
    nodes = {found.id: found for found in inventory(snapshot).nodes}
    assert bucket not in nodes
    assert nodes[antenna].labels[0] == "IndexedResource"
    assert nodes[antenna].props["tags"] == ["team=space"]


def test_what_aws_bills_is_collected_by_its_name_alone() -> None:
    billed = {found.id for found in TYPES.values() if found.client == "ce"}
    assert billed == {"ce:anomaly-monitor", "ce:anomaly-subscription", "ce:usage"}
    assert all("USD" in TYPES[type_id].opt_in for type_id in billed)
    assert not TYPES["budgets:budget"].opt_in


def test_asking_for_users_asks_for_no_job_per_user() -> None:
    (group,) = [g for g in groups(["iam:user"]) if any(t.id == "iam:user" for t in g)]
    assert not {"iam:last-accessed", "iam:user-credentials"} & {found.id for found in group}
    (whole,) = groups(["iam:last-accessed"])
    assert {"iam:user", "iam:last-accessed"} <= {found.id for found in whole}


# Live, against moto


@pytest.fixture
def busy(world: World) -> Iterator[World]:
    """A trail, two projects and a key in the world's management account, gone afterwards."""
    trails, builds = world.client("cloudtrail"), world.client("codebuild", "eu-west-1")
    s3, users = world.client("s3"), world.client("iam")
    s3.create_bucket(Bucket="trail-files")
    trails.create_trail(Name="all", S3BucketName="trail-files", IsMultiRegionTrail=True)
    trails.start_logging(Name="all")
    machine = {"type": "LINUX_CONTAINER", "image": "x:1", "computeType": "BUILD_GENERAL1_SMALL"}
    for name in ("one", "two"):
        builds.create_project(
            name=name,
            source={"type": "S3", "location": "trail-files/src"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment=machine,
            serviceRole=f"arn:aws:iam::{world.management}:role/service-role/build",
        )
    key = users.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    yield world
    users.delete_access_key(UserName="alice", AccessKeyId=key)
    for name in ("one", "two"):
        builds.delete_project(name=name)
    trails.delete_trail(Name="all")
    s3.delete_bucket(Bucket="trail-files")


def test_trails_and_projects_of_a_live_account(endpoint: str, busy: World, tmp_path: Path) -> None:
    result = collect(
        CollectRequest(
            regions=REGIONS,
            services=("cloudtrail:trail", "codebuild:project", "iam:user-credentials"),
            snapshots=tmp_path,
            redaction_key=KEY,
        )
    )
    snapshot = Snapshot.open(result.path)
    assert only(snapshot, "cloudtrail:trail").call("get_trail_status").value["IsLogging"] is True
    projects = list(snapshot.items("codebuild:project"))
    assert [line.call("batch_get_projects").value["name"] for line in projects] == ["one", "two"]
    asked = [row for row in snapshot.ledger if row.operation == "batch_get_projects"]
    assert sum(row.calls for row in asked) == 1
    assert len(only(snapshot, "iam:user-credentials").call("list_access_keys").value) == 1
