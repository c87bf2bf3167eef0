"""``import raw``: recorded answers go the way of live ones. Also what moto cannot play."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from collector.account_details import pages_of
from collector.raw import import_raw
from collector.request import CollectError
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY, contents
from recording_files import ACCOUNT, REGION, Recording


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def only(snapshot: Snapshot, type_id: str) -> Item:
    (item,) = snapshot.items(type_id)
    return item


def status(snapshot: Snapshot, service: str, operation: str, place: str = REGION) -> Status:
    return snapshot.status(ACCOUNT, place, service, operation)


def test_a_list_its_follow_up_and_what_is_absent(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": [{"TopicArn": "arn:aws:sns:eu-west-1:1:t"}]})
    raw.put(
        "sns.get_topic_attributes.arn%3Aaws%3Asns%3Aeu-west-1%3A1%3At", {"Attributes": {"A": "b"}}
    )
    snapshot, result = raw.load()
    topic = only(snapshot, "sns:topic")
    assert topic.call("get_topic_attributes").value == {"Attributes": {"A": "b"}}
    assert status(snapshot, "sns", "list_topics") is Status.OK
    assert status(snapshot, "sqs", "list_queues") is Status.NOT_ATTEMPTED
    assert result.warnings == ()


def test_a_follow_up_without_a_file_was_not_attempted(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": [{"TopicArn": "arn:aws:sns:eu-west-1:1:t"}]})
    snapshot, _ = raw.load()
    call = only(snapshot, "sns:topic").call("get_topic_attributes")
    assert call.status is Status.NOT_ATTEMPTED
    assert not call.known
    assert {(r.operation, r.status) for r in snapshot.gaps("sns:topic")} == {
        ("get_topic_attributes", Status.NOT_ATTEMPTED),
        ("list_subscriptions_by_topic", Status.NOT_ATTEMPTED),
    }


def test_an_empty_list_is_a_fact(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    snapshot, _ = raw.load()
    assert status(snapshot, "sns", "list_topics") is Status.EMPTY
    assert status(snapshot, "sns", "get_topic_attributes") is Status.EMPTY
    assert snapshot.gaps("sns:topic") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AccessDenied", Status.DENIED),
        ("NoSuchBucketPolicy", Status.ABSENT),
        ("SlowDown", Status.THROTTLED),
        ("ExpiredToken", Status.EXPIRED),
    ],
)
def test_a_recorded_error_means_what_it_means_live(
    raw: Recording, code: str, expected: Status
) -> None:
    raw.put("s3.list_buckets", {"Buckets": [{"Name": "a.b"}]}, "global")
    raw.put("s3.get_bucket_policy.a.b", {"Error": {"Code": code, "Message": "words"}}, "global")
    snapshot, _ = raw.load()
    call = only(snapshot, "s3:bucket").call("get_bucket_policy")
    assert (call.status, call.error) == (expected, f"{code}: words")


def test_a_code_that_says_not_there_is_no_fact_about_a_whole_list(raw: Recording) -> None:
    """As live: of a list of topics "not found" says nothing; of a bucket's policy it does."""
    refused = {"Error": {"Code": "ResourceNotFoundException", "Message": "words"}}
    raw.put("sns.list_topics", refused)
    snapshot, _ = raw.load()
    assert status(snapshot, "sns", "list_topics") is Status.ERROR
    assert snapshot.gaps("sns:topic")


def test_a_global_type_may_be_recorded_in_a_region(raw: Recording) -> None:
    raw.put("s3.list_buckets", {"Buckets": [{"Name": "one"}]}, "us-east-1")
    raw.put("s3.get_bucket_location.one", {"LocationConstraint": None}, "eu-west-1")
    snapshot, _ = raw.load()
    bucket = only(snapshot, "s3:bucket")
    assert bucket.region == "global"
    assert bucket.call("get_bucket_location").value == {"LocationConstraint": None}


def test_a_regional_type_may_lie_under_global_where_there_is_one_region(raw: Recording) -> None:
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT}]}, "global")
    raw.put("sns.list_topics", {"Topics": []})
    snapshot, _ = raw.load()
    assert only(snapshot, "ec2:vpc").id == f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"


