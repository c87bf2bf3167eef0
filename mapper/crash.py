"""The last resort: an error that nobody foresaw."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

from mapper.cache import cache_dir


def keep_traceback(problem: Exception) -> str:
    """Write the traceback to a file and say where it is.

    The file holds the program's own lines and the error's text, no local values and no secrets.
    """
    from collector.secret_scan import blanked

    kind = type(problem).__name__
    text = blanked("".join(traceback.format_exception(problem)))
    try:
        folder = cache_dir() / "crashes"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path: Path = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{kind}.txt"
        path.write_text(text, encoding="utf-8", errors="replace")
        path.chmod(0o600)
    except OSError as second:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        return (
            f"mapper failed in a way it does not know ({kind} in {Path(last.filename).name} line "
            f"{last.lineno}), and could not write a report ({second.strerror}). Please report it."
        )
    return f"mapper failed in a way it does not know ({kind}). Please report it with {path}"
