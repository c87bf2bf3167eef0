"""A load balancer that is open to the internet but for a range: who sends decides."""

from __future__ import annotations

from typing import Any

import pytest

from cli.test_reach import fronted, lab, reach, row
from network.aws_shapes import entry
from network.between.lab import JoinedLab

__all__ = ["fronted", "lab", "reach"]


@pytest.mark.parametrize(
    ("range_", "verdict", "terms"),
    [
        ("203.0.113.0/24", "yes", []),
        ("198.51.100.0/24", "conditional", ["context:sender-not-excepted"]),
    ],
)
def test_a_sender_whose_address_is_known_not_to_be_excepted_gets_in(
    reach: Any, fronted: JoinedLab, range_: str, verdict: str, terms: list[str]
) -> None:
    """The sender goes out as 198.51.100.7."""
    entries = fronted.item("acl-b")["Entries"]
    assert isinstance(entries, list)
    entries.insert(0, entry(1, "deny", cidr=range_))
    found = row(reach("i-a", "web", "--format", "json"))
    assert (found["verdict"], found["conditions"]) == (verdict, terms)
