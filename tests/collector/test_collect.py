"""Collecting a small organisation that moto plays."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from aws_server import Front, json_error
from collector.collect import collect
from collector.declare import Depth
from collector.request import CollectError, CollectRequest, CollectResult, Part, Progress
from collector.snapshot import Snapshot, Status
from collector_world import KEY, PLANTED, REGIONS, SERVICES, World, contents, contents_of_run


def request(folder: Path, **changes: object) -> CollectRequest:
    return replace(
        CollectRequest(
            organisation=True,
            role_names=("audit",),
            regions=REGIONS,
            services=SERVICES,
            depth=Depth.CORE,
            snapshots=folder,
            redaction_key=KEY,
            workers=8,
        ),
        **changes,
    )


@pytest.fixture(scope="module")
def collected(world: World, tmp_path_factory: pytest.TempPathFactory) -> CollectResult:
    from collector_world import ENVIRONMENT

    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL", world.server.url)
        return collect(request(tmp_path_factory.mktemp("snapshots")))


@pytest.fixture(scope="module")
def snapshot(collected: CollectResult) -> Snapshot:
    return Snapshot.open(collected.path)


def test_every_account_is_there_with_its_own_resources(world: World, snapshot: Snapshot) -> None:
    assert set(snapshot.accounts) == {world.management, world.prod}
    names = {row["id"]: row["name"] for row in snapshot.manifest["accounts"]}
    assert names[world.prod] == "prod"
    owners = {item.account_id: item.item["OwnerId"] for item in snapshot.items("ec2:vpc")}
    assert owners == {world.management: world.management, world.prod: world.prod}
    users = [item.item["UserName"] for item in snapshot.items("iam:user", world.management)]
    assert users == ["alice"]
    assert list(snapshot.items("iam:user", world.prod)) == []


def test_the_tree_of_the_organisation_is_walked_down(world: World, snapshot: Snapshot) -> None:
    units = {item.item["Name"]: item for item in snapshot.items("org:organizational-unit")}
    assert set(units) == {"workloads", "production"}
    inside = units["production"].call("list_accounts_for_parent").value
    assert [account["Id"] for account in inside] == [world.prod]
    (root,) = snapshot.items("org:root")
    children = root.call("list_organizational_units_for_parent").value
    assert [child["Name"] for child in children] == ["workloads"]


def test_follow_ups_stand_with_their_item(world: World, snapshot: Snapshot) -> None:
    (bucket,) = snapshot.items("s3:bucket", world.prod)
    assert bucket.id == "arn:aws:s3:::prod.data"
    assert bucket.call("get_bucket_location").value == {"LocationConstraint": "eu-west-1"}
    assert bucket.call("get_bucket_policy").value["Policy"].startswith("{")
    assert bucket.call("get_bucket_encryption").known
    (balancer,) = snapshot.items("elbv2:load-balancer")
    ((arguments, rules),) = balancer.calls_of("describe_rules")
    listener = balancer.call("describe_listeners").value[0]["ListenerArn"]
    assert arguments == f"ListenerArn={listener}"
    assert rules.status is Status.OK
    (queue,) = snapshot.items("sqs:queue")
    assert queue.id == f"arn:aws:sqs:eu-west-1:{world.prod}:orders"
    assert queue.call("get_queue_attributes").value["Attributes"]["QueueArn"] == queue.id
    (key,) = snapshot.items("kms:key", world.prod, "eu-west-1")
    assert key.call("get_key_policy").value["Policy"]
    (report,) = snapshot.items("iam:credential-report", world.management)
    assert "alice" in report.call("get_credential_report").value["Content"]


def test_a_missing_operation_falls_back(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        json_error("UnknownOperationException", "", 404) if "/urls" in asked.path else None
    )
    (function,) = Snapshot.open(
        collect(request(tmp_path, services=("lambda:function",))).path
    ).items("lambda:function")
    assert function.call("list_function_url_configs").status is Status.NOT_SUPPORTED
    assert function.call("get_function_url_config").status is Status.ABSENT


def test_twin_a_page_that_is_not_found_is_a_gap(snapshot: Snapshot) -> None:
    """moto answers as anybody between us and AWS may."""
    (function,) = snapshot.items("lambda:function")
    assert function.call("list_function_url_configs").status is Status.ERROR
    assert function.call("get_function_url_config").status is Status.NOT_ATTEMPTED


def test_the_ledger_has_one_row_for_each_call_of_each_place(snapshot: Snapshot) -> None:
    keys = Counter((r.account_id, r.region, r.service, r.operation) for r in snapshot.ledger)
    assert set(keys.values()) == {1}
    for account in snapshot.accounts:
        for region in REGIONS:
            assert snapshot.status(account, region, "ec2", "describe_vpcs") is Status.OK
    counted = Counter(item.type for t in snapshot.types() for item in snapshot.items(t))
    listed = {r.type: 0 for r in snapshot.ledger if r.operation == "describe_vpcs"}
    for row in snapshot.ledger:
        if row.operation == "describe_vpcs":
            listed[row.type] += row.items
    assert listed == {"ec2:vpc": counted["ec2:vpc"]}


def test_what_the_endpoint_cannot_answer_is_a_gap(snapshot: Snapshot) -> None:
    missing = {row.operation for row in snapshot.gaps("ec2:vpc-bpa")}
    assert "describe_vpc_block_public_access_options" in missing


def test_no_secret_is_in_any_byte(collected: CollectResult, snapshot: Snapshot) -> None:
    everything = b"".join(path.read_bytes() for path in collected.path.rglob("*") if path.is_file())
    for where, secret in PLANTED.items():
        assert secret.encode() not in everything, where
        assert _base64(secret) not in everything, where
    (function,) = snapshot.items("lambda:function")
    variables = function.item["Environment"]["Variables"]
    assert variables["API_TOKEN"]["redacted"]["length"] == len(PLANTED["lambda"])
    assert variables["API_TOKEN"]["redacted"]["hits"] == ["password-assignment"]
    (instance,) = snapshot.items("ec2:instance")
    data = instance.call("describe_instance_attribute").value["UserData"]["Value"]
    assert data["redacted"]["hits"] == ["password-assignment"]
    (balancer,) = snapshot.items("elbv2:load-balancer")
    action = balancer.call("describe_listeners").value[0]["DefaultActions"][0]
    assert set(action["AuthenticateOidcConfig"]["ClientSecret"]) == {"redacted"}
    assert action["AuthenticateOidcConfig"]["ClientId"] == "mapper"


def _base64(secret: str) -> bytes:
    import base64

    # the middle of the secret, at an offset that does not depend on what stands before it
    return base64.b64encode(secret.encode())[4:-8]


def test_two_collections_of_one_world_are_byte_identical(
    endpoint: str, collected: CollectResult, tmp_path: Path
) -> None:
    again = collect(request(tmp_path, workers=3))
    assert contents_of_run(again.path) == contents_of_run(collected.path)


def test_no_call_is_made_twice(front, tmp_path: Path) -> None:
    collect(request(tmp_path))
    asked = Counter(
        (r.service, r.region, r.access_key, r.operation, tuple(sorted(r.params.items())))
        for r in front.asked
        # REST paths do not show headers and bodies; an error 5xx is asked again by botocore
        if r.params and "Block" not in r.operation and "VpcAssociations" not in r.operation
    )
    asked_twice = {key for key, times in asked.items() if times > 1}
    # the credential report is asked for once before and once after it is made
    assert {key[3] for key in asked_twice} <= {"GetCredentialReport"}


def test_only_what_is_named_is_collected_again(
    endpoint: str, world: World, collected: CollectResult, tmp_path: Path
) -> None:
    ec2 = world.client("ec2", "eu-west-1", world.prod)
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    try:
        again = collect(
            request(
                tmp_path,
                base=collected.path,
                only=(Part(world.prod, "eu-west-1", frozenset({"ec2:vpc"})),),
            )
        )
    finally:
        ec2.delete_vpc(VpcId=vpc)
    before, after = contents(collected.path), contents(again.path)
    changed = {file for file in after if before.get(file) != after[file]}
    assert changed == {f"accounts/{world.prod}/eu-west-1/ec2/vpc.jsonl", "coverage.jsonl"}
    assert set(after) == set(before)
    assert vpc.encode() in after[f"accounts/{world.prod}/eu-west-1/ec2/vpc.jsonl"]
    rows, old = (
        {(r.account_id, r.region, r.operation): r.items for r in Snapshot.open(path).ledger}
        for path in (again.path, collected.path)
    )
    assert set(rows) == set(old)
    changed_rows = {key for key in rows if rows[key] != old[key]}
    assert {operation for *_, operation in changed_rows} <= {
        "describe_vpcs",
        "describe_vpc_attribute",
    }
    assert (world.prod, "eu-west-1", "describe_vpcs") in changed_rows


def test_one_account_without_the_organisation(endpoint: str, world: World, tmp_path: Path) -> None:
    result = collect(
        request(tmp_path, organisation=False, services=("iam:user", "org:organization"))
    )
    assert result.accounts == (world.management,)
    types = Snapshot.open(result.path).types()
    assert {t.partition(":")[0] for t in types} == {"iam", "org"}


def test_regions_come_from_the_account(endpoint: str, tmp_path: Path) -> None:
    result = collect(request(tmp_path, regions=(), organisation=False, services=("aws:region",)))
    assert "eu-west-1" in result.regions
    # not opted in, and another partition
    assert not {"ap-east-1", "us-gov-west-1", "cn-north-1"} & set(result.regions)
    states = {i.id: i.item["OptInStatus"] for i in Snapshot.open(result.path).items("aws:region")}
    assert states["ap-east-1"] == "not-opted-in"


@pytest.mark.parametrize(
    ("changes", "message", "code"),
    [
        ({"regions": ("us-esat-1",)}, r"no AWS region named 'us-esat-1'.*us-east-1", 2),
        ({"regions": ("us-gov-west-1",)}, "no AWS region named 'us-gov-west-1'", 2),
        ({"services": ("lamda",)}, "'lamda' is no service.*lambda", 2),
        ({"skip": ("ec2:vcp",)}, "'ec2:vcp' is no service.*ec2:vpc", 2),
        ({"accounts": ("prdo",)}, "no account 'prdo'.*prod", 2),
        ({"profile": "nobody"}, "no AWS profile named 'nobody'", 2),
    ],
)
def test_wrong_names_are_refused_with_the_nearest(
    endpoint: str, tmp_path: Path, changes: dict, message: str, code: int
) -> None:
    with pytest.raises(CollectError, match=message) as caught:
        collect(request(tmp_path / "s", **changes))
    assert caught.value.exit_code == code
    assert not (tmp_path / "s").exists()


def test_a_region_that_is_not_enabled_is_named(endpoint: str, tmp_path: Path) -> None:
    result = collect(
        request(tmp_path, regions=("eu-west-1", "ap-east-1"), services=("sqs",), organisation=False)
    )
    assert any("has not enabled ap-east-1" in warning for warning in result.warnings)
    rows = [r for r in Snapshot.open(result.path).ledger if r.region == "ap-east-1"]
    assert [r.status for r in rows] == [Status.REGION_DISABLED]


def test_no_credentials(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CollectError, match=r"No AWS credentials were found.*aws sso login"):
        collect(request(tmp_path))


def test_an_unreachable_endpoint(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_server import free_port

    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CollectError, match=r"cannot be reached.*AWS_ENDPOINT_URL"):
        collect(request(tmp_path))


def test_a_region_in_the_configuration_that_nobody_has(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_server import free_port

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-wset-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CollectError, match=r"no AWS region named 'eu-wset-1'.*eu-west-1"):
        collect(request(tmp_path))


def test_an_output_that_cannot_be_written(endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CollectError, match=r"cannot be written.*--to"):
        collect(request(tmp_path / "file" / "snapshots"))


def test_progress_counts_every_job(endpoint: str, tmp_path: Path) -> None:
    class Counting(Progress):
        def __init__(self) -> None:
            self.jobs: Counter[tuple[str, str]] = Counter()
            self.ended: Counter[tuple[str, str]] = Counter()

        def planned(self, jobs, done) -> None:
            self.jobs.update(jobs)

        def finished(self, account_id, place, rows) -> None:
            self.ended[account_id, place] += 1

    seen = Counting()
    collect(request(tmp_path, services=("sqs", "sns", "iam")), seen)
    assert seen.jobs == seen.ended
    assert seen.jobs.total() > 0
