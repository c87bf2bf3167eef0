"""K. Roles of services, and calls that AWS decides itself."""

import pytest

from graph.derivation.workload_roles import workloads
from graph.derivation.workloads import workload_part
from graph.iam.assume import assume_answers
from graph.iam.world import ANONYMOUS, Outside
from tests.iam.rules.builders import USER_GUIDE, decided, verdict
from tests.iam.rules.raw_worlds import (
    APP,
    NOTHING,
    REGION,
    Answers,
    details,
    imported,
    role_detail,
    trusting,
)
from tests.iam.worlds import FULL, A, B, allow, deny, role, root, trust, user, world

PROFILES = f"{USER_GUIDE}/id_roles_use_switch-role-ec2_instance-profiles.html"
PASS_ROLE = f"{USER_GUIDE}/id_roles_use_passrole.html"
LINKED = f"{USER_GUIDE}/id_roles_create-service-linked-role.html"
CENTER = "https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html"
MANAGED = f"{USER_GUIDE}/access_policies_managed-vs-inline.html"
STS = "https://docs.aws.amazon.com/STS/latest/APIReference"
SESSION_TAGS = f"{USER_GUIDE}/id_session-tags.html"

PROFILE = f"arn:aws:iam::{A}:instance-profile/web"
OTHER_PROFILE = f"arn:aws:iam::{A}:instance-profile/db"


def _machine(tmp_path, *, service="ec2.amazonaws.com", carries=PROFILE, holds=PROFILE):
    """The verdict on an instance having the role; ``None`` where there is no such way."""
    held = {"Arn": holds, "InstanceProfileName": holds.rpartition("/")[2], "Roles": []}
    trusted = trusting({"Service": service}, "sts:AssumeRole")
    row = role_detail(trusted, InstanceProfileList=[held])
    instance = {
        "InstanceId": "i-0123456789abcdef0",
        "State": {"Code": 16, "Name": "running"},
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required"},
        **({"IamInstanceProfile": {"Arn": carries, "Id": "AIPAX"}} if carries else {}),
    }
    answers: Answers = {
        (REGION, "ec2.describe_instances"): {
            "Reservations": [{"ReservationId": "r-1", "OwnerId": A, "Instances": [instance]}]
        },
        ("global", "iam.list_instance_profiles"): {
            "InstanceProfiles": [{**held, "Roles": [{"Arn": APP, "RoleName": "app"}]}]
        },
    }
    here, snapshot = imported(tmp_path, NOTHING, details(row), answers)
    part = workload_part(workloads(snapshot, here))
    found = [str(one.answer.verdict) for one in part.judgements if one.target == APP]
    return found[0] if found else None


@pytest.mark.rule("72", source=PROFILES)
def test_072_a_machine_has_the_role_of_its_instance_profile(tmp_path):
    """An EC2 instance has the credentials of the role in its instance profile, if that role trusts
    EC2.
    """
    assert _machine(tmp_path) == "yes"


@pytest.mark.twin("72", control="the role trusts another service")
def test_072_twin_another_service(tmp_path):
    assert _machine(tmp_path, service="lambda.amazonaws.com") == "no"


@pytest.mark.twin("72", control="the instance carries no profile, or another one")
def test_072_twin_another_profile(tmp_path):
    assert _machine(tmp_path / "none", carries="") is None
    assert _machine(tmp_path / "other", carries=OTHER_PROFILE) is None


def _passes(statement, target, **more) -> str:
    alice = user(statement)
    here = world(alice, target)
    return verdict(alice, "iam:PassRole", target.arn, within=here, policies={}, **more)


TO_EC2 = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}


@pytest.mark.rule("73", source=PASS_ROLE)
def test_073_passing_a_role_is_allowed_on_the_roles_arn():
    """Handing a role to a service needs ``iam:PassRole`` on that role, to that service."""
    app = role(trust=trust({"Service": "ec2.amazonaws.com"}))
    assert _passes(allow("iam:PassRole", app.arn), app) == "yes"
    to_ec2 = {"context": {"iam:PassedToService": ("ec2.amazonaws.com",)}}
    assert _passes(allow("iam:PassRole", app.arn, **TO_EC2), app, **to_ec2) == "yes"


