"""Asking IAM's policy simulator what a principal may do, without doing it.

It sees identity policies, the permissions boundary and SCPs; not session policies, RCPs, resource
policies nor policies of VPC endpoints.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.actions import ANY, Permission
from collector.asking import Ask, Transport
from collector.declare import Call, ListCall, Paginator
from collector.denial import Denial
from collector.outcome import CallError, Outcome
from collector.snapshot.ledger import Status

BATCH = 100
"""Actions in one call: as many as a page of its answer holds."""

_ROLE = Call(operation="get_role", result="Role.Arn")
_ALLOWED, _EXPLICIT = "allowed", "explicitDeny"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose policies are simulated.

    Attributes:
        account_id: in whose name is asked.
        arn: of a user or role.
        region: that is asked, and that the simulated requests are for.
        home: the region of the account's global questions.
    """

    account_id: str
    arn: str
    region: str
    home: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the simulator says of one permission.

    Attributes:
        allowed: None where it depends on what is not known.
        denial: who denies.
        words: why it is not known.
    """

    allowed: bool | None
    denial: Denial = field(default_factory=Denial)
    words: str = ""


def principal_arn(transport: Transport, account_id: str, arn: str, home: str) -> str:
    """The ARN of the user or role behind a caller's ARN; empty where there is none.

    A session's ARN has the role's name without its path, so the role is asked for; where that is
    refused the name alone is tried. Root users and federated users cannot be simulated.

    Args:
        transport: answers.
        account_id: of the caller.
        arn: as sts:GetCallerIdentity gives it.
        home: the region of the account's global questions.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return ""
    _, partition, service, _, _, resource = parts
    if service == "iam" and resource.startswith(("user/", "role/")):
        return arn
    kind, _, rest = resource.partition("/")
    if service != "sts" or kind != "assumed-role":
        return ""
    name = rest.rpartition("/")[0]
    ask = Ask(account_id, home, "global", "iam", _ROLE, {"RoleName": name})
    try:
        (answer,) = transport.pages(ask)
        return str(answer["Role"]["Arn"])
    except (CallError, KeyError, TypeError, ValueError):
        return f"arn:{partition}:iam::{account_id}:role/{name}"


def simulate(
    transport: Transport, principal: Principal, permissions: Iterable[Permission]
) -> dict[Permission, Decision]:
    """Ask the simulator about permissions; those that it does not know are left out.

    Raises:
        CallError: it may not be asked, or does not answer.
    """
    found: dict[Permission, Decision] = {}
    wanted = sorted(permissions)
    everywhere = [one.action for one in wanted if one.resource == ANY]
    for start in range(0, len(everywhere), BATCH):
        for action, decision in _of_actions(
            transport, principal, everywhere[start : start + BATCH]
        ).items():
            found[Permission(action)] = decision
    placed: dict[str, list[str]] = {}
    for one in wanted:
        if one.resource != ANY:
            placed.setdefault(one.action, []).append(one.resource)
    for action, resources in placed.items():
        found |= _of_resources(transport, principal, action, resources)
    return found


def _of_actions(
    transport: Transport, principal: Principal, actions: Sequence[str]
) -> dict[str, Decision]:
    """Decisions on all resources.

    An action that IAM does not know spoils its batch, which is halved then.
    """
    try:
        results = _results(transport, principal, actions)
    except CallError as problem:
        if not _is_about_input(problem.outcome):
            raise
        if len(actions) == 1:
            return {}
        half = len(actions) // 2
        return _of_actions(transport, principal, actions[:half]) | _of_actions(
            transport, principal, actions[half:]
        )
    named = {action.lower(): action for action in actions}
    return {
        named[str(result.get("EvalActionName", "")).lower()]: _decided(result)
        for result in results
        if str(result.get("EvalActionName", "")).lower() in named
    }


def _is_about_input(outcome: Outcome) -> bool:
    return outcome.status is Status.ERROR and outcome.code in ("InvalidInput", "ValidationError")


def _of_resources(
    transport: Transport, principal: Principal, action: str, resources: Sequence[str]
) -> dict[Permission, Decision]:
    """Decisions on examples of resources: a policy that names some does not allow all."""
    by_arn = {_example(resource, principal): resource for resource in resources}
    found = {}
    for result in _results(transport, principal, [action], sorted(by_arn)):
        parts = result.get("ResourceSpecificResults") or [result]
        for part in parts:
            resource = by_arn.get(str(part.get("EvalResourceName", "")))
            if resource is None:
                continue
            whole = {**result, **part}
            whole["EvalDecision"] = part.get("EvalResourceDecision") or result.get("EvalDecision")
            found[Permission(action, resource)] = _decided(whole)
    return found


def _example(resource: str, principal: Principal) -> str:
    partition = principal.arn.split(":")[1]
    service, region, account, path = resource.split(":", 3)
    region = principal.region if region == ANY else region
    account = principal.account_id if account == ANY else account
    return f"arn:{partition}:{service}:{region}:{account}:{path.replace(ANY, 'example')}"


def _results(
    transport: Transport,
    principal: Principal,
    actions: Sequence[str],
    resources: Sequence[str] = (),
) -> list[Mapping[str, Any]]:
    params: dict[str, Any] = {
        "PolicySourceArn": principal.arn,
        "ActionNames": list(actions),
        "ContextEntries": [
            _context("aws:RequestedRegion", principal.region, "string"),
            _context("aws:SecureTransport", "true", "boolean"),
            _context("aws:ViaAWSService", "false", "boolean"),
        ],
    }
    if resources:
        params["ResourceArns"] = list(resources)
    call = ListCall(
        operation="simulate_principal_policy",
        params=params,
        result="EvaluationResults",
        paging=Paginator(),
    )
    ask = Ask(principal.account_id, principal.home, "global", "iam", call, params)
    return [row for page in transport.pages(ask) for row in page.get("EvaluationResults") or ()]


def _context(name: str, value: str, kind: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": kind}


def _decided(result: Mapping[str, Any]) -> Decision:
    by_organisation = (result.get("OrganizationsDecisionDetail") or {}).get(
        "AllowedByOrganizations"
    )
    by_boundary = (result.get("PermissionsBoundaryDecisionDetail") or {}).get(
        "AllowedByPermissionsBoundary"
    )
    said = str(result.get("EvalDecision", ""))
    if said == _ALLOWED and by_organisation is not False and by_boundary is not False:
        return Decision(True)
    missing = sorted(map(str, result.get("MissingContextValues") or ()))
    if missing:
        return Decision(None, words=f"depends on {', '.join(missing)}")
    explicit = said == _EXPLICIT
    if by_organisation is False:
        return Decision(False, Denial("scp", explicit))
    if by_boundary is False:
        return Decision(False, Denial("boundary", explicit))
    return Decision(False, Denial("identity_policy", explicit))
