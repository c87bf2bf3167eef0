"""Regions and partitions: which there are, which are off, closed by policy, or out of reach."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore import exceptions
from urllib3.exceptions import NameResolutionError

from aws_server import Answer, Front, Request, ec2_error, json_error, query_error
from collector.closed_regions import PROBES, ClosedRegions
from collector.collect import collect
from collector.outcome import Outcome
from collector.patience import Patience
from collector.reach import GIVE_UP_AFTER, NetworkGoneError, Reach, is_no_such_name
from collector.request import CollectError, CollectRequest
from collector.services import TYPES
from collector.session import Clients
from collector.snapshot import Snapshot, Status
from collector_world import KEY, World, contents

SCP = "with an explicit deny in a service control policy"
SERVICES = ("ec2:vpc", "lambda", "rds", "sqs", "sns", "kms", "secretsmanager")


def request(folder: Path, **changes: object) -> CollectRequest:
    base = CollectRequest(
        regions=("eu-west-1", "us-east-1"),
        snapshots=folder,
        redaction_key=KEY,
        services=SERVICES,
        workers=4,
        patience=Patience(attempts=1, network_attempts=1),
    )
    return replace(base, **changes)


def denied(r: Request, words: str) -> Answer:
    message = f"User: arn:aws:iam::123456789012:user/a is not authorized {words}"
    if r.service == "ec2":
        return ec2_error("UnauthorizedOperation", message)
    if r.service in ("kms", "secretsmanager", "lambda"):
        return json_error("AccessDeniedException", message, 400 if r.service == "kms" else 403)
    return query_error("AccessDenied", message)


def closed(*regions: str, words: str = SCP, but: tuple[str, ...] = ()):
    def rule(r: Request) -> Answer | None:
        everywhere = r.service in ("sts", "iam") or r.operation == "DescribeRegions"
        if r.region not in regions or everywhere or r.service in but:
            return None
        return denied(r, words)

    return rule


def in_region(front: Front, region: str) -> Counter[str]:
    return Counter(
        r.service
        for r in front.asked
        if r.region == region and r.operation not in ("DescribeRegions", "GetCallerIdentity")
    )


# Opt-in states


def test_states_are_in_the_manifest_and_what_is_off_in_the_ledger(
    front: Front, world: World, tmp_path: Path
) -> None:
    result = collect(request(tmp_path, regions=(), services=("aws:region",)))
    snapshot = Snapshot.open(result.path)
    (account,) = snapshot.manifest["accounts"]
    assert account["region_states"]["ap-east-1"] == "not-opted-in"
    assert account["region_states"]["eu-west-1"] == "opt-in-not-required"
    assert "ap-east-1" not in account["regions"]
    off = [row for row in snapshot.ledger if row.status is Status.REGION_DISABLED]
    not_opted_in = {r for r, s in account["region_states"].items() if s == "not-opted-in"}
    assert Counter(row.region for row in off) == dict.fromkeys(not_opted_in, 1)
    assert {(row.calls, row.code, row.is_gap) for row in off} == {(0, "not-opted-in", False)}
    assert not {r.region for r in front.asked} & not_opted_in


def test_where_ec2_does_not_say_account_management_does(
    front: Front, world: World, tmp_path: Path
) -> None:
    listed = [
        {"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"},
        {"RegionName": "af-south-1", "RegionOptStatus": "DISABLED"},
        {"RegionName": "me-south-1", "RegionOptStatus": "ENABLED"},
    ]

    def rule(r: Request) -> Answer | None:
        if r.operation == "DescribeRegions":
            return ec2_error("UnauthorizedOperation", "no")
        if r.operation.startswith("/listRegions"):
            return Answer(
                200, json.dumps({"Regions": listed}), {"Content-Type": "application/json"}
            )
        return None

    front.rule = rule
    result = collect(request(tmp_path, regions=(), services=("sns",)))
    assert result.regions == ("eu-west-1", "me-south-1")
    assert not any("does not say which regions" in text for text in result.warnings)


def test_where_nobody_says_all_that_botocore_knows_are_tried(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = lambda r: (
        ec2_error("UnauthorizedOperation", "no")
        if r.operation == "DescribeRegions" or r.operation.startswith("/listRegions")
        else None
    )
    result = collect(request(tmp_path, regions=(), services=("sns",)))
    assert len(result.regions) > 30
    assert any("does not say which regions it has" in text for text in result.warnings)
    (account,) = Snapshot.open(result.path).manifest["accounts"]
    assert account["region_states"] == {}


# Regions that a policy closes


def test_a_closed_region_is_told_in_few_calls(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = closed("eu-west-1")
    snapshot = Snapshot.open(collect(request(tmp_path)).path)
    rows = [row for row in snapshot.ledger if row.region == "eu-west-1"]
    assert {row.status for row in rows} == {Status.REGION_DENIED}
    assert all("service control policy" in row.message for row in rows)
    # each service once, whatever it could have been asked
    calls = in_region(front, "eu-west-1")
    assert set(calls.values()) == {1}
    assert sum(row.calls for row in rows) == calls.total()
    assert calls.total() < len(rows)
    assert Status.REGION_DENIED not in {
        r.status for r in snapshot.ledger if r.region != "eu-west-1"
    }


def test_its_twin_without_a_policys_name_is_asked_everything(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = closed("eu-west-1", words="because no identity-based policy allows it")
    snapshot = Snapshot.open(collect(request(tmp_path)).path)
    listed = [
        row
        for row in snapshot.ledger
        if row.region == "eu-west-1" and row.operation.startswith(("list_", "describe_"))
    ]
    assert sum(in_region(front, "eu-west-1").values()) == sum(row.calls for row in listed)
    asked = {(row.service, row.operation): row.calls for row in listed}
    assert asked["sns", "list_topics"] == asked["kms", "list_keys"] == 1
    assert asked["rds", "describe_db_instances"] == asked["rds", "describe_db_clusters"] == 1


def test_what_the_policy_exempts_is_collected(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = closed("eu-west-1", but=("kms",))
    snapshot = Snapshot.open(collect(request(tmp_path)).path)
    statuses = {
        (r.service, r.operation): r.status for r in snapshot.ledger if r.region == "eu-west-1"
    }
    assert statuses["kms", "list_keys"] in (Status.OK, Status.EMPTY)
    assert statuses["sns", "list_topics"] is Status.REGION_DENIED
    assert statuses["rds", "describe_db_clusters"] is Status.REGION_DENIED


def test_a_region_with_one_probe_answered_is_not_closed(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = closed("eu-west-1", but=("sqs",))
    asked_for = ("ec2:vpc", "lambda", "rds", "sqs", "sns", "kms:key")
    snapshot = Snapshot.open(collect(request(tmp_path, services=asked_for)).path)
    assert in_region(front, "eu-west-1")["rds"] > 1
    rows = [r for r in snapshot.ledger if r.region == "eu-west-1" and r.service != "sqs"]
    assert not [r for r in rows if r.status is Status.REGION_DENIED and r.calls == 0 and r.items]


def test_an_account_that_is_denied_everywhere_is_asked_everything(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = closed("eu-west-1", "us-east-1")
    snapshot = Snapshot.open(collect(request(tmp_path)).path)
    assert Status.REGION_DENIED not in {row.status for row in snapshot.ledger}
    assert in_region(front, "eu-west-1")["rds"] > 1


def test_few_services_do_not_tell_a_region(front: Front, world: World, tmp_path: Path) -> None:
    front.rule = closed("eu-west-1")
    snapshot = Snapshot.open(collect(request(tmp_path, services=("sns", "sqs"))).path)
    rows = [row for row in snapshot.ledger if row.region == "eu-west-1"]
    assert {row.status for row in rows if row.calls} == {Status.DENIED}


def test_an_open_region_costs_no_call_more(front: Front, world: World, tmp_path: Path) -> None:
    collect(request(tmp_path, services=("ec2:subnet", "lambda", "rds", "sqs", "sns", "kms")))
    again = Counter(
        (r.region, r.service, r.operation, tuple(sorted(r.params.items())), r.path)
        for r in front.asked
        if r.params
    )
    assert max(again.values()) == 1


def test_two_runs_against_closed_regions_leave_the_same(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = closed("eu-west-1", but=("kms",))
    # not sqs: moto puts the endpoint into the URL of a queue
    services = ("ec2:vpc", "lambda:function", "rds", "sns", "kms", "secretsmanager", "elbv2")
    runs = [
        contents(collect(request(tmp_path / str(n), services=services, workers=n)).path)
        for n in (1, 6)
    ]
    assert runs[0] == runs[1]


def test_the_probes_are_declared_and_enough() -> None:
    gate = ClosedRegions(TYPES.values(), lambda ask: None)
    assert len(gate._probes) == PROBES


# Out of reach


def unreachable() -> Outcome:
    return Outcome(Status.UNREACHABLE, "ConnectTimeoutError", "no", "timeout")


def test_an_endpoint_is_given_up_after_some_failures_and_its_region_after_more() -> None:
    reach = Reach(lambda: True)
    for _ in range(GIVE_UP_AFTER):
        assert reach.refusal("lightsail", "eu-west-1") is None
        reach.failed("lightsail", "eu-west-1", unreachable())
    assert reach.refusal("lightsail", "eu-west-1") is not None
    assert reach.refusal("ec2", "eu-west-1") is None
    for client in ("a", "b", "c", "d"):
        reach.failed(client, "eu-west-1", unreachable())
    refusal = reach.refusal("ec2", "eu-west-1")
    assert refusal is not None
    assert (refusal.status, refusal.asked) == (Status.UNREACHABLE, False)
    assert reach.refusal("ec2", "us-east-1") is None


def test_a_region_where_something_answers_is_not_given_up() -> None:
    reach = Reach(lambda: True)
    reach.answered("sts", "eu-west-1")
    for client in ("a", "b", "c", "d", "e", "f"):
        reach.failed(client, "eu-west-1", unreachable())
    assert reach.refusal("ec2", "eu-west-1") is None


@pytest.mark.parametrize("answers", [True, False])
def test_whether_the_network_is_gone_is_asked_of_what_answered_before(answers: bool) -> None:
    reach = Reach(lambda: answers)
    failures = [(client, region) for client in "abcdef" for region in ("x", "y")]
    if answers:
        for client, region in failures:
            reach.failed(client, region, unreachable())
        return
    with pytest.raises(NetworkGoneError, match="ConnectTimeoutError"):
        [reach.failed(client, region, unreachable()) for client, region in failures]
    with pytest.raises(NetworkGoneError):
        reach.refusal("z", "z")


def test_no_such_host_is_not_a_name_service_out_of_order() -> None:
    def raised(code: int) -> exceptions.EndpointConnectionError:
        try:
            try:
                raise socket.gaierror(code, "name")
            except socket.gaierror as problem:
                raise NameResolutionError("h", None, problem) from problem
        except NameResolutionError as problem:
            return exceptions.EndpointConnectionError(endpoint_url="https://h", error=problem)

    assert is_no_such_name(raised(socket.EAI_NONAME))
    assert not is_no_such_name(raised(socket.EAI_AGAIN))
    assert not is_no_such_name(exceptions.ConnectTimeoutError(endpoint_url="https://h"))


def test_a_service_that_a_region_does_not_have_is_not_supported_there(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.invalid")
    monkeypatch.setattr(
        Clients,
        "known_regions",
        lambda self, service, partition=None: frozenset({"us-east-1"}),
    )
    snapshot = Snapshot.open(collect(request(tmp_path, services=("lambda:function",))).path)
    rows = {r.region: r for r in snapshot.ledger if r.operation == "list_functions"}
    assert rows["eu-west-1"].status is Status.NOT_SUPPORTED
    assert rows["eu-west-1"].code == "unsupported_region"
    # its twin is a region that has the service: there, silence hides something
    assert (rows["us-east-1"].status, rows["us-east-1"].code) == (Status.UNREACHABLE, "dns")


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """A proxy that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        held = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for connection in held:
            connection.close()


