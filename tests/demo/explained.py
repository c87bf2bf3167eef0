"""Write ``docs/explained.md``: three exposures and three decoys, as ``mapper explain`` prints them.

``python -m tests.demo.explained SNAPSHOT`` with the snapshot that ``make demo`` leaves.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explained.md"
_ANY_SNAPSHOT = re.compile(r"Snapshot \S+?(?=[.,; ]|$)")
PARTS = (
    (
        "Exposures",
        (
            ("3f4933ba", "An instance with an IPv6 address only; IPv4 is closed."),
            (
                "d8b058a6",
                "A broker behind a network load balancer that keeps the client's address.",
            ),
            ("b6442b35", "A machine behind a load balancer, whose role becomes admin elsewhere."),
        ),
    ),
    (
        "Decoys",
        (
            (
                "194db60f",
                "A public address and an open group, but no route to the internet gateway.",
            ),
            ("fb02de9b", "Behind the same network load balancer; its own group admits nobody."),
            ("b3173e25", "Behind a load balancer of the same kind, which is internal."),
        ),
    ),
)


def page(snapshot: Path) -> str:
    """The whole page, with what the command prints of a snapshot at 110 columns."""
    lines = [
        "# Three exposures and three decoys, explained",
        "",
        "What `mapper explain KEY` prints on the organisation of `make demo`; a test compares. A",
        "decoy differs from an exposure in one control, and the answer says which. `ID` stands for",
        "the snapshot's own name.",
        "",
    ]
    for title, rows in PARTS:
        lines += [f"## {title}", ""]
        for key, about in rows:
            lines += [
                about,
                "",
                "```",
                f"$ mapper explain {key}",
                printed(key, snapshot),
                "```",
                "",
            ]
    return "\n".join(lines)


def printed(key: str, snapshot: Path) -> str:
    """What the command prints about a row, the snapshot's name in its last line left open.

    Raises:
        AssertionError: it failed.
    """
    command = [sys.executable, "-c", "from mapper.cli import main; main()", "explain", key, "-q"]
    done = subprocess.run(
        [*command, "--snapshot", str(snapshot)],
        env=os.environ | {"COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (key, done.stderr)
    *lines, snapshot_line = done.stdout.strip().splitlines()
    assert snapshot_line.startswith("Snapshot "), snapshot_line
    return "\n".join([*lines, _ANY_SNAPSHOT.sub("Snapshot ID", snapshot_line)])


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), encoding="utf-8")
