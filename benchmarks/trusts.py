"""`mapper trusts` on synthetic organisations: derivation, loading, chains, the whole answer.

Usage: python benchmarks/trusts.py [ACCOUNTS ...] [--no-dense]

For 10, 100 and 1,000 accounts of a hundred roles with realistic trusts (``trust_worlds.py``), and
for accounts whose every role trusts every account, each in a process of its own. `chains` is what
`mapper trusts` takes once the graph is there: the queries, the chains, the rows, filters and order;
derivation and loading are told apart. Seconds are of processor time. `public` and `trusts` together
from the snapshot to both answers is `both`. The baseline in the same run walks every
simple way of at most six steps from each start, on the steps of the smallest size.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

if TYPE_CHECKING:
    from queries.answers.walk import Hop

SIZES = (10, 100, 1000)
DENSE = ((10, 10), (20, 20), (40, 20))
"""Accounts, and roles of each, where every role trusts every account."""
BASELINE_UP_TO = 10
MOST_STEPS = 6


def measured(folder: Path, *, baseline: bool) -> dict[str, Any]:
    """Every figure of one organisation; run in a process of its own for its memory."""
    from collector.snapshot import Snapshot
    from graph.derive import derive
    from graph.store import open_store
    from mapper.graphs import stamp_of
    from mapper.session import Session
    from queries.answers.answer import Filters

    clock = time.process_time
    found: dict[str, Any] = {}
    begun = first = clock()
    snapshot = Snapshot.open(folder)
    derivation = derive(snapshot)
    found["derive"] = clock() - begun
    begun = clock()
    graph = folder / "graph.kgl"
    with open_store(graph) as store:
        store.load(derivation.nodes, derivation.relationships, stamp_of(snapshot))
    found["load"] = clock() - begun
    found["steps"] = sum(r.type == "CAN_ASSUME" for r in derivation.relationships)
    del derivation
    found["memory_before"] = peak()
    with Session(snapshot, target=str(graph)) as session:
        begun = clock()
        answer = session.trusts(Filters())
        found["chains"] = clock() - begun
        found["rows"] = len(answer.rows)
        found["hops"] = max((len(row.own["hops"]) for row in answer.rows), default=0)
        session.public(Filters())
        found["both"] = clock() - first
        found["memory"] = peak()
        if baseline:
            found["ours"], found["naive"] = compared(session)
    return found


def compared(session: Any) -> tuple[float, float]:
    """Seconds for the best ways to every account: ours, and walking every simple way."""
    from queries.answers.chains import TYPES, Chains
    from queries.answers.walk import hops_of
    from queries.runner import records

    hops = [hop for hop in hops_of(records(session.frame("identity-steps"))) if hop.type in TYPES]
    begun = time.process_time()
    chains = Chains(hops)
    ours = {
        (start, account): chain.level
        for account, last in chains.admins().items()
        for start, chain in chains.to_account(last).items()
    }
    middle = time.process_time()
    theirs = every_way(hops, chains.starts)
    done = time.process_time()
    for pair, level in theirs.items():
        if ours[pair].rank < level.rank:
            raise SystemExit(f"{pair}: {ours[pair]}, but a way is {level}")
    return middle - begun, done - middle


def every_way(hops: list[Hop], starts: set[str]) -> dict[tuple[str, str], Any]:
    """The best verdict of all simple ways from each start to admin of each account."""
    out: dict[str, list[Hop]] = defaultdict(list)
    for hop in hops:
        out[hop.start.id].append(hop)
    best: dict[tuple[str, str], Any] = {}

    def walk(start: str, here: str, passed: tuple[str, ...], weakest: Any) -> None:
        for hop in out[here]:
            if hop.end.id in passed or (
                here == start and hop.type not in ("CAN_ASSUME", "IN_GROUP")
            ):
                continue
            level = (
                min(weakest, hop.answer.verdict, key=lambda v: v.rank)
                if weakest
                else hop.answer.verdict
            )
            if hop.type == "HAS_ADMIN":
                pair = (start, hop.end.id)
                if pair not in best or best[pair].rank < level.rank:
                    best[pair] = level
            if len(passed) < MOST_STEPS:
                walk(start, hop.end.id, (*passed, hop.end.id), level)

    for start in starts:
        walk(start, start, (start,), None)
    return best


def peak() -> float:
    """The most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(accounts: int, dense_roles: int, before: dict[str, Any] | None) -> dict[str, Any]:
    """Write an organisation, measure it in a process of its own, and tell."""
    from trust_worlds import ROLES, write

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), accounts, dense=bool(dense_roles), roles=dense_roles or ROLES)
        words = [sys.executable, __file__, "--one", folder]
        if not dense_roles and accounts <= BASELINE_UP_TO:
            words.append("--baseline")
        made = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    kind = f"dense, {dense_roles} roles" if dense_roles else f"{ROLES} roles"
    growth = f"  x{found['chains'] / before['chains']:.1f} of the size before" if before else ""
    print(
        f"{accounts:>5} accounts x {kind:<15} chains {found['chains']:7.2f} s{growth}\n"
        f"      derive {found['derive']:.1f} s, load {found['load']:.1f} s, "
        f"both {found['both']:.1f} s; "
        f"{found['steps']} CAN_ASSUME, {found['rows']} rows, at most {found['hops']} hops; "
        f"{found['memory_before']:.0f} MB before, {found['memory']:.0f} MB at the peak",
        flush=True,
    )
    if "naive" in found:
        ratio = found["naive"] / found["ours"]
        print(
            f"      every way one by one {found['naive']:.3f} s, ours {found['ours']:.3f} s: "
            f"{ratio:.0f} times as fast",
            flush=True,
        )
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sizes", nargs="*", type=int, default=list(SIZES), metavar="ACCOUNTS")
    options.add_argument("--no-dense", action="store_true")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--baseline", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one, baseline=asked.baseline)))
        return
    before = None
    for accounts in asked.sizes:
        before = run(accounts, 0, before)
    before = None
    for accounts, roles in () if asked.no_dense else DENSE:
        before = run(accounts, roles, before)


if __name__ == "__main__":
    main()
