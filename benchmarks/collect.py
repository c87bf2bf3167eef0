"""How long a collection takes, how far from the floor, with how much memory and how many calls.

    python benchmarks/collect.py [--quick] [--workers 16] [--latency 0.1]

Our own wire server (``tests/aws_wire``) plays AWS in a process of its own: every call takes 100 ms,
AWS's published rate limits hold, one account of 17 regions holds 1,250 items of all types. The
floor is the longest of three: calls x latency / concurrency, calls x CPU a call (measured here with
bare botocore), and the slowest published rate limit. The naive run makes the same calls one after
the other; it is timed on a sample and extrapolated, and says so. Then 1, 10 and 100 accounts, and
100,000 items of one type. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests")]

from botocore.config import Config  # noqa: E402
from botocore.session import Session  # noqa: E402

from aws_wire.process import WireProcess, environment  # noqa: E402
from aws_wire.server import Asked  # noqa: E402
from collector.declare import FollowUp  # noqa: E402
from collector.services import LIMITS, TYPES  # noqa: E402

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
    *("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-southeast-1", "ap-southeast-2"),
)
"""The 17 regions that every account has enabled from the start."""
ITEMS = {
    "s3.list_buckets": 60,
    "iam.get_account_authorization_details": 35,
    "iam.list_instance_profiles": 20,
    "route53.list_hosted_zones": 12,
    "ec2.describe_instances": 60,
    "ec2.describe_network_interfaces": 100,
    "ec2.describe_security_groups": 70,
    "ec2.describe_snapshots": 80,
    "ec2.describe_volumes": 70,
    "ec2.describe_subnets": 40,
    "ec2.describe_route_tables": 30,
    "ec2.describe_vpcs": 20,
    "kms.list_keys": 70,
    "lambda.list_functions": 60,
    "sns.list_topics": 30,
    "sqs.list_queues": 30,
    "secretsmanager.list_secrets": 20,
    "rds.describe_db_instances": 20,
    "dynamodb.list_tables": 20,
    "ecr.describe_repositories": 20,
    "elbv2.describe_load_balancers": 10,
    "elbv2.describe_target_groups": 15,
    "apigateway.get_rest_apis": 8,
    "logs.describe_log_groups": 15,
}
"""By list call; some list several types, and some types are found with others: with the accounts,
regions and settings that are always there about 1,250 items in all. The number is printed."""
GLOBAL = frozenset({"s3", "iam", "route53"})
SHARES = (0.6, 0.25, 0.15)
"""How the items of a regional type are spread over the first three regions."""
ACCOUNT = "111122223333"
_MIB = 1024


def spread(items: Mapping[str, int], regions: tuple[str, ...]) -> dict[str, Any]:
    """Items by operation and region; none of everything else."""
    found: dict[str, Any] = {}
    for name, number in items.items():
        if name.partition(".")[0] in GLOBAL:
            found[name] = number
            continue
        shares = SHARES[: len(regions)]
        first = number - sum(int(number * share) for share in shares[1:])
        counts = [first, *(int(number * share) for share in shares[1:])]
        found[name] = dict(zip(regions, counts, strict=False))
    return found


@dataclass(frozen=True)
class Run:
    """One collection.

    Attributes:
        cpu: seconds of the collector's processes. peak: MiB, of the largest process.
        made: requests that the server saw. distinct: different ones among them.
    """

    seconds: float
    cpu: float
    peak: float
    items: int
    gaps: tuple[str, ...]
    made: int
    distinct: int
    throttled: int
    asked: tuple[Asked, ...]


CHILD = """
import json, os, resource, sys
sys.path[:0] = json.loads(sys.argv[2])
from pathlib import Path
from collector.collect import collect
from collector.request import CollectRequest

def main():
    options = json.loads(sys.argv[1])
    for name in ("regions", "services", "role_names"):
        options[name] = tuple(options.get(name, ()))
    options["snapshots"] = Path(options["snapshots"])
    result = collect(CollectRequest(redaction_key=b"0" * 32, **options))
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({
        "seconds": result.seconds,
        "items": result.items,
        "cpu": sum(u.ru_utime + u.ru_stime for u in usages),
        "peak": max(high_water(), usages[1].ru_maxrss),
        "by_gap": sorted({f"{g.service}.{g.operation} {g.status} {g.code}" for g in result.gaps}),
    }))

