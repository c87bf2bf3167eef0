"""Rows of trusts for chains: where they end, what they reach, what folds; each with its twin."""

from __future__ import annotations

from typing import Any

import pytest

from graph.records import Node, Relationship
from mapper.output.trusts import cells, lines_of
from queries.answers.answer import Filters, answered
from queries.answers.chains_wanted import Wanted, select, unused_rows
from queries.answers.coverage import Coverage
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.answers.trusts import trust_rows
from queries.runner import run_query
from tests.queries import organisation as org
from tests.queries.embedded import Embedded

OURS = frozenset({org.PROD, org.DEV, org.SEC})
NAMES = {org.PROD: "prod", org.DEV: "dev", org.SEC: "security"}
NOBODY, VENDOR = f"account:{org.NOBODY}", f"account:{org.VENDOR}"
GITHUB = f"arn:aws:iam::{org.PROD}:oidc-provider/token.actions.githubusercontent.com"
MANAGEMENT = "444444444444"
MORE_ROLE = org.arn("iam", org.DEV, "role/more")
LAST_ROLE = org.arn("iam", org.SEC, "role/last")
PARTIES = Parties(
    collected=OURS,
    organisation=OURS | {MANAGEMENT},
    organisation_ids=frozenset({"o-ours"}),
    names=NAMES,
    management=frozenset({MANAGEMENT}),
)


def role(arn: str, **props: Any) -> Node:
    return org._node(arn, "IAMRole Principal", "AWS::IAM::Role", arn.split(":")[4], **props)


def assume(start: str, to: str, verdict: str = "yes", *conditions: str, **props: Any) -> Any:
    return org.walked("CAN_ASSUME", start, to, "sts:AssumeRole", verdict, conditions, **props)


def uses(start: str, thing: str, level: str = "read", verdict: str = "yes") -> Relationship:
    return org.walked("CAN_ACCESS", start, thing, "iam", verdict, level=level, actions=[])


def rows_of(store: Embedded, parties: Parties = PARTIES) -> dict[tuple[str, str], Row]:
    names = ("trusts", "identity-steps", "shared-with-outside")
    frames = [run_query(store, name) for name in names]
    made = trust_rows(*frames, parties, run_query(store, "data-behind-trusts"))
    return {(row.own["from"], row.own["ends_in"]): row for row in made}


@pytest.fixture
def onward(changed):
    """The unknown account's role leads on: open (prod) -> more (dev) -> last (security)."""

    def make(*plus: Relationship, without: Any = lambda _: False, nodes: Any = ()) -> Embedded:
        return changed(
            nodes=(role(MORE_ROLE), role(LAST_ROLE), *nodes),
            plus=(assume(org.OPEN_ROLE, MORE_ROLE), assume(MORE_ROLE, LAST_ROLE), *plus),
            without=without,
        )

    return make


def test_a_chain_ends_where_it_leads_no_further(onward) -> None:
    rows = rows_of(onward())
    chain = rows[NOBODY, LAST_ROLE]
    assert [hop["id"] for hop in chain.own["hops"]] == [org.OPEN_ROLE, MORE_ROLE, LAST_ROLE]
    assert chain.answer.why == (
        f"{org.NOBODY} becomes open in prod, then more in dev, then last in security."
    )
    assert (NOBODY, MORE_ROLE) not in rows


def test_a_role_in_the_middle_is_an_end_where_it_may_use_data(onward) -> None:
    rows = rows_of(onward(uses(MORE_ROLE, org.BUCKET, "write")))
    thing = {
        "id": org.BUCKET,
        "name": "shop-assets",
        "level": "write",
        "verdict": "yes",
        "resources": 1,
        "sensitive": False,
    }
    assert rows[NOBODY, MORE_ROLE].own["data"] == {
        "level": "write",
        "resources": 1,
        "conditional": 0,
        "sensitive": False,
        "verdict": "yes",
        "examples": [org.BUCKET],
        "things": [thing],
    }
    assert rows[NOBODY, LAST_ROLE].own["data"] is None


def test_data_of_the_starts_own_account_is_no_gain(changed) -> None:
    there_and_back = (
        assume(org.WEB_ROLE, MORE_ROLE),
        uses(MORE_ROLE, org.BUCKET, "write"),
        uses(MORE_ROLE, org.KEY, "write"),
    )
    rows = rows_of(changed(nodes=(role(MORE_ROLE),), plus=there_and_back))
    assert rows[org.WEB_ROLE, MORE_ROLE].own["data"] is None
    other = (assume(LAST_ROLE, MORE_ROLE), *there_and_back)
    rows = rows_of(changed(nodes=(role(MORE_ROLE), role(LAST_ROLE)), plus=other))
    assert rows[LAST_ROLE, MORE_ROLE].own["data"]["resources"] == 2


