"""``import config``: every mapping against the API's own answer, and what it must not claim."""

from __future__ import annotations

import copy
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from collector import aws_config_files
from collector.aws_config_answers import answers_of
from collector.aws_config_files import Page
from collector.aws_config_items import item_of
from collector.aws_config_newest import Newest
from collector.aws_config_shape import shape_at
from collector.aws_config_store import answer_of, open_store
from collector.aws_config_types import config_types
from collector.request import CollectError
from collector.services import TYPES
from collector.snapshot import Item, Snapshot, Status
from config_files import ConfigFiles, as_api, as_row, history_file, item, snapshot_file
from config_items import (
    ACCOUNT,
    ADMIN,
    LB,
    REGION,
    ROWS,
    SINCE,
    Row,
)
from recording_files import Recording

BY_KIND = {row.kind: row for row in ROWS}
OTHER = "444455556666"


@pytest.fixture
def config(tmp_path: Path) -> ConfigFiles:
    return ConfigFiles(tmp_path)


def config_item(row: Row, **more: Any) -> dict[str, Any]:
    return copy.deepcopy(item(row.kind, row.id, row.configuration, **{**row.more, **more}))


def changed(kind: str, **members: Any) -> dict[str, Any]:
    """The item of a type with other members in its configuration; ``...`` takes one away."""
    held = config_item(BY_KIND[kind])
    made = held["configuration"] | members
    held["configuration"] = {name: value for name, value in made.items() if value is not ...}
    return held


def recorded(rows: tuple[Row, ...], folder: Path) -> Snapshot:
    """The same, from recorded answers."""
    raw = Recording(folder)
    answers: dict[tuple[str, str], Any] = {}
    for row in rows:
        for call, answer in row.answers.items():
            known = answers.setdefault((call, row.place), {})
            known.update(answer)
    for (call, place), answer in answers.items():
        client, operation, *subject = call.split(".", 2)
        if subject:
            raw.follow(f"{client}.{operation}", subject[0], answer, place)
        else:
            raw.put(call, answer, place)
    return raw.load()[0]


def lines(snapshot: Snapshot) -> dict[tuple[str, str, str], tuple[Any, Any]]:
    """Every line that says anything, with what is known."""
    found = {}
    for type_id in TYPES:
        for line in snapshot.items(type_id):
            calls = {name: call for name, call in line.calls.items() if call.known}
            if line.item or calls:
                found[type_id, line.region, line.id] = (_parsed(line.item), _parsed(calls))
    return found


def _parsed(value: Any) -> Any:
    """Policies as objects, so that spaces in them do not count; Config's own words left out."""
    text = json.dumps(value, default=lambda call: [str(call.status), call.value], sort_keys=True)
    return json.loads(text)


def only(snapshot: Snapshot, type_id: str) -> Item:
    (found,) = snapshot.items(type_id)
    return found


def status(snapshot: Snapshot, operation: str, region: str = REGION) -> Status:
    rows = [r for r in snapshot.ledger if r.operation == operation and r.region == region]
    (found,) = {row.status for row in rows}
    return found


def message(snapshot: Snapshot, operation: str, region: str = REGION) -> str:
    return next(
        r.message for r in snapshot.ledger if r.operation == operation and r.region == region
    )


def refusal(config: ConfigFiles, *paths: Path) -> CollectError:
    with pytest.raises(CollectError) as caught:
        config.load(*paths)
    assert not config.into.exists()
    text = str(caught.value)
    assert "Traceback" not in text
    assert text.endswith((".", ")"))
    return caught.value


# Mappings


def test_every_mapping_has_an_item_here() -> None:
    assert {f"AWS::{row.kind}" for row in ROWS} == set(config_types())


