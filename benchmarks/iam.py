"""The IAM engine on synthetic accounts: the whole identity graph, and single questions.

Usage: python benchmarks/iam.py [ROLES ...] [--pmapper PYTHON | --no-pmapper] [--file DETAILS.json]

For 100, 1,000 and 10,000 roles (and a fifth as many users), each in a process of its own: parse,
HAS_ADMIN of everybody, CAN_ASSUME of every role, CAN_ACCESS to one bucket and one key for every
ten roles, as records; then single `can` and `who-can` questions on the warm world. The accounts
come from ``gen_account.py`` (``MAPPER_BENCH``, or ``../shared/bench`` beside the repository),
default and hard variant. The baseline in the same run is PMapper 1.1.5 on the same file up to
1,000 roles, run by the Python of an environment of its own (``--pmapper``; else made for the run).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
BENCH = Path(os.environ.get("MAPPER_BENCH", ROOT.parent / "shared" / "bench"))
SIZES = (100, 1000, 10_000)
PMAPPER_UP_TO = 1000
NOW = "2026-01-01T00:00:00Z"


def whole_graph(path: Path) -> dict[str, Any]:
    """Every figure of one account; run in a process of its own for its memory."""
    from graph.derivation.admin import admin_part
    from graph.derivation.principal_access import principal_access_part
    from graph.derivation.sets import PrincipalSets, ResourceSets
    from graph.derivation.trust import assumptions_of, trust_part
    from graph.guards import guard_facts
    from graph.iam.account_details import AccountDetails, Row, principals
    from graph.iam.world import Account, IamWorld

    details = json.loads(path.read_text(encoding="utf-8"))
    account = details["RoleDetailList"][0]["Arn"].split(":")[4]
    found: dict[str, Any] = {}
    clock = time.perf_counter

    begun = clock()
    people = principals(
        AccountDetails(
            account,
            users=[Row(row) for row in details["UserDetailList"]],
            groups=[Row(row) for row in details["GroupDetailList"]],
            roles=[Row(row) for row in details["RoleDetailList"]],
            policies=[Row(row) for row in details["Policies"]],
        )
    )
    nodes, policies = data_nodes(account, len(details["RoleDetailList"]) // 10)
    world = IamWorld(
        {one.arn: one for one in people},
        {account: Account(account, membership="none")},
        resource_policies=policies,
        resource_accounts={node.id: account for node in nodes},
        now=NOW,
    )
    found["parse"] = clock() - begun
    begun = clock()
    admin = admin_part(world)
    found["admin"] = clock() - begun
    begun = clock()
    sets, resource_sets = PrincipalSets(), ResourceSets()
    found_by = assumptions_of(world, admin.sure)
    trust = trust_part(world, found_by, admin.sure, sets, guard_facts(world))
    found["assume"] = clock() - begun
    begun = clock()
    access = principal_access_part(world, nodes, admin.sure, sets, resource_sets)
    found["access"] = clock() - begun
    begun = clock()
    members = [*sets.records()[1], *resource_sets.records()[1]]
    found["sets"] = clock() - begun
    found["total"] = sum(found[name] for name in ("parse", "admin", "assume", "access", "sets"))
    found["relationships"] = sum(
        map(len, (admin.relationships, trust.relationships, access.relationships, members))
    )
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found |= questions(world, account)
    return found


def data_nodes(account: str, count: int) -> tuple[list[Any], dict[str, Any]]:
    """Buckets without a policy and keys with the console's default one."""
    from graph.iam.document import parse
    from graph.iam.world import Policy
    from graph.records import Node

    default = parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
        }
    )
    nodes, policies = [], {}
    for number in range(count):
        bucket = f"arn:aws:s3:::bucket-{number}"
        key = f"arn:aws:kms:us-east-1:{account}:key/{number:08d}"
        policies[bucket], policies[key] = None, Policy("key policy", default)
        for arn, kind in ((bucket, "AWS::S3::Bucket"), (key, "AWS::KMS::Key")):
            props = {"resource_type": kind, "account_id": account, "region": "us-east-1"}
            nodes.append(Node(arn, ("Resource",), {**props, "tags": []}))
    return nodes, policies


