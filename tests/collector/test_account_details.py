"""``import gaad``: account details in every form that people send, and what is none."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.account_details import import_details
from collector.raw import import_raw
from collector.request import CollectError, CollectResult
from collector.snapshot import Snapshot, Status
from collector_world import KEY, contents

A, B = "111122223333", "444455556666"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
OPERATION = "get_account_authorization_details"
ADMIN = {
    "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
    "PolicyName": "AdministratorAccess",
    "DefaultVersionId": "v1",
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{B}:root"}, "Action": "sts:*"}
    ],
}


def role(name: str, account: str = A, **more: Any) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:iam::{account}:role/{name}",
        "RoleName": name.rpartition("/")[2],
        "AssumeRolePolicyDocument": TRUST,
        **more,
    }


def user(name: str, account: str = A) -> dict[str, Any]:
    return {"Arn": f"arn:aws:iam::{account}:user/{name}", "UserName": name}


def details(*roles: dict[str, Any], users: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "UserDetailList": users or [],
        "GroupDetailList": [],
        "RoleDetailList": list(roles),
        "Policies": [ADMIN],
        "IsTruncated": False,
        **more,
    }


class Sent:
    """Files that somebody sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.into = folder / "snapshot"

    def file(self, name: str, held: object) -> Path:
        path = self.folder / name
        data = held if isinstance(held, bytes) else json.dumps(held).encode()
        path.write_bytes(data)
        return path

    def load(self, *files: Path, account_id: str = "") -> tuple[Snapshot, CollectResult]:
        result = import_details(files, self.into, account_id=account_id, redaction_key=KEY)
        return Snapshot.open(self.into), result

    def refused(self, *files: Path, account_id: str = "") -> CollectError:
        with pytest.raises(CollectError) as caught:
            import_details(files, self.into, account_id=account_id, redaction_key=KEY)
        assert not self.into.exists()
        return caught.value


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    return Sent(tmp_path)


def ids(snapshot: Snapshot, type_id: str = "iam:role", account: str | None = None) -> list[str]:
    return [item.id.rpartition("/")[2] for item in snapshot.items(type_id, account)]


def test_the_whole_output_of_one_account(sent: Sent) -> None:
    snapshot, result = sent.load(sent.file("a.json", details(role("r"), users=[user("ann")])))
    assert snapshot.accounts == (A,)
    assert (ids(snapshot), ids(snapshot, "iam:user")) == (["r"], ["ann"])
    assert snapshot.status(A, "global", "iam", OPERATION) is Status.OK
    assert (result.warnings, result.exit_code) == ((), 0)


def test_everything_else_was_not_attempted(sent: Sent) -> None:
    snapshot, _ = sent.load(sent.file("a.json", details(role("r"), users=[user("ann")])))
    others = [row for row in snapshot.ledger if row.operation != OPERATION]
    assert {row.status for row in others} == {Status.NOT_ATTEMPTED}
    asked = {name for row in others for name in row.types}
    assert {"org:policy", "ec2:vpc", "s3:bucket", "iam:oidc-provider", "kms:key"} <= asked


def test_the_same_bytes_as_import_raw(sent: Sent, tmp_path: Path) -> None:
    held = details(role("b"), role("a", CreateDate="2024-01-01T02:00:00+02:00"))
    sent.load(sent.file("a.json", held))
    raw = tmp_path / "raw" / A / "global" / f"iam.{OPERATION}.json"
    raw.parent.mkdir(parents=True)
    raw.write_text(json.dumps(held))
    import_raw(tmp_path / "raw", tmp_path / "other", redaction_key=KEY)
    assert contents(sent.into) == contents(tmp_path / "other")


def test_a_list_of_pages_and_pages_in_files_of_their_own_are_the_same(sent: Sent) -> None:
    first = details(role("a"), IsTruncated=True, Marker="more")
    second = details(role("b"), Policies=[])
    _, result = sent.load(sent.file("list.json", [first, second]))
    together = contents(sent.into)
    assert result.warnings == ()
    sent.into = sent.into.with_name("apart")
    snapshot, _ = sent.load(sent.file("1.json", first), sent.file("2.json", second))
    assert ids(snapshot) == ["a", "b"]
    assert snapshot.gaps("iam:role") == []
    assert contents(sent.into) == together


