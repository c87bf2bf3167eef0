"""Who can equals can: classes of principals, grantees and ``who_can`` against one by one."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.classes import holders, statements_in_play
from graph.iam.evaluate import evaluate
from graph.iam.grantees import bare, grantees
from graph.iam.questions import who_can
from graph.iam.request import Request
from graph.iam.world import IamWorld, Policy, Principal
from tests.iam.worlds import BUCKET, FULL, A, B, member, policy, root, trust, world

LAW = settings(deadline=None, max_examples=50)

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:q"
QUESTIONS = [
    ("s3:GetObject", f"{BUCKET}/x", False),
    ("s3:GetObject", f"{BUCKET}/p1/x", False),
    ("s3:GetObject", f"{BUCKET}/ops/x", False),
    ("s3:GetObject", f"{BUCKET}/*", True),
    ("s3:PutObject", f"{BUCKET}/x", False),
    ("sqs:SendMessage", QUEUE, False),
    ("ec2:DescribeInstances", "*", False),
    ("sts:AssumeRole", f"arn:aws:iam::{A}:role/target", False),
]
ACTIONS = [
    "*",
    "*",
    "*",
    "s3:*",
    "s3:Get*",
    "S3:GETOBJECT",
    "sqs:*",
    "ec2:Describe*",
    "sts:AssumeRole",
]
TEAM = "${aws:PrincipalTag/team}"
RESOURCES = [
    "*",
    "*",
    f"{BUCKET}/*",
    f"{BUCKET}/x",
    BUCKET + "/${aws:username}/*",
    f"{BUCKET}/{TEAM}/*",
    BUCKET + "/${aws:PrincipalTag/team, 'ops'}/*",
    QUEUE,
    f"arn:aws:iam::{A}:role/*",
    "arn:aws:s3",
    f"arn:aws:sqs:eu-west-1:{A}",
    "arn:aws:s3:*:data/x",
]
CONDITIONS = [
    {"StringEquals": {"aws:PrincipalTag/Team": "ops"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["ops", "dev"]}},
    {"Null": {"aws:PrincipalTag/team": "false"}},
    {"StringLike": {"aws:username": ["p1*", "p3"]}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:user/p?"}},
    {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/p2", "arn:aws:iam::*:user/*"]}},
    {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    {"StringEquals": {"aws:username": TEAM}},
    {"StringEquals": {"s3:k1": TEAM}},
    {"StringEquals": {"s3:k1": "a"}},
    {"StringEquals": {"aws:PrincipalAccount": A}, "Bool": {"aws:SecureTransport": "true"}},
    {"StringLike": {"aws:userid": "AROAP2*:*"}},
]
NAMED = [
    "*",
    A,
    f"arn:aws:iam::{A}:user/p0",
    f"arn:aws:iam::{A}:user/p1",
    f"arn:aws:iam::{A}:role/p2",
    f"arn:aws:sts::{A}:assumed-role/p2/run",
    f"arn:aws:iam::{B}:role/p5",
    "AROAP2000000000000000",
    "AIDAGONE0000000000000",
]


def statements(effects=(*["Allow"] * 5, "Deny")):
    """A Deny always has a condition: without one little would be allowed."""
    return st.builds(
        lambda effect, action, element, resources, condition: {
            "Effect": effect,
            "Action": action,
            element: resources,
            **({"Condition": condition or CONDITIONS[5]} if condition or effect == "Deny" else {}),
        },
        st.sampled_from(effects),
        st.sampled_from(ACTIONS),
        st.sampled_from(["Resource", "Resource", "Resource", "Resource", "NotResource"]),
        st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2, unique=True),
        st.none() | st.none() | st.sampled_from(CONDITIONS),
    )


def named_statements():
    """Statements of resource policies: some principals, or everyone but some."""
    return st.builds(
        lambda row, names, but: (
            row | ({"NotPrincipal": {"AWS": names}} if but else {"Principal": {"AWS": names}})
        ),
        statements(),
        st.lists(st.sampled_from(NAMED), min_size=1, max_size=3, unique=True),
        st.sampled_from([False, False, False, True]),
    )


people = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["user", "role"]),
        "account": st.sampled_from([A, A, A, B]),
        "shared": st.sets(st.integers(0, 2), min_size=1, max_size=2),
        "own": st.none() | st.none() | statements(),
        "boundary": st.sampled_from([None, None, None, 0, 1]),
        "team": st.sampled_from([None, "ops", "dev", "p1", "*"]),
        "tagging": st.booleans(),
        "unread": st.sampled_from([False] * 9 + [True]),
        "linked": st.sampled_from([False] * 9 + [True]),
    }
)
drawn_worlds = st.fixed_dictionaries(
    {
        "shared": st.lists(st.lists(statements(), min_size=1, max_size=2), min_size=3, max_size=3),
        "boundaries": st.lists(statements(), min_size=2, max_size=2),
        "scp": st.none() | st.lists(statements(), min_size=1, max_size=2),
        "rcp": st.none() | st.none() | statements(("Deny",)),
        "resource": st.none() | st.lists(named_statements(), min_size=1, max_size=3),
        "people": st.lists(people, min_size=3, max_size=40),
        "times": st.sampled_from([1, 1, 1, 20]),
    }
)
"""Accounts of 3 to 40 principals that share statements, boundaries and tags, and have own ones."""


def _principal(number: int, drawn, shared, boundaries) -> Principal:
    kind, account = drawn["kind"], drawn["account"]
    policies = [shared[one] for one in sorted(drawn["shared"])]
    if drawn["own"]:
        policies.append(policy(drawn["own"], name="own"))
    if drawn["unread"]:
        policies.append(Policy("Unread", None, arn=f"arn:aws:iam::{account}:policy/Unread"))
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if drawn["tagging"] else [])]
    prefix = "AIDA" if kind == "user" else "AROA"
    linked = drawn["linked"] and kind == "role"
    path = "/aws-service-role/x.amazonaws.com/" if linked else "/"
    return Principal(
        arn=f"arn:aws:iam::{account}:{kind}{path}p{number}",
        account=account,
        kind=kind,
        name=f"p{number}",
        path=path,
        unique_id=f"{prefix}P{number}000000000000000"[:21],
        tags=(("Team", drawn["team"]),) if drawn["team"] else (),
        policies=tuple(policies),
        boundary=None if drawn["boundary"] is None else boundaries[drawn["boundary"]],
        trust=trust({"AWS": A}, actions) if kind == "role" else None,
    )


def made(drawn) -> IamWorld:
    shared = [policy(*rows, name=f"shared {n}") for n, rows in enumerate(drawn["shared"])]
    boundaries = [
        policy(FULL, row, name=f"boundary {n}") for n, row in enumerate(drawn["boundaries"])
    ]
    # Some accounts are full of the same few: masks of many members are split in another way.
    listed = (drawn["people"] * drawn["times"])[:40]
    found = [_principal(n, row, shared, boundaries) for n, row in enumerate(listed)]
    level = (policy(FULL, *(drawn["scp"] or ()), name="SCP"),)
    rcp = drawn["rcp"] and policy({**drawn["rcp"], "Principal": "*"}, name="RCP")
    opened = policy(*drawn["resource"], name="resource policy") if drawn["resource"] else None
    target = Principal(
        f"arn:aws:iam::{A}:role/target", A, "role", "target", trust=_as_trust(drawn["resource"])
    )
    return world(
        *found,
        root(),
        target,
        accounts=[member(one, level, rcps=(rcp,) if rcp else ()) for one in (A, B)],
        resource_policies={BUCKET: opened, QUEUE: opened},
        resource_accounts={BUCKET: A},
    )


def _as_trust(rows) -> Policy:
    """The same statements as a role's trust policy, which has no resources."""
    kept = [{k: v for k, v in row.items() if not k.endswith("Resource")} for row in rows or ()]
    kept.append({"Effect": "Allow", "Principal": {"AWS": A}, "Action": "sts:AssumeRole"})
    return policy(*kept, name="trust policy")


