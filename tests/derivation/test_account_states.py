"""What an organisation says of accounts that are not its members."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import DEV, ORG, PROD, VENDOR, Derive, World, trusting
from graph.derivation.account_states import account_states
from graph.records import Node

INVITED = {
    "action": "INVITE",
    "state": "ACCEPTED",
    "organization_parties": [ORG],
    "account_parties": [VENDOR],
}


def handshake(**changed: Any) -> Node:
    return Node("h-1", ("Handshake",), INVITED | changed)


def account(account_id: str, status: str) -> Node:
    props: dict[str, Any] = {"account_id": account_id, "status": status}
    return Node(f"account:{account_id}", ("AWSAccount",), props)


def test_who_accepted_an_invitation_and_is_not_listed_left() -> None:
    assert account_states([handshake(), account(PROD, "ACTIVE")], ORG) == {
        PROD: "ACTIVE",
        VENDOR: "LEFT",
    }
    assert account_states([handshake(), account(VENDOR, "SUSPENDED")], ORG) == {VENDOR: "SUSPENDED"}


@pytest.mark.parametrize(
    ("changed", "organisation"),
    [
        ({"state": "OPEN"}, ORG),
        ({"action": "ENABLE_ALL_FEATURES"}, ORG),
        ({"organization_parties": ["o-other"]}, ORG),
        ({}, ""),
    ],
)
def test_twin_an_invitation_that_was_not_ours_or_not_accepted_says_nothing(
    changed: dict[str, Any], organisation: str
) -> None:
    assert account_states([handshake(**changed)], organisation) == {}


def test_a_trust_of_an_account_that_left_says_so(derived: Derive) -> None:
    def guards(state: str) -> str:
        world = World()
        world.organisation(prod=PROD, dev=DEV)
        world.role("target", [trusting({"AWS": VENDOR})])
        parties = [{"Id": ORG, "Type": "ORGANIZATION"}, {"Id": VENDOR, "Type": "ACCOUNT"}]
        arn = f"arn:aws:organizations::{PROD}:handshake/{ORG}/invite/h-1"
        item = {"Id": "h-1", "Action": "INVITE", "State": state, "Parties": parties}
        world.add("org:organization-handshake", arn, item)
        found = derived(world).judgements
        return " ".join(one for j in found if j.question == "assume" for one in j.answer.guards)

    assert f"account left: {VENDOR} accepted an invitation" in guards("ACCEPTED")
    assert "account unknown" in guards("DECLINED")
