"""What the comparison found wrong in the engine: each with its twin (docs/iam-disagreements.md)."""

import pytest

from graph.iam.world import ANONYMOUS, Outside
from tests.iam.worlds import BUCKET, FULL, allow, grant, policy, user, verdict

SERVICE = Outside("service", arn="events.amazonaws.com")


def _tagged(null, *values):
    alice = user(allow("s3:*", Condition={"Null": {"aws:TagKeys": null}}))
    return verdict(alice, context={"aws:TagKeys": values})


def test_a_key_with_several_values_is_present():
    assert _tagged("false", "team", "env") == "yes"
    assert _tagged("true", "team", "env") == "no"


def test_twin_a_key_with_one_value_is_present():
    assert _tagged("false", "team") == "yes"
    assert _tagged("true", "team") == "no"


def _listed(caller, action="sqs:ListQueues"):
    return verdict(caller, action, "*", owner="")


@pytest.mark.parametrize("caller", [SERVICE, ANONYMOUS])
def test_no_policy_admits_an_outsider_to_an_action_on_no_resource(caller):
    assert _listed(caller) == "no"


def test_twin_a_principal_of_an_account_lists_its_own():
    assert _listed(user(FULL)) == "yes"


def _open_to(account):
    condition = {"StringEquals": {"aws:PrincipalAccount": account}}
    open_policy = policy(grant("*", Condition=condition))
    return verdict(ANONYMOUS, "s3:GetObject", f"{BUCKET}/x", resource_policy=open_policy)


def test_the_account_of_an_unsigned_caller_is_anonymous():
    assert _open_to("anonymous") == "yes"


def test_twin_the_account_of_an_unsigned_caller_is_no_other():
    assert _open_to("111111111111") == "no"
