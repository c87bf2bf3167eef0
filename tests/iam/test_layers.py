"""Rules of combination: each with a twin that differs in one control.

Numbers are those of the rules of IAM's evaluation that the engine follows.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from graph.evidence import Ref
from graph.iam.document import BrokenPolicy, parse
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS, Account, IamWorld, Policy, outside_account
from graph.verdict import Verdict
from tests.iam.worlds import (
    BUCKET,
    FULL,
    LOOK_UP,
    NOT_COLLECTED,
    ORG,
    A,
    B,
    C,
    allow,
    ask,
    deny,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    trust,
    user,
    verdict,
    world,
)

GET = allow("s3:GetObject")
KEY = f"arn:aws:kms:eu-west-1:{A}:key/k"


def test_1_nothing_is_allowed_by_default_but_to_the_root_user():
    assert verdict(user()) == "no"
    assert verdict(user(GET)) == "yes"
    assert verdict(root()) == "yes"


def test_2_an_explicit_deny_wins_in_any_layer():
    assert verdict(user(GET, deny("s3:*"))) == "no"
    assert verdict(user(GET, deny("sqs:*"))) == "yes"
    assert verdict(user(GET), resource_policy=forbid("*")) == "no"
    assert verdict(user(GET), resource_policy=forbid("*", "s3:PutObject")) == "yes"


def test_4_group_policies_count_for_users():
    group = policy(GET, name="inline policy g (group ops)")
    plain = user()
    in_group = user()
    in_group = type(in_group)(**{**_fields(in_group), "policies": (group,)})
    assert verdict(plain) == "no"
    answer = ask(in_group)
    assert answer.verdict is Verdict.YES
    assert any("group ops" in step.text for step in answer.steps)


def _fields(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_5_in_one_account_either_side_is_enough():
    alice = user()
    assert verdict(alice, resource_policy=grant({"AWS": alice.arn})) == "yes"
    assert verdict(alice, resource_policy=grant({"AWS": user(name="bob").arn})) == "no"


def test_6_across_accounts_both_sides_must_allow():
    alice = user(GET)
    open_to_a = grant({"AWS": A})
    assert verdict(alice, owner=B, resource_policy=open_to_a) == "yes"
    assert verdict(user(), owner=B, resource_policy=open_to_a) == "no"
    assert verdict(alice, owner=B, resource_policy=None) == "no"  # rule 8


def test_7_the_owner_of_a_bucket_comes_from_the_snapshot_not_from_its_arn():
    alice = user(GET)
    at_home = world(alice, resource_accounts={BUCKET: A}, resource_policies={BUCKET: None})
    abroad = world(alice, resource_accounts={BUCKET: B}, resource_policies={BUCKET: None})
    assert verdict(alice, owner="", within=at_home, resource_policy=LOOK_UP) == "yes"
    assert verdict(alice, owner="", within=abroad, resource_policy=LOOK_UP) == "no"


def test_9_every_level_of_scps_must_allow_and_none_may_deny():
    alice = user(GET)
    full = (policy(FULL, name="FullAWSAccess"),)
    only_ec2 = (policy(allow("ec2:*"), name="OnlyEc2"),)
    both = (*only_ec2, *full)
    denying = (*full, policy(deny("s3:*"), name="NoS3"))
    for levels, expected in (
        ((full, full), "yes"),
        ((full, only_ec2), "no"),
        ((full, both), "yes"),
        ((denying, full), "no"),
    ):
        here = world(alice, accounts=[member(A, *levels)])
        assert verdict(alice, within=here) == expected


def test_10_scps_spare_the_management_account_service_linked_roles_and_other_organisations():
    closed = (policy(deny(), name="DenyAll"),)
    bound = member(A, closed)
    management = Account(
        A, membership="management", organization=ORG, scp_levels=(closed,), rcps=()
    )
    linked = role(GET, name="AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/")
    assert verdict(user(GET), within=world(user(GET), accounts=[bound])) == "no"
    assert verdict(root(), within=world(root(), accounts=[bound])) == "no"
    assert verdict(user(GET), within=world(user(GET), accounts=[management])) == "yes"
    assert verdict(linked, within=world(linked, accounts=[bound])) == "yes"
    outsider = outside_account(C)
    assert (
        verdict(outsider, within=world(accounts=[bound]), resource_policy=grant({"AWS": C}))
        == "yes"
    )


def test_11_an_scp_cuts_a_grant_of_the_resource_policy_alone():
    alice = user()
    here = world(alice, accounts=[member(A, (policy(allow("ec2:*"), name="OnlyEc2"),))])
    by_policy = grant({"AWS": alice.arn})
    assert verdict(alice, within=here, resource_policy=by_policy) == "no"
    assert verdict(alice, resource_policy=by_policy) == "yes"


def test_11b_scps_take_conditions_and_resources():
    alice = user(GET)
    tagged = {"StringNotEquals": {"aws:PrincipalTag/team": "ops"}}
    here = world(
        alice,
        accounts=[member(A, (policy(FULL), policy(deny("s3:*", Condition=tagged), name="Tagged")))],
    )
    ops = user(GET, tags=(("team", "ops"),))
    assert verdict(alice, within=here) == "no"
    assert verdict(ops, within=here) == "yes"


def test_11c_scps_that_were_not_collected_are_assumed_absent_and_said_so():
    alice = user(GET)
    unseen = world(alice, accounts=[Account(A)])
    answer = ask(alice, within=unseen)
    assert answer.verdict is Verdict.YES
    assert f"scp:{A}" in answer.assumes
    assert ask(alice).assumes == ()  # being in no organisation is knowledge


def test_12_an_rcp_denies_whoever_comes_but_not_in_the_management_account():
    outsiders = forbid(
        "*", "s3:*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}
    )
    rcp = policy(outsiders, name="OnlyOurs")
    guarded = world(accounts=[member(B, rcps=(rcp,))])
    free = world(accounts=[member(B)])
    management = world(
        accounts=[Account(B, membership="management", organization=ORG, rcps=(rcp,), scp_levels=())]
    )
    for here, expected in ((guarded, "no"), (free, "yes"), (management, "yes")):
        got = verdict(ANONYMOUS, owner=B, within=here, resource_policy=grant("*", "s3:GetObject"))
        assert got == expected


def test_12b_an_rcp_is_void_for_services_that_do_not_support_it():
    rcp = policy(forbid("*", "*"), name="DenyAll")
    here = world(accounts=[member(A, rcps=(rcp,))])
    topic = f"arn:aws:sns:eu-west-1:{A}:t"
    queue = f"arn:aws:sqs:eu-west-1:{A}:q"
    alice = user(FULL)
    assert verdict(alice, "sns:Publish", topic, within=here) == "yes"
    assert verdict(alice, "sqs:SendMessage", queue, within=here) == "no"


def test_14_a_boundary_limits_and_never_grants():
    ec2_only, all_of_it = policy(allow("ec2:*")), policy(FULL)
    for make in (user, role):
        assert verdict(make(GET, boundary=ec2_only)) == "no"
        assert verdict(make(GET, boundary=all_of_it)) == "yes"
        assert verdict(make(boundary=all_of_it)) == "no"


def test_15_to_18_what_a_boundary_does_to_a_grant_by_resource_policy():
    nothing = policy(allow("ec2:*"))
    alice, app = user(boundary=nothing), role(boundary=nothing)
    session = f"arn:aws:sts::{A}:assumed-role/app/s1"
    assert verdict(alice, resource_policy=grant({"AWS": alice.arn})) == "yes"  # 15
    assert verdict(app, resource_policy=grant({"AWS": app.arn})) == "no"  # 16
    assert verdict(role(), resource_policy=grant({"AWS": app.arn})) == "yes"
    assert verdict(app, resource_policy=grant({"AWS": session})) == "yes"  # 17
    assert verdict(app, resource_policy=grant("*")) == "yes"  # 18


def test_19_a_boundary_always_limits_across_accounts():
    nothing = policy(allow("ec2:*"))
    named = user(GET, boundary=nothing)
    assert verdict(named, owner=B, resource_policy=grant({"AWS": named.arn})) == "no"
    free = user(GET)
    assert verdict(free, owner=B, resource_policy=grant({"AWS": free.arn})) == "yes"


def test_20_deny_with_notprincipal_always_denies_whoever_has_a_boundary():
    alice = user(GET)
    listed = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [alice.arn, A]},
        "Action": "*",
        "Resource": "*",
    }
    bounded = user(GET, boundary=policy(FULL))
    assert verdict(alice, resource_policy=listed) == "yes"
    assert verdict(bounded, resource_policy=listed) == "no"


def test_22_a_boundary_that_was_not_collected_is_a_condition_never_absent():
    missing = Policy("boundary", None, "arn:aws:iam::111111111111:policy/b")
    answer = ask(user(GET, boundary=missing))
    assert answer.verdict is Verdict.CONDITIONAL
    assert answer.conditions == ("not_collected:policy=arn:aws:iam::111111111111:policy/b",)
    assert verdict(user(boundary=missing)) == "no"


def test_23_a_session_policy_limits_but_not_a_grant_that_names_the_session():
    narrow = (policy(allow("ec2:*")),)
    named = grant({"AWS": f"arn:aws:sts::{A}:assumed-role/app/s1"})
    in_session = role(GET, session_name="s1", session_policies=narrow)
    assert verdict(in_session) == "no"
    assert verdict(role(GET, session_name="s1")) == "yes"
    assert verdict(in_session, resource_policy=named) == "yes"
    assert verdict(in_session, resource_policy=grant({"AWS": in_session.arn})) == "no"


def test_26_naming_an_account_delegates_and_does_not_grant():
    for account in (A, f"arn:aws:iam::{A}:root"):
        assert verdict(user(), resource_policy=grant({"AWS": account})) == "no"
        assert verdict(user(GET), resource_policy=grant({"AWS": account})) == "yes"


def test_28_assumerole_needs_the_trust_policy_in_the_same_account_too():
    alice = user(allow("sts:AssumeRole"))
    for trusted, expected in (
        ({"Service": "ec2.amazonaws.com"}, "no"),
        ({"AWS": A}, "yes"),
        ({"AWS": alice.arn}, "yes"),
    ):
        app = role(trust=trust(trusted))
        here = world(alice, app)
        got = evaluate(here, Request(alice, "sts:AssumeRole", app.arn)).verdict
        assert str(got) == expected


def test_27_a_trust_that_names_a_user_is_enough_one_that_names_the_account_is_not():
    alice = user()
    for trusted, expected in (({"AWS": alice.arn}, "yes"), ({"AWS": A}, "no")):
        app = role(trust=trust(trusted))
        got = evaluate(world(alice, app), Request(alice, "sts:AssumeRole", app.arn)).verdict
        assert str(got) == expected


def test_29_a_role_does_not_trust_itself():
    itself = role(FULL, trust=trust({"Service": "ec2.amazonaws.com"}))
    named = role(trust=trust({"AWS": itself.arn}))
    for one, expected in ((itself, "no"), (named, "yes")):
        got = evaluate(world(one), Request(one, "sts:AssumeRole", one.arn)).verdict
        assert str(got) == expected


def test_30_a_trust_of_everyone():
    alice, bob = user(), user(name="bob", account=B)
    eve = user(allow("sts:AssumeRole"), name="eve", account=B)
    app = role(trust=trust("*"))
    here = world(alice, bob, eve, app)
    got = [
        str(evaluate(here, Request(caller, "sts:AssumeRole", app.arn)).verdict)
        for caller in (alice, bob, eve, ANONYMOUS)
    ]
    assert got == ["yes", "no", "yes", "no"]


def test_31_a_key_policy_must_allow_and_may_delegate_to_iam():
    decrypt = allow("kms:Decrypt")
    delegating = grant({"AWS": f"arn:aws:iam::{A}:root"}, "kms:*")
    alice = user(decrypt)
    naming = grant({"AWS": user().arn}, "kms:Decrypt")
    assert verdict(alice, "kms:Decrypt", KEY, resource_policy=delegating) == "yes"
    assert verdict(user(), "kms:Decrypt", KEY, resource_policy=delegating) == "no"
    assert verdict(user(), "kms:Decrypt", KEY, resource_policy=naming) == "yes"
    other = grant({"AWS": user(name="bob").arn}, "kms:Decrypt")
    assert verdict(alice, "kms:Decrypt", KEY, resource_policy=other) == "no"


def test_31b_kms_grants_that_were_not_looked_at_make_unknown():
    other = grant({"AWS": user(name="bob").arn}, "kms:Decrypt")
    answer = ask(
        user(allow("kms:*")), "kms:Decrypt", KEY, resource_policy=other, other_grants_seen=False
    )
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.conditions == (f"not_collected:kms:grants={KEY}",)


def test_32_viaservice_is_a_condition_not_direct_decryption():
    pattern = grant(
        "*",
        "kms:Decrypt",
        Condition={
            "StringEquals": {"kms:CallerAccount": A, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
        },
    )
    answer = ask(user(), "kms:Decrypt", KEY, resource_policy=pattern)
    assert answer.verdict is Verdict.CONDITIONAL
    assert answer.conditions == ("context:kms:ViaService=s3.eu-west-1.amazonaws.com",)
    foreign = user(allow("kms:*"), account=B)
    assert verdict(foreign, "kms:Decrypt", KEY, owner=A, resource_policy=pattern) == "no"


def test_38_a_resource_policy_statement_without_principal_names_nobody():
    assert verdict(user(), resource_policy=allow("s3:*")) == "no"
    assert verdict(user(GET), resource_policy=deny("s3:*")) == "yes"


def test_49_an_action_without_a_resource_type_needs_a_star():
    narrow = allow("s3:ListAllMyBuckets", f"{BUCKET}")
    assert verdict(user(narrow), "s3:ListAllMyBuckets", "*") == "no"
    assert verdict(user(allow("s3:ListAllMyBuckets")), "s3:ListAllMyBuckets", "*") == "yes"


def test_51_a_pattern_is_any_of_it_and_only_a_whole_deny_removes_it():
    alice = user(allow("s3:GetObject", f"{BUCKET}/public/*"))
    assert verdict(alice, resource=f"{BUCKET}/*", pattern=True) == "yes"
    assert verdict(alice, resource=f"{BUCKET}/private/*", pattern=True) == "no"
    part = user(GET, deny("s3:GetObject", f"{BUCKET}/private/*"))
    whole = user(GET, deny("s3:*", f"{BUCKET}/*"))
    assert verdict(part, resource=f"{BUCKET}/*", pattern=True) == "yes"
    assert verdict(whole, resource=f"{BUCKET}/*", pattern=True) == "no"


def test_74_nobody_assumes_or_edits_a_service_linked_role():
    linked = role(name="AWSServiceRoleForX", path="/aws-service-role/x/", trust=trust({"AWS": A}))
    plain = role(trust=trust({"AWS": A}))
    alice = user(FULL)
    here = world(alice, linked, plain)
    for action in ("sts:AssumeRole", "iam:AttachRolePolicy"):
        assert str(evaluate(here, Request(alice, action, linked.arn)).verdict) == "no"
        assert str(evaluate(here, Request(alice, action, plain.arn)).verdict) == "yes"


def test_75_aws_managed_policies_cannot_be_changed():
    alice = user(FULL)
    for account, expected in (("aws", "no"), (A, "yes")):
        arn = f"arn:aws:iam::{account}:policy/X"
        got = verdict(alice, "iam:CreatePolicyVersion", arn)
        assert got == expected


def test_the_root_user_cannot_assume_roles():
    app = role(trust=trust({"AWS": A}))
    here = world(root(), user(FULL), app)
    assert str(evaluate(here, Request(root(), "sts:AssumeRole", app.arn)).verdict) == "no"
    assert str(evaluate(here, Request(user(FULL), "sts:AssumeRole", app.arn)).verdict) == "yes"


def test_missing_policy_text_is_conditional_where_the_rest_allows_else_unknown():
    missing = Policy("managed policy X", None, "arn:aws:iam::111111111111:policy/X")
    fields = _fields(user(GET))
    with_gap = type(user())(**{**fields, "policies": (*fields["policies"], missing)})
    only_gap = type(user())(**{**fields, "policies": (missing,)})
    assert verdict(with_gap) == "conditional"
    assert verdict(only_gap) == "unknown"
    denied = type(user())(**{**fields, "policies": (policy(deny()), missing)})
    assert verdict(denied) == "no"  # a Deny that was seen, whatever else is missing


def test_a_resource_policy_that_was_not_collected():
    alice = user(GET)
    assert verdict(alice, resource_policy=NOT_COLLECTED) == "conditional"
    assert verdict(user(), resource_policy=NOT_COLLECTED) == "unknown"
    assert verdict(alice, owner=B, resource_policy=NOT_COLLECTED) == "unknown"


def test_a_trust_policy_that_was_not_collected_is_unknown():
    alice, app = user(FULL), role()
    answer = evaluate(world(alice, app), Request(alice, "sts:AssumeRole", app.arn))
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.conditions == (f"not_collected:trust-policy={app.arn}",)


def test_a_broken_policy_is_unknown_and_named():
    broken = Policy("inline policy odd", parse("{not json"))
    assert isinstance(broken.document, BrokenPolicy)
    fields = _fields(user())
    answer = ask(type(user())(**{**fields, "policies": (broken,)}))
    assert answer.verdict is Verdict.UNKNOWN
    assert "inline policy odd" in answer.conditions[0]


def test_ways_in_that_are_not_read_are_named_across_accounts():
    alice = user(FULL)
    answer = ask(alice, owner=B, other_grants_seen=False)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.conditions == (f"not_collected:s3:acl={BUCKET}",)


def test_an_uncollected_account_of_the_own_organisation_is_granted_and_assumed():
    here = world(accounts=[member(A), member(C, collected=False)])
    answer = ask(outside_account(C), within=here, resource_policy=grant({"AWS": C}))
    assert answer.verdict is Verdict.YES
    assert f"identity:{C}" in answer.assumes
    stranger = ask(outside_account(B), within=here, resource_policy=grant({"AWS": B}))
    assert stranger.assumes == ()


def test_the_proof_names_policy_statement_and_place():
    ref = Ref("accounts/1/global/iam/user.jsonl", "u", "/item/UserPolicyList/0/PolicyDocument")
    own = Policy("inline policy own", parse({"Statement": [deny("ec2:*"), GET]}), "", ref)
    alice = type(user())(**{**_fields(user()), "policies": (own,)})
    step = next(step for step in ask(alice).steps if step.name == "identity policies")
    assert step.result == "pass"
    assert step.text == "Allowed by inline policy own, statement 1."
    assert step.refs[0].pointer == "/item/UserPolicyList/0/PolicyDocument/Statement/1"


def test_a_no_names_the_layer():
    assert "permissions boundary" in ask(user(GET, boundary=policy(allow("ec2:*")))).why
    here = world(user(GET), accounts=[member(A, (policy(FULL), policy(deny("s3:*"), name="NoS3")))])
    assert "service control policy: NoS3, statement 0" in ask(user(GET), within=here).why


def test_an_empty_world_knows_nothing_and_does_not_fail():
    answer = evaluate(IamWorld(), Request(outside_account(B), "s3:GetObject", f"{BUCKET}/x"))
    assert answer.verdict is Verdict.UNKNOWN
