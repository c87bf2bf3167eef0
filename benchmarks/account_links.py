"""Summing up what accounts have of each other: seconds and memory by accounts of 100 roles.

Every role is trusted by the management account and a neighbour, and every account reaches every
other over one transit gateway. ``python benchmarks/account_links.py [ACCOUNTS ...]``.
"""

from __future__ import annotations

import resource
import sys
import time

from graph.derivation.account_links import account_links
from graph.records import Node, Relationship

ROLES = 100
MESH = "network-group:mesh"
SURE = {"verdict": "yes", "why": "It is allowed.", "conditions": []}


def node(node_id: str, label: str, account: str | None, **props: str) -> Node:
    base = {"name": node_id.rpartition("/")[2], "resource_type": label, "account_id": account}
    return Node(node_id, (label,), {**base, **props})


def of_account(account: str, manager: str, neighbours: list[str]) -> tuple[list, list]:
    """An account's nodes and relationships."""
    arn = f"arn:aws:organizations::{manager}:account/o-abcdefghij/{account}"
    sender, target = f"network-range:{account}", f"private-target:{account}"
    nodes = [
        node(f"account:{account}", "AWSAccount", account, category="account", arn=arn),
        node(sender, "NetworkRange", account),
        node(target, "NetworkTarget", account),
    ]
    edges = [
        Relationship("IN_GROUP", sender, MESH, "member", dict(SURE)),
        Relationship("CAN_REACH", MESH, target, "reach", dict(SURE)),
    ]
    for number, neighbour in enumerate(neighbours):
        role = f"arn:aws:iam::{account}:role/r{number}"
        nodes.append(node(role, "IAMRole", account, category="identity"))
        edges += [
            Relationship("CAN_ASSUME", f"account:{start}", role, "sts", dict(SURE))
            for start in (manager, neighbour)
            if start != account
        ]
    return nodes, edges


def measure(count: int) -> None:
    accounts = [f"{number:012}" for number in range(1, count + 1)]
    nodes, edges = [node(MESH, "NetworkGroup", None)], []
    for place, account in enumerate(accounts):
        neighbours = [accounts[(place + step) % count] for step in range(ROLES)]
        more, further = of_account(account, accounts[0], neighbours)
        nodes += more
        edges += further
    by_id = {one.id: one for one in nodes}
    begin = time.process_time()
    found = account_links(by_id, edges, [], accounts, {})
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} accounts, {len(edges)} relationships: {len(found)} links, "
          f"{seconds:.1f} s, {peak} MB at the peak")  # fmt: skip


if __name__ == "__main__":
    for asked in sys.argv[1:] or ("100", "300", "1000"):
        measure(int(asked))
