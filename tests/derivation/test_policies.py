"""Policies, documents and statements as nodes, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    LAMBDA,
    PROD,
    Derive,
    World,
    allow,
    doc,
    iam,
    trusting,
)
from graph.derivation.policies import (
    STATEMENT_LIMIT,
    TEXT_LIMIT,
    VALUE_LIMIT,
    policy_part,
)
from graph.derive import Derivation
from graph.iam.from_snapshot import from_snapshot
from graph.records import Node
from snapshot_files import REGION, Denied, line, write_snapshot

READ = allow("s3:GetObject", "arn:aws:s3:::data/*")
SCP = "arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1"


def carried(derivation: Derivation, holder: str) -> dict[tuple[str, str], Node]:
    """The documents of a node, by kind and name."""
    nodes = {node.id: node for node in derivation.nodes}
    return {
        (str(one.props["kind"]), str(one.props["name"])): nodes[one.end]
        for one in derivation.relationships
        if one.type == "HAS_DOCUMENT" and one.start == holder
    }


def statements(derivation: Derivation, document: str) -> list[Node]:
    ends = {
        one.end
        for one in derivation.relationships
        if one.type == "HAS_STATEMENT" and one.start == document
    }
    found = [node for node in derivation.nodes if node.id in ends]
    return sorted(found, key=lambda node: int(str(node.props["index"])))


def documents(derivation: Derivation) -> list[Node]:
    return [node for node in derivation.nodes if "PolicyDocument" in node.labels]


def managed(world: World, name: str, *versions: Any, account: str = PROD) -> str:
    """A managed policy whose last version is the default."""
    arn = iam("policy", name, account)
    listed = [
        {"VersionId": f"v{number}", "IsDefaultVersion": number == len(versions), "Document": text}
        for number, text in enumerate(versions, start=1)
    ]
    item = {"Arn": arn, "PolicyName": name, "PolicyVersionList": listed}
    return world.add("iam:policy", arn, item, account=account)


def test_a_role_carries_its_trust_policy_and_its_inline_policies(derived: Derive) -> None:
    world = World()
    role = world.role("app", [EC2], READ)
    found = carried(derived(world), role)
    assert found.keys() == {("trust", "trust policy of app"), ("inline", "own")}


def test_a_managed_policy_carries_the_version_in_force(derived: Derive) -> None:
    world = World()
    arn = managed(world, "reader", doc(FULL), doc(READ))
    derivation = derived(world)
    ((kind, document),) = carried(derivation, arn).items()
    assert kind == ("managed", "reader")
    (statement,) = statements(derivation, document.id)
    assert statement.props["actions"] == ["s3:GetObject"]
    assert len(documents(derivation)) == 1


def test_a_users_group_and_boundary_lead_to_their_statements(derived: Derive) -> None:
    """User -> group -> policy -> document -> statement, and by the boundary, without a gap."""
    world = World()
    policy, limit = managed(world, "all", doc(FULL)), managed(world, "limit", doc(READ))
    group = iam("group", "ops")
    attached = [{"PolicyArn": policy, "PolicyName": "all"}]
    inline = [{"PolicyName": "extra", "PolicyDocument": doc(allow("sqs:*"))}]
    item = {"Arn": group, "GroupName": "ops", "GroupPolicyList": inline}
    world.add("iam:group", group, item | {"AttachedManagedPolicies": attached})
    bound = {"PermissionsBoundaryArn": limit, "PermissionsBoundaryType": "Policy"}
    user = world.user("ann", GroupList=["ops"], PermissionsBoundary=bound)
    derivation = derived(world)
    steps = {(one.type, one.start, one.end) for one in derivation.relationships}
    assert ("MEMBER_OF", user, group) in steps
    assert ("HAS_POLICY", group, policy) in steps
    assert ("HAS_BOUNDARY", user, limit) in steps
    assert carried(derivation, group).keys() == {("inline", "extra")}
    assert carried(derivation, policy).keys() == {("managed", "all")}
    assert carried(derivation, limit).keys() == {("managed", "limit")}


SPELLINGS = {
    "as an object": lambda document: document,
    "as text": json.dumps,
    "with white space": lambda document: f"\n {json.dumps(document, indent=4)} ",
    "with another order of keys": lambda document: json.dumps(dict(reversed(document.items()))),
    "URL-encoded": lambda document: quote(json.dumps(document)),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_of_one_document_are_one_node(derived: Derive, spelling: Any) -> None:
    world = World()
    first, second = world.user("ann", READ), world.user("bob", READ)
    world.item(second)["UserPolicyList"][0]["PolicyDocument"] = spelling(doc(READ))
    derivation = derived(world)
    (document,) = documents(derivation)
    assert carried(derivation, first) == carried(derivation, second)
    assert document.props["attachment_count"] == 2


@pytest.mark.parametrize(
    "other",
    [
        doc(READ, FULL),
        doc(READ | {"Sid": "A"}),
        doc(READ) | {"Version": "2008-10-17"},
        doc(READ | {"Action": ["s3:GetObject"]}),
    ],
    ids=["a statement more", "a Sid", "another version", "a list of one"],
)
def test_twin_what_differs_in_content_is_another_document(derived: Derive, other: Any) -> None:
    world = World()
    world.user("ann", READ)
    bob = world.user("bob", READ)
    world.item(bob)["UserPolicyList"][0]["PolicyDocument"] = other
    assert len(documents(derived(world))) == 2


def test_size_follows_distinct_documents_not_roles(derived: Derive) -> None:
    world = World()
    for number in range(60):
        world.role(f"r{number}", [EC2], allow(f"s3:Get{number % 3}"))
    derivation = derived(world)
    assert len(documents(derivation)) == 3 + 1
    assert len([one for one in derivation.nodes if "PolicyStatement" in one.labels]) == 3 + 1
    assert len([one for one in derivation.relationships if one.type == "HAS_DOCUMENT"]) == 120


def test_one_text_in_two_accounts_is_one_document_of_nobody(derived: Derive) -> None:
    world = World()
    world.user("ann", READ)
    world.user("ann", READ, account=DEV)
    (document,) = documents(derived(world))
    assert (document.props["account_id"], document.props["attachment_count"]) == (None, 2)


def test_two_inline_policies_with_one_text_are_two_relationships(derived: Derive) -> None:
    world = World()
    user = world.user("ann", READ)
    rows = world.item(user)["UserPolicyList"]
    rows.append({"PolicyName": "again", "PolicyDocument": doc(READ)})
    derivation = derived(world)
    assert carried(derivation, user).keys() == {("inline", "own"), ("inline", "again")}
    assert len(documents(derivation)) == 1


def test_what_a_statement_says_as_lists_of_text(derived: Derive) -> None:
    world = World()
    condition = {
        "StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"], "aws:PrincipalOrgID": "o-x"},
        "Bool": {"aws:SecureTransport": True},
    }
    principal = {"AWS": ["*"], "Service": "sns.amazonaws.com"}
    trust = trusting(principal, Sid="Who", Condition=condition)
    role = world.role("app", [trust])
    derivation = derived(world)
    (document,) = carried(derivation, role).values()
    (node,) = statements(derivation, document.id)
    assert (node.props["sid"], node.props["effect"], node.props["index"]) == ("Who", "Allow", 0)
    assert node.props["actions"] == ["sts:AssumeRole"]
    assert node.props["principals"] == ["AWS=*", "Service=sns.amazonaws.com"]
    assert node.props["conditions"] == [
        "Bool aws:SecureTransport=true",
        "StringEquals aws:PrincipalOrgID=o-x",
        "StringEquals aws:SourceVpc=vpc-1 or vpc-2",
    ]
    assert node.props["resources"] is None
    counted = ("action_count", "principal_count", "condition_count", "resource_count")
    assert [node.props[name] for name in counted] == [1, 2, 3, 0]


def test_the_order_of_keys_tells_nothing(derived: Derive) -> None:
    """Two spellings of one document give one statement, whichever is read first."""
    tests = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    turned = {"Bool": {"aws:c": "true"}, "StringEquals": {"aws:b": "2", "aws:a": "1"}}
    told = []
    for condition in (tests, turned):
        world = World()
        bucket = world.bucket("open", READ | {"Principal": "*", "Condition": condition})
        derivation = derived(world)
        (document,) = carried(derivation, bucket).values()
        told.append((document, statements(derivation, document.id)))
    assert told[0] == told[1]


def test_twin_the_negated_elements_stand_apart(derived: Derive) -> None:
    world = World()
    negated = {"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["arn:aws:s3:::a", "b"]}
    user = world.user("ann", negated)
    derivation = derived(world)
    (document,) = carried(derivation, user).values()
    (node,) = statements(derivation, document.id)
    lists = ("actions", "not_actions", "resources", "not_resources")
    assert [node.props[name] for name in lists] == [
        None,
        ["iam:*"],
        None,
        ["arn:aws:s3:::a", "b"],
    ]


def test_a_document_attached_once_gives_its_statements_the_policys_name(derived: Derive) -> None:
    world = World()
    arn = managed(world, "AdministratorAccess", doc(FULL))
    derivation = derived(world)
    (document,) = carried(derivation, arn).values()
    assert [one.props["name"] for one in statements(derivation, document.id)] == [
        "AdministratorAccess/0"
    ]


def test_twin_attached_twice_they_are_named_by_the_documents_hash(derived: Derive) -> None:
    world = World()
    arn = managed(world, "AdministratorAccess", doc(FULL))
    world.user("ann", FULL)
    derivation = derived(world)
    (document,) = carried(derivation, arn).values()
    (statement,) = statements(derivation, document.id)
    assert statement.props["name"] == f"{document.id.partition(':')[2]}/0"
    assert document.props["attached_as"] == ["AdministratorAccess", "own"]


def test_evidence_leads_to_the_statement(derived: Derive) -> None:
    """Policy and index of a proof's sentence are name and index in the graph."""
    world = World()
    lab = world.role("lab", [EC2])
    role = world.role("app", [LAMBDA, trusting({"AWS": lab})])
    derivation = derived(world)
    (step,) = (
        one
        for one in derivation.relationships
        if one.type == "CAN_ASSUME" and (one.start, one.end) == (lab, role)
    )
    assert any("trust policy of app, statement 1" in text for text in step.props["evidence"])
    document = carried(derivation, role)["trust", "trust policy of app"]
    assert statements(derivation, document.id)[1].props["principals"] == [f"AWS={lab}"]