def test_sensitive_data_weighs_more(changed) -> None:
    plain = Parties(collected=OURS, organisation=OURS)
    marking = Parties(collected=OURS, organisation=OURS, sensitive_tags=frozenset({"data=pii"}))
    store = changed(
        nodes=(org._node("arn:aws:s3:::pii", "S3Bucket", "AWS::S3::Bucket", org.PROD),),
        plus=(
            uses(org.VENDOR_SAFE, "arn:aws:s3:::pii"),
            assume(VENDOR, org.VENDOR_SAFE, "conditional", "secret:sts:ExternalId"),
        ),
        without=lambda r: (r.start, r.end) == (VENDOR, org.VENDOR_SAFE),
    )
    store.graph.cypher("MATCH (n:Resource {id: 'arn:aws:s3:::pii'}) SET n.tags = ['Data=PII']")
    before, after = (rows_of(store, p)[VENDOR, org.VENDOR_SAFE] for p in (plain, marking))
    assert (before.severity, after.severity) == ("low", "medium")
    assert after.own["data"]["sensitive"]


def test_the_size_and_tags_of_a_set_of_resources_count(changed) -> None:
    many = org._node(
        "resource-set:1", "ResourceSet", "Mapper::ResourceSet", org.PROD, member_count=40
    )
    store = changed(
        nodes=(many,),
        plus=(
            uses(org.VENDOR_SAFE, many.id, "write"),
            org.walked("TARGETS", many.id, org.BUCKET, "member"),
        ),
    )
    store.graph.cypher(f"MATCH (n:Resource {{id: '{org.BUCKET}'}}) SET n.tags = ['Data=PII']")
    marking = Parties(collected=OURS, organisation=OURS, sensitive_tags=frozenset({"data"}))
    data = rows_of(store, marking)[VENDOR, org.VENDOR_SAFE].own["data"]
    assert (data["resources"], data["sensitive"]) == (40, True)
    assert not rows_of(store)[VENDOR, org.VENDOR_SAFE].own["data"]["sensitive"]


def data_of(store: Embedded, *key: str) -> Any:
    return rows_of(store)[key].own["data"]


@pytest.mark.parametrize(
    ("source", "level", "verdict", "left"),
    [
        ("internet", "read", "yes", 1),
        ("any-aws-principal", "write", "yes", 1),
        (VENDOR, "read", "yes", 1),
        (NOBODY, "read", "yes", 2),
        ("org:o-ours", "read", "yes", 2),
        ("internet", "read", "conditional", 2),
    ],
)
def test_what_the_caller_has_anyway_is_no_gain(
    changed, source: str, level: str, verdict: str, left: int
) -> None:
    """The bucket is counted only where the role gives more of it than the caller has without."""
    anyway = org.walked("CAN_ACCESS", source, org.BUCKET, "policy", verdict, level=level)
    store = changed(
        without=lambda r: r.end == org.BUCKET,
        plus=(uses(org.VENDOR_SAFE, org.BUCKET), uses(org.VENDOR_SAFE, org.KEY), anyway),
    )
    assert data_of(store, VENDOR, org.VENDOR_SAFE)["resources"] == left


def test_what_the_own_organisation_has_is_no_gain_of_its_members(changed) -> None:
    anyway = org.walked("CAN_ACCESS", "org:o-ours", org.KEY, "policy", level="read")
    more = (assume(org.WEB_ROLE, LAST_ROLE), uses(LAST_ROLE, org.KEY), uses(LAST_ROLE, org.BUCKET))
    nodes = (role(LAST_ROLE), org._node("arn:aws:s3:::sec", "S3Bucket", "AWS::S3::Bucket", org.SEC))
    plus = (*more, uses(LAST_ROLE, "arn:aws:s3:::sec", "write"), anyway)
    listed = data_of(changed(nodes=nodes, plus=plus), org.WEB_ROLE, LAST_ROLE)["examples"]
    assert listed == ["arn:aws:s3:::sec"]


def test_a_role_that_gives_more_of_an_open_resource_is_a_gain(changed) -> None:
    anyway = org.walked("CAN_ACCESS", "internet", org.KEY, "policy", level="read")
    writes = changed(plus=(uses(org.VENDOR_SAFE, org.KEY, "write"), anyway))
    assert data_of(writes, VENDOR, org.VENDOR_SAFE)["level"] == "write"
    reads = changed(plus=(uses(org.VENDOR_SAFE, org.KEY), anyway))
    assert data_of(reads, VENDOR, org.VENDOR_SAFE) is None


