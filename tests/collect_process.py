"""``mapper collect`` as a process that asks the wire server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aws_wire.process import WireProcess, environment

ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("eu-west-1", "us-east-1")
SERVICES = ("iam", "org", "s3:bucket", "ec2:vpc", "ec2:subnet", "ec2:security-group", "kms", "sns")
SERVICES += ("lambda", "elbv2", "sso", "secretsmanager", "ecr")


class Runs:
    """Runs of one command in one directory.

    Args:
        server: the AWS that is asked.
        home: the user's.
        folder: where the snapshots go.
        services: what is collected.
    """

    def __init__(
        self,
        server: WireProcess,
        home: Path,
        folder: Path,
        services: tuple[str, ...] = SERVICES,
    ) -> None:
        self.server = server
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            **environment(server.url, ACCOUNTS[0]),
        }
        self.command = [sys.executable, "-c", "from mapper.cli import main; main()"]
        self.command += ["collect", "--org", "--role", "audit", "--snapshots", str(folder)]
        self.command += ["--processes", "1"]
        for region in REGIONS:
            self.command += ["--region", region]
        for service in services:
            self.command += ["--services", service]

    def start(self, before: str = "", **more: Any) -> subprocess.Popen[str]:
        """Start the command; ``before`` is Python that runs first."""
        command = list(self.command)
        command[2] = before + command[2]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def finish(self, expected: int = 0) -> Path:
        """Run to the end; the newest snapshot."""
        process = self.start()
        out, words = process.communicate(timeout=300)
        assert process.returncode == expected, out + words
        return max(self.folder.iterdir())

    def until(self, process: subprocess.Popen[str], requests: int) -> None:
        """Wait until so many requests came, or the process ended."""
        deadline = time.monotonic() + 120
        while self.server.count() < requests and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
