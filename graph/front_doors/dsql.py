"""Aurora DSQL clusters: the endpoint is on the internet, and every connection asks for IAM.

Only a Deny of the cluster's policy shuts the internet out.
https://docs.aws.amazon.com/aurora-dsql/latest/userguide/resource-based-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item, Status
from graph.front_doors.controls import facts, state
from graph.front_doors.declare import FrontDoor, asks_for
from graph.front_doors.sight import Sight, member
from graph.front_doors.signed import SIGV4, Signed, document_of, signed_callers
from graph.network import ports
from graph.network.reach import Reach

_POLICY = "get_cluster_policy"
_ACTIONS = ("dsql:DbConnect", "dsql:DbConnectAdmin")
_PORT = ports.tcp(5432)


def _cluster(sight: Sight, item: Item) -> Iterator[Reach]:
    status = member(item.call("get_cluster").value, "status") or item.item.get("status")
    signed = _signed(sight, item)
    locks = (signed.lock, *signed.more, state(item, status, facts("dsql")["asleep"]["statuses"]))
    yield from sight.reached(item, "dsql", locks, opened=_PORT, admitted=signed.admitted)


def _signed(sight: Sight, item: Item) -> Signed:
    """What the policy leaves; one that was not read may only take away from an open endpoint."""
    call = item.call(_POLICY)
    (ref,) = sight.refs(item, f"/calls/{_POLICY}/value/policy")
    try:
        if call.known:
            text = member(call.value, "policy") if call.status is Status.OK else None
            return signed_callers(sight, item, document_of(text), _ACTIONS, ref)
        why = sight.gap(item, _POLICY)
    except ValueError as problem:
        why = f"{sight.gap(item, _POLICY)}: {problem}"
    login = asks_for("authentication", item.id, "AWS answers signed requests only.", SIGV4)
    text = "Whether its policy shuts the internet out was not read."
    return Signed(login, (asks_for("resource policy", item.id, text, f"not_collected:{why}", ref),))


DOORS = (
    FrontDoor(
        type_id="dsql:cluster",
        mechanism="dsql",
        title="Aurora DSQL clusters",
        rule="Always, unless the cluster's policy denies requests that come from outside a VPC (or "
        "from outside a range, which is then the source); the policy engine decides. Every "
        "connection is signed: `authn:sigv4`. A policy that was not read is one more condition.",
        source="https://docs.aws.amazon.com/aurora-dsql/latest/userguide/resource-based-policies.html",
        judge=_cluster,
        test="tests/front_doors/test_dsql.py",
        untold_families=True,
    ),
)
"""Declarations of this service."""