def test_one_operation_lists_four_types(raw: Recording) -> None:
    raw.put(
        "iam.get_account_authorization_details",
        {
            "UserDetailList": [{"Arn": "arn:aws:iam::1:user/u", "UserName": "u"}],
            "GroupDetailList": [],
            "RoleDetailList": [
                {
                    "Arn": "arn:aws:iam::1:role/r",
                    "CreateDate": "2024-01-01T02:00:00+02:00",
                    # the wire's form, percent-encoded, becomes what botocore gives
                    "AssumeRolePolicyDocument": quote('{"Version": "2012-10-17"}'),
                }
            ],
            "Policies": [{"Arn": "arn:aws:iam::1:policy/p"}],
        },
        "global",
    )
    snapshot, _ = raw.load()
    assert only(snapshot, "iam:user").item["UserName"] == "u"
    role = only(snapshot, "iam:role").item
    assert role["AssumeRolePolicyDocument"] == {"Version": "2012-10-17"}
    assert role["CreateDate"] == "2024-01-01T00:00:00Z"
    (row,) = [r for r in snapshot.ledger if r.operation == "get_account_authorization_details"]
    assert row.types == {"iam:user", "iam:group", "iam:role", "iam:policy"}
    assert (row.items, row.calls) == (3, 1)


def test_the_credential_report_is_text(raw: Recording) -> None:
    text = "user,arn\n<root_account>,arn:aws:iam::1:root\n"
    raw.put(
        "iam.get_credential_report",
        {"Content": base64.b64encode(text.encode()).decode(), "ReportFormat": "text/csv"},
        "global",
    )
    snapshot, _ = raw.load()
    report = only(snapshot, "iam:credential-report")
    assert report.id == ACCOUNT
    assert report.call("get_credential_report").value["Content"] == text


def test_calls_with_several_values(raw: Recording) -> None:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
    raw.put(
        "lambda.list_functions",
        {"Functions": [{"FunctionName": "checkout", "FunctionArn": function}]},
    )
    raw.put("lambda.list_aliases.checkout", {"Aliases": [{"Name": "live"}, {"Name": "old"}]})
    raw.put("lambda.get_policy.checkout", {"Policy": "{}"})
    raw.put("lambda.get_policy.checkout,live", {"Policy": '{"a":1}'})
    share = f"arn:aws:ram:{REGION}:{ACCOUNT}:resource-share/x"
    raw.put(
        "ram.get_resource_shares.SELF",
        {"resourceShares": [{"resourceShareArn": share, "owningAccountId": ACCOUNT}]},
    )
    raw.put(
        f"ram.get_resource_share_associations.{quote(share, safe='')},PRINCIPAL",
        {"resourceShareAssociations": [{"associatedEntity": "999988887777"}]},
    )
    snapshot, _ = raw.load()
    item = only(snapshot, "lambda:function")
    assert item.call("get_policy").value == {"Policy": "{}"}
    assert item.call("get_policy(Qualifier=live)").value == {"Policy": '{"a":1}'}
    assert item.call("get_policy(Qualifier=old)").status is Status.NOT_ATTEMPTED
    shared = only(snapshot, "ram:share")
    principals = shared.call("get_resource_share_associations(associationType=PRINCIPAL)")
    assert principals.value == [{"associatedEntity": "999988887777"}]
    resources = shared.call("get_resource_share_associations(associationType=RESOURCE)")
    assert resources.status is Status.NOT_ATTEMPTED
    # The received shares were not recorded, and that shows.
    assert status(snapshot, "ram", "get_resource_shares") is Status.NOT_ATTEMPTED


def test_a_list_without_its_parameter_is_taken_as_all_and_says_so(raw: Recording) -> None:
    raw.put("ram.get_resource_shares", {"resourceShares": []})
    snapshot, result = raw.load()
    assert status(snapshot, "ram", "get_resource_shares") is Status.EMPTY
    assert any("get_resource_shares" in warning for warning in result.warnings)


def test_rules_stand_by_their_listener(raw: Recording) -> None:
    balancer = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
    listener = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/web/1/2"
    raw.put("elbv2.describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": balancer}]})
    raw.put(
        f"elbv2.describe_listeners.{quote(balancer, safe='')}",
        {"Listeners": [{"ListenerArn": listener, "Port": 443}]},
    )
    raw.put(
        f"elbv2.describe_rules.{quote(listener, safe='')}", {"Rules": [{"Priority": "default"}]}
    )
    snapshot, _ = raw.load()
    item = only(snapshot, "elbv2:load-balancer")
    assert item.call(f"describe_rules(ListenerArn={listener})").value == [{"Priority": "default"}]


