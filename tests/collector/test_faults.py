"""What goes wrong between us and AWS: denied, throttled, expired, cut into pages, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from aws_server import Answer, Front, Request, ec2_error, json_error, query_error
from collector.collect import collect
from collector.declare import Depth
from collector.patience import Patience
from collector.request import CollectError, CollectRequest
from collector.snapshot import Snapshot, Status
from collector_world import ENVIRONMENT, KEY, REGIONS, World, contents, contents_of_run


def request(folder: Path, **changes: object) -> CollectRequest:
    # A role that is not there: moto lets everybody in, and notes when a real one was last used.
    base = CollectRequest(
        role_names=("audit",),
        regions=("eu-west-1",),
        snapshots=folder,
        redaction_key=KEY,
        services=("ec2",),
        depth=Depth.CORE,
        workers=4,
        patience=Patience(attempts=4, first=0.01),
    )
    return replace(base, **changes)


SEVERAL = ("ec2:vpc", "ec2:image", "sns", "kms", "secretsmanager")


@pytest.fixture(scope="module")
def undisturbed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of all that some tests disturb."""
    return _collected(world, request(tmp_path_factory.mktemp("undisturbed"), services=SEVERAL))


def _collected(world: World, wanted: CollectRequest) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL", world.server.url)
        return collect(wanted).path


@pytest.mark.parametrize(
    ("service", "operation", "answer", "row", "status"),
    [
        (
            "ec2",
            "DescribeVpcs",
            ec2_error("UnauthorizedOperation", "You are not authorized"),
            "describe_vpcs",
            Status.DENIED,
        ),
        (
            "sns",
            "ListTopics",
            query_error("AuthorizationError", "no"),
            "list_topics",
            Status.DENIED,
        ),
        (
            "kms",
            "ListKeys",
            json_error("AccessDeniedException", "explicit deny in a service control policy"),
            "list_keys",
            Status.DENIED,
        ),
        (
            "secretsmanager",
            "ListSecrets",
            Answer(200, "{not json", {"Content-Type": "application/x-amz-json-1.1"}),
            "list_secrets",
            Status.ERROR,
        ),
    ],
)
def test_one_call_that_fails_is_named_and_the_rest_is_done(
    front: Front,
    undisturbed: Path,
    tmp_path: Path,
    service: str,
    operation: str,
    answer: Answer,
    row: str,
    status: Status,
) -> None:
    whole = Snapshot.open(undisturbed)
    front.rule = lambda asked: answer if asked.operation == operation else None
    broken = Snapshot.open(collect(request(tmp_path, services=SEVERAL)).path)
    before = {(r.region, r.operation): r for r in whole.ledger}
    changed = {r.operation: r for r in broken.ledger if r != before[r.region, r.operation]}
    assert changed[row].status is status
    assert changed[row].is_gap
    # and the follow-ups of that list, which nobody could ask
    assert {r.status for name, r in changed.items() if name != row} <= {Status.NOT_ATTEMPTED}
    lost = set(contents(whole.path)) - set(contents(broken.path))
    assert all(changed[row].type.replace(":", "/") in file for file in lost)


def test_awss_words_on_who_denies_are_kept(front: Front, tmp_path: Path) -> None:
    words = "with an explicit deny in a service control policy"
    front.rule = lambda asked: (
        json_error("AccessDeniedException", words) if asked.operation == "ListKeys" else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("kms",))).path)
    (row,) = [r for r in snapshot.ledger if r.operation == "list_keys"]
    assert (row.code, row.message) == ("AccessDeniedException", words)
    (after,) = [r for r in snapshot.ledger if r.operation == "get_key_policy"]
    assert (after.status, after.calls) == (Status.NOT_ATTEMPTED, 0)


def test_one_denied_follow_up_of_many_shows(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        Answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        if asked.operation.startswith("/org-logs?policy") and "Status" not in asked.operation
        else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("s3:bucket",))).path)
    (bucket,) = snapshot.items("s3:bucket", world.management)
    assert bucket.call("get_bucket_policy").status is Status.DENIED
    assert bucket.call("get_bucket_policy").error == "AccessDenied: no"
    assert bucket.call("get_bucket_acl").status is Status.OK
    assert [row.operation for row in snapshot.gaps()] == ["get_bucket_policy"]


def test_throttling_is_waited_out(front: Front, tmp_path: Path) -> None:
    refused = []

    def twice(asked: Request) -> Answer | None:
        if asked.operation == "DescribeVpcs" and len(refused) < 2:
            refused.append(asked)
            return ec2_error("RequestLimitExceeded", "slow down", 503)
        return None

    front.rule = twice
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    assert len(refused) == 2
    assert {r.status for r in snapshot.ledger} == {Status.OK}


