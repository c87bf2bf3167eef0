"""B and C. Service control policies and resource control policies."""

import pytest

from graph.iam.world import ANONYMOUS, Account, Outside, outside_account
from tests.iam.rules.builders import (
    ORG_GUIDE,
    RCP,
    SCP,
    bound,
    bucket_lines,
    built,
    decided,
    management,
    organisation_lines,
    user_lines,
    verdict,
)
from tests.iam.worlds import (
    BUCKET,
    FULL,
    ORG,
    A,
    B,
    C,
    allow,
    alone,
    deny,
    doc,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    user,
    world,
)

GET = allow("s3:GetObject")
SCPS = f"{ORG_GUIDE}/orgs_manage_policies_scps.html"
SCP_LEVELS = f"{ORG_GUIDE}/orgs_manage_policies_scps_evaluation.html"
SCP_SYNTAX = f"{ORG_GUIDE}/orgs_manage_policies_scps_syntax.html"
RCPS = f"{ORG_GUIDE}/orgs_manage_policies_rcps.html"
RCP_LEVELS = f"{ORG_GUIDE}/orgs_manage_policies_rcps_evaluation.html"
MANAGEMENT, TEAM, OTHER = C, "ou-team", "ou-other"
PARENTS = {TEAM: "r-1", OTHER: "r-1", MANAGEMENT: "r-1", A: TEAM, B: OTHER}
READER = {"UserPolicyList": [{"PolicyName": "own", "PolicyDocument": doc(GET)}]}


def _in_organisation(tmp_path, *attached, bucket=None):
    """Alice of A, in the OU ``ou-team``, reads a bucket of her account."""
    here = built(
        tmp_path,
        user_lines(A, "alice", **READER),
        bucket_lines(A, "data", get_bucket_policy={"Policy": bucket} if bucket else None),
        organisation_lines(MANAGEMENT, PARENTS, attached),
    )
    return here, here.principals[f"arn:aws:iam::{A}:user/alice"]


def _under(tmp_path, *scps) -> str:
    here, alice = _in_organisation(tmp_path, *((SCP, *row) for row in scps))
    return verdict(alice, within=here, policies={})


def _full(*targets):
    return ("FullAWSAccess", doc(FULL), targets)


@pytest.mark.rule("9", source=SCP_LEVELS)
def test_009_every_level_must_allow(tmp_path):
    """From the root through each OU to the account, each level needs an SCP that allows; one of a
    level's SCPs is enough.
    """
    only_ec2 = ("OnlyEc2", doc(allow("ec2:*")), [TEAM])
    assert _under(tmp_path / "ou", _full("r-1", A), only_ec2) == "no"
    assert _under(tmp_path / "two", _full("r-1", TEAM, A), only_ec2) == "yes"


@pytest.mark.twin("9", control="the SCP that allows less sits on another OU")
def test_009_twin_another_ou(tmp_path):
    only_ec2 = ("OnlyEc2", doc(allow("ec2:*")), [OTHER])
    assert _under(tmp_path, _full("r-1", TEAM, A), only_ec2) == "yes"


@pytest.mark.rule("9", source=SCP_LEVELS)
def test_009_a_deny_at_any_level_denies(tmp_path):
    """A Deny at one level holds for everything below it, whatever the other levels allow."""
    got = [
        _under(tmp_path / level, _full("r-1", TEAM, A), ("NoS3", doc(deny("s3:*")), [level]))
        for level in ("r-1", TEAM, A)
    ]
    assert got == ["no", "no", "no"]


@pytest.mark.twin("9", control="the Deny sits on the account beside")
def test_009_twin_a_deny_elsewhere(tmp_path):
    assert _under(tmp_path, _full("r-1", TEAM, A), ("NoS3", doc(deny("s3:*")), [B])) == "yes"


def _with_scp(caller, account, policies=None) -> str:
    here = world(caller, accounts=[account, alone(B)])
    return verdict(caller, within=here, policies=policies)


@pytest.mark.rule("10", source=SCPS)
def test_010_scps_bind_everyone_in_a_member_account():
    """SCPs bind users, roles and the root user of member accounts."""
    account = bound(A, deny())
    assert [_with_scp(one, account) for one in (user(GET), role(GET), root())] == ["no"] * 3


@pytest.mark.twin("10", control="the account is the organisation's management account")
def test_010_twin_the_management_account():
    account = management(A, deny())
    assert [_with_scp(one, account) for one in (user(GET), role(GET), root())] == ["yes"] * 3


@pytest.mark.twin("10", control="the role is service-linked")
def test_010_twin_a_service_linked_role():
    path = "/aws-service-role/config.amazonaws.com/"
    assert _with_scp(role(GET, path=path), bound(A, deny())) == "yes"


