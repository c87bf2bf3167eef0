"""A law: what a load balancer reaches of a target is what its own interface reaches of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.network import ports
from graph.network.between.pair import judge
from graph.network.exposure import internet_reach
from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import arn
from network.test_targets_elsewhere import (
    BACK,
    FORTH,
    LOCKS,
    TARGET,
    TRANSIT,
    peered,
    table_denied,
    table_says,
    transited,
)

NODE = arn("network-interface", "eni-lb")
BLACKHOLE = FORTH | {"DestinationCidrBlock": "10.2.1.0/24", "State": "blackhole"}
CHANGES = {
    "peered": (peered, [row[1] for row in LOCKS]),
    "transited": (
        transited,
        [
            *(row[1] for row in LOCKS),
            *(row[1] for row in TRANSIT),
            table_denied,
            table_says(BACK, FORTH, BLACKHOLE),
        ],
    ),
}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(CHANGES)), st.sets(st.integers(0, 12), max_size=3))
def test_a_load_balancer_and_its_interface_reach_the_same(made: str, locks: set[int]) -> None:
    build, changes = CHANGES[made]
    lab = build()
    described = {"Description": "ELB app/front/1", "InterfaceType": "interface"}
    lab.eni("eni-lb", "subnet-a", ("sg-lb",), private="10.0.0.20", **described)
    for number in sorted(locks):
        if number < len(changes):
            changes[number](lab)
    with tempfile.TemporaryDirectory() as folder:
        world = lab.build(Path(folder))
        node, target = world.interfaces[NODE], world.interfaces[TARGET]
        private = judge(world, node, target, Family.IPV4, ports.tcp(8080)).verdict
        found = internet_reach(world)
    behind = [r for r in found if r.mechanism == "alb/ipv4" and r.via]
    if made == "transited" and 11 in locks and not locks & {0, 9, 12}:
        # Where the routes lead is not known, so neither is who the target is.
        assert {r.verdict for r in behind} == {Verdict.UNKNOWN}
        assert private in (Verdict.UNKNOWN, Verdict.NO)
    else:
        assert {r.target for r in behind} == {TARGET}
        assert {r.verdict for r in behind} == {private}
