"""The wire server against botocore itself: what one side writes the other reads."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.serialize
import pytest
from botocore import exceptions
from botocore.config import Config
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from aws_wire import cbor
from aws_wire.faults import EFFECTS, Fault
from aws_wire.identity import Estate
from aws_wire.models import Directory, Operation, service
from aws_wire.process import WireProcess, environment
from aws_wire.recorded import RecordedWorld
from aws_wire.requests import Raw, Request, access_key_of, understood
from aws_wire.responses import (
    ShapeError,
    WireError,
    error_response,
    response,
)
from aws_wire.server import Wire, WireServer, all_clients
from aws_wire.synthetic import SyntheticWorld, first_page
from aws_wire.values import Seed, maker, structure, token_of
from collector.declare import Paginator
from collector.outcome import outcome_of
from collector.services import TYPES, operations
from collector.snapshot.canonical import plain
from collector.snapshot.ledger import Status

ACCOUNT = "111122223333"
SEED = Seed(ACCOUNT, "eu-west-1", "aws", "wire", token_of("0123456789a", 7))
BY_CLIENT: dict[str, list[str]] = {}
for _client, _operation in sorted(operations()):
    BY_CLIENT.setdefault(_client, []).append(_operation)
each_client = pytest.mark.parametrize("client", BY_CLIENT)


def operations_of(client: str) -> list[Operation]:
    return [service(client).method(name) for name in BY_CLIENT[client]]


# --- both directions, every declared operation -------------------------------------------------


@each_client
def test_botocore_reads_back_what_is_answered(client: str) -> None:
    for operation in operations_of(client):
        shape = operation.model.output_shape
        answer = structure(shape, 3)(SEED) if shape is not None else {}
        if shape is not None and "payload" in shape.serialization:
            located = {n for n, m in shape.members.items() if m.serialization.get("location")}
            kept = located | {shape.serialization["payload"]}
            answer = {name: value for name, value in answer.items() if name in kept}
        given_back = response(operation, answer)
        headers = botocore.awsrequest.HeadersDict(given_back.headers)
        parsed = create_parser(operation.protocol).parse(
            {"status_code": 200, "headers": headers, "body": given_back.body}, shape
        )
        parsed.pop("ResponseMetadata", None)
        if (client, operation.name) == ("s3", "get_bucket_location"):
            continue  # botocore reads this one in a handler of its own; the collection tests do
        for member, inner in shape.members.items() if shape is not None else ():
            if inner.serialization.get("location") == "statusCode":
                assert parsed.pop(member) == 200
                answer.pop(member)
        assert _comparable(parsed) == _comparable(answer), operation.name


def _comparable(value: Any) -> Any:
    """IAM's documents are still texts here: only a client's handler decodes them."""
    if isinstance(value, dict):
        return {
            name: "document" if "Statement" in str(inner) else _comparable(inner)
            for name, inner in value.items()
            if not str(name).lower().startswith(("content-", "x-amzn-requestid"))
        }
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return plain(value)


@each_client
def test_the_operation_and_its_parameters_are_read_from_the_request(client: str) -> None:
    directory = Directory(all_clients(), operations())
    for operation in operations_of(client):
        shape = operation.model.input_shape
        params = _input(operation, shape) if shape is not None else {}
        asked = understood(_signed(operation, params), directory)
        assert (asked.client, asked.operation.name) == (client, operation.name)
        assert (asked.account, asked.region) == (ACCOUNT, "eu-west-1")
        assert asked.params == params, operation.name


def _input(operation: Operation, shape: Any) -> dict[str, Any]:
    """Texts, numbers and lists of texts for every simple parameter."""
    found = {}
    for name, member in shape.members.items():
        inner = member.member if member.type_name == "list" else member
        if inner.type_name not in ("string", "integer", "long", "boolean"):
            continue
        made = maker(member, name)
        assert made is not None
        value = made(SEED)
        found[name] = True if value is False else value
    return found


def _signed(operation: Operation, params: dict[str, Any]) -> Raw:
    serializer = botocore.serialize.create_serializer(operation.protocol, False)
    made = serializer.serialize_to_request(params, operation.model)
    body = made["body"]
    headers = dict(made["headers"])
    if isinstance(body, dict):
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        body = urlencode(body)
    url = made["url_path"]
    if made["query_string"]:
        pairs = made["query_string"]
        query = pairs if isinstance(pairs, str) else urlencode(pairs, doseq=True)
        url += ("&" if "?" in url else "?") + query
    request = botocore.awsrequest.AWSRequest(
        made["method"], f"http://127.0.0.1{url}", headers, body or b""
    )
    keys = botocore.credentials.Credentials(access_key_of(ACCOUNT), "wire")
    signer = botocore.auth.SigV4Auth(keys, service(operation.client).signing_name, "eu-west-1")
    signer.add_auth(request)
    data = body.encode() if isinstance(body, str) else bytes(body or b"")
    lower = {name.lower(): str(value) for name, value in request.headers.items()}
    return Raw(made["method"], url, lower, data)


PROTOCOLS = {
    "ec2": "ec2.describe_vpcs",
    "query": "iam.list_users",
    "json": "kms.list_keys",
    "rest-json": "lambda.list_functions",
    "rest-xml": "s3.list_buckets",
    "rest-xml of others": "s3control.list_access_points",
}


@pytest.mark.parametrize("name", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_botocore_reads_errors(name: str) -> None:
    client, method = name.split(".")
    operation = service(client).method(method)
    made = error_response(operation, WireError("AccessDenied", "not <you> & co", 403))
    headers = botocore.awsrequest.HeadersDict(made.headers)
    parsed = create_parser(operation.protocol).parse(
        {"status_code": made.status, "headers": headers, "body": made.body},
        operation.model.output_shape,
    )
    assert parsed["Error"]["Code"] == "AccessDenied"
    assert parsed["Error"]["Message"] == "not <you> & co"
    assert made.status == 403


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({"Vpcs": [{"VpcId": "vpc-1", "Colour": "red"}]}, r"DescribeVpcs\.Vpcs\[\]\.Colour"),
        ({"Vpcs": {"VpcId": "vpc-1"}}, r"DescribeVpcs\.Vpcs is a dict"),
        ({"Vpcs": [{"VpcId": 1}]}, r"VpcId is a int"),
        ({"Vpcs": [{"IsDefault": "no"}]}, r"IsDefault is 'no'"),
    ],
)
def test_what_a_shape_does_not_know_is_an_error(answer: dict[str, Any], where: str) -> None:
    operation = service("ec2").method("describe_vpcs")
    with pytest.raises(ShapeError, match=where):
        response(operation, answer)


def test_twin_what_it_knows_is_not() -> None:
    operation = service("ec2").method("describe_vpcs")
    made = response(operation, {"Vpcs": [{"VpcId": "vpc-1", "IsDefault": False}]})
    assert b"<vpcId>vpc-1</vpcId><isDefault>false</isDefault>" in made.body


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_cbor_reads_what_it_writes(value: Any) -> None:
    assert cbor.decoded(cbor.encoded(value)) == value


@given(JSON.filter(bool))
def test_cbor_that_is_cut_off_is_refused(value: Any) -> None:
    data = cbor.encoded(value)
    with pytest.raises(ValueError, match="cut off"):
        cbor.decoded(data[:-1])


# --- the server, through boto3 -----------------------------------------------------------------


@pytest.fixture(scope="module")
def wire() -> Iterator[WireServer]:
    estate = Estate(accounts=(ACCOUNT, "444455556666"), disabled=("ap-east-1",))
    server = WireServer(Wire([SyntheticWorld(items=5, elements=2)], estate))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def plain_world(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "wire" in request.fixturenames:
        server = request.getfixturevalue("wire")
        server.wire.faults.set(())
        server.wire.worlds[0].page_size = 1000
        server.wire.worlds[0].items = 5
        assert not server.wire.strange, server.wire.strange


def client_of(
    url: str, name: str, account: str = ACCOUNT, read_timeout: float = 60, **keys: str
) -> Any:
    keys = keys or {"aws_access_key_id": access_key_of(account), "aws_secret_access_key": "wire"}
    return boto3.client(
        name,
        region_name="eu-west-1",
        endpoint_url=url,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout),
        **keys,
    )


@pytest.mark.parametrize("size", [1000, 5, 4, 2, 1])
@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("ec2.describe_vpcs", "Vpcs"),
        ("iam.list_instance_profiles", "InstanceProfiles"),
        ("kms.list_keys", "Keys"),
        ("lambda.list_functions", "Functions"),
        ("elbv2.describe_load_balancers", "LoadBalancers"),
    ],
)
def test_pages_of_any_size_hold_the_same_items(
    wire: WireServer, name: str, result: str, size: int
) -> None:
    wire.wire.worlds[0].page_size = size  # type: ignore[attr-defined]
    client, method = name.split(".")
    pages = list(client_of(wire.url, client).get_paginator(method).paginate())
    items = [json.dumps(item, default=str) for page in pages for item in page[result]]
    assert len(set(items)) == len(items) == 5
    assert len(pages) == -(-5 // size)


def test_a_token_that_was_never_given_is_refused(wire: WireServer) -> None:
    with pytest.raises(exceptions.ClientError, match="ValidationError"):
        client_of(wire.url, "ec2").describe_vpcs(NextToken="mine")
    assert "no token that was given" in wire.wire.strange.pop()


def test_an_empty_account_lists_nothing(wire: WireServer) -> None:
    wire.wire.worlds[0].items = 0  # type: ignore[attr-defined]
    assert client_of(wire.url, "kms").list_keys()["Keys"] == []
    assert client_of(wire.url, "ec2").describe_vpcs()["Vpcs"] == []


def test_accounts_and_regions_have_their_own_items(wire: WireServer) -> None:
    def keys(account: str) -> set[str]:
        return {key["KeyId"] for key in client_of(wire.url, "kms", account).list_keys()["Keys"]}

    assert keys(ACCOUNT) == keys(ACCOUNT)
    assert not keys(ACCOUNT) & keys("444455556666")


def test_a_role_leads_into_its_account_and_no_further(wire: WireServer) -> None:
    sts = client_of(wire.url, "sts")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/assessor"
    arn = "arn:aws:iam::444455556666:role/audit"
    held = sts.assume_role(RoleArn=arn, RoleSessionName="mapper")["Credentials"]
    inside = client_of(
        wire.url,
        "sts",
        aws_access_key_id=held["AccessKeyId"],
        aws_secret_access_key=held["SecretAccessKey"],
        aws_session_token=held["SessionToken"],
    )
    assert inside.get_caller_identity()["Account"] == "444455556666"
    with pytest.raises(exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=arn.replace("4444", "9999"), RoleSessionName="mapper")


def test_regions_say_whether_they_are_enabled(wire: WireServer) -> None:
    rows = client_of(wire.url, "ec2").describe_regions(AllRegions=True)["Regions"]
    states = {row["RegionName"]: row["OptInStatus"] for row in rows}
    assert states["ap-east-1"] == "not-opted-in"
    assert states["eu-west-1"] == "opt-in-not-required"


EXPECTED = {
    "throttled": Status.THROTTLED,
    "denied": Status.DENIED,
    "expired": Status.EXPIRED,
    "not_supported": Status.NOT_SUPPORTED,
    "server": Status.ERROR,
    "reset": Status.UNREACHABLE,
    "hang": Status.UNREACHABLE,
}


@pytest.mark.parametrize("effect", EXPECTED)
@pytest.mark.parametrize("name", PROTOCOLS.values(), ids=list(PROTOCOLS))
def test_each_protocol_words_a_fault_so_that_it_is_recognised(
    wire: WireServer, name: str, effect: str
) -> None:
    client, method = name.split(".")
    wire.wire.faults.set((Fault(effect=effect, client=client, operation=method),))
    # What never answers is waited for; all else may take as long as a busy machine needs.
    made = client_of(wire.url, client, read_timeout=1 if effect == "hang" else 60)
    made.meta.events.register("before-send", _without_account_label)
    params = {"AccountId": ACCOUNT} if client == "s3control" else {}
    with pytest.raises((exceptions.BotoCoreError, exceptions.ClientError)) as caught:
        getattr(made, method)(**params)
    assert outcome_of(caught.value).status is EXPECTED[effect]


def _without_account_label(request: Any, **_: Any) -> None:
    request.url = request.url.replace(f"//{ACCOUNT}.", "//")


@pytest.mark.parametrize(
    "effect", ["empty", "blank", "cut_text", "garbage", "unknown_shape", "truncated"]
)
def test_a_strange_body_holds_no_items(wire: WireServer, effect: str) -> None:
    """botocore takes some of them for an empty answer: what the collector guards against."""
    wire.wire.faults.set((Fault(effect=effect, operation="list_keys"),))
    try:
        answer = client_of(wire.url, "kms").list_keys()
    except (exceptions.BotoCoreError, exceptions.ClientError, ValueError, AttributeError):
        return
    assert not answer.get("Keys")


def test_a_fault_befalls_what_it_names_and_nothing_else(wire: WireServer) -> None:
    only = Fault(effect="denied", client="kms", operation="get_key_policy", params="key-b")
    wire.wire.faults.set((only,))
    kms = client_of(wire.url, "kms")
    assert kms.get_key_policy(KeyId="key-a")["Policy"]
    assert kms.describe_key(KeyId="key-b")["KeyMetadata"]
    with pytest.raises(exceptions.ClientError, match="AccessDenied"):
        kms.get_key_policy(KeyId="key-b")


def test_a_fault_befalls_the_nth_calls(wire: WireServer) -> None:
    wire.wire.faults.set((Fault(effect="throttled", operation="list_keys", first=2, last=3),))
    kms = client_of(wire.url, "kms")
    came = []
    for _ in range(4):
        try:
            came.append(bool(kms.list_keys()["Keys"]))
        except exceptions.ClientError:
            came.append(False)
    assert came == [True, False, False, True]


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("scp", "explicit deny in a service control policy"),
        ("boundary", "no permissions boundary allows"),
        ("session_policy", "no session policy allows"),
        ("explicit", "explicit deny in an identity-based policy"),
        ("implicit", "no identity-based policy allows"),
    ],
)
def test_denials_say_who_denied(wire: WireServer, by: str, words: str) -> None:
    wire.wire.faults.set((Fault(effect="denied", denied_by=by),))
    with pytest.raises(exceptions.ClientError, match=words):
        client_of(wire.url, "ec2").describe_vpcs()


def test_a_repeated_token_repeats(wire: WireServer) -> None:
    wire.wire.worlds[0].page_size = 2  # type: ignore[attr-defined]
    wire.wire.faults.set((Fault(effect="repeat_token", operation="list_keys"),))
    pages = client_of(wire.url, "kms").get_paginator("list_keys").paginate()
    with pytest.raises(exceptions.PaginationError, match="same next token"):
        list(pages)


def test_an_unknown_effect_is_refused() -> None:
    with pytest.raises(ValueError, match="no effect"):
        Fault(effect="meteor")
    assert Fault(effect="hang").effect in EFFECTS


def test_a_request_without_a_signature_is_not_understood(wire: WireServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", wire.port)
    connection.request("GET", "/bucket?policy")
    assert connection.getresponse().status == 501
    assert "not signed" in wire.wire.strange.pop()


def test_published_limits_refuse_what_is_beyond_the_burst() -> None:
    server = WireServer(Wire([SyntheticWorld()], limits=True))
    made = client_of(server.url, "lambda")
    refusal: exceptions.ClientError | None = None
    answered = 0
    while refusal is None and answered < 100:
        try:
            made.get_policy(FunctionName="f")
            answered += 1
        except exceptions.ClientError as problem:
            refusal = problem
    server.stop()
    assert refusal is not None
    assert answered >= 15
    assert refusal.response["Error"]["Code"] == "TooManyRequestsException"
    assert server.wire.throttled == 1


def test_recorded_answers_come_before_synthetic_ones(tmp_path: Path) -> None:
    folder = tmp_path / ACCOUNT / "eu-west-1"
    folder.mkdir(parents=True)
    (folder / "kms.list_keys.json").write_text('{"Keys": [{"KeyId": "recorded"}]}')
    policy = {"Error": {"Code": "NotFoundException", "Message": "none"}}
    (folder / "kms.get_key_policy.recorded.json").write_text(json.dumps(policy))
    server = WireServer(Wire([RecordedWorld(tmp_path), SyntheticWorld()]))
    kms = client_of(server.url, "kms")
    assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == ["recorded"]
    with pytest.raises(exceptions.ClientError, match="NotFoundException"):
        kms.get_key_policy(KeyId="recorded")
    assert kms.get_key_policy(KeyId="other")["Policy"]
    server.stop()


def test_a_recording_that_does_not_fit_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ACCOUNT / "eu-west-1"
    folder.mkdir(parents=True)
    (folder / "kms.list_keys.json").write_text('{"Keyz": []}')
    server = WireServer(Wire([RecordedWorld(tmp_path)]))
    with pytest.raises(exceptions.ClientError):
        client_of(server.url, "kms").list_keys()
    server.stop()
    assert "ListKeys.Keyz is not in ListKeysResponse" in server.wire.strange[0]


def test_in_a_process_of_its_own_it_is_controlled_and_counts() -> None:
    with WireProcess(world={"items": 3}) as server:
        kms = client_of(server.url, "kms")
        assert len(kms.list_keys()["Keys"]) == 3
        server.set(items=1)
        assert len(kms.list_keys()["Keys"]) == 1
        server.faults(Fault(effect="denied", operation="list_keys"))
        with pytest.raises(exceptions.ClientError):
            kms.list_keys()
        server.faults()
        assert [(row.operation, row.count) for row in server.asked()] == [("list_keys", 3)]
        server.forget()
        assert server.asked() == []
        assert server.strange() == []


# --- the synthetic world -----------------------------------------------------------------------


def test_every_declared_operation_has_an_answer_that_its_shape_allows() -> None:
    wire = Wire([SyntheticWorld()])
    directory = wire.directory
    for client, name in sorted(operations()):
        operation = service(client).method(name)
        shape = operation.model.input_shape
        params = _input(operation, shape) if shape is not None else {}
        made = Request(ACCOUNT, "eu-west-1", access_key_of(ACCOUNT), operation, params)
        raw = _signed(operation, dict(first_page(made).params))
        _, answer = wire.handle(raw)
        assert not isinstance(answer, str)
        assert answer.status in (200, 404, 410), (client, name, answer.body[:200])
        # Without parameters a list of directory buckets is told from buckets by its signature.
        if name != "list_directory_buckets":
            assert understood(raw, directory).operation.name == name
    assert not wire.strange, wire.strange


def test_environment_gives_boto3_nothing_but_the_endpoint() -> None:
    held = environment("http://127.0.0.1:1", ACCOUNT)
    assert held["AWS_CONFIG_FILE"] == os.devnull
    assert access_key_of(ACCOUNT) == held["AWS_ACCESS_KEY_ID"]


def test_paginators_are_played_for_every_declared_list() -> None:
    """A declared paginator without a token here would never see a second page."""
    from aws_wire.pages import by_botocore

    for declared in TYPES.values():
        for call in declared.calls():
            if isinstance(call.paging, Paginator):
                operation = service(declared.client).method(call.operation)
                assert by_botocore(operation).response, (declared.id, call.operation)
