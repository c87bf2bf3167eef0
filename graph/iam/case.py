"""A request on its way through the layers."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.evidence import Step
from graph.iam.decision import LAYERS
from graph.iam.document import Document
from graph.iam.expression import FALSE, Expression, Gap, of
from graph.iam.layers import Question, Said
from graph.iam.proof import Proof
from graph.iam.request import Request, Side
from graph.iam.world import IamWorld, Policy

ALONE = ("everyone", "user", "session", "federated-user")
"""Ways of being named by a resource policy of the own account that need nothing else."""


@dataclass(slots=True)
class Case:
    """A request with what is worked out of it once.

    ``open_to_all``: something on the resource's side admits everyone.
    """

    world: IamWorld
    request: Request
    owner: str
    question: Question
    policy: Policy | Side | None
    proof: Proof = field(default_factory=Proof)
    open_to_all: bool = False

    @property
    def action(self) -> str:
        """In lower case."""
        return self.request.action.lower()

    @property
    def unread(self) -> bool:
        """Whether the resource has a policy, or may have one, whose text is not known."""
        if isinstance(self.policy, Policy):
            return not isinstance(self.policy.document, Document)
        return self.policy is Side.NOT_COLLECTED

    @property
    def same_account(self) -> bool:
        """Whether the caller's account owns the resource; an AWS service is of no account."""
        caller = self.request.principal
        return bool(self.owner) and self.owner == caller.account and caller.kind != "service"

    def gap(self, name: str, subject: str, value: str, text: str, needed: bool) -> Expression:
        """Something that was not collected, as an expression; the proof says so."""
        gap = of(Gap(subject, value, needed))
        self.proof.step(name, value, gap, text)
        return gap

    def cut_off(self, name: str, subject: str, text: str) -> Expression:
        """Something that is no policy denies; ``name`` is one of ``LAYERS``."""
        self.proof.denied_by = self.proof.denied_by or name
        self.proof.layer_denied = self.proof.layer_denied or LAYERS[name]
        self.proof.steps.append(Step(name, subject, "fail", text))
        return FALSE


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity side: ``own`` policies, and the limits on them apart."""

    own: Expression
    boundary: Expression
    session: Expression

    @property
    def limits(self) -> Expression:
        """Boundary and session policy."""
        return self.boundary & self.session

    @property
    def full(self) -> Expression:
        """All of it."""
        return self.own & self.boundary & self.session

    def named(self, said: Said) -> Expression:
        """What naming the caller is enough for, in the resource's own account.

        The user, a session or everyone: that alone. The role, or the user whose federated
        session calls: cut by boundary and session policy. The account: it only delegates, so it
        is not counted here.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        """
        return said.allowed(*ALONE) | (said.allowed("role", "issuer") & self.limits)
