"""One source that may assume a role."""

from __future__ import annotations

from typing import NamedTuple

from graph.verdict import Answer

ASSUME = "sts:AssumeRole"
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
SAML = "sts:AssumeRoleWithSAML"


class Assumption(NamedTuple):
    """One source that may assume a role.

    Attributes:
        source: a principal's ARN, or a source id as in :class:`graph.iam.grants.Grant`;
            ``federated:<provider>`` for identity providers.
        answer: never ``no``.
        actions: the STS actions.
        members: for ``principals`` (collected, alike), their ARNs; ``source`` is the one whose
            request was weighed.
        kind: ``principal`` (collected), ``principals``, ``outside-principal``, ``account``,
            ``org``, ``any-aws-principal``, ``cidr``, ``vpc``, ``vpce``, ``service``, ``federated``,
            ``shared-provider`` (any tenant of a provider that anyone can join), ``unknown``.
    """

    source: str
    answer: Answer
    actions: tuple[str, ...]
    kind: str
    members: tuple[str, ...] = ()