@pytest.mark.twin("73", control="the policy names another role")
def test_073_twin_another_role():
    app = role(trust=trust({"Service": "ec2.amazonaws.com"}))
    assert _passes(allow("iam:PassRole", f"{app.arn}2"), app) == "no"


@pytest.mark.twin("73", control="the role is passed to another service")
def test_073_twin_another_service():
    app = role(trust=trust({"Service": "lambda.amazonaws.com"}))
    to_lambda = {"context": {"iam:PassedToService": ("lambda.amazonaws.com",)}}
    assert _passes(allow("iam:PassRole", app.arn, **TO_EC2), app, **to_lambda) == "no"


@pytest.mark.twin("73", control="the role is of another account")
def test_073_twin_a_role_of_another_account():
    elsewhere = role(account=B, trust=trust({"AWS": A, "Service": "ec2.amazonaws.com"}))
    assert _passes(FULL, elsewhere) == "no"


@pytest.mark.twin("73", control="the role is one of Identity Center's")
def test_073_twin_a_role_of_identity_center():
    path = "/aws-reserved/sso.amazonaws.com/"
    kept = role(path=path, name="AWSReservedSSO_Admins_0123456789abcdef")
    assert _passes(FULL, kept) == "no"


LINKED_PATH = "/aws-service-role/autoscaling.amazonaws.com/"
SCALING = (
    "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-api-permissions.html"
)


@pytest.mark.rule("73", source=SCALING)
def test_073_a_service_linked_role_is_passed_like_others():
    """Naming a service-linked role to its service, where one may be chosen, needs
    ``iam:PassRole`` too.
    """
    linked = role(path=LINKED_PATH, trust=trust({"Service": "autoscaling.amazonaws.com"}))
    assert _passes(allow("iam:PassRole", linked.arn), linked) == "yes"


@pytest.mark.twin("73", control="the policy names another role than the service-linked one")
def test_073_twin_not_the_service_linked_role():
    linked = role(path=LINKED_PATH, trust=trust({"Service": "autoscaling.amazonaws.com"}))
    assert _passes(allow("iam:PassRole", f"{linked.arn}2"), linked) == "no"


def _services(target) -> set[str]:
    return {row.source for row in assume_answers(world(target), target.arn)}


@pytest.mark.rule("73", source=PASS_ROLE)
def test_073_the_passed_role_must_trust_the_service():
    """A service uses a role that was passed to it only if the role's trust policy names it."""
    app = role(trust=trust({"Service": "ec2.amazonaws.com"}))
    assert _services(app) == {"service:ec2.amazonaws.com"}


@pytest.mark.twin("73", control="the trust policy names another service")
def test_073_twin_trust_in_another_service():
    app = role(trust=trust({"Service": "lambda.amazonaws.com"}))
    assert "service:ec2.amazonaws.com" not in _services(app)


EDITS = [
    f"iam:{name}"
    for name in (
        "AttachRolePolicy",
        "PutRolePolicy",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "UpdateAssumeRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "DeleteRole",
    )
]


def _edits(path: str) -> dict[str, str]:
    alice, target = user(FULL), role(path=path)
    here = world(alice, target)
    return {one: verdict(alice, one, target.arn, within=here, policies={}) for one in EDITS}


def _assumers(path: str) -> set[str]:
    opened = trust({"AWS": A, "Service": "autoscaling.amazonaws.com"})
    target = role(path=path, trust=opened)
    here = world(user(FULL), target)
    return {row.source for row in assume_answers(here, target.arn)}


@pytest.mark.rule("74", source=LINKED)
def test_074_a_service_linked_role_is_its_services_alone():
    """A service-linked role is assumed by its service only, and nobody edits its policies or its
    trust.
    """
    assert _edits(LINKED_PATH) == dict.fromkeys(EDITS, "no")
    assert _assumers(LINKED_PATH) == {"service:autoscaling.amazonaws.com"}


@pytest.mark.twin("74", control="the role stands under a path of the account's own")
def test_074_twin_an_ordinary_role():
    assert _edits("/service-role/") == dict.fromkeys(EDITS, "yes")
    assert user().arn in _assumers("/service-role/")


