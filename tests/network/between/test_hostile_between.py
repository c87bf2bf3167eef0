"""Data that make no sense: never a crash, whatever member of whatever line they stand in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.derivation.between import between_part
from graph.network.between.egress import interface_to_internet
from graph.network.between.pair import interface_to_interface
from graph.verdict import Verdict
from network.between.test_egress import central
from network.between.test_peering_and_local import appliance
from network.between.test_private_link_and_on_prem import linked, premises
from network.between.test_transit_gateway import inspected, two_gateways
from network.test_hostile_data import with_junk

WORLDS = {
    "appliance": appliance,
    "central": central,
    "inspected": inspected,
    "linked": linked,
    "premises": premises,
    "two gateways": two_gateways,
}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(WORLDS)), st.data())
def test_junk_in_any_place_never_crashes(name: str, data: st.DataObject) -> None:
    lab = with_junk(WORLDS[name](), data)
    with tempfile.TemporaryDirectory() as folder:
        world = lab.build(Path(folder))
    between_part(world)
    for source in world.facts.interfaces:
        interface_to_internet(world, source)
        for target in world.facts.interfaces:
            for reach in interface_to_interface(world, source, target):
                assert reach.verdict is not Verdict.YES or not reach.answer.conditions
