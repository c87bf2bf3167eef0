"""``iam-vulnerable``: every path from the labels, none from those that must not be found."""

import pytest

from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import edited

pytestmark = needs_corpora

FOLDER = "iam-vulnerable"
NAMES = files.names(FOLDER)
PINNED = beside("vulnerable_paths.json")
HERE = "arn:aws:iam::111111111111:"
STEPS = ("CAN_ESCALATE_TO", "CAN_EXECUTE_ON", "CAN_ASSUME")


def labels(name):
    return files.read(name)["expected"]


def ways(one):
    """Who can take a first step, or needs none."""
    found = set(one.admins())
    for row in one.derivation.relationships:
        if row.type in STEPS and row.props["verdict"] in ("yes", "conditional"):
            found.add(row.start)
    members = [row for row in one.derivation.relationships if row.type == "MEMBER_OF"]
    return found | {row.start for row in members if row.end in found}


def short(arn):
    """The name that user and role of a label share."""
    return (
        arn.rpartition("/")[2].removesuffix("-user").removesuffix("-role").removesuffix("-policy")
    )


def explained(name):
    told = {**PINNED["no_such_target"], **PINNED["no_older_version"]}
    told |= PINNED["no_role_to_pass"].get(name.rpartition("/")[2], {})
    return set(told)


def missing(name, one):
    found = ways(one)
    return {arn for arn in labels(name)["can_escalate"] if arn not in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_label_that_can_escalate_does_but_for_those_with_a_reason(name, corpus):
    left = missing(name, corpus(name))
    start = {f"{HERE}user/{one}" for one in PINNED["trusted_by_nobody"]}
    assert {short(arn) for arn in left - start} == {
        one for one in explained(name) if any(short(a) == one for a in labels(name)["can_escalate"])
    }


@pytest.mark.parametrize("name", NAMES)
def test_nobody_that_cannot_escalate_has_a_way(name, corpus):
    one = corpus(name)
    drawn = {
        row.start
        for row in one.derivation.relationships
        if row.type in STEPS and row.props["verdict"] != "no"
    }
    assert not drawn & set(labels(name)["cannot_escalate"])


@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_all_that_tools_overlook_is_found(kind, number, corpus):
    name = f"{FOLDER}/combined.json"
    wanted = [a for a in labels(name)["can_escalate"] if f"{kind}/fn{number}-" in a]
    assert wanted
    assert set(wanted) <= ways(corpus(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_file_has_nothing_but_identities(name):
    """So no technique on what runs has a target."""
    assert {row["type"] for row in files.read(name)["resources"]} == {"aws_iam_access_key"}


def test_the_policy_of_the_second_label_has_one_version_and_with_another_it_is_found(corpus):
    one = corpus(f"{FOLDER}/privesc-paths.json")
    policy = f"{HERE}policy/privesc2-SetExistingDefaultPolicyVersion"
    (item,) = [line.item for line in one.snapshot.items("iam:policy") if line.id == policy]
    assert len(item["PolicyVersionList"]) == 1

    def older(held):
        full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [full]}
        row = {"VersionId": "v0", "IsDefaultVersion": False, "Document": document}
        held["PolicyVersionList"] = [*held["PolicyVersionList"], row]
        return held

    user = f"{HERE}user/privesc2-SetExistingDefaultPolicyVersion-user"
    assert user not in ways(one)
    assert user in ways(edited(one, policy, older))


def test_no_trust_policy_names_the_user_that_starts(corpus):
    one = corpus(f"{FOLDER}/combined.json")
    user = f"{HERE}user/privesc-AssumeRole-start-user"
    assert one.world.principals[user].policies == ()
    trusts = [who.trust for who in one.world.principals.values() if who.trust]
    assert trusts
    assert not any("AssumeRole-start-user" in repr(trust.document) for trust in trusts)


def test_the_partial_rights_are_found_where_a_profile_holds_a_role(corpus):
    user = f"{HERE}user/fn1-privesc3-partial-user"
    assert user in ways(corpus(f"{FOLDER}/combined.json"))
    bare = corpus(f"{FOLDER}/tool-testing.json")
    assert list(bare.snapshot.items("iam:instance-profile")) == []
    assert bare.admin(user).answer.verdict is Verdict.NO