@given(
    names=st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8),
    cuts=st.lists(st.integers(0, 8), max_size=3),
    in_one_file=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_however_it_is_cut_into_pages_it_is_the_same(
    names: list[str], cuts: list[int], in_one_file: bool
) -> None:
    ends = sorted({min(cut, len(names)) for cut in cuts} | {len(names)})
    pages = [
        details(*map(role, names[begin:end]), Policies=[], Marker="more")
        for begin, end in zip([0, *ends], ends, strict=False)
    ]
    del pages[-1]["Marker"]
    with tempfile.TemporaryDirectory() as folder:
        sent = Sent(Path(folder))
        files = [sent.file(f"{number}.json", page) for number, page in enumerate(pages)]
        sent.load(*([sent.file("all.json", pages)] if in_one_file else files), account_id=A)
        apart = contents(sent.into)
        sent.into = sent.into.with_name("whole")
        whole = details(*map(role, names), Policies=[])
        sent.load(sent.file("whole.json", whole), account_id=A)
        assert apart == contents(sent.into)


def test_a_missing_last_page_is_a_gap_and_is_named(sent: Sent) -> None:
    snapshot, result = sent.load(sent.file("1.json", details(role("a"), Marker="more")))
    assert ids(snapshot) == ["a"]
    (row,) = snapshot.gaps("iam:role")
    assert (row.status, row.code, row.items) == (Status.ERROR, "Incomplete", 2)
    assert f"last page of account {A} is missing" in result.warnings[0]
    assert "1.json" in result.warnings[0]


@pytest.mark.parametrize("in_one_file", [True, False])
def test_several_accounts(sent: Sent, in_one_file: bool) -> None:
    held = {A: details(role("a")), B: [details(role("b", B))]}
    files = (
        [sent.file("all.json", held)]
        if in_one_file
        else [sent.file("b.json", held[B]), sent.file("a.json", held[A])]
    )
    snapshot, _ = sent.load(*files)
    assert (ids(snapshot, account=A), ids(snapshot, account=B)) == (["a"], ["b"])


def test_documents_as_the_api_gives_them(sent: Sent) -> None:
    held = details(role("r", AssumeRolePolicyDocument=quote(json.dumps(TRUST))))
    snapshot, _ = sent.load(sent.file("a.json", held))
    (item,) = snapshot.items("iam:role")
    assert item.item["AssumeRolePolicyDocument"] == TRUST


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress,
        lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
        lambda data: data.decode().encode("utf-16"),  # as PowerShell redirects
        lambda data: b"\xef\xbb\xbf" + data,
    ],
    ids=["gzip", "two gzip members", "utf-16", "byte order mark"],
)
def test_packed_and_written_otherwise(sent: Sent, packed: Any) -> None:
    data = packed(json.dumps(details(role("r"))).encode())
    snapshot, _ = sent.load(sent.file("a.json", data))
    assert ids(snapshot) == ["r"]