def _requests(here: IamWorld):
    """Each question with the policy that the resource carries."""
    for action, resource, pattern in QUESTIONS:
        carried = here.resource_policies.get(resource.partition("/")[0])
        if action.startswith("sts:"):
            carried = here.principals[resource].trust
        request = Request(root(), action, resource, pattern=pattern, other_grants_seen=True)
        yield request, carried


def _can(here: IamWorld, request: Request, one: Principal):
    fields = {name: getattr(request, name) for name in request.__dataclass_fields__}
    return evaluate(here, Request(**fields | {"principal": one}))


def _judged(here: IamWorld, request: Request, account: str):
    """Each principal's own answer."""
    return {
        one.arn: bare(_can(here, request, one))
        for one in here.by_account.get(account, ())
        if one.kind != "root"
    }


def test_the_worlds_hold_a_fair_share_of_each_verdict():
    seen = Counter()

    @settings(deadline=None, max_examples=40, derandomize=True, database=None)
    @given(drawn_worlds)
    def count(drawn):
        here = made(drawn)
        for request, _ in _requests(here):
            seen.update(str(one.verdict) for one in _judged(here, request, A).values())

    count()
    total = sum(seen.values())
    assert seen["yes"] + seen["conditional"] > total / 5
    assert min(seen["yes"], seen["no"]) > total / 10
    assert seen["conditional"] > total / 50


