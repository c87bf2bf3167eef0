"""``mapper load``."""

from __future__ import annotations

import click

from mapper.errors import WrongUsageError
from mapper.options import Asked, asks


@click.command(
    name="load",
    epilog="Example: NEO4J_PASSWORD=... NEO4J_USERNAME=neo4j mapper load --graph "
    "bolt://localhost:7687",
)
@click.option(
    "--graph",
    metavar="TARGET",
    help="Where to: bolt://HOST or neo4j://HOST (user and password from NEO4J_USERNAME, "
    "NEO4J_PASSWORD), or a file. Default: the snapshot's embedded graph in the cache.",
)
@click.option("--database", metavar="NAME", help="Neo4j's database. Default: its default one.")
@click.option(
    "--replace",
    is_flag=True,
    help="Delete what is there first, also when it is another organisation's.",
)
@asks(graph=False, filters=False, formats=("table", "json"))
def command(asked: Asked, database: str | None, replace: bool) -> int:
    """Load a snapshot into a graph.

    The graph is derived from the snapshot alone; loading again replaces what was derived. Commands
    that answer build the embedded graph themselves: load is for Neo4j, or to build it beforehand.
    """
    from mapper.answering import write_sheet
    from mapper.graphs import cache_path, connect, is_server, load_graph
    from mapper.snapshots import find_snapshot, open_snapshot

    graph = asked.graph
    if database is not None and not is_server(graph):
        raise WrongUsageError("--database belongs to a server: give --graph bolt://... too.")
    snapshot = open_snapshot(find_snapshot(asked.snapshot))
    target = graph or str(cache_path(snapshot))
    if graph is None:
        cache_path(snapshot).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with connect(target, database=database) as store:
        derivation, report = load_graph(
            snapshot, store, asked.say, replace=replace or graph is None
        )
        place = store.target
    row = {
        "graph": place,
        "nodes": report.nodes,
        "relationships": report.relationships,
        "deleted": report.deleted,
        "stale": report.stale,
        "dangling": report.dangling,
        "seconds": round(report.seconds, 2),
    }
    notes = [f"Ask it with: mapper public --graph {graph}" if graph else "Ask it: mapper public"]
    if derivation.problems:
        first = derivation.problems[0]
        notes.append(
            f"{len(derivation.problems)} lines are not of the shape that AWS documents and were "
            f"left out, the first: {first}"
        )
    if report.stale:
        notes.append(f"{report.stale} nodes could not be read any more and are kept as stale.")
    if report.dangling:
        notes.append(f"Left out, an end is missing: {'; '.join(report.dangling_examples)}")
    write_sheet(
        asked,
        snapshot,
        "load",
        [row],
        title=f"Loaded {snapshot.id}",
        columns=("Graph", "Nodes", "Relationships", "Seconds"),
        cells=[(place, str(report.nodes), str(report.relationships), f"{report.seconds:.1f}")],
        notes=notes,
    )
    return 0
