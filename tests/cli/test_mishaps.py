"""What goes wrong ends with one clear sentence, the right exit code, and never a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mapper.errors import MapperError, sentence_of
from mapper.output.write import replace_file
from tests.cli.conftest import SNAPSHOT_ID, seen, write_snapshot
from tests.queries import organisation as org


def one_sentence(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]


def test_no_snapshot(tmp_path: Path, mapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAPPER_SNAPSHOT", raising=False)
    outcome = mapper("public")
    assert outcome.code == 1
    assert "mapper collect" in one_sentence(outcome.err)


def test_an_unfinished_snapshot_is_passed_over_or_named(place, mapper) -> None:
    write_snapshot(place.folder / "snapshots" / "z-unfinished", seen("ec2:vpc"), finished=False)
    assert mapper("coverage").code == 0
    outcome = mapper("coverage", "--snapshot", "snapshots/z-unfinished")
    assert outcome.code == 1
    assert "unfinished" in one_sentence(outcome.err)


def test_the_newest_snapshot_is_taken(place, mapper) -> None:
    later = write_snapshot(place.folder / "snapshots" / "aaa", seen("ec2:vpc"))
    manifest = later / "manifest.json"
    manifest.write_text(manifest.read_text().replace("2026-11-22T04:40", "2026-11-23T04:40"))
    assert mapper("coverage", "--format", "json").json["snapshot"]["id"] == "aaa"


def test_a_truncated_snapshot(place, mapper) -> None:
    path = place.snapshot / "coverage.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    outcome = mapper("coverage")
    assert outcome.code == 1
    assert "coverage.jsonl" in one_sentence(outcome.err)


@pytest.mark.parametrize(
    "manifest",
    [
        {"format": 1, "files": {}, "finished": "x"},
        {"format": 1, "files": [], "finished": "x", "id": "a", "accounts": []},
        {"format": 1, "files": {}, "finished": "x", "id": {"a": 1}, "accounts": []},
        {"format": 1, "files": {}, "finished": "x", "id": "a\x1b[31m", "accounts": []},
        {"format": 1, "files": {}, "finished": "x", "id": "a", "accounts": "1"},
        {"format": 1, "files": {}, "finished": 5, "id": "a", "accounts": []},
        {
            "format": 1,
            "files": {"accounts/../../x/secret.jsonl": ""},
            "finished": "x",
            "id": "a",
            "accounts": [],
        },
        "[" * 100_000,
    ],
)
@pytest.mark.parametrize("command", ["coverage", "public"])
def test_a_manifest_that_is_not_ours(place, mapper, manifest, command: str) -> None:
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (place.snapshot / "manifest.json").write_text(text)
    outcome = mapper(command, "--snapshot", place.snapshot)
    assert outcome.code == 1
    sentence = one_sentence(outcome.err)
    assert "manifest.json" in sentence
    assert "\x1b" not in sentence


def test_an_encrypted_zip(place, mapper) -> None:
    """A zip whose members ask for a password: their flag says so."""
    target = place.folder / "locked.zip"
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("manifest.json", (place.snapshot / "manifest.json").read_bytes())
    data = bytearray(target.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    target.write_bytes(data)
    outcome = mapper("coverage", "--snapshot", target)
    assert outcome.code == 1
    assert "encrypted" in one_sentence(outcome.err)


def test_a_graph_file_that_is_no_graph(place, mapper) -> None:
    place.graph.write_bytes(b"not a graph")
    outcome = mapper("public", "--graph", place.graph, "--snapshot", place.snapshot)
    assert outcome.code == 1
    assert "graph.kgl" in one_sentence(outcome.err)


def test_a_graph_of_another_snapshot(place, mapper) -> None:
    other = write_snapshot(place.folder / "other", seen("ec2:vpc"))
    outcome = mapper("public", "--graph", place.graph, "--snapshot", other)
    assert outcome.code == 2
    assert SNAPSHOT_ID in one_sentence(outcome.err)


def test_a_server_that_does_not_answer(place, mapper) -> None:
    outcome = mapper("public", "--graph", "bolt://127.0.0.1:1", "--snapshot", place.snapshot)
    assert outcome.code == 1
    assert "127.0.0.1:1" in one_sentence(outcome.err)


def test_a_password_in_the_address_is_refused(place, mapper) -> None:
    outcome = mapper("public", "--graph", "bolt://neo4j:hunter2@localhost:7687")
    assert outcome.code == 2
    assert "NEO4J_PASSWORD" in one_sentence(outcome.err)
    assert "hunter2" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pubic",), "Did you mean: mapper public"),
        (("public", "--verdict", "maybe"), "'maybe' is not one of"),
        (("public", "--port", "http"), "not a port"),
        (("public", "--port", "70000"), "not a port"),
        (("public", "--source", "space"), "'space' is not one of"),
        (("public", "--account", "shop"), "neither twelve digits nor the name"),
        (("public", "--verdict", "no"), "'no' is not one of"),
        (("collect", "--snapshot", "x"), "No such option"),
        (("demo", "--config", "x"), "No such option"),
        (("map", "--fail-on", "yes"), "No such option"),
        (("query",), "Give one of"),
        (("query", "peerings", "--list"), "Give one of"),
        (("query", "peerings", "-p", "x"), "write NAME=VALUE"),
        (("load", "--database", "x"), "--graph bolt://"),
        (("explain", "a", "b", "c", "d"), "FROM and TO"),
    ],
)
def test_wrong_usage_exits_2(place, mapper, arguments: tuple[str, ...], says: str) -> None:
    outcome = mapper(*arguments)
    assert outcome.code == 2
    assert says in " ".join(outcome.err.split())
    assert "Traceback" not in outcome.err


def test_an_unknown_query_names_the_nearest(ask) -> None:
    outcome = ask("query", "peering")
    assert outcome.code == 1
    assert "peerings" in one_sentence(outcome.err)


def test_an_output_that_cannot_be_written(place, ask) -> None:
    outcome = ask("public", "-o", "nowhere/rows.csv")
    assert outcome.code == 1
    assert "there is no folder nowhere" in one_sentence(outcome.err)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    target.write_text("old")
    with pytest.raises(MapperError, match=r"there is no folder"):
        replace_file(tmp_path / "gone" / "rows.csv", b"new")
    replace_file(target, b"new")
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_a_device_is_not_replaced() -> None:
    replace_file(Path(os.devnull), b"data")
    assert not Path(os.devnull).is_file()


def test_a_what_if_that_is_no_list_of_changes(place, mapper) -> None:
    (place.folder / "change.json").write_text('[{"op": "explode", "file": "f", "id": "i"}]')
    outcome = mapper("public", "--what-if", "change.json")
    assert outcome.code == 2
    assert "change.json" in one_sentence(outcome.err)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"op": "remove", "file": "{file}", "id": "account:1"}, "has no line with this id"),
        ({"op": "remove", "file": "accounts/x.jsonl", "id": "{id}"}, "has no line with this id"),
        ({"op": "add", "file": "{file}", "id": "{id}", "line": {}}, "already has"),
        ({"op": "add", "file": "{file}", "id": "{id}", "line": {"id": "b"}}, "has this id"),
        ({"op": "remove", "id": "{id}"}, "lacks 'file'"),
    ],
)
def test_a_what_if_that_would_change_nothing_is_refused(
    place, mapper, change: dict, says: str
) -> None:
    known = {"{file}": f"accounts/{org.SEC}/global/org/account.jsonl", "{id}": f"account:{org.DEV}"}
    made = {name: known.get(str(value), value) for name, value in change.items()}
    if made.get("line") == {}:
        made["line"] = {"id": made["id"], "item": {}, "calls": {}}
    (place.folder / "change.json").write_text(json.dumps([made]))
    outcome = mapper("public", "--what-if", "change.json")
    assert outcome.code == 2
    assert says in one_sentence(outcome.err)


def test_a_filter_that_nothing_can_match_is_no_good_news(ask) -> None:
    for arguments, says in (
        (("public", "--account", "123456789012"), "not in this snapshot"),
        (("public", "--region", "eu-wst-1"), "Did you mean eu-west-1"),
        (("public", "--type", "bucke"), "Did you mean bucket"),
        (("trusts", "--account", "123456789012"), "not in this snapshot"),
        (("admins", "--region", "nowhere"), "region 'nowhere'"),
        (("map", "--region", "nowhere", "-o", "m.html"), "region 'nowhere'"),
    ):
        outcome = ask(*arguments)
        assert outcome.code == 2, arguments
        assert says in " ".join(one_sentence(outcome.err).split())
    assert not Path("m.html").exists()


def test_a_filter_that_matches_nothing_here_is_an_empty_answer(ask) -> None:
    for arguments in (
        ("public", "--account", org.NOBODY),
        ("public", "--region", "us-east-1", "--port", "9"),
        ("public", "--type", "EC2::TransitGateway"),
        ("trusts", "--account", "security", "--region", "us-east-1"),
    ):
        outcome = ask(*arguments)
        assert outcome.code == 0, outcome.err
        assert "0 rows" in outcome.out


def test_a_label_that_the_graph_cannot_have_is_said(ask) -> None:
    outcome = ask("query", "--cypher", "MATCH (i:Instance)-[:REACHES]->(n) RETURN n.id AS id")
    assert outcome.code == 0
    assert "no label Instance. Did you mean EC2Instance" in outcome.err
    assert "no relationship type REACHES. Did you mean CAN_REACH?" in outcome.err
    known = ask("query", "--cypher", "MATCH (i:S3Bucket {name: ':No'}) RETURN i.id AS id")
    assert known.code == 0
    assert "The graph has no" not in known.err


def test_what_if_does_not_ask_a_loaded_graph(place, ask) -> None:
    (place.folder / "change.json").write_text(
        '[{"op": "remove", "file": "accounts/1/global/s3/bucket.jsonl", "id": "b"}]'
    )
    outcome = ask("public", "--what-if", "change.json", "--snapshot", place.snapshot)
    assert outcome.code == 2
    assert "--what-if" in one_sentence(outcome.err)


def test_an_error_nobody_foresaw_is_kept_in_a_file(place, mapper, monkeypatch) -> None:
    """A fault of mapper's own: no input is known that makes one, so one is made."""

    def fault(*_: object, **__: object) -> None:
        raise AttributeError("'int' object has no attribute 'get'")

    monkeypatch.setattr("mapper.session.Session.public", fault)
    outcome = mapper("public", "--snapshot", place.snapshot)
    assert outcome.code == 1
    sentence = outcome.err.splitlines()[-1]
    assert "Traceback" not in outcome.err
    assert "Please report it" in sentence
    (report,) = (place.folder / "cache" / "crashes").iterdir()
    assert str(report) in sentence
    assert "AttributeError" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