@pytest.mark.parametrize(
    ("statement", "everything"),
    [
        (FULL, True),
        (allow(["s3:*", "*:*"]), True),
        (allow("*", ["arn:aws:s3:::a", "*"]), True),
        (allow("iam:*"), False),
        (allow("*", "arn:aws:s3:::a"), False),
        (FULL | {"Effect": "Deny"}, False),
        (FULL | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
    ],
    ids=str,
)
def test_what_allows_everything(derived: Derive, statement: Any, everything: bool) -> None:
    world = World()
    user = world.user("ann", statement)
    derivation = derived(world)
    (document,) = carried(derivation, user).values()
    (node,) = statements(derivation, document.id)
    assert document.props["allows_everything"] is node.props["allows_everything"] is everything


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"Version": "2012-10-17"}, "no list of statements"),
        (doc({"Effect": "Allow"}), "statement 0 has neither Action nor NotAction"),
        ("[" * 100_000, "nested too deeply"),
        ('{"Statement":' * 100_000, "nested too deeply"),
        (7, "not a JSON object"),
    ],
    ids=["cut off", "a list", "empty", "no action", "deep list", "deep object", "a number"],
)
def test_a_broken_policy_is_a_document_with_the_reason(
    tmp_path: Path, text: Any, reason: str
) -> None:
    queue = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
    policy = text if isinstance(text, str) else json.dumps(text)
    world = World()
    attributes = {"Attributes": {"QueueArn": queue, "Policy": policy}}
    world.add("sqs:queue", queue, {}, region=REGION, get_queue_attributes=attributes)
    derivation = world.derive(tmp_path)
    (document,) = carried(derivation, queue).values()
    assert (document.props["broken"], document.props["broken_reason"]) == (True, reason)
    assert document.props["statement_count"] is document.props["allows_everything"] is None
    assert statements(derivation, document.id) == []


