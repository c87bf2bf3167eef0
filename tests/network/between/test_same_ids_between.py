"""Two worlds with the same ids, side by side: what joins one does not join the other."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from graph.verdict import Verdict
from network.between.lab import OTHER, A, B, JoinedLab, Judge, judge, peered, transit
from snapshot_files import ACCOUNT

__all__ = ["judge"]

THEIR_A, THEIR_B = (one.replace(ACCOUNT, OTHER) for one in (A, B))


def beside(lab: JoinedLab) -> JoinedLab:
    """The lab and, in another account, one with the same ids of VPCs and of what is in them."""
    made = JoinedLab(dict(lab.lines))
    for (account, region, kind), rows in lab.lines.items():
        text = json.dumps(rows).replace(ACCOUNT, OTHER).replace("tgw-", "tgw-0")
        made.lines[account.replace(ACCOUNT, OTHER), region, kind] = json.loads(text)
    return made


@pytest.mark.parametrize("make", [peered, transit])
def test_each_world_is_judged_by_its_own_routes(
    judge: Judge, make: Callable[[], JoinedLab]
) -> None:
    lab = beside(make())
    assert judge(lab).verdict is Verdict.YES
    assert judge(lab, THEIR_A, THEIR_B).verdict is Verdict.YES
    theirs = next(
        rows for (account, _, kind), rows in lab.lines.items()
        if account == OTHER and kind == "ec2:route-table"
    )  # fmt: skip
    for row in theirs.values():
        del row["item"]["Routes"][1:]
    assert judge(lab).verdict is Verdict.YES
    assert judge(lab, THEIR_A, THEIR_B).verdict is Verdict.NO


@pytest.mark.parametrize("make", [peered, transit])
def test_one_world_does_not_reach_the_other(judge: Judge, make: Callable[[], JoinedLab]) -> None:
    lab = beside(make())
    assert judge(lab, A, THEIR_B).verdict is Verdict.NO
    assert judge(lab, THEIR_A, B).verdict is Verdict.NO