def _members_get_their_classes_answer(drawn):
    here = made(drawn)
    for request, carried in _requests(here):
        for account in (A, B):
            own = _judged(here, request, account)
            held = holders(here, account, request.action)
            rows = statements_in_play(here, account, A, request.action, carried)
            met = set()
            for alike in held.classes(request.resource_glob, rows):
                for one in held.listed(alike.mask):
                    assert own[one.arn] == own[alike.example.arn], (request, one.arn)
                    assert one.arn not in met
                    met.add(one.arn)
            assert met == set(own)


def _grantees_are_those_who_can(drawn):
    here = made(drawn)
    for request, _ in _requests(here):
        for account in (A, B):
            own = _judged(here, request, account)
            found = {}
            for row in grantees(here, account, request):
                for arn in row.members:
                    assert found.setdefault(arn, bare(row.answer)) == bare(row.answer)
            want = {arn: one for arn, one in own.items() if one.verdict != "no"}
            assert found == want, request


def _who_can_is_everyone_who_can(drawn):
    here = made(drawn)
    for request, _ in _requests(here):
        like = {"pattern": request.pattern, "other_grants_seen": True}
        rows = who_can(here, request.action, request.resource, like=like, outside=False)
        found = {row.source: bare(row.decision.answer) for row in rows}
        own = {one.arn: bare(_can(here, request, one)) for one in here.principals.values()}
        assert found == {arn: one for arn, one in own.items() if one.verdict != "no"}, request


LAWS = [
    _members_get_their_classes_answer,
    _grantees_are_those_who_can,
    _who_can_is_everyone_who_can,
]


@LAW
@given(drawn_worlds)
def test_every_member_of_a_class_gets_its_examples_answer(drawn):
    _members_get_their_classes_answer(drawn)


@LAW
@given(drawn_worlds)
def test_grantees_are_the_principals_whose_own_answer_is_not_no(drawn):
    _grantees_are_those_who_can(drawn)


@LAW
@given(drawn_worlds)
def test_who_can_lists_everyone_who_can(drawn):
    _who_can_is_everyone_who_can(drawn)


@pytest.mark.long
@pytest.mark.parametrize("law", LAWS)
def test_the_laws_hold_in_many_worlds(law):
    settings(deadline=None, max_examples=500)(given(drawn_worlds)(law))()


def test_a_notresource_that_leaves_the_resource_out_makes_nobody_alike():
    """Its holders stand in no class with those of an Allow that meets the resource."""
    beside = {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    shared = [policy(beside, name="beside"), policy(allowed, name="allowed")]
    row = {"kind": "user", "account": A, "own": None, "boundary": None, "team": None}
    row |= {"tagging": False, "unread": False, "linked": False}
    people = [_principal(n, row | {"shared": {n > 1}}, shared, []) for n in range(4)]
    here = world(*people, resource_policies={BUCKET: None}, resource_accounts={BUCKET: A})
    found = who_can(here, "s3:GetObject", f"{BUCKET}/x", like={"other_grants_seen": True})
    assert [one.source for one in found] == [one.arn for one in people[2:]]
