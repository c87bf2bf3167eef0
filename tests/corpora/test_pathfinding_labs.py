"""``pathfinding-labs``: admin rights where they are held, roles that can be assumed, data reached.

A lab's ``isAdmin`` means admin once its technique has run. Paths are another matter.
"""

import copy

import pytest

from graph.iam.assume import assume_answers
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import edited, without_action

pytestmark = needs_corpora

FOLDER = "pathfinding-labs"
PINNED = beside("labs.json")


def short(name):
    """``to-admin__iam-019`` of a lab's file name."""
    return "-".join(name.partition("privesc-one-hop__")[2].split("-")[:3])


BY_SHORT = {short(name): name for name in files.names(FOLDER)}
LABS = sorted(BY_SHORT)


def nodes(lab):
    return files.read(BY_SHORT[lab])["expected"]["nodes"]


def full(policy):
    """Whether a policy allows every action on every resource, read from its text."""
    rows = getattr(policy.document, "statements", ())
    return any(
        not row.is_deny
        and not row.conditions
        and "*" in row.action_names
        and "*" in (row.resources or ())
        for row in rows
    )


def test_there_are_38_labs():
    assert len(LABS) == 38


@pytest.mark.parametrize("lab", LABS)
def test_admins_hold_every_right_or_a_whole_takeover_set(lab, corpus):
    one = corpus(BY_SHORT[lab])
    every = {arn for arn, who in one.world.principals.items() if any(map(full, who.policies))}
    whole = PINNED["starts_with_a_whole_set"].get(lab)
    found = one.admins()
    starts = {node["arn"] for node in nodes(lab) if node.get("access")}
    assert found.keys() - every == (starts if whole else set())
    assert every <= found.keys()
    if whole:
        assert [sorted(found[arn]) for arn in starts] == [whole["techniques"]]


@pytest.mark.parametrize("lab", LABS)
def test_nodes_that_are_admin_hold_it_in_the_snapshot_but_for_eight(lab, corpus):
    one = corpus(BY_SHORT[lab])
    for node in nodes(lab):
        if node.get("isAdmin"):
            held = node["arn"] in one.admins()
            assert held is (lab not in PINNED["admin_only_after_the_technique"])


def test_eight_of_32_admin_nodes_hold_nothing_in_the_snapshot():
    marked = [lab for lab in LABS if any(node.get("isAdmin") for node in nodes(lab))]
    assert len(marked) == 32
    assert len(PINNED["admin_only_after_the_technique"]) == 8
    assert PINNED["admin_only_after_the_technique"].keys() <= set(marked)


@pytest.mark.parametrize("lab", PINNED["starts_with_a_whole_set"])
@pytest.mark.parametrize("number", [0, 1])
def test_twin_without_one_action_of_the_set_is_no_admin(lab, number, corpus):
    action = PINNED["starts_with_a_whole_set"][lab]["techniques"][0].split("+")[number]
    one = corpus(BY_SHORT[lab])
    (start,) = [node["arn"] for node in nodes(lab) if node.get("access")]
    assert edited(one, start, without_action(action)).admin(start).answer.verdict is Verdict.NO


def assumers(one):
    """Who may assume which role, root users left out: they may call on anything of theirs."""
    return {
        (row.source, arn): row.answer.verdict
        for arn, role in one.world.principals.items()
        if role.kind == "role"
        for row in assume_answers(one.world, arn)
        if row.kind == "principal" and one.world.principals[row.source].kind != "root"
    }


@pytest.mark.parametrize("lab", LABS)
def test_roles_are_assumed_by_those_whom_both_sides_let(lab, corpus):
    expected = {
        tuple(f"arn:aws:iam::111111111111:{end}" for end in pair["ends"])
        for pair in PINNED["assumptions"].get(lab, ())
    }
    assert assumers(corpus(BY_SHORT[lab])) == dict.fromkeys(expected, Verdict.YES)


@pytest.mark.parametrize("lab", PINNED["assumptions"])
def test_twin_whose_trust_names_a_service_only_is_assumed_by_nobody(lab, corpus):
    one = corpus(BY_SHORT[lab])
    role = f"arn:aws:iam::111111111111:{PINNED['assumptions'][lab][0]['ends'][1]}"

    def to_a_service(item):
        document = copy.deepcopy(item["AssumeRolePolicyDocument"])
        for row in document["Statement"]:
            row["Principal"] = {"Service": "ec2.amazonaws.com"}
        return item | {"AssumeRolePolicyDocument": document}

    assert {end for _, end in assumers(one)} >= {role}
    assert role not in {end for _, end in assumers(edited(one, role, to_a_service))}


@pytest.mark.parametrize(
    ("lab", "pair"),
    [(lab, pair) for lab, pairs in PINNED["assumptions"].items() for pair in pairs],
    ids=lambda part: part if isinstance(part, str) else part["ends"][1],
)
def test_without_the_identity_side_only_a_trust_that_names_the_caller_is_enough(lab, pair, corpus):
    """AWS: a trust that names a principal of the same account needs no identity policy."""
    start, role = (f"arn:aws:iam::111111111111:{end}" for end in pair["ends"])
    one = corpus(BY_SHORT[lab])

    def bare(item):
        return item | {"UserPolicyList": [], "RolePolicyList": [], "AttachedManagedPolicies": []}

    left = assumers(edited(one, start, bare))
    assert ((start, role) in left) is (pair["trust"] == "names the caller")


BUCKET_LABS = [lab for lab in LABS if lab.startswith("to-bucket")]


@pytest.mark.parametrize("lab", BUCKET_LABS)
def test_the_bucket_is_read_by_its_role_and_not_by_the_start(lab, corpus):
    one = corpus(BY_SHORT[lab])
    (bucket,) = {line.id for line in one.snapshot.items("s3:bucket")}
    reader = f"arn:aws:iam::111111111111:{PINNED['reads_the_bucket'][lab]}"

    def reads(arn):
        who = one.world.principals[arn]
        return evaluate(one.world, Request(who, "s3:GetObject", f"{bucket}/flag")).verdict

    assert reads(reader) is Verdict.YES
    others = [arn for arn, who in one.world.principals.items() if who.kind != "root"]
    assert {arn for arn in others if reads(arn) is not Verdict.NO} == {reader}


def test_labels_that_ask_for_a_right_that_aws_does_not_are_listed():
    """Each lab that requires ``sts:AssumeRole`` although its target's trust names the start."""
    found = []
    for lab, pairs in PINNED["assumptions"].items():
        expected = files.read(BY_SHORT[lab])["expected"]
        required = {
            right["resource"].rpartition(":")[2]
            for row in expected["required"]
            for right in row.get("permissions", ())
            if right["permission"] == "sts:AssumeRole"
        }
        named = {pair["ends"][1] for pair in pairs if pair["trust"] == "names the caller"}
        if named & required:
            found.append(lab)
    (listed,) = (
        row["files"]
        for row in beside("disagreements.json")["labels"]
        if row["corpus"] == "pathfinding-labs"
    )
    assert sorted(found) == listed
