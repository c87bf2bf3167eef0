"""What is said to be nowhere, not in use or not offered is a fact; what only sounds so is a gap."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aws_server import Answer, Front, json_error
from aws_wire.faults import Fault
from aws_wire.identity import ACCOUNT, Estate
from aws_wire.process import environment
from aws_wire.requests import Request
from aws_wire.server import Wire, WireServer
from aws_wire.synthetic import SyntheticWorld
from collector.collect import collect
from collector.patience import Patience
from collector.request import CollectRequest
from collector.services.organizations import POLICY_TYPES
from collector.session import Clients
from collector.snapshot import Snapshot
from collector.snapshot.ledger import LedgerRow, Status
from collector_world import KEY

HURRIED = Patience(attempts=1, network_attempts=1, first=0.001, longest=0.002)
REGIONS = ("eu-west-1", "us-east-1")


class Hooked:
    """A world in which some operations answer differently."""

    def __init__(self) -> None:
        self._inner = SyntheticWorld(items=2, elements=2, page_size=1)
        self.answers: dict[str, Any] = {}

    def answer(self, request: Request) -> Any:
        hook = self.answers.get(request.operation.name)
        if hook is None:
            return self._inner.answer(request)
        return hook(lambda: self._inner.answer(request))


class Place:
    """A wire server with faults and hooks, and collections from it."""

    def __init__(self) -> None:
        self.world = Hooked()
        self.wire = Wire([self.world], Estate(regions=REGIONS))
        self.server = WireServer(self.wire)

    def rows(self, folder: Path, *services: str, **changes: Any) -> dict[str, LedgerRow]:
        """The ledger by operation."""
        request = CollectRequest(
            services=services,
            regions=("eu-west-1",),
            snapshots=folder,
            redaction_key=KEY,
            patience=HURRIED,
        )
        ledger = Snapshot.open(collect(replace(request, **changes)).path).ledger
        return {row.operation: row for row in ledger if row.region in ("global", "eu-west-1")}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    found = Place()
    for name, value in environment(found.server.url, ACCOUNT).items():
        monkeypatch.setenv(name, value)
    yield found
    found.server.stop()


# Hosts without a name


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name service that knows this machine alone."""
    real = socket.getaddrinfo

    def known(host: Any, *rest: Any, **more: Any) -> Any:
        if host in ("127.0.0.1", "localhost", b"127.0.0.1"):
            return real(host, *rest, **more)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.mark.parametrize(
    ("service", "client", "operation"),
    [
        ("iam:user", "IAM", "get_account_authorization_details"),
        ("route53:zone", "ROUTE_53", "list_hosted_zones"),
        ("cloudfront:distribution", "CLOUDFRONT", "list_distributions"),
    ],
)
def test_a_global_service_is_never_nowhere(
    place: Place,
    names: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    client: str,
    operation: str,
) -> None:
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{client}", "http://blocked.amazonaws.com")
    row = place.rows(tmp_path, service)[operation]
    assert (row.status, row.code) == (Status.UNREACHABLE, "dns")


