"""Attack graphs written by hand: nodes and steps as the queries give them."""

from __future__ import annotations

from typing import Any

from queries.answers.attack import AttackGraph
from queries.answers.parties import Parties

A, B = "111111111111", "222222222222"
PARTIES = Parties(
    collected=frozenset({A, B}), organisation=frozenset({A, B}), sensitive_tags=frozenset({"pii"})
)
_LABELS = {
    "internet": ("Internet", "Source"),
    "org": ("Organization", "Source"),
    "fed": ("FederatedProvider", "Source"),
    "cidr": ("ExternalCidr", "Source"),
    "alb": ("LoadBalancer",),
    "group": ("NetworkGroup",),
    "target": ("NetworkTarget",),
    "set": ("PrincipalSet",),
    "rset": ("ResourceSet",),
    "i": ("EC2Instance",),
    "role": ("IAMRole",),
    "user": ("IAMUser",),
    "fn": ("LambdaFunction",),
    "bucket": ("S3Bucket",),
    "vault": ("BackupVault",),
    "account": ("AWSAccount",),
}
_TYPES = {
    "i": ("AWS::EC2::Instance", "compute"),
    "fn": ("AWS::Lambda::Function", "compute"),
    "role": ("AWS::IAM::Role", "identity"),
    "user": ("AWS::IAM::User", "identity"),
    "bucket": ("AWS::S3::Bucket", "data"),
    "vault": ("AWS::Backup::BackupVault", "data"),
}


class Made:
    """An attack graph in the making; a node's kind is its id up to the first digit or colon."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.steps: list[dict[str, Any]] = []

    def node(self, name: str, **more: Any) -> str:
        """Add a node, or change one."""
        kind = name.partition(":")[0].rstrip("0123456789")
        kind = kind if kind in _LABELS else kind.partition("-")[0]
        resource_type, category = _TYPES.get(kind, (f"Mapper::{kind}", "other"))
        row = {
            "id": name,
            "name": name,
            "resource_type": resource_type,
            "account_id": A,
            "region": "eu-west-1",
            "labels": ["Resource", *_LABELS[kind]],
            "category": category,
            "tags": [],
            "last_used": None,
            "http_tokens": None,
            "http_endpoint": None,
            "hop_limit": None,
        }
        self.nodes[name] = self.nodes.get(name, row) | more
        return name

    def step(self, start: str, how: str, end: str, verdict: str = "yes", **more: Any) -> Made:
        """Add a step and the nodes at its ends."""
        self.node(start)
        self.node(end)
        row = {
            "from_id": start,
            "to_id": end,
            "relationship": how,
            "mechanism": how,
            "technique": None,
            "source": None,
            "family": None,
            "ports": [],
            "level": None,
            "actions": [],
            "via": [],
            "verdict": verdict,
            "why": f"{start} {how} {end}",
            "conditions": ["context:x"] if verdict == "conditional" else [],
            "guards": [],
            "assumes": [],
            "evidence": [],
            "session": [],
            "techniques": [],
            "limits": [],
        }
        self.steps.append(row | more)
        return self

    def graph(self) -> AttackGraph:
        """What was made."""
        return AttackGraph(self.nodes.values(), self.steps)


def web() -> Made:
    """The internet, a load balancer, a machine, its role, a role elsewhere that is admin."""
    return (
        Made()
        .step("internet", "CAN_REACH", "alb1", family="ipv4", ports=["tcp/443"])
        .step("alb1", "TARGETS", "i1", source="internet", family="ipv4")
        .step("i1", "HAS_ROLE", "role1")
        .step("role1", "CAN_ASSUME", "role2", technique="sts-001")
        .step("role2", "HAS_ADMIN", f"account:{B}", techniques=["t"])
        .step(f"account:{B}", "CONTROLS", "bucket9")
    )