def test_standard_input(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(details(role("r"))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    snapshot, _ = sent.load(Path("-"))
    assert ids(snapshot) == ["r"]


def test_another_partition(sent: Sent) -> None:
    arn = f"arn:aws-cn:iam::{A}:role/r"
    snapshot, _ = sent.load(sent.file("a.json", details(role("r") | {"Arn": arn})))
    assert snapshot.manifest["accounts"][0]["partition"] == "aws-cn"


def test_a_repeated_entry_is_taken_once_and_named(sent: Sent) -> None:
    one = sent.file("1.json", details(role("a"), role("b"), Policies=[]))
    two = sent.file("2.json", details(role("b"), role("c"), Policies=[]))
    snapshot, result = sent.load(one, two)
    assert ids(snapshot) == ["a", "b", "c"]
    assert result.warnings == (
        f"{two} repeats 1 entries of {one}, taken once: arn:aws:iam::{A}:role/b",
    )


def test_two_states_of_one_account_are_refused(sent: Sent) -> None:
    one = sent.file("old.json", details(role("a")))
    two = sent.file("new.json", details(role("a", Description="other")))
    problem = sent.refused(one, two)
    assert str(one) in str(problem)
    assert str(two) in str(problem)
    assert f"role/a differently. They are two states of account {A}" in str(problem)
    assert problem.exit_code == 2


def test_a_file_named_twice_is_read_once(sent: Sent) -> None:
    one = sent.file("a.json", details(role("a")))
    assert sent.load(one, one)[1].warnings == ()


def test_whose_details_they_are(sent: Sent) -> None:
    nobody = sent.file("nobody.json", details())
    problem = sent.refused(nobody)
    assert f"{nobody} names no account" in str(problem)
    assert "--account" in str(problem)
    snapshot, _ = sent.load(nobody, account_id=A)
    assert snapshot.accounts == (A,)
    assert snapshot.status(A, "global", "iam", OPERATION) is Status.OK


@pytest.mark.parametrize(
    ("held", "account_id", "words"),
    [
        (details(role("a"), role("b", B)), "", f"mixes accounts: its ARNs name {A}, {B}"),
        ({B: details(role("a"))}, "", f"files the details of {A} under {B}"),
        (details(role("a")), B, f"holds the details of {A}, not of {B}"),
        ({"Error": {"Code": "AccessDenied", "Message": "no"}}, "", "AWS's refusal AccessDenied"),
        ({"Roles": []}, "", "none of UserDetailList"),
        ({"RoleDetailList": {}}, "", "RoleDetailList is an object and no list"),
        ([], "", "no account details"),
        ({}, "", "none of UserDetailList"),
        ([[details(role("a"))]], "", "a list of lists"),
        ("text", "", "it holds text"),
        (None, "", "it holds nothing"),
    ],
)
def test_what_is_something_else_is_named(
    sent: Sent, held: object, account_id: str, words: str
) -> None:
    file = sent.file("x.json", held)
    problem = sent.refused(file, account_id=account_id)
    assert str(file) in str(problem)
    assert words in str(problem)
    assert problem.exit_code == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"RoleDetailList": [', "truncated"),
        (b'{"RoleDetailList": ["ab', "truncated"),
        (gzip.compress(b"{}", mtime=0)[:-9], "truncated"),
        (b"", "truncated"),
        (b"{]", "not JSON"),
        (b"\x00\xff\xfe\x01", "cannot be read as JSON"),
        (b"[" * 100_000, "recursion"),
        (b"[" * 300 + b"]" * 300, "nested more than 200"),
    ],
    ids=["list", "text", "gzip", "nothing", "brackets", "bytes", "deep", "nested"],
)
def test_what_is_no_json_is_named(sent: Sent, data: bytes, words: str) -> None:
    file = sent.file("x.json", data)
    problem = sent.refused(file)
    assert str(file) in str(problem)
    assert words in str(problem)
    assert problem.exit_code == 1


def test_no_such_file(sent: Sent, tmp_path: Path) -> None:
    problem = sent.refused(tmp_path / "none.json")
    assert "none.json cannot be read (No such file or directory)" in str(problem)
    assert problem.exit_code == 2
    assert "Is a directory" in str(sent.refused(tmp_path))


def test_one_bad_file_among_good_ones_ends_the_import(sent: Sent) -> None:
    good = sent.file("a.json", details(role("a")))
    assert "bad.json" in str(sent.refused(good, sent.file("bad.json", b"{")))


def test_entries_of_the_wrong_shape_are_a_gap(sent: Sent) -> None:
    held = details(role("a"), {"RoleName": "without an ARN"}, users=["ann"])
    snapshot, _ = sent.load(sent.file("a.json", held))
    assert ids(snapshot) == ["a"]
    (row,) = snapshot.gaps("iam:role")
    assert (row.status, row.code) == (Status.ERROR, "UnknownShape")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\x1b[31m\n", "x" * 300, "\u202edrowssap", "%2e%2e%2f", "\ud800", "ü"],
)
def test_hostile_names_stay_what_they_are(sent: Sent, name: str) -> None:
    snapshot, _ = sent.load(sent.file("a.json", details(role(name))))
    (item,) = snapshot.items("iam:role")
    assert item.id == f"arn:aws:iam::{A}:role/{name}"
    assert {path.parent.name for path in sent.into.rglob("role.jsonl")} == {"iam"}


@pytest.mark.parametrize("document", ["[" * 100_000, "[" * 900 + "]" * 900, "%", "{", 5, None])
def test_documents_that_are_none_are_kept_as_they_are(sent: Sent, document: Any) -> None:
    held = details(role("r", AssumeRolePolicyDocument=document))
    snapshot, _ = sent.load(sent.file("a.json", held))
    (item,) = snapshot.items("iam:role")
    assert item.item["AssumeRolePolicyDocument"] == document


def test_a_large_file(sent: Sent) -> None:
    roles = [role(f"r{n}", Description="x" * 1000) for n in range(4000)]
    file = sent.file("large.json", details(*roles))
    assert file.stat().st_size > 5_000_000
    snapshot, result = sent.load(file)
    assert len(ids(snapshot)) == 4000
    assert result.warnings == ()


def test_an_existing_output_is_not_touched(sent: Sent) -> None:
    sent.into.mkdir()
    (sent.into / "mine").write_text("x")
    with pytest.raises(CollectError, match="exists already") as caught:
        sent.load(sent.file("a.json", details(role("a"))))
    assert caught.value.exit_code == 2
    assert (sent.into / "mine").read_text() == "x"
