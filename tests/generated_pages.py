"""Pages of docs of which a part is generated, between two markers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def between(current: str, begin: str, end: str, made: str, name: str) -> str:
    """A page with its generated part written anew.

    Raises:
        ValueError: the page lacks the markers of the generated part.
    """
    head, first, rest = current.partition(begin)
    _, last, tail = rest.partition(end)
    if not first or not last:
        raise ValueError(f"{name} needs {begin} and {end}")
    return f"{head}{begin}\n\n{made}\n\n{end}{tail}"


def write_or_check(
    arguments: list[str] | None,
    command: str,
    description: str | None,
    path: Path,
    page: Callable[[str], str],
) -> int:
    """Write a page; with ``--check`` say whether it is stale (exit 1)."""
    parser = argparse.ArgumentParser(prog=command, description=description)
    parser.add_argument("--check", action="store_true", help="only compare, do not write")
    parser.add_argument("-o", "--output", type=Path, default=path)
    chosen = parser.parse_args(arguments)
    current = chosen.output.read_text(encoding="utf-8")
    wanted = page(current)
    if not chosen.check:
        chosen.output.write_text(wanted, encoding="utf-8")
    elif wanted != current:
        sys.stderr.write(f"{chosen.output} is stale. Write it with: {command}\n")
        return 1
    return 0