def test_both_sides_of_a_peering_give_one_id(raw: Recording) -> None:
    peering = {
        "VpcPeeringConnectionId": "pcx-1",
        "RequesterVpcInfo": {"OwnerId": ACCOUNT, "Region": "eu-west-1"},
        "AccepterVpcInfo": {"OwnerId": "999988887777", "Region": "us-east-1"},
    }
    answer = {"VpcPeeringConnections": [peering]}
    raw.put("ec2.describe_vpc_peering_connections", answer)
    raw.put("ec2.describe_vpc_peering_connections", answer, "us-east-1", "999988887777")
    snapshot, _ = raw.load()
    ids = {item.id for item in snapshot.items("ec2:vpc-peering")}
    assert ids == {f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc-peering-connection/pcx-1"}


def test_a_shared_subnet_has_its_owners_id(raw: Recording) -> None:
    raw.put("ec2.describe_subnets", {"Subnets": [{"SubnetId": "subnet-1", "OwnerId": "9" * 12}]})
    snapshot, _ = raw.load()
    assert only(snapshot, "ec2:subnet").id == f"arn:aws:ec2:{REGION}:{'9' * 12}:subnet/subnet-1"


@pytest.mark.parametrize(
    ("arn", "region", "partition"),
    [
        ("arn:aws-us-gov:iam::111122223333:user/u", "us-gov-west-1", "aws-us-gov"),
        ("", "cn-north-1", "aws-cn"),
        ("", "eu-west-1", "aws"),
    ],
)
def test_ids_take_the_partition_of_the_account(
    raw: Recording, arn: str, region: str, partition: str
) -> None:
    if arn:
        raw.put("sts.get_caller_identity", {"Arn": arn, "Account": ACCOUNT}, "global")
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1"}]}, region)
    snapshot, _ = raw.load()
    assert only(snapshot, "ec2:vpc").id == f"arn:{partition}:ec2:{region}:{ACCOUNT}:vpc/vpc-1"


def test_images_and_snapshots_of_others_are_left_out(raw: Recording) -> None:
    raw.put(
        "ec2.describe_images",
        {
            "Images": [
                {"ImageId": "ami-1", "OwnerId": ACCOUNT},
                {"ImageId": "ami-2", "OwnerId": "9"},
            ]
        },
    )
    snapshot, _ = raw.load()
    assert only(snapshot, "ec2:image").id == f"arn:aws:ec2:{REGION}::image/ami-1"


@pytest.mark.parametrize(("manager", "asked"), [("CUSTOMER", True), ("AWS", False)])
def test_the_policy_of_a_key_that_aws_manages_is_not_asked_for(
    raw: Recording, manager: str, asked: bool
) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    raw.put("kms.list_keys", {"Keys": [{"KeyId": "k", "KeyArn": key}]})
    raw.put(f"kms.describe_key.{quote(key, safe='')}", {"KeyMetadata": {"KeyManager": manager}})
    snapshot, _ = raw.load()
    assert ("get_key_policy" in only(snapshot, "kms:key").calls) is asked


def test_a_key_of_unknown_manager_is_asked_about(raw: Recording) -> None:
    raw.put("kms.list_keys", {"Keys": [{"KeyId": "k", "KeyArn": "arn:aws:kms:eu-west-1:1:key/k"}]})
    snapshot, _ = raw.load()
    assert "get_key_policy" in only(snapshot, "kms:key").calls


def test_more_routes_than_aws_lists_is_a_gap(raw: Recording) -> None:
    tables = {"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1"}]}
    raw.put("ec2.describe_transit_gateway_route_tables", tables)
    answer = {"Routes": [{"DestinationCidrBlock": "10.0.0.0/8"}], "AdditionalRoutesAvailable": True}
    raw.put("ec2.search_transit_gateway_routes.tgw-rtb-1", answer)
    snapshot, _ = raw.load()
    call = only(snapshot, "ec2:transit-gateway-route-table").call("search_transit_gateway_routes")
    assert call.status is Status.ERROR
    assert len(call.value) == 1