SHORT = Patience(attempts=2, network_attempts=2, first=0.01, connect_seconds=0.5, read_seconds=0.5)


def test_behind_a_proxy_that_swallows_everything_it_ends_with_a_message(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with black_hole() as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.invalid")
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(CollectError, match=r"cannot be reached.*proxy"):
            collect(request(tmp_path, patience=SHORT))
    assert not list(tmp_path.iterdir())


def test_a_network_that_goes_away_on_the_way_ends_the_run_unfinished(
    front: Front, world: World, tmp_path: Path
) -> None:
    gone = threading.Event()
    hold = threading.Event()

    def rule(r: Request) -> Answer | None:
        if r.operation == "ListTopics":
            gone.set()
        if gone.is_set():
            hold.wait(20)
        return None

    front.rule = rule
    services = ("sns", "kms", "rds", "lambda", "ecr", "elb", "elbv2", "secretsmanager", "eks")
    asked_for = request(tmp_path, services=(*services, "ec2:vpc", "iam:user"), patience=SHORT)
    try:
        with pytest.raises(CollectError, match=r"cannot be reached any more.*continues") as caught:
            collect(asked_for)
    finally:
        hold.set()
        front.rule = None
    assert caught.value.exit_code == 1
    # what nobody answered meanwhile is asked again
    resumed = collect(replace(asked_for, patience=Patience()))
    assert resumed.path == caught.value.path
    assert Status.UNREACHABLE not in {row.status for row in Snapshot.open(resumed.path).ledger}


# Partitions


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-northwest-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_other_partitions_end_to_end(
    front: Front,
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    region: str,
    partition: str,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    topic = world.client("sns", region).create_topic(Name="orders")["TopicArn"]
    result = collect(
        request(
            tmp_path,
            regions=(region,),
            accounts=(world.management, world.prod),
            role_names=("audit",),
            services=("sns", "ec2:vpc", "aws:account", "aws:region"),
        )
    )
    assert set(result.accounts) == {world.management, world.prod}
    snapshot = Snapshot.open(result.path)
    assert {row["partition"] for row in snapshot.manifest["accounts"]} == {partition}
    assert topic.startswith(f"arn:{partition}:")
    assert [item.id for item in snapshot.items("sns:topic", world.management)] == [topic]
    ids = [item.id for type_id in snapshot.types() for item in snapshot.items(type_id)]
    assert not [name for name in ids if name.startswith("arn:aws:")]
    assumed = [r.params["RoleArn"] for r in front.asked if r.operation == "AssumeRole"]
    assert assumed == [f"arn:{partition}:iam::{world.prod}:role/audit"]
    assert {r.region for r in front.asked} == {region}


def test_the_first_region_of_each_partition_is_botocores() -> None:
    clients = Clients()
    assert clients.first_region("aws") == "us-east-1"
    assert clients.first_region("aws-cn") == "cn-northwest-1"
    assert clients.first_region("aws-us-gov") == "us-gov-west-1"
    for partition in ("aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"):
        assert clients.partition_of(clients.first_region(partition)) == partition
    assert clients.first_region("aws-moon") == ""


_CONSTANT = re.compile(r"arn:aws[a-z-]*:|amazonaws|api\.aws")
_PROSE = re.compile(r'^\s*(#|https?://|>>>)|"""|``|example', re.IGNORECASE)


def test_no_arn_or_host_of_the_collector_is_a_constant() -> None:
    root = Path(__file__).parents[2] / "collector"
    found = []
    for path in sorted(root.rglob("*.py")):
        prose = False
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            quotes = line.count('"""')
            if _CONSTANT.search(line) and not prose and not quotes and not _PROSE.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {line.strip()}")
            prose ^= quotes % 2 == 1
    assert not found
