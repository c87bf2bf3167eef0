"""The saved query of chains finds what mapper trusts finds, on KGLite and on Neo4j."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.store import LoadStamp, Store, open_store
from graph.verdict import Verdict
from queries.answers.parties import Parties
from queries.answers.trusts import trust_rows
from queries.runner import run_query
from tests.engines import empty_neo4j, neo4j_server
from tests.queries import organisation as org

__all__ = ["neo4j_server"]

pytestmark = pytest.mark.neo4j
RELAY, CROWD, FEW = (org.arn("iam", org.PROD, "role/relay"), "principal-set:13", "principal-set:2")
BOSS, LOOP = (org.arn("iam", org.DEV, f"role/{name}") for name in ("boss", "loop"))


def _role(arn: str) -> Any:
    return org._node(arn, "IAMRole Principal", "AWS::IAM::Role", arn.split(":")[4])


def _set(name: str, size: int) -> Any:
    kind = "Mapper::PrincipalSet"
    return org._node(name, "PrincipalSet", kind, org.SEC, member_count=size)


def _members(name: str, size: int) -> list[str]:
    return [org.arn("iam", org.SEC, f"role/{name[-2:]}-{n}") for n in range(size)]


def nodes() -> list[Any]:
    people = [_role(arn) for name, size in ((CROWD, 13), (FEW, 2)) for arn in _members(name, size)]
    return [
        *org.nodes(),
        _role(RELAY),
        _role(BOSS),
        _role(LOOP),
        _set(CROWD, 13),
        _set(FEW, 2),
        *people,
    ]


def relationships() -> list[Any]:
    """Chains by two roles, by an account that is taken over, by sets, a cycle, a doubtful step."""
    prod = f"account:{org.PROD}"
    step = org.walked
    return [
        *org.relationships(),
        step("CAN_ASSUME", f"account:{org.NOBODY}", RELAY, "sts:AssumeRole"),
        step("CAN_ASSUME", RELAY, BOSS, "sts:AssumeRole"),
        step("CAN_ASSUME", BOSS, LOOP, "sts:AssumeRole"),
        step("CAN_ASSUME", LOOP, BOSS, "sts:AssumeRole"),
        step(
            "CAN_ASSUME", f"account:{org.NOBODY}", BOSS, "unread", "unknown", ("not_collected:x",)
        ),
        step("HAS_ADMIN", BOSS, f"account:{org.DEV}", techniques=[], limits=[]),
        step("HAS_ADMIN", RELAY, prod, techniques=[], limits=[]),
        step("CONTROLS", prod, org.WEB_ROLE),
        step("CAN_ASSUME", CROWD, RELAY, "sts:AssumeRole"),
        step("CAN_ASSUME", FEW, RELAY, "sts:AssumeRole", "conditional", ("context:x=y",)),
        *(step("IN_GROUP", arn, CROWD, "member") for arn in _members(CROWD, 13)),
        *(step("IN_GROUP", arn, FEW, "member") for arn in _members(FEW, 2)),
    ]


def saved(store: Store, *, definite: bool) -> set[tuple[str, str]]:
    """Start and account of the saved query's chains; who is one of a set passes it."""
    return {
        (row["from_id"], row["ends_in"])
        for row in run_query(store, "trust-chains").to_dict("records")
        if _is_chain(row) and (row["definite"] or not definite)
    }


def _is_chain(row: dict[str, Any]) -> bool:
    """Whether it has a role in the middle; the way is not told where a doubtful one is shorter."""
    hops = [hop for hop in row["hops"] if not hop.startswith("principal-set:")]
    return not row["hops"] or len(hops) + row["from_id"].startswith("principal-set:") > 2


def ours(store: Store, least: Verdict) -> set[tuple[str, str]]:
    names = ("trusts", "identity-steps", "shared-with-outside")
    accounts = frozenset({org.PROD, org.DEV, org.SEC})
    rows = trust_rows(*(run_query(store, n) for n in names), Parties(collected=accounts))
    return {
        (row.own["from"], row.own["ends_in"])
        for row in rows
        if row.own["hops"][-1]["type"] == "HAS_ADMIN" and row.verdict.rank >= least.rank
    }


def test_the_saved_query_finds_the_same_chains(neo4j_server: Any, tmp_path: Path) -> None:
    stamp = LoadStamp("s", "organisation o-1", "test", "2026-11-22T04:40:00Z", (org.PROD,))
    with open_store(tmp_path / "graph.kgl") as embedded, empty_neo4j(neo4j_server) as server:
        for store in (embedded, server):
            store.load(nodes(), relationships(), stamp)
            possible, sure = ours(store, Verdict.CONDITIONAL), ours(store, Verdict.YES)
            assert saved(store, definite=False) == possible
            assert saved(store, definite=True) == sure
            assert (CROWD, f"account:{org.DEV}") in sure
            assert (_members(FEW, 2)[0], f"account:{org.DEV}") in possible - sure
            assert (f"account:{org.NOBODY}", f"account:{org.SEC}") in possible - sure
