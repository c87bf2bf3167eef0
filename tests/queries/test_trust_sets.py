"""Members of large sets of principals, which start chains as one, are found by their names."""

from __future__ import annotations

import pytest

from queries.answers.chains import MEMBERS
from queries.answers.chains_wanted import Wanted, members_of_sets, select
from queries.runner import records, run_query
from tests.queries import organisation as org
from tests.queries.test_trust_chains import PARTIES, assume, role, rows_of


@pytest.mark.parametrize("size", [4, MEMBERS + 1])
def test_who_is_one_of_a_set_is_found_by_name(changed, size: int) -> None:
    users = [org.arn("iam", org.DEV, f"user/u{number}") for number in range(size)]
    alike = "principal-set:many"
    target = org.arn("iam", org.PROD, "role/shared")
    people = [org._node(one, "IAMUser Principal", "AWS::IAM::User", org.DEV) for one in users]
    group = org._node(alike, "PrincipalSet", "Mapper::PrincipalSet", org.DEV)
    plus = [*(org.walked("IN_GROUP", one, alike) for one in users), assume(alike, target)]
    graph = changed(nodes=(*people, group, role(target)), plus=tuple(plus))
    rows = list(rows_of(graph).values())
    members = members_of_sets(records(run_query(graph, "identity-steps")))
    last = Wanted(starts=(f"u{size - 1}",))
    assert {row.id for row in select(rows, last, PARTIES, members)} == {target}
    assert select(rows, Wanted(starts=(f"u{size}",)), PARTIES, members) == []
    assert {row.own["from"] for row in select(rows, last, PARTIES, members)} >= {alike}


def test_many_become_what_one_becomes(changed) -> None:
    users = [org.arn("iam", org.DEV, f"user/u{number}") for number in range(MEMBERS + 1)]
    first, last = (org.arn("iam", org.PROD, f"role/{name}") for name in ("first", "last"))
    people = [org._node(one, "IAMUser Principal", "AWS::IAM::User", org.DEV) for one in users]
    group = org._node("principal-set:many", "PrincipalSet", "Mapper::PrincipalSet", org.DEV)
    steps = (assume(group.id, first), assume(first, last))
    plus = (*(org.walked("IN_GROUP", one, group.id) for one in users), *steps)
    rows = rows_of(changed(nodes=(*people, group, role(first), role(last)), plus=plus))
    chain = rows[group.id, last]
    assert " become first in prod, then last in prod." in chain.answer.why
    assert chain.own["from_account"] == org.DEV
