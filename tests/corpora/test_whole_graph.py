"""The whole graph of every corpus: nothing breaks on real material, and no end hangs loose."""

import pytest

from graph.escalation.technique import techniques
from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import needs_corpora
from tests.corpora.imported import loose_ends

pytestmark = needs_corpora

NAMES = [
    *files.names("cloudsplaining", "ex*.json"),
    *files.names("iam-vulnerable"),
    *files.names("pathfinding-labs"),
]


def told(problem):
    return f"{'/'.join(problem.file.split('/')[-2:])}: {problem.what}"


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_of_the_declared_shape(name, corpus):
    assert {told(one) for one in corpus(name).derivation.problems} == set()


@pytest.mark.parametrize("name", NAMES)
def test_both_ends_of_every_relationship_exist(name, corpus):
    graph = corpus(name).derivation
    assert loose_ends(graph) == []
    assert len({node.id for node in graph.nodes}) == len(graph.nodes)
    assert [node.id for node in graph.nodes if "OtherResource" in node.labels] == []


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_unique_between_the_same_ends(name, corpus):
    graph = corpus(name).derivation
    keys = [(one.type, one.start, one.end, one.key) for one in graph.relationships]
    assert len(keys) == len(set(keys))


CATALOGUED = {one.id for one in techniques()}
"""Names of techniques, which stand beside the takeover sets that they are."""


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_says_of_admins_what_the_engine_says(name, corpus):
    one = corpus(name)
    drawn = {
        (edge.start, edge.props["verdict"]): set(edge.props["techniques"]) - CATALOGUED
        for edge in one.derivation.relationships
        if edge.type == "HAS_ADMIN" and not edge.start.endswith(":root")
    }
    asked = {
        (arn, verdict): set(techniques)
        for verdict in (Verdict.YES, Verdict.CONDITIONAL, Verdict.UNKNOWN)
        for arn, techniques in one.admins(verdict).items()
    }
    assert drawn == asked


@pytest.mark.parametrize("name", NAMES)
def test_every_principal_is_a_node_that_was_collected(name, corpus):
    one = corpus(name)
    nodes = {node.id: node for node in one.derivation.nodes}
    for arn, principal in one.world.principals.items():
        if principal.kind != "root":
            assert nodes[arn].props["collected"] is True


ROLE_OF = {
    "aws_bedrockagentcore_code_interpreter": "execution_role_arn",
    "aws_cloudformation_stack": "iam_role_arn",
    "aws_codebuild_project": "service_role",
    "aws_glue_dev_endpoint": "role_arn",
    "aws_glue_job": "role_arn",
    "aws_lambda_function": "role",
}
"""Where the data name the role of what runs with one."""


def machines(held):
    """Instances with their profile's role, and others with theirs, by the data's own text."""
    roles = {
        profile["Arn"]: role["Arn"]
        for details in held["accounts"].values()
        for role in details["RoleDetailList"]
        for profile in role["InstanceProfileList"]
    }
    found = set()
    for row in held["resources"]:
        if row.get(ROLE_OF.get(row["type"], "")):
            # As the service authorization reference writes it.
            arn = row["arn"].replace(":dev-endpoint/", ":devEndpoint/")
            if row["type"] == "aws_bedrockagentcore_code_interpreter":
                # AWS adds ten characters to the name.
                arn = arn.replace(":bedrockagentcore:", ":bedrock-agentcore:")
                arn = (
                    arn.replace(":code-interpreter/", ":code-interpreter-custom/") + f"-{'0' * 10}"
                )
            found.add((arn, row[ROLE_OF[row["type"]]]))
        if row["type"] == "aws_instance" and row.get("iam_instance_profile"):
            name = row["iam_instance_profile"]
            found.add((row["arn"], roles[f"arn:aws:iam::{row['account']}:instance-profile/{name}"]))
    return found | tasks(held["resources"])


def tasks(rows):
    """The definition of a service's only task, and that task, whose id no file gives."""
    kinds = ("aws_ecs_cluster", "aws_ecs_service", "aws_ecs_task_definition")
    one = [[row for row in rows if row["type"] == kind] for kind in kinds]
    if any(len(listed) != 1 for listed in one):
        return set()
    ((cluster,), _, (definition,)) = one
    role = definition["task_role_arn"]
    task = cluster["arn"].replace(":cluster/", ":task/") + f"/{'0' * 32}"
    return {(definition["arn"], role), (task, role)}


@pytest.mark.parametrize("name", files.names("pathfinding-labs"))
def test_machines_have_the_roles_that_they_are_given(name, corpus):
    graph = corpus(name).derivation
    drawn = {(one.start, one.end) for one in graph.relationships if one.type == "HAS_ROLE"}
    assert drawn == machines(files.read(name))
