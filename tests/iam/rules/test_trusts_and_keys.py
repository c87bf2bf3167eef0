"""F. Resource policies: role trusts and KMS keys."""

import pytest

from graph.iam.evaluate import decide
from graph.iam.request import Request
from graph.iam.world import ANONYMOUS
from tests.iam.rules.builders import (
    PRINCIPAL,
    USER_GUIDE,
    assumes,
    built,
    decided,
    verdict,
)
from tests.iam.worlds import (
    FULL,
    A,
    B,
    allow,
    alone,
    doc,
    grant,
    role,
    trust,
    user,
    world,
)
from tests.snapshot_files import line

ASSUME = "sts:AssumeRole"
COMPARED = f"{USER_GUIDE}/id_roles_compare-resource-policies.html"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT_OF_A = f"arn:aws:iam::{A}:root"


@pytest.mark.rule("28", source=COMPARED)
def test_028_the_trust_policy_must_allow():
    """Nobody assumes a role whose trust policy does not allow it, whatever their own policies
    allow, in the role's account too.
    """
    assert assumes(user(FULL), {"Service": "ec2.amazonaws.com"}) == "no"


@pytest.mark.twin("28", control="the trust policy names the account")
def test_028_twin_the_account_is_trusted():
    assert assumes(user(FULL), {"AWS": A}) == "yes"


def _itself(trusted) -> str:
    one = role(FULL, trust=trust(trusted))
    return str(decide(world(one), Request(one, ASSUME, one.arn)).answer.verdict)


@pytest.mark.rule("29", source=f"{USER_GUIDE}/id_roles_update-role-trust-policy.html")
def test_029_a_role_does_not_trust_itself():
    """A role's session assumes the same role again only where the trust policy lets it."""
    assert _itself({"Service": "ec2.amazonaws.com"}) == "no"


@pytest.mark.twin("29", control="the trust policy names the role itself")
def test_029_twin_the_role_is_named():
    assert _itself({"AWS": role().arn}) == "yes"


@pytest.mark.rule("30", source=f"{PRINCIPAL}#principal-anonymous")
def test_030_a_trust_of_everyone_is_enough_in_the_account():
    """A trust of ``*`` needs nothing else of principals of the role's account, an identity policy
    of those of other accounts, and never lets in who has no credentials.
    """
    assert assumes(user(), "*") == "yes"
    assert assumes(user(allow(ASSUME), account=B), "*") == "yes"


@pytest.mark.twin("30", control="the caller is of another account and has no identity policy")
def test_030_twin_another_account_without_a_policy():
    assert assumes(user(account=B), "*") == "no"


@pytest.mark.twin("30", control="the caller is unsigned")
def test_030_twin_unsigned():
    assert assumes(ANONYMOUS, "*") == "no"


def _decrypts(caller, *statements, owner=A, key=KEY, action="kms:Decrypt") -> str:
    here = world(caller, accounts=[alone(A), alone(B)])
    return verdict(caller, action, key, within=here, policies={key: [*statements]}, owner=owner)


DELEGATES = grant({"AWS": ROOT_OF_A}, "kms:*")
OTHER_USER = grant({"AWS": user(name="bob").arn}, "kms:*")


@pytest.mark.rule("31", source=f"{KMS}/key-policy-default.html")
def test_031_identity_policies_count_where_the_key_policy_says_so():
    """A key's policy must allow: identity policies count only where it names the account."""
    assert _decrypts(user(allow("kms:Decrypt")), OTHER_USER) == "no"


@pytest.mark.twin("31", control="the key policy names the account too")
def test_031_twin_the_key_policy_delegates():
    assert _decrypts(user(allow("kms:Decrypt")), OTHER_USER, DELEGATES) == "yes"


@pytest.mark.twin("31", control="the statement that names the account covers other actions")
def test_031_twin_the_delegation_is_of_other_actions():
    other = grant({"AWS": ROOT_OF_A}, ["kms:Describe*", "kms:Put*"])
    assert _decrypts(user(allow("kms:Decrypt")), OTHER_USER, other) == "no"


