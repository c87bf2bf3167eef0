"""AWS's own managed policies as they stood: all parse, all expand, and three make an admin."""

import re
from collections import defaultdict

import pytest

from graph.iam import catalogue
from graph.iam.document import Document, parse
from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import imported, loose_ends
from tests.corpora.recorded_calls import RecordedCalls

pytestmark = needs_corpora

ACCOUNT = "123456789012"
PINNED = beside("admins.json")["aws-managed-policies"]
EXPLAINED = beside("unknown_actions.json")["groups"]
TAKEOVER = beside("admins.json")["all_techniques"]


@pytest.fixture(scope="module")
def policies():
    return files.read("aws-managed-policies.json")["policies"]


def listed(value):
    return [value] if isinstance(value, str) else list(value or ())


def statements(row):
    held = row["document"]["Statement"]
    return held if isinstance(held, list) else [held]


def entries(row):
    """Every pattern of an Action or NotAction."""
    return {
        entry
        for statement in statements(row)
        for name in ("Action", "NotAction")
        for entry in listed(statement.get(name))
    }


def test_all_1641_parse(policies):
    assert len(policies) == 1641
    parsed = {name: parse(row["document"]) for name, row in policies.items()}
    assert [name for name, one in parsed.items() if not isinstance(one, Document)] == []
    for name, one in parsed.items():
        assert len(one.statements) == len(statements(policies[name])), name


def test_patterns_that_match_no_action_are_explained(policies):
    found = {
        entry for row in policies.values() for entry in entries(row) if catalogue.unknown(entry)
    }
    explained = {f"{row['service']}:{name}" for row in EXPLAINED for name in row["actions"]}
    assert found - explained == set(), "say why in unknown_actions.json"
    assert explained - found == set(), "the catalogue has these now: take them out"


@pytest.mark.parametrize("group", EXPLAINED, ids=lambda row: row["service"])
def test_the_reason_fits(group, policies):
    names = {f"{group['service']}:{name}" for name in group["actions"]}
    carrying = [row for row in policies.values() if entries(row) & names]
    assert carrying
    known = group["service"] in catalogue.services()
    if group["kind"] == "withdrawn":
        assert all(row["deprecated"] for row in carrying)
    else:
        assert known is (group["kind"] == "unlisted action")


def naively(pattern):
    """A pattern as a regular expression over whole names; ``*`` and ``?`` only."""
    parts = ({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in pattern)
    return re.compile("".join(parts), re.IGNORECASE)


def test_patterns_expand_to_the_actions_that_they_match(policies):
    by_service = defaultdict(list)
    for action in catalogue.all_actions():
        by_service[action.partition(":")[0]].append(action)
    distinct = {entry for row in policies.values() for entry in entries(row)}
    assert len(distinct) > 10_000
    for entry in distinct:
        service = entry.partition(":")[0].lower()
        pool = catalogue.all_actions() if "*" in service else by_service[service]
        matches = naively(entry).fullmatch
        expected = [action for action in pool if matches(action)]
        assert list(catalogue.names(catalogue.bits(entry))) == expected, entry


@pytest.fixture(scope="module")
def bearers(policies, tmp_path_factory):
    """One account: a role for each policy that has nothing else, and a user that has nothing."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    arns = {
        name: row.get("arn") or f"arn:aws:iam::aws:policy/{name}" for name, row in policies.items()
    }
    roles = [
        {
            "Path": "/",
            "RoleName": f"bearer-{number}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/bearer-{number}",
            "AssumeRolePolicyDocument": trust,
            "RolePolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": arns[name]}],
        }
        for number, name in enumerate(policies)
    ]
    texts = [
        {
            "PolicyName": name,
            "Arn": arns[name],
            "DefaultVersionId": "v1",
            "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": True, "Document": row["document"]}
            ],
        }
        for name, row in policies.items()
    ]
    user = {"Path": "/", "UserName": "idle", "Arn": f"arn:aws:iam::{ACCOUNT}:user/idle"}
    details = {"RoleDetailList": roles, "UserDetailList": [user], "Policies": texts}
    one = imported(
        tmp_path_factory.mktemp("bearers"),
        lambda root: RecordedCalls(root).account_details(ACCOUNT, details),
    )
    return one, {role["Arn"]: name for role, name in zip(roles, policies, strict=True)}


def test_all_policies_arrive_through_an_import(bearers, policies):
    one, names = bearers
    assert one.result.warnings == ()
    assert one.unread() == {}
    assert len(names) == len(policies)
    for arn in names:
        assert len(one.world.principals[arn].policies) == 1


def test_their_graph_has_a_node_for_each_policy_and_no_loose_end(bearers, policies):
    graph = bearers[0].derivation
    assert loose_ends(graph) == []
    managed = [node for node in graph.nodes if node.id.startswith("arn:aws:iam::aws:policy/")]
    assert len(managed) == len(policies)


def test_exactly_three_policies_alone_make_an_admin(bearers):
    one, names = bearers
    found = {names[arn]: sets for arn, sets in one.admins().items()}
    assert found == {name: frozenset(techniques) for name, (_, techniques) in PINNED.items()}


def test_none_makes_one_under_a_condition_or_for_want_of_data(bearers):
    one, _ = bearers
    assert one.admins(Verdict.CONDITIONAL) == {}
    assert one.admins(Verdict.UNKNOWN) == {}


def sets_by_text(row):
    """Takeover sets that a policy's text grants on every resource without a condition."""
    granted = set()
    for statement in statements(row):
        if statement["Effect"] == "Deny":
            return frozenset()  # none of the three has one
        if statement.get("Condition") or "*" not in listed(statement.get("Resource")):
            continue
        patterns = [naively(entry) for entry in listed(statement.get("Action"))]
        for technique in TAKEOVER:
            granted |= {
                action
                for action in technique.split("+")
                if any(pattern.fullmatch(action) for pattern in patterns)
            }
    return frozenset(one for one in TAKEOVER if set(one.split("+")) <= granted)


def test_their_text_says_the_same(policies):
    found = {name: sets_by_text(row) for name, row in policies.items()}
    expected = {name: frozenset(techniques) for name, (_, techniques) in PINNED.items()}
    assert {name: sets for name, sets in found.items() if sets} == expected


@pytest.mark.parametrize("name", PINNED)
def test_twin_that_denies_one_action_of_each_set_is_no_admin(name, policies, tmp_path):
    """The law of the Deny on real text: the same policy and one Deny beside it."""
    document = policies[name]["document"]
    needed = ["iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:UpdateLoginProfile"]
    rows = [*statements(policies[name]), {"Effect": "Deny", "Action": needed, "Resource": "*"}]

    def role(number, policy):
        inline = [{"PolicyName": "p", "PolicyDocument": policy}]
        arn = f"arn:aws:iam::{ACCOUNT}:role/bearer-{number}"
        return {
            "Path": "/",
            "RoleName": f"bearer-{number}",
            "Arn": arn,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "RolePolicyList": inline,
        }

    details = {
        "RoleDetailList": [role(0, document), role(1, {**document, "Statement": rows})],
        "UserDetailList": [
            {"Path": "/", "UserName": "idle", "Arn": f"arn:aws:iam::{ACCOUNT}:user/idle"}
        ],
    }
    one = imported(tmp_path, lambda root: RecordedCalls(root).account_details(ACCOUNT, details))
    assert one.admins().keys() == {f"arn:aws:iam::{ACCOUNT}:role/bearer-0"}
