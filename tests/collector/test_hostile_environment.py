"""``mapper collect`` where the machine or its configuration is wrong: one sentence, and an exit
code that is not 0. Beside each stands what is nearly the same and works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_wire.process import WireProcess
from collect_process import ACCOUNTS, REGIONS, Runs

ROLE = "role_arn = arn:aws:iam::111122223333:role/"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
CLOCK = """
import datetime
class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=365 * {years})
datetime.datetime = Wrong
"""
GONE = """
import os, tempfile
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    estate = {"accounts": ACCOUNTS, "regions": REGIONS}
    with WireProcess(world={"items": 2, "elements": 1}, estate=estate) as process:
        yield process


class Machine:
    """A machine whose configuration a test spoils."""

    def __init__(self, server: WireProcess, folder: Path) -> None:
        self.home = folder / "home"
        (self.home / ".aws").mkdir(parents=True)
        self.runs = Runs(server, self.home, folder / "snapshots", ("sns",))
        self.environment = self.runs.environment
        self.arguments = ["--services", "sns", "--region", "us-east-1"]
        self.to = ["--snapshots", str(folder / "snapshots")]

    def configured(self, name: str, data: bytes) -> None:
        """Write a file of ``~/.aws`` and let botocore read it."""
        (self.home / ".aws" / name).write_bytes(data)
        for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            self.environment.pop(variable, None)

    def without_keys(self) -> None:
        for name in KEYS:
            self.environment.pop(name, None)
        self.environment["AWS_EC2_METADATA_DISABLED"] = "true"

    def collect(self, *more: str, before: str = "") -> tuple[int, str]:
        """Exit code, and what is said on stderr."""
        start = [sys.executable, "-c", f"{before}\nfrom mapper.cli import main; main()", "collect"]
        done = subprocess.run(
            [*start, *self.arguments, *self.to, *more],
            env=self.environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        words = done.stderr.decode(errors="replace")
        assert "Traceback" not in words
        assert "in a way it does not know" not in words, words
        return done.returncode, words

    def fails(self, *more: str, before: str = "", code: int = 1) -> str:
        """The one sentence of a run that fails."""
        found, words = self.collect(*more, before=before)
        assert found == code, words
        assert [line.startswith("Error: ") for line in words.splitlines()].count(True) == 1
        return words

    def works(self, *more: str, before: str = "") -> None:
        code, words = self.collect(*more, before=before)
        assert code == 0, words


@pytest.fixture
def machine(server: WireProcess, tmp_path: Path) -> Machine:
    return Machine(server, tmp_path)


def test_no_home_and_no_locale_are_no_trouble(machine: Machine) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        machine.environment.pop(name)
    machine.environment |= {"LANG": "C", "LC_ALL": "C"}
    if Path("~").expanduser().is_dir() and os.access(Path("~").expanduser(), os.W_OK):
        machine.environment["XDG_CONFIG_HOME"] = str(machine.home / "elsewhere")
    machine.works()


def test_a_home_that_is_a_file_has_no_place_for_the_key(machine: Machine) -> None:
    machine.environment.pop("XDG_CONFIG_HOME")
    place = machine.home / "file"
    place.write_text("")
    machine.environment["HOME"] = str(place)
    assert "redaction.key" in machine.fails()


def test_a_name_that_is_no_text_in_this_locale(machine: Machine, tmp_path: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    machine.environment |= ascii_only
    assert "are no text here" in machine.fails("--to", str(tmp_path / "snäpshot"))
    machine.works("--to", str(tmp_path / "snapshot"))
    machine.environment |= {"PYTHONUTF8": "1"}
    machine.works("--to", str(tmp_path / "snäpshot"))


@pytest.mark.parametrize("years", [10, 0])
def test_a_clock_that_cannot_be_right(machine: Machine, years: int) -> None:
    if years:
        assert "clock says 201" in machine.fails(before=CLOCK.format(years=years))
    else:
        machine.works(before=CLOCK.format(years=years))


def test_the_current_folder_is_gone(machine: Machine) -> None:
    assert "current folder" in machine.fails(before=GONE)


@pytest.mark.parametrize("file", ["config", "credentials"])
@pytest.mark.parametrize(
    "data", [b"[profile z\xfcrich]\nregion = eu-west-1\n", bytes(range(256)), b"no ini\n[default\n"]
)
def test_a_configuration_that_cannot_be_read(machine: Machine, file: str, data: bytes) -> None:
    machine.configured(file, data)
    words = machine.fails()
    assert "configuration cannot be used" in words
    assert str(machine.home / ".aws" / file) in words


def test_the_same_configuration_in_utf_8(machine: Machine) -> None:
    machine.configured("config", "[profile zürich]\nregion = eu-west-1\n".encode())
    machine.works()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (f"[profile a]\n{ROLE}a\nsource_profile = b\n[profile b]\n{ROLE}b\nsource_profile = a\n",
         "loop"),
        (f"[profile a]\n{ROLE}a\nsource_profile = nobody\n", "nobody"),
        (f"[profile a]\n{ROLE}a\n", "a"),
        ("[profile a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n", "secret"),
        ("[profile a]\ncredential_process = /nonexistent/tool\n", "/nonexistent/tool"),
        ("[profile a]\ncredential_process = /bin/echo hello\n", "cannot be had"),
        ("[profile a]\ncredential_process = /bin/false\n", "custom-process"),
    ],
    ids=["loop", "no-source", "no-way", "half", "no-tool", "no-json", "fails"],
)  # fmt: skip
def test_a_profile_that_gives_no_credentials(machine: Machine, config: str, words: str) -> None:
    machine.without_keys()
    machine.configured("config", config.encode())
    said = machine.fails("--profile", "a")
    assert words in said
    assert "profile a" in said


