"""Access of collected principals to data resources: groups of both, each case with its twin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.access import DataResource, access_of, actions_of, level_of
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.resource_controls import Bucket, PublicAccessBlock
from graph.iam.world import ANONYMOUS
from graph.verdict import Verdict
from tests.iam.worlds import A, B, allow, deny, grant, member, policy, role, user, world

SHUT = Bucket(acls_enabled=False, acl=(), block=PublicAccessBlock(True, True))


def bucket(name: str, account: str = A, tags: tuple[tuple[str, str], ...] = ()) -> DataResource:
    return DataResource(f"arn:aws:s3:::{name}", "AWS::S3::Bucket", account, "eu-west-1", tags)


def queue(name: str, account: str = A) -> DataResource:
    arn = f"arn:aws:sqs:eu-west-1:{account}:{name}"
    return DataResource(arn, "AWS::SQS::Queue", account, "eu-west-1", ())


def closed(*principals, resources, policies=None, **more):
    """A world whose resources have no policy but those given, nothing public."""
    given = {one.arn: None for one in resources} | (policies or {})
    return world(
        *principals,
        resource_policies=given,
        resource_accounts={one.arn: one.account for one in resources},
        buckets={one.arn: SHUT for one in resources if one.type == "AWS::S3::Bucket"},
        public_access_blocks={A: SHUT.block, B: SHUT.block},
        **more,
    )


def rows(here, resources, left_out=None):
    return list(access_of(here, resources, left_out or {}))


def pairs(here, resources, left_out=None):
    """(principal, resource, action) that is allowed, with the verdict."""
    return {
        (member_arn, arn, action): str(row.answer.verdict)
        for row in rows(here, resources, left_out)
        for member_arn in row.members
        for arn in row.resources
        for action in row.actions
    }


def test_who_holds_a_statement_and_what_it_meets_are_one_row():
    buckets = [bucket(f"logs-{number}") for number in range(20)]
    people = [user(allow("s3:GetObject", "arn:aws:s3:::logs-*"), name=f"u{n}") for n in range(9)]
    (row,) = rows(closed(*people, resources=buckets), buckets)
    assert (len(row.members), len(row.resources), row.actions) == (9, 20, ("s3:GetObject",))
    other = user(allow("s3:GetObject", "arn:aws:s3:::data/*"))
    assert rows(closed(other, resources=buckets), buckets) == []


def test_a_deny_of_one_resource_takes_it_out_of_the_row():
    buckets = [bucket(f"logs-{number}") for number in range(5)]
    may = allow("s3:GetObject", "*")
    alice = user(may, deny("s3:*", ["arn:aws:s3:::logs-3", "arn:aws:s3:::logs-3/*"]))
    found = pairs(closed(alice, resources=buckets), buckets)
    assert {arn[-1] for _, arn, _ in found} == {"0", "1", "2", "4"}
    twin = pairs(closed(user(may), resources=buckets), buckets)
    assert {arn[-1] for _, arn, _ in twin} == {"0", "1", "2", "3", "4"}


def test_admins_are_left_out_in_their_own_account_alone():
    own, foreign = queue("own"), queue("foreign", B)
    admin = user(allow())
    shared = {foreign.arn: policy(grant({"AWS": A}, "sqs:SendMessage"))}
    here = closed(admin, resources=[own, foreign], policies=shared)
    out = {A: frozenset((admin.arn,))}
    assert {arn for _, arn, _ in pairs(here, [own, foreign], out)} == {foreign.arn}
    assert {arn for _, arn, _ in pairs(here, [own, foreign])} == {own.arn, foreign.arn}


def test_from_another_account_both_sides_must_allow():
    theirs = queue("orders", B)
    may = allow("sqs:SendMessage", theirs.arn)
    open_to = {theirs.arn: policy(grant({"AWS": A}, "sqs:SendMessage"))}
    both = closed(user(may), resources=[theirs], policies=open_to)
    assert pairs(both, [theirs]) == {(user().arn, theirs.arn, "sqs:SendMessage"): "yes"}
    assert pairs(closed(user(may), resources=[theirs]), [theirs]) == {}
    assert pairs(closed(user(), resources=[theirs], policies=open_to), [theirs]) == {}


def test_a_principal_that_the_policy_names_needs_no_statement_of_its_own():
    own = queue("orders")
    named = {own.arn: policy(grant({"AWS": user().arn}, "sqs:ReceiveMessage"))}
    here = closed(user(), user(name="bob"), resources=[own], policies=named)
    assert pairs(here, [own]) == {(user().arn, own.arn, "sqs:ReceiveMessage"): "yes"}
    everyone = {own.arn: policy(grant("*", "sqs:ReceiveMessage"))}
    here = closed(user(), user(name="bob"), resources=[own], policies=everyone)
    assert {who for who, _, _ in pairs(here, [own])} == {user().arn, user(name="bob").arn}


def test_tags_tell_resources_apart_only_where_a_statement_asks_for_them():
    red, blue = bucket("red", tags=(("team", "red"),)), bucket("blue", tags=(("team", "blue"),))
    test = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}
    tagged = closed(user(allow("s3:ListBucket", "*", **test)), resources=[red, blue])
    assert {arn for _, arn, _ in pairs(tagged, [red, blue])} == {red.arn}
    free = closed(user(allow("s3:ListBucket", "*")), resources=[red, blue])
    assert {arn for _, arn, _ in pairs(free, [red, blue])} == {red.arn, blue.arn}


def test_a_service_linked_role_is_nobodys_way():
    own = bucket("logs")
    linked = role(allow("s3:*", "*"), path="/aws-service-role/x/", name="linked")
    plain = role(allow("s3:*", "*"), name="plain")
    here = closed(linked, plain, resources=[own])
    assert {who for who, _, _ in pairs(here, [own])} == {plain.arn}


def test_what_was_not_read_is_no_pair():
    own = queue("orders")
    gap = user(gaps=(("iam:group", "x"),))
    assert pairs(closed(gap, resources=[own]), [own]) == {}


@pytest.mark.parametrize("level", ["read", "write", "admin"])
def test_every_type_has_actions_of_every_level(level):
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SQS::Queue", "AWS::ECR::Repository"):
        found = [one for one in actions_of(kind) if one.level == level]
        assert found
        assert all(level_of(one.name) == level for one in found)
    assert actions_of("AWS::EC2::VPC") == ()


RESOURCES = [
    bucket("logs-1", tags=(("team", "red"),)),
    bucket("logs-2"),
    bucket("data", B),
    queue("orders"),
    queue("audit", B),
]
NAMES = ["*", "arn:aws:s3:::logs-*", "arn:aws:s3:::logs-1/*", "arn:aws:s3:::*", RESOURCES[3].arn]
NAMES += ["arn:aws:sqs:*:*:*", "arn:aws:s3:::${aws:username}/*", RESOURCES[4].arn]
TESTS = [
    {},
    {"StringEquals": {"aws:ResourceTag/team": "red"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringLike": {"aws:username": "u*"}},
    {"ArnNotLike": {"aws:PrincipalArn": "*/u1"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
]
ACTIONS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "sqs:*", "sqs:SendMessage", "s3:PutObject"]


def identity_statements():
    return st.builds(
        lambda effect, action, resource, test: {
            "Effect": effect,
            "Action": action,
            "Resource": resource,
            **({"Condition": test} if test else {}),
        },
        st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
        st.sampled_from(ACTIONS),
        st.sampled_from(NAMES),
        st.sampled_from(TESTS),
    )


def resource_statements():
    named = ["*", {"AWS": A}, {"AWS": B}, {"AWS": f"arn:aws:iam::{A}:user/u1"}]
    return st.builds(
        lambda effect, principal, action, test: {
            "Effect": effect,
            "Principal": principal,
            "Action": action,
            "Resource": "*",
            **({"Condition": test} if test else {}),
        },
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.sampled_from(named),
        st.sampled_from(ACTIONS),
        st.sampled_from(TESTS),
    )


@st.composite
def worlds(draw):
    pool = draw(st.lists(identity_statements(), min_size=1, max_size=4))
    people = []
    for number in range(draw(st.integers(1, 7))):
        mine = draw(st.lists(st.sampled_from(pool), max_size=3))
        tags = draw(st.sampled_from([(), (("team", "red"),)]))
        limit = draw(st.sampled_from([None, None, policy(allow("s3:*"), name="boundary")]))
        account = draw(st.sampled_from([A, A, B]))
        people.append(user(*mine, name=f"u{number}", account=account, tags=tags, boundary=limit))
    policies = {
        one.arn: draw(
            st.one_of(
                st.none(),
                st.lists(resource_statements(), min_size=1, max_size=2).map(
                    lambda rows: policy(*rows, name="resource policy")
                ),
            )
        )
        for one in RESOURCES
    }
    scp = policy(allow(), deny("s3:Put*", "*", Condition=draw(st.sampled_from(TESTS[1:5]))))
    accounts = draw(st.sampled_from([None, [member(A, (scp,)), member(B)]]))
    more = {} if accounts is None else {"accounts": accounts}
    return closed(*people, resources=RESOURCES, policies=policies, **more)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_rows_say_what_asking_for_each_pair_says(here):
    """But for what a stranger may do unsigned: that is the internet's, not each principal's."""
    found = pairs(here, RESOURCES)
    expected = {}
    for one in here.principals.values():
        for row in RESOURCES:
            for action in actions_of(row.type):
                request = Request(
                    one,
                    action.name,
                    row.arn + action.below,
                    row.account,
                    resource_tags=row.tags,
                    pattern=bool(action.below),
                )
                unsigned = evaluate(here, replace(request, principal=ANONYMOUS))
                key = (one.arn, row.arn, action.name)
                if one.account != row.account and unsigned.verdict is not Verdict.NO:
                    found.pop(key, None)
                    continue
                answer = evaluate(here, request)
                if answer.verdict.rank >= Verdict.CONDITIONAL.rank:
                    expected[key] = str(answer.verdict)
    assert found == expected


def test_keys_in_different_states_are_told_apart():
    keys = [
        DataResource(f"arn:aws:kms:eu-west-1:{A}:key/{name}", "AWS::KMS::Key", A, state=state)
        for name, state in (("on", "Enabled"), ("off", "Disabled"), ("unread", ""))
    ]
    delegated = policy(allow("kms:*", "*", Principal={"AWS": A}))
    here = closed(
        user(allow("kms:Decrypt", "*")),
        resources=keys,
        policies={one.arn: delegated for one in keys},
    )
    found = {arn.rpartition("/")[2]: verdict for (_, arn, _), verdict in pairs(here, keys).items()}
    assert found == {"on": "yes", "off": "dormant", "unread": "yes"}


FUNCTION = DataResource(
    f"arn:aws:lambda:eu-west-1:{A}:function:hook", "AWS::Lambda::Function", A, "eu-west-1", ()
)
BY_URL = {
    **allow("lambda:InvokeFunction", FUNCTION.arn),
    "Principal": "*",
    "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
}


def invoking(*statements, holds=()):
    """Who may invoke the function, by a policy of its own and one of each principal."""
    names = ("plain", "caller")
    people = [user(*(holds if name == "caller" else ()), name=name) for name in names]
    abroad = role(allow("lambda:*"), name="abroad", account=B)
    document = policy(*statements)
    here = closed(*people, abroad, resources=[FUNCTION], policies={FUNCTION.arn: document})
    found = pairs(here, [FUNCTION])
    return {
        arn.rpartition("/")[2]: verdict
        for (arn, _, action), verdict in found.items()
        if action == "lambda:InvokeFunction"
    }


def test_a_statement_for_calls_by_the_url_needs_the_urls_own_action_too():
    """https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"""
    url = {**allow("lambda:InvokeFunctionUrl", FUNCTION.arn), "Principal": "*"}
    assert invoking(BY_URL) == {}
    both = invoking(BY_URL, url)
    assert both == dict.fromkeys(("plain", "caller", "abroad"), "conditional")
    own = allow("lambda:InvokeFunctionUrl", FUNCTION.arn)
    assert invoking(BY_URL, holds=(own,)) == {"caller": "conditional"}


def test_who_may_call_directly_needs_no_url():
    direct = allow("lambda:InvokeFunction", FUNCTION.arn)
    assert invoking(BY_URL, holds=(direct,)) == {"caller": "yes"}
    if_exists = {**BY_URL, "Condition": {"BoolIfExists": BY_URL["Condition"]["Bool"]}}
    assert set(invoking(if_exists)) == {"plain", "caller", "abroad"}
