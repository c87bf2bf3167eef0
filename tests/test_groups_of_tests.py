"""Tests that share something dear (a server, a world, a browser) run in one worker."""

from __future__ import annotations

import pytest


def test_workers_are_told_of_the_groups(request: pytest.FixtureRequest) -> None:
    """pytest-xdist writes a test's group at the end of its id; without it nothing is grouped.

    With pytest 9.2 it wrote to an attribute that nothing read: every worker started every server.
    """
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not spread by groups")
    assert request.node.nodeid.endswith("@" + str(request.path))
