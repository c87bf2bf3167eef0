"""Escalation, `mapper paths`, `blast` and `--choke` on synthetic worlds: seconds of CPU, memory.

Usage: python benchmarks/paths.py [--roles N ...] [--accounts N ...] [--no-dense] [--no-baseline]

1. Escalation edges of one account of 100, 1,000 and 10,000 roles (and a fifth as many users) from
   ``gen_account.py`` (``MAPPER_BENCH``, or ``../shared/bench`` beside the repository), default and
   hard: what they cost on top of the rest of the derivation. The baseline in the same run asks the
   engine about each principal and each role by itself, for lambda-001 and a sample of principals.
2. Organisations of 10, 30 and 100 accounts with exposed machines, their roles and trust between
   accounts (``path_worlds.py``): paths from the internet to admin and to data, the blast radius of
   one exposed machine, and the plan of ``--choke``. The baseline walks every simple way of at most
   eight steps, for the smallest size.
3. Accounts whose every role trusts every account, which is where walks explode.

Each world is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))
BENCH = Path(os.environ.get("MAPPER_BENCH", ROOT.parent / "shared" / "bench"))
ROLES = (100, 1000, 10_000)
ACCOUNTS = (10, 30, 100)
DENSE = ((10, 10), (20, 20), (40, 20))
"""Accounts, and roles of each, where every role trusts every account."""
SAMPLE = 20
"""Principals that the baseline asks about."""
MOST_STEPS = 8
clock = time.process_time


def memory() -> float:
    """The most that this process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def escalation(folder: Path) -> dict[str, Any]:
    """What escalation costs in the derivation of one account."""
    from collector.snapshot import Snapshot
    from graph import derive as module

    spent = []
    real = module.escalation_part

    def timed(*given: Any) -> Any:
        begun = clock()
        found = real(*given)
        spent.append(clock() - begun)
        return found

    module.escalation_part = timed
    begun = clock()
    derived = module.derive(Snapshot.open(folder))
    whole = clock() - begun
    edges = sum(r.type == "CAN_ESCALATE_TO" for r in derived.relationships)
    return {"escalation": spent[0], "derive": whole, "edges": edges, "memory": memory()}


