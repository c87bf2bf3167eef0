"""KMS grants, aliases and AWS managed keys; Lambda's qualifiers."""

import pytest

from graph.iam.document import parse
from graph.iam.evaluate import decide
from graph.iam.kms import aws_managed_key, grants_document
from graph.iam.request import Request
from graph.iam.world import ANY_AWS_PRINCIPAL, Outside, Policy, outside_account
from tests.iam.worlds import FULL, A, B, allow, deny, forbid, grant, policy, role, user, world

KEY = f"arn:aws:kms:eu-west-1:{A}:key/k"
ROOT = grant({"AWS": f"arn:aws:iam::{A}:root"}, "kms:*")
NOBODY = grant({"AWS": user(name="nobody").arn}, "kms:*")


def kms_grant(grantee, *operations, **more):
    return {"GrantId": "g", "GranteePrincipal": grantee, "Operations": list(operations), **more}


def decided(caller, *grants, action="kms:Decrypt", key=KEY, key_policy=(NOBODY,), context=None):
    rows = Policy("grants", parse(grants_document(grants))) if grants else None
    here = world(
        *([] if isinstance(caller, Outside) else [caller]),
        resource_policies={KEY: policy(*key_policy)},
        key_grants={KEY: rows},
    )
    return decide(here, Request(caller, action, key, context=context or {}))


def verdict(*args, **kwargs):
    return str(decided(*args, **kwargs).answer.verdict)


# https://docs.aws.amazon.com/kms/latest/developerguide/grants.html


def test_a_grant_is_enough_for_its_grantee_in_the_operations_it_lists():
    app = role()
    assert verdict(app, kms_grant(app.arn, "Decrypt")) == "yes"
    assert verdict(app, kms_grant(app.arn, "Encrypt")) == "no"
    assert verdict(app, kms_grant(role(name="other").arn, "Decrypt")) == "no"
    assert verdict(app) == "no"


def test_a_grant_is_enough_from_another_account():
    stranger = role(account=B)
    assert verdict(stranger, kms_grant(stranger.arn, "Decrypt")) == "yes"
    assert verdict(stranger) == "no"
    delegated = kms_grant(f"arn:aws:iam::{B}:root", "Decrypt")
    assert verdict(stranger, delegated) == "no"
    assert verdict(role(allow("kms:Decrypt"), account=B), delegated) == "yes"


@pytest.mark.parametrize("caller", [user(), role()])
def test_denies_of_either_side_bind_a_grantee(caller):
    given = kms_grant(caller.arn, "Decrypt")
    everyone = forbid("*", "kms:Decrypt")
    assert verdict(caller, given, key_policy=(NOBODY, everyone)) == "no"
    assert verdict(type(caller)(**{**_fields(caller), "policies": (policy(deny()),)}), given) == (
        "no"
    )
    assert verdict(caller, given) == "yes"


def _fields(caller):
    return {name: getattr(caller, name) for name in type(caller).__slots__}


def test_encryption_context_constraints_are_conditions():
    app = role()
    for kind in ("EncryptionContextSubset", "EncryptionContextEquals"):
        given = kms_grant(app.arn, "Decrypt", Constraints={kind: {"dept": "it"}})
        answer = decided(app, given).answer
        assert answer.conditions == ("context:kms:EncryptionContext:dept=it",)
        stated = {"kms:EncryptionContext:dept": ("it",)}
        assert verdict(app, given, context=stated) == "yes"
        assert verdict(app, given, context={"kms:EncryptionContext:dept": ("hr",)}) == "no"


def test_services_and_whoever_may_retire_a_grant():
    service = Outside("service", A, "rds.amazonaws.com")
    assert verdict(service, kms_grant("rds.amazonaws.com", "Decrypt")) == "yes"
    assert verdict(service, kms_grant("sns.amazonaws.com", "Decrypt")) == "no"
    app, admin = role(), user(name="admin")
    given = kms_grant(app.arn, "Decrypt", RetiringPrincipal=admin.arn)
    assert verdict(admin, given, action="kms:RetireGrant") == "yes"
    assert verdict(admin, given) == "no"
    assert verdict(app, given, action="kms:RetireGrant") == "no"


def test_a_deleted_grantee_is_nobody():
    assert verdict(role(), kms_grant("AROAZZZZZZZZZZZZZZZZZ", "Decrypt")) == "no"


def test_grants_that_were_not_read_are_a_gap_of_what_a_grant_can_allow():
    here = world(user(FULL), resource_policies={KEY: policy(NOBODY)})
    caller = user(FULL)
    decrypt = decide(here, Request(caller, "kms:Decrypt", KEY)).answer
    assert (str(decrypt.verdict), decrypt.conditions) == (
        "unknown",
        (f"not_collected:kms:grants={KEY}",),
    )
    assert str(decide(here, Request(caller, "kms:PutKeyPolicy", KEY)).answer.verdict) == "no"


@pytest.mark.parametrize("row", [None, "x", [], {"Operations": "Decrypt"}, {"Constraints": 1}])
def test_grants_of_another_shape_grant_nothing(row):
    assert grants_document([row])["Statement"] == []


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html