@pytest.mark.parametrize("name", sorted(config_types()))
def test_every_mapping_is_of_declared_calls_and_known_members(name: str) -> None:
    how = config_types()[name]
    shape_at(how.client, how.operation, how.path)
    declared = [
        t
        for t in TYPES.values()
        if t.client == how.client and how.operation in {call.operation for call in t.calls()}
    ]
    assert declared
    operations = {call.operation for t in declared for call in t.calls()}
    assert set(how.follow_ups) <= operations
    for operation, part in how.follow_ups.items():
        shape_at(how.client, operation, part.into)
        for target in part.members:
            shape_at(how.client, operation, target)
    for needs in how.needs:
        head, bracket, rest = needs.rpartition("[].")
        for path in rest.split("|"):
            shape_at(how.client, how.operation, how.path + f".{head}{bracket}{path}")


def printed(value: Any) -> Any:
    """Times in one form, policies as objects: spaces in them do not count."""
    if isinstance(value, dict):
        return {name: printed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [printed(inner) for inner in value]
    if isinstance(value, str) and value[:1] == "{":
        return json.loads(value)
    if value in ("2026-01-02T03:04:05.000Z", 1767323045.0):
        return SINCE
    return value


@pytest.mark.parametrize("form", ["file", "api", "query"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kind)
def test_an_item_gives_what_the_api_gives(row: Row, form: str) -> None:
    held: Any = config_item(row)
    given = {"file": lambda: held, "api": lambda: as_api(held), "query": lambda: as_row(held)}
    how = config_types()[f"AWS::{row.kind}"]
    made = answers_of(item_of(Page("a.json", query=form == "query"), given[form]()), how)
    assert made is not None
    assert made.not_taken == ()
    subject = f".{made.item[how.of]}" if how.of else ""
    answers = {f"{how.client}.{how.operation}{subject}": answer_of(how.path, [made.item])}
    for each in made.follow_ups:
        answers[f"{how.client}.{each.operation}.{each.subject}"] = each.value
    expected = copy.deepcopy(row.answers)
    # A file has tags of everything; what has none is not written out above.
    unsaid = set(answers) - set(expected)
    assert {call.split(".")[1] for call in unsaid} <= {"describe_tags", "list_queue_tags"}
    assert {call: printed(answers[call]) for call in expected} == printed(expected)


@pytest.mark.parametrize("form", ["api", "aggregate", "query"])
def test_every_form_gives_the_same(form: str, config: ConfigFiles, tmp_path: Path) -> None:
    items = [config_item(row) for row in ROWS]
    if form == "api":
        config.put({"configurationItems": [as_api(held) for held in items]})
    elif form == "aggregate":
        found = [as_api(held) for held in items]
        config.put({"BaseConfigurationItems": found, "UnprocessedResourceIdentifiers": []})
    else:
        config.put({"Results": [as_row(held) for held in items], "QueryInfo": {}})
    snapshot, result = config.load()
    expected = lines(recorded(ROWS, tmp_path))
    # Nor is it known whether a load balancer has more listeners than these.
    del expected["elbv2:load-balancer", REGION, LB][1]["describe_listeners"]
    assert lines(snapshot) == expected
    assert result.warnings == ()
    # Nobody says that it is all there is.
    partly = {row.operation for row in snapshot.ledger if row.code == "PartlyRecorded"}
    assert partly >= {
        how.operation for how in config_types().values() if how.is_list_call or how.of
    }


def test_the_whole_world_at_once(config: ConfigFiles, tmp_path: Path) -> None:
    snapshot, result = config.load_items(*[config_item(row) for row in ROWS])
    assert lines(snapshot) == lines(recorded(ROWS, tmp_path))
    assert (result.accounts, result.regions) == ((ACCOUNT,), (REGION,))
    assert status(snapshot, "get_account_authorization_details", "global") is Status.OK
    assert snapshot.manifest["captured"] == {
        "oldest": "2026-11-20T10:00:00Z",
        "newest": "2026-11-20T10:00:00Z",
    }


# What it must not claim


def test_what_config_does_not_record_is_not_attempted(config: ConfigFiles) -> None:
    snapshot, _ = config.load_items(config_item(BY_KIND["EC2::VPC"]))
    assert status(snapshot, "describe_vpcs") is Status.OK
    for operation in ("describe_vpc_attribute", "describe_instances", "describe_regions"):
        region = "global" if operation == "describe_regions" else REGION
        assert status(snapshot, operation, region) is Status.NOT_ATTEMPTED
    assert status(snapshot, "get_caller_identity", "global") is Status.NOT_ATTEMPTED
    assert Status.EMPTY not in {r.status for r in snapshot.ledger if r.calls}


def test_a_type_may_be_recorded_in_one_region_only(config: ConfigFiles) -> None:
    vpc = config_item(BY_KIND["EC2::VPC"])
    subnet = config_item(BY_KIND["EC2::Subnet"], region="us-east-1")
    snapshot, _ = config.load_items(vpc, subnet)
    assert status(snapshot, "describe_vpcs", REGION) is Status.OK
    assert status(snapshot, "describe_vpcs", "us-east-1") is Status.NOT_ATTEMPTED
    assert status(snapshot, "describe_subnets", "us-east-1") is Status.OK


def test_history_holds_only_what_changed(config: ConfigFiles) -> None:
    config.put(history_file(config_item(BY_KIND["EC2::VPC"])))
    snapshot, _ = config.load()
    assert only(snapshot, "ec2:vpc").item["VpcId"] == "vpc-1"
    assert status(snapshot, "describe_vpcs") is Status.ERROR
    assert "configuration snapshot" in message(snapshot, "describe_vpcs")


def test_a_snapshot_beside_the_history_makes_it_whole(config: ConfigFiles) -> None:
    old = changed("EC2::VPC", cidrBlock="10.9.0.0/16")
    config.put(
        snapshot_file(old | {"configurationItemCaptureTime": "2026-11-19T00:00:00Z"}), "s.json"
    )
    config.put(history_file(config_item(BY_KIND["EC2::VPC"])), "h.json")
    snapshot, _ = config.load()
    assert only(snapshot, "ec2:vpc").item["CidrBlock"] == "10.0.0.0/16"
    assert status(snapshot, "describe_vpcs") is Status.OK


@pytest.mark.parametrize(
    "gone", ["ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"]
)
def test_what_was_deleted_is_not_there(gone: str, config: ConfigFiles) -> None:
    stays = changed("EC2::VPC", vpcId="vpc-2") | {"resourceId": "vpc-2"}
    later = {"configurationItemCaptureTime": "2026-11-20T11:00:00Z", "configuration": None}
    deleted = config_item(BY_KIND["EC2::VPC"]) | later | {"configurationItemStatus": gone}
    snapshot, _ = config.load_items(deleted, config_item(BY_KIND["EC2::VPC"]), stays)
    assert only(snapshot, "ec2:vpc").item["VpcId"] == "vpc-2"


def test_what_came_back_is_there(config: ConfigFiles) -> None:
    earlier = {"configurationItemCaptureTime": "2026-11-20T09:00:00Z"}
    deleted = (
        config_item(BY_KIND["EC2::VPC"]) | earlier | {"configurationItemStatus": "ResourceDeleted"}
    )
    snapshot, _ = config.load_items(config_item(BY_KIND["EC2::VPC"]), deleted)
    assert only(snapshot, "ec2:vpc").item["VpcId"] == "vpc-1"


def test_of_one_moment_the_later_state_counts(config: ConfigFiles) -> None:
    first, second = (
        changed("EC2::VPC", cidrBlock=cidr) | {"configurationStateId": state}
        for cidr, state in (("10.1.0.0/16", "9"), ("10.2.0.0/16", "10"))
    )
    snapshot, _ = config.load_items(second, first, second)
    assert only(snapshot, "ec2:vpc").item["CidrBlock"] == "10.2.0.0/16"


def test_a_type_without_a_mapping_is_named_once(config: ConfigFiles) -> None:
    gateways = [item("EC2::TransitGateway", f"tgw-{n}", {"Id": f"tgw-{n}"}) for n in (1, 2)]
    other = item("Wisdom::Assistant", "a", {})
    snapshot, result = config.load_items(config_item(BY_KIND["EC2::VPC"]), *gateways, other)
    assert [text.split(":")[0].rpartition(" of AWS")[0] for text in result.warnings] == [
        "2 items",
        "1 item",
    ]
    assert (
        "AWS::EC2::TransitGateway left out: its items have CloudFormation's shape"
        in (result.warnings[0])
    )
    assert status(snapshot, "describe_transit_gateways") is Status.NOT_ATTEMPTED


def test_a_member_that_the_api_does_not_have_is_not_dropped(config: ConfigFiles) -> None:
    strange = changed("EC2::VPC", vpcId="vpc-2", encryptionControl2="on") | {"resourceId": "vpc-2"}
    snapshot, result = config.load_items(config_item(BY_KIND["EC2::VPC"]), strange)
    assert only(snapshot, "ec2:vpc").item["VpcId"] == "vpc-1"
    assert result.warnings == (
        "1 item of AWS::EC2::VPC not taken: the API has no member encryptionControl2 (vpc-2)",
    )
    assert status(snapshot, "describe_vpcs") is Status.ERROR
    assert "1 item could not be taken" in message(snapshot, "describe_vpcs")


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_an_unknown_member_that_says_nothing_is(nothing: object, config: ConfigFiles) -> None:
    snapshot, result = config.load_items(changed("EC2::VPC", somethingNew=nothing))
    assert (status(snapshot, "describe_vpcs"), result.warnings) == (Status.OK, ())


@pytest.mark.parametrize(
    ("kind", "members", "why"),
    [
        ("EC2::SecurityGroup", {"ipPermissions": ...}, "it has no IpPermissions"),
        ("EC2::SecurityGroup", {"ipPermissions": {"a": 1}}, "is an object and no list"),
        ("EC2::SecurityGroup", {"groupId": ["sg"]}, "groupId is a list and no string"),
        ("EC2::Instance", {"amiLaunchIndex": "many"}, "amiLaunchIndex is a text and no integer"),
        ("EC2::Instance", {"launchTime": "soon"}, "launchTime is a text and no timestamp"),
        ("EC2::Instance", {"sourceDestCheck": "maybe"}, "is a text and no boolean"),
        (
            "EC2::RouteTable",
            {"routes": [{"destinationCidrBlock": "0.0.0.0/0"}]},
            "it has no Routes.GatewayId|",
        ),
        ("EC2::VPCPeeringConnection", {"status": "active"}, "status is a text and no structure"),
        ("IAM::Role", {"assumeRolePolicyDocument": "%7B"}, "is no policy document"),
        ("IAM::Role", {"assumeRolePolicyDocument": ...}, "it has no AssumeRolePolicyDocument"),
        ("IAM::Role", {"rolePolicyList": [{"policyName": "p"}]}, "it has no RolePolicyList."),
        ("SQS::Queue", {"QueueUrl": ...}, "it has no QueueUrl"),
    ],
)
def test_a_part_does_not_pass_for_the_whole(
    kind: str, members: dict, why: str, config: ConfigFiles
) -> None:
    snapshot, result = config.load_items(
        changed(kind, **members), config_item(BY_KIND["EC2::Volume"])
    )
    (warning,) = result.warnings
    assert why in warning
    assert f"1 item of AWS::{kind} not taken" in warning
    type_ids = {t.id for t in TYPES.values() if t.client == config_types()[f"AWS::{kind}"].client}
    items = [line for t in type_ids - {"ec2:volume"} for line in snapshot.items(t) if line.item]
    assert items == []


def test_groups_of_old_items_have_ranges_as_texts(config: ConfigFiles) -> None:
    rule = {"ipProtocol": "-1", "ipRanges": ["0.0.0.0/0", "10.0.0.0/8"], "userIdGroupPairs": []}
    snapshot, _ = config.load_items(changed("EC2::SecurityGroup", ipPermissions=[rule]))
    (made,) = only(snapshot, "ec2:security-group").item["IpPermissions"]
    assert made["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}]


def test_a_range_that_only_one_of_two_members_has_stays(config: ConfigFiles) -> None:
    rule = {
        "ipProtocol": "-1",
        "ipRanges": ["0.0.0.0/0", "10.0.0.0/8"],
        "ipv4Ranges": [{"cidrIp": "10.0.0.0/8", "description": "own"}],
    }
    snapshot, _ = config.load_items(changed("EC2::SecurityGroup", ipPermissions=[rule]))
    (made,) = only(snapshot, "ec2:security-group").item["IpPermissions"]
    assert sorted(made["IpRanges"], key=str) == [
        {"CidrIp": "0.0.0.0/0"},
        {"CidrIp": "10.0.0.0/8", "Description": "own"},
    ]


def bucket(**parts: Any) -> dict[str, Any]:
    held = config_item(BY_KIND["S3::Bucket"])
    made = held["supplementaryConfiguration"] | parts
    held["supplementaryConfiguration"] = {k: v for k, v in made.items() if v is not ...}
    return held


def test_a_bucket_without_a_policy_and_one_whose_policy_was_not_recorded(
    config: ConfigFiles,
) -> None:
    without = bucket(
        BucketPolicy={"policyText": None}, BucketVersioningConfiguration={"status": "Off"}
    )
    unread = bucket(BucketPolicy=..., PublicAccessBlockConfiguration=...)
    unread |= {"resourceId": "b", "configuration": {"name": "b"}}
    snapshot, _ = config.load_items(without, unread)
    other, site = snapshot.items("s3:bucket")
    assert site.call("get_bucket_policy").status is Status.ABSENT
    assert site.call("get_bucket_versioning").status is Status.EMPTY
    assert other.call("get_bucket_policy").status is Status.NOT_ATTEMPTED
    assert other.call("get_public_access_block").status is Status.NOT_ATTEMPTED
    assert site.call("get_bucket_policy_status").status is Status.NOT_ATTEMPTED


def test_a_query_that_gives_no_policy_does_not_say_that_there_is_none(config: ConfigFiles) -> None:
    config.put({"Results": [as_row(bucket(BucketPolicy={"policyText": None}))]})
    snapshot, _ = config.load()
    assert only(snapshot, "s3:bucket").call("get_bucket_policy").status is Status.NOT_ATTEMPTED


def test_buckets_of_other_regions_may_be_missing(config: ConfigFiles) -> None:
    snapshot, _ = config.load_items(bucket())
    assert status(snapshot, "list_buckets", "global") is Status.ERROR
    assert "in its own region" in message(snapshot, "list_buckets", "global")


def test_an_unknown_grantee_leaves_the_acl_unread(config: ConfigFiles) -> None:
    acl = {"grantList": [{"grantee": "Everybody", "permission": "Read"}], "owner": {"id": "a"}}
    snapshot, result = config.load_items(bucket(AccessControlList=json.dumps(acl)))
    assert only(snapshot, "s3:bucket").call("get_bucket_acl").status is Status.NOT_ATTEMPTED
    assert result.warnings == (
        "1 item of AWS::S3::Bucket taken without get_bucket_acl: a grant has an unknown grantee "
        "(site)",
    )


def test_a_policy_that_cannot_be_read_is_not_read(config: ConfigFiles) -> None:
    snapshot, result = config.load_items(bucket(BucketPolicy={"policyText": "{"}))
    assert only(snapshot, "s3:bucket").call("get_bucket_policy").status is Status.NOT_ATTEMPTED
    assert "taken without get_bucket_policy: it is no policy" in result.warnings[0]


@pytest.mark.parametrize("kind", ["SNS::Topic", "SQS::Queue"])
def test_attributes_without_a_policy_are_not_read(kind: str, config: ConfigFiles) -> None:
    type_id, call = {
        "SNS::Topic": ("sns:topic", "get_topic_attributes"),
        "SQS::Queue": ("sqs:queue", "get_queue_attributes"),
    }[kind]
    config.put(snapshot_file(changed(kind, Policy=...)))
    snapshot, _ = config.load()
    assert only(snapshot, type_id).call(call).status is Status.NOT_ATTEMPTED


def test_a_queue_that_has_no_policy(config: ConfigFiles) -> None:
    snapshot, _ = config.load_items(changed("SQS::Queue", Policy=None))
    value = only(snapshot, "sqs:queue").call("get_queue_attributes").value
    assert "Policy" not in value["Attributes"]
    assert value["Attributes"]["QueueArn"]


def test_automatic_snapshots_are_not_listed(config: ConfigFiles) -> None:
    snapshot, result = config.load_items(changed("RDS::DBSnapshot", snapshotType="automated"))
    assert list(snapshot.items("rds:db-snapshot")) == []
    assert status(snapshot, "describe_db_snapshots") is Status.EMPTY
    assert result.warnings == ()


def test_a_load_balancer_without_a_listener_item_is_not_one_without_listeners(
    config: ConfigFiles,
) -> None:
    listener = config_item(BY_KIND["ElasticLoadBalancingV2::Listener"])
    balancer = BY_KIND["ElasticLoadBalancingV2::LoadBalancer"]
    other = changed(balancer.kind, loadBalancerArn=LB + "9") | {"resourceId": LB + "9"}
    snapshot, _ = config.load_items(config_item(balancer), other, listener)
    listed = {
        line.id: line.call("describe_listeners") for line in snapshot.items("elbv2:load-balancer")
    }
    assert listed[LB].value[0]["Port"] == 80
    assert listed[LB + "9"].status is Status.NOT_ATTEMPTED


def test_iam_without_users_is_not_an_account_without_users(config: ConfigFiles) -> None:
    kinds = ("IAM::Role", "IAM::Group", "IAM::Policy")
    snapshot, _ = config.load_items(*[config_item(BY_KIND[kind]) for kind in kinds])
    operation = "get_account_authorization_details"
    assert status(snapshot, operation, "global") is Status.ERROR
    assert message(snapshot, operation, "global") == (
        "AWS Config: AWS::IAM::User: no item, it may not be recorded"
    )


def test_iam_recorded_in_two_regions_is_one(config: ConfigFiles) -> None:
    role = config_item(BY_KIND["IAM::Role"])
    config.put(snapshot_file(role, config_item(BY_KIND["EC2::VPC"])), "a.json")
    config.put(snapshot_file(role, config_item(BY_KIND["EC2::VPC"], region="us-east-1")), "b.json")
    snapshot, result = config.load()
    assert only(snapshot, "iam:role").item["RoleName"] == "app"
    assert result.regions == (REGION, "us-east-1")


def test_the_text_of_policies_that_aws_manages(config: ConfigFiles) -> None:
    attached = [
        {"policyName": name, "policyArn": f"arn:aws-cn:iam::aws:policy/{name}"}
        for name in ("AdministratorAccess", "job-function/ViewOnlyAccess")
    ]
    snapshot, result = config.load_items(changed("IAM::Role", attachedManagedPolicies=attached))
    admin = only(snapshot, "iam:policy")
    assert admin.id == "arn:aws-cn:iam::aws:policy/AdministratorAccess"
    assert admin.item["PolicyVersionList"][0]["Document"] == ADMIN
    assert result.warnings == (
        "AWS Config has no text of AWS-managed policies: what these allow is not known: "
        "ViewOnlyAccess",
    )


def test_several_accounts(config: ConfigFiles) -> None:
    mine, theirs = (
        config_item(BY_KIND["EC2::VPC"], account=account) for account in (ACCOUNT, OTHER)
    )
    theirs["configuration"]["ownerId"] = OTHER
    snapshot, result = config.load_items(mine, theirs)
    assert result.accounts == (ACCOUNT, OTHER)
    assert {line.account_id for line in snapshot.items("ec2:vpc")} == {ACCOUNT, OTHER}


def test_the_oldest_item_tells_how_old_the_answers_may_be(config: ConfigFiles) -> None:
    old = config_item(BY_KIND["EC2::Subnet"], at="2024-02-03T04:05:06.789Z")
    left_out = item("EC2::TransitGateway", "tgw-1", {}, at="2020-01-01T00:00:00Z")
    snapshot, _ = config.load_items(config_item(BY_KIND["EC2::VPC"]), old, left_out)
    assert snapshot.manifest["captured"]["oldest"] == "2024-02-03T04:05:06.789000Z"


# Secrets


def test_secrets_are_redacted_by_the_declarations(config: ConfigFiles) -> None:
    secret, data = "lambda-hunter2-Zx81", "userdata-hunter2-Qy72"
    function = changed("Lambda::Function", environment={"variables": {"DB_PASSWORD": secret}})
    launch = changed(
        "AutoScaling::LaunchConfiguration", userData=f"#!/bin/sh\nexport PASSWORD={data}\n"
    )
    database = changed("RDS::DBInstance", pendingModifiedValues={"masterUserPassword": secret})
    snapshot, _ = config.load_items(function, launch, database)
    held = only(snapshot, "lambda:function").item["Environment"]["Variables"]["DB_PASSWORD"]
    assert set(held["redacted"]) == {"length", "hash", "hits"}
    for path in config.into.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content
            assert data.encode() not in content


# Files


def test_directories_packed_files_and_several_documents(config: ConfigFiles) -> None:
    kinds = ("EC2::VPC", "EC2::Subnet", "EC2::Volume", "EC2::EIP")
    one, two, three, four = (json.dumps(snapshot_file(config_item(BY_KIND[k]))) for k in kinds)
    config.put(gzip.compress(one.encode()), f"ConfigSnapshot/{ACCOUNT}.json.gz")
    config.put(f"{two}\n{three}", "ConfigHistory/2026/pages.json")
    config.put(f"[{four}]", "list.json")
    config.put("", "ConfigWritabilityCheckFile")
    snapshot, _ = config.load()
    for type_id in ("ec2:vpc", "ec2:subnet", "ec2:volume", "ec2:address"):
        only(snapshot, type_id)


def test_the_id_of_a_snapshot_may_stand_behind_its_items(config: ConfigFiles) -> None:
    held = {"configurationItems": [config_item(BY_KIND["EC2::VPC"])], "configSnapshotId": "1"}
    config.put(held)
    assert status(config.load()[0], "describe_vpcs") is Status.OK


def test_standard_input(config: ConfigFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(snapshot_file(config_item(BY_KIND["EC2::VPC"]))).encode()

    class Stdin:
        buffer = io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]

    monkeypatch.setattr("sys.stdin", Stdin)
    snapshot, _ = config.load(Path("-"))
    only(snapshot, "ec2:vpc")


def test_more_pages_are_asked_for(config: ConfigFiles) -> None:
    rows = [as_row(config_item(BY_KIND["EC2::VPC"]))]
    path = config.put({"Results": rows, "NextToken": "abc"})
    _, result = config.load()
    (warning,) = result.warnings
    assert warning.startswith(f"{path} says that there is more")


TRUNCATED = json.dumps(snapshot_file(config_item(BY_KIND["EC2::VPC"])))[:-40]


@pytest.mark.parametrize(
    ("held", "why", "code"),
    [
        (TRUNCATED, "it is truncated", 1),
        (gzip.compress(TRUNCATED.encode(), mtime=0)[:-20], "it is truncated", 1),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 40, "its compression is broken", 1),
        (b'{"configurationItems": ["\xff\xfe"]}', "it is no text", 2),
        ("", "it is empty", 2),
        ("{}", "it holds an empty object", 2),
        ("7", "it holds something else than objects", 2),
        ("hello", "truncated or not JSON", 1),
        ('{"Records": [{"eventName": "x"}]}', "it has no configurationItems", 2),
        ('{"Error": {"Code": "AccessDenied"}}', "AWS's refusal AccessDenied", 2),
        ('{"configurationItems": [7]}', "an item is no object", 2),
        ('{"configurationItems": ' + "[" * 500 + "]" * 500 + "}", "nested more than 200", 1),
        ('{"configurationItems": ' + "[" * 99999, "", 1),
        ('{"configurationItems" [', "':' is missing", 1),
    ],
)
def test_a_broken_or_foreign_file_is_named(
    held: str | bytes, why: str, code: int, config: ConfigFiles
) -> None:
    path = config.put(held)
    good = config.put(snapshot_file(config_item(BY_KIND["EC2::VPC"])), "good.json")
    problem = refusal(config, good, path)
    assert str(path) in str(problem)
    assert why in str(problem)
    assert problem.exit_code == code


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("awsAccountId", None, "no account id"),
        ("awsAccountId", "../../etc/pas", "no account id"),
        ("awsRegion", "../x", "no region"),
        ("awsRegion", None, "no region"),
        ("resourceType", "AWS::<script>", "no resource type"),
        ("resourceId", None, "no resource id"),
        ("resourceId", {"a": 1}, "no resource id"),
        ("configurationItemCaptureTime", "yesterday", "no configurationItemCaptureTime"),
        ("configurationItemCaptureTime", None, "no configurationItemCaptureTime"),
    ],
)
def test_an_item_that_does_not_say_whose_it_is(
    member: str, value: object, why: str, config: ConfigFiles
) -> None:
    path = config.put(snapshot_file(config_item(BY_KIND["EC2::VPC"]) | {member: value}))
    problem = refusal(config)
    assert str(path) in str(problem)
    assert why in str(problem)


