"""An account of which no principal was collected: an Allow of one, a Deny of one, all of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.iam.grants import grants
from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import outside_account
from graph.verdict import Verdict
from tests.iam.worlds import A, B, C, doc, forbid, grant, world

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
SEND = "sqs:SendMessage"
ROOT = f"arn:aws:iam::{B}:root"
USER, OTHER = f"arn:aws:iam::{B}:user/x", f"arn:aws:iam::{B}:user/y"
ROLE, PATH_ROLE = f"arn:aws:iam::{B}:role/r", f"arn:aws:iam::{B}:role/team/r"
SESSION, SECOND = f"arn:aws:sts::{B}:assumed-role/r/s", f"arn:aws:sts::{B}:assumed-role/r/t"
FEDERATED = f"arn:aws:sts::{B}:federated-user/x"
NAMES = [USER, OTHER, ROLE, PATH_ROLE, SESSION, SECOND, FEDERATED]


def of_account(*statements, caller=B):
    answer = resource_policy_access(doc(*statements), caller, [SEND], QUEUE, A, world=world())
    return str(answer.verdict)


def allow(named, **more):
    return grant({"AWS": named}, SEND, QUEUE, **more)


def deny(named, **more):
    return forbid({"AWS": named}, "sqs:*", QUEUE, **more)


@pytest.mark.parametrize("name", NAMES)
def test_a_deny_of_one_principal_leaves_the_account(name):
    assert of_account(allow(B), deny(name)) == "yes"
    assert of_account(allow("*"), deny(name)) == "yes"
    rows = grants(doc(allow(B), deny(name)), "sqs", QUEUE, A)
    assert [(row.source_id, str(row.answer.verdict)) for row in rows] == [(f"account:{B}", "yes")]


@pytest.mark.parametrize("whole", [B, ROOT, "*"])
def test_a_deny_of_the_account_leaves_nobody(whole):
    assert of_account(allow(B), deny(whole)) == "no"
    assert of_account(allow(NAMES), deny(whole)) == "no"
    assert of_account(allow([B, C]), deny(whole), caller=C) == ("no" if whole == "*" else "yes")


@pytest.mark.parametrize("name", NAMES)
def test_an_allow_of_one_principal_admits_the_account_unless_that_one_is_denied(name):
    assert of_account(allow(name)) == "yes"
    assert of_account(allow(name), deny(name)) == "no"
    assert of_account(allow([name, B]), deny(name)) == "yes"
    assert of_account(allow(name), deny(f"arn:aws:iam::{C}:user/x")) == "yes"


def test_a_deny_of_a_role_holds_its_sessions_and_a_deny_of_a_session_no_other():
    assert of_account(allow(SESSION), deny(ROLE)) == "yes"  # the role may have a path
    assert of_account(allow(SESSION), deny([ROLE, f"arn:aws:iam::{B}:role/q"])) == "yes"
    assert of_account(allow(SESSION), deny(SECOND)) == "yes"
    assert of_account(allow(ROLE), deny(SESSION)) == "yes"
    assert of_account(allow(USER), deny(SESSION)) == "yes"
    assert of_account(allow(SESSION), deny(SESSION)) == "no"


def test_one_that_a_condition_fixes_and_a_deny_names_is_nobody():
    of_one = {"ArnEquals": {"aws:PrincipalArn": USER}}
    assert of_account(allow(B, Condition=of_one)) == "yes"
    assert of_account(allow(B, Condition=of_one), deny(OTHER)) == "yes"
    assert of_account(allow(B, Condition=of_one), deny(USER)) == "no"
    assert of_account(allow(USER), deny(B, Condition=of_one)) == "no"
    assert (
        of_account(allow(USER), deny(B, Condition={"ArnNotEquals": of_one["ArnEquals"]})) == "yes"
    )


def test_not_principal_of_one_principal():
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html."""
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, USER]}, "Action": "*"}
    assert of_account(allow(B), {**spared, "Resource": QUEUE}) == "yes"
    elsewhere = {**spared, "NotPrincipal": {"AWS": [f"arn:aws:iam::{C}:root"]}}
    assert of_account(allow(B), {**elsewhere, "Resource": QUEUE}) == "no"
    but_one = {"Effect": "Allow", "NotPrincipal": {"AWS": USER}, "Action": SEND}
    assert of_account({**but_one, "Resource": QUEUE}) == "yes"
    but_all = {**but_one, "NotPrincipal": {"AWS": ROOT}}
    assert of_account({**but_all, "Resource": QUEUE}) == "no"


@pytest.mark.parametrize(
    ("one", "as_one_statement"),
    [
        (f"arn:aws:iam::{B}:user/u{{}}", True),
        (f"arn:aws:iam::{B}:user/u{{}}", False),
        (f"arn:aws:sts::{B}:assumed-role/r/u{{}}", True),
        (f"arn:aws:sts::{B}:assumed-role/r{{}}/u", True),
    ],
)
def test_hundreds_of_denied_principals_leave_the_account(one, as_one_statement):
    names = [one.format(number) for number in range(400)]
    denies = [deny(names)] if as_one_statement else [deny(name) for name in names]
    assert of_account(allow(B), *denies) == "yes"
    assert of_account(allow(names[7]), *denies) == "no"
    assert of_account(allow([names[7], USER]), *denies) == "yes"
    assert of_account(allow(B), *denies, deny(B)) == "no"


def test_who_is_singled_out_is_denied_by_name():
    """Twin of the account: a caller of which the name is known."""
    named = outside_account(B, USER)
    assert of_account(allow(B), deny(USER), caller=named) == "no"
    assert of_account(allow(B), deny(OTHER), caller=named) == "yes"


STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from([allow, deny]),
        st.lists(st.sampled_from([B, "*", f"arn:aws:iam::{C}:user/x", *NAMES]), min_size=1),
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=100)
@given(STATEMENTS, st.sampled_from([*NAMES, B]))
def test_a_further_deny_never_opens_and_a_further_allow_never_closes(rows, name):
    written = [kind(named) for kind, named in rows]
    before = Verdict(of_account(*written)).rank
    assert Verdict(of_account(*written, deny(name))).rank <= before
    assert Verdict(of_account(*written, allow(name))).rank >= before


@settings(deadline=None, max_examples=100)
@given(STATEMENTS)
def test_an_account_may_what_any_of_its_principals_may(rows):
    """But for sessions, whose role's path the account alone knows: they are left out here."""
    written = [kind(named) for kind, named in rows]
    callers = [outside_account(B, name) for name in (USER, OTHER, ROLE, FEDERATED)]
    single = max(Verdict(of_account(*written, caller=one)).rank for one in callers)
    assert Verdict(of_account(*written)).rank >= single


@settings(deadline=None, max_examples=60)
@given(STATEMENTS)
def test_a_deny_of_a_principal_that_no_allow_names_hides_nothing(rows):
    written = [kind(named) for kind, named in rows]
    stranger = f"arn:aws:iam::{B}:user/nobody-else-names"
    assert of_account(*written, deny(stranger)) == of_account(*written)