def test_endless_throttling_is_a_gap(front: Front, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        ec2_error("RequestLimitExceeded", "slow down", 503)
        if asked.operation == "DescribeVpcs"
        else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    assert [r.status for r in snapshot.ledger if r.calls] == [Status.THROTTLED]


VPC = (
    "<item><vpcId>vpc-{n:08d}</vpcId><ownerId>123456789012</ownerId>"
    "<cidrBlock>10.0.0.0/16</cidrBlock></item>"
)


def vpc_page(numbers: range, token: str) -> Answer:
    items = "".join(VPC.format(n=n) for n in numbers)
    following = f"<nextToken>{token}</nextToken>" if token else ""
    return Answer(
        200,
        f"<DescribeVpcsResponse><vpcSet>{items}</vpcSet>{following}</DescribeVpcsResponse>",
        {"Content-Type": "text/xml"},
    )


def test_every_page_is_read_and_pages_are_asked_for_in_full_size(
    front: Front, tmp_path: Path
) -> None:
    pages = {"": (range(3), "a"), "a": (range(0), "b"), "b": (range(3, 5), "")}
    front.rule = lambda asked: (
        vpc_page(*pages[asked.params.get("NextToken", "")])
        if asked.operation == "DescribeVpcs"
        else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    assert len(list(snapshot.items("ec2:vpc"))) == 5
    (row,) = [r for r in snapshot.ledger if r.operation == "describe_vpcs"]
    assert (row.items, row.calls) == (5, 1)
    asked = [r.params for r in front.asked if r.operation == "DescribeVpcs"]
    assert [p["MaxResults"] for p in asked] == ["1000"] * 3


def test_a_page_that_fails_keeps_the_ones_before_and_shows(front: Front, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        None
        if asked.operation != "DescribeVpcs"
        else ec2_error("UnauthorizedOperation", "no")
        if "NextToken" in asked.params
        else vpc_page(range(3), "a")
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    assert len(list(snapshot.items("ec2:vpc"))) == 3
    (row,) = [r for r in snapshot.gaps("ec2:vpc") if r.operation == "describe_vpcs"]
    assert (row.status, row.items) == (Status.DENIED, 3)


def test_a_token_that_repeats_ends(front: Front, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        vpc_page(range(3), "a") if asked.operation == "DescribeVpcs" else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    assert len(list(snapshot.items("ec2:vpc"))) == 3
    assert [r.status for r in snapshot.gaps()] == [Status.ERROR]


def test_an_item_without_an_id_is_an_error_not_a_loss_in_silence(
    front: Front, tmp_path: Path
) -> None:
    strange = "<DescribeVpcsResponse><vpcSet><item><x/></item></vpcSet></DescribeVpcsResponse>"
    front.rule = lambda asked: (
        Answer(200, strange, {"Content-Type": "text/xml"})
        if asked.operation == "DescribeVpcs"
        else None
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("ec2:vpc",))).path)
    (row,) = [r for r in snapshot.gaps("ec2:vpc") if r.operation == "describe_vpcs"]
    assert (row.status, row.message) == (Status.ERROR, "an item has no VpcId")


def test_a_role_that_cannot_be_assumed_is_named_and_the_rest_done(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = lambda asked: (
        query_error("AccessDenied", "User may not sts:AssumeRole")
        if asked.operation == "AssumeRole"
        else None
    )
    result = collect(request(tmp_path, organisation=True, services=("ec2:vpc", "sqs")))
    assert result.exit_code == 4
    assert result.accounts == (world.management,)
    (left,) = result.left_out
    assert left.account_id == world.prod
    assert "OrganizationAccountAccessRole: AccessDenied: User may not" in left.reason
    assert "audit: AccessDenied" in left.reason
    assert "AWSControlTowerExecution" in left.reason
    snapshot = Snapshot.open(result.path)
    assert [r.account_id for r in snapshot.gaps("ec2:vpc")] == [world.prod]


def test_the_given_role_is_tried_first_with_the_external_id(
    front: Front, world: World, tmp_path: Path
) -> None:
    collect(
        request(
            tmp_path,
            organisation=True,
            role_names=("Assessor",),
            external_id="id-1",
            services=("sqs",),
        )
    )
    assumed = [r.params for r in front.asked if r.operation == "AssumeRole"]
    assert [p["RoleArn"] for p in assumed] == [f"arn:aws:iam::{world.prod}:role/Assessor"]
    assert assumed[0]["ExternalId"] == "id-1"


def test_the_organisation_cannot_be_listed(front: Front, tmp_path: Path) -> None:
    front.rule = lambda asked: (
        json_error("AccessDeniedException", "no") if asked.operation == "ListAccounts" else None
    )
    with pytest.raises(CollectError, match="management account"):
        collect(request(tmp_path, organisation=True))


def test_expired_credentials_at_the_start(front: Front, tmp_path: Path) -> None:
    front.rule = lambda asked: query_error("ExpiredToken", "expired")
    with pytest.raises(CollectError, match=r"expired.*Renew"):
        collect(request(tmp_path))


def test_credentials_that_expire_on_the_way_keep_what_is_done(front: Front, tmp_path: Path) -> None:
    parts = ("ec2:vpc", "ec2:subnet", "sns")
    whole = collect(request(tmp_path / "whole", services=parts, fresh=True))
    front.rule = lambda asked: (
        query_error("ExpiredToken", "expired") if asked.service == "sns" else None
    )
    with pytest.raises(CollectError, match=r"expired.*continues") as caught:
        collect(request(tmp_path / "cut", services=parts, workers=1))
    assert caught.value.exit_code == 1
    front.rule = None
    front.asked.clear()
    resumed = collect(request(tmp_path / "cut", services=parts))
    assert resumed.path == caught.value.path
    assert resumed.resumed
    assert "DescribeVpcs" not in {r.operation for r in front.asked}
    assert contents(resumed.path) == contents(whole.path)


def test_cancelling_keeps_what_is_done(front: Front, tmp_path: Path) -> None:
    cancel = threading.Event()
    front.delay = 0.05
    front.rule = lambda asked: cancel.set() if len(front.asked) > 8 else None
    with pytest.raises(CollectError, match=r"Stopped; .*continues"):
        collect(request(tmp_path), cancel=cancel)
    front.rule, front.delay = None, 0.0
    assert collect(request(tmp_path)).resumed


def test_fresh_starts_anew(front: Front, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CollectError):
        collect(request(tmp_path), cancel=cancel)
    assert not collect(request(tmp_path, fresh=True)).resumed


SCRIPT = """
import sys
from pathlib import Path
from collector.collect import collect
from collector.declare import Depth
from collector.request import CollectRequest
collect(CollectRequest(organisation=True, role_names=('audit',), regions={regions!r},
                       snapshots=Path({folder!r}), redaction_key={key!r},
                       services={services!r}, depth=Depth.CORE, workers=4))
"""


# Not sqs: moto puts the endpoint that was asked into the URL of a queue.
KILLED = ("iam", "org", "s3", "sns", "kms", "lambda", "elbv2", "ram")


@pytest.fixture(scope="module")
def unbroken(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    return _collected(world, request(folder, organisation=True, regions=REGIONS, services=KILLED))


@pytest.mark.parametrize("after", [3, 25, 60])
def test_a_killed_run_continues_to_the_same_snapshot(
    front: Front, unbroken: Path, tmp_path: Path, after: int
) -> None:
    script = SCRIPT.format(regions=REGIONS, folder=str(tmp_path), key=KEY, services=KILLED)
    process = subprocess.Popen([sys.executable, "-c", script], env=dict(os.environ))
    deadline = time.monotonic() + 60
    while len(front.asked) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL, "it was done before it could be killed"
    resumed = collect(request(tmp_path, organisation=True, regions=REGIONS, services=KILLED))
    assert contents_of_run(resumed.path) == contents_of_run(unbroken)
    # Killed before a snapshot was begun, there is nothing to continue.
    assert resumed.resumed or after < 10
    assert len(list(tmp_path.iterdir())) == 1


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
"""


def _run(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script], env=dict(os.environ), stderr=subprocess.PIPE, text=True
    )


def test_a_disk_that_takes_no_more_keeps_what_is_done(
    front: Front, unbroken: Path, tmp_path: Path
) -> None:
    script = SCRIPT.format(regions=REGIONS, folder=str(tmp_path), key=KEY, services=KILLED)
    process = _run(LIMITED + script)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "CollectError: The snapshot cannot be written" in words
    assert "continues" in words
    resumed = collect(request(tmp_path, organisation=True, regions=REGIONS, services=KILLED))
    assert resumed.resumed
    assert contents_of_run(resumed.path) == contents_of_run(unbroken)


def test_an_interrupt_keeps_what_is_done(front: Front, unbroken: Path, tmp_path: Path) -> None:
    front.delay = 0.05
    script = SCRIPT.format(regions=REGIONS, folder=str(tmp_path), key=KEY, services=KILLED)
    process = _run(script)
    while len(front.asked) < 20 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert "CollectError: Stopped; " in words
    front.delay = 0.0
    resumed = collect(request(tmp_path, organisation=True, regions=REGIONS, services=KILLED))
    assert resumed.resumed
    assert contents_of_run(resumed.path) == contents_of_run(unbroken)
