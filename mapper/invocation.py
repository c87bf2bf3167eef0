"""How this program is called, for commands that are to be pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def program() -> str:
    """``mapper`` where a shell finds it, else the path of the script that runs."""
    script = Path(sys.argv[0])
    if shutil.which("mapper") or script.name != "mapper":
        return "mapper"
    return shlex.quote(os.path.relpath(script))
