from __future__ import annotations

from pathlib import Path

import pytest

from derivation.aws_world import Derive


@pytest.fixture
def derived(tmp_path: Path) -> Derive:
    """Write a world as a snapshot of its own and derive it."""
    count = iter(range(100))
    return lambda world: world.derive(tmp_path / str(next(count)))
