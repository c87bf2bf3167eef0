"""Tables of ``public``: what shares a line, and gaps told in few lines that name all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.verdict import Answer, Verdict
from mapper.output.answers import sheet_of
from mapper.output.gaps import LINES, gap_notes
from mapper.output.plain import as_markdown
from mapper.output.public import MANY, lines_of, open_cells, opens, through
from mapper.output.sheet import Column, Sheet
from mapper.output.table import as_table
from queries.answers.answer import Filters, answered, dormant_causes, unknown_causes
from queries.answers.coverage import Coverage, Gap
from queries.answers.parties import Parties
from queries.host_names import own_names
from tests.queries.test_public_compare import row

NOBODY = Parties()
REGION = "eu-central-1"


def machine(number: int, *ports: str, **more):
    return row(f"arn:aws:ec2:eu-west-1:111111111111:instance/i-{number}", *ports, **more)


def test_mechanisms_share_a_line_where_nothing_else_differs() -> None:
    v4 = machine(1, "tcp/22")
    v6 = machine(1, "tcp/22", mechanism="eni/ipv6", family="ipv6")
    (line,) = lines_of([v6, v4], alike=False)
    assert through(line) == "eni/ipv4+ipv6"
    for other in (
        machine(1, "tcp/23", mechanism="eni/ipv6", family="ipv6"),
        machine(1, "tcp/22", mechanism="eni/ipv6", family="ipv6", verdict="conditional"),
        machine(1, "tcp/22", mechanism="eni/ipv6", family="ipv6", guards=("waf",)),
        machine(1, "tcp/22", mechanism="eni/ipv6", family="ipv6", severity="low"),
        machine(1, "tcp/22", mechanism="eni/ipv6", family="ipv6", source="any-aws-account"),
        machine(2, "tcp/22", mechanism="eni/ipv6", family="ipv6"),
    ):
        assert len(lines_of([v4, other], alike=False)) == 2


def test_doors_and_guards_stand_behind_the_mechanism() -> None:
    (line,) = lines_of(
        [machine(1, mechanism="alb/ipv4", ways=[["arn:aws:x:y:1:loadbalancer/app/shop/1"]],
                 guards=("waf (not_collected:wafv2.get_web_acl)",))],
        alike=False,
    )  # fmt: skip
    assert through(line) == "alb/ipv4 shop, waf not read"


def test_doors_stand_as_a_packet_passes_them_and_ways_apart() -> None:
    first, second = (f"arn:aws:x:y:1:loadbalancer/app/{name}/1" for name in "zb")
    chain = machine(1, mechanism="alb/ipv4", ways=[[first, second]])
    beside = machine(2, mechanism="alb/ipv4", ways=[[first], [second]])
    assert [through(line) for line in lines_of([chain, beside], alike=False)] == [
        "alb/ipv4 z > b",
        "alb/ipv4 z or b",
    ]


def test_many_that_are_alike_share_a_line_on_a_screen_only() -> None:
    many = [machine(n, "tcp/22", names=[f"ec2-{n}.example"]) for n in range(MANY + 1)]
    (line,) = lines_of(many, alike=True)
    assert line.more == MANY
    assert len(lines_of(many, alike=False)) == MANY + 1
    assert len(lines_of(many[:-1], alike=True)) == MANY, "few are listed one by one"
    assert len(lines_of([*many, machine(9, "tcp/23")], alike=True)) == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["tcp/22", "tcp/80"])), max_size=12))
def test_folding_loses_nothing(made: list[tuple[int, str]]) -> None:
    rows = [machine(n, port, mechanism=f"{port[4:]}/ipv4") for n, port in dict.fromkeys(made)]
    lines = lines_of(rows, alike=True)
    assert sum(line.more + 1 for line in lines) == len({(r.id, r.own["ports"][0]) for r in rows})
    order = [rows.index(line.row) for line in lines]
    assert order == sorted(order)


def test_the_weaker_ports_are_told_too() -> None:
    assert opens({"ports": ["tcp/22"], "other_ports": ["tcp/80=conditional"]}, "yes") == (
        "tcp/22 (tcp/80 conditional)"
    )
    assert opens({"actions": ["s3:GetObject", "s3:List"], "level": "read"}, "yes") == (
        "read: GetObject +1"
    )
    assert opens({}, "unknown") == "not known"
    assert opens({}, "yes") == ""


def test_causes_are_folded_over_things_and_places() -> None:
    rows = [
        machine(1, verdict="unknown", conditions=("not_collected:ec2.describe_x(eni-1)",)),
        machine(2, verdict="unknown", conditions=("not_collected:ec2.describe_x(eni-2)",)),
        machine(3, verdict="unknown", conditions=("not_collected:ec2.describe_y@1/eu-west-1",)),
        machine(4, verdict="yes"),
        machine(5, verdict="dormant", why="tcp/22 is open, but not now: Instance is stopped."),
    ]
    assert unknown_causes(rows) == [
        ("not_collected:ec2.describe_x", 2),
        ("not_collected:ec2.describe_y", 1),
    ]
    assert dormant_causes(rows) == [("Instance is stopped.", 1)]
    made = answered("public", rows, Coverage(), Filters())
    notes = sheet_of(made, NOBODY).notes
    assert "1 of them is dormant: Instance is stopped." in notes
    assert any(note.startswith("2 more unknown: not_collected:ec2.describe_x ") for note in notes)
    named = sheet_of(made, NOBODY, verdicts=(Verdict.UNKNOWN,)).notes
    assert not any("more unknown" in note for note in named)


# Gaps


def gap(account: str = "1" * 12, region: str = "eu-west-1", call: str = "ec2:describe_vpcs",
        status: str = "denied", kind: str = "ec2:vpc") -> Gap:  # fmt: skip
    service, _, operation = call.partition(":")
    return Gap(account, region, service, operation, status, kind)


def told(*gaps: Gap) -> list[str]:
    return gap_notes(Coverage(gaps), NOBODY)


def test_no_gap_is_no_note() -> None:
    assert told() == []


def test_a_gap_names_call_account_region_and_the_way_to_all() -> None:
    assert told(gap()) == [
        "Not seen: ec2:describe_vpcs denied in 111111111111 (eu-west-1); rows may be missing.",
        "Each of these gaps, and what closes it: mapper coverage --missing",
    ]


def test_calls_missed_alike_share_a_line_and_others_do_not() -> None:
    alike = told(gap(), gap(call="ec2:describe_subnets"), gap(call="s3:get_bucket_policy"))
    assert len(alike) == 2
    assert "ec2 (2 calls), s3:get_bucket_policy denied" in alike[0]
    assert len(told(gap(), gap(call="ec2:describe_subnets", region="us-east-1"))) == 3
    assert len(told(gap(), gap(call="ec2:describe_subnets", status="throttled"))) == 3


def test_what_was_never_asked_for_is_told_apart() -> None:
    (first, _) = told(gap(region="*", call="mq:*", status="not_attempted", kind="mq:broker"))
    assert first == "Not asked for in 111111111111: mq:broker; rows may be missing."
    (first, _) = told(gap(region="us-east-1", call="*:*", status="not_attempted", kind="*"))
    assert "everything" in first


@pytest.mark.parametrize("count", [12, 13])
def test_of_many_types_that_were_not_asked_for_the_services_are_named(count: int) -> None:
    kinds = [f"{'ec2' if n % 2 else 'ecs'}:thing-{n}" for n in range(count)]
    gaps = [gap(region="*", call=f"{k}:*", status="not_attempted", kind=k) for k in kinds]
    (first, _) = told(*gaps)
    few = "ec2 (6 calls), ecs (6 calls)"
    assert (few if count == 12 else "13 types of 2 services (ec2, ecs)") in first


def test_many_services_are_counted_unless_all_is_wanted() -> None:
    kinds = [f"service{n}:thing" for n in range(13)]
    gaps = [gap(region="*", call=f"{k}:*", status="not_attempted", kind=k) for k in kinds]
    first, last = gap_notes(Coverage(tuple(gaps)), NOBODY, whole=False)
    assert "13 types of 13 services (-v names them); rows may be missing." in first
    assert "mapper coverage --missing" in last
    assert all(f"service{n}" in told(*gaps)[0] for n in range(13))
    few = gap_notes(Coverage((gap(),)), NOBODY, whole=False)
    assert few == told(gap())


SERVICES = ("ec2", "s3", "sns", "rds", "mq")
GAPS = st.builds(
    lambda account, region, service, number, status: gap(
        str(account) * 12, region, f"{service}:describe_{number}", status, f"{service}:thing"
    ),
    st.integers(1, 9),
    st.sampled_from(["eu-west-1", "us-east-1", "global"]),
    st.sampled_from(SERVICES),
    st.integers(0, 9),
    st.sampled_from(["denied", "throttled", "not_attempted"]),
)


@given(st.lists(GAPS, max_size=60))
def test_every_service_with_a_gap_is_named_in_few_lines(gaps: list[Gap]) -> None:
    notes = told(*gaps)
    assert len(notes) <= LINES + 2
    text = " ".join(notes[:-1])
    assert {name for name in SERVICES if name in text} == {one.service for one in gaps}


# Headings


@pytest.mark.parametrize("colour", [False, True])
def test_a_group_is_a_heading_with_its_size(colour: bool) -> None:
    columns = (Column("Severity", "severity", group=True), Column("Resource"))
    sheet = Sheet("", columns, [("high", "a"), ("high", "b"), ("low", "c")])
    lines = as_table(sheet, colour=colour).splitlines()
    assert (
        len(lines)
        == len(as_table(Sheet("", columns[1:], [("a",), ("b",), ("c",)])).splitlines()) + 2
    )
    assert ("\x1b[" in "".join(lines)) is colour
    plain = as_table(sheet).splitlines()
    assert plain[plain.index(" high (2)") + 1] == " a"
    assert plain[plain.index(" low (1)") + 1] == " c"


def test_things_of_two_types_that_share_a_name_are_told_apart() -> None:
    arns = [f"arn:aws:{kind}" for kind in ("ec2:r:1:instance/ledger", "rds:r:1:cluster:ledger")]
    kinds = ("AWS::EC2::Instance", "AWS::RDS::DBCluster")
    rows = [
        replace(row(arn), name="ledger", resource_type=kind, account_id="1")
        for arn, kind in zip(arns, kinds, strict=True)
    ]
    names = [open_cells(line, NOBODY)[3] for line in lines_of(rows, alike=False)]
    assert names == ["ledger (Instance)", "ledger (DB cluster)"]
    (alone,) = lines_of(rows[:1], alike=False)
    assert open_cells(alone, NOBODY)[3] == "ledger"


def test_what_is_not_evaluated_is_one_note() -> None:
    answer = answered("public", [], Coverage(), Filters(), not_evaluated=("this", "that"))
    assert sheet_of(answer, NOBODY).notes[-1] == "Not evaluated: this; that."
    assert sheet_of(answer, NOBODY, whole=False).notes[-1] == "Not evaluated: this; that."
    long = answered("public", [], Coverage(), Filters(), not_evaluated=("this " * 40, "that"))
    counted = sheet_of(long, NOBODY, whole=False).notes[-1]
    assert counted.startswith("Not evaluated: 2 kinds of access, which -v names")
    assert "this this" in sheet_of(long, NOBODY).notes[-1]


def test_what_was_assumed_is_one_note() -> None:
    rows = [replace(machine(n), answer=Answer(Verdict.YES, assumes=(f"scp:{n}",))) for n in (1, 2)]
    notes = sheet_of(answered("public", rows, Coverage(), Filters()), NOBODY).notes
    assert sum("Assumed absent" in note for note in notes) == 1
    assert any("could see it: scp:1, scp:2 (--no-assume)" in note for note in notes)


@pytest.mark.parametrize("width", [80, 120])
def test_names_of_ones_own_stand_below_the_door_that_they_lead_to(width: int) -> None:
    names = ["shop-1.eu-west-1.elb.amazonaws.com", "www.shop.example"]
    answer = answered("public", [machine(1, "tcp/443", names=names)], Coverage(), Filters())
    table = as_table(sheet_of(answer, NOBODY), width=width)
    assert "     Named: www.shop.example" in table.splitlines()
    assert "amazonaws.com" not in table
    twin = answered("public", [machine(1, "tcp/443", names=names[:1])], Coverage(), Filters())
    assert "Named" not in as_table(sheet_of(twin, NOBODY), width=width)


def test_a_wide_table_has_every_name_once() -> None:
    names = ["shop-1.elb.amazonaws.com", "www.shop.example"]
    answer = answered("public", [machine(1, "tcp/443", names=names)], Coverage(), Filters())
    table = as_table(sheet_of(answer, NOBODY), width=200)
    assert "Named" not in table
    assert [table.count(name) for name in names] == [1, 1]
    markdown = as_markdown(sheet_of(answer, NOBODY))
    assert "Named" not in markdown
    assert markdown.count("www.shop.example") == 1


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("d1.cloudfront.net", False),
        ("x.lambda-url.eu-west-1.on.aws", False),
        ("AB.EU-WEST-1.AMAZONAWS.COM.", False),
        ("amazonaws.com.evil.example", True),
        ("notcloudfront.net", True),
    ],
)
def test_whose_a_host_name_is(name: str, own: bool) -> None:
    assert bool(own_names([name])) is own


# What a row says


def test_of_many_ports_those_that_the_severity_hangs_on_stand_first() -> None:
    many = ["tcp/80", "tcp/81", "tcp/82", "tcp/22", "tcp/6379"]
    assert opens({"ports": many}, "yes") == "tcp/6379, tcp/22, tcp/80, 2 more"
    assert opens({"ports": ["tcp/80", "tcp/22"]}, "yes") == "tcp/80, tcp/22"


def test_a_snapshot_for_everybody_is_copied() -> None:
    shared = {"actions": ["ec2:CreateVolume"], "level": "read"}
    assert opens(shared, "yes") == "copy: CreateVolume"
    assert opens({"actions": ["sqs:SendMessage"], "level": "write"}, "yes") == "write: SendMessage"


def test_who_needs_an_account_of_aws_is_one_word() -> None:
    for source in ("any-aws-principal", "any-aws-account"):
        (line,) = lines_of([machine(1, source=source)], alike=False)
        assert "any AWS account" in open_cells(line, NOBODY)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\nb\t c", "a b c"),
        ("x" * 256, "x" * 97 + "..."),
        ("x" * 100, "x" * 100),
        (" \n", "i-1"),
        ("", "i-1"),
    ],
)
def test_a_name_is_one_line_of_bounded_length(name: str, told: str) -> None:
    (line,) = lines_of([replace(machine(1), name=name)], alike=False)
    assert told in open_cells(line, NOBODY)


@pytest.mark.parametrize("width", [60, 80, 95, 96, 120])
def test_names_stay_whole_where_the_place_stands_below(width: int) -> None:
    """AWS's own names are at most as wide as this; place and way stand below or in columns."""
    rows = [
        replace(
            machine(n, "tcp/22", mechanism="alb/ipv4"), name=f"production-web-{n}", region=REGION
        )
        for n in range(2)
    ]
    sheet = sheet_of(answered("public", rows, Coverage(), Filters()), NOBODY)
    lines = as_table(sheet, width=width).splitlines()
    assert max(map(len, lines)) <= width
    place = f"     In: {rows[0].account_id} {REGION}, through alb/ipv4"
    assert (place in lines) is (width < 96)
    assert ("Through" in lines[2]) is (width >= 96)
    assert sum("production-web-1" in line for line in lines) == 1