def high_water():
    # A child's ru_maxrss begins with its parent's; the kernel's high-water mark is its own.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

if __name__ == "__main__":
    main()
"""


def collected(server: WireProcess, **options: Any) -> Run:
    """Collect in a process of its own and see what it cost."""
    server.forget()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "child.py"
        script.write_text(CHILD)
        options["snapshots"] = folder
        given = subprocess.run(
            [sys.executable, str(script), json.dumps(options), json.dumps([str(_ROOT)])],
            env=os.environ | environment(server.url, ACCOUNT),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    told = json.loads(given.stdout.splitlines()[-1])
    asked = tuple(server.asked())
    assert not server.strange(), server.strange()[:5]
    return Run(
        seconds=told["seconds"],
        cpu=told["cpu"],
        peak=told["peak"] / _MIB,
        items=told["items"],
        gaps=tuple(told["by_gap"]),
        made=sum(row.count for row in asked),
        distinct=len(asked),
        throttled=server.throttled(),
        asked=asked,
    )


def cpu_of_a_call(server: WireProcess, calls: int = 300) -> float:
    """Seconds of CPU that botocore alone takes for one call."""
    server.set(latency=0.0)
    client = _client(server, "kms", REGIONS[0])
    client.list_keys()
    before = time.process_time()
    for _ in range(calls):
        client.list_keys()
    return (time.process_time() - before) / calls


def _client(server: WireProcess, name: str, region: str) -> Any:
    keys = environment(server.url, ACCOUNT)
    return Session().create_client(
        name,
        region_name=region,
        endpoint_url=server.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 3}, inject_host_prefix=False),
    )


def naive_seconds(server: WireProcess, run: Run, latency: float, sample: int) -> float:
    """The calls of a run made one after the other, extrapolated from a sample of them."""
    server.set(latency=latency)
    usable = [row for row in run.asked if row.client not in ("s3control", "sts")]
    chosen = random.Random(1).sample(usable, min(sample, len(usable)))
    clients: dict[tuple[str, str], Any] = {}
    spent = 0.0
    for row in chosen:
        place = (row.client, row.region)
        if place not in clients:
            clients[place] = _client(server, *place)
        params = json.loads(row.params)
        started = time.perf_counter()
        getattr(clients[place], row.operation)(**params)
        spent += time.perf_counter() - started
    return spent / len(chosen) * run.distinct


def throttle_floor(run: Run) -> float:
    """Seconds that the slowest published rate limit alone demands."""
    made: Counter[tuple[Any, ...]] = Counter()
    limits: dict[tuple[Any, ...], Any] = {}
    for row in run.asked:
        for limit in LIMITS.get(row.client, ()):
            if limit.operations and row.operation not in limit.operations:
                continue
            group = (row.operation,) if limit.each else limit.operations
            key = (row.account, row.region, row.client, group)
            made[key] += row.count
            limits[key] = limit
            break
    waits = [(number - limits[key].burst) / limits[key].rate for key, number in made.items()]
    return max([0.0, *waits])


def repeats(run: Run) -> Counter[str]:
    """Requests beyond one each, by operation, apart from asking whether a started job is done."""
    slow = {
        (declared.client, call.operation)
        for declared in TYPES.values()
        for call in declared.calls()
        if isinstance(call, FollowUp) and call.start
    }
    found = Counter[str]()
    for row in run.asked:
        if row.count > 1 and (row.client, row.operation) not in slow:
            found[f"{row.client}.{row.operation}"] += row.count - 1
    return found


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counted.most_common()) or "none"


def table(rows: list[tuple[str, ...]]) -> None:
    """Print rows, the first as head."""
    head, *body = rows
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in body:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def one_account(server: WireProcess, arguments: argparse.Namespace) -> None:
    regions = REGIONS[: arguments.regions]
    per_call = cpu_of_a_call(server)
    server.set(latency=arguments.latency, counts=spread(ITEMS, regions), regions=regions)
    run = collected(server, regions=regions, workers=arguments.workers)
    network = run.distinct * arguments.latency / arguments.workers
    cpu = run.distinct * per_call
    throttle = throttle_floor(run)
    floor = max(network, cpu, throttle)
    naive = naive_seconds(server, run, arguments.latency, arguments.sample)
    print(f"One account, {len(regions)} regions, {run.items} items, {len(TYPES)} types,")
    print(f"{arguments.latency * 1000:.0f} ms latency, {arguments.workers} calls at a time\n")
    table(
        [
            ("figure", "value"),
            ("seconds", f"{run.seconds:.1f}"),
            ("floor: network", f"{network:.1f} s"),
            ("floor: CPU", f"{cpu:.1f} s ({per_call * 1000:.2f} ms a call in bare botocore)"),
            ("floor: rate limits", f"{throttle:.1f} s"),
            ("time over the floor", f"{run.seconds / floor:.2f}x (goal <= 1.5x)"),
            ("CPU", f"{run.cpu:.1f} s"),
            ("peak memory", f"{run.peak:.0f} MiB"),
            ("calls", f"{run.made} for a minimum of {run.distinct}"),
            ("repeated calls", _listed(repeats(run))),
            ("throttled by the server", str(run.throttled)),
            ("gaps", "; ".join(run.gaps) or "none"),
            ("naive, one call at a time", f"{naive:.0f} s (extrapolated from {arguments.sample})"),
            ("faster than naive", f"{naive / run.seconds:.1f}x"),
        ]
    )


def growth(server: WireProcess, arguments: argparse.Namespace) -> None:
    regions = REGIONS[: arguments.growth_regions]
    print(f"Growth with accounts: {len(regions)} regions, half the items, all types\n")
    rows: list[tuple[str, ...]] = [
        ("accounts", "calls", "seconds", "seconds an account", "CPU s", "peak MiB", "gaps")
    ]
    small = {name: max(1, number // 10) for name, number in ITEMS.items()}
    for number in arguments.accounts:
        accounts = tuple(f"{ACCOUNT[:-4]}{at + 3333:04d}" for at in range(number))
        server.set(
            latency=arguments.latency,
            counts=spread(small, regions),
            regions=regions,
            accounts=accounts,
        )
        run = collected(
            server,
            regions=regions,
            workers=arguments.workers,
            organisation=True,
            role_names=("audit",),
        )
        rows.append(
            (
                str(number),
                str(run.made),
                f"{run.seconds:.1f}",
                f"{run.seconds / number:.1f}",
                f"{run.cpu:.1f}",
                f"{run.peak:.0f}",
                str(len(run.gaps)),
            )
        )
    table(rows)
    server.set(accounts=(ACCOUNT,))


def many_items(server: WireProcess, arguments: argparse.Namespace) -> None:
    print("Many items of one type (ec2:network-interface): memory stays flat\n")
    rows: list[tuple[str, ...]] = [("items", "calls", "seconds", "CPU s", "peak MiB")]
    region = REGIONS[:1]
    for number in (arguments.many // 100, arguments.many // 10, arguments.many):
        server.set(
            latency=0.0,
            counts={"ec2.describe_network_interfaces": number},
            regions=region,
        )
        run = collected(server, regions=region, services=("ec2:network-interface",), workers=4)
        assert run.items == number, f"{run.items} of {number}"
        cells = (f"{run.items}", f"{run.made}", f"{run.seconds:.1f}", f"{run.cpu:.1f}")
        rows.append((*cells, f"{run.peak:.0f}"))
    table(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few regions and accounts")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--regions", type=int, default=17)
    parser.add_argument("--growth-regions", type=int, default=2)
    parser.add_argument("--accounts", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--only", choices=("account", "growth", "many"))
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.regions, arguments.growth_regions = 3, 1
        arguments.accounts, arguments.many, arguments.sample = [1, 3], 5000, 60
    parts = {"account": one_account, "growth": growth, "many": many_items}
    with WireProcess(world={"items": 0, "elements": 1}, limits=True) as server:
        for name, part in parts.items():
            if arguments.only in (None, name):
                part(server, arguments)


if __name__ == "__main__":
    main()
