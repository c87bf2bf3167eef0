"""What every test shares."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

FRESH_SEED = "MAPPER_TEST_SEED"
"""Seed of everything drawn: demo worlds, differential cases, packets, properties.

Not set, every run draws the same, so that ``make test`` says something about the code only;
``make test-long`` sets a new one.
"""
NO_SEED = "1"

# How fast the machine is, and what else it does, is no property of the code.
settings.register_profile(
    "mapper",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get(FRESH_SEED, NO_SEED) == NO_SEED,
)
settings.load_profile("mapper")


def pytest_configure() -> None:
    """Set the seed once, before workers start: they inherit it."""
    os.environ.setdefault(FRESH_SEED, NO_SEED)


def pytest_report_header() -> str:
    """Say what this run draws, so that a failure can be repeated."""
    return f"what is drawn: {FRESH_SEED}={os.environ[FRESH_SEED]}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one worker: its fixtures (servers, worlds, browsers) are dear."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