def test_what_is_had_for_sure_is_told_from_what_is_had_under_conditions(changed) -> None:
    nodes = (org._node("arn:aws:s3:::x", "S3Bucket", "AWS::S3::Bucket", org.PROD),)
    both = (
        uses(org.VENDOR_SAFE, org.KEY),
        uses(org.VENDOR_SAFE, "arn:aws:s3:::x", "admin", "conditional"),
    )
    found = data_of(changed(nodes=nodes, plus=both), VENDOR, org.VENDOR_SAFE)
    assert (found["level"], found["resources"], found["conditional"]) == ("read", 2, 1)
    assert found["examples"] == [org.KEY, "arn:aws:s3:::x"]
    found = data_of(changed(nodes=nodes, plus=both[1:]), VENDOR, org.VENDOR_SAFE)
    assert (found["level"], found["resources"], found["conditional"]) == ("admin", 1, 1)


def test_of_a_set_the_resources_that_are_open_anyway_are_no_gain(changed) -> None:
    many = org._node(
        "resource-set:1", "ResourceSet", "Mapper::ResourceSet", org.PROD, member_count=40
    )
    member = org.walked("TARGETS", many.id, org.BUCKET, "member")
    reads = changed(nodes=(many,), plus=(uses(org.VENDOR_SAFE, many.id), member))
    assert data_of(reads, VENDOR, org.VENDOR_SAFE)["resources"] == 39
    closed = changed(
        nodes=(many,),
        plus=(uses(org.VENDOR_SAFE, many.id), member),
        without=lambda r: r.end == org.BUCKET,
    )
    assert data_of(closed, VENDOR, org.VENDOR_SAFE)["resources"] == 40


def test_an_unknown_step_in_the_middle_is_a_row_that_says_so(changed) -> None:
    gap = "not_collected:trust=more"

    def chain(middle: Relationship) -> Row:
        plus = (middle, assume(MORE_ROLE, LAST_ROLE))
        return rows_of(changed(nodes=(role(MORE_ROLE), role(LAST_ROLE)), plus=plus))[
            NOBODY, LAST_ROLE
        ]

    row = chain(assume(org.OPEN_ROLE, MORE_ROLE, "unknown", gap))
    assert (str(row.verdict), row.answer.conditions) == ("unknown", (gap,))
    made = answered("trusts", [row], Coverage(), Filters())
    assert made.totals["only_through_unknown"] == 1
    assert str(chain(assume(org.OPEN_ROLE, MORE_ROLE)).verdict) == "yes"


def test_a_cycle_is_no_end_and_no_endless_walk(onward) -> None:
    rows = rows_of(onward(assume(LAST_ROLE, org.OPEN_ROLE), assume(LAST_ROLE, LAST_ROLE)))
    assert [hop["id"] for hop in rows[NOBODY, LAST_ROLE].own["hops"]] == [
        org.OPEN_ROLE,
        MORE_ROLE,
        LAST_ROLE,
    ]


def test_a_longer_way_to_what_is_trusted_directly_says_nothing_new(onward) -> None:
    rows = rows_of(onward(assume(NOBODY, LAST_ROLE)))
    assert len(rows[NOBODY, LAST_ROLE].own["hops"]) == 1
    frames = onward(assume(NOBODY, LAST_ROLE, "conditional", "secret:sts:ExternalId"))
    made = trust_rows(
        *(run_query(frames, n) for n in ("trusts", "identity-steps", "shared-with-outside")),
        PARTIES,
    )
    to_last = sorted(
        len(r.own["hops"]) for r in made if (r.own["from"], r.id) == (NOBODY, LAST_ROLE)
    )
    assert to_last == [1, 3]


def test_who_becomes_admin_of_an_account_gets_no_rows_of_its_roles(onward) -> None:
    """Admin of security contains the role last of security."""
    rows = rows_of(onward(assume(MORE_ROLE, org.SEC_ADMIN)))
    assert rows[NOBODY, f"account:{org.SEC}"].severity == "critical"
    assert (NOBODY, LAST_ROLE) not in rows
    assert (NOBODY, LAST_ROLE) in rows_of(onward())


