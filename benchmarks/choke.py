"""`mapper paths` and `--choke` on synthetic organisations: seconds of processor time, memory.

Usage: python benchmarks/choke.py [ACCOUNTS ...] [--no-dense]

For accounts of a hundred roles with realistic trusts (``trust_worlds.py``) and for accounts whose
every role trusts every account, each in a process of its own. The graph is walked straight from the
derivation, whose seconds are told apart; `plan` is everything that ``--choke --verify none`` does
beside that, `paths` what ``mapper paths`` does.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

SIZES = (10, 30, 100)
DENSE = ((10, 10), (20, 20), (40, 20))
"""Accounts, and roles of each, where every role trusts every account."""
STARTS = ("internet", "user")


def measured(folder: Path) -> dict[str, Any]:
    """Every figure of one organisation."""
    from collector.snapshot import Snapshot
    from graph.derive import derive
    from graph.verdict import Verdict
    from queries.answers.attack_records import attack_graph_of
    from queries.answers.choke import choke_rows, plan_of
    from queries.answers.choke_flow import Flow
    from queries.answers.parties import Parties
    from queries.answers.paths import admin_goals, path_rows

    clock = time.process_time
    begun = clock()
    derivation = derive(Snapshot.open(folder))
    found: dict[str, Any] = {"derive": clock() - begun}
    graph = attack_graph_of(derivation.nodes, derivation.relationships)
    del derivation
    goals = admin_goals(graph)
    parties = Parties(frozenset(), frozenset())
    for word in STARTS:
        starts = graph.public_sources()
        if word != "internet":
            starts = sorted(t.id for t in graph.things.values() if "IAMUser" in t.end.labels)
        begun = clock()
        rows = path_rows(graph, starts, goals, parties)
        paths = clock() - begun
        begun = clock()
        flow = Flow(graph, starts, goals, Verdict.CONDITIONAL)
        plan = plan_of(flow)
        planned = clock() - begun
        begun = clock()
        choke_rows(flow, plan, rows, parties, (word, "admin"))
        found[word] = {
            "paths": paths,
            "rows": len(rows),
            "plan": planned,
            "told": clock() - begun,
            "steps": flow.size,
            "changes": len(flow.changes),
            "total": plan.total,
            "left": plan.left,
            "fewest": plan.fewest,
            "sure": plan.sure,
        }
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def run(label: str, accounts: int, roles: int | None) -> None:
    """Measure one organisation in a process of its own, and say what was found."""
    from trust_worlds import ROLES, write

    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place), accounts, dense=roles is not None, roles=roles or ROLES)
        command = [sys.executable, __file__, "--one", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    print(f"{label}: derive {found['derive']:.1f} s, memory {found['memory']:.0f} MB")
    for word in STARTS:
        one = found[word]
        print(
            f"  {word:9} {one['steps']:7} steps {one['changes']:6} changes {one['total']:7} paths: "
            f"paths {one['paths']:.2f} s ({one['rows']} rows), plan {one['plan']:.2f} s, "
            f"rows {one['told']:.2f} s; left {one['left']}, fewest {one['fewest']}, "
            f"each tried {one['sure']}"
        )


def main() -> None:
    """Run every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("accounts", nargs="*", type=int, default=SIZES)
    parser.add_argument("--no-dense", action="store_true")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        print(json.dumps(measured(given.one)))
        return
    for accounts in given.accounts:
        run(f"{accounts} accounts", accounts, None)
    for accounts, roles in () if given.no_dense else DENSE:
        run(f"dense, {accounts} x {roles}", accounts, roles)


if __name__ == "__main__":
    main()
