"""How lines become files, and how a half-written snapshot is taken up."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.snapshot import Snapshot, SnapshotError, Status
from collector.snapshot.archive import pack
from collector.snapshot.canonical import line_bytes, plain, time_text
from collector.snapshot.ledger import LedgerRow
from collector.snapshot.spool import Spool
from collector.snapshot.writer import Header, SnapshotWriter

NOW = dt.datetime(2026, 11, 22, 4, 35, 24, tzinfo=dt.UTC)
HEADER = Header("0.1.0", ("arn:aws:iam::111122223333:user/a",), {"regions": []}, "abc")
FILE = "accounts/111122223333/eu-west-1/ec2/vpc.jsonl"
ROW = LedgerRow("111122223333", "eu-west-1", "ec2", "describe_vpcs", "ec2:vpc", Status.OK, 1)


def line(line_id: str, **item: object) -> dict[str, object]:
    return {"id": line_id, "item": item, "calls": {}}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=60), st.integers(40, 4000))
def test_any_order_and_any_run_size_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], run_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    shuffled = ids.copy()
    random.Random(run_bytes).shuffle(shuffled)
    digests = []
    for number, order in enumerate((ids, shuffled)):
        spool = Spool(folder / f"{number}.jsonl", run_bytes if number else 10**9)
        for each in order:
            spool.add(line(each, text=each))
        digests.append(spool.close())
    assert digests[0] == digests[1]
    if ids:
        text = (folder / "0.jsonl").read_text(encoding="utf-8")
        assert [json.loads(row)["id"] for row in text.split("\n") if row] == sorted(set(ids))
    assert not list(folder.glob("*.part"))


def test_no_lines_make_no_file(tmp_path: Path) -> None:
    assert Spool(tmp_path / "x.jsonl").close() is None
    assert not (tmp_path / "x.jsonl").exists()


def test_half_a_surrogate_pair_survives(tmp_path: Path) -> None:
    written = line_bytes({"id": "x", "item": {"Name": "a\ud800b"}})
    assert json.loads(written)["item"]["Name"] == "a\ud800b"
    assert written.decode("utf-8")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (dt.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05Z"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, 120000, tzinfo=dt.UTC), "2024-01-02T03:04:05.120000Z"),
        (
            dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2024-01-02T01:04:05Z",
        ),
    ],
)
def test_times_are_utc(moment: dt.datetime, text: str) -> None:
    assert time_text(moment) == text
    assert plain({"at": [moment]}) == {"at": [text]}


def written(folder: Path, *jobs: str) -> SnapshotWriter:
    writer = SnapshotWriter.begin(folder / "2026-11-22T04-35-24Z-ab12", HEADER, NOW)
    for job in jobs:
        file = FILE.replace("vpc", job)
        spool = writer.spool(file)
        spool.add(line(job))
        writer.close_job(job, {file: spool}, [ROW])
    return writer


def test_an_unfinished_snapshot_is_refused_and_continued(tmp_path: Path) -> None:
    writer = written(tmp_path, "vpc")
    writer.spool(FILE.replace("vpc", "subnet")).add(line("lost"))
    writer.leave()
    with pytest.raises(SnapshotError, match="unfinished"):
        Snapshot.open(writer.path)
    again = SnapshotWriter.resume(tmp_path, HEADER, NOW)
    assert again is not None
    assert again.done == {"vpc"}
    again.finish([{"id": "111122223333", "name": ""}], ["eu-west-1"], {})
    snapshot = Snapshot.open(writer.path)
    assert [item.id for item in snapshot.items("ec2:vpc")] == ["vpc"]
    assert SnapshotWriter.resume(tmp_path, HEADER, NOW) is None


@pytest.mark.parametrize(
    ("header", "now"),
    [
        (Header("0.1.0", ("arn:aws:iam::111122223333:user/b",), HEADER.scope, "abc"), NOW),
        (Header("0.1.0", HEADER.callers, {"regions": ["eu-west-1"]}, "abc"), NOW),
        (Header("0.1.0", HEADER.callers, HEADER.scope, "other"), NOW),
        (Header("0.2.0", HEADER.callers, HEADER.scope, "abc"), NOW),
        (HEADER, NOW + dt.timedelta(hours=25)),
    ],
    ids=["caller", "scope", "declarations", "version", "age"],
)
def test_what_differs_is_not_continued(tmp_path: Path, header: Header, now: dt.datetime) -> None:
    written(tmp_path, "vpc").leave()
    assert SnapshotWriter.resume(tmp_path, header, now) is None


def test_a_snapshot_that_another_process_writes_is_passed_over(tmp_path: Path) -> None:
    writer = written(tmp_path, "vpc")
    assert SnapshotWriter.resume(tmp_path, HEADER, NOW) is None
    writer.leave()
    assert SnapshotWriter.resume(tmp_path, HEADER, NOW) is not None


def test_a_damaged_file_or_journal_line_is_done_again(tmp_path: Path) -> None:
    writer = written(tmp_path, "vpc", "subnet", "address")
    writer.leave()
    (writer.path / FILE).write_text("damaged")
    journal = writer.path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    again = SnapshotWriter.resume(tmp_path, HEADER, NOW)
    assert again is not None
    assert again.done == {"subnet"}
    assert not (writer.path / FILE).exists()


LINE = {"job": "x", "files": {}, "rows": [ROW.as_json()]}


@pytest.mark.parametrize(
    "garbage",
    [
        ["job", "files", "rows"],
        7,
        {"job": "x", "files": {}},
        LINE | {"job": ["x"]},
        LINE | {"files": []},
        LINE | {"files": {"x": 1}},
        LINE | {"files": {"../outside": hashlib.sha256(b"").hexdigest()}},
        LINE | {"rows": 7},
        LINE | {"rows": [7]},
        LINE | {"rows": [{}]},
        LINE | {"rows": [{"status": "ok"}]},
        LINE | {"rows": [ROW.as_json() | {"status": []}]},
        LINE | {"rows": [ROW.as_json() | {"items": "many"}]},
    ],
    ids=str,
)
def test_a_journal_line_of_another_shape_is_dropped(tmp_path: Path, garbage: object) -> None:
    writer = written(tmp_path, "vpc")
    writer.leave()
    (tmp_path / "outside").write_bytes(b"")
    journal = writer.path / "journal.jsonl"
    whole = journal.read_bytes()
    for entry, done in ((garbage, {"vpc"}), (LINE, {"vpc", "x"})):
        journal.write_bytes(whole + json.dumps(entry).encode() + b"\n")
        again = SnapshotWriter.resume(tmp_path, HEADER, NOW)
        assert again is not None
        assert again.done == done
        again.leave()
    again = SnapshotWriter.resume(tmp_path, HEADER, NOW)
    assert again is not None
    again.finish([], [], {})
    assert len(Snapshot.open(again.path).ledger) == 1


def test_an_unfinished_manifest_without_an_id_is_not_continued(tmp_path: Path) -> None:
    path = written(tmp_path, "vpc").path
    manifest = json.loads((path / "manifest.json").read_bytes())
    del manifest["id"]
    (path / "manifest.json").write_text(json.dumps(manifest))
    assert SnapshotWriter.resume(tmp_path, HEADER, NOW) is None


@pytest.mark.parametrize(
    "file",
    [
        "../x.jsonl",
        "/x.jsonl",
        "accounts//x.jsonl",
        "accounts/./x.jsonl",
        "accounts/../../x.jsonl",
        "accounts\\..\\x.jsonl",
        "accounts/x\0.jsonl",
        "",
    ],
)
def test_no_file_is_written_outside_the_snapshot(tmp_path: Path, file: str) -> None:
    writer = written(tmp_path, "vpc")
    for attempt in (
        lambda: writer.spool(file),
        lambda: writer.adopt("x", tmp_path, {file: "x"}, []),
    ):
        with pytest.raises(OSError, match="no place inside"):
            attempt()
    # its twin
    assert writer.spool("accounts/..x.jsonl").path == writer.path / "accounts" / "..x.jsonl"


def finished(folder: Path) -> Path:
    writer = written(folder, "vpc")
    return writer.finish([{"id": "111122223333", "name": ""}], ["eu-west-1"], {})


def test_a_truncated_file_is_refused_even_at_a_lines_end(tmp_path: Path) -> None:
    path = finished(tmp_path)
    assert len(list(Snapshot.open(path).items("ec2:vpc"))) == 1
    (path / FILE).write_text("")
    with pytest.raises(SnapshotError, match=r"vpc\.jsonl was truncated"):
        list(Snapshot.open(path).items("ec2:vpc"))


def test_a_truncated_ledger_is_refused(tmp_path: Path) -> None:
    path = finished(tmp_path)
    (path / "coverage.jsonl").write_text("")
    with pytest.raises(SnapshotError, match="coverage"):
        _ = Snapshot.open(path).ledger


def test_a_zip_reads_like_its_directory_and_is_always_the_same(tmp_path: Path) -> None:
    path = finished(tmp_path)
    one, two = (pack(path, tmp_path / name) for name in ("a.zip", "b.zip"))
    assert one.read_bytes() == two.read_bytes()
    packed = Snapshot.open(one)
    assert list(packed.items("ec2:vpc")) == list(Snapshot.open(path).items("ec2:vpc"))
    assert packed.ledger == Snapshot.open(path).ledger


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    whole = pack(finished(tmp_path), tmp_path / "a.zip")
    whole.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(SnapshotError, match="zip"):
        Snapshot.open(whole)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    import zipfile

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        out.writestr("manifest.json", b" " * 100_000_000)
    with pytest.raises(SnapshotError, match="too many"):
        Snapshot.open(bomb)


def test_an_unfinished_snapshot_is_not_packed(tmp_path: Path) -> None:
    writer = written(tmp_path, "vpc")
    with pytest.raises(ValueError, match="unfinished"):
        pack(writer.path, tmp_path / "a.zip")


def test_a_row_for_several_types_is_a_gap_of_each(tmp_path: Path) -> None:
    writer = written(tmp_path)
    writer.close_job(
        "x",
        {},
        [
            LedgerRow("1", "global", "iam", "o", "iam:role,iam:user", Status.DENIED),
            LedgerRow("2", "global", "sts", "assume_role", "*", Status.DENIED),
        ],
    )
    writer.finish([], [], {})
    snapshot = Snapshot.open(writer.path)
    assert {row.account_id for row in snapshot.gaps("iam:user")} == {"1", "2"}
    assert {row.account_id for row in snapshot.gaps("ec2:vpc")} == {"2"}
