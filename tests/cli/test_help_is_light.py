"""``mapper --help`` loads nothing that only the work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("boto3", "botocore", "pandas", "numpy", "kglite", "neo4j", "networkx", "pyvis", "jinja2")

PROBE = """
import sys
from mapper.cli import run
code = run(sys.argv[1:])
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print("LOADED", *loaded)
sys.exit(code)
"""


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["public", "--help"], ["load", "--help"], ["collect", "--help"]],
    ids=" ".join,
)
def test_help_imports_no_engine(arguments: list[str]) -> None:
    loaded = loaded_by(*arguments)
    assert "click" in loaded
    assert not loaded & set(HEAVY)