@pytest.mark.rule("31", source=f"{KMS}/key-policy-modifying-external-accounts.html")
def test_031_across_accounts_a_key_needs_both():
    """A principal of another account needs the key's policy and its own."""
    abroad = grant({"AWS": B}, "kms:Decrypt")
    assert _decrypts(user(allow("kms:Decrypt"), account=B), DELEGATES, abroad) == "yes"


@pytest.mark.twin("31", control="the caller of another account has no identity policy")
def test_031_twin_the_other_accounts_policy_is_missing():
    for named in (B, user(account=B).arn):
        abroad = grant({"AWS": named}, "kms:Decrypt")
        assert _decrypts(user(account=B), DELEGATES, abroad) == "no", named


ALIAS = KEY.partition("key/")[0] + "alias/app"


def _deletes_alias(*resources: str) -> str:
    """The key that stands behind the alias leaves the choice to identity policies."""
    alice = user(allow("kms:DeleteAlias", list(resources)))
    return verdict(alice, "kms:DeleteAlias", ALIAS, policies={KEY: DELEGATES})


@pytest.mark.rule("31", source=f"{KMS}/alias-access.html")
def test_031_an_alias_has_no_policy_of_its_own():
    """Only keys have key policies: the right to an alias comes from an identity policy."""
    assert _deletes_alias(ALIAS, KEY) == "yes"


@pytest.mark.twin("31", control="the identity policy names the key and not the alias")
def test_031_twin_the_alias_is_not_named():
    assert _deletes_alias(KEY) == "no"


def _granted(tmp_path, *operations) -> str:
    """A role without policies that a grant on the key names."""
    app = role()
    given = {"GrantId": "g", "KeyId": KEY, "GranteePrincipal": app.arn, "Operations": operations}
    text = {"Policy": doc(DELEGATES)}
    key = line(
        KEY,
        {"KeyArn": KEY, "KeyId": KEY.rpartition("/")[2]},
        describe_key={"KeyMetadata": {"Arn": KEY, "KeyManager": "CUSTOMER"}},
        get_key_policy=text,
        list_grants=[given],
    )
    here = built(tmp_path, {(A, "eu-west-1", "kms:key"): [key]})
    got = decided(app, "kms:Decrypt", KEY, within=here, policies={}, other_grants_seen=False)
    return str(got.answer.verdict)


@pytest.mark.rule("31", source=f"{KMS}/grants.html")
def test_031_a_grant_is_a_way_in_of_its_own(tmp_path):
    """A grant on a key allows its grantee the operations that it lists, beside the key policy."""
    assert _granted(tmp_path, "Decrypt", "DescribeKey") == "yes"


@pytest.mark.twin("31", control="the grant lists other operations")
def test_031_twin_a_grant_of_other_operations(tmp_path):
    assert _granted(tmp_path, "Encrypt", "DescribeKey") == "no"


VIA = {"kms:CallerAccount": A, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
SERVICE_ONLY = grant("*", "kms:Decrypt", Condition={"StringEquals": VIA})


def _through(caller, service=None) -> str:
    here = world(caller, accounts=[alone(A), alone(B)])
    context = {"kms:ViaService": (service,)} if service else {}
    absent = frozenset() if service else frozenset({"kms:ViaService"})
    return verdict(
        caller,
        "kms:Decrypt",
        KEY,
        within=here,
        policies={KEY: SERVICE_ONLY},
        context=context,
        absent=absent,
    )


@pytest.mark.rule("32", source=f"{KMS}/conditions-kms.html#conditions-kms-via-service")
def test_032_a_key_for_one_service_serves_the_account_through_it():
    """``kms:CallerAccount`` with ``kms:ViaService`` on ``*``, as on the keys that AWS manages, lets
    principals of that account use the key through that service, and not directly.
    """
    assert _through(user(), "s3.eu-west-1.amazonaws.com") == "yes"


@pytest.mark.twin("32", control="the call to KMS is direct")
def test_032_twin_a_direct_call():
    assert _through(user(FULL)) == "no"


@pytest.mark.twin("32", control="the call comes through another service")
def test_032_twin_another_service():
    assert _through(user(FULL), "rds.eu-west-1.amazonaws.com") == "no"


@pytest.mark.twin("32", control="the caller is of another account")
def test_032_twin_another_account():
    assert _through(user(FULL, account=B), "s3.eu-west-1.amazonaws.com") == "no"
