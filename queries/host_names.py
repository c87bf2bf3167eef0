"""Which host names are a customer's own, and which AWS gives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_DOMAINS = Path(__file__).parent / "data" / "aws-domains.json"


def own_names(names: Iterable[str]) -> list[str]:
    """The host names that are not below a domain of AWS, in their order."""
    return [name for name in names if not name.lower().rstrip(".").endswith(_of_aws())]


@cache
def _of_aws() -> tuple[str, ...]:
    listed = json.loads(_DOMAINS.read_text(encoding="utf-8"))["domains"]
    return tuple(f".{name}" for name in listed)
