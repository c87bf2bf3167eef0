"""Rows compared by key: opened, closed, changed, unreadable; each with its twin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from queries.answers.answer import Filters, compared_answer
from queries.answers.compare import Change, as_row, compare, differences, is_stronger
from queries.answers.coverage import Coverage, Gap
from queries.answers.row import Row, row_key
from queries.answers.unread import Sight
from queries.ports import common, covers, interval

PROD = "111111111111"
WEB = f"arn:aws:ec2:eu-west-1:{PROD}:instance/i-0web"
ALB = f"arn:aws:elasticloadbalancing:eu-west-1:{PROD}:loadbalancer/app/shop/1"
BUCKET = "arn:aws:s3:::shop"


def row(
    node: str = WEB,
    *ports: str,
    verdict: str = "yes",
    conditions: tuple[str, ...] = (),
    guards: tuple[str, ...] = (),
    severity: str = "medium",
    kind: str = "AWS::EC2::Instance",
    why: str = "",
    **own: Any,
) -> Row:
    given = {"source": "internet", "source_type": "Internet", "mechanism": "eni/ipv4"}
    given |= {"ports": list(ports), "other_ports": [], "actions": [], "level": None, "via": []}
    given |= {"broad": False, "family": "ipv4", "reaches_admin": "no", "names": []} | own
    return Row(
        key=row_key("public", node, str(given["source"]), str(given["mechanism"]), ""),
        id=node,
        name=None,
        resource_type=kind,
        account_id=PROD,
        region="eu-west-1",
        answer=Answer(Verdict(verdict), why=why, conditions=conditions, guards=guards),
        severity=severity,
        own=given,
        accounts=(PROD,),
        regions=("eu-west-1",),
    )


def seen(_: Row) -> str:
    return ""


def told(before: list[Row], after: list[Row], now=seen, then=seen) -> list[tuple[str, bool]]:
    return [(str(c.change), c.stronger) for c in compare(before, after, now, then)]


def test_what_is_alike_is_no_change() -> None:
    assert told([row(WEB, "tcp/22")], [row(WEB, "tcp/22", why="In other words.")]) == []


def test_opened_and_closed() -> None:
    assert told([], [row()]) == [("opened", True)]
    assert told([row()], []) == [("closed", False)]


def test_what_was_not_collected_is_not_closed() -> None:
    assert told([row()], [], now=lambda _: "ec2:describe_instances denied") == [
        ("unreadable", False)
    ]
    (one,) = compare([row()], [], lambda _: "ec2:describe_instances denied", seen)
    assert "ec2:describe_instances denied" in one.why


def test_a_verdict_that_is_not_known_any_more_is_unreadable_but_was_not_if_it_never_was() -> None:
    unknown = row(WEB, verdict="unknown", conditions=("not_collected:ec2.describe_route_tables",))
    assert told([row(WEB, "tcp/22")], [unknown]) == [("unreadable", False)]
    other = replace(unknown, answer=Answer(Verdict.UNKNOWN, conditions=("not_collected:x",)))
    assert told([unknown], [other]) == [("changed", False)]


def test_what_was_not_seen_before_is_said_of_what_opened() -> None:
    (plain,) = compare([], [row()], seen, seen)
    (blind,) = compare([], [row()], seen, lambda _: "account was not collected")
    assert plain.why.startswith("New:")
    assert "Not known before" in blind.why


@pytest.mark.parametrize(
    ("before", "after", "stronger"),
    [
        (row(verdict="conditional"), row(verdict="yes"), True),
        (row(verdict="dormant"), row(verdict="yes"), True),
        (row(verdict="unknown"), row(verdict="no"), False),
        (row(verdict="yes"), row(verdict="conditional"), False),
        (row(WEB, "tcp/22"), row(WEB, "tcp/22", "tcp/80"), True),
        (row(WEB, "tcp/22", "tcp/80"), row(WEB, "tcp/22"), False),
        (row(WEB, "tcp/22"), row(WEB, "tcp/20-25"), True),
        (row(WEB, "tcp/20-25"), row(WEB, "tcp/22"), False),
        (row(WEB, "all"), row(WEB, "udp/53", "tcp/1-65535"), False),
        (row(WEB, "tcp/1-65535"), row(WEB, "all"), True),
        (row(WEB, other_ports=["tcp/80=conditional"]), row(WEB, "tcp/80"), True),
        (row(WEB, "tcp/80"), row(WEB, other_ports=["tcp/80=conditional"]), False),
        (row(WEB, "tcp/22"), row(WEB, "tcp/80", verdict="conditional"), True),
        (row(conditions=("authn:x",), verdict="conditional"), row(verdict="conditional"), True),
        (row(verdict="conditional"), row(conditions=("authn:x",), verdict="conditional"), False),
        (row(guards=("waf",)), row(), True),
        (row(), row(guards=("waf",)), False),
        (row(BUCKET, level="read"), row(BUCKET, level="write"), True),
        (row(BUCKET, level="write"), row(BUCKET, level="read"), False),
        (row(BUCKET, actions=["s3:GetObject"]), row(BUCKET, actions=["s3:PutObject"]), True),
        (row(BUCKET, actions=["a:B", "a:C"]), row(BUCKET, actions=["a:B"]), False),
        (row(), row(reaches_admin="yes"), True),
        (row(severity="high"), row(severity="low"), False),
    ],
)
def test_stronger_is_what_reaches_more(before: Row, after: Row, stronger: bool) -> None:
    assert differences(before, after)
    assert is_stronger(before, after) is stronger
    assert told([before], [after]) == [("changed", stronger)]


def test_another_port_in_place_of_one_is_stronger_and_weaker() -> None:
    def both(before: Row, after: Row) -> tuple[bool, bool]:
        (one,) = compare([before], [after], seen, seen)
        assert as_row(one).own["weaker"] is one.weaker
        return one.stronger, one.weaker

    ssh, rdp, either = row(WEB, "tcp/22"), row(WEB, "tcp/3389"), row(WEB, "tcp/22", "tcp/3389")
    assert both(ssh, rdp) == (True, True)
    assert both(ssh, either) == (True, False)
    assert both(either, ssh) == (False, True)
    assert both(row(verdict="conditional"), row()) == (True, False)
    assert both(row(), row(verdict="conditional")) == (False, True)


def test_a_closed_row_is_a_no_and_an_unreadable_one_keeps_its_severity() -> None:
    (closed,) = map(as_row, compare([row(severity="high")], [], seen, seen))
    assert (closed.verdict, closed.severity) == (Verdict.NO, "info")
    (hidden,) = map(as_row, compare([row(severity="high")], [], lambda _: "x", seen))
    assert (hidden.verdict, hidden.severity) == (Verdict.UNKNOWN, "high")
    assert hidden.own["before"]["verdict"] == "yes"


# What would show a row


GAP = Gap(PROD, "eu-west-1", "ec2", "describe_instances", "denied", "ec2:instance")


def unread(one: Row, *gaps: Gap, present: tuple[str, ...] = (), accounts=(PROD,)) -> str:
    return Sight(accounts, Coverage(gaps), present).unread(one)


def test_a_row_is_not_seen_where_its_resource_was_not_listed() -> None:
    assert unread(row(), GAP)
    assert not unread(row(), GAP, present=(WEB,)), "it was listed, so it was judged"
    assert not unread(row(), replace(GAP, region="us-east-1"))
    assert not unread(row(), replace(GAP, account_id="222222222222"))
    assert not unread(row(), replace(GAP, type="ec2:image", operation="describe_images"))
    assert unread(row(), replace(GAP, type="*", operation="*"))
    assert unread(row(), replace(GAP, region="*", operation="*", status="not_attempted"))


def test_a_question_about_each_item_hides_no_item() -> None:
    about_each = replace(GAP, operation="describe_instance_attribute")
    assert not unread(row(), about_each)


def test_an_account_that_was_not_collected_shows_nothing() -> None:
    assert unread(row(), accounts=())
    assert not unread(row())


def test_behind_a_door_its_targets_must_have_been_listed_too() -> None:
    behind = row(WEB, mechanism="alb/ipv4", via=[ALB])
    groups = Gap(
        PROD, "eu-west-1", "elbv2", "describe_target_groups", "denied", "elbv2:target-group"
    )
    assert unread(behind, groups, present=(WEB, ALB))
    assert not unread(row(), groups, present=(WEB,))


# The answer


def changes(before: list[Row], after: list[Row], **filters: Any) -> list[tuple[str, str]]:
    made = compared_answer(
        "public", compare(before, after, seen, seen), Coverage(), Filters(**filters)
    )
    return [(one.id, one.own["change"]) for one in made.rows]


def test_a_filter_keeps_what_either_side_matches() -> None:
    moved = ([row(WEB, "tcp/22")], [row(WEB, "tcp/443")])
    assert changes(*moved, ports=("22",)) == changes(*moved, ports=("443",)) == [(WEB, "changed")]
    assert changes(*moved, ports=("80",)) == []
    assert changes([], [row()], types=("bucket",)) == []


def test_only_what_opened_or_grew_stronger_fails() -> None:
    def fails(before: list[Row], after: list[Row]) -> bool:
        found = compare(before, after, seen, seen)
        return compared_answer("public", found, Coverage(), Filters()).as_strong_as(Verdict.YES)

    assert fails([], [row()])
    assert fails([row(verdict="conditional")], [row()])
    assert not fails([row()], [])
    assert not fails([row(WEB, "tcp/22", "tcp/80")], [row(WEB, "tcp/22")])
    assert not fails([], [row(verdict="conditional")])


def test_narrow_ranges_are_compared_but_left_out_unasked() -> None:
    narrow = row(WEB, source="cidr:198.51.100.0/24", source_type="ExternalCidr", broad=False)
    assert changes([], [narrow]) == []
    assert changes([], [narrow], sources=("cidr",)) == [(WEB, "opened")]


PORTS = st.builds(
    lambda kind, a, b: f"{kind}/{min(a, b)}-{max(a, b)}",
    st.sampled_from(["tcp", "udp"]),
    st.integers(0, 12),
    st.integers(0, 12),
)


def single(port: str) -> set[tuple[str, int]]:
    kind, low, high = interval(port)
    return {(kind, number) for number in range(low, high + 1)}


def together(ports: Iterable[str]) -> set[tuple[str, int]]:
    return set().union(*map(single, ports))


@given(st.lists(PORTS, max_size=5), PORTS)
def test_ports_cover_what_they_hold_one_by_one(held: list[str], wanted: str) -> None:
    assert covers(held, wanted) is (single(wanted) <= together(held))


@given(st.lists(PORTS, max_size=4), st.lists(PORTS, max_size=4))
def test_ports_share_what_both_hold_one_by_one(some: list[str], others: list[str]) -> None:
    assert together(common(some, others)) == together(some) & together(others)
    assert common(some, ["all"]) == tuple(dict.fromkeys(some))
    assert common(["all"], others) == tuple(dict.fromkeys(others))


@given(st.lists(PORTS, max_size=4), st.lists(PORTS, max_size=4))
def test_of_two_rows_with_ports_one_is_stronger_unless_they_open_the_same(
    some: list[str], others: list[str]
) -> None:
    one, other = row(WEB, *some), row(WEB, *others)
    neither = not is_stronger(one, other) and not is_stronger(other, one)
    same = all(covers(some, port) for port in others) and all(covers(others, p) for p in some)
    assert neither is same


@given(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
def test_comparing_backwards_turns_opened_into_closed(names: list[str]) -> None:
    rows = [row(f"arn:aws:s3:::{name}") for name in names]
    forth = compare([], rows, seen, seen)
    back = compare(rows, [], seen, seen)
    assert [c.shown.key for c in forth] == [c.shown.key for c in back]
    assert {c.change for c in forth} <= {Change.OPENED}
    assert {c.change for c in back} <= {Change.CLOSED}