def test_a_query_has_to_select_whole_configurations(config: ConfigFiles) -> None:
    rows = [as_row(config_item(BY_KIND["EC2::VPC"]))]
    fields = [{"Name": "accountId"}, {"Name": "configuration.vpcId"}]
    config.put({"Results": rows, "QueryInfo": {"SelectFields": fields}})
    problem = refusal(config)
    assert "selected configuration.vpcId" in str(problem)
    assert "Let the query select accountId" in str(problem)


def test_items_without_a_configuration_are_named(config: ConfigFiles) -> None:
    config.put(snapshot_file(config_item(BY_KIND["EC2::VPC"]) | {"configuration": None}))
    assert "it has no configuration (vpc-1)" in str(refusal(config))


def test_a_missing_file_and_an_empty_directory(config: ConfigFiles, tmp_path: Path) -> None:
    problem = refusal(config, tmp_path / "nowhere.json")
    assert (problem.exit_code, "nowhere.json" in str(problem)) == (2, True)
    config.folder.mkdir()
    assert "holds no file *.json" in str(refusal(config))


def test_a_bomb_is_not_unpacked(config: ConfigFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_config_files, "LARGEST_FILE", 4 * 1024**2)
    config.put(gzip.compress(b'{"a": 1, "configurationItems": [' + b" " * 8 * 1024**2), "b.json.gz")
    assert "unpacks to more than" in str(refusal(config))


