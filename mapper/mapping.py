"""From a session's answers to what a map shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graph.verdict import Verdict
from mapper.output.gaps import gap_notes
from mapper.output.names import short_name
from queries.answers.answer import Filters
from queries.answers.parties import account_of, source_class
from queries.runner import records
from viz.model import (
    SEVERITIES,
    Category,
    Container,
    LinkKind,
    MapAccount,
    MapLink,
    MapModel,
    MapNode,
)

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.parties import Parties
    from queries.answers.row import Row

MOST_NODES = 20_000
"""What a map was measured with; beyond it only what an answer names is drawn."""
_EVIDENCE = 12
_KINDS: Mapping[str, LinkKind] = {
    "CAN_REACH": "network",
    "TARGETS": "network",
    "CAN_ACCESS": "data",
    "SHARED_WITH": "data",
    "CAN_ASSUME": "assume",
    "IN_GROUP": "assume",
    "HAS_ROLE": "assume",
    "CAN_ESCALATE_TO": "escalation",
    "CAN_EXECUTE_ON": "escalation",
    "HAS_ADMIN": "admin",
    "CONTROLS": "admin",
    "PEERED_WITH": "config",
}
_CATEGORIES = frozenset({"compute", "data", "identity", "secrets"})
_FRONT_DOORS = frozenset({"LoadBalancer", "ClassicLoadBalancer", "NATGateway", "TransitGateway"})
_PLUMBING = frozenset({"InstanceProfile", "IAMGroup"})
_PREFIX = re.compile(r"^(EC2|EBS|RDS|S3|SNS|SQS|KMS|IAM|ECR|AWS)(?=[A-Z])")


@dataclass
class Drawing:
    """What is on the map so far."""

    parties: Parties
    facts: dict[str, dict[str, Any]]
    links: dict[tuple[str, str, str], MapLink] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def link(self, start: str, end: str, relationship: str, row: Mapping[str, Any]) -> None:
        """Draw a relationship; of several of one type the strongest is kept."""
        made = MapLink(
            source=start,
            target=end,
            relationship=relationship,
            kind=_KINDS.get(relationship, "config"),
            verdict=row.get("verdict") or "yes",
            label=", ".join(list(row.get("ports") or ())[:3]),
            why=row.get("why") or "",
            evidence=tuple(row.get("evidence") or ())[:_EVIDENCE],
        )
        known = self.links.get((start, end, relationship))
        if known is None or Verdict(known.verdict).rank < Verdict(made.verdict).rank:
            self.links[start, end, relationship] = made
        self.named.update((start, end))


def public_map(session: Session, filters: Filters) -> MapModel:
    """The map of ``mapper map public``: resources in their networks, ways in, roles, admin."""
    from mapper.map_paths import paths_of

    public = session.public(filters)
    compute = session.admins(filters, compute=True, workloads=True)
    trusts = session.trusts(filters)
    resources = records(session.frame("map-resources"))
    drawing = Drawing(session.parties, {row["id"]: row for row in resources})
    _draw_network(drawing, session, {row.id for row in public.rows})
    _draw_identity(drawing, session)
    _draw_sharing(drawing, session, public.rows, trusts.rows)
    for row in (*public.rows, *compute.rows, *trusts.rows):
        drawing.rows.setdefault(row.id, []).append(row)
    paths = paths_of(public.rows, compute.rows, trusts.rows, session.parties)
    drawing.named.update(step.node_id for path in paths for step in path.steps)
    nodes = _nodes(drawing, filters)
    drawn = {node.id for node in nodes}
    finished = str(session.snapshot.manifest["finished"])
    return MapModel(
        title="What the internet reaches, and where it leads",
        subtitle=f"{len(session.snapshot.accounts)} accounts",
        generated=finished,
        snapshot_id=session.snapshot.id,
        accounts=tuple(
            MapAccount(account, session.parties.name(account) or "")
            for account in session.snapshot.accounts
        ),
        nodes=nodes,
        links=tuple(
            link
            for _, link in sorted(drawing.links.items())
            if link.source in drawn and link.target in drawn
        ),
        paths=tuple(p for p in paths if all(step.node_id in drawn for step in p.steps)),
        notes=(
            *gap_notes(public.coverage, session.parties),
            *(f"Not evaluated: {text}" for text in public.not_evaluated),
            *_left_out(drawing, nodes),
        ),
        totals=(
            ("resources", sum(1 for row in resources if row["account_id"])),
            ("public", len({row.id for row in public.rows if row.verdict is not Verdict.NO})),
            ("machines with admin reach", len({row.id for row in compute.rows})),
            ("trusts and shares", len(trusts.rows)),
        ),
    )


def _draw_network(drawing: Drawing, session: Session, wanted: set[str]) -> None:
    """Ways from outside, group nodes left out: their members stand for them."""
    for row in records(session.frame("public-network")):
        if row["id"] not in wanted:
            continue
        stations = [
            (node, index)
            for index, node in enumerate(row["node_ids"])
            if "NetworkTarget" not in row["node_labels"][index]
        ]
        for (start, begun), (end, ended) in pairwise(stations):
            steps = range(begun, ended)
            verdict = min((Verdict(row["verdicts"][n]) for n in steps), key=lambda v: v.rank)
            drawing.link(
                start,
                end,
                "CAN_REACH" if begun == 0 else "TARGETS",
                {
                    "verdict": str(verdict),
                    "why": row["whys"][begun],
                    "ports": row["ports"] if begun == 0 else (),
                    "evidence": [text for n in steps for text in row["evidence"][n]],
                },
            )


def _draw_identity(drawing: Drawing, session: Session) -> None:
    for row in records(session.frame("identity-steps")):
        if row["relationship"] == "CONTROLS":
            continue
        drawing.link(row["from_id"], row["to_id"], row["relationship"], row)


def _draw_sharing(
    drawing: Drawing, session: Session, public: Sequence[Row], trusts: Sequence[Row]
) -> None:
    for row in public:
        if not row.own["family"]:
            kind = "CAN_ASSUME" if row.own["mechanism"].startswith("sts:") else "CAN_ACCESS"
            drawing.link(row.own["source"], row.id, kind, row.as_json())
    for row in trusts:
        last = row.own["hops"][-1]["type"]
        if last in ("CAN_ACCESS", "SHARED_WITH"):
            drawing.link(row.own["from"], row.id, "CAN_ACCESS", row.as_json())
    for pair in records(session.frame("peerings")):
        drawing.link(pair["requester"], pair["accepter"], "PEERED_WITH", pair)


def _nodes(drawing: Drawing, filters: Filters) -> tuple[MapNode, ...]:
    from graph.schema.registry import REGISTRY

    categories = {label: made.category for label, made in REGISTRY.by_label.items()}
    chosen: list[MapNode] = []
    plenty = len(drawing.facts) > MOST_NODES
    for node_id, facts in drawing.facts.items():
        label = _label(facts["labels"], categories)
        ordinary = (
            categories.get(label, "") in _CATEGORIES and label not in _PLUMBING
        ) or label in _FRONT_DOORS
        inside = not filters.accounts or facts["account_id"] in filters.accounts
        if node_id in drawing.named or (ordinary and inside and not plenty):
            chosen.append(_node(drawing, facts, label, categories))
    return tuple(chosen)


def _node(
    drawing: Drawing, facts: Mapping[str, Any], label: str, categories: Mapping[str, str]
) -> MapNode:
    node_id, account = facts["id"], account_of(facts["id"], facts["account_id"])
    rows = sorted(drawing.rows.get(node_id, ()), key=lambda row: SEVERITIES.index(row.severity))
    name = facts["name"] or short_name(node_id)
    outside = bool(source_class(facts["labels"]))
    account_name = drawing.parties.name(account) or ""
    category: Category = _category(label, categories, outside)
    return MapNode(
        id=node_id,
        name=account_name if label == "AWSAccount" and account_name else name,
        kind=_kind(label),
        category=category,
        account_id=account or "",
        account_name=account_name,
        region=facts["region"] or "",
        parents=() if outside else _parents(drawing, facts, account),
        severity=rows[0].severity if rows else None,  # type: ignore[arg-type]
        subtitle=_subtitle(facts, drawing.parties, account, outside),
        tags=tuple(facts["tags"]),
        facts=tuple(_facts(facts, rows)),
        evidence=tuple(dict.fromkeys(t for row in rows for t in row.answer.evidence))[:_EVIDENCE],
    )


def _subtitle(
    facts: Mapping[str, Any], parties: Parties, account: str | None, outside: bool
) -> str:
    if source_class(facts["labels"]) == "Organization":
        organisation = facts["id"].removeprefix("org:").partition("/")[0]
        return "organisation" if organisation in parties.organisation_ids else "unknown"
    if outside and account:
        return parties.vendor(account)[0] or "unknown account"
    return ""


def _facts(facts: Mapping[str, Any], rows: Iterable[Row]) -> Iterable[tuple[str, str]]:
    if facts["resource_type"]:
        yield "Type", facts["resource_type"]
    for row in rows:
        conditions = ", ".join(row.answer.conditions)
        under = f" under {conditions}" if conditions else ""
        yield f"{row.severity} {row.verdict}", f"{row.answer.why}{under} ({row.key[:8]})"


def _parents(
    drawing: Drawing, facts: Mapping[str, Any], account: str | None
) -> tuple[Container, ...]:
    if not account:
        return ()
    name = drawing.parties.name(account)
    found = [Container(f"account {account}", f"{name} {account}" if name else account, "account")]
    region = facts["region"]
    if not region or region == "global":
        return tuple(found)
    found.append(Container(f"{account}/{region}", region, "region"))
    vpcs, subnets = facts["vpcs"], facts["subnets"]
    if len(vpcs) == 1 and _lives_in(drawing, vpcs[0], account, region):
        vpc = vpcs[0]
        found.append(Container(f"vpc {vpc}", _named(drawing, vpc), "vpc"))
        if len(subnets) == 1 and drawing.facts.get(subnets[0], {}).get("vpcs") == [vpc]:
            found.append(Container(f"subnet {subnets[0]}", _named(drawing, subnets[0]), "subnet"))
    return tuple(found)


def _lives_in(drawing: Drawing, vpc: str, account: str, region: str) -> bool:
    """A shared VPC belongs to another account: what stands in it is drawn in its own account."""
    owner = drawing.facts.get(vpc)
    return owner is not None and (owner["account_id"], owner["region"]) == (account, region)


def _named(drawing: Drawing, node_id: str) -> str:
    facts = drawing.facts.get(node_id, {})
    short = short_name(node_id)
    name = facts.get("name")
    return f"{name} {short}" if name and name != short else short


def _label(labels: Sequence[str], categories: Mapping[str, str]) -> str:
    if source := source_class(labels):
        return source
    known = [label for label in labels if label in categories]
    return known[0] if known else next((x for x in labels if x != "Resource"), "Resource")


def _category(label: str, categories: Mapping[str, str], outside: bool) -> Category:
    if outside:
        return "source"
    if label in ("AWSAccount", "ExternalAccount"):
        return "admin"
    known = categories.get(label, "")
    by_name: Mapping[str, Category] = {
        "network": "network",
        "compute": "compute",
        "identity": "identity",
        "policy": "policy",
        "data": "data",
        "secrets": "secrets",
        "admin": "admin",
    }
    return by_name.get(known, "identity" if label == "PrincipalSet" else "other")


def _kind(label: str) -> str:
    bare = _PREFIX.sub("", label)
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", bare)
    if not words:
        return label
    rest = [word if word.isupper() else word.lower() for word in words[1:]]
    return " ".join([words[0], *rest])


def _left_out(drawing: Drawing, nodes: Sequence[MapNode]) -> Iterable[str]:
    if len(drawing.facts) > MOST_NODES:
        yield (
            f"{len(drawing.facts)} resources are too many for one map: only the {len(nodes)} that "
            "an answer names are drawn. Narrow it with --account."
        )
