"""The AWS configuration files of a test's user."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest


def aws_home(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    *,
    region: str = "us-east-1",
) -> Path:
    """Give the test a home with this configuration and no credentials in the environment."""
    (folder / ".aws").mkdir(parents=True)
    (folder / ".aws" / "config").write_text(config)
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONFIG_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / ".aws" / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / ".aws" / "credentials"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    return folder


def process_file(path: Path, keys: dict[str, str]) -> str:
    """A ``credential_process`` that prints what stands in a file beside it; its command."""
    answer = path.with_suffix(".json")
    answer.write_text(json.dumps({"Version": 1, **keys}))
    path.write_text(
        "import pathlib, sys\n"
        f"with open({str(path.with_suffix('.log'))!r}, 'a') as log: log.write('x')\n"
        f"sys.stdout.write(pathlib.Path({str(answer)!r}).read_text())\n"
    )
    return f"{sys.executable} {path}"


def keys_of(given: dict[str, str]) -> dict[str, str]:
    """Credentials as STS gives them, as a ``credential_process`` prints them."""
    return {name: given[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
