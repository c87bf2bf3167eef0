"""The user's cache directory: graphs that can be built again, and reports of failures."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """``MAPPER_CACHE``, or the platform's cache directory for ``aws-mapper``."""
    if given := os.environ.get("MAPPER_CACHE"):
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("aws-mapper", appauthor=False)
