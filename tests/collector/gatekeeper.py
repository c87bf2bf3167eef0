"""A rule for :class:`aws_server.Front`: who asks, what IAM's simulator says, what is denied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aws_server import Answer, Request, ec2_error, json_error, query_error

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/somebody"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/auditor"

_NOT = f"User: {USER} is not authorized to perform:"

Verdict = Mapping[str, object]
"""``decision`` and optionally ``scp``, ``boundary`` (whether they allow) and ``missing`` keys."""
ALLOWED: Verdict = {"decision": "allowed"}
DENIED: Verdict = {"decision": "implicitDeny"}


def because(action: str, kind: str = "identity-based policy") -> str:
    """A refusal in AWS's words."""
    return f"{_NOT} {action} because no {kind} allows the {action} action"


BY_SCP = f"{_NOT} x:Y with an explicit deny in a service control policy"


@dataclass
class Gatekeeper:
    """Answers for IAM and STS, and refuses; everything else goes on to the simulator of AWS.

    Attributes:
        arn: what sts:GetCallerIdentity says.
        simulate: what the policy simulator says of an action on a resource; None: may not be asked.
        role: what iam:GetRole says; empty: may not be asked.
        refuse: what is refused, with which words; None lets a request through.
        asked: parameters of each call of the simulator.
    """

    arn: str = USER
    simulate: Callable[[str, str], Verdict] | None = None
    role: str = ""
    refuse: Callable[[Request], str | Answer | None] = lambda _: None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer | None:
        if request.operation == "GetCallerIdentity":
            return _xml(
                "GetCallerIdentity",
                f"<Arn>{self.arn}</Arn><UserId>A</UserId><Account>{self.arn.split(':')[4]}</Account>",
            )
        if request.operation == "GetRole":
            if not self.role:
                return query_error("AccessDenied", because("iam:GetRole"))
            name = self.role.rpartition("/")[2]
            return _xml(
                "GetRole",
                f"<Role><Path>/</Path><RoleName>{name}</RoleName><RoleId>A</RoleId>"
                f"<Arn>{self.role}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>",
            )
        if request.operation == "SimulatePrincipalPolicy":
            return self._simulated(request)
        words = self.refuse(request)
        return refusal(request, words) if isinstance(words, str) else words

    def _simulated(self, request: Request) -> Answer:
        self.asked.append(request.params)
        if self.simulate is None:
            return query_error("AccessDenied", because("iam:SimulatePrincipalPolicy"))
        actions = _members(request.params, "ActionNames")
        if any(action.startswith("unknown:") for action in actions):
            return query_error("InvalidInput", "Invalid Action", 400)
        resources = _members(request.params, "ResourceArns")
        results = "".join(self._result(action, resources) for action in actions)
        return _xml(
            "SimulatePrincipalPolicy",
            f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>",
        )

    def _result(self, action: str, resources: list[str]) -> str:
        verdicts = [self.simulate(action, resource) for resource in resources or ["*"]]
        parts = "".join(
            f"<member><EvalResourceName>{escape(resource)}</EvalResourceName>"
            f"<EvalResourceDecision>{verdict['decision']}</EvalResourceDecision></member>"
            for resource, verdict in zip(resources, verdicts, strict=False)
        )
        specific = f"<ResourceSpecificResults>{parts}</ResourceSpecificResults>" if parts else ""
        verdict = verdicts[0]
        details = ""
        if "scp" in verdict:
            allowed = str(verdict["scp"]).lower()
            details += (
                "<OrganizationsDecisionDetail><AllowedByOrganizations>"
                f"{allowed}</AllowedByOrganizations></OrganizationsDecisionDetail>"
            )
        if "boundary" in verdict:
            allowed = str(verdict["boundary"]).lower()
            details += (
                "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
                f"{allowed}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
            )
        missing = "".join(f"<member>{name}</member>" for name in verdict.get("missing", ()))
        return (
            f"<member><EvalActionName>{action}</EvalActionName>"
            f"<EvalResourceName>*</EvalResourceName>"
            f"<EvalDecision>{verdict['decision']}</EvalDecision>{details}{specific}"
            f"<MissingContextValues>{missing}</MissingContextValues></member>"
        )


def refusal(request: Request, words: str) -> Answer:
    """A denial in the way of the service that was asked."""
    if request.service == "ec2":
        return ec2_error("UnauthorizedOperation", words)
    if request.service in ("iam", "sts", "sns", "rds", "elasticloadbalancing"):
        return query_error("AccessDenied", words)
    return json_error("AccessDeniedException", words, 403)


def _members(params: Mapping[str, str], name: str) -> list[str]:
    found = []
    while (value := params.get(f"{name}.member.{len(found) + 1}")) is not None:
        found.append(value)
    return found


def _xml(operation: str, body: str) -> Answer:
    return Answer(
        200,
        f"<{operation}Response><{operation}Result>{body}</{operation}Result>"
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>",
        {"Content-Type": "text/xml"},
    )
