"""How long a collection takes: an organisation that moto plays on loopback.

    python benchmarks/bench_collect.py [--accounts 5] [--regions 20] [--workers 4 8 16 32]

Prints one JSON object per run: accounts, regions, workers, calls, seconds, calls per second,
seconds of CPU, peak memory. The first run fills moto (default VPCs) and is not for comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import boto3  # noqa: E402

from aws_server import MotoServer  # noqa: E402
from collector.collect import collect  # noqa: E402
from collector.request import CollectRequest  # noqa: E402
from collector_world import ENVIRONMENT, KEY  # noqa: E402


def build(server: MotoServer, accounts: int) -> None:
    organizations = boto3.client("organizations", endpoint_url=server.url)
    organizations.create_organization(FeatureSet="ALL")
    for number in range(accounts - 1):
        organizations.create_account(AccountName=f"a{number}", Email=f"a{number}@example.com")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=5)
    parser.add_argument("--regions", type=int, default=20)
    parser.add_argument("--workers", type=int, nargs="+", default=[16])
    arguments = parser.parse_args()
    os.environ |= ENVIRONMENT
    server = MotoServer()
    try:
        build(server, arguments.accounts)
        os.environ["AWS_ENDPOINT_URL"] = server.url
        regions = sorted(
            row["RegionName"]
            for row in boto3.client("ec2").describe_regions()["Regions"]
            if row["OptInStatus"] != "not-opted-in"
        )
        regions = [r for r in regions if not r.startswith(("us-gov", "cn-"))][: arguments.regions]
        for workers in [arguments.workers[0], *arguments.workers]:
            report(arguments.accounts, tuple(regions), workers)
    finally:
        server.stop()


def report(accounts: int, regions: tuple[str, ...], workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cpu = time.process_time()
        result = collect(
            CollectRequest(
                organisation=True,
                role_names=("audit",),
                regions=regions,
                snapshots=Path(folder),
                redaction_key=KEY,
                workers=workers,
            )
        )
    print(
        json.dumps(
            {
                "accounts": accounts,
                "regions": len(regions),
                "workers": workers,
                "calls": result.calls,
                "items": result.items,
                "seconds": round(result.seconds, 1),
                "calls_per_second": round(result.calls / result.seconds),
                "cpu_seconds": round(time.process_time() - cpu, 1),
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
