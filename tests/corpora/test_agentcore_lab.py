"""``pathfinding-labs`` bedrock-002: a code interpreter is a door to its role."""

import copy

from collector.snapshot.overlay import Change, Overlay
from graph.derive import derive
from tests.corpora import files
from tests.corpora.files import needs_corpora
from tests.corpora.imported import edited, without_action

pytestmark = needs_corpora

(LAB,) = [name for name in files.names("pathfinding-labs") if "bedrock-002" in name]
_IAM = "arn:aws:iam::111111111111"
START = f"{_IAM}:user/pl-prod-bedrock-002-to-admin-starting-user"
TARGET = f"{_IAM}:role/pl-prod-bedrock-002-to-admin-target-role"
INTERPRETER = (
    "arn:aws:bedrock-agentcore:us-east-1:111111111111:code-interpreter-custom/"
    "pl_prod_bedrock_002_to_admin_target_interpreter-0000000000"
)


def escalations(graph):
    return {
        (edge.start, edge.end, edge.props["technique"], edge.props["verdict"])
        for edge in graph.relationships
        if edge.type == "CAN_ESCALATE_TO"
    }


def with_interpreter(one, edit):
    """The lab with a code interpreter as ``edit`` leaves it."""
    (line,) = one.snapshot.items("agentcore:code-interpreter")
    item = copy.deepcopy(dict(line.item))
    got = copy.deepcopy(dict(line.call("get_code_interpreter").value))
    edit(item, got)
    calls = {"get_code_interpreter": {"status": "ok", "value": got}}
    changed = {"id": line.id, "item": item, "calls": calls}
    overlay = Overlay([Change("replace", line.file, line.id, changed)])
    return derive(one.snapshot.with_overlay(overlay))


def test_who_may_use_the_interpreter_gains_its_role(corpus):
    one = corpus(LAB)
    assert escalations(one.derivation) == {(START, TARGET, "bedrock-002", "yes")}
    assert INTERPRETER in {node.id for node in one.derivation.nodes}


def test_twin_who_may_start_no_session_gains_nothing(corpus):
    action = "bedrock-agentcore:StartCodeInterpreterSession"
    assert escalations(edited(corpus(LAB), START, without_action(action)).derivation) == set()


def test_twin_without_an_execution_role_gives_nothing(corpus):
    graph = with_interpreter(corpus(LAB), lambda _, got: got.pop("executionRoleArn"))
    assert escalations(graph) == set()


def test_twin_that_could_not_be_made_gives_nothing(corpus):
    def failed(item, got):
        item["status"] = got["status"] = "CREATE_FAILED"

    assert escalations(with_interpreter(corpus(LAB), failed)) == set()