def test_a_chain_goes_through_an_account_that_is_taken_over(onward) -> None:
    """What an admin role trusts and leads to inside its account is no step of its own."""
    controls = (
        org.walked("HAS_ADMIN", org.OPEN_ROLE, f"account:{org.PROD}", techniques=[], limits=[]),
        org.walked("CONTROLS", f"account:{org.PROD}", org.WEB_ROLE),
    )
    chain = rows_of(onward(*controls))[NOBODY, f"account:{org.SEC}"]
    assert [hop["type"] for hop in chain.own["hops"]] == [
        "CAN_ASSUME",
        "HAS_ADMIN",
        "CONTROLS",
        "CAN_ASSUME",
        "CAN_ASSUME",
        "HAS_ADMIN",
    ]
    assert (NOBODY, f"account:{org.SEC}") not in rows_of(onward(controls[0]))


def test_each_step_tells_what_guards_it(onward) -> None:
    guard = "external-id not-required: No ExternalId is asked for."
    rows = rows_of(
        onward(
            assume(LAST_ROLE, org.ANY_ROLE, "conditional", "context:aws:SourceIp=192.0.2.0/24"),
            assume(VENDOR, org.OPEN_ROLE, guards=[guard]),
            without=lambda r: r.start == "any-aws-principal",
        )
    )
    steps = rows[VENDOR, f"account:{org.DEV}"].own["steps"]
    assert steps[0] == {"verdict": "yes", "conditions": [], "guards": [guard]}
    assert steps[3]["conditions"] == ["context:aws:SourceIp=192.0.2.0/24"]
    assert len(steps) == len(rows[VENDOR, f"account:{org.DEV}"].own["hops"])


def test_what_everyone_may_assume_is_no_step_of_anybody_elses_chain(onward) -> None:
    """Everyone becomes ``any`` in dev, which is admin there: that is told once."""
    everyone, dev = "any-aws-principal", f"account:{org.DEV}"
    to_any = assume(LAST_ROLE, org.ANY_ROLE)
    rows = rows_of(onward(to_any))
    assert rows[everyone, org.ANY_ROLE].own["admin_of"] == [dev]
    assert (NOBODY, dev) not in rows
    rows = rows_of(onward(to_any, without=lambda r: r.start == everyone))
    assert str(rows[NOBODY, dev].verdict) == "yes"


def test_a_surer_way_than_everyones_is_a_step(onward) -> None:
    def rows(everyones: tuple[str, ...], own: tuple[str, ...]) -> dict[tuple[str, str], Row]:
        everyone = assume("any-aws-principal", org.ANY_ROLE, *everyones)
        own_way = assume(LAST_ROLE, org.ANY_ROLE, *own)
        return rows_of(onward(everyone, own_way, without=lambda r: r.end == org.ANY_ROLE))

    end = (NOBODY, f"account:{org.DEV}")
    secret, mfa = "secret:sts:ExternalId", "context:aws:MultiFactorAuthPresent=true"
    assert end in rows(("conditional", secret), ("yes",))
    assert end in rows(("conditional", secret), ("conditional", mfa))
    assert end not in rows(("conditional", secret), ("conditional", secret, mfa))
    assert end not in rows(("yes",), ("conditional", mfa))


def test_whom_the_trust_names_beside_everyone_keeps_its_row(changed) -> None:
    both = rows_of(changed(plus=(assume(NOBODY, org.ANY_ROLE), assume(org.WEB_ROLE, org.ANY_ROLE))))
    assert (NOBODY, org.ANY_ROLE) in both
    assert (org.WEB_ROLE, org.ANY_ROLE) not in both
    alone = rows_of(
        changed(
            plus=(assume(org.WEB_ROLE, org.ANY_ROLE),),
            without=lambda r: r.start == "any-aws-principal",
        )
    )
    assert (org.WEB_ROLE, org.ANY_ROLE) in alone


def test_contradictory_source_identities_are_no_chain() -> None:
    first = assume(NOBODY, org.OPEN_ROLE, session=["sts:sourceidentity=a"])

    def rows(identity: str) -> dict[tuple[str, str], Row]:
        last = assume(MORE_ROLE, LAST_ROLE, session=[f"sts:sourceidentity={identity}"])
        kept = [r for r in org.relationships() if (r.start, r.end) != (NOBODY, org.OPEN_ROLE)]
        steps = [*kept, first, assume(org.OPEN_ROLE, MORE_ROLE), last]
        return rows_of(Embedded([*org.nodes(), role(MORE_ROLE), role(LAST_ROLE)], steps))

    assert (NOBODY, LAST_ROLE) in rows("a")
    assert (NOBODY, LAST_ROLE) not in rows("b")
    assert (org.OPEN_ROLE, LAST_ROLE) in rows("b")


DEFAULT = org.arn("iam", org.PROD, "role/OrganizationAccountAccessRole")


