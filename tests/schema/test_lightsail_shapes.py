"""Lightsail's ports and names in shapes that AWS never gives: told, never a crash."""

import pytest

from graph.schema.lightsail import _domains, _open_ports
from graph.schema.path import ShapeError


@pytest.mark.parametrize("cidrs", [1, "x", {"a": 1}])
def test_ranges_that_are_no_list_are_told(cidrs):
    with pytest.raises(ShapeError):
        _open_ports([{"protocol": "tcp", "fromPort": 1, "toPort": 2, "cidrs": cidrs}])


def test_a_range_that_is_no_text_opens_nothing():
    port = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrs": [[], {}, None]}
    assert _open_ports([port]) == []
    assert _open_ports([port | {"ipv6Cidrs": ["::/0"]}]) == ["tcp/443-443"]


def test_names_that_are_no_list_are_told():
    with pytest.raises(ShapeError):
        _domains([{"certificate": 5}])
