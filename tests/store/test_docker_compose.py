"""``docker-compose.yml`` as Debian's docker-compose reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from graph.store.local_neo4j import DEFAULT_VERSION

FILE = Path(__file__).parents[2] / "docker-compose.yml"


def config(password: str | None) -> subprocess.CompletedProcess[str]:
    compose = shutil.which("docker-compose")
    if compose is None:
        reason = "docker-compose is not installed (Debian: apt-get install docker-compose)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")}
    if password is not None:
        environment["NEO4J_PASSWORD"] = password
    return subprocess.run(
        [compose, "-f", str(FILE), "config"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_valid_and_says_what_we_mean() -> None:
    done = config("a-password")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "NEO4J_AUTH: neo4j/a-password" in text
    image = next(line.split()[-1] for line in text.splitlines() if "image:" in line)
    assert image == f"neo4j:{DEFAULT_VERSION.rpartition('.')[0]}-community"
    ports = [line.split()[-1] for line in text.splitlines() if line.strip().startswith("- 127")]
    assert ports == ["127.0.0.1:7474:7474/tcp", "127.0.0.1:7687:7687/tcp"]
    assert "neo4j-data:/data:rw" in text
    assert "healthcheck:" in text


@pytest.mark.parametrize("password", [None, ""])
def test_without_a_password_it_says_so(password: str | None) -> None:
    done = config(password)
    assert done.returncode != 0
    assert "set NEO4J_PASSWORD" in done.stderr
