"""What scenarios declare: things, the facts that are true of them, and the control to flip.

A fact is what AWS's documentation says of the configuration that was built. Nothing here comes
from mapper's own answers; :mod:`mapper.demo.world.truth` computes rows from these facts alone.
Nodes are named by the ids that the graph uses (ARNs where AWS defines one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mapper.demo.clients import Clients

# What settles a row: an engine that may not be built yet.
CAPABILITIES = ("network", "iam", "sharing", "escalation")
# The engines that this version has. A row of another capability is only asked for honesty:
# no `yes` for a decoy, no `no` for a planted thing, and what was not evaluated is named.
CAPABILITIES_BUILT = frozenset({"network", "iam", "sharing", "escalation"})

INTERNET = "internet"
ANY_PRINCIPAL = "any-aws-principal"
ANY_ACCOUNT = "any-aws-account"


def account_node(account_id: str) -> str:
    """Node id of an account, own or foreign."""
    return f"account:{account_id}"


@dataclass(frozen=True, slots=True)
class Reaches:
    """The internet reaches a thing over the network: a row of ``public``.

    ``mechanism`` is ``eni/ipv4``, ``alb/ipv4``, ...; ``ports`` those of the thing itself
    (empty: not asserted), ``via`` the front door on the way.
    """

    target: str
    mechanism: str
    verdict: str
    ports: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accesses:
    """A source may use a resource: a row of ``public`` for everybody, else of ``trusts``."""

    source: str
    target: str
    mechanism: str
    verdict: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flows:
    """Data leaves a resource for another owner's (``receiver`` of ``receiver_account``)."""

    receiver: str
    receiver_account: str
    target: str
    target_account: str
    mechanism: str
    verdict: str = "yes"


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or role that an admin of its account controls."""

    arn: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Assumes:
    """A principal, or a foreign account, may assume a role: trust and permission both allow."""

    source: str
    source_account: str
    role: str
    role_account: str
    verdict: str = "yes"
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IsAdmin:
    """A principal holds a whole takeover set of its account by its own rights."""

    principal: str
    account_id: str
    verdict: str = "yes"


@dataclass(frozen=True, slots=True)
class Escalates:
    """A principal that is not admin can make itself admin of its account."""

    principal: str
    account_id: str
    technique: str
    verdict: str = "yes"


@dataclass(frozen=True, slots=True)
class Carries:
    """A machine gives whoever runs code on it the rights of a role."""

    machine: str
    account_id: str
    role: str
    verdict: str = "yes"


@dataclass(frozen=True, slots=True)
class Peered:
    """Two VPCs are joined by an active peering (configuration, no row of its own)."""

    requester: str
    accepter: str


@dataclass(frozen=True, slots=True)
class Holds:
    """Something stands in an account, and who is admin there has it.

    ``kind`` is ``principal``, ``machine``, ``data``, ``backup`` or ``other``.
    """

    id: str
    account_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Admits:
    """A resource's own policy lets principals use it, each as itself.

    ``to`` says whom: ``own`` (principals of its account, whatever their own policies say),
    ``organization`` (besides these the organisation's, where their own policies let them) or
    ``everybody`` (besides these any, where their own policies let them).
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """

    target: str
    account_id: str
    to: str
    verdict: str = "yes"
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """A machine stands in a network (a VPC, in one family) and is in a security group.

    ``admits`` is whose packets it takes there: :data:`EVERYONE`, or ids of security groups;
    nobody's if empty.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """

    machine: str
    network: str
    group: str
    admits: tuple[str, ...]
    verdict: str = "yes"


@dataclass(frozen=True, slots=True)
class Fronts:
    """A load balancer takes packets of its own network and hands them to machines there.

    ``admits`` as in :class:`Joined`, ``behind`` those machines whose groups let its packets in.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
    """

    door: str
    network: str
    admits: tuple[str, ...]
    behind: tuple[str, ...]


EVERYONE = "everyone there"

Fact = (
    Reaches
    | Accesses
    | Flows
    | Principal
    | Assumes
    | IsAdmin
    | Escalates
    | Carries
    | Peered
    | Holds
    | Admits
    | Joined
    | Fronts
)


@dataclass(frozen=True, slots=True)
class Touch:
    """What must be collected again after a flip; ``region`` is ``global`` where there is none."""

    account_id: str
    region: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing planted, or a decoy beside it.

    Attributes:
        name: unique in the world, what a reader calls it.
        part: ``planted``, ``decoy``, or ``setting`` for what the world needs and nobody asks of.
        capability: which engine settles its rows, one of :data:`CAPABILITIES`.
        page: the AWS page that says why the facts are true.
        control: the one control that tells planted and decoy apart, for a reader.
        facts: what is true as built.
        flipped: what is true instead once the control is flipped.
        flip: flips it through the AWS API.
        touches: what the flip changes, to be collected again.
    """

    name: str
    part: str
    capability: str
    page: str
    control: str = ""
    facts: tuple[Fact, ...] = ()
    flipped: tuple[Fact, ...] = ()
    flip: Callable[[Clients], None] | None = None
    touches: tuple[Touch, ...] = ()
    scenario: str = ""