def questions(world: Any, account: str) -> dict[str, float]:
    """Milliseconds of single questions on a warm world: medians, of a hundred and of twenty."""
    from graph.iam.evaluate import decide
    from graph.iam.questions import who_can
    from graph.iam.request import Request

    people = [one for one in world.principals.values() if one.kind != "root"][:100]
    asked = [Request(one, "s3:GetObject", "arn:aws:s3:::bucket-1/report.csv") for one in people]
    who = [f"arn:aws:s3:::bucket-{number}/report.csv" for number in range(1, 21)]

    def took(call: Any) -> float:
        begun = time.perf_counter()
        call()
        return (time.perf_counter() - begun) * 1000

    first = took(lambda: who_can(world, "s3:GetObject", who[0]))
    return {
        "can": statistics.median(took(lambda one=one: decide(world, one)) for one in asked),
        "who_can_first": first,
        "who_can": statistics.median(
            took(lambda arn=arn: who_can(world, "s3:GetObject", arn)) for arn in who
        ),
    }


def pmapper(python: str, path: Path) -> float:
    """Seconds that PMapper takes for the same file: gathering, admins and edges."""
    script = BENCH / "pmapper_gaad.py"
    account = json.loads(path.read_text())["RoleDetailList"][0]["Arn"].split(":")[4]
    run = subprocess.run(
        [python, str(script), str(path), account], capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout.splitlines()[-1])
    return float(told["gather_s"] + told["admin_s"] + told["edges_s"])


def pmapper_python(given: str | None, folder: Path) -> str | None:
    """The Python of an environment with PMapper; made anew if none was named."""
    if given:
        return given
    home = folder / "pmapper"
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    wanted = ["principalmapper==1.1.5", "setuptools"]
    made = subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=False)
    if made.returncode:
        print("PMapper could not be installed: no baseline in this run.", file=sys.stderr)
        return None
    return python


def measured(path: Path) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, __file__, "--one", str(path)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(run.stdout))


def shown(label: str, found: dict[str, Any], before: dict[str, Any] | None) -> None:
    parts = "  ".join(f"{n} {found[n]:.2f}" for n in ("parse", "admin", "assume", "access", "sets"))
    growth = f"x{found['total'] / before['total']:.1f} of the size before" if before else ""
    print(f"{label:<22}{found['total']:8.2f} s  ({parts})  {found['memory']:.0f} MB  {growth}")
    print(
        f"{'':<22}{found['relationships']} relationships; can {found['can']:.2f} ms, who-can "
        f"{found['who_can']:.1f} ms (the first of an action {found['who_can_first']:.0f} ms)",
        flush=True,
    )


def compare(python: str | None, count: int, path: Path, ours: float) -> None:
    if python is None or count > PMAPPER_UP_TO:
        return
    theirs = pmapper(python, path)
    print(f"{'  PMapper 1.1.5':<22}{theirs:8.2f} s  mapper is {theirs / ours:.0f} times as fast")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sizes", nargs="*", type=int, default=list(SIZES), metavar="ROLES")
    options.add_argument("--pmapper", metavar="PYTHON", help="Python of an environment with it")
    options.add_argument("--no-pmapper", action="store_true")
    options.add_argument("--file", type=Path, help="account details of your own")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        print(json.dumps(whole_graph(asked.one)))
        return
    if asked.file:
        shown(asked.file.name, measured(asked.file), None)
        return
    generator = BENCH / "gen_account.py"
    if not generator.exists():
        sys.exit(f"{generator} is missing: set MAPPER_BENCH to the folder that holds it.")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        python = None if asked.no_pmapper else pmapper_python(asked.pmapper, here)
        for variant in ([], ["--hard"]):
            before = None
            for count in asked.sizes:
                path = here / f"{count}{''.join(variant)}.json"
                with path.open("w") as out:
                    words = [sys.executable, str(generator), str(count), *variant]
                    subprocess.run(words, stdout=out, check=True)
                found = measured(path)
                shown(f"{count} roles {'hard' if variant else ''}", found, before)
                compare(python, count, path, found["total"])
                before = found


if __name__ == "__main__":
    main()