def test_twin_a_whole_one_is_not_broken(derived: Derive) -> None:
    world = World()
    user = world.user("ann", READ)
    (document,) = carried(derived(world), user).values()
    assert (document.props["broken"], document.props["broken_reason"]) == (False, None)
    assert document.props["statement_count"] == 1


def test_a_policy_that_was_not_collected_has_no_document(derived: Derive) -> None:
    world = World()
    queue = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
    world.add("sqs:queue", queue, {}, region=REGION, get_queue_attributes=Denied)
    managed(world, "unread", None)
    role = world.role("app", [EC2])
    del world.item(role)["AssumeRolePolicyDocument"]
    policy = {"Id": "p-1", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY"}
    world.add("org:policy", SCP, policy, describe_policy=Denied)
    derivation = derived(world)
    assert documents(derivation) == []
    assert not [one for one in derivation.relationships if one.type == "HAS_DOCUMENT"]


def test_twin_read_and_known_to_have_none(derived: Derive) -> None:
    world = World()
    queue = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
    attributes = {"Attributes": {"QueueArn": queue}}
    world.add("sqs:queue", queue, {}, region=REGION, get_queue_attributes=attributes)
    world.bucket("plain")
    assert documents(derived(world)) == []


def test_resources_carry_their_policies(derived: Derive) -> None:
    world = World()
    bucket = world.bucket("open", READ | {"Principal": "*"})
    key = f"arn:aws:kms:{REGION}:{PROD}:key/1"
    text = json.dumps(doc(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{PROD}:root"})))
    world.add("kms:key", key, {}, region=REGION, get_key_policy={"Policy": text})
    derivation = derived(world)
    ((_, document),) = carried(derivation, bucket).items()
    (statement,) = statements(derivation, document.id)
    assert statement.props["principals"] == ["*"]
    assert [kind for kind, _ in carried(derivation, bucket)] == ["resource"]
    assert [kind for kind, _ in carried(derivation, key)] == ["resource"]


def test_a_functions_alias_leads_to_the_function(derived: Derive) -> None:
    """An alias is no node of its own: its policy stands at the function, under its own name."""
    world = World()
    function = f"arn:aws:lambda:{REGION}:{PROD}:function:hello"
    calls = {
        "get_policy": {"Policy": json.dumps(doc(allow("lambda:InvokeFunction", Principal="*")))},
        "get_policy(Qualifier=live)": {"Policy": json.dumps(doc(allow("lambda:*", Principal="*")))},
    }
    item = {"FunctionName": "hello", "FunctionArn": function}
    world.add("lambda:function", function, item, region=REGION, **calls)
    derivation = derived(world)
    found = carried(derivation, function)
    assert len({node.id for node in found.values()}) == 2
    assert sum(f"({function}:live)" in name for _, name in found) == 1
    assert not [node for node in derivation.nodes if "OtherResource" in node.labels]


def test_an_endpoints_policy_is_told_from_a_resources(derived: Derive) -> None:
    world = World()
    endpoint = f"arn:aws:ec2:{REGION}:{PROD}:vpc-endpoint/vpce-1"
    item = {"VpcEndpointId": "vpce-1", "PolicyDocument": json.dumps(doc(FULL | {"Principal": "*"}))}
    world.add("ec2:vpc-endpoint", endpoint, item, region=REGION)
    assert [kind for kind, _ in carried(derived(world), endpoint)] == ["endpoint"]


@pytest.mark.parametrize("wrapped", [True, False])
def test_organisation_policies_carry_theirs(derived: Derive, wrapped: bool) -> None:
    world = World()
    body = {"Content": json.dumps(doc(FULL))}
    policy = {"Id": "p-1", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY"}
    answer = {"Policy": body} if wrapped else body
    world.add("org:policy", SCP, policy, describe_policy=answer)
    assert carried(derived(world), SCP).keys() == {("organization", "guard")}


def test_a_permission_set_carries_its_inline_policy(derived: Derive) -> None:
    world = World()
    arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
    answer = {"InlinePolicy": json.dumps(doc(READ))}
    world.add("sso:permission-set", arn, {}, get_inline_policy_for_permission_set=answer)
    assert carried(derived(world), arn).keys() == {("inline", "inline policy of ps-1")}


def test_a_policy_of_ten_thousand_statements_stays_loadable(derived: Derive) -> None:
    world = World()
    user = world.user("ann", *(allow(f"s3:Get{number}") for number in range(10_000)))
    derivation = derived(world)
    (document,) = carried(derivation, user).values()
    assert document.props["statement_count"] == 10_000
    kept = statements(derivation, document.id)
    assert [one.props["index"] for one in kept] == list(range(STATEMENT_LIMIT))


def test_long_lists_and_texts_are_bounded_and_counted(derived: Derive) -> None:
    world = World()
    actions = [f"s3:Get{number}" for number in range(VALUE_LIMIT + 5)]
    user = world.user("ann", allow(actions, "x" * 100_000))
    derivation = derived(world)
    (document,) = carried(derivation, user).values()
    (node,) = statements(derivation, document.id)
    assert node.props["actions"] == actions[:VALUE_LIMIT]
    assert node.props["action_count"] == VALUE_LIMIT + 5
    (resource,) = node.props["resources"] or ()
    assert (len(resource), resource[-1]) == (TEXT_LIMIT, "…")


_TEXTS = st.text(max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny", "allow"])},
    optional={
        "Sid": _VALUES,
        "Action": _TEXTS | st.lists(_TEXTS, max_size=3) | _VALUES,
        "NotAction": _TEXTS,
        "Resource": _TEXTS | st.lists(_TEXTS, max_size=3) | _VALUES,
        "Principal": st.just("*") | st.dictionaries(_TEXTS, st.lists(_TEXTS), max_size=2) | _VALUES,
        "Condition": st.dictionaries(_TEXTS, st.dictionaries(_TEXTS, _VALUES, max_size=2))
        | _VALUES,
    },
)
_POLICIES = st.fixed_dictionaries(
    {"Statement": _STATEMENTS | st.lists(_STATEMENTS, max_size=3) | _VALUES},
    optional={"Version": _VALUES},
)


@given(_POLICIES | _TEXTS)
def test_whatever_a_policy_holds_only_storable_values_come_out(
    tmp_path_factory: pytest.TempPathFactory, policy: Any
) -> None:
    """Scalars and lists of text; one node for each statement, or a reason why there is none."""
    queue = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
    text = policy if isinstance(policy, str) else json.dumps(policy)
    attributes = {"Attributes": {"QueueArn": queue, "Policy": text}}
    rows = {(PROD, REGION, "sqs:queue"): [line(queue, {}, get_queue_attributes=attributes)]}
    snapshot = write_snapshot(tmp_path_factory.mktemp("snapshot"), rows)
    part = policy_part(snapshot, from_snapshot(snapshot), {queue})
    found = [node for node in part.nodes if "PolicyDocument" in node.labels]
    assert len(found) == (1 if text else 0)
    for node in part.nodes:
        for value in node.props.values():
            listed = value if isinstance(value, list) else [str(value)]
            assert value is None or isinstance(value, str | int | bool | list)
            assert all(isinstance(one, str) for one in listed)
    for node in found:
        count = node.props["statement_count"]
        assert (count is None) is node.props["broken"]
        assert len(part.nodes) == 1 + (int(str(count)) if count else 0)
