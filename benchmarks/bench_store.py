"""How long a load takes, beside bare ``UNWIND`` batches of the same records in the same run.

    python benchmarks/bench_store.py [--sizes 5000,20000,80000] [--neo4j]

Every node has five relationships, a third of them derived. The baseline is what a plain loader
does: ``MERGE`` in batches of 5,000, no check, no sweep, no durable file. ``again`` is a second
load of the same records onto the first.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kglite

from graph.records import Node, Relationship
from graph.store import LoadStamp, Store, open_store

LINKS_PER_NODE = 5
BATCH = 5_000
LABELS = ("EC2Instance", "IAMRole", "S3Bucket", "NetworkInterface", "Subnet")
Ask = Callable[[str, dict[str, Any]], object]


def records(size: int) -> tuple[list[Node], list[Relationship]]:
    nodes = [
        Node(
            f"arn:aws:ec2:eu-west-1:{i % 7:012}:thing/i-{i:012x}",
            (LABELS[i % 5], "NetworkTarget") if i % 10 == 0 else (LABELS[i % 5],),
            {
                "name": f"thing-{i}" if i % 3 else None,
                "resource_type": f"AWS::Test::{LABELS[i % 5]}",
                "account_id": f"{i % 7:012}",
                "region": "eu-west-1",
                "tags": ["team=red", f"number={i}"],
                "size": i,
                "public": i % 4 == 0,
            },
        )
        for i in range(size)
    ]
    links = []
    for i in range(size * LINKS_PER_NODE):
        start, end = nodes[i % size].id, nodes[(i * 7919 + i // size) % size].id
        if i % 3:
            links.append(Relationship(("IN_VPC", "TRUSTS")[i % 2], start, end, f"key-{i}"))
            continue
        proof = {
            "verdict": "yes",
            "definite": True,
            "possible": True,
            "why": "A rule of the group admits every address to the port.",
            "conditions": [],
            "evidence": ["The route table has a route to an internet gateway."] * 2,
        }
        links.append(Relationship("CAN_REACH", start, end, f"key-{i}", dict(proof)))
    return nodes, links


def baseline(ask: Ask, nodes: list[Node], links: list[Relationship]) -> None:
    for labels in {node.labels for node in nodes}:
        rows = [{"id": n.id, "props": n.props} for n in nodes if n.labels == labels]
        text = "UNWIND $rows AS row MERGE (n:Resource {id: row.id}) "
        text += " ".join(f"SET n:{label}" for label in labels) + " SET n += row.props"
        for batch in batches(rows):
            ask(text, {"rows": batch})
    for kind in {link.type for link in links}:
        rows = [
            {"a": r.start, "b": r.end, "key": r.key, "props": r.props}
            for r in links
            if r.type == kind
        ]
        text = (
            "UNWIND $rows AS row MATCH (a:Resource {id: row.a}) MATCH (b:Resource {id: row.b}) "
            f"MERGE (a)-[r:{kind} {{key: row.key}}]->(b) SET r += row.props"
        )
        for batch in batches(rows):
            ask(text, {"rows": batch})


def batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(engine: str, size: int, store: Store, ask: Ask) -> None:
    nodes, links = records(size)
    stamp = LoadStamp("bench", "bench", "0", "2026-01-01T00:00:00Z")
    again = LoadStamp("bench", "bench", "0", "2026-01-01T00:00:00Z")
    plain = timed(lambda: baseline(ask, nodes, links))
    first = timed(lambda: store.load(nodes, links, stamp))
    second = timed(lambda: store.load(nodes, links, again))
    count = len(nodes) + len(links)
    print(
        f"{engine:7} {size:>8} nodes {len(links):>8} relationships  load {first:7.2f} s "
        f"({count / first:>9,.0f} records/s)  again {second:7.2f} s  "
        f"bare UNWIND {plain:7.2f} s  ratio {first / plain:5.2f}",
        flush=True,
    )


def on_kglite(size: int) -> None:
    graph = kglite.KnowledgeGraph()

    def ask(text: str, params: dict[str, Any]) -> object:
        return graph.cypher(text, params=params, timeout_ms=0)

    with (
        tempfile.TemporaryDirectory() as directory,
        open_store(Path(directory) / "bench.kgl") as store,
    ):
        report("kglite", size, store, ask)


def on_neo4j(sizes: list[int]) -> None:
    from graph.store.local_neo4j import LocalNeo4j

    for size in sizes:
        # A server of one's own each, so that the baseline's graph is not in the way.
        with (
            LocalNeo4j() as loaded,
            LocalNeo4j() as plain,
            open_store(loaded.bolt_uri, password=loaded.password) as store,
            open_store(plain.bolt_uri, password=plain.password) as bare,
        ):

            def ask(text: str, params: dict[str, Any], bare: Store = bare) -> object:
                return bare.run(text, params, read_only=False)

            ask("CREATE CONSTRAINT FOR (n:Resource) REQUIRE n.id IS UNIQUE", {})
            report("neo4j", size, store, ask)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5000,20000,80000", help="nodes, comma separated")
    parser.add_argument("--neo4j", action="store_true", help="on a local Neo4j, too")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    for size in sizes:
        on_kglite(size)
    if options.neo4j:
        on_neo4j(sizes)


if __name__ == "__main__":
    main()
