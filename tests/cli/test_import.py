"""``mapper import``: what people type, what they are told, and what is left behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mapper.commands.import_ import folded
from tests.cli.test_answers import VALIDATOR

ACCOUNT = "111122223333"
VENDOR = "999988887777"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ADMIN = {
    "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
    "PolicyName": "AdministratorAccess",
    "DefaultVersionId": "v1",
    "PolicyVersionList": [
        {
            "VersionId": "v1",
            "IsDefaultVersion": True,
            "Document": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            },
        }
    ],
}


def details(*names: str) -> dict:
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [
            {
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "RoleName": name,
                "RoleId": f"AROA{name.upper():A<17}"[:21],
                "Path": "/",
                "AssumeRolePolicyDocument": TRUST,
                "RolePolicyList": [],
                "InstanceProfileList": [],
                "AttachedManagedPolicies": [
                    {"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN["Arn"]}
                ],
            }
            for name in names
        ],
        "Policies": [ADMIN],
        "IsTruncated": False,
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("MAPPER_SNAPSHOT", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "details.json").write_text(json.dumps(details("vendor")))
    return tmp_path


def record(folder: Path, name: str, answer: object, place: str = "eu-west-1") -> None:
    path = folder / "raw" / ACCOUNT / place / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(answer if isinstance(answer, str) else json.dumps(answer))


def sentence(text: str) -> str:
    (line,) = text.strip().splitlines()
    assert "Traceback" not in line
    return line


def test_account_details_then_the_answers(folder: Path, mapper) -> None:
    outcome = mapper("import", "gaad", "details.json")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"1 account ({ACCOUNT})" in outcome.out
    assert "Not looked at:" in outcome.out
    admins = mapper("admins", "--format", "json").json
    (own,) = [row for row in admins["rows"] if row["id"].endswith(":role/vendor")]
    # Nobody read the SCPs: the row says so, and missing data never means no.
    assert (own["verdict"], own["assumes"]) == ("yes", [f"scp:{ACCOUNT}"])
    assert not admins["coverage"]["complete"]
    (trust,) = mapper("trusts", "--format", "json").json["rows"]
    assert VENDOR in trust["from"]
    assert trust["verdict"] == "yes"
    public = mapper("public", "--format", "json").json
    assert public["rows"] == []
    assert {row["status"] for row in public["coverage"]["missing"]} == {"not_attempted"}
    assert {"ec2", "s3"} <= {row["service"] for row in public["coverage"]["missing"]}


def test_the_summary_as_json_is_of_the_schema(folder: Path, mapper) -> None:
    outcome = mapper("import", "gaad", "details.json", "-o", "here", "--format", "json")
    VALIDATOR.validate(outcome.json)
    assert outcome.json["command"] == "import"
    (row,) = outcome.json["rows"]
    assert (row["path"], row["accounts"]) == ("here", [ACCOUNT])
    assert (folder / "here" / "manifest.json").is_file()
    assert not (folder / "snapshots").exists()


def test_recorded_answers_become_the_newest_snapshot(folder: Path, mapper) -> None:
    record(folder, "sns.list_topics", {"Topics": []})
    for number in range(7):
        record(folder, f"guardduty.list_{number}", {})
    outcome = mapper("import", "raw", "raw")
    assert outcome.code == 0
    assert "7 files are of no operation that is used: " in sentence(outcome.err)
    rows = mapper("coverage", "--format", "json").json["rows"]
    assert {row["status"] for row in rows} == {"empty", "not_attempted"}
    loud = mapper("import", "raw", "raw", "-v")
    assert loud.err.count("guardduty.list_") == 7
    quiet = mapper("import", "raw", "raw", "-q")
    assert quiet.err == ""


def test_cloudmappers_folder(folder: Path, mapper) -> None:
    path = folder / "account-data" / "prod" / "us-east-1" / "s3-list-buckets.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"Buckets": [{"Name": "site"}]}')
    outcome = mapper("import", "cloudmapper", ".")
    assert outcome.code == 2
    assert "--account prod=ID" in sentence(outcome.err)
    assert mapper("import", "cloudmapper", ".", "--account", f"prod={ACCOUNT}").code == 0
    outcome = mapper("import", "cloudmapper", ".", "--account", "prod")
    assert outcome.code == 2
    assert "is not NAME=ID" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("gaad", "none.json"), 2, "none.json cannot be read (No such file or directory)"),
        (("gaad", "cut.json"), 1, "cut.json cannot be read as JSON (it is truncated"),
        (("gaad", "other.json"), 2, "other.json is not the output of aws iam get-account-auth"),
        (("gaad", "details.json", "--account", "12"), 2, "'12' is not an account id"),
        (("gaad", "details.json", "--account", VENDOR), 2, f"not of {VENDOR}"),
        (("gaad", "details.json", "-o", "full"), 2, "full exists already"),
        (("gaad", "details.json", "-o", "details.json/x"), 1, "cannot be written"),
        (("raw", "none"), 2, "none cannot be read (No such file or directory)"),
        (("raw", "details.json"), 2, "details.json cannot be read (Not a directory)"),
        (("raw", "empty"), 2, "holds no recorded answers. Expected: <account>/"),
        (("raw", "."), 2, "mapper import gaad FILE"),
        (("raw", "broken"), 1, f"{ACCOUNT}/global/s3.list_buckets.json cannot be read as JSON"),
        (("cloudmapper", "empty"), 2, "no account of CloudMapper's"),
        (("gaad",), 2, "Missing argument 'FILE...'"),
        (("rav", "x"), 2, "No such command 'rav'"),
    ],
)
def test_mishaps_are_one_sentence(
    folder: Path, mapper, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (folder / "cut.json").write_text('{"RoleDetailList": [{"Arn": "arn')
    (folder / "other.json").write_text('{"Buckets": []}')
    for name in ("full", "empty", "broken"):
        (folder / name).mkdir()
    broken = folder / "broken" / ACCOUNT / "global" / "s3.list_buckets.json"
    broken.parent.mkdir(parents=True)
    broken.write_text('{"Buckets": [')
    outcome = mapper("import", *arguments)
    assert outcome.code == code
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    assert not list(folder.glob("snapshots/*"))
    assert not (folder / "cache" / "crashes").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_no_permission(folder: Path, mapper) -> None:
    (folder / "details.json").chmod(0)
    outcome = mapper("import", "gaad", "details.json")
    assert outcome.code == 1
    assert "details.json cannot be read (Permission denied)" in sentence(outcome.err)


COMMAND = "import sys; from mapper.cli import main; main(sys.argv[1:])"


def test_a_disk_that_is_full_leaves_nothing(folder: Path) -> None:
    (folder / "large.json").write_text(json.dumps(details(*(f"r{n}" for n in range(2000)))))

    def little_space() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "import", "gaad", "large.json"],
        preexec_fn=little_space,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written" in sentence(done.stderr)
    assert "-o" in done.stderr
    assert list((folder / "snapshots").iterdir()) == []


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_leaves_nothing(folder: Path, stop: signal.Signals) -> None:
    (folder / "large.json").write_text(json.dumps(details(*(f"r{n}" for n in range(20_000)))))
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "import", "gaad", "large.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    snapshots = folder / "snapshots"
    while process.poll() is None and not (snapshots.is_dir() and list(snapshots.iterdir())):
        time.sleep(0.002)
    process.send_signal(stop)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert list(snapshots.iterdir()) == []


def test_an_unfinished_import_is_never_the_newest(folder: Path, mapper) -> None:
    assert mapper("import", "gaad", "details.json").code == 0
    (done,) = (folder / "snapshots").iterdir()
    half = folder / "snapshots" / "9999-half"
    half.mkdir()
    manifest = json.loads((done / "manifest.json").read_text())
    (half / "manifest.json").write_text(json.dumps(manifest | {"finished": None, "id": half.name}))
    assert mapper("coverage", "--format", "json").json["snapshot"]["id"] == done.name


def test_names_are_shown_without_control_characters(folder: Path, mapper) -> None:
    (folder / "a\x1b[31mb.json").write_text("{")
    outcome = mapper("import", "gaad", "a\x1b[31mb.json")
    assert "\x1b" not in sentence(outcome.err)


def test_help_says_where_to_start(folder: Path, mapper) -> None:
    outcome = mapper("import", "--help")
    assert [word for word in ("gaad", "raw", "cloudmapper") if word not in outcome.out] == []
    assert "aws iam get-account-authorization-details" in mapper("import", "gaad", "--help").out
    assert "<account>/<region or global>" in mapper("import", "raw", "--help").out


def test_few_warnings_are_not_folded() -> None:
    warnings = ("x is of no operation that is used", "y fits no call that was made", "else")
    assert folded(warnings) == ["else", *warnings[:2]]


def test_the_next_commands_name_a_snapshot_elsewhere(folder: Path, mapper) -> None:
    elsewhere = " ".join(mapper("import", "gaad", "details.json", "-o", "the place").out.split())
    assert "Next: mapper admins --snapshot 'the place'" in elsewhere
    assert "mapper who-can ACTION RESOURCE --snapshot 'the place'" in elsewhere
    usual = " ".join(mapper("import", "gaad", "details.json").out.split())
    assert "Next: mapper admins, mapper trusts, mapper can PRINCIPAL, mapper who-can" in usual
    assert "--snapshot" not in usual


def test_the_summary_counts_principals(folder: Path, mapper) -> None:
    assert (
        "IAM: 0 users, 0 groups, 1 role, 1 policy." in mapper("import", "gaad", "details.json").out
    )
    record(folder, "sns.list_topics", {"Topics": []})
    assert "IAM:" not in mapper("import", "raw", "raw").out


def test_cloudmapper_and_raw_send_each_other_on(folder: Path, mapper) -> None:
    for place in ("eu-west-1", "global"):
        record(folder, "sns.list_topics", {"Topics": []}, place)
    outcome = mapper("import", "cloudmapper", "raw")
    assert outcome.code == 2
    assert "mapper import raw raw" in sentence(outcome.err)
    path = folder / "theirs" / ACCOUNT / "us-east-1" / "sns-list-topics.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"Topics": []}')
    assert mapper("import", "cloudmapper", "theirs").code == 0