def command(place, *arguments: str, **options):
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-m", "mapper.cli", *arguments],
        cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_reader_that_goes_away_is_no_error(place) -> None:
    with command(place, "query", "--list", "--format", "json") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
    assert errors == ""
    assert process.returncode == 0


def test_help_imports_nothing_heavy(place) -> None:
    """What takes time to import is imported by the command that needs it."""
    script = (
        "import sys; from mapper.cli import run; run(['--help']); "
        "print(sorted({'boto3','botocore','pandas','kglite','neo4j','rich','networkx','pyvis',"
        "'jinja2','graph.store','viz.model'} & set(sys.modules)), file=sys.stderr)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"
    assert "Commands:" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "demo",
        "collect",
        "coverage",
        "load",
        "public",
        "trusts",
        "admins",
        "explain",
        "query",
        "map",
    ],
)
def test_every_command_has_help_with_an_example(mapper, name: str) -> None:
    outcome = mapper(name, "--help")
    assert outcome.code == 0
    assert "Example" in outcome.out
    assert f"mapper {name}" in outcome.out


def test_a_package_of_someone_else_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    import importlib.util

    from mapper.packages import check_packages

    check_packages()
    real = importlib.util.find_spec

    def shadowed(name: str, package: str | None = None):
        if name == "graph":
            (tmp_path / "graph").mkdir(exist_ok=True)
            (tmp_path / "graph" / "__init__.py").touch()
            return importlib.util.spec_from_file_location("graph", tmp_path / "graph/__init__.py")
        return real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", shadowed)
    with pytest.raises(MapperError, match="'graph' that mapper needs is hidden"):
        check_packages()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("output", [(), ("-o", "/dev/full")])
def test_a_full_disk_is_said_in_a_sentence(place, output: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        running = subprocess.run(
            [sys.executable, "-m", "mapper.cli", "coverage", "--format", "json", *output],
            cwd=place.folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert running.returncode == 1
    assert "No space left" in one_sentence(running.stderr)


def test_a_machine_that_has_run_out_is_no_bug() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "snapshots/x.jsonl")
    assert sentence_of(full) is not None
    assert "snapshots/x.jsonl" in str(sentence_of(full))
    assert sentence_of(OSError(errno.EBADF, "Bad file descriptor")) is None