def test_a_process_that_gives_credentials(machine: Machine) -> None:
    key, secret = (machine.environment[name] for name in KEYS[:2])
    machine.without_keys()
    told = f'{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "{secret}"}}'
    answer = machine.home / "answer.json"
    answer.write_text(told)
    machine.configured("config", f"[profile a]\ncredential_process = cat {answer}\n".encode())
    machine.works("--profile", "a")


def test_a_profile_that_does_not_exist(machine: Machine) -> None:
    machine.configured("config", b"[profile there]\nregion = eu-west-1\n")
    assert "'nobody'" in machine.fails("--profile", "nobody", code=2)
    machine.environment["AWS_PROFILE"] = "nobody"
    assert "unset AWS_PROFILE" in machine.fails(code=2)
    machine.environment["AWS_PROFILE"] = "there"
    machine.works()


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "not a url"])
def test_a_proxy_that_is_none(machine: Machine, proxy: str) -> None:
    machine.environment |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "AWS_MAX_ATTEMPTS": "1"}
    assert "the proxy" in machine.fails()
    machine.environment["NO_PROXY"] = "127.0.0.1,localhost"
    machine.works()


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("AWS_ENDPOINT_URL", "nonsense", 1, "AWS_ENDPOINT_URL"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:99999", 1, "AWS_ENDPOINT_URL"),
        ("AWS_MAX_ATTEMPTS", "many", 2, "AWS_MAX_ATTEMPTS"),
        ("AWS_DEFAULT_REGION", "mars north", 1, "mars north"),
    ],
)
def test_a_variable_that_means_nothing(
    machine: Machine, name: str, value: str, code: int, words: str
) -> None:
    machine.environment[name] = value
    assert words in machine.fails(code=code)


@pytest.fixture
def closed_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that takes no writing, where one may be mounted."""
    where = tmp_path / "closed"
    where.mkdir()
    mount = shutil.which("mount")
    options = ("-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", str(where))
    made = mount and subprocess.run([mount, *options], capture_output=True, check=False)
    if not made or made.returncode:
        pytest.skip("a file system cannot be mounted here (needs root)")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_a_disk_that_takes_no_writing(machine: Machine, closed_disk: Path) -> None:
    machine.to = ["--snapshots", str(closed_disk / "snapshots")]
    assert "cannot be written" in machine.fails()
    subprocess.run(["mount", "-o", "remount,rw", str(closed_disk)], check=True)
    machine.works()
