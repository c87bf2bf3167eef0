"""PrivateLink services: which accounts may connect.

https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.snapshot import Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, refused, unread
from graph.sharing.receiving import of_no_account, source_of, told
from graph.verdict import Answer, Verdict, condition

MECHANISM = "endpoint-service"
OPERATION = "describe_vpc_endpoint_service_permissions"


def endpoint_service_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Who may connect to each endpoint service, with or without its owner's approval."""
    for item in snapshot.items("ec2:vpc-endpoint-service"):
        for one in _service(item):
            yield told(one, item.account_id, world)


def _service(item: Item) -> Iterator[Judgement]:
    call = item.call(OPERATION)
    ref = Ref.to(item, f"/calls/{OPERATION}/value")
    if not call.known:
        why = f"Who may connect was not read ({call.status})."
        yield outside(item, "any-aws-account", MECHANISM, unread(f"ec2.{OPERATION}", item, why))
        return
    rows = call.value if call.status is Status.OK else []
    if isinstance(rows, dict):
        rows = rows.get("AllowedPrincipals", [])
    named = [str(row.get("Principal", "")) for row in rows or []]
    sources = [source_of(principal) for principal in named if principal]
    for source in dict.fromkeys(sources):
        if not own(source, item.account_id):
            yield outside(item, source, MECHANISM, _connects(item, source, ref))
    if "any-aws-account" not in sources:
        why = "Its permissions do not name every account."
        answer = refused(item.id, "endpoint service permissions", why, ref)
        yield outside(item, "any-aws-account", MECHANISM, answer)


def _connects(item: Item, source: str, ref: Ref) -> Answer:
    odd = of_no_account(source, item, f"ec2.{OPERATION}", "endpoint service permissions", ref)
    if odd is not None:
        return odd
    text = f"Its permissions let {source} connect."
    step = Step("endpoint service permissions", item.id, "pass", text, (ref,))
    if item.item.get("AcceptanceRequired", True):
        need = "The owner must accept each connection."
        return Answer(
            Verdict.CONDITIONAL,
            why=f"{text} {need}",
            conditions=(condition("approval", "endpoint-connection"),),
            evidence=(text, need),
            steps=(step, Step("acceptance", item.id, "conditional", need, (ref,))),
        )
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