@pytest.mark.rule("68", source=CENTER)
def test_068_nobody_in_the_account_edits_identity_centers_roles():
    """Roles that Identity Center made are changed through it alone."""
    assert _edits("/aws-reserved/sso.amazonaws.com/eu-west-1/") == dict.fromkeys(EDITS, "no")


@pytest.mark.twin("68", control="the role stands under a path of the account's own")
def test_068_twin_an_ordinary_role():
    assert _edits("/reserved/") == dict.fromkeys(EDITS, "yes")


POLICY_EDITS = [
    f"iam:{name}"
    for name in (
        "CreatePolicyVersion",
        "SetDefaultPolicyVersion",
        "DeletePolicyVersion",
        "DeletePolicy",
    )
]


def _policy_edits(arn: str) -> dict[str, str]:
    return {one: verdict(user(FULL), one, arn, policies={}) for one in POLICY_EDITS}


@pytest.mark.rule("75", source=MANAGED)
def test_075_aws_managed_policies_are_awss_to_change():
    """Nobody but AWS changes a policy that AWS manages."""
    aws = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert _policy_edits(aws) == dict.fromkeys(POLICY_EDITS, "no")
    assert decided(user(FULL), POLICY_EDITS[0], aws, policies={}).denied_by == "aws"


@pytest.mark.twin("75", control="the policy is the customer's own")
def test_075_twin_a_customers_policy():
    own = f"arn:aws:iam::{A}:policy/ReadOnlyAccess"
    assert _policy_edits(own) == dict.fromkeys(POLICY_EDITS, "yes")


def _whoami(caller, action="sts:GetCallerIdentity") -> str:
    known = [] if isinstance(caller, Outside) else [caller]
    return verdict(caller, action, "*", within=world(*known), policies={})


@pytest.mark.rule("76", source=f"{STS}/API_GetCallerIdentity.html")
def test_076_everyone_may_ask_who_they_are():
    """``sts:GetCallerIdentity`` needs no permission, and a Deny does not stop it."""
    callers = (user(), role(), root(), user(FULL, deny("sts:*")))
    assert [_whoami(one) for one in callers] == ["yes"] * 4


@pytest.mark.twin("76", control="another call of STS")
def test_076_twin_another_call():
    for caller in (user(), user(FULL, deny("sts:*"))):
        assert _whoami(caller, "sts:GetFederationToken") == "no"


@pytest.mark.twin("76", control="the call is not signed")
def test_076_twin_an_unsigned_call():
    assert _whoami(ANONYMOUS) == "no"


BOTH = ["sts:AssumeRole", "sts:TagSession"]


def _tags_session(own: list[str], trusted: list[str], action="sts:TagSession", account=B) -> str:
    target = role(trust=trust({"AWS": account}, trusted))
    bob = user(allow(own, target.arn), name="bob", account=account)
    here = world(bob, target)
    return verdict(bob, action, target.arn, within=here, policies={})


@pytest.mark.rule("77", source=f"{SESSION_TAGS}#id_session-tags_permissions-required")
def test_077_passing_session_tags_needs_its_own_permission():
    """Whoever passes tags when assuming a role needs ``sts:TagSession`` beside ``sts:AssumeRole``,
    in their own policies and in the role's trust.
    """
    assert [_tags_session(BOTH, BOTH, account=one) for one in (A, B)] == ["yes", "yes"]


@pytest.mark.twin("77", control="the trust policy allows sts:AssumeRole alone")
def test_077_twin_the_trust_lacks_it():
    assert [_tags_session(BOTH, BOTH[:1], account=one) for one in (A, B)] == ["no", "no"]


@pytest.mark.twin("77", control="the caller's policies allow sts:AssumeRole alone")
def test_077_twin_the_caller_lacks_it():
    assert [_tags_session(BOTH[:1], BOTH, account=one) for one in (A, B)] == ["no", "no"]


@pytest.mark.twin("77", control="no tags are passed")
def test_077_twin_no_tags_are_passed():
    plain = BOTH[:1]
    assert [_tags_session(plain, plain, "sts:AssumeRole", one) for one in (A, B)] == ["yes", "yes"]