def test_a_first_page_alone_is_a_gap(raw: Recording) -> None:
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1"}], "NextToken": "more"})
    raw.put("sns.list_topics", {"Topics": []})
    snapshot, result = raw.load()
    assert "ec2.describe_vpcs.json ends in a token" in result.warnings[0]
    (row,) = (row for row in snapshot.gaps("ec2:vpc") if row.operation == "describe_vpcs")
    assert (row.status, row.code) == (Status.ERROR, "Incomplete")


@pytest.mark.parametrize("text", ["{", "[1]", '{"Subnets": []}', "", "[" * 100_000])
def test_what_is_no_answer_of_the_operation_is_an_error(raw: Recording, text: str) -> None:
    raw.put("ec2.describe_vpcs", text)
    raw.put("sns.list_topics", {"Topics": []})
    snapshot, result = raw.load()
    assert status(snapshot, "ec2", "describe_vpcs") is Status.ERROR
    assert "ec2.describe_vpcs.json" in result.warnings[0]


@pytest.mark.parametrize("text", ["{", "[1]", '{"Subnets": []}', "", "[" * 100_000])
def test_where_nothing_can_be_used_there_is_no_snapshot(raw: Recording, text: str) -> None:
    raw.put("ec2.describe_vpcs", text)
    with pytest.raises(CollectError, match=r"None of the recorded .*ec2\.describe_vpcs\.json"):
        raw.load()
    assert not raw.into.exists()


