"""What the rules' tests are built from: decisions, and snapshots as AWS's calls give them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graph.iam.decision import Decision
from graph.iam.evaluate import decide
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request, Side
from graph.iam.world import Account, Caller, IamWorld, Outside, Policy
from tests.iam.worlds import FULL, ORG, A, doc, member, policy, role, trust, world
from tests.snapshot_files import line, write_snapshot

OBJECT = "arn:aws:s3:::data/x"
USER_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ORG_GUIDE = "https://docs.aws.amazon.com/organizations/latest/userguide"
LOGIC = f"{USER_GUIDE}/reference_policies_evaluation-logic_policy-eval-basics.html"
ORDER = f"{USER_GUIDE}/reference_policies_evaluation-logic_policy-eval-denyallow.html"
BOUNDARIES = f"{USER_GUIDE}/access_policies_boundaries.html"
PRINCIPAL = f"{USER_GUIDE}/reference_policies_elements_principal.html"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

Lines = dict[tuple[str, str, str], list[dict[str, Any]]]


def decided(
    caller: Caller,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    *,
    within: IamWorld | None = None,
    policies: Mapping[str, Any] | None = None,
    resource_policy: Any = Side.LOOK_UP,
    owner: str = "",
    **more: Any,
) -> Decision:
    """Decide one request.

    Args:
        policies: resource policies by ARN, each a statement, a list of them, or ``None`` for a
            resource that has none. By default an S3 bucket ``data`` of account A without one.
        owner: of every resource in ``policies``; A by default.
        resource_policy: given with the request instead of looked up.
    """
    here = within
    if here is None:
        here = world(*([] if isinstance(caller, Outside) else [caller]))
    owned = {"arn:aws:s3:::data": None} if policies is None else dict(policies)
    fields = {name: getattr(here, name) for name in IamWorld.__dataclass_fields__}
    fields["resource_policies"] = {
        **here.resource_policies,
        **{arn: _policy(arn, text) for arn, text in owned.items()},
    }
    fields["resource_accounts"] = {**dict.fromkeys(owned, owner or A), **here.resource_accounts}
    more.setdefault("other_grants_seen", True)
    if not isinstance(resource_policy, Side | None):
        resource_policy = _policy(resource, resource_policy)
    request = Request(caller, action, resource, resource_policy=resource_policy, **more)
    return decide(IamWorld(**fields), request)


def verdict(*args: Any, **kwargs: Any) -> str:
    """The verdict of :func:`decided`."""
    return str(decided(*args, **kwargs).answer.verdict)


def assumes(caller: Caller, trusted: Any) -> str:
    """Whether a caller may assume a role of account A that trusts a ``Principal``."""
    target = role(trust=trust(trusted), name="target")
    here = world(*([] if isinstance(caller, Outside) else [caller]), target)
    return str(decide(here, Request(caller, "sts:AssumeRole", target.arn)).answer.verdict)


def _policy(arn: str, text: Any) -> Policy | None:
    if text is None or isinstance(text, Policy):
        return text
    return policy(*(text if isinstance(text, list) else [text]), name=f"policy of {arn}")


def bound(account: str, *statements: Mapping[str, Any], **more: Any) -> Account:
    """A member account under one SCP (beside its root's ``FullAWSAccess``)."""
    full = policy(FULL, name="FullAWSAccess")
    return member(account, (full,), (policy(*statements, name="GuardRail"),), **more)


def management(account: str, *statements: Mapping[str, Any]) -> Account:
    """The organisation's management account, with a policy attached as SCP and as RCP."""
    attached = (policy(*statements, name="GuardRail"),)
    return Account(
        account, membership="management", organization=ORG, scp_levels=(attached,), rcps=attached
    )


def built(tmp_path: Path, *parts: Lines) -> IamWorld:
    """The world of a snapshot with these lines."""
    lines: Lines = {}
    for part in parts:
        for key, rows in part.items():
            lines.setdefault(key, []).extend(rows)
    return from_snapshot(write_snapshot(tmp_path, lines, [_read(*key) for key in lines]))


def _read(account: str, region: str, type_id: str) -> dict[str, Any]:
    service = type_id.partition(":")[0]
    operation = "get_account_authorization_details" if service == "iam" else f"list_{service}"
    return {
        "account_id": account,
        "region": region,
        "service": service,
        "operation": operation,
        "type": type_id,
        "status": "ok",
        "items": 1,
        "code": "",
        "message": "",
    }


def user_lines(account: str, name: str, **members: Any) -> Lines:
    """A user as ``GetAccountAuthorizationDetails`` gives one."""
    arn = f"arn:aws:iam::{account}:user/{name}"
    item = {"Arn": arn, "UserName": name, "UserId": f"AIDA{name.upper():0<17}", "Path": "/"}
    return {(account, "global", "iam:user"): [line(arn, {**item, **members})]}


def group_lines(account: str, name: str, **members: Any) -> Lines:
    """A group as ``GetAccountAuthorizationDetails`` gives one."""
    arn = f"arn:aws:iam::{account}:group/{name}"
    return {(account, "global", "iam:group"): [line(arn, {"GroupName": name, **members})]}


def managed_lines(arn: str, *versions: Iterable[Mapping[str, Any]], default: int) -> Lines:
    """A managed policy with its versions' statements, the first being ``v1``."""
    rows = [
        {
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == default,
            "Document": doc(*statements),
        }
        for number, statements in enumerate(versions, start=1)
    ]
    item = {"Arn": arn, "DefaultVersionId": f"v{default}", "PolicyVersionList": rows}
    return {(arn.split(":")[4], "global", "iam:policy"): [line(arn, item)]}


def bucket_lines(account: str, name: str, **calls: Any) -> Lines:
    """A bucket, with what its follow-up calls gave."""
    arn = f"arn:aws:s3:::{name}"
    return {(account, "eu-west-1", "s3:bucket"): [line(arn, {"Name": name}, **calls)]}


def organisation_lines(
    management_account: str,
    parents: Mapping[str, str],
    policies: Iterable[tuple[str, str, Mapping[str, Any], Iterable[str]]],
) -> Lines:
    """An organisation as the calls of its management account give it.

    Args:
        management_account: its id.
        parents: parent by OU or account; the root is ``r-1``.
        policies: (type, name, document, ids that it is attached to).
    """
    here = (management_account, "global")
    ous = {one for pair in parents.items() for one in pair if one.startswith("ou-")}
    types = [{"Type": kind, "Status": "ENABLED"} for kind in (SCP, RCP)]
    organization = {"Id": ORG, "MasterAccountId": management_account, "FeatureSet": "ALL"}
    return {
        (*here, "org:organization"): [
            line(management_account, {}, describe_organization={"Organization": organization})
        ],
        (*here, "org:root"): [
            line("r-1", {"Id": "r-1", "PolicyTypes": types}, **_children("r-1", parents))
        ],
        (*here, "org:organizational-unit"): [
            line(ou, {"Id": ou}, **_children(ou, parents)) for ou in sorted(ous)
        ],
        (*here, "org:account"): [
            line(one, {"Id": one}, list_parents=[{"Id": above}])
            for one, above in parents.items()
            if not one.startswith("ou-")
        ],
        (*here, "org:policy"): [_policy_line(*row) for row in policies],
    }


def _children(above: str, parents: Mapping[str, str]) -> dict[str, Any]:
    found = [{"Id": one} for one, parent in parents.items() if parent == above]
    return {
        "list_organizational_units_for_parent": [
            row for row in found if row["Id"].startswith("ou-")
        ],
        "list_accounts_for_parent": [row for row in found if not row["Id"].startswith("ou-")],
    }


def _policy_line(
    kind: str, name: str, document: Mapping[str, Any], targets: Iterable[str]
) -> dict[str, Any]:
    return line(
        f"p-{name}",
        {"Id": f"p-{name}", "Name": name, "Type": kind},
        describe_policy={"Policy": {"Content": json.dumps(document)}},
        list_targets_for_policy=[{"TargetId": one} for one in targets],
    )
