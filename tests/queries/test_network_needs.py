"""What the queries about the network say that they need is what the engine reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.snapshot import Item, Snapshot
from graph.network.from_snapshot import network_world
from graph.network.second_opinions_from_snapshot import opinions
from graph.sharing.access_analyzer import analyzed_types
from network.aws_shapes import exposed
from queries.answers.reach import NEEDS
from queries.library import load_library
from snapshot_files import write_snapshot

PRIVATE_SERVICES = {
    "elasticache:cluster",
    "elasticache:replication-group",
    "memorydb:cluster",
    "efs:file-system",
    "opensearch:domain",
}
"""Read for ``open-to-the-vpc`` alone: their interfaces decide who reaches them."""
GUARDS = {"wafv2:web-acl"}
"""Between the internet and a load balancer, never between two interfaces."""
BETWEEN = {
    "ec2:nat-gateway",
    "ec2:vpc-endpoint-connection",
    "ec2:vpc-endpoint-service",
    "vpc-lattice:resource-configuration",
    "vpc-lattice:resource-gateway",
    "vpc-lattice:service-network",
    "vpc-lattice:target-group",
}
"""Ways that nothing takes that comes in from the internet."""


ACCESS = {
    "aa:analyzer",
    "s3:account-bpa",
    "s3:access-point",
    "s3:mrap",
    "iam:user",
    "iam:group",
    "iam:policy",
    "iam:oidc-provider",
    "iam:saml-provider",
    "cognito:identity-pool",
    "cognito:user-pool",
    "org:organization",
    "org:root",
    "org:organizational-unit",
    "org:account",
    "org:policy",
    "secretsmanager:extra-policies",
    "ec2:account-guards",
    *(one.snapshot for one in analyzed_types().values()),
}
"""What findings of IAM Access Analyzer are compared by."""


class Reading(Snapshot):
    """A snapshot that remembers which types were asked of it."""

    read: set[str]

    def items(self, type_id: str, **more: object) -> Iterator[Item]:
        self.read.add(type_id)
        return super().items(type_id, **more)  # type: ignore[arg-type]


@pytest.fixture
def snapshot(tmp_path: Path) -> Reading:
    lab = exposed()
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    write_snapshot(tmp_path, rows, list(lab.ledger()))
    opened = Reading.open(tmp_path)
    assert isinstance(opened, Reading)
    opened.read = set()
    return opened


def test_disagreements_need_what_both_sides_of_the_comparison_read(snapshot: Reading) -> None:
    network_world(snapshot)
    assert snapshot.read == set(NEEDS) | PRIVATE_SERVICES | GUARDS
    list(opinions(snapshot))
    needs = set(load_library().get("disagreements").needs)
    assert needs - ACCESS == snapshot.read - PRIVATE_SERVICES - GUARDS - ACCESS
    assert needs >= ACCESS
    assert {"ec2:vpc-peering", "ec2:transit-gateway-route-table", "ec2:nat-gateway"} <= needs


@pytest.mark.parametrize("name", ["public-network", "open-ports", "public-hosts"])
def test_public_needs_what_the_network_engine_reads(snapshot: Reading, name: str) -> None:
    network_world(snapshot)
    needs = set(load_library().get(name).needs)
    assert snapshot.read - needs == BETWEEN