def test_one_item_may_not_fill_the_memory(
    config: ConfigFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_config_files, "LARGEST_ITEM", 1024**2)
    config.put('{"configurationItems": ["' + "a" * 3 * 1024**2 + '"]}')
    assert "an item has more than" in str(refusal(config))


def test_names_that_are_hostile(config: ConfigFiles) -> None:
    name = "x\x1b[31m\n../../\ud800"
    held = changed("EC2::VPC", vpcId=name) | {"resourceId": name}
    config.put(json.dumps(snapshot_file(held)))
    snapshot, _ = config.load()
    assert only(snapshot, "ec2:vpc").item["VpcId"] == name


def test_many_items_do_not_fill_the_memory(config: ConfigFiles) -> None:
    """Items are read, converted and put away one by one."""
    shape_at("ec2", "describe_volumes", "")  # botocore's models stay in memory
    count = 5_000
    template = json.dumps(changed("EC2::Volume", snapshotId="s" * 4_000))
    path = config.put("")
    with path.open("w") as file:
        file.write('{"fileVersion": "1.0", "configSnapshotId": "1", "configurationItems": [')
        for number in range(count):
            comma = "," * bool(number)
            file.write(comma + template.replace("vol-1", f"vol-{number}"))
        file.write("]}")
    size = path.stat().st_size
    with open_store() as store:
        tracemalloc.start()
        found = Newest(store)
        found.read(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(found.present) == count
    assert peak < size / 2


def test_the_order_of_files_does_not_matter(config: ConfigFiles, tmp_path: Path) -> None:
    one = config.put(snapshot_file(changed("EC2::VPC", cidrBlock="10.1.0.0/16")), "1.json")
    two = config.put(snapshot_file(changed("EC2::VPC", cidrBlock="10.2.0.0/16")), "2.json")
    first = lines(config.load(one, two)[0])
    config.into = tmp_path / "again"
    assert lines(config.load(two, one)[0]) == first