@pytest.mark.twin("10", control="the caller is of no account of the organisation")
def test_010_twin_callers_from_outside():
    """SCPs of the bucket's account say nothing of who comes from elsewhere."""
    opened = {BUCKET: [grant("*", "s3:GetObject"), grant({"Service": "x.amazonaws.com"})]}
    stranger = user(GET, account=B)
    for caller in (stranger, outside_account(C), Outside("service", A, "x.amazonaws.com")):
        here = world(stranger, accounts=[bound(A, deny()), alone(B)])
        assert verdict(caller, within=here, policies=opened) == "yes", caller


@pytest.mark.rule("11", source=SCP_LEVELS)
def test_011_an_scp_cuts_what_the_resources_policy_gives():
    """What a resource's policy gives to a principal of a member account is cut by the SCPs too."""
    named = {BUCKET: grant({"AWS": user().arn}, "s3:GetObject")}
    assert _with_scp(user(), bound(A, allow("ec2:*")), named) == "no"


@pytest.mark.twin("11", control="the SCP allows the action")
def test_011_twin_an_scp_that_allows():
    named = {BUCKET: grant({"AWS": user().arn}, "s3:GetObject")}
    assert _with_scp(user(), bound(A, allow("s3:*")), named) == "yes"


def _scp(*statements, tags=(("team", "ops"),)) -> str:
    alice = user(GET, tags=tags)
    return _with_scp(alice, bound(A, *statements))


NARROW = allow(
    "s3:*Object",
    f"{BUCKET}/*",
    Condition={"StringEquals": {"aws:PrincipalTag/team": "ops"}},
)


@pytest.mark.rule("11b", source=SCP_SYNTAX)
def test_011b_scps_take_the_whole_policy_language():
    """An SCP's Allow may carry conditions, resources, NotAction and wildcards within names, and
    its Deny NotResource.
    """
    assert _scp(NARROW) == "yes"
    assert _scp({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}) == "yes"
    others = {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}
    assert _scp(FULL, others) == "yes"


@pytest.mark.twin("11b", control="the principal's tag is not the one that the SCP asks for")
def test_011b_twin_the_condition_does_not_hold():
    assert _scp(NARROW, tags=(("team", "dev"),)) == "no"


@pytest.mark.twin("11b", control="the object is not among the SCP's resources")
def test_011b_twin_another_resource():
    elsewhere = {**NARROW, "Resource": "arn:aws:s3:::other/*"}
    others = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}
    assert [_scp(elsewhere), _scp(FULL, others)] == ["no", "no"]


@pytest.mark.twin("11b", control="NotAction leaves the action out")
def test_011b_twin_notaction_leaves_it_out():
    assert _scp({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}) == "no"


@pytest.mark.rule("11c", source=SCP_LEVELS)
def test_011c_scps_that_were_not_read_are_an_assumption(tmp_path):
    """SCPs can only take away: where they were not collected the answer is worked out without
    them, and says for which account.
    """
    here = built(tmp_path, user_lines(A, "alice", **READER), bucket_lines(A, "data"))
    alice = here.principals[f"arn:aws:iam::{A}:user/alice"]
    got = decided(alice, within=here).answer
    assert str(got.verdict) == "yes"
    assert f"scp:{A}" in got.assumes


@pytest.mark.twin("11c", control="the account's SCPs were collected")
def test_011c_twin_scps_that_were_read(tmp_path):
    here, alice = _in_organisation(tmp_path, (SCP, *_full("r-1", TEAM, A)))
    got = decided(alice, within=here, policies={}).answer
    assert str(got.verdict) == "yes"
    assert not [one for one in got.assumes if one.startswith("scp:")]


@pytest.mark.twin("11c", control="the account is known to be in no organisation")
def test_011c_twin_no_organisation():
    assert decided(user(GET), within=world(user(GET), accounts=[alone(A)])).answer.assumes == ()


