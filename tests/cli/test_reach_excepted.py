"""A load balancer that is open to the internet but for a range: who sends decides."""

from __future__ import annotations

from typing import Any

import pytest

from cli.test_reach import fronted, lab, reach, row
from network.aws_shapes import allow, entry
from network.between.lab import JoinedLab

__all__ = ["fronted", "lab", "reach"]


@pytest.mark.parametrize(
    ("range_", "verdict", "terms"),
    [
        ("203.0.113.0/24", "yes", []),
        ("198.51.100.0/24", "no", []),
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


@pytest.mark.parametrize("half", ["0.0.0.0/0", "128.0.0.0/1"])
@pytest.mark.parametrize(
    ("kept_out", "verdict"), [("198.51.100.0/24", "no"), ("203.0.113.0/24", "yes")]
)
def test_holes_of_a_broad_range_are_kept_out(
    reach: Any, fronted: JoinedLab, half: str, kept_out: str, verdict: str
) -> None:
    """A name such as 128.0.0.0/1 stands for what is let in but for some addresses."""
    fronted.item("sg-web")["IpPermissions"] = [allow("tcp/80", half)]
    entries = fronted.item("acl-b")["Entries"]
    assert isinstance(entries, list)
    entries.insert(0, entry(1, "deny", cidr=kept_out))
    assert row(reach("i-a", "web", "--format", "json"))["verdict"] == verdict
