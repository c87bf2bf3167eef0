"""The 39 allow-or-deny questions of the corpus ``iamspy``, asked of imported snapshots."""

import pytest

from graph.iam.document import Document
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.verdict import Verdict
from tests.corpora import files, iamspy_files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import imported, loose_ends

pytestmark = needs_corpora

DISAGREEMENTS = [
    row["case"] for row in beside("disagreements.json")["labels"] if row["corpus"] == "iamspy"
]


def cases():
    return files.read("iamspy/cases.json") if files.names("iamspy") else []


def title(case):
    kind = case["test"].removeprefix("test_")
    named = ",".join(name.removesuffix(".json") for held in case["files"].values() for name in held)
    strict = "-strict" if True in case["inp"] else ""
    given = "-context" if any("=" in str(part) for part in case["inp"]) else ""
    return f"{kind}-{named}-{case['inp'][0].rpartition('/')[2]}{given}{strict}"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Worlds by the files that make them; each is imported once."""
    known = {}

    def world_of(named):
        held = {
            kind: [files.read(f"iamspy/files/{name}") for name in named.get(kind, ())]
            for kind in ("gaads", "scps", "resources")
        }
        key = str(sorted(named.items()))
        if key not in known:
            known[key] = imported(
                tmp_path_factory.mktemp("iamspy"),
                lambda root: iamspy_files.convert(
                    held["gaads"], held["scps"], held["resources"], root
                ),
            )
        return known[key]

    return world_of


def keys_tested(world):
    """Every context key that some policy of the world asks for."""
    policies = [policy for policy in world.resource_policies.values() if policy]
    for one in world.principals.values():
        policies += one.policies
    documents = [row.document for row in policies if isinstance(row.document, Document)]
    return {test.key for one in documents for row in one.statements for test in row.conditions}


def allowed(world, principal, action, resource, conditions=(), condition_file=None, strict=False):
    """Whether a request is allowed or conditional; ``strict`` takes every other key as absent."""
    assert condition_file is None
    if principal not in world.principals:
        return False  # nobody of that name is in the account: there is no one to allow it to
    context = dict(pair.split("=", 1) for pair in conditions)
    given = {key.lower() for key in context}
    absent = {key for key in keys_tested(world) if key.lower() not in given}
    answer = evaluate(
        world,
        Request(
            world.principals[principal],
            action,
            resource,
            context={key: (value,) for key, value in context.items()},
            absent=frozenset(absent if strict else ()),
        ),
    )
    return answer.verdict in (Verdict.YES, Verdict.CONDITIONAL)


def who(world, action, resource, *rest):
    """Users and roles for whom it is allowed. The labels leave root users out."""
    listed = [arn for arn, one in world.principals.items() if one.kind != "root"]
    return {arn for arn in listed if allowed(world, arn, action, resource, *rest)}


def test_there_are_39_questions():
    assert len(cases()) == 39


@pytest.mark.parametrize("case", cases(), ids=title)
def test_question(case, worlds):
    if case in DISAGREEMENTS:
        pytest.skip("AWS's text contradicts the label: see disagreements.json")
    world = worlds(case["files"]).world
    asked, expected = case["inp"], case["out"]
    if case["test"] == "test_can_i":
        assert allowed(world, *asked) is expected
    elif case["test"] == "test_who_can":
        assert who(world, *asked) == set(expected)
    else:
        action, resources = asked
        pairs = {(arn, one) for one in resources for arn in who(world, action, one)}
        assert pairs == {tuple(pair) for pair in expected}


@pytest.mark.parametrize("case", cases(), ids=title)
def test_question_loads_without_a_warning(case, worlds):
    one = worlds(case["files"])
    assert one.result.warnings == ()
    assert one.unread() == {}


@pytest.mark.parametrize("case", cases(), ids=title)
def test_question_as_a_graph(case, worlds):
    graph = worlds(case["files"]).derivation
    assert loose_ends(graph) == []
    assert graph.problems == ()
