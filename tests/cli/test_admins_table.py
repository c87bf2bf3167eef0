"""Lines of the table of ``mapper admins``: each row is on one, and only rows alike share one."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from mapper.output.admins import cells, lines_of, techniques_note, way_words
from queries.answers.parties import Parties
from queries.answers.row import Row

A, B, C = "111111111111", "222222222222", "333333333333"
NAMES = Parties(names={A: "prod", B: "dev"})
OWN: tuple[dict[str, str], ...] = ()
ASSUMED = ({"id": f"arn:aws:iam::{B}:role/boss", "type": "CAN_ASSUME"},)


def row(
    name: str,
    goal: str,
    account: str = A,
    verdict: Verdict = Verdict.YES,
    way: tuple[dict[str, str], ...] = OWN,
) -> Row:
    node = f"arn:aws:iam::{account}:user/{name}"
    path = [*way, {"id": f"account:{goal}", "type": "HAS_ADMIN"}]
    return Row(
        key=f"{name}{goal}{verdict}{len(way)}"[:20],
        id=node,
        name=name,
        resource_type="AWS::IAM::User",
        account_id=account,
        region=None,
        answer=Answer(verdict),
        own={
            "admin_of": f"account:{goal}",
            "path": path,
            "reach": "path" if way else "direct",
            "steps": len(path),
        },
    )


def table(*rows: Row) -> list[tuple[str, ...]]:
    return [cells(line, NAMES)[3:7] for line in lines_of(rows, whole=False)]


def test_goals_of_one_principal_are_one_line() -> None:
    both = (row("ann", B, way=ASSUMED), row("ann", C, way=ASSUMED))
    assert table(*both) == [("ann (User)", "prod", f"dev, {C}", "assumes boss")]
    assert len(table(both[0], replace(both[1], severity="high"))) == 2


def test_principals_of_one_account_are_one_line() -> None:
    rows = [row(f"u{number}", A) for number in range(5)]
    told = "u0 (User), u1 (User), u2 (User) and 2 more"
    assert table(*rows) == [(told, "prod", "prod", "by its own rights")]
    assert len(table(*rows, row("u6", A, verdict=Verdict.UNKNOWN))) == 2
    assert len(table(*rows, row("u7", A, way=ASSUMED))) == 2


def test_one_name_in_many_accounts_is_one_line_where_each_has_its_own() -> None:
    own = [row("org", account, account) for account in (A, B)]
    assert table(*own) == [("org (User)", "prod, dev", "each its own", "by its own rights")]
    swapped = [row("org", B, A), row("org", A, B)]
    assert table(*swapped) == [
        ("org (User)", "prod", "dev", "by its own rights"),
        ("org (User)", "dev", "prod", "by its own rights"),
    ]


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(["ann", "ben"]),
            st.sampled_from([A, B, C]),
            st.sampled_from([A, B]),
            st.sampled_from([Verdict.YES, Verdict.CONDITIONAL]),
            st.sampled_from([OWN, ASSUMED]),
        ),
        max_size=10,
        unique_by=lambda one: (one.id, one.own["admin_of"], one.verdict, one.own["reach"]),
    )
)
def test_every_row_is_on_exactly_one_line(rows: list[Row]) -> None:
    told = [
        (start, account, goal or account, line.row.verdict, way_words(line.row.own["path"]))
        for line in lines_of(rows, whole=False)
        for start in line.starts
        for account in line.accounts
        for goal in line.goals or ("",)
    ]
    meant = [
        (
            f"{one.name} (User)",
            one.account_id,
            one.own["admin_of"].removeprefix("account:"),
            one.verdict,
            way_words(one.own["path"]),
        )
        for one in rows
    ]
    assert sorted(map(str, told)) == sorted(map(str, meant))
    assert len(lines_of(rows, whole=True)) == len(rows)


@pytest.mark.parametrize(
    ("hops", "words"),
    [
        ([("CAN_ASSUME", "role/a"), ("HAS_ADMIN", "account")], "assumes a"),
        ([("HAS_ADMIN", "account")], ""),
        (
            [("HAS_ADMIN", "account"), ("CONTROLS", "role/a"), ("HAS_ADMIN", "account")],
            "takes over a",
        ),
        ([("IN_GROUP", "principal-set:1"), ("CAN_ASSUME", "role/a")], "assumes a"),
        (
            [
                ("CAN_EXECUTE_ON", "resource-set:1", "ssm-001"),
                ("TARGETS", "instance/i-1"),
                ("HAS_ROLE", "role/a"),
            ],
            "runs code on i-1 (ssm-001) > has a",
        ),
        ([("CAN_ESCALATE_TO", "account", "iam-001")], "by iam-001"),
        ([("CAN_ESCALATE_TO", "role/a", "iam-002")], "gains a (iam-002)"),
    ],
)
def test_a_way_is_told_in_words(hops: list[tuple[str, ...]], words: str) -> None:
    def node(end: str) -> str:
        if end == "account":
            return f"account:{A}"
        service = "ec2:eu-west-1" if end.startswith("instance") else "iam:"
        return end if "-set:" in end else f"arn:aws:{service}:{A}:{end}"

    path = [
        {"type": kind, "id": node(end)} | ({"technique": one[0]} if one else {})
        for kind, end, *one in hops
    ]
    assert way_words(path) == words


def test_techniques_are_spelled_out_up_to_a_number() -> None:
    def by(technique: str) -> Row:
        made = row("ann", A)
        hop = {"id": f"account:{A}", "type": "CAN_ESCALATE_TO", "technique": technique}
        return replace(made, own={**made.own, "path": [hop]})

    assert techniques_note([row("ann", A)]) == []
    assert techniques_note([by("iam-001"), by("iam-001")]) == [
        "Techniques (docs/escalation.md): iam-001: iam:CreatePolicyVersion."
    ]
    many = [by(f"iam-{number:03}") for number in range(1, 10)]
    assert techniques_note(many)[0].endswith("; 3 more.")


def test_nothing_but_ends_and_order_is_lost() -> None:
    rows = [row("ann", A), row("ben", A), row("ann", B, way=ASSUMED)]
    lines = lines_of(rows, whole=False)
    assert [line.row for line in lines] == [rows[0], rows[2]]
    assert list(chain.from_iterable(line.starts for line in lines)) == [
        "ann (User)",
        "ben (User)",
        "ann (User)",
    ]
