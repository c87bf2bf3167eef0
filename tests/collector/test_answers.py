"""An answer that holds nothing, and what only looks like one, in every protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_wire.faults import Fault
from aws_wire.identity import ACCOUNT
from aws_wire.process import WireProcess, environment
from collector.collect import collect
from collector.patience import Patience
from collector.request import CollectRequest
from collector.snapshot import Snapshot
from collector.snapshot.ledger import LedgerRow, Status
from collector_world import KEY

LISTS = {
    "ec2": ("ec2:vpc", "ec2", "describe_vpcs"),
    "query": ("sns:topic", "sns", "list_topics"),
    "json": ("kms:key", "kms", "list_keys"),
    "rest-json": ("eks:cluster", "eks", "list_clusters"),
    "rest-xml": ("s3:access-point", "s3control", "list_access_points"),
    "rest-xml with a payload": ("cloudfront:distribution", "cloudfront", "list_distributions"),
}
CBOR = {"cbor": ("eventbridgev2:bus", "eventbridgev2", "get_resource_policy")}
"""Without a list in it: an answer of no bytes may be one."""
POLICY = {"a policy": ("s3:bucket", "s3", "get_bucket_policy")}
each_protocol = pytest.mark.parametrize("protocol", LISTS)


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    with WireProcess() as process:
        yield process


@pytest.fixture
def row(
    server: WireProcess, protocol: str, effect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerRow:
    """The ledger's row of a list call of that protocol which the effect befalls."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(server.url, ACCOUNT).items():
        monkeypatch.setenv(name, value)
    type_id, client, operation = (LISTS | POLICY | CBOR)[protocol]
    server.faults(Fault(effect=effect, client=client, operation=operation))
    request = CollectRequest(
        services=(type_id,),
        regions=("eu-west-1",),
        snapshots=tmp_path,
        redaction_key=KEY,
        patience=Patience(attempts=1, network_attempts=1, first=0.001),
    )
    ledger = Snapshot.open(collect(request).path).ledger
    (found,) = [row for row in ledger if row.operation == operation and row.service == client]
    return found


@each_protocol
@pytest.mark.parametrize(
    "effect", ["unknown_shape", "blank", "wrong_type", "garbage", "cut_text", "truncated"]
)
def test_what_is_no_answer_is_a_gap(row: LedgerRow) -> None:
    assert row.status in (Status.ERROR, Status.UNREACHABLE)
    assert row.is_gap


@each_protocol
@pytest.mark.parametrize("effect", ["empty"])
def test_twin_an_empty_answer_is_a_fact(row: LedgerRow) -> None:
    assert (row.status, row.code) == (Status.EMPTY, "")


@pytest.mark.parametrize("protocol", CBOR)
@pytest.mark.parametrize("effect", ["unknown_shape", "wrong_type", "garbage"])
def test_what_is_no_cbor_answer_is_a_gap(row: LedgerRow) -> None:
    assert row.status is Status.ERROR


@pytest.mark.parametrize("protocol", CBOR)
@pytest.mark.parametrize(("effect", "status"), [("empty", Status.EMPTY), ("latency", Status.OK)])
def test_twin_a_cbor_answer_is_a_fact(row: LedgerRow, status: Status) -> None:
    assert row.status is status


@pytest.mark.parametrize("protocol", POLICY)
@pytest.mark.parametrize("effect", ["truncated"])
def test_half_a_policy_is_a_gap(row: LedgerRow) -> None:
    """Its body is a text: any text is an answer, so its length has to tell."""
    assert (row.status, row.code) == (Status.ERROR, "TruncatedAnswerError")


@pytest.mark.parametrize("protocol", POLICY)
@pytest.mark.parametrize("effect", ["blank", "garbage", "unknown_shape", "wrong_type"])
def test_a_text_that_is_no_policy_is_a_gap(row: LedgerRow) -> None:
    assert (row.status, row.code) == (Status.ERROR, "UnknownShapeError")


@pytest.mark.parametrize("protocol", POLICY)
@pytest.mark.parametrize("effect", ["latency"])
def test_twin_a_whole_policy_is_none(row: LedgerRow) -> None:
    assert row.status is Status.OK
