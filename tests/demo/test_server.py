"""The demo's server starts, answers, refuses on request, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mapper.demo import DemoError, DemoServer, isolated_environment, start_server
from mapper.demo.clients import Clients
from mapper.demo.server import control, is_own_server

ACCOUNT = "777777777777"
OTHER = "888888888888"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with start_server() as running:
        yield running


@pytest.fixture
def clients(server: DemoServer) -> Iterator[Clients]:
    yield Clients(server.endpoint)
    server.deny([])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child that ended but was not waited for is still listed.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def _complaint(server: DemoServer) -> str:
    try:
        server.check()
    except DemoError as error:
        return str(error)
    return ""


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def _code(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_it_answers_on_loopback_and_knows_whose_it_is(server: DemoServer) -> None:
    assert server.endpoint.startswith("http://127.0.0.1:")
    assert is_own_server(server.endpoint)
    server.check()


def test_closing_it_ends_the_process_and_forgets_it() -> None:
    server = start_server()
    assert _runs(server.pid)
    server.close()
    server.close()
    assert not _runs(server.pid)
    assert not is_own_server(server.endpoint)


def test_a_server_that_died_is_named() -> None:
    with start_server() as server:
        os.kill(server.pid, signal.SIGKILL)
        assert _within(10, lambda: "run the demo again" in _complaint(server))
        assert "ended (exit code -9)" in _complaint(server)


def test_it_dies_with_its_parent() -> None:
    source = (
        "import os, signal\n"
        "from mapper.demo.server import start_server\n"
        "print(start_server().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=120, check=False
    )
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    assert _within(20, lambda: not _runs(int(parent.stdout)))


def test_a_busy_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"port {port} .*another port"):
            start_server(port)


def test_a_missing_simulator_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moto").mkdir()
    (tmp_path / "moto" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'moto'\", name='moto')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DemoError, match=r"pip install 'aws-mapper\[demo\]'"):
        start_server()


def test_its_environment_holds_no_aws_setting() -> None:
    environment = isolated_environment(
        {"AWS_PROFILE": "real", "AWS_ENDPOINT_URL": "https://x", "HTTPS_PROXY": "p", "HOME": "/h"}
    )
    assert environment["HOME"] == "/h"
    assert "HTTPS_PROXY" not in environment
    assert {name for name in environment if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    assert environment["AWS_CONFIG_FILE"] == os.devnull


def test_control_needs_the_token(server: DemoServer) -> None:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(server.endpoint + "/demo/deny", data=b"[]")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 403


def test_control_of_a_stranger_is_refused() -> None:
    with pytest.raises(DemoError, match="not a server that this process started"):
        control("http://127.0.0.1:1", "deny", [])


@pytest.mark.parametrize(
    ("service", "action", "operation", "code"),
    [
        ("ec2", "DescribeVpcs", "describe_vpcs", "AccessDenied"),
        ("iam", "ListRoles", "list_roles", "AccessDenied"),
        ("elb", "DescribeLoadBalancers", "describe_load_balancers", "AccessDenied"),
        ("elbv2", "DescribeLoadBalancers", "describe_load_balancers", "AccessDenied"),
        ("s3", "ListBuckets", "list_buckets", "AccessDenied"),
        ("kms", "ListKeys", "list_keys", "AccessDeniedException"),
        ("lambda", "ListFunctions", "list_functions", "AccessDeniedException"),
        ("organizations", "ListAccounts", "list_accounts", "AccessDeniedException"),
    ],
)
def test_one_denied_call_looks_as_in_aws(
    server: DemoServer, clients: Clients, service: str, action: str, operation: str, code: str
) -> None:
    server.deny([{"account": ACCOUNT, "service": service, "action": action}])
    denied = getattr(clients(ACCOUNT, service, "eu-west-1"), operation)
    assert _code(denied) == (code, 403)
    if service != "organizations":
        getattr(clients(OTHER, service, "eu-west-1"), operation)()
    server.deny([])
    if service != "organizations":
        denied()


def test_a_rule_of_one_load_balancer_service_spares_the_other(
    server: DemoServer, clients: Clients
) -> None:
    server.deny([{"service": "elb"}])
    clients(ACCOUNT, "elbv2", "eu-west-1").describe_load_balancers()


def test_a_region_can_be_denied(server: DemoServer, clients: Clients) -> None:
    server.deny([{"account": ACCOUNT, "region": "eu-west-3"}])
    assert _code(clients(ACCOUNT, "ec2", "eu-west-3").describe_vpcs) == ("AccessDenied", 403)
    clients(ACCOUNT, "ec2", "eu-west-1").describe_vpcs()


def test_a_role_of_one_account_cannot_be_assumed(server: DemoServer, clients: Clients) -> None:
    def assume(account: str) -> Any:
        return clients(OTHER, "sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/Audit", RoleSessionName="test"
        )

    server.deny([{"service": "sts", "action": "AssumeRole", "resource": f"::{ACCOUNT}:role"}])
    assert _code(lambda: assume(ACCOUNT)) == ("AccessDenied", 403)
    assume("999999999999")


def test_throttling_ends_after_its_times(server: DemoServer, clients: Clients) -> None:
    server.deny([{"service": "ec2", "code": "RequestLimitExceeded", "status": 503, "times": 2}])
    call = clients(ACCOUNT, "ec2", "eu-west-1").describe_vpcs
    assert [_code(call), _code(call)] == [("RequestLimitExceeded", 503)] * 2
    call()


def test_a_wrong_rule_is_refused(server: DemoServer) -> None:
    with pytest.raises(DemoError, match="refused"):
        server.deny([{"acount": ACCOUNT}])


@pytest.mark.parametrize(
    ("service", "operation"),
    [("ec2", "get_ebs_default_kms_key_id"), ("account", "list_regions")],
)
def test_what_the_simulator_lacks_is_an_aws_error_not_a_page(
    clients: Clients, service: str, operation: str
) -> None:
    call = getattr(clients(ACCOUNT, service, "us-east-1"), operation)
    assert _code(call) == ("InvalidAction", 400)


def test_public_access_locks_answer_and_hold(clients: Clients) -> None:
    ec2 = clients(ACCOUNT, "ec2", "eu-west-1")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    elsewhere = clients(ACCOUNT, "ec2", "eu-west-2")
    assert elsewhere.get_snapshot_block_public_access_state()["State"] == "unblocked"
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert options["InternetGatewayBlockMode"] == "off"
    assert ec2.describe_security_group_vpc_associations()["SecurityGroupVpcAssociations"] == []


def test_a_users_boundary_is_kept_and_removed(clients: Clients) -> None:
    iam = clients(ACCOUNT, "iam")
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.create_user(UserName="bound", PermissionsBoundary=boundary)

    def seen() -> Any:
        (user,) = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
        return user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    assert seen() == boundary
    iam.delete_user_permissions_boundary(UserName="bound")
    assert seen() is None


def test_no_region_has_an_instance_of_identity_center(clients: Clients) -> None:
    for region in ("us-east-1", "eu-west-1"):
        assert clients(ACCOUNT, "sso-admin", region).list_instances()["Instances"] == []


def test_more_unknown_services_than_a_pipe_holds_do_not_stop_it(server: DemoServer) -> None:
    """moto prints each one's name; nobody reads what it prints."""
    for number in range(24):
        scope = f"AKIA/20260302/us-east-1/{'x' * 5000}{number}/aws4_request"
        request = urllib.request.Request(
            f"{server.endpoint}/things",
            headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(urllib.error.HTTPError) as caught:
            opener.open(request, timeout=20)
        assert caught.value.code == 400
    assert is_own_server(server.endpoint)
