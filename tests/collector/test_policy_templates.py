"""The templates of the assessor's role."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector.actions import Permission, operation_actions
from collector.policy_documents import ATTACHED_LIMIT, INLINE_LIMIT, size_of
from collector.policy_templates import (
    AssessorRole,
    TemplateError,
    assessor_role,
    cloudformation,
    cloudformation_stack_set,
)
from collector.policy_terraform import terraform, terraform_stack_set
from graph.iam import catalogue

ASSESSOR = "111122223333"
EVERYTHING = frozenset(p for row in operation_actions().values() for p in row.permissions)
# So much that it does not fit into inline policies; real names, which cfn-lint knows.
MANY = frozenset(
    Permission(name)
    for name in catalogue.all_actions()
    if catalogue.action(name).level in ("list", "read")
)
MANY = frozenset(sorted(MANY)[::10])
ROLE = assessor_role(EVERYTHING, ASSESSOR, "words-between-us")
BIG = AssessorRole(ASSESSOR, "words-between-us", MANY)
TEMPLATES = [cloudformation, cloudformation_stack_set]
CONFIGURATIONS = [terraform, terraform_stack_set]


def resource(template: str, kind: str) -> dict[str, Any]:
    (found,) = [r for r in json.loads(template)["Resources"].values() if r["Type"] == kind]
    return found["Properties"]


@pytest.mark.parametrize("role", [ROLE, BIG], ids=["inline", "managed"])
@pytest.mark.parametrize("make", TEMPLATES)
def test_cfn_lint_has_nothing_to_say(
    make: Callable[[AssessorRole], str], role: AssessorRole, tmp_path: Path
) -> None:
    cfn_lint = pytest.importorskip("cfnlint.api")
    # W3037: its list of actions is older than ours.
    found = cfn_lint.lint(make(role), regions=["us-east-1"])
    assert [match for match in found if match.rule.id != "W3037"] == []


def test_the_role_trusts_one_account_with_the_external_id_only() -> None:
    role = resource(cloudformation(ROLE), "AWS::IAM::Role")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {
        "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${TrustedAccountId}:root"}
    }
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    parameters = json.loads(cloudformation(ROLE))["Parameters"]
    assert parameters["TrustedAccountId"]["Default"] == ASSESSOR
    assert parameters["ExternalId"]["Default"] == "words-between-us"
    assert role["MaxSessionDuration"] == 3600


def test_the_role_has_awss_policies_and_the_delta() -> None:
    role = resource(cloudformation(ROLE), "AWS::IAM::Role")
    arns = [arn["Fn::Sub"] for arn in role["ManagedPolicyArns"]]
    assert arns == [
        "arn:${AWS::Partition}:iam::aws:policy/SecurityAudit",
        "arn:${AWS::Partition}:iam::aws:policy/job-function/ViewOnlyAccess",
    ]
    given = {
        action
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    assert given == {p.action for p in ROLE.permissions}
    assert "sts:AssumeRole" not in given
    assert sum(size_of(policy["PolicyDocument"]) for policy in role["Policies"]) < INLINE_LIMIT


def test_a_delta_that_is_too_big_for_inline_policies_becomes_managed_ones() -> None:
    template = json.loads(cloudformation(BIG))["Resources"]
    own = [name for name, r in template.items() if r["Type"] == "AWS::IAM::ManagedPolicy"]
    assert len(own) > 1
    role = template["Role"]["Properties"]
    assert "Policies" not in role
    assert [arn["Ref"] for arn in role["ManagedPolicyArns"] if "Ref" in arn] == own
    assert "aws_iam_policy_attachment" not in terraform(BIG)
    assert terraform(BIG).count('"aws_iam_role_policy_attachment"') == len(own) + 2


def test_more_than_a_role_can_have_is_refused() -> None:
    huge = frozenset(Permission(f"service{n:05}:DescribeSomething") for n in range(2500))
    with pytest.raises(TemplateError, match=str(ATTACHED_LIMIT)):
        cloudformation(AssessorRole(ASSESSOR, "ab", huge))


@pytest.mark.parametrize("make", [*TEMPLATES, *CONFIGURATIONS])
def test_no_partition_is_a_constant(make: Callable[[AssessorRole], str]) -> None:
    assert "arn:aws" not in make(ROLE)
    assert "arn:*" not in make(ROLE)


def test_the_stack_set_reaches_every_account_and_the_management_account_itself() -> None:
    template = json.loads(cloudformation_stack_set(ROLE))
    stack_set = resource(cloudformation_stack_set(ROLE), "AWS::CloudFormation::StackSet")
    assert stack_set["PermissionModel"] == "SERVICE_MANAGED"
    assert stack_set["AutoDeployment"]["Enabled"] is True
    assert json.loads(stack_set["TemplateBody"]) == json.loads(cloudformation(ROLE))
    assert template["Resources"]["Role"]["Condition"] == "InManagementAccount"
    assert template["Conditions"]["InManagementAccount"] == {
        "Fn::Equals": [{"Ref": "CallAs"}, "SELF"]
    }


def test_the_stack_set_fits_into_a_template() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    assert len(cloudformation_stack_set(ROLE).encode()) < 51_200


@pytest.mark.parametrize("role", [ROLE, BIG], ids=["inline", "managed"])
@pytest.mark.parametrize("make", CONFIGURATIONS)
def test_terraform_reads_and_would_not_reformat_it(
    make: Callable[[AssessorRole], str], role: AssessorRole, tmp_path: Path
) -> None:
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("neither terraform nor tofu is installed")
    (tmp_path / "main.tf").write_text(make(role))
    done = subprocess.run(
        [program, "fmt", "-check", "-diff", str(tmp_path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_terraform_finds_nothing_to_fill_in_in_the_inner_template() -> None:
    made = terraform_stack_set(ROLE)
    body = made.partition("<<-TEMPLATE\n")[2].partition("\nTEMPLATE")[0]
    assert "${" not in body.replace("$${", "")
    assert json.loads(body.replace("$${", "${")) == json.loads(cloudformation(ROLE))


def test_terraform_names_every_permission_and_the_external_id() -> None:
    made = terraform(ROLE)
    for permission in ROLE.permissions:
        assert f'"{permission.action}"' in made
    assert '"sts:ExternalId" = var.external_id' in made
    assert '"words-between-us"' in made


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trusted_account": "1111"}, "twelve digits"),
        ({"trusted_account": "١٢٣٤٥٦٧٨٩٠١٢"}, "twelve digits"),
        ({"external_id": "x"}, "ExternalId"),
        ({"external_id": 'a"\n}'}, "ExternalId"),
        ({"external_id": "${path.root}"}, "ExternalId"),
        ({"name": "a b"}, "name of a role"),
        ({"name": "x" * 65}, "name of a role"),
    ],
)
def test_what_iam_would_not_take_is_refused(change: dict[str, str], words: str) -> None:
    given = {"trusted_account": ASSESSOR, "external_id": "ab", "name": "reader"}
    AssessorRole(**given, permissions=frozenset())
    with pytest.raises(TemplateError, match=words):
        AssessorRole(**(given | change), permissions=frozenset())


def test_an_external_id_is_made_anew_each_time() -> None:
    made = {assessor_role([], ASSESSOR).external_id for _ in range(20)}
    assert len(made) == 20
    assert all(len(one) >= 32 for one in made)