OURS = forbid("*", "s3:*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}})


def _rcp(caller, account, action="s3:GetObject", resource=f"{BUCKET}/x", policies=None) -> str:
    opened = {BUCKET: grant("*", "s3:*")} if policies is None else policies
    known = [] if isinstance(caller, Outside) else [caller]
    here = world(*known, accounts=[account, alone(B)], organization=ORG)
    return verdict(caller, action, resource, within=here, policies=opened)


def _guarded(*statements) -> Account:
    return member(A, rcps=(policy(*statements, name="DataPerimeter"),))


@pytest.mark.rule("12", source=RCPS)
def test_012_rcp_deny_applies_to_external_callers():
    """An RCP denies on the resources of a member account whoever comes: principals of other
    organisations and unsigned callers too.
    """
    callers = (user(FULL, account=B), outside_account(C), ANONYMOUS)
    assert [_rcp(one, _guarded(OURS)) for one in callers] == ["no"] * 3


@pytest.mark.twin("12", control="the account is the organisation's management account")
def test_012_twin_the_management_account():
    callers = (user(FULL, account=B), outside_account(C), ANONYMOUS)
    assert [_rcp(one, management(A, OURS)) for one in callers] == ["yes"] * 3


def _rcp_on(tmp_path, target: str) -> str:
    document = doc(forbid("*", "s3:*"))
    full = doc(grant("*"))
    here, alice = _in_organisation(
        tmp_path,
        (SCP, *_full("r-1", TEAM, A)),
        (RCP, "RCPFullAWSAccess", full, ["r-1", TEAM, OTHER, A, B]),
        (RCP, "NoS3", document, [target]),
    )
    return verdict(alice, within=here, policies={})


@pytest.mark.rule("12", source=RCP_LEVELS)
def test_012_rcps_come_from_every_level_above_the_resource(tmp_path):
    """RCPs of the root, of each OU on the way and of the account itself hold for its resources."""
    got = [_rcp_on(tmp_path / target, target) for target in ("r-1", TEAM, A)]
    assert got == ["no", "no", "no"]


@pytest.mark.twin("12", control="the RCP sits on another OU")
def test_012_twin_rcp_on_another_ou(tmp_path):
    assert _rcp_on(tmp_path, OTHER) == "yes"


@pytest.mark.rule("12", source=f"{ORG_GUIDE}/orgs_manage_policies_rcps_examples.html")
def test_012_only_the_deny_of_an_rcp_counts():
    """``RCPFullAWSAccess`` is always attached and allows everything, so RCPs matter by their Denies
    alone.
    """
    assert _rcp(user(GET), _guarded(forbid("*", "s3:PutObject"))) == "yes"


@pytest.mark.twin("12", control="the RCP's Deny is of the action")
def test_012_twin_a_deny_of_the_action():
    assert _rcp(user(GET), _guarded(forbid("*", "s3:GetObject"))) == "no"


@pytest.mark.rule("12", source=f"{RCPS}#actions-not-restricted-by-rcps")
def test_012_service_linked_roles_are_spared():
    """RCPs do not stop calls made with a service-linked role."""
    linked = role(GET, path="/aws-service-role/config.amazonaws.com/")
    assert _rcp(linked, _guarded(forbid("*", "s3:*"))) == "yes"


@pytest.mark.twin("12", control="the role is an ordinary one")
def test_012_twin_an_ordinary_role():
    assert _rcp(role(GET), _guarded(forbid("*", "s3:*"))) == "no"


@pytest.mark.rule("12", source=f"{RCPS}#rcp-supported-services")
def test_012_services_without_support_are_not_bound():
    """RCPs work on the services that AWS lists; elsewhere they do nothing."""
    topic = f"arn:aws:sns:eu-west-1:{A}:t"
    everything = _guarded(forbid("*"))
    assert _rcp(user(FULL), everything, "sns:Publish", topic, {topic: None}) == "yes"


@pytest.mark.twin("12", control="the service is one that AWS lists")
def test_012_twin_a_listed_service():
    everything = _guarded(forbid("*"))
    for service, action, name in (
        ("sqs", "sqs:SendMessage", "q"),
        ("secretsmanager", "secretsmanager:GetSecretValue", "secret:s"),
    ):
        arn = f"arn:aws:{service}:eu-west-1:{A}:{name}"
        assert _rcp(user(FULL), everything, action, arn, {arn: None}) == "no", service


def _on_key(action: str) -> str:
    key = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    delegates = {key: grant({"AWS": A}, "kms:*")}
    return _rcp(user(FULL), _guarded(forbid("*", "kms:*")), action, key, delegates)


@pytest.mark.rule("12", source=f"{RCPS}#actions-not-restricted-by-rcps")
def test_012_retiring_a_grant_is_not_bound():
    """RCPs do not stop ``kms:RetireGrant``."""
    assert _on_key("kms:RetireGrant") == "yes"


@pytest.mark.twin("12", control="the action is to revoke the grant")
def test_012_twin_revoking_a_grant_is_bound():
    assert _on_key("kms:RevokeGrant") == "no"


def _list_buckets(*, guarded: str) -> str:
    alice = user(FULL)
    rcps = (policy(forbid("*", "s3:*"), name="NoS3"),)
    accounts = [member(one, rcps=rcps if one == guarded else ()) for one in (A, B)]
    here = world(alice, accounts=accounts)
    return verdict(alice, "s3:ListAllMyBuckets", "*", within=here)


@pytest.mark.rule("13", source=f"{RCPS}#rcp-effects-on-permissions")
def test_013_an_action_without_a_resource_meets_the_callers_rcps():
    """An action that is about no resource in particular is about the caller's own account, whose
    RCPs hold.
    """
    assert _list_buckets(guarded=A) == "no"


@pytest.mark.twin("13", control="the RCP is on another account")
def test_013_twin_the_rcp_of_another_account():
    assert _list_buckets(guarded=B) == "yes"
