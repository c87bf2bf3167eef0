"""Public data: labelled questions, real accounts, every AWS managed policy."""

import json
import os
from pathlib import Path

import pytest

from graph.iam.account_details import AccountDetails, Row, principals
from graph.iam.admin import admin_answer
from graph.iam.assume import assume_answers, identity_gaps
from graph.iam.document import Document, parse
from graph.iam.evaluate import evaluate
from graph.iam.request import Request
from graph.iam.world import Account, IamWorld, Policy
from graph.verdict import Verdict

CORPORA = Path(
    os.environ.get("MAPPER_CORPORA", Path(__file__).resolve().parents[2] / "../shared/corpora")
)
pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir(), reason=f"no public corpora at {CORPORA} (set MAPPER_CORPORA)"
)


def details_of(account, gaad):
    return AccountDetails(
        account,
        users=[Row(row) for row in gaad["UserDetailList"]],
        groups=[Row(row) for row in gaad["GroupDetailList"]],
        roles=[Row(row) for row in gaad["RoleDetailList"]],
        policies=[Row(row) for row in gaad["Policies"]],
    )


def account_of(gaad):
    for member in ("UserDetailList", "RoleDetailList", "GroupDetailList"):
        for row in gaad[member]:
            return row["Arn"].split(":")[4]
    return "123456789012"


def levels_above(node, account, above=()):
    level = tuple(
        Policy(f"SCP {row['Name']}", parse(row["Content"]), row["Arn"]) for row in node["Policies"]
    )
    here = (*above, level)
    if node["Id"] == account:
        return here
    for child in node.get("Children", ()):
        found = levels_above(child, account, here)
        if found:
            return found
    return None


def iamspy_world(files):
    base = CORPORA / "iamspy/files"
    found, accounts, policies = [], {}, {}
    for name in files["gaads"]:
        gaad = json.loads((base / name).read_text())
        account = account_of(gaad)
        found += principals(details_of(account, gaad))
        accounts[account] = Account(account, membership="none")
    for name in files.get("scps", ()):
        tree = json.loads((base / name).read_text())
        management = tree["Arn"].split(":")[4]
        for account in accounts:
            levels = levels_above(tree, account)
            if levels:
                accounts[account] = Account(
                    account,
                    membership="management" if account == management else "member",
                    organization="o-abcdefghij",
                    scp_levels=levels,
                    rcps=(),
                )
    owners = {}
    for name in files.get("resources", ()):
        for row in json.loads((base / name).read_text()):
            policies[row["Resource"]] = Policy("resource policy", parse(row["Policy"]))
            owners[row["Resource"]] = row["Account"]
    return IamWorld({one.arn: one for one in found}, accounts, policies, owners)


def asked(world, principal, action, resource, conditions=(), condition_file=None, strict=False):
    if principal not in world.principals:
        return False  # one label asks about a principal that its account file does not hold
    key = resource if resource in world.resource_policies else resource.partition("/")[0]
    owner = world.resource_accounts.get(key, "")
    context = dict(pair.split("=", 1) for pair in conditions or ())
    answer = evaluate(
        world,
        Request(
            world.principals[principal],
            action,
            resource,
            resource_account=owner,
            context={key: (value,) for key, value in context.items()},
            resource_policy=world.resource_policies.get(key),
            other_grants_seen=True,
        ),
    )
    if strict:
        # The labels' "strict" takes every key that is not given as absent.
        return answer.verdict is Verdict.YES and not any(
            "The caller chooses" in text for text in answer.evidence
        )
    return answer.verdict in (Verdict.YES, Verdict.CONDITIONAL)


def iamspy_cases():
    path = CORPORA / "iamspy/cases.json"
    return json.loads(path.read_text()) if path.is_file() else []


@pytest.mark.parametrize("case", iamspy_cases(), ids=lambda case: json.dumps(case["inp"])[:80])
def test_iamspy_labels(case):
    world = iamspy_world(case["files"])
    if case["test"] == "test_can_i":
        assert asked(world, *case["inp"]) is case["out"]
        return
    action, resources, *rest = case["inp"]
    for_one = resources if isinstance(resources, list) else [resources]
    got = {
        resource: sorted(
            arn
            for arn, one in world.principals.items()
            if one.kind != "root" and asked(world, arn, action, resource, *rest)
        )
        for resource in for_one
    }
    if isinstance(resources, list):
        pairs = sorted([arn, resource] for resource, found in got.items() for arn in found)
        assert pairs == sorted(case["out"])
    else:
        assert got[resources] == sorted(case["out"])


def test_every_aws_managed_policy_parses():
    policies = json.loads((CORPORA / "aws-managed-policies.json").read_text())["policies"]
    assert len(policies) > 1000
    broken = [
        name for name, row in policies.items() if not isinstance(parse(row["document"]), Document)
    ]
    assert broken == []


def loaded(path):
    """Every account of a corpus file in the shape of account details."""
    found = json.loads(path.read_text())
    accounts = found["accounts"] if "accounts" in found else {account_of(found): found}
    people = [
        one for account, gaad in accounts.items() for one in principals(details_of(account, gaad))
    ]
    return IamWorld(
        {one.arn: one for one in people},
        {account: Account(account, membership="none") for account in accounts},
        now="2026-01-01T00:00:00Z",
    ), found


def is_admin(world, arn):
    return admin_answer(world, arn, world.principals[arn].account).answer.verdict is Verdict.YES


def test_the_vulnerable_account_loads_and_only_its_admins_are_admin():
    world, found = loaded(CORPORA / "iam-vulnerable/tool-testing.json")
    assert identity_gaps(world) == []
    for arn in found["expected"]["cannot_escalate"]:
        assert not is_admin(world, arn), arn


@pytest.mark.parametrize("name", ["combined.json", "privesc-paths.json", "tool-testing.json"])
def test_vulnerable_accounts_can_be_asked_whole(name):
    world, _ = loaded(CORPORA / "iam-vulnerable" / name)
    admins = [arn for arn in world.principals if is_admin(world, arn)]
    assert [arn for arn in admins if arn.endswith(":root")]
    assert len(admins) < len(world.principals) / 2
    for arn, one in world.principals.items():
        if one.kind == "role":
            assume_answers(world, arn)


def test_principals_that_hold_admin_rights_in_the_labs_are_admin():
    paths = sorted((CORPORA / "pathfinding-labs").glob("*to-admin*.json"))
    assert paths
    for path in paths:
        world, found = loaded(path)
        for node in found["expected"]["nodes"]:
            arn = node.get("arn") or node.get("id") or ""
            one = world.principals.get(arn)
            if one is None:
                continue
            full = any(policy.name.endswith("AdministratorAccess") for policy in one.policies)
            if full:
                assert is_admin(world, arn), (path.name, arn)
            if node.get("access") and not full:
                # There the technique is a whole takeover set, and the account has one role.
                whole = any(name in path.name for name in ("iam-019", "iam-021"))
                assert is_admin(world, arn) is whole, (path.name, arn)


@pytest.mark.parametrize("name", ["example-authz-details.json", "example_authz_v2.json"])
def test_cloudsplaining_accounts_load(name):
    world, _ = loaded(CORPORA / "cloudsplaining" / name)
    assert len(world.principals) > 1
    for arn in world.principals:
        is_admin(world, arn)
