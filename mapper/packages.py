"""Whether ``collector``, ``graph``, ``queries`` and ``viz`` are ours."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mapper.errors import MapperError

_OURS = ("collector", "graph", "queries", "viz")


def check_packages() -> None:
    """Refuse to work with someone else's package of one of our names.

    Raises:
        MapperError: naming the package, where it comes from and the remedy.
    """
    home = Path(__file__).resolve().parent.parent
    for name in _OURS:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None or origin.parent.parent != home:
            raise MapperError(
                f"The Python package {name!r} that mapper needs is hidden by another one "
                f"({origin or 'not found'}). Install mapper in an environment of its own: "
                "pipx install aws-mapper"
            )
