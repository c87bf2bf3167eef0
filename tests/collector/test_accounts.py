"""Whose credentials, which accounts, and how each is entered."""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter
from dataclasses import replace
from hashlib import sha1
from pathlib import Path

import pytest

from aws_server import Answer, Front, Request, json_error, query_error
from collector.collect import collect
from collector.entering import RoleArn
from collector.patience import Patience
from collector.request import CollectError, CollectRequest
from collector.snapshot import Snapshot, Status
from collector_world import KEY, World

from .aws_files import aws_home, keys_of, process_file

TESTING = "aws_access_key_id = testing\naws_secret_access_key = testing\n"


def request(folder: Path, **changes: object) -> CollectRequest:
    base = CollectRequest(
        regions=("eu-west-1",),
        snapshots=folder / "snapshots",
        redaction_key=KEY,
        services=("sns",),
        workers=4,
        patience=Patience(attempts=2, first=0.01, read_seconds=10.0),
    )
    return replace(base, **changes)


def session_in(world: World, account: str, role: str = "auditor") -> dict[str, str]:
    return keys_of(
        world.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="given"
        )["Credentials"]
    )


def asked(front: Front, operation: str) -> list[Request]:
    return [request for request in front.asked if request.operation == operation]


# Profiles


def test_each_profile_is_an_account_of_its_own(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = process_file(tmp_path / "prod.py", session_in(world, world.prod))
    aws_home(
        tmp_path / "home",
        monkeypatch,
        f"[profile main]\n{TESTING}\n[profile prod]\ncredential_process = {process}\n",
    )
    result = collect(request(tmp_path, profile="main", profiles=("main", "prod")))
    assert set(result.accounts) == {world.management, world.prod}
    assert result.exit_code == 0
    accounts = {row["id"]: row["name"] for row in Snapshot.open(result.path).manifest["accounts"]}
    assert accounts == {world.management: "main", world.prod: "prod"}
    assert not asked(front, "AssumeRole")
    # the process is run once, not for every call
    assert (tmp_path / "prod.log").read_text() == "x"


def test_two_profiles_of_one_account_collect_it_once_and_say_so(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws_home(tmp_path / "home", monkeypatch, f"[profile a]\n{TESTING}\n[profile b]\n{TESTING}")
    result = collect(request(tmp_path, profile="a", profiles=("a", "b")))
    assert result.accounts == (world.management,)
    assert any("Profiles a and b are both of account" in text for text in result.warnings)
    assert len(asked(front, "ListTopics")) == 1


def test_a_profile_that_gives_nothing_is_named_and_the_rest_done(
    endpoint: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws_home(
        tmp_path / "home",
        monkeypatch,
        f"[profile a]\n{TESTING}\n[profile b]\ncredential_process = /bin/false\n",
    )
    result = collect(request(tmp_path, profile="a", profiles=("a", "b")))
    assert result.exit_code == 4
    assert result.accounts == (world.management,)
    (left,) = result.left_out
    assert left.name == "profile b"
    assert "credentials of profile b cannot be had" in left.reason
    assert [row.status for row in Snapshot.open(result.path).gaps()] == [Status.ERROR]


def test_profiles_do_not_go_with_an_organisation(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="Several profiles") as caught:
        collect(request(tmp_path, profiles=("a", "b"), organisation=True))
    assert caught.value.exit_code == 2


class Portal:
    """The part of IAM Identity Center that hands out a role's keys."""

    def __init__(self, keys: dict[str, str]) -> None:
        self.tokens: list[str] = []
        self.good = "token-1"
        portal = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                portal.tokens.append(self.headers["x-amz-sso_bearer_token"])
                good = portal.tokens[-1] == portal.good
                body: dict[str, object] = {"message": "Session token not found or invalid"}
                if good:
                    body = {
                        "roleCredentials": {
                            "accessKeyId": keys["AccessKeyId"],
                            "secretAccessKey": keys["SecretAccessKey"],
                            "sessionToken": keys["SessionToken"],
                            "expiration": 4102444800000,
                        }
                    }
                data = json.dumps(body).encode()
                self.send_response(200 if good else 401)
                if not good:
                    self.send_header("x-amzn-ErrorType", "UnauthorizedException")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


START = "https://example.awsapps.com/start"


def sso_home(folder: Path, monkeypatch: pytest.MonkeyPatch, account: str, token: str) -> None:
    home = aws_home(
        folder,
        monkeypatch,
        f"[profile sso]\nsso_start_url = {START}\nsso_region = eu-west-1\n"
        f"sso_account_id = {account}\nsso_role_name = Audit\n",
    )
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    held = {"accessToken": token, "expiresAt": "2099-01-01T00:00:00Z", "startUrl": START}
    (cache / f"{sha1(START.encode()).hexdigest()}.json").write_text(json.dumps(held))


@pytest.mark.parametrize("good", [True, False])
def test_a_login_of_identity_center(
    endpoint: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: bool
) -> None:
    portal = Portal(session_in(world, world.prod))
    sso_home(tmp_path / "home", monkeypatch, world.prod, "token-1" if good else "stale")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", portal.url)
    # botocore looks for the cached token where it was imported to look.
    monkeypatch.setattr(
        "botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR",
        str(tmp_path / "home" / ".aws" / "sso" / "cache"),
    )
    try:
        if good:
            assert collect(request(tmp_path, profile="sso")).accounts == (world.prod,)
        else:
            with pytest.raises(CollectError, match=r"profile sso cannot be had.*aws sso login"):
                collect(request(tmp_path, profile="sso"))
    finally:
        portal.stop()
    assert set(portal.tokens) == {"token-1" if good else "stale"}


def role_profile(folder: Path, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    aws_home(
        folder,
        monkeypatch,
        f"[profile base]\n{TESTING}\n[profile audit]\nsource_profile = base\n"
        f"role_arn = arn:aws:iam::{world.prod}:role/audit\n"
        f"mfa_serial = arn:aws:iam::{world.management}:mfa/alice\n",
    )


def test_the_code_of_a_role_profile_is_asked_once_and_its_session_kept(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role_profile(tmp_path / "home", monkeypatch, world)
    questions: list[str] = []

    def answer(text: str) -> str:
        questions.append(text)
        return "123456"

    result = collect(request(tmp_path, profile="audit", ask_code=answer))
    assert result.accounts == (world.prod,)
    assert len(questions) == 1
    assert [r.params["TokenCode"] for r in asked(front, "AssumeRole")] == ["123456"]
    # the next command finds the session where the AWS CLI keeps it
    collect(request(tmp_path, profile="audit", fresh=True))
    assert len(asked(front, "AssumeRole")) == 1


def test_where_nobody_can_be_asked_for_a_code_it_says_so(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role_profile(tmp_path / "home", monkeypatch, world)
    with pytest.raises(CollectError, match=r"MFA code is needed.*no terminal.*--mfa-code"):
        collect(request(tmp_path, profile="audit"))
    assert not asked(front, "AssumeRole")
    assert collect(request(tmp_path, profile="audit", mfa_code="123456")).exit_code == 0


# Roles


def test_each_role_is_an_account(front: Front, world: World, tmp_path: Path) -> None:
    arns = (
        f"arn:aws:iam::{world.prod}:role/team/audit",
        f"arn:aws:iam::{world.management}:role/audit",
    )
    result = collect(request(tmp_path, role_arns=arns, external_id="x-1"))
    assert set(result.accounts) == {world.management, world.prod}
    assumed = {r.params["RoleArn"]: r.params["ExternalId"] for r in asked(front, "AssumeRole")}
    assert assumed == dict.fromkeys(arns, "x-1")
    roles = {row["id"]: row["role"] for row in Snapshot.open(result.path).manifest["accounts"]}
    assert roles == {world.prod: "team/audit", world.management: "audit"}


def test_roles_of_one_account_are_tried_in_order(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = lambda r: (
        query_error("AccessDenied", "not this one")
        if r.params.get("RoleArn", "").endswith("/first")
        else None
    )
    arns = tuple(f"arn:aws:iam::{world.prod}:role/{name}" for name in ("first", "second"))
    result = collect(request(tmp_path, role_arns=arns))
    assert result.accounts == (world.prod,)
    assert any("tried in order" in text for text in result.warnings)
    assert [r.params["RoleArn"] for r in asked(front, "AssumeRole")] == list(arns)


def test_who_failed_how_is_said_when_no_role_lets_in(
    front: Front, world: World, tmp_path: Path
) -> None:
    front.rule = lambda r: (
        query_error("AccessDenied", f"no {r.params['RoleArn'].rpartition('/')[2]}")
        if r.operation == "AssumeRole"
        else None
    )
    arns = tuple(f"arn:aws:iam::{world.prod}:role/{name}" for name in ("first", "second"))
    result = collect(request(tmp_path, role_arns=arns))
    assert (result.exit_code, result.accounts) == (4, ())
    (left,) = result.left_out
    assert left.reason == (
        "no role could be assumed: first: AccessDenied: no first; second: AccessDenied: no second"
    )
    (row,) = Snapshot.open(result.path).ledger
    assert (row.status, row.code, row.account_id) == (Status.DENIED, "AssumeRole", world.prod)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        ("arn:aws:iam::1234:role/x", "no ARN of a role"),
        ("arn:aws:iam::111122223333:user/x", "no ARN of a role"),
        ("audit", "no ARN of a role"),
        ("arn:aws-cn:iam::111122223333:role/x", "partition aws-cn"),
    ],
)
def test_what_is_no_role_of_this_partition_is_refused(
    endpoint: str, tmp_path: Path, arn: str, words: str
) -> None:
    with pytest.raises(CollectError, match=words) as caught:
        collect(request(tmp_path, role_arns=(arn,)))
    assert caught.value.exit_code == 2


def test_a_role_keeps_its_path() -> None:
    role = RoleArn.of("arn:aws-us-gov:iam::111122223333:role/a/b/c")
    assert (role.partition, role.account_id, role.name) == ("aws-us-gov", "111122223333", "a/b/c")


def test_a_code_is_used_once_and_its_session_assumes_the_other_roles(
    front: Front, world: World, tmp_path: Path
) -> None:
    arns = (
        f"arn:aws:iam::{world.management}:role/hub",
        f"arn:aws:iam::{world.prod}:role/audit",
    )
    device = f"arn:aws:iam::{world.management}:mfa/alice"
    result = collect(request(tmp_path, role_arns=arns, mfa_serial=device, mfa_code="654321"))
    assert set(result.accounts) == {world.management, world.prod}
    first, second = asked(front, "AssumeRole")
    assert (first.params["SerialNumber"], first.params["TokenCode"]) == (device, "654321")
    assert "TokenCode" not in second.params
    assert first.access_key == "testing"
    assert second.access_key != "testing"


def test_without_a_device_no_code_is_sent(front: Front, world: World, tmp_path: Path) -> None:
    collect(request(tmp_path, role_arns=(f"arn:aws:iam::{world.prod}:role/audit",)))
    (assumed,) = asked(front, "AssumeRole")
    assert not {"SerialNumber", "TokenCode"} & set(assumed.params)


# The organisation


def listed(front: Front, rows: list[dict[str, str]], management: str = "") -> None:
    def rule(r: Request) -> Answer | None:
        if r.operation == "ListAccounts":
            return json_answer({"Accounts": rows})
        if r.operation == "DescribeOrganization" and management:
            return json_answer({"Organization": {"Id": "o-1", "MasterAccountId": management}})
        if r.operation == "AssumeRole" and management:
            return query_error("AccessDenied", "no")
        return None

    front.rule = rule


def json_answer(body: object) -> Answer:
    return Answer(200, json.dumps(body), {"Content-Type": "application/x-amz-json-1.1"})


def test_accounts_that_run_nothing_are_named_and_skipped_one_that_closes_is_not(
    front: Front, world: World, tmp_path: Path
) -> None:
    rows = [
        {"Id": world.management, "Name": "main", "Status": "ACTIVE", "State": "ACTIVE"},
        {"Id": "222233334444", "Name": "old", "Status": "SUSPENDED", "State": "SUSPENDED"},
        {"Id": "333344445555", "Name": "going", "Status": "PENDING_CLOSURE"},
        {"Id": "444455556666", "Name": "coming", "State": "PENDING_ACTIVATION"},
    ]
    listed(front, rows)
    result = collect(request(tmp_path, organisation=True))
    assert (result.accounts, result.exit_code) == ((world.management, "333344445555"), 0)
    assert {a.name: a.reason for a in result.left_out} == {
        "old": "the account is SUSPENDED",
        "coming": "the account is PENDING_ACTIVATION",
    }
    assert {r.params["RoleArn"].split(":")[4] for r in asked(front, "AssumeRole")} == {
        "333344445555"
    }
    # its twin: the one that is asked for by name should have given something
    named = collect(request(tmp_path, organisation=True, accounts=("old", "main"), fresh=True))
    assert named.exit_code == 4
    # its workloads run: where it lets nobody in, something is hidden
    listed(front, rows, management=world.management)
    refused = collect(request(tmp_path, organisation=True, fresh=True))
    assert refused.exit_code == 4
    assert [row.account_id for row in refused.gaps] == ["333344445555"]


def test_the_management_account_without_a_role_is_named_as_such(
    front: Front, world: World, tmp_path: Path
) -> None:
    rows = [
        {"Id": world.management, "Name": "delegated", "Status": "ACTIVE"},
        {"Id": world.prod, "Name": "root", "Status": "ACTIVE"},
        {"Id": "333344445555", "Name": "dev", "Status": "ACTIVE"},
    ]
    listed(front, rows, management=world.prod)
    result = collect(request(tmp_path, organisation=True))
    reasons = {account.name: account.reason for account in result.left_out}
    assert "It is the management account" in reasons["root"]
    assert "management account" not in reasons["dev"]


def test_a_name_that_two_accounts_have_is_no_name(
    front: Front, world: World, tmp_path: Path
) -> None:
    rows = [
        {"Id": world.management, "Name": "dev", "Status": "ACTIVE"},
        {"Id": "333344445555", "Name": "dev", "Status": "ACTIVE"},
    ]
    listed(front, rows)
    with pytest.raises(CollectError, match=r"Several accounts.*333344445555") as caught:
        collect(request(tmp_path, organisation=True, accounts=("dev",)))
    assert caught.value.exit_code == 2


def test_the_organisation_is_seen_from_the_role_that_is_named(
    front: Front, world: World, tmp_path: Path
) -> None:
    hub = f"arn:aws:iam::{world.management}:role/hub"
    result = collect(request(tmp_path, organisation=True, role_arns=(hub,)))
    assert set(result.accounts) == {world.management, world.prod}
    assert asked(front, "AssumeRole")[0].params["RoleArn"] == hub
    assert asked(front, "ListAccounts")[0].access_key != "testing"
    callers = Snapshot.open(result.path).manifest["callers"]
    assert callers == [f"arn:aws:sts::{world.management}:assumed-role/hub"]


@pytest.mark.parametrize("name", ["prod", "12345", "１２３４５６７８９０１２"])
def test_without_the_organisation_an_account_is_an_id(
    endpoint: str, tmp_path: Path, name: str
) -> None:
    with pytest.raises(CollectError, match="no account id") as caught:
        collect(request(tmp_path, accounts=(name,)))
    assert caught.value.exit_code == 2


def test_the_own_account_by_its_id_needs_no_role(
    front: Front, world: World, tmp_path: Path
) -> None:
    result = collect(request(tmp_path, accounts=(world.management,)))
    assert result.accounts == (world.management,)
    assert not asked(front, "AssumeRole")


# Credentials that end on the way


def rotating(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """A process whose first keys AWS refuses as soon as topics are listed; ``after`` are those
    that it gives then."""
    old = session_in(world, world.prod)
    new = {"same": old, "other": session_in(world, world.management), "new": None}[after]
    new = new or session_in(world, world.prod)
    process = process_file(tmp_path / "p.py", old)
    aws_home(tmp_path / "home", monkeypatch, f"[profile p]\ncredential_process = {process}\n")

    def rule(r: Request) -> Answer | None:
        if r.operation != "ListTopics" or r.access_key != old["AccessKeyId"]:
            return None
        process_file(tmp_path / "p.py", new)
        return query_error("ExpiredToken", "The security token included in the request is expired")

    front.rule = rule


def test_keys_that_were_rotated_are_had_anew(
    front: Front, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotating(front, world, tmp_path, monkeypatch, after="new")
    result = collect(request(tmp_path, profile="p"))
    assert result.accounts == (world.prod,)
    assert not [r for r in Snapshot.open(result.path).ledger if r.is_gap]
    assert Counter(r.operation for r in front.asked)["ListTopics"] == 2


@pytest.mark.parametrize(("after", "words"), [("same", "the same keys"), ("other", "now those of")])
def test_keys_that_cannot_be_had_anew_keep_what_is_done(
    front: Front,
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: str,
    words: str,
) -> None:
    rotating(front, world, tmp_path, monkeypatch, after)
    with pytest.raises(CollectError, match=rf"expired .*{words}.*continues") as caught:
        collect(request(tmp_path, profile="p", services=("kms", "sns"), workers=1))
    assert caught.value.exit_code == 1
    assert caught.value.path is not None
    process_file(tmp_path / "p.py", session_in(world, world.prod))
    front.rule = None
    front.asked.clear()
    resumed = collect(request(tmp_path, profile="p", services=("kms", "sns")))
    assert resumed.resumed
    assert not asked(front, "ListKeys")


def test_a_role_whose_session_ends_is_assumed_again(
    front: Front, world: World, tmp_path: Path
) -> None:
    refused: list[str] = []

    def rule(r: Request) -> Answer | None:
        if r.operation == "ListTopics" and not refused:
            refused.append(r.access_key)
            return query_error("ExpiredToken", "expired")
        return None

    front.rule = rule
    arn = f"arn:aws:iam::{world.prod}:role/audit"
    result = collect(request(tmp_path, role_arns=(arn,)))
    assert result.exit_code == 0
    assert len(asked(front, "AssumeRole")) == 2
    assert asked(front, "ListTopics")[-1].access_key not in refused


def test_a_role_that_is_taken_away_on_the_way_ends_its_account(
    front: Front, world: World, tmp_path: Path
) -> None:
    gone: list[str] = []

    def rule(r: Request) -> Answer | None:
        if r.operation == "ListTopics":
            gone.append(r.access_key)
            return query_error("ExpiredToken", "expired")
        if r.operation == "AssumeRole" and gone:
            return query_error("AccessDenied", "no longer")
        return None

    front.rule = rule
    arn = f"arn:aws:iam::{world.prod}:role/audit"
    with pytest.raises(CollectError, match=rf"account {world.prod} expired"):
        collect(request(tmp_path, role_arns=(arn,)))


def test_the_organisation_that_is_denied_is_said(front: Front, tmp_path: Path) -> None:
    front.rule = lambda r: (
        json_error("AccessDeniedException", "no") if r.operation == "ListAccounts" else None
    )
    with pytest.raises(CollectError, match="delegated administrator"):
        collect(request(tmp_path, organisation=True))