@pytest.mark.parametrize("listed", [{"us-east-1"}, {"us-east-1", "eu-west-1"}, set()])
@pytest.mark.parametrize("blocked", [False, True])
def test_a_service_is_nowhere_if_it_is_listed_elsewhere_and_the_region_has_names(
    place: Place,
    names: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listed: set[str],
    blocked: bool,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.invalid")
    known = frozenset(listed)
    monkeypatch.setattr(Clients, "known_regions", lambda self, service, partition=None: known)
    if blocked:
        monkeypatch.setattr("collector.live.resolves", _none_of_the_regions_hosts)
    row = place.rows(tmp_path, "lambda:function")["list_functions"]
    is_nowhere = listed == {"us-east-1"} and not blocked
    assert row.status is (Status.NOT_SUPPORTED if is_nowhere else Status.UNREACHABLE)


def _none_of_the_regions_hosts(url: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [
        ("http://s3express-control.invalid", Status.NOT_SUPPORTED),
        # its twins: another host, and one that does not take the connection
        ("http://s3.invalid", Status.UNREACHABLE),
        ("http://s3express-control.localhost:9", Status.UNREACHABLE),
    ],
)
def test_s3_express_is_not_everywhere(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    status: Status,
) -> None:
    real = socket.getaddrinfo

    def known(host: Any, *rest: Any, **more: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    row = place.rows(tmp_path, "s3:directory-bucket")["list_directory_buckets"]
    assert row.status is status


# Codes with two meanings


@pytest.mark.parametrize(
    ("service", "name", "code", "message", "status"),
    [
        ("lambda", "list_functions", "ResourceNotFoundException", "not found", Status.ERROR),
        ("secretsmanager", "list_secrets", "ResourceNotFoundException", "x", Status.ERROR),
        ("lambda", "list_functions", "UnknownOperationException", "", Status.NOT_SUPPORTED),
        ("ec2", "describe_instances", "UnsupportedOperation", "no", Status.ERROR),
        ("ec2", "describe_instances", "InvalidAction", "not valid", Status.NOT_SUPPORTED),
        (
            "ec2",
            "describe_instances",
            "UnsupportedOperation",
            "The functionality is not supported in this region.",
            Status.NOT_SUPPORTED,
        ),
        # declared for this operation
        (
            "cloudtrail",
            "list_event_data_stores",
            "UnsupportedOperationException",
            "no",
            Status.NOT_SUPPORTED,
        ),
        ("ec2", "describe_instances", "OptInRequired", "You are not subscribed", Status.ERROR),
        ("lightsail", "get_instances", "OptInRequired", "not subscribed", Status.NOT_ENABLED),
        (
            "securityhub",
            "describe_hub",
            "InvalidAccessException",
            "The account doesn't have permission to perform this action.",
            Status.DENIED,
        ),
        (
            "securityhub",
            "describe_hub",
            "InvalidAccessException",
            "Account 111122223333 is not subscribed to AWS Security Hub",
            Status.NOT_ENABLED,
        ),
        # of an item that is gone
        ("lambda", "get_policy", "ResourceNotFoundException", "x", Status.ABSENT),
    ],
)
def test_a_code_counts_where_it_can_mean_that(
    place: Place,
    tmp_path: Path,
    service: str,
    name: str,
    code: str,
    message: str,
    status: Status,
) -> None:
    place.wire.faults.set(
        (Fault(effect="error", operation=name, code=code, message=message, status=400),)
    )
    types = {
        "lambda": "lambda:function",
        "secretsmanager": "secretsmanager:secret",
        "ec2": "ec2:instance",
        "cloudtrail": "cloudtrail:event-data-store",
        "lightsail": "lightsail:instance",
        "securityhub": "sh:hub",
    }
    assert place.rows(tmp_path, types[service])[name].status is status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("x", 501),
        ("ResourceNotFoundException", 404),
        ("UnknownOperationException", 404),
        ("SubscriptionRequiredException", 400),
    ],
)
def test_after_one_page_the_rest_is_missing(
    place: Place, tmp_path: Path, code: str, status: int
) -> None:
    place.wire.faults.set(
        (
            Fault(
                effect="error",
                operation="list_functions",
                first=2,
                code=code,
                message="no",
                status=status,
            ),
        )
    )
    row = place.rows(tmp_path, "lambda:function")["list_functions"]
    assert (row.status, row.items) == (Status.ERROR, 1)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("You specified an invalid policy type string.", Status.NOT_SUPPORTED),
        ("You specified an invalid value.", Status.NOT_SUPPORTED),
        ("You provided an invalid NextToken.", Status.ERROR),
    ],
)
def test_only_a_type_of_policies_is_not_supported(
    place: Place, tmp_path: Path, words: str, status: Status
) -> None:
    code = "InvalidInputException"
    for policy_type in POLICY_TYPES:
        place.wire.faults.set(
            (
                Fault(
                    effect="error",
                    operation="list_policies",
                    params=policy_type,
                    code=code,
                    message=words,
                    status=400,
                ),
            )
        )
        rows = place.rows(tmp_path / policy_type, "org:policy", organisation=True)
        scps = policy_type == "SERVICE_CONTROL_POLICY"
        gap = status is Status.ERROR or scps
        assert rows["list_policies"].is_gap is gap, policy_type


# Pages