def test_files_without_a_declaration_are_named(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    raw.put("polly.list_lexicons", {"Lexicons": []})
    raw.put("sns.get_topic_attributes.nobody", {"Attributes": {}})
    (raw.folder / "notes").mkdir()
    _, result = raw.load()
    text = "\n".join(result.warnings)
    assert "polly.list_lexicons.json" in text
    assert "sns.get_topic_attributes.nobody.json fits no call" in text
    assert "notes is not an account's directory" in text


def test_without_any_word_on_the_organisation_that_is_a_gap(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    snapshot, _ = raw.load()
    assert {r.operation for r in snapshot.gaps("org:policy")} >= {"list_policies"}
    assert snapshot.gaps("org:organizational-unit")


def test_the_organisation_is_filed_once(raw: Recording) -> None:
    raw.put(
        "organizations.list_roots", {"Roots": [{"Id": "r-1", "Arn": "arn:aws:o:::r"}]}, "global"
    )
    raw.put("sns.list_topics", {"Topics": []}, REGION, "999988887777")
    snapshot, _ = raw.load()
    rows = [r.account_id for r in snapshot.ledger if r.operation == "list_roots"]
    assert rows == [ACCOUNT]


def test_importing_twice_gives_the_same_bytes(raw: Recording, tmp_path: Path) -> None:
    raw.put(
        "lambda.list_functions",
        {
            "Functions": [
                {
                    "FunctionArn": f"arn:{n}",
                    "FunctionName": n,
                    "Environment": {"Variables": {"A": n}},
                }
                for n in ("b", "a")
            ]
        },
    )
    raw.load()
    first = contents(raw.into)
    raw.into = tmp_path / "again"
    raw.load()
    assert contents(raw.into) == first


def test_nothing_to_import(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(CollectError, match=r"no recorded answers.*Expected"):
        import_raw(tmp_path / "raw", tmp_path / "s", redaction_key=KEY)
    with pytest.raises(CollectError, match="cannot be read"):
        import_raw(tmp_path / "nowhere", tmp_path / "s", redaction_key=KEY)


def test_an_existing_output_is_not_touched(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    raw.load()
    with pytest.raises(CollectError, match="exists already"):
        raw.load()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "a%2Fb", "x" * 300, "é" * 90, "a\x1b[31m\n", "\u202egnp.exe", ","],
)
def test_hostile_ids_find_their_answers_and_leave_the_snapshot_alone(
    raw: Recording, name: str
) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    raw.put("sns.list_topics", {"Topics": [{"TopicArn": arn}]})
    raw.follow("sns.get_topic_attributes", arn, {"Attributes": {"A": "b"}})
    snapshot, result = raw.load()
    topic = only(snapshot, "sns:topic")
    assert (topic.id, topic.call("get_topic_attributes").status) == (arn, Status.OK)
    assert result.warnings == ()
    files = {path.relative_to(raw.into).as_posix() for path in raw.into.rglob("*.jsonl")}
    assert {file for file in files if "sns" in file} == {
        f"accounts/{ACCOUNT}/{REGION}/sns/topic.jsonl"
    }


@pytest.mark.parametrize("place", ["backup", "eu-west-1 (copy)", "a\\b", "EU-WEST-1"])
def test_a_place_that_is_no_region_is_named(raw: Recording, place: str) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    raw.put("sqs.list_queues", {"QueueUrls": []}, place)
    snapshot, result = raw.load()
    assert snapshot.manifest["regions"] == [REGION]
    assert status(snapshot, "sqs", "list_queues") is Status.NOT_ATTEMPTED
    assert f"{ACCOUNT}/{place} is no region's name" in result.warnings


def test_regions_that_nobody_looked_into_are_a_gap(raw: Recording) -> None:
    raw.put("s3.list_buckets", {"Buckets": []}, "global")
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1"}]}, "global")
    snapshot, result = raw.load()
    (row,) = (row for row in snapshot.gaps("ec2:vpc") if row.operation == "describe_vpcs")
    assert (row.region, row.status) == ("global", Status.NOT_ATTEMPTED)
    assert [text.partition(" ")[0] for text in result.warnings] == [
        f"{ACCOUNT}/global/ec2.describe_vpcs.json"
    ]


def test_an_output_inside_a_file(raw: Recording) -> None:
    raw.put("sns.list_topics", {"Topics": []})
    raw.folder.parent.joinpath("file").write_text("x")
    raw.into = raw.folder.parent / "file" / "inside"
    with pytest.raises(CollectError, match="cannot be written") as caught:
        raw.load()
    assert caught.value.exit_code == 1


KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"


@pytest.mark.parametrize(
    ("name", "read"),
    [(KEY_ARN, True), (KEY_ID, True), (f"key/{KEY_ID}", True), ("another-key", False)],
)
def test_a_follow_up_bears_its_parents_arn_id_or_name(tmp_path, name: str, read: bool) -> None:
    files = Recording(tmp_path)
    files.put("kms.list_keys", {"Keys": [{"KeyId": KEY_ID, "KeyArn": KEY_ARN}]})
    files.follow("kms.get_key_policy", name, {"Policy": "{}", "PolicyName": "default"})
    snapshot, _ = files.load()
    (key,) = snapshot.items("kms:key")
    assert (key.call("get_key_policy").status == "ok") is read


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [pipe, endless])
def test_what_is_no_regular_file_is_named_and_not_opened(
    raw: Recording, make: Callable[[Path], None]
) -> None:
    """Reading it would never end."""
    raw.put("sqs.list_queues", {"QueueUrls": []})
    make(raw.folder / ACCOUNT / REGION / "sns.list_topics.json")
    snapshot, result = raw.load()
    assert status(snapshot, "sns", "list_topics") is Status.NOT_ATTEMPTED
    name = f"{ACCOUNT}/{REGION}/sns.list_topics.json"
    assert result.warnings == (f"{name} is not read: it is no regular file",)


def test_twin_a_link_to_a_file_is_read(raw: Recording) -> None:
    raw.put("sqs.list_queues", {"QueueUrls": []})
    elsewhere = raw.folder.parent / "elsewhere.json"
    elsewhere.write_text('{"Topics": []}')
    (raw.folder / ACCOUNT / REGION / "sns.list_topics.json").symlink_to(elsewhere)
    snapshot, result = raw.load()
    assert status(snapshot, "sns", "list_topics") is Status.EMPTY
    assert result.warnings == ()


@pytest.mark.parametrize("make", [pipe, endless])
def test_account_details_in_no_regular_file_are_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    file = tmp_path / "details.json"
    make(file)
    with pytest.raises(CollectError, match="no regular file") as caught:
        pages_of(file)
    assert caught.value.exit_code == 2


def test_twin_account_details_behind_a_link_are_read(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text('{"RoleDetailList": []}')
    (tmp_path / "details.json").symlink_to(tmp_path / "real.json")
    (page,) = pages_of(tmp_path / "details.json")
    assert page.value == {"RoleDetailList": []}
