"""The network engine on synthetic organisations: public exposure, its graph, single questions.

Usage: python benchmarks/network.py [ENIS ...] [--only PART ...] [--files]

For 1,000, 10,000 and 100,000 network interfaces, each in a process of its own, with --only one or
more of these parts:

public  CPU seconds of judging everything that the internet reaches, memory, and the cost of one
        interface against a naive loop (every rule of every interface on its own, nothing kept, on
        a sample)
groups  CPU seconds of private reach group to group (its nodes and relationships), memory, how much
        it makes and what each interface read and record made cost, and the cost of one pair of
        interfaces against a naive loop (every pair by itself, on a sample)
graph   CPU seconds of the whole network's part of the graph: both of these, its nodes and
        relationships (up to 10,000)
ask     single `reach` questions from interface to interface

Growth is told against the size before. With --files the facts are read from a snapshot's files.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from network_snapshot import write_snapshot
from network_worlds import organisation

from collector.snapshot import Snapshot
from graph.derivation.between import between_part
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
"""More interfaces than this are not derived as a whole."""
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


def measure(size: int, folder: Path | None, parts: Sequence[str]) -> dict[str, Any]:
    """Every figure of one size; run in a process of its own for its memory."""
    found: dict[str, Any] = {}
    if folder is None:
        facts = organisation(size)
    else:
        found["read"], made = cpu(lambda: network_world(Snapshot.open(folder)))
        facts = made.facts
    found |= {"interfaces": len(facts.interfaces), "memory_before": memory()}
    for part in parts:
        found |= MEASURED[part](facts)
    return found


def public(facts: Facts) -> dict[str, Any]:
    """What the internet reaches."""
    spent, answers = cpu(lambda: internet_reach(NetworkWorld(facts)))
    found = {"public": spent, "answers": len(answers), "public_memory": memory()}
    del answers
    world = indexed(facts)
    found["public_groups"] = len(interface_groups(world))
    world.memo.clear()
    found["public_alone"], _ = cpu(
        lambda: [internet_to_interface(world, one) for one in facts.interfaces]
    )
    found["public_naive"] = naive(world)
    return found


def groups(facts: Facts) -> dict[str, Any]:
    """Private reach, group to group."""
    spent, (nodes, relationships) = cpu(lambda: between_part(NetworkWorld(facts)))
    kinds = Counter(one.type for one in relationships)
    found = {
        "groups": spent,
        "groups_memory": memory(),
        "groups_nodes": len(nodes),
        "groups_relationships": len(relationships),
        "groups_kinds": dict(sorted(kinds.items())),
    }
    world, chance = indexed(facts), random.Random(2)

    def pairs(count: int) -> None:
        for _ in range(count):
            interface_to_interface(
                world, chance.choice(facts.interfaces), chance.choice(facts.interfaces)
            )

    # The first has indices of the whole world made.
    pairs(1)
    found["groups_naive"] = cpu(lambda: pairs(SAMPLE))[0] / SAMPLE
    return found


def graph(facts: Facts) -> dict[str, Any]:
    """The whole network's part of the graph."""
    if len(facts.interfaces) > GRAPH_UP_TO:
        return {}
    spent, part = cpu(lambda: network_part(NetworkWorld(facts)))
    return {
        "graph": spent,
        "graph_memory": memory(),
        "graph_relationships": len(part.relationships),
    }


def ask(facts: Facts) -> dict[str, float]:
    """Single questions."""
    return questions(indexed(facts))


MEASURED: dict[str, Callable[[Facts], dict[str, Any]]] = {
    "public": public,
    "groups": groups,
    "graph": graph,
    "ask": ask,
}


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


def in_own_process(size: int, folder: Path | None, parts: Sequence[str]) -> dict[str, Any]:
    """The figures of one size, measured by another process."""
    words = [sys.executable, __file__, "--one", str(size)]
    words += ["--folder", str(folder)] if folder else []
    for part in parts:
        words += ["--only", part]
    run = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout))


def shown(found: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Print the figures of one size."""
    size = found["interfaces"]
    print(f"{size} interfaces, {found['memory_before']:.0f} MB")
    if "read" in found:
        print(f"    reading the files {found['read']:.2f} s CPU")
    if "public" in found:
        line("public exposure", "public", found, before)
        print(f"        {found['public_groups']} groups, {found['answers']} answers")
        alone, naively = found["public_alone"] / size * 1e6, found["public_naive"] * 1e6
        print(
            f"        an interface without what is behind load balancers {alone:.0f} us, "
            f"naive {naively:.0f} us: {naively / alone:.0f} times as fast"
        )
    if "groups" in found:
        line("group to group", "groups", found, before)
        kinds = ", ".join(f"{count} {kind}" for kind, count in found["groups_kinds"].items())
        made = found["groups_nodes"] + found["groups_relationships"]
        print(f"        {found['groups_nodes']} nodes, relationships: {kinds}")
        print(f"        {found['groups'] / (size + made) * 1e6:.0f} us for each in and out", end="")
        if before and "groups_nodes" in before:
            earlier = before["groups_nodes"] + before["groups_relationships"]
            print(f"; {made / earlier:.1f} times as much out", end="")
        print()
        each, naively = found["groups"] / size**2 * 1e6, found["groups_naive"] * 1e6
        print(
            f"        a pair of interfaces {each:.3f} us, naive {naively:.0f} us: "
            f"{naively / each:.0f} times as fast"
        )
    if "graph" in found:
        line("the whole graph", "graph", found, before)
        print(f"        {found['graph_relationships']} relationships")
    if "first" in found:
        print(
            f"    reach from one to another: first {found['first']:.1f} ms, then median "
            f"{found['median']:.2f} ms, slowest of {2 * SAMPLE - 1} {found['slowest']:.1f} ms"
        )
    sys.stdout.flush()


def line(label: str, name: str, found: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Print seconds, memory and growth of one part."""
    size, spent = found["interfaces"], found[name]
    print(f"    {label}: {spent:.2f} s CPU, {spent / size * 1e6:.0f} us an interface", end="")
    print(f", {found[f'{name}_memory']:.0f} MB at most", end="")
    if before and name in before:
        times, larger = spent / before[name], size / before["interfaces"]
        print(f"; {times:.1f} times the CPU for {larger:.1f} times the interfaces", end="")
    print()


def main() -> None:
    """Measure every size that is asked for."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sizes", nargs="*", type=int, default=list(SIZES), metavar="ENIS")
    options.add_argument("--only", action="append", choices=list(MEASURED), metavar="PART")
    options.add_argument("--files", action="store_true", help="read the facts from a snapshot")
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    parts = asked.only or list(MEASURED)
    if asked.one:
        # As the command does.
        gc.set_threshold(50_000, 20, 100)
        print(json.dumps(measure(asked.one, asked.folder, parts)))
        return
    before = None
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as folder:
            if asked.files:
                write_snapshot(organisation(size), Path(folder))
            found = in_own_process(size, Path(folder) if asked.files else None, parts)
        shown(found, before)
        before = found


if __name__ == "__main__":
    main()
