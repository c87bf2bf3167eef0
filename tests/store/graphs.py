"""What a store must hold after loads, said in plain Python: the model that the engines meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from graph.records import Node, Relationship, Value
from graph.store import LoadStamp, Store

Props = tuple[tuple[str, tuple[str, object]], ...]
NodeRow = tuple[frozenset[str], Props]
LinkKey = tuple[str, str, str, str]


@dataclass(frozen=True)
class Graph:
    """Nodes by id, relationships by (type, start, end, key); load stamps left out."""

    nodes: dict[str, NodeRow] = field(default_factory=dict)
    links: dict[LinkKey, Props] = field(default_factory=dict)


def node(node_id: str, *labels: str, **props: Value) -> Node:
    """A node of account 1 in eu-west-1 that is an AWS::EC2::VPC unless said otherwise."""
    base: dict[str, Value] = {
        "name": None,
        "resource_type": "AWS::EC2::VPC",
        "account_id": "1",
        "region": "eu-west-1",
    }
    return Node(node_id, labels, base | props)


def stamp(
    number: int = 1, lineage: str = "o-1", unread: Iterable[tuple[str, str, str]] = ()
) -> LoadStamp:
    """The stamp of the n-th snapshot of an organisation."""
    finished = f"2026-01-{number:02}T00:00:00Z"
    return LoadStamp(f"snap-{number}", lineage, "0.1.0", finished, ("1",), frozenset(unread))


def held(store: Store) -> Graph:
    """Everything that a store holds but the Snapshot node."""
    nodes = {
        str(row["id"]): (frozenset(row["labels"]) - {"Resource"}, _frozen(row["node"]))  # type: ignore[call-overload]
        for row in store.run("MATCH (n:Resource) RETURN n.id AS id, labels(n) AS labels, n AS node")
    }
    rows = store.run(
        "MATCH (a:Resource)-[r]->(b:Resource) "
        "RETURN type(r) AS type, a.id AS a, b.id AS b, r.key AS key, r AS props"
    )
    links = {
        (str(row["type"]), str(row["a"]), str(row["b"]), str(row["key"])): _frozen(row["props"])
        for row in rows
    }
    assert len(links) == len(rows), "two relationships of one type, key and pair of ends"
    return Graph(nodes, links)


def after(
    before: Graph, nodes: Iterable[Node], links: Iterable[Relationship], loaded: LoadStamp
) -> Graph:
    """What a store must hold after a load onto ``before``."""
    labels_of: dict[str, set[str]] = {}
    props_of: dict[str, dict[str, Value]] = {}
    for item in nodes:
        labels_of.setdefault(item.id, set()).update(item.labels)
        present = {k: v for k, v in item.props.items() if v is not None}
        props_of.setdefault(item.id, {"id": item.id}).update(present)
    fresh = {key: (frozenset(labels_of[key]), _frozen(props_of[key])) for key in props_of}
    stale = {}
    for node_id, (labels, props) in before.nodes.items():
        values = dict(props)
        place = [values.get(k, (None, None)) for k in ("account_id", "region", "resource_type")]
        if node_id not in fresh and loaded.could_not_read(*(value for _, value in place)):
            since = {"stale_since": ("str", loaded.finished)} | values
            stale[node_id] = (labels, tuple(sorted(since.items())))
    link_props: dict[LinkKey, dict[str, Value]] = {}
    for link in links:
        key = (link.type, link.start, link.end, link.key)
        present = {k: v for k, v in link.props.items() if v is not None}
        link_props.setdefault(key, {"key": link.key}).update(present)
    fresh_links = {key: _frozen(props) for key, props in link_props.items()}
    everything = fresh | stale
    kept = {}
    for key, props in (before.links | fresh_links).items():
        ends = {key[1], key[2]}
        derived = "verdict" in dict(props)
        there = ends <= (fresh.keys() if derived else everything.keys())
        if there and (key in fresh_links or (not derived and ends & stale.keys())):
            kept[key] = props
    return Graph(everything, kept)


def anew(loaded: LoadStamp) -> LoadStamp:
    """The same load once more."""
    return replace(loaded, load=loaded.load + "-again")


def _frozen(props: object) -> Props:
    assert isinstance(props, dict)
    return tuple(
        sorted(
            (name, (type(value).__name__, tuple(value) if isinstance(value, list) else value))
            for name, value in props.items()
            if name != "load"
        )
    )
