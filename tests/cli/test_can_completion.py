"""Tab completion through click's protocol, and the scripts that call it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.cli import asked_world as here
from tests.cli.test_can import snapshot

__all__ = ["snapshot"]


def complete(*words, place=None):
    """What the shell is offered for the last word; nothing may be said on stderr."""
    environment = {
        **os.environ,
        "COMP_WORDS": " ".join(("mapper", *words)),
        "COMP_CWORD": str(len(words)),
        "_MAPPER_COMPLETE": "bash_complete",
    }
    if place is not None:
        environment["MAPPER_SNAPSHOT"] = str(place)
    done = subprocess.run(
        [sys.executable, "-m", "mapper.cli"], env=environment, capture_output=True, check=False
    )
    assert done.stderr == b""
    return [line.partition(",")[2] for line in done.stdout.decode().splitlines() if line]


def test_commands_and_options(snapshot):
    assert {"can", "who-can"} <= {*complete("can"), *complete("who")}
    assert complete("can", "--abs") == ["--absent"]


def test_principals_of_the_snapshot(snapshot):
    assert complete("can", "al") == ["alice"]
    assert complete("can", "AL") == ["alice"]
    assert complete("can", f"arn:aws:iam::{here.PROD}:role/serv") == [here.APP]
    assert len(complete("can", "reader-")) == here.READERS
    assert "anonymous" in complete("can", "an")


def test_names_that_a_shell_could_misread_are_left_out(snapshot):
    assert complete("can", "evil") == []


def test_actions_by_service(snapshot):
    assert "s3:" in complete("can", "alice", "s3")
    assert complete("can", "alice", "s3:GetObjectAc") == ["s3:GetObjectAcl"]
    assert complete("who-can", "s3:GetObjectAc") == ["s3:GetObjectAcl"]


def test_resources_queries_and_explain(snapshot):
    assert complete("can", "alice", "s3:GetObject", "da") == ["data"]
    assert complete("query", "admins-d") == ["admins-direct"]
    assert complete("explain", "alice", "s3:GetObjectAc") == ["s3:GetObjectAcl"]
    assert complete("explain", "alice", "s3:GetObject", "lo") == ["logs"]
    assert complete("can", "alice", "--service", "dynamod") == ["dynamodb"]


def test_another_snapshot_is_not_answered_from_the_cache(snapshot, tmp_path):
    assert complete("can", "al") == ["alice"]
    other = tmp_path / "other"
    other.mkdir()
    here.write(other)
    users = other / f"accounts/{here.PROD}/global/iam/user.jsonl"
    users.write_text(users.read_text().replace(":user/alice", ":user/albert"))
    assert complete("can", "al", place=other) == ["albert"]


def test_a_zip_is_read_too(snapshot, tmp_path):
    packed = tmp_path / "demo.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in snapshot.rglob("*"):
            archive.write(path, path.relative_to(snapshot))
    assert complete("can", "al", place=packed) == ["alice"]


def test_without_a_snapshot_tab_says_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    assert complete("can", "al") == []
    assert complete("can", "alice", "s3:GetObjectAc") == ["s3:GetObjectAcl"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_reads(mapper, tmp_path, shell):
    outcome = mapper("completion", shell)
    assert (outcome.code, outcome.err) == (0, "")
    assert "_MAPPER_COMPLETE" in outcome.out
    if shutil.which(shell):
        script = tmp_path / "script"
        script.write_text(outcome.out)
        subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_an_action_with_its_colon(snapshot, mapper, tmp_path):
    """In bash itself: the script is read and its function is called as for a tab."""
    script = tmp_path / "script"
    script.write_text(mapper("completion", "bash").out)
    command = tmp_path / "mapper"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mapper.cli "$@"\n')
    command.chmod(0o755)
    tab = (
        f"source {script}; [[ $COMP_WORDBREAKS != *:* ]] || exit 1; "
        "COMP_WORDS=(mapper can alice s3:GetObjectAc); COMP_CWORD=3; "
        f'_mapper_completion {command}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", tab], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["s3:GetObjectAcl"]
