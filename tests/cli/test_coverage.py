"""``mapper coverage``: what was seen, and what closes each gap."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from collector.snapshot.ledger import ALL_TYPES, LedgerRow, Status
from graph.iam.from_snapshot import NEEDS
from tests.cli.conftest import SNAPSHOT_ID, seen, write_snapshot
from tests.cli.test_answers import VALIDATOR
from tests.queries import organisation as org

WHO = "User: arn:aws:iam::111111111111:role/auditor is not authorized to perform: "
BY_SCP = f"{WHO}ec2:DescribeVpcs with an explicit deny in a service control policy"
NO_ALLOW = (
    f"{WHO}ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"
)
OWN_DENY = f"{WHO}ec2:DescribeVpcs with an explicit deny in an identity-based policy"
BOUNDARY = (
    f"{WHO}ec2:DescribeVpcs because no permissions boundary allows the ec2:DescribeVpcs action"
)
SESSION = f"{WHO}ec2:DescribeVpcs because no session policy allows the ec2:DescribeVpcs action"


def vpcs(message: str = "", status: Status = Status.DENIED, **change: str) -> LedgerRow:
    given = {"account_id": org.PROD, "region": "eu-west-1", "type": "ec2:vpc", "code": ""}
    return LedgerRow(
        service="ec2",
        operation="describe_vpcs",
        status=status,
        message=message,
        **(given | change),
    )


@pytest.fixture
def cover(place, mapper, needed):
    """``mapper coverage`` over a ledger; the other types of every account were seen."""

    def call(ledger: list[LedgerRow], *arguments: str):
        shutil.rmtree(place.snapshot)
        write_snapshot(place.snapshot, [*seen(*{*needed, *NEEDS}), *ledger])
        return mapper("coverage", *arguments)

    return call


def rows(outcome) -> list[dict]:
    VALIDATOR.validate(outcome.json)
    return outcome.json["rows"]


def test_nothing_missing_is_said(cover) -> None:
    outcome = cover([])
    assert outcome.code == 0
    assert "Everything that was asked for was seen." in outcome.out
    assert "Not asked for" not in outcome.out
    assert "--missing" not in outcome.out
    assert rows(cover([], "--missing", "--format", "json")) == []


def test_a_gap_names_its_action_and_the_answers_it_affects(cover) -> None:
    (row,) = rows(cover([vpcs(NO_ALLOW)], "--missing", "--format", "json"))
    assert row["actions"] == ["ec2:DescribeVpcs"]
    assert row["denied_by"] == "identity_policy"
    assert row["explicit"] is False
    assert {"public", "admins --compute", "query peerings"} <= set(row["affects"])
    assert not {"admins", "query trusts", "query service-trusts"} & set(row["affects"])


def test_every_query_that_needs_the_type_is_named_and_no_other(cover) -> None:
    from queries.library import load_library

    (row,) = rows(cover([vpcs(NO_ALLOW)], "--missing", "--format", "json"))
    expected = {f"query {query.name}" for query in load_library() if "ec2:vpc" in query.needs}
    assert {name for name in row["affects"] if name.startswith("query ")} == expected


def test_a_call_that_was_answered_affects_nothing(cover) -> None:
    for status in (Status.OK, Status.EMPTY, Status.NOT_SUPPORTED, Status.REGION_DISABLED):
        every = rows(cover([vpcs(status=status)], "--format", "json"))
        (row,) = [row for row in every if row["operation"] == "describe_vpcs"]
        assert (row["affects"], row["denied_by"], row["explicit"]) == ([], "", None)


POLICY = "mapper preflight --policy --delta"
ORGANISATION = "a policy of ours does not help"
ANOTHER = "denied by another policy"


@pytest.mark.parametrize(
    ("row", "said", "closes"),
    [
        (vpcs(NO_ALLOW), {POLICY}, "allow ec2:DescribeVpcs"),
        (vpcs("You are not authorized"), {POLICY}, "allow ec2:DescribeVpcs"),
        (vpcs(BY_SCP), {ORGANISATION}, "only the organisation can allow"),
        (vpcs(BY_SCP, Status.REGION_DENIED), {ORGANISATION}, "only the organisation can allow"),
        (vpcs("", Status.REGION_DENIED), set(), "the region is closed by policy"),
        (vpcs(OWN_DENY), {ANOTHER}, "take away the Deny of ec2:DescribeVpcs"),
        (vpcs(BOUNDARY), {ANOTHER}, "that policy has to allow ec2:DescribeVpcs"),
        (vpcs(SESSION), {ANOTHER}, "that policy has to allow ec2:DescribeVpcs"),
        (vpcs(status=Status.THROTTLED), {"collecting again may help"}, "collect again"),
        (vpcs(status=Status.EXPIRED), {"collecting again may help"}, "renew the credentials"),
        (vpcs(status=Status.UNREACHABLE), {"collecting again may help"}, "network"),
    ],
)
def test_each_cause_has_its_own_remedy(
    cover, monkeypatch: pytest.MonkeyPatch, row: LedgerRow, said: set[str], closes: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = cover([row], "--missing").out
    assert {
        word
        for word in (POLICY, ORGANISATION, ANOTHER, "collecting again may help")
        if word in text
    } == said
    assert closes in text


def test_an_account_that_was_not_entered_asks_for_a_role_not_a_policy(cover) -> None:
    row = LedgerRow(
        org.DEV, "global", "sts", "assume_role", ALL_TYPES, Status.DENIED, code="AssumeRole"
    )
    outcome = cover([row], "--missing")
    assert "mapper preflight --template" in outcome.out
    assert POLICY not in outcome.out
    (found,) = rows(cover([row], "--missing", "--format", "json"))
    assert {"public", "trusts", "admins", "can"} <= set(found["affects"])


def test_the_same_gap_of_many_places_is_one_line(cover) -> None:
    ledger = [vpcs(NO_ALLOW, region=f"eu-west-{number}") for number in range(1, 6)]
    lines = cover(ledger, "--missing").out.splitlines()
    assert sum("ec2:describe_vpcs" in line for line in lines) == 1
    assert any("5 regions" in line for line in lines)
    # Who denied tells gaps apart.
    ledger[0] = vpcs(BY_SCP, region="eu-west-1")
    lines = cover(ledger, "--missing").out.splitlines()
    assert sum("ec2:describe_vpcs" in line for line in lines) == 2


def test_what_affects_most_stands_first(cover) -> None:
    everything = LedgerRow(org.DEV, "global", "sts", "assume_role", ALL_TYPES, Status.DENIED)
    out = cover([vpcs(NO_ALLOW), everything], "--missing").out
    assert out.index("sts:assume_role") < out.index("ec2:describe_vpcs")


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("service", "ec2"),
        ("account", org.DEV),
        ("region", "us-east-1"),
        ("call", "ec2:describe_vpcs"),
    ],
)
def test_lines_may_stand_for_other_things(cover, by: str, first: str) -> None:
    gap = vpcs(NO_ALLOW, account_id=org.DEV, region="us-east-1")
    lines = cover([gap], "--by", by).out.splitlines()
    table = [line for line in lines if "denied" in line]
    assert len(table) == 1
    assert first in table[0]
    assert lines.index(table[0]) < 6  # gaps first


def test_by_service_counts_what_was_seen_and_missed(cover) -> None:
    ledger = [
        vpcs(NO_ALLOW),
        vpcs(NO_ALLOW, region="us-east-1"),
        vpcs(status=Status.THROTTLED, region="us-west-2"),
        vpcs(status=Status.NOT_SUPPORTED, region="us-west-1"),
    ]
    (line,) = [line for line in cover(ledger).out.splitlines() if line.startswith(" ec2 ")]
    assert "2 denied, 1 throttled" in line


def test_types_that_were_left_out_are_named(place, mapper) -> None:
    shutil.rmtree(place.snapshot)
    write_snapshot(place.snapshot, seen("ec2:vpc"))
    out = " ".join(mapper("coverage").out.split())
    assert "Not asked for:" in out
    assert re.search(r"Not asked for: \d+ types \([a-z0-9-]+:[a-z0-9-]+, ", out)
    assert "trusts" in out.partition("Not asked for:")[2]


def test_what_was_never_asked_for_is_listed_with_what_closes_it(place, mapper, needed) -> None:
    rare, common = "dx:gateway", "ec2:vpc"

    def told(*left_out: str, more: tuple[str, ...] = ()) -> str:
        shutil.rmtree(place.snapshot)
        asked = {*needed, *NEEDS} - set(left_out)
        write_snapshot(place.snapshot, [*seen(*asked)])
        return " ".join(mapper("coverage", "--missing", "--format", "md", *more).out.split())

    text = told(rare)
    assert f"{rare} | not asked for" in text.replace("\\", "")
    assert "collect with --depth full, and without --services" in text
    assert "What closes each" not in text
    text = told(common)
    assert "collect without a --services or --skip that leaves it out" in text
    assert "--depth full" not in text
    # Types of a service share a line, but in the whole table.
    several = ("dx:gateway", "dx:virtual-interface")
    assert "dx: 2 types (dx:gateway, dx:virtual-interface)" in told(*several).replace("\\", "")
    whole = told(*several, more=("-v",)).replace("\\", "")
    assert all(f"{kind} | not asked for" in whole for kind in several)
    # The twin: everything was asked for.
    assert "not asked for" not in told()


def test_the_plain_table_says_where_what_was_not_asked_for_is_listed(place, mapper, needed) -> None:
    shutil.rmtree(place.snapshot)
    write_snapshot(place.snapshot, [*seen(*({*needed, *NEEDS} - {"ec2:vpc"}))])
    assert "What closes each: mapper coverage --missing" in mapper("coverage").out


def test_accounts_have_their_names(cover, place) -> None:
    Path("mapper.toml").write_text(f'[accounts]\n"{org.DEV}" = "lab"\n')
    assert f"lab {org.DEV}" in cover([vpcs(NO_ALLOW, account_id=org.DEV)], "--by", "account").out


def test_narrowing_to_an_account_narrows_everything(cover) -> None:
    ledger = [vpcs(NO_ALLOW), vpcs(BY_SCP, account_id=org.DEV)]
    outcome = cover(ledger, "--missing", "--account", org.PROD, "--format", "json")
    assert {row["account_id"] for row in rows(outcome)} == {org.PROD}
    text = cover(ledger, "--missing", "--account", org.PROD).out
    assert ORGANISATION not in text
    assert POLICY in text


def test_hostile_words_of_aws_do_not_reach_the_terminal(cover) -> None:
    hostile = vpcs(f"\x1b[2J\u202e {NO_ALLOW} [bold]", code="\x07Denied")
    for arguments in (["--missing"], ["--all"], ["--by", "call"]):
        out = cover([hostile], *arguments).out
        assert not set(out) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_tables_fit(cover, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ledger = [vpcs(NO_ALLOW), vpcs(BY_SCP, region="ap-southeast-2"), vpcs(BOUNDARY, region="x")]
    for arguments in ([], ["--missing"], ["--by", "account"], ["--all"]):
        assert max(map(len, cover(ledger, *arguments).out.splitlines())) <= width


def test_csv_has_the_ledger_and_what_it_means(cover) -> None:
    head, *lines = cover([vpcs(NO_ALLOW)], "--missing", "--format", "csv").out.splitlines()
    assert head.split(",")[-4:] == ["actions", "affects", "denied_by", "explicit"]
    assert len(lines) == 1


def test_the_json_names_the_snapshot_and_counts(cover) -> None:
    whole = cover([vpcs(NO_ALLOW)], "--format", "json").json
    assert whole["snapshot"]["id"] == SNAPSHOT_ID
    assert whole["totals"]["gaps"] == 1
    assert whole["totals"]["status"]["denied"] == 1
    assert json.dumps(whole)


def follow_up(operation: str, code: str = "UnauthorizedOperation", **change: str) -> LedgerRow:
    given = {"account_id": org.PROD, "region": "eu-west-1", "type": "ec2:vpc"} | change
    message = "describe_vpcs was denied" if code else ""
    return LedgerRow(
        service="ec2",
        operation=operation,
        status=Status.NOT_ATTEMPTED,
        calls=0,
        code=code,
        message=message,
        **given,
    )


def test_what_hangs_on_a_call_that_failed_is_not_asked_for_again(cover) -> None:
    names = ("describe_vpc_attribute", "describe_flow_logs", "get_vpc_resources_blocking")
    text = " ".join(cover([vpcs(NO_ALLOW), *map(follow_up, names)], "--missing").out.split())
    assert "3 calls were not made because the call that lists their items gave nothing." in text
    assert "1 call was missed for want of permissions" in text
    assert "collecting again may help" not in text
    # The twin: nobody asked for it.
    text = " ".join(cover([follow_up(names[0], code="")], "--missing").out.split())
    assert "was not asked for: collect it" in text
    assert "gave nothing" not in text


def test_calls_with_one_cause_in_one_place_share_a_line(cover) -> None:
    md = ("--missing", "--format", "md")
    names = ("describe_vpc_attribute", "describe_flow_logs", "get_vpc_resources_blocking")
    ledger = [vpcs(NO_ALLOW), *map(follow_up, names)]
    text = cover(ledger, *md).out.replace("\\", "")
    assert "ec2: 3 calls (describe_flow_logs, describe_vpc_attribute, ...)" in text
    assert "get_vpc_resources_blocking" not in text
    whole = cover(ledger, *md, "-v").out.replace("\\", "")
    assert all(f"ec2:{name}" in whole for name in names)
    # Other places, another line.
    ledger[-1] = follow_up(names[-1], region="us-east-1")
    assert "ec2:get_vpc_resources_blocking" in cover(ledger, *md).out.replace("\\", "")


def test_what_somebody_has_to_allow_is_never_folded(cover) -> None:
    other = LedgerRow(
        org.PROD,
        "eu-west-1",
        "ec2",
        "describe_subnets",
        "ec2:subnet",
        Status.DENIED,
        0,
        1,
        "",
        NO_ALLOW,
    )
    text = cover([vpcs(NO_ALLOW), other], "--missing", "--format", "md").out.replace("\\", "")
    assert "ec2:describe_vpcs" in text
    assert "ec2:describe_subnets" in text
    assert "2 calls (" not in text


def test_an_unfinished_snapshot_says_what_it_was_asked_for(mapper, tmp_path: Path) -> None:
    folder = tmp_path / "begun"
    folder.mkdir()
    scope = {"organisation": True, "regions": ["eu-west-1"], "accounts": []}
    manifest: dict[str, object] = {"accounts": [], "regions": [], "callers": []}
    manifest |= {"format": 1, "id": "begun", "finished": None, "scope": scope, "files": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    outcome = mapper("coverage", "--snapshot", str(folder))
    assert outcome.code == 1
    assert "asked for the organisation; regions eu-west-1" in outcome.err
