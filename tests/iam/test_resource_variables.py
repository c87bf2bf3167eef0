"""A policy for everyone that the organisation or account of its own resource narrows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import pytest

from graph.iam.grants import grants
from graph.iam.world import Account
from tests.iam.worlds import BUCKET, ORG, A, alone, doc, forbid, grant, member, world

OBJECTS = f"{BUCKET}/*"
ORG_ID, ORG_PATHS = "${aws:ResourceOrgID}", "${aws:ResourceOrgPaths}"
UNIT = f"org:{ORG}/r-ab12/ou-ab12-11111111"
CASES = [
    ("StringEquals", "aws:PrincipalOrgID", ORG_ID, f"org:{ORG}"),
    ("StringEquals", "AWS:principalorgid", "${AWS:resourceorgid}", f"org:{ORG}"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG_ID}/*", f"org:{ORG}"),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG_PATHS}*", UNIT),
    ("StringEquals", "aws:SourceOrgID", ORG_ID, f"org:{ORG}"),
    ("StringEquals", "aws:VpceOrgID", ORG_ID, f"org:{ORG}"),
]


def allowed(operator, key, value, principal="*"):
    return grant(principal, "s3:GetObject", OBJECTS, Condition={operator: {key: value}})


def found(owner, *statements, version="2012-10-17"):
    """``{(source id, verdict)}`` for a bucket of an account."""
    here = world(accounts=[owner])
    rows = grants(doc(*statements, version=version), "s3", BUCKET, A, here)
    return {(row.source_id, str(row.answer.verdict)) for row in rows}


@pytest.mark.parametrize(("operator", "key", "value", "source"), CASES)
def test_the_organisation_of_the_resource_is_the_source(operator, key, value, source):
    assert found(member(A), allowed(operator, key, value)) == {(source, "yes")}


@pytest.mark.parametrize(("operator", "key", "value", "_source"), CASES)
def test_an_organisation_that_is_not_known_is_never_silence(operator, key, value, _source):
    verdicts = {verdict for _, verdict in found(Account(A), allowed(operator, key, value))}
    assert verdicts
    assert verdicts <= {"conditional", "unknown"}


@pytest.mark.parametrize(("operator", "key", "value", "_source"), CASES)
def test_an_account_in_no_organisation_lets_nobody_in(operator, key, value, _source):
    assert found(alone(A), allowed(operator, key, value)) == set()


def test_in_the_version_without_variables_the_text_is_no_organisation():
    statement = allowed("StringEquals", "aws:PrincipalOrgID", ORG_ID)
    assert found(member(A), statement, version="2008-10-17") == set()


def test_a_deny_of_other_organisations_leaves_that_of_the_resource():
    everyone = grant("*", "s3:GetObject", OBJECTS)
    narrowed = {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORG_ID}}}
    others = forbid("*", "s3:*", OBJECTS, **narrowed)
    assert found(member(A), everyone, others) == {(f"org:{ORG}", "yes")}
    assert ("internet", "yes") in found(member(A), everyone)


def test_a_service_for_the_resources_organisation_is_that_organisation():
    trail = {"Service": "cloudtrail.amazonaws.com"}
    written = found(member(A), allowed("StringEquals", "aws:SourceOrgID", ORG, trail))
    assert (f"org:{ORG}", "yes") in written
    assert found(member(A), allowed("StringEquals", "aws:SourceOrgID", ORG_ID, trail)) == written


def test_the_resources_account_is_the_source_as_its_number_is():
    written = found(member(A), allowed("StringEquals", "aws:PrincipalAccount", A))
    value = "${aws:ResourceAccount}"
    got = found(member(A), allowed("StringEquals", "aws:PrincipalAccount", value))
    assert got == written == {(f"account:{A}", "yes")}
