"""What every test shares."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, settings

# How fast the machine is, and what else it does, is no property of the code.
settings.register_profile("mapper", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mapper")

FRESH_SEED = "MAPPER_TEST_SEED"
"""Seed of the demo world that is placed anew in every run; set it to repeat a run."""


def pytest_configure() -> None:
    """Draw the seed once, before workers start: they inherit it."""
    os.environ.setdefault(FRESH_SEED, str(random.SystemRandom().randrange(1, 10**6)))


def pytest_report_header() -> str:
    """Say which world this run plays, so that a failure can be repeated."""
    return f"fresh demo world: {FRESH_SEED}={os.environ[FRESH_SEED]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one worker: its fixtures (servers, worlds, browsers) are dear."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
