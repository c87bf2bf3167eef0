"""What a map is given: nodes in their containers, links without group nodes, paths with a fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mapper.config import Config
from mapper.mapping import _subtitle, public_map
from mapper.session import Session, open_session
from queries.answers.answer import Filters
from tests.queries import organisation as org
from viz.model import MapModel


@pytest.fixture
def session(place) -> Iterator[Session]:
    with open_session(place.snapshot, Config(), target=str(place.graph)) as opened:
        yield opened


@pytest.fixture
def model(session: Session) -> MapModel:
    return public_map(session, Filters())


def test_group_nodes_are_not_drawn_their_members_are_linked(model: MapModel) -> None:
    ids = {node.id for node in model.nodes}
    assert not any(node_id.startswith("target:") for node_id in ids)
    links = {(link.source, link.target, link.relationship) for link in model.links}
    assert ("internet", org.I_OPEN, "CAN_REACH") in links
    assert ("internet", org.ALB, "CAN_REACH") in links
    assert (org.ALB, org.I_WEB, "TARGETS") in links
    assert (org.I_WEB, org.WEB_ROLE, "HAS_ROLE") in links
    assert (org.VPC_A, org.VPC_B, "PEERED_WITH") in links


def test_a_link_has_the_verdict_of_its_steps(model: MapModel) -> None:
    verdicts = {(link.source, link.target): link.verdict for link in model.links}
    assert verdicts["internet", org.I_STOPPED] == "dormant"
    assert verdicts["internet", org.I_MAYBE] == "unknown"
    assert verdicts["internet", org.I_OPEN] == "yes"


def test_nodes_stand_in_their_account_and_region(model: MapModel) -> None:
    nodes = {node.id: node for node in model.nodes}
    assert [(c.kind, c.label) for c in nodes[org.I_WEB].parents] == [
        ("account", f"prod {org.PROD}"),
        ("region", "eu-west-1"),
    ]
    assert nodes["internet"].parents == ()
    assert nodes["internet"].category == "source"
    assert nodes[org.I_WEB].severity == "critical"


def test_the_way_to_admin_is_a_path(model: MapModel) -> None:
    paths = {path.title: path for path in model.paths}
    path = paths["From the internet through i-0web to admin of security"]
    assert [step.node_id for step in path.steps] == [
        "internet",
        org.ALB,
        org.I_WEB,
        org.WEB_ROLE,
        org.HOP_ROLE,
        org.SEC_ADMIN,
        f"account:{org.SEC}",
    ]
    assert path.verdict == "conditional"
    assert path.fix
    assert path.steps[0].text == "An attacker on the internet"
    for step in path.steps[1:]:
        assert not re.search("role/|i-0|[0-9]{12}", step.text), "its name stands above it"


def test_an_organisation_is_no_unknown_account(session: Session) -> None:
    def told(node_id: str, label: str) -> str:
        facts = {"id": node_id, "labels": ["Resource", label, "Source"]}
        parties = replace(session.parties, organisation_ids=frozenset({"o-1"}))
        return _subtitle(facts, parties, org.NOBODY, outside=True)

    assert told("org:o-1/ou-2", "Organization") == "organisation"
    assert told("org:o-9", "Organization") == "unknown"
    assert told(f"account:{org.NOBODY}", "ExternalAccount") == "unknown account"


def test_totals_equal_the_answers(session: Session, model: MapModel) -> None:
    totals = dict(model.totals)
    assert totals["public"] == len({row.id for row in session.public(Filters()).rows})
    assert totals["machines with admin reach"] == 2
    assert totals["trusts and shares"] == len(session.trusts(Filters()).rows)