def standard(changed, start: str, end: str = DEFAULT) -> Row:
    admin = org.walked("HAS_ADMIN", end, f"account:{org.PROD}", techniques=[], limits=[])
    alice = org._node(start, "IAMUser Principal", "AWS::IAM::User", start.split(":")[4])
    store = changed(nodes=(role(end), alice), plus=(assume(start, end), admin))
    return rows_of(store)[start, end]


def test_awss_own_role_for_the_management_account_weighs_little(changed) -> None:
    boss = org.arn("iam", MANAGEMENT, "user/boss")
    other = org.arn("iam", org.DEV, "user/other")
    named = org.arn("iam", org.PROD, "role/SomeAdmin")
    assert standard(changed, boss).severity == "low"
    assert standard(changed, other).severity == "high"
    assert standard(changed, boss, named).severity == "high"


def test_starts_and_accounts_that_are_alike_share_a_line(changed) -> None:
    """Two users of one account, the role of one name in two accounts: four rows, one line."""
    users = [org.arn("iam", MANAGEMENT, f"user/{name}") for name in ("ann", "bob")]
    roles = [DEFAULT, DEFAULT.replace(org.PROD, org.DEV)]
    people = [org._node(u, "IAMUser Principal", "AWS::IAM::User", MANAGEMENT) for u in users]
    admin = [
        org.walked("HAS_ADMIN", r, f"account:{r.split(':')[4]}", techniques=[], limits=[])
        for r in roles
    ]
    plus = [assume(u, r) for u in users for r in roles]
    made = rows_of(changed(nodes=(*people, *map(role, roles)), plus=(*admin, *plus)))
    rows = [row for row in made.values() if row.own["from"] in users]
    assert len(rows) == 4
    (line,) = lines_of(sorted(rows, key=lambda row: (row.id, row.own["from"])))
    shown = cells(line, PARTIES)
    assert "ann and 1 more" in shown
    assert "prod, dev" in shown or "dev, prod" in shown
    assert "admin of each" in shown
    twin = [
        assume(users[1], roles[1], "conditional", "context:x") if p is plus[3] else p for p in plus
    ]
    made = rows_of(changed(nodes=(*people, *map(role, roles)), plus=(*admin, *twin)))
    assert len(lines_of(row for row in made.values() if row.own["from"] in users)) > 1


@pytest.mark.parametrize(
    ("wanted", "starts"),
    [
        (Wanted(starts=("datadog",)), {VENDOR}),
        (Wanted(starts=(org.NOBODY,)), {NOBODY}),
        (Wanted(starts=("PROD",)), {org.WEB_ROLE, GITHUB}),
        (Wanted(starts=("web",)), {org.WEB_ROLE}),
        (Wanted(vendors=True), {VENDOR, GITHUB}),
        (Wanted(external=True), {VENDOR, NOBODY, GITHUB, "any-aws-principal"}),
        (Wanted(ends=("security",)), {org.WEB_ROLE}),
        (Wanted(ends=(org.SEC,), external=True), set()),
    ],
)
def test_what_is_asked_for_is_what_is_left(store, wanted: Wanted, starts: set[str]) -> None:
    rows = list(rows_of(store).values())
    assert select(rows, Wanted(), PARTIES) == rows
    assert {row.own["from"] for row in select(rows, wanted, PARTIES)} == starts


def test_single_hops_are_trusts_and_shares_alone(store) -> None:
    rows = list(rows_of(store).values())
    left = select(rows, Wanted(single_hop=True), PARTIES)
    assert {len(row.own["hops"]) for row in left} == {1}
    assert {len(row.own["hops"]) for row in rows} == {1, 3}


@pytest.mark.parametrize(
    ("uses_of_hop", "listed", "not_known"),
    [
        ("never", "never", 0),
        ("2026-01-01T00:00:00Z", "2026-01-01", 0),
        ("2026-11-01T00:00:00Z", None, 0),
        (None, None, 1),
    ],
)
def test_a_way_through_a_role_that_nobody_used_of_late(
    store, uses_of_hop: str | None, listed: str | None, not_known: int
) -> None:
    rows = [row for row in rows_of(store).values() if row.own["ends_in"] == org.HOP_ROLE]
    uses_of = {org.HOP_ROLE: uses_of_hop}
    found, unseen = unused_rows(rows, uses_of.get, "2026-08-24T00:00:00Z")
    assert [row.own["unused"] for row in found] == ([listed] if listed else [])
    assert unseen == not_known


def test_keys_do_not_change_with_what_is_beside(store, onward) -> None:
    before, after = rows_of(store), rows_of(onward())
    assert {row.key for row in before.values()} <= {row.key for row in after.values()}