def test_a_delegation_covers_its_own_actions_alone():
    reader = grant({"AWS": A}, "kms:Decrypt")
    assert verdict(user(FULL), key_policy=(reader,)) == "yes"
    assert verdict(user(FULL), key_policy=(reader,), action="kms:ScheduleKeyDeletion") == "no"
    assert verdict(user(), key_policy=(reader,)) == "no"


def test_a_conditional_delegation_is_conditional():
    through = {"Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}
    answer = decided(user(FULL), key_policy=(ROOT | through,)).answer
    assert answer.conditions == ("context:kms:ViaService=s3.eu-west-1.amazonaws.com",)


def test_an_alias_asks_no_key_policy():
    alias = KEY.replace("key/", "alias/")
    delete = user(allow("kms:DeleteAlias"))
    assert verdict(delete, action="kms:DeleteAlias", key=alias, key_policy=(ROOT,)) == "yes"
    assert verdict(user(), action="kms:DeleteAlias", key=alias, key_policy=(ROOT,)) == "no"


# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key


def test_a_key_of_aws_serves_its_own_account_through_a_service_only():
    managed = aws_managed_key(A)

    def asked(caller):
        here = world(
            *([] if isinstance(caller, Outside) else [caller]),
            resource_policies={KEY: managed},
            key_grants={KEY: None},
        )
        return decide(here, Request(caller, "kms:Decrypt", KEY)).answer

    assert asked(user()).conditions == ("context:kms:ViaService=*.amazonaws.com",)
    assert str(asked(user(FULL, account=B)).verdict) == "no"
    assert str(asked(ANY_AWS_PRINCIPAL).verdict) == "no"


# https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html

FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:f"
INVOKE = "lambda:InvokeFunction"


def invoked(caller, resource, **policies):
    named = {"": FUNCTION, "prod": f"{FUNCTION}:prod"}
    written = {
        named[name]: None if text is None else policy(text) for name, text in policies.items()
    }
    here = world(*([] if isinstance(caller, Outside) else [caller]), resource_policies=written)
    return decide(here, Request(caller, INVOKE, resource)).answer


TO_B = {"Principal": {"AWS": B}, "Effect": "Allow", "Action": INVOKE}


def test_each_qualifier_has_its_own_policy():
    caller = user(FULL, account=B)
    function = {"": TO_B | {"Resource": FUNCTION}, "prod": None}
    assert str(invoked(caller, FUNCTION, **function).verdict) == "yes"
    assert str(invoked(caller, f"{FUNCTION}:prod", **function).verdict) == "no"
    alias = {"": None, "prod": TO_B | {"Resource": f"{FUNCTION}:prod"}}
    assert str(invoked(caller, f"{FUNCTION}:prod", **alias).verdict) == "yes"
    assert str(invoked(caller, FUNCTION, **alias).verdict) == "no"


def test_latest_is_the_function_itself():
    caller = user(FULL, account=B)
    both = {"": TO_B | {"Resource": f"{FUNCTION}*"}, "prod": None}
    assert str(invoked(caller, f"{FUNCTION}:$LATEST", **both).verdict) == "yes"
    assert str(invoked(caller, f"{FUNCTION}:prod", **both).verdict) == "no"


def test_a_qualifier_that_was_not_collected_is_a_gap_from_outside_only():
    version = f"{FUNCTION}:7"
    known = {"": None, "prod": None}
    gap = (f"not_collected:resource-policy={version}",)
    service = Outside("service", A, "sns.amazonaws.com")
    for caller in (user(FULL, account=B), service, outside_account(B)):
        answer = invoked(caller, version, **known)
        assert (str(answer.verdict), answer.conditions) == ("unknown", gap)
    assert str(invoked(user(FULL), version, **known).verdict) == "yes"
    assert invoked(user(), version, **known).conditions == gap


def test_a_service_needs_the_policy_in_the_own_account_too():
    service = Outside("service", A, "sns.amazonaws.com")
    named = {"Principal": {"Service": "sns.amazonaws.com"}, "Effect": "Allow", "Action": INVOKE}
    opened = {"": named | {"Resource": FUNCTION}}
    assert str(invoked(service, FUNCTION, **opened).verdict) == "yes"
    assert str(invoked(service, FUNCTION, **{"": None}).verdict) == "no"


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("kms:PutKeyPolicy", "no"),
        ("kms:ScheduleKeyDeletion", "no"),
        ("kms:GetKeyPolicy", "no"),
        ("kms:Decrypt", "yes"),
        ("kms:CreateGrant", "yes"),
        ("kms:GetKeyRotationStatus", "yes"),
    ],
)
@pytest.mark.parametrize("named", ["account", "user"])
def test_another_account_uses_a_key_but_does_not_manage_it(named, action, expected):
    theirs = user(FULL, account=B)
    whom = {"account": B, "user": theirs.arn}[named]
    shared = (ROOT, grant({"AWS": whom}, "kms:*"))
    assert verdict(theirs, key_policy=shared, action=action) == expected
    assert verdict(outside_account(B), key_policy=shared, action=action) == expected
    assert verdict(user(FULL), key_policy=shared, action=action) == "yes"
