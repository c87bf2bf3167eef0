"""What assuming a role asks of a session for good, as the trust policy says it."""

from __future__ import annotations

import pytest

from graph.iam.assume import assume_rows
from graph.iam.world import Principal
from tests.iam.worlds import A, B, allow, grant, policy, role, world

ASSUME, TAG, NAME = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"


def asked(
    *conditions: dict[str, object] | None, more: tuple[str, ...] = (TAG, NAME)
) -> tuple[str, ...]:
    """What a role of another account asks of the role hub; a statement for each condition."""
    hub = role(allow("sts:*"), name="hub")
    rows = [
        grant({"AWS": hub.arn}, ASSUME, **({"Condition": when} if when else {}))
        for when in conditions
    ]
    rows += [grant({"AWS": hub.arn}, action) for action in more]
    for row in rows:
        del row["Resource"]
    target: Principal = role(name="t", account=B, trust=policy(*rows, name="trust policy"))
    (found,) = assume_rows(world(hub, target), target.arn)
    assert found.source == f"arn:aws:iam::{A}:role/hub"
    return found.answer.session


IDENTITY = "sts:SourceIdentity"


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([{"StringEquals": {IDENTITY: "ann"}}], ("sts:sourceidentity=ann",)),
        ([{"StringLike": {IDENTITY: ["b*", "ann"]}}], ("sts:sourceidentity=ann|b*",)),
        (
            [{"StringEquals": {IDENTITY: "ann"}}, {"StringEquals": {IDENTITY: "bob"}}],
            ("sts:sourceidentity=ann|bob",),
        ),
        ([{"StringEquals": {IDENTITY: "ann"}}, None], ()),
        ([{"StringNotEquals": {IDENTITY: "ann"}}], ()),
        ([{"StringEqualsIfExists": {IDENTITY: "ann"}}], ()),
        ([{"StringEquals": {"sts:RoleSessionName": "ann"}}], ()),
        ([{"StringEquals": {"aws:RequestTag/team": "x"}}], ("aws:requesttag/team=x",)),
        ([{"StringEquals": {"aws:PrincipalTag/team": "x"}}], ("aws:principaltag/team=x",)),
        (
            [{"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["team"]}}],
            ("sts:transitivetagkeys=team",),
        ),
        ([{"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["team", "cost"]}}], ()),
        ([{"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]}}], ()),
        ([{"StringEquals": {IDENTITY: "ann|bob"}}], ()),
    ],
)
def test_only_what_every_way_needs_is_asked(
    conditions: list[dict[str, object] | None], expected: tuple[str, ...]
) -> None:
    assert asked(*conditions) == expected
