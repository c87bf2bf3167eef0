"""The network engine on synthetic organisations: public exposure, its graph, single questions.

Usage: python benchmarks/network.py [ENIS ...] [--files]

For 1,000, 10,000 and 100,000 network interfaces, each in a process of its own: CPU seconds of
judging everything that the internet reaches, then of the whole network's part of the graph (that
again, its nodes and relationships, and private reach group to group; up to 10,000), memory, and
growth against the size before. Then the cost of one interface against a naive loop (every
rule of every interface on its own, nothing kept, on a sample), and single `reach` questions from
interface to interface. With --files the facts are read from the files of a snapshot.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from network_snapshot import write_snapshot
from network_worlds import organisation

from collector.snapshot import Snapshot
from graph.derivation.network import network_part
from graph.network.between.pair import interface_to_interface
from graph.network.exposure import internet_reach
from graph.network.facts import Facts, Interface, SecurityGroup
from graph.network.from_snapshot import network_world
from graph.network.groups import interface_groups
from graph.network.internet import internet_to_interface
from graph.network.reach import sources_of
from graph.network.world import NetworkWorld

SIZES = (1000, 10_000, 100_000)
GRAPH_UP_TO = 10_000
"""More interfaces than this are judged for public exposure only."""
SAMPLE = 100
ONE_RULE = "sg-one-rule"


def cpu(call: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a call, and its result."""
    begun = time.process_time()
    found = call()
    return time.process_time() - begun, found


def memory() -> float:
    """The most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(size: int, folder: Path | None) -> dict[str, Any]:
    """Every figure of one size; run in a process of its own for its memory."""
    found: dict[str, Any] = {}
    if folder is None:
        facts = organisation(size)
    else:
        found["read"], made = cpu(lambda: network_world(Snapshot.open(folder)))
        facts = made.facts
    found |= {"interfaces": len(facts.interfaces), "memory_before": memory()}
    found["public"], answers = cpu(lambda: internet_reach(NetworkWorld(facts)))
    found |= {"answers": len(answers), "memory_public": memory()}
    del answers
    if size <= GRAPH_UP_TO:
        found["graph"], part = cpu(lambda: network_part(NetworkWorld(facts)))
        found |= {"memory": memory(), "relationships": len(part.relationships)}
        del part
    world = indexed(facts)
    found["groups"] = len(interface_groups(world))
    world.memo.clear()
    found["interfaces_only"], _ = cpu(
        lambda: [internet_to_interface(world, one) for one in facts.interfaces]
    )
    found["naive"] = naive(world)
    world.memo.clear()
    return found | questions(world)


def indexed(facts: Facts) -> NetworkWorld:
    """A world whose indices are made, so that they are in nobody's figures."""
    world = NetworkWorld(facts)
    interface_groups(world)
    world.memo.clear()
    return world


def naive(world: NetworkWorld) -> float:
    """CPU seconds for one interface if every rule is judged by itself and nothing is kept."""
    sample = random.Random(1).sample(world.facts.interfaces, SAMPLE)

    def all_of_it() -> None:
        for interface in sample:
            for group in interface.groups or ():
                for rule in world.security_groups[group].rules:
                    world.memo.clear()
                    sources_of.cache_clear()
                    world.security_groups[ONE_RULE] = SecurityGroup(ONE_RULE, rules=(rule,))
                    internet_to_interface(world, replace(interface, groups=(ONE_RULE,)))

    spent, _ = cpu(all_of_it)
    del world.security_groups[ONE_RULE]
    return spent / SAMPLE


def questions(world: NetworkWorld) -> dict[str, float]:
    """Milliseconds of single questions from interface to interface on a world with indices."""
    chance = random.Random(2)

    def ask(pair: tuple[Interface, Interface]) -> float:
        return cpu(lambda: interface_to_interface(world, *pair))[0] * 1000

    everyone = world.facts.interfaces
    near = [one for one in everyone if one.vpc == everyone[-1].vpc]
    local = [(chance.choice(near), chance.choice(near)) for _ in range(SAMPLE)]
    far = [(chance.choice(everyone), chance.choice(everyone)) for _ in range(SAMPLE)]
    # The first of all has indices of the whole world made.
    first = ask(far[0])
    spent = [ask(pair) for pair in (*local, *far[1:])]
    return {"first": first, "median": statistics.median(spent), "slowest": max(spent)}


def in_own_process(size: int, folder: Path | None) -> dict[str, Any]:
    words = [sys.executable, __file__, "--one", str(size)]
    words += ["--folder", str(folder)] if folder else []
    run = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout))


def shown(found: dict[str, Any], before: dict[str, Any] | None) -> None:
    size = found["interfaces"]
    if "read" in found:
        print(f"{size:>7} interfaces: reading the files {found['read']:.2f} s CPU")
    line(f"{size:>7} interfaces, {found['groups']} groups", "public", found, before)
    print(f"{'':>8}{found['answers']} answers, {found['memory_public']:.0f} MB at most,", end="")
    print(f" {found['memory_before']:.0f} MB before")
    if "graph" in found:
        line(f"{'':>7} the whole graph", "graph", found, before)
        print(f"{'':>8}{found['relationships']} relationships, {found['memory']:.0f} MB at most")
    alone, naively = found["interfaces_only"] / size * 1e6, found["naive"] * 1e6
    print(
        f"{'':>8}an interface without what is behind load balancers {alone:.0f} us, "
        f"naive {naively:.0f} us: {naively / alone:.0f} times as fast"
    )
    print(
        f"{'':>8}reach from one to another: first {found['first']:.1f} ms, then median "
        f"{found['median']:.2f} ms, slowest of {2 * SAMPLE - 1} {found['slowest']:.1f} ms",
        flush=True,
    )


def line(label: str, name: str, found: dict[str, Any], before: dict[str, Any] | None) -> None:
    size, spent = found["interfaces"], found[name]
    print(f"{label}: {spent:.2f} s CPU, {spent / size * 1e6:.0f} us an interface", end="")
    if before:
        times, larger = spent / before[name], size / before["interfaces"]
        print(f"; {times:.1f} times the CPU for {larger:.1f} times the interfaces", end="")
    print()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sizes", nargs="*", type=int, default=list(SIZES), metavar="ENIS")
    options.add_argument("--files", action="store_true", help="read the facts from a snapshot")
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one, asked.folder)))
        return
    before = None
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            if asked.files:
                write_snapshot(organisation(size), Path(folder))
            found = in_own_process(size, Path(folder) if asked.files else None)
        shown(found, before)
        before = found


if __name__ == "__main__":
    main()