def test_more_without_a_place_to_go_on_from_is_a_gap(place: Place, tmp_path: Path) -> None:
    def cut(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        whole = {key: value for key, value in answer().items() if key != "Marker"}
        return {**whole, "IsTruncated": True}

    place.world.answers["get_account_authorization_details"] = cut
    row = place.rows(tmp_path / "cut", "iam:user")["get_account_authorization_details"]
    assert (row.status, row.code) == (Status.ERROR, "Incomplete")
    place.world.answers["get_account_authorization_details"] = lambda answer: {
        **cut(answer),
        "IsTruncated": False,
    }
    twin = place.rows(tmp_path / "whole", "iam:user")["get_account_authorization_details"]
    assert not twin.is_gap


class Endless:
    """Pages that hold nothing (or one secret) and always name a next one."""

    def __init__(self, last: int, secrets: bool = False) -> None:
        self._last, self._secrets = last, secrets
        self.asked = threading.Event()
        self.page = 0

    def __call__(self, _: Any) -> dict[str, Any]:
        self.page += 1
        if self.page == 3:
            self.asked.set()
        arn = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:s{self.page}"
        rows = [{"ARN": arn, "Name": f"s{self.page}"}] if self._secrets else []
        more = {"NextToken": f"t{self.page}"} if self.page < self._last else {}
        return {"SecretList": rows, **more}


@pytest.mark.parametrize(("pages", "secrets", "is_gap"), [(40, False, True), (9, False, False)])
def test_pages_that_hold_nothing_end(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pages: int,
    secrets: bool,
    is_gap: bool,
) -> None:
    monkeypatch.setattr("collector.live.MOST_EMPTY_PAGES", 10)
    endless = place.world.answers["list_secrets"] = Endless(pages, secrets)
    row = place.rows(tmp_path, "secretsmanager:secret")["list_secrets"]
    assert row.is_gap is is_gap
    assert row.code == ("RepeatedToken" if is_gap else "")
    assert endless.page == min(pages, 10)


def test_an_interrupt_ends_a_list_without_end(place: Place, tmp_path: Path) -> None:
    endless = place.world.answers["list_secrets"] = Endless(10**9, secrets=True)
    root = str(Path(__file__).parents[2])
    arguments = ["collect", "--services", "secretsmanager:secret", "--region", "eu-west-1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mapper.cli", *arguments, "--snapshots", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": root, "HOME": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert endless.asked.wait(60)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
    finally:
        process.kill()


# What stands between us and AWS

PAGE = Answer(404, "<html><body>blocked</body></html>", {"Content-Type": "text/html"})
BETWEEN = {
    "a page that is not found": PAGE,
    "nothing, not found": Answer(404, ""),
    "not implemented": replace(PAGE, status=501),
    "no content": Answer(204, ""),
    "another's answer": replace(PAGE, status=203),
    "accepted": replace(PAGE, status=202),
}


@pytest.mark.parametrize("answer", BETWEEN.values(), ids=list(BETWEEN))
@pytest.mark.parametrize(
    ("service", "sign", "operation"),
    [
        ("ec2:vpc", "DescribeVpcs", "describe_vpcs"),
        ("kms:key", "ListKeys", "list_keys"),
        ("lambda:function", "/functions?", "list_functions"),
        ("sns:topic", "ListTopics", "list_topics"),
        ("s3:access-point", "/accesspoint", "list_access_points"),
    ],
)
def test_a_proxys_answer_is_a_gap(
    front: Front, tmp_path: Path, service: str, sign: str, operation: str, answer: Answer
) -> None:
    front.rule = lambda asked: answer if sign in asked.operation else None
    assert _row(tmp_path, service, operation).is_gap


def test_twin_awss_own_answer_is_a_fact(front: Front, tmp_path: Path) -> None:
    unknown = json_error("UnknownOperationException", "", 404)
    front.rule = lambda asked: unknown if asked.operation == "ListKeys" else None
    assert _row(tmp_path, "kms:key", "list_keys").status is Status.NOT_SUPPORTED


def _row(folder: Path, service: str, operation: str) -> LedgerRow:
    request = CollectRequest(
        services=(service,),
        regions=("eu-west-1",),
        snapshots=folder,
        redaction_key=KEY,
        patience=HURRIED,
    )
    ledger = Snapshot.open(collect(request).path).ledger
    (found,) = [row for row in ledger if row.operation == operation and row.region != "us-east-1"]
    return found