def naive(folder: Path) -> dict[str, float]:
    """lambda-001 alone: ours for everybody, and each principal and role by itself."""
    from collector.snapshot import Snapshot
    from graph.derivation.admin import admin_part
    from graph.derivation.workload_roles import workloads
    from graph.escalation.derive import stage_of
    from graph.escalation.passing import passed_roles
    from graph.escalation.technique import techniques
    from graph.iam.evaluate import evaluate
    from graph.iam.from_snapshot import from_snapshot
    from graph.iam.request import Request

    snapshot = Snapshot.open(folder)
    world = from_snapshot(snapshot)
    stage = stage_of(snapshot, world, admin_part(world).sure, tuple(workloads(snapshot, world)))
    technique = next(one for one in techniques() if one.id == "lambda-001")
    begun = clock()
    list(passed_roles(stage, technique))
    ours = clock() - begun
    people = [one for one in world.principals.values() if one.kind in ("user", "role")]
    account = people[0].account
    roles = [role for role, _ in stage.trusting(account, "lambda.amazonaws.com")]
    function = f"arn:aws:lambda:us-east-1:{account}:function:made"
    sample = people[:: max(1, len(people) // SAMPLE)]
    begun = clock()
    for one in sample:
        for role in roles:
            evaluate(world, Request(one, "iam:PassRole", role.arn, account))
        for action in ("lambda:CreateFunction", "lambda:InvokeFunction"):
            evaluate(world, Request(one, action, function, account))
    theirs = (clock() - begun) / len(sample) * len(people)
    return {"ours": ours, "naive": theirs}


def questions(folder: Path, *, baseline: bool, dense: bool) -> dict[str, Any]:
    """Every question about one organisation, on the graph as it is derived."""
    from collector.snapshot import Snapshot
    from graph.derive import derive
    from graph.verdict import Verdict
    from queries.answers.attack_records import attack_graph_of
    from queries.answers.blast import blast_rows
    from queries.answers.choke import plan_of
    from queries.answers.choke_flow import Flow
    from queries.answers.parties import Parties
    from queries.answers.paths import admin_goals, data_goals, found_paths

    begun = clock()
    derivation = derive(Snapshot.open(folder))
    found: dict[str, Any] = {"derive": clock() - begun}
    graph = attack_graph_of(derivation.nodes, derivation.relationships)
    del derivation
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    found["steps"] = sum(1 for _ in graph.every_link())
    parties = Parties(frozenset(), frozenset())
    things = graph.things.values()
    if dense:
        starts, walked = sorted(one.id for one in things if "IAMUser" in one.end.labels), graph
        one = starts[0]
    else:
        starts, walked = graph.public_sources(), graph.from_internet()
    goals = admin_goals(graph)
    for name, wanted in (("admin", goals), ("data", data_goals(graph))):
        begun = clock()
        told = found_paths(walked, starts, wanted, parties)
        found[name], found[f"{name}_rows"] = clock() - begun, len(told.rows)
        if name == "admin" and not dense:
            hops = told.rows[0].own["hops"]
            one = next(hop["id"] for hop in hops if ":instance/" in hop["id"])
    begun = clock()
    found["blast_rows"] = len(blast_rows(graph, [one], parties))
    found["blast"] = clock() - begun
    begun = clock()
    plan = plan_of(Flow(walked, starts, goals, Verdict.CONDITIONAL))
    found |= {"choke": clock() - begun, "total": plan.total, "left": plan.left}
    if baseline:
        begun = clock()
        found["every"] = sum(1 for _ in every_way(walked, starts, {goal.node for goal in goals}))
        found["naive"] = clock() - begun
    return {**found, "memory": memory()}


def every_way(graph: Any, starts: list[str], goals: set[str]) -> Iterator[int]:
    """Every simple way of at most :data:`MOST_STEPS` steps to a goal."""
    from queries.answers.attack import Spot

    stack = [(Spot(start), (start,)) for start in starts]
    while stack:
        here, passed = stack.pop()
        for _, there in graph.onward(here):
            if there.node in passed:
                continue
            if there.node in goals:
                yield len(passed)
            if len(passed) < MOST_STEPS:
                stack.append((there, (*passed, there.node)))


def in_own_process(what: str, folder: Path, *words: str) -> dict[str, Any]:
    """The figures of one world, measured by another process."""
    command = [sys.executable, __file__, "--measure", what, str(folder), *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def grown(found: dict[str, Any], before: dict[str, Any] | None, name: str) -> str:
    """How often the CPU of the size before, for how often as much to judge."""
    if before is None or not before[name]:
        return ""
    return f" (x{found[name] / before[name]:.1f})"


def accounts_of_roles(sizes: list[int], *, baseline: bool) -> None:
    """Part 1."""
    from collector.account_details import import_details

    generator = BENCH / "gen_account.py"
    if not generator.exists():
        print(f"{generator} is missing: set MAPPER_BENCH to the folder that holds it.")
        return
    for variant in ([], ["--hard"]):
        before = None
        for count in sizes:
            with tempfile.TemporaryDirectory() as place:
                path = Path(place) / "details.json"
                with path.open("w") as out:
                    words = [sys.executable, str(generator), str(count), *variant]
                    subprocess.run(words, stdout=out, check=True)
                folder = Path(place) / "snapshot"
                import_details([path], folder)
                found = in_own_process("escalation", folder)
                print(
                    f"{count} roles{' hard' * bool(variant)}: escalation {found['escalation']:.2f} "
                    f"s{grown(found, before, 'escalation')} of {found['derive']:.2f} s, "
                    f"{found['edges']} edges, {found['memory']:.0f} MB",
                    flush=True,
                )
                if baseline and count <= 1000:
                    told = in_own_process("naive", folder)
                    print(
                        f"    lambda-001 alone {told['ours']:.3f} s, one by one "
                        f"{told['naive']:.1f} s: {told['naive'] / told['ours']:.0f} times as fast",
                        flush=True,
                    )
                before = found


def organisations(sizes: list[int], *, baseline: bool, dense: bool) -> None:
    """Parts 2 and 3."""
    import path_worlds
    import trust_worlds

    before = None
    for accounts in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = path_worlds.write(Path(place), accounts)
            words = ["--baseline"] if baseline and accounts == min(sizes) else []
            found = in_own_process("questions", folder, *words)
        told(f"{accounts} accounts", found, before, "internet")
        before = found
    before = None
    for accounts, roles in DENSE if dense else ():
        with tempfile.TemporaryDirectory() as place:
            folder = trust_worlds.write(Path(place), accounts, dense=True, roles=roles)
            found = in_own_process("questions", folder, "--dense")
        told(f"dense, {accounts} x {roles}", found, before, "every user")
        before = found


def told(label: str, found: dict[str, Any], before: dict[str, Any] | None, start: str) -> None:
    """Print one organisation's figures."""
    print(
        f"{label}: {found['steps']} steps, derive {found['derive']:.1f} s, {found['memory']:.0f} MB"
    )
    for name, words, count in (
        ("admin", f"paths from {start} to admin", f"{found['admin_rows']} rows"),
        ("data", f"paths from {start} to data", f"{found['data_rows']} rows"),
        ("blast", "blast of one", f"{found['blast_rows']} rows"),
        ("choke", "plan of choke points", f"{found['left']} of {found['total']} left"),
    ):
        print(f"    {words}: {found[name]:.2f} s{grown(found, before, name)}, {count}")
    if "naive" in found:
        print(
            f"    every simple way of {MOST_STEPS} steps: {found['naive']:.1f} s for "
            f"{found['every']}: {found['naive'] / found['admin']:.0f} times as fast"
        )
    sys.stdout.flush()


def main() -> None:
    """Run every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roles", nargs="*", type=int, default=list(ROLES))
    parser.add_argument("--accounts", nargs="*", type=int, default=list(ACCOUNTS))
    parser.add_argument("--no-dense", action="store_true")
    parser.add_argument("--no-baseline", action="store_true")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--baseline", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dense", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        what, folder = asked.measure[0], Path(asked.measure[1])
        if what == "escalation":
            found: dict[str, Any] = escalation(folder)
        elif what == "naive":
            found = dict(naive(folder))
        else:
            found = questions(folder, baseline=asked.baseline, dense=asked.dense)
        print(json.dumps(found))
        return
    accounts_of_roles(asked.roles, baseline=not asked.no_baseline)
    organisations(asked.accounts, baseline=not asked.no_baseline, dense=not asked.no_dense)


if __name__ == "__main__":
    main()
