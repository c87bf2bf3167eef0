"""Who can, what can, and what keeps a request shut."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam import catalogue
from graph.iam.evaluate import decide
from graph.iam.locks import locks
from graph.iam.questions import what_can, who_can
from graph.iam.request import EVERY_KEY, Request
from graph.iam.resource_controls import (
    ALL_USERS,
    AccessPoint,
    AclGrant,
    Bucket,
    PublicAccessBlock,
)
from graph.verdict import Verdict
from tests.iam.worlds import (
    BUCKET,
    FULL,
    A,
    B,
    allow,
    alone,
    deny,
    grant,
    member,
    policy,
    role,
    root,
    trust,
    user,
    world,
)

LAW = settings(deadline=None, max_examples=80)
READ = "s3:GetObject"
KEY = f"{BUCKET}/x"
ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListAllMyBuckets",
    "iam:PassRole",
    "ec2:RunInstances",
)
GLOBS = ("*", "s3:*", "s3:Get*", "s3:ListAllMyBuckets", "iam:Pass*", "ec2:RunInstances", "?3:Put*")
RESOURCES = (
    "*",
    BUCKET,
    f"{BUCKET}/*",
    f"arn:aws:iam::{A}:role/*",
    "arn:aws:ec2:*:*:*",
    "arn:aws:ec2:*:*:instance/*",
)
INSTANCE = f"arn:aws:ec2:eu-west-1:{A}:instance/i-1"

conditions = st.sampled_from(
    [
        {},
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
    ]
)


@st.composite
def statements(draw, *, more=2):
    made = []
    for _ in range(draw(st.integers(0, more))):
        build = draw(st.sampled_from([allow, allow, deny]))
        element = draw(st.sampled_from(["Action", "Action", "NotAction"]))
        row = build(draw(st.sampled_from(GLOBS)), draw(st.sampled_from(RESOURCES)))
        row[element] = row.pop("Action")
        made.append({**row, **draw(conditions)})
    return made


@st.composite
def principals(draw):
    made = []
    for number in range(draw(st.integers(1, 5))):
        limits = draw(statements())
        one = draw(st.sampled_from([user, role]))
        made.append(
            one(
                *draw(statements()),
                name=f"p{number}",
                account=draw(st.sampled_from([A, A, B])),
                boundary=policy(*limits, name="boundary") if limits else None,
                tags=(("team", draw(st.sampled_from(["red", "blue"]))),),
            )
        )
    return [*made, root(A)]


@st.composite
def worlds(draw):
    scps = tuple((policy(*rows, name="scp"),) for rows in [draw(statements())] if rows)
    accounts = [member(A, (policy(FULL, name="full"),), *scps), alone(B)]
    who = draw(
        st.sampled_from(["*", A, B, f"arn:aws:iam::{A}:user/p0", f"arn:aws:iam::{B}:role/p1"])
    )
    rows = [grant({"AWS": who}, draw(st.sampled_from(GLOBS)), f"{BUCKET}/*", **draw(conditions))]
    held = draw(st.sampled_from([None, policy(*rows, name="bucket policy")]))
    return world(
        *draw(principals()),
        accounts=accounts,
        resource_policies={BUCKET: held},
        resource_accounts={BUCKET: A},
    )


@LAW
@given(
    worlds(),
    st.sampled_from(ACTIONS),
    st.sampled_from(["*", KEY, f"arn:aws:iam::{A}:role/x", INSTANCE]),
)
def test_who_can_is_can_over_all_principals(here, action, resource):
    asked = {
        arn: decide(here, Request(one, action, resource)) for arn, one in here.principals.items()
    }
    expected = {arn: one for arn, one in asked.items() if one.answer.verdict is not Verdict.NO}
    found = {held.source: held.decision for held in who_can(here, action, resource, outside=False)}
    assert found == expected


@settings(LAW, max_examples=30)
@given(worlds(), st.sampled_from(ACTIONS))
def test_what_can_is_no_stronger_and_no_weaker_than_can(here, action):
    """On any resource, identity side alone: a reach exactly where some resource is granted."""
    bit = catalogue.bits(action)
    pattern = not catalogue.is_wildcard_only(action)
    bare = world(*here.principals.values(), accounts=list(here.accounts.values()))
    for one in here.principals.values():
        powers = what_can(bare, one)
        asked = Request(one, action, "*", pattern=pattern, resource_policy=None)
        verdict = decide(bare, asked).answer.verdict
        reached = [power.reach for power in powers.powers if power.actions & bit]
        assert len(reached) <= 1, "the sets of powers are disjoint"
        if verdict is Verdict.NO:
            assert not reached
        if reached == ["all"]:
            assert verdict is Verdict.YES


def test_who_can_names_sources_outside_and_its_twin_does_not():
    open_to_b = policy(grant({"AWS": "444455556666"}, READ, f"{BUCKET}/*"))
    shut_acl = {BUCKET: Bucket(acls_enabled=False, acl=(), block=PublicAccessBlock())}
    rest = {"resource_accounts": {BUCKET: A}, "buckets": shut_acl,
            "public_access_blocks": {A: PublicAccessBlock()}}  # fmt: skip
    here = world(user(), resource_policies={BUCKET: open_to_b}, **rest)
    found = who_can(here, READ, KEY)
    assert [(one.source, one.kind) for one in found] == [("account:444455556666", "account")]
    assert found[0].decision.answer.verdict is Verdict.YES
    shut = world(user(), resource_policies={BUCKET: None}, **rest)
    assert who_can(shut, READ, KEY) == []
    unread = world(user(), resource_policies={BUCKET: None}, resource_accounts={BUCKET: A})
    assert {str(one.decision.answer.verdict) for one in who_can(unread, READ, KEY)} == {"unknown"}


@pytest.mark.parametrize("way", ["grant", "share", "access point", "other resource", "none"])
def test_whoever_is_let_in_beside_the_statements_is_found(way):
    """Two alike roles of which only one is let in: neither may stand for the other."""
    one, other = role(allow("ec2:*")), role(name="other")
    key, point = f"arn:aws:kms:eu-west-1:{A}:key/k", f"arn:aws:s3:eu-west-1:{A}:accesspoint/p"
    by_point = {"StringEquals": {"s3:DataAccessPointAccount": A}}
    granted = policy(grant({"AWS": other.arn}, "kms:Decrypt"))
    policies = {
        key: policy(grant({"AWS": A}, "kms:*")),
        BUCKET: policy(grant({"AWS": "*"}, Condition=by_point)),
        point: policy(grant({"AWS": other.arn}, READ, f"{point}/object/*")),
    }
    here = world(
        one,
        other,
        role(name="third"),
        resource_policies=policies,
        resource_accounts={BUCKET: A},
        key_grants={key: granted if way == "grant" else None},
        access_points={point: AccessPoint(bucket=BUCKET, bucket_account=A)},
        shares={INSTANCE: (other.arn,)} if way == "share" else {},
    )
    action, resource = {
        "access point": (READ, f"{point}/object/x"),
        "share": ("ec2:StartInstances", INSTANCE),
        "other resource": ("ec2:RunInstances", INSTANCE),
    }.get(way, ("kms:Decrypt", key))
    found = {held.source for held in who_can(here, action, resource, outside=False)}
    asked = {
        arn
        for arn, principal in here.principals.items()
        if decide(here, Request(principal, action, resource)).answer.verdict is not Verdict.NO
    }
    assert found == asked
    expected = {"grant": other.arn, "access point": other.arn, "other resource": one.arn}.get(way)
    assert (expected in found) if expected else (other.arn not in found)


def test_who_can_says_the_condition_of_a_source():
    row = grant(
        "*", READ, f"{BUCKET}/*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}
    )
    here = world(user(), resource_policies={BUCKET: policy(row)}, resource_accounts={BUCKET: A})
    assert "org:o-abc" in {one.source for one in who_can(here, READ, KEY)}
    row = grant("*", READ, f"{BUCKET}/*")
    here = world(user(), resource_policies={BUCKET: policy(row)}, resource_accounts={BUCKET: A})
    assert "org:o-abc" not in {one.source for one in who_can(here, READ, KEY)}


@pytest.mark.parametrize("resource", ["role/x", "role/*"])
@pytest.mark.parametrize(
    ("collected", "said"),
    [(False, {"account:444455556666": ("unknown", ("not_collected:principals=444455556666",))}),
     (True, {})],
)  # fmt: skip
def test_who_of_an_account_that_was_not_collected_can_is_open(resource, collected, said):
    owner = "444455556666"
    here = world(user(), accounts=[alone(A), replace(alone(owner), collected=collected)])
    asked = f"arn:aws:iam::{owner}:{resource}"
    rows = who_can(here, "iam:PassRole", asked, like={"pattern": "*" in resource})
    found = {one.source: one.decision.answer for one in rows}
    assert {who: (str(one.verdict), one.conditions) for who, one in found.items()} == said
    assert not who_can(here, "iam:PassRole", asked, outside=False)


def test_an_acl_lets_in_where_no_policy_does_and_its_twin_does_not():
    def here(*grants, acls=True):
        bucket = Bucket(acls_enabled=acls, acl=grants, block=PublicAccessBlock())
        return world(
            user(),
            resource_policies={BUCKET: None},
            resource_accounts={BUCKET: A},
            buckets={BUCKET: bucket},
            public_access_blocks={A: PublicAccessBlock()},
        )

    everyone = AclGrant(ALL_USERS, "READ")
    found = {one.source for one in who_can(here(everyone), "s3:ListBucket", BUCKET)}
    assert found == {"internet", user().arn}
    assert who_can(here(everyone, acls=False), "s3:ListBucket", BUCKET) == []
    assert who_can(here(), "s3:ListBucket", BUCKET) == []
    other = AclGrant("a" * 64, "READ")
    assert [one.source for one in who_can(here(other), "s3:ListBucket", BUCKET)] == [
        f"canonical:{'a' * 64}"
    ]


def reach_of(principal, action, **more):
    powers = what_can(world(principal, **more), principal)
    bit = catalogue.bits(action)
    return next((power for power in powers.powers if power.actions & bit), None)


def test_all_resources_and_some():
    assert reach_of(user(allow("s3:*")), READ).reach == "all"
    some = reach_of(user(allow("s3:*", f"{BUCKET}/*")), READ)
    assert (some.reach, some.resources) == ("some", (f"{BUCKET}/*",))


def test_a_resource_that_the_action_is_not_about_gives_nothing():
    objects = user(allow("s3:*", f"{BUCKET}/*"))
    assert reach_of(objects, "s3:ListBucket") is None
    assert reach_of(user(allow("s3:*", BUCKET)), "s3:ListBucket").reach == "some"
    assert reach_of(objects, "s3:ListAllMyBuckets") is None
    assert reach_of(user(allow("s3:*")), "s3:ListAllMyBuckets").reach == "all"


def test_an_incomplete_arn_is_a_pattern_and_a_whole_one_is_not():
    """AWS adds ``*`` for each segment that is missing."""
    for short in ("arn:aws:s3", "arn:aws"):
        principal = user(allow("s3:*", short))
        found = reach_of(principal, READ)
        assert (found.reach, found.resources) == ("some", (short,))
        said = decide(world(principal), Request(principal, READ, KEY, A, resource_policy=None))
        assert said.answer.verdict is Verdict.YES
    assert reach_of(user(allow("s3:*", "arn:aws:sqs")), READ) is None
    assert reach_of(user(allow("s3:*", "arn:aws:s3:::")), READ) is None


def test_a_deny_of_a_part_leaves_some_and_names_the_part():
    found = reach_of(user(allow("s3:*"), deny("s3:*", f"{BUCKET}/*")), READ)
    assert (found.reach, found.resources, found.but) == ("some", ("*",), (f"{BUCKET}/*",))
    assert reach_of(user(allow("s3:*"), deny("s3:*")), READ) is None


def test_not_resource_leaves_out():
    row = allow("s3:*")
    row["NotResource"] = f"{BUCKET}/*"
    del row["Resource"]
    found = reach_of(user(row), READ)
    assert (found.reach, found.but) == ("some", (f"{BUCKET}/*",))


def test_conditions_make_a_reach_conditional_unless_the_facts_settle_them():
    by_tag = allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    assert reach_of(user(by_tag, tags=(("team", "red"),)), READ).reach == "all"
    assert reach_of(user(by_tag, tags=(("team", "blue"),)), READ) is None
    by_address = allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    found = reach_of(user(by_address), READ)
    assert (found.reach, found.conditions) == ("conditional", ("context:aws:SourceIp=10.0.0.0/8",))


@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "scp"])
def test_what_a_layer_takes_away_is_counted_by_layer(layer):
    accounts, more, rows = None, {}, [allow("s3:*")]
    if layer == "identity":
        rows.append(deny("s3:Put*"))
    elif layer == "boundary":
        more["boundary"] = policy(allow("s3:Get*"))
    elif layer == "session":
        more["session_policies"] = (policy(allow("s3:Get*")),)
    else:
        accounts = [member(A, (policy(FULL, deny("s3:Put*")),)), alone(B)]
    principal = role(*rows, **more)
    powers = what_can(world(principal, accounts=accounts), principal)
    put = catalogue.bits("s3:PutObject")
    assert set(powers.cut) == {layer}
    assert powers.cut[layer] & put
    assert not powers.reaching() & put
    assert powers.reaching("all") & catalogue.bits(READ)
    bare = role(allow("s3:*"))
    assert what_can(world(bare), bare).cut == {}


def test_the_root_user_can_everything_that_scps_leave():
    powers = what_can(world(root()), root())
    assert powers.reaching("all").bit_count() == len(catalogue.all_actions())
    cut = [member(A, (policy(FULL, deny("iam:*")),))]
    powers = what_can(world(root(), accounts=cut), root())
    assert not powers.reaching() & catalogue.service_bits("iam")


def test_what_was_not_collected_is_unknown_not_nothing():
    principal = user(gaps=(("iam:group", f"{A}/ops"),))
    powers = what_can(world(principal), principal)
    assert powers.reaching("unknown").bit_count() == len(catalogue.all_actions())
    whole = user()
    assert what_can(world(whole), whole).powers == ()


def test_an_action_that_no_catalogue_has_is_named():
    assert what_can(world(), user(allow("s3:GetObjekt"))).unlisted == ("s3:GetObjekt",)


def test_ten_thousand_statements_are_no_trouble():
    names = catalogue.all_actions()
    rows = [allow(names[n], f"arn:aws:s3:::b{n}/*") for n in range(10_000)]
    principal = user(*rows)
    powers = what_can(world(principal), principal)
    assert powers.reaching("some") & catalogue.service_bits("s3") == 0
    assert len(who_can(world(principal), names[7], "arn:aws:s3:::b7/x", outside=False)) == 1


def shut(principal, action=READ, resource=KEY, **more):
    here = world(principal, **more)
    request = Request(principal, action, resource, A)
    return locks(here, request, decide(here, request))


def test_the_only_lock_is_said_to_be_the_only_one():
    found = shut(user(allow("s3:*"), deny(READ, Sid="NoRead")), resource_policies={BUCKET: None})
    assert [(one.layer, one.without, one.only_one) for one in found] == [
        ("identity", Verdict.YES, True)
    ]
    assert "NoRead" in found[0].text


def test_of_two_locks_neither_is_the_only_one():
    limited = user(allow("s3:*"), deny(READ), boundary=policy(allow("sqs:*")), name="bob")
    found = shut(limited, resource_policies={BUCKET: None})
    assert [(one.layer, one.without, one.only_one) for one in found] == [
        ("identity", Verdict.NO, False),
        ("boundary", Verdict.NO, False),
    ]


def test_no_allow_is_a_lock_of_the_identity_policies():
    found = shut(user(), resource_policies={BUCKET: None})
    assert [(one.layer, one.statement, one.without) for one in found] == [
        ("identity", None, Verdict.YES)
    ]
    assert shut(user(allow(READ)), resource_policies={BUCKET: None}) == []


def test_a_lock_taken_off_may_leave_a_condition():
    row = allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    (found,) = shut(user(row, deny(READ)), resource_policies={BUCKET: None})
    assert (found.without, found.only_one) == (Verdict.CONDITIONAL, True)


def test_scp_and_trust_locks():
    denied = [member(A, (policy(FULL, deny("s3:*"), name="scp"),)), alone(B)]
    (found,) = shut(user(allow("s3:*")), accounts=denied, resource_policies={BUCKET: None})
    assert (found.layer, found.only_one) == ("scp", True)
    silent = [member(A, (policy(allow("sqs:*"), name="scp"),)), alone(B)]
    (found,) = shut(user(allow("s3:*")), accounts=silent, resource_policies={BUCKET: None})
    assert (found.layer, found.only_one, found.statement) == ("scp", True, None)
    target = role(name="target", trust=trust({"AWS": f"arn:aws:iam::{A}:user/other"}))
    caller = user(allow("sts:AssumeRole"))
    here = world(caller, target)
    request = Request(caller, "sts:AssumeRole", target.arn)
    (found,) = locks(here, request, decide(here, request))
    assert (found.layer, found.only_one) == ("trust_policy", True)


def test_every_key_absent_settles_what_is_not_known():
    row = allow(READ, Condition={"Null": {"aws:SourceIp": "true"}})
    here, one = world(user(row), resource_policies={BUCKET: None}), user(row)
    asked = Request(one, READ, KEY, A)
    assert decide(here, asked).answer.verdict is Verdict.CONDITIONAL
    absent = Request(one, READ, KEY, A, absent=frozenset({EVERY_KEY}))
    assert decide(here, absent).answer.verdict is Verdict.YES
    stated = Request(
        one, READ, KEY, A, {"aws:SourceIp": ("10.1.1.1",)}, absent=frozenset({EVERY_KEY})
    )
    assert decide(here, stated).answer.verdict is Verdict.NO


def test_every_key_absent_leaves_what_is_always_there():
    row = allow(READ, Condition={"StringEquals": {"aws:PrincipalAccount": A}})
    one = user(row)
    here = world(one, resource_policies={BUCKET: None})
    absent = Request(one, READ, KEY, A, absent=frozenset({EVERY_KEY}))
    assert decide(here, absent).answer.verdict is Verdict.YES


SUBNET = f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-1"
OUTSIDE, MANAGEMENT = "444455556666", "777788889999"


@pytest.mark.parametrize(
    ("shared_with", "source", "kind"),
    [
        (OUTSIDE, f"account:{OUTSIDE}", "account"),
        (f"arn:aws:iam::{OUTSIDE}:role/x", f"arn:aws:iam::{OUTSIDE}:role/x", "principal"),
        (f"arn:aws:organizations::{MANAGEMENT}:organization/o-abc", "org:o-abc", "org"),
        (f"arn:aws:organizations::{MANAGEMENT}:ou/o-abc/ou-1-x", "org:o-abc/ou-1-x", "org"),
        ("ec2.amazonaws.com", "service:ec2.amazonaws.com", "service"),
    ],
)
def test_whom_a_share_names_outside_is_a_source_and_nobody_without_it(shared_with, source, kind):
    read = {"shares_read": frozenset({f"{A}/eu-west-1"})}
    here = world(user(), shares={SUBNET: (shared_with,)}, **read)
    (found,) = who_can(here, "ec2:ModifySubnetAttribute", SUBNET)
    assert (found.source, found.kind) == (source, kind)
    answer = found.decision.answer
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.assumes == ()
    assert "fresh" not in f"{answer}"
    assert who_can(world(user(), **read), "ec2:ModifySubnetAttribute", SUBNET) == []


def test_a_share_with_a_collected_principal_is_its_own_row_alone():
    one = role(allow("ec2:*"), account=B)
    here = world(
        one,
        accounts=[alone(A), alone(B)],
        shares={SUBNET: (one.arn, B)},
        shares_read=frozenset({f"{A}/eu-west-1"}),
    )
    found = who_can(here, "ec2:ModifySubnetAttribute", SUBNET)
    assert [held.source for held in found] == [one.arn]


@pytest.mark.parametrize(
    ("types", "reached"), [(["instance/*"], []), (["*/*"], ["some"]), (["*"], ["all"])]
)
def test_a_call_of_several_types_needs_each_of_them(types, reached):
    """ec2:RunInstances asks for an image, a subnet, a network interface and more."""
    arns = [one if one == "*" else f"arn:aws:ec2:*:*:{one}" for one in types]
    alice = user(allow("ec2:RunInstances", arns))
    found = what_can(world(alice), alice)
    bit = catalogue.bits("ec2:RunInstances")
    assert [power.reach for power in found.powers if power.actions & bit] == reached
