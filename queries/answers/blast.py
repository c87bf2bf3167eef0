"""Rows of ``mapper blast``: everything that follows from control of a node."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from graph.verdict import Verdict, all_of, merged
from queries.answers.attack import LEVELS, AttackGraph, Link, Thing, Tree
from queries.answers.parties import Parties, account_of
from queries.answers.paths import PASSED, hops_of_path, mechanism_of, steps_of
from queries.answers.row import Row, distinct, row_key
from queries.severity import severity_of, thing_of

CLASSES = (
    "admin",
    "principal",
    "sensitive-data",
    "data",
    "machine",
    "backup",
    "logging",
    "network-only",
    "other",
)
"""The classes of what is reached, the gravest first."""
_PRINCIPALS = frozenset({"IAMRole", "IAMUser", "RootUser"})
_BACKUP = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::Backup::RecoveryPoint",
        "AWS::EC2::Snapshot",
        "AWS::RDS::DBSnapshot",
        "AWS::RDS::DBClusterSnapshot",
        "AWS::Redshift::ClusterSnapshot",
    }
)
_LOGGING = frozenset(
    {
        "AWS::CloudTrail::Trail",
        "AWS::CloudTrail::EventDataStore",
        "AWS::GuardDuty::Detector",
        "AWS::Config::ConfigurationRecorder",
        "AWS::SecurityHub::Hub",
        "AWS::Logs::LogGroup",
        "AWS::EC2::FlowLog",
    }
)


def blast_rows(graph: AttackGraph, starts: Collection[str], parties: Parties) -> list[Row]:
    """One row for each node reached, with the first way to it.

    A node that some way controls is told by the strongest such way. Where a machine's network
    reach leads there more surely, or nothing else does, that is a row of its own:
    ``network-only``.
    """
    found: dict[tuple[str, bool], tuple[tuple[Link, ...], Verdict]] = {}
    for level in LEVELS:
        tree = Tree(graph, sorted(starts), level)
        for spot in tree.first:
            key = (spot.node, spot.lateral)
            if spot.node in starts or key in found:
                continue
            if (spot.node, False) in found:
                continue
            found[key] = (tree.way(spot), level)
        if not tree.weaker:
            break
    rows = [
        _row(graph, graph.things[node], links, level, lateral, parties)
        for (node, lateral), (links, level) in found.items()
        if links and not graph.things[node].end.labels & PASSED
    ]
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[object, ...]:
    return (CLASSES.index(row.own["class"]), -row.verdict.rank, row.own["steps"], row.id)


def class_of(thing: Thing, lateral: bool, sensitive: bool) -> str:
    """What a node reached is to an attacker."""
    if lateral:
        return "network-only"
    if "AWSAccount" in thing.end.labels:
        return "admin"
    if thing.end.resource_type in _BACKUP:
        return "backup"
    if thing.end.resource_type in _LOGGING:
        return "logging"
    if thing.end.labels & _PRINCIPALS:
        return "principal"
    if thing.category == "compute":
        return "machine"
    if thing.category in ("data", "secrets"):
        return "sensitive-data" if sensitive else "data"
    return "other"


def _row(
    graph: AttackGraph,
    thing: Thing,
    links: Sequence[Link],
    level: Verdict,
    lateral: bool,
    parties: Parties,
) -> Row:
    end = thing.end
    start = links[0].hop.start
    answer = all_of(link.hop.answer for link in links)
    sensitive = parties.is_sensitive(thing.tags)
    what = class_of(thing, lateral, sensitive)
    lines = tuple(
        f"{number}. {link.hop.answer.why or link.type}" for number, link in enumerate(links, 1)
    )
    home = account_of(end.id, end.account_id)
    mechanism = mechanism_of(links)
    steps = steps_of(links)
    count = "1 step" if steps == 1 else f"{steps} steps"
    why = f"{end.name or end.id} follows from {start.name or start.id} in {count}."
    return Row(
        key=row_key("blast", end.id, start.id, what, ""),
        id=end.id,
        name=end.name,
        resource_type=end.resource_type,
        account_id=home,
        region=end.region,
        answer=replace(answer, why=why, evidence=lines),
        severity=severity_of("blast", {"class": what, "what": thing_of(end.resource_type)}, level),
        own={
            "class": what,
            "from": start.id,
            "path": hops_of_path(links),
            "mechanism": mechanism,
            "steps": steps,
            "level": links[-1].level,
            "techniques": list(merged((one for link in links if (one := link.technique)), ())),
        },
        accounts=distinct([home]),
        regions=distinct([end.region]),
    )
