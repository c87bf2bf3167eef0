"""What keeps a refused request shut, and whether each lock is the only one.

Each lock is taken off in a changed copy of the world (a statement less, or an Allow more in the
layer that has none) and the request is decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from graph.iam.decision import LAYERS, Cited, Decision
from graph.iam.document import Document, parse
from graph.iam.evaluate import decide
from graph.iam.proof import EXPLICIT
from graph.iam.questions import policy_of
from graph.iam.request import Request, Side
from graph.iam.world import Account, IamWorld, Outside, Policy, Principal
from graph.verdict import Verdict

MOST = 24
"""Locks that are weighed; of more the first are."""
_RESOURCE_SIDE = ("resource_policy", "trust_policy")
_BLOCK = "block_public_access"
_OPENABLE = ("identity", "boundary", "session", "scp", _BLOCK, *_RESOURCE_SIDE)


@dataclass(frozen=True, slots=True)
class Lock:
    """Something that alone would keep a request shut.

    Attributes:
        layer: a value of :data:`graph.iam.decision.LAYERS`.
        text: what it is.
        statement: the Deny; None for a layer that has no Allow.
        without: the verdict with this lock alone taken off; None where that cannot be tried.
    """

    layer: str
    text: str
    statement: Cited | None = None
    without: Verdict | None = None

    @property
    def only_one(self) -> bool:
        """Whether nothing else refuses the request."""
        return self.without is not None and self.without is not Verdict.NO


def locks(world: IamWorld, request: Request, decision: Decision) -> list[Lock]:
    """The locks of a refused request; none for one that is not refused.

    A Deny, or a layer without an Allow, is a lock if it alone still refuses the request when all
    the others are off. Where an Allow in either of two layers would do, the identity policies
    are named.
    """
    if decision.answer.verdict is not Verdict.NO:
        return []
    found = list(_candidates(decision))[:MOST]
    openable = [one for one in found if one.statement is not None or one.layer in _OPENABLE]
    fixed = [one for one in found if one not in openable]
    real = list(openable)
    for one in openable:
        others = [other for other in real if other is not one]
        if _verdict(world, request, others) is not Verdict.NO:
            real.remove(one)
    weighed = [replace(one, without=_verdict(world, request, [one])) for one in real]
    return [*fixed, *weighed]


def _candidates(decision: Decision) -> Iterator[Lock]:
    """Denies, and layers that do not allow; those of the resource's side first."""
    seen = set()
    for cited in decision.statements:
        if cited.effect == "Deny" and not cited.partial:
            sid = f" ({cited.sid})" if cited.sid else ""
            text = f"Denied by {cited.policy}, statement {cited.index}{sid}"
            if (cited.layer, text) not in seen:
                seen.add((cited.layer, text))
                yield Lock(cited.layer, text, cited)
    silent: dict[str, Lock] = {}
    for step in decision.answer.steps:
        layer = LAYERS.get(step.name)
        if step.result == "fail" and layer is not None and not step.text.startswith(EXPLICIT):
            silent.setdefault(layer, Lock(layer, step.text.rstrip(".")))
    yield from sorted(silent.values(), key=lambda lock: lock.layer not in _RESOURCE_SIDE)


def _verdict(world: IamWorld, request: Request, opened: Iterable[Lock]) -> Verdict:
    for lock in opened:
        world, request = _without(world, request, lock)
    return decide(world, request).answer.verdict


def _without(world: IamWorld, request: Request, lock: Lock) -> tuple[IamWorld, Request]:
    """The world and the request with a lock taken off."""
    cited = lock.statement
    if lock.layer in _RESOURCE_SIDE:
        return world, _opened_resource(world, request, cited)
    if lock.layer == _BLOCK:
        return world, replace(request, other_grants_seen=True)
    if lock.layer in ("scp", "rcp"):
        return _opened_organisation(world, request, lock), request
    caller = request.principal
    if isinstance(caller, Principal):
        request = replace(request, principal=_opened_caller(caller, lock, request.action))
    return world, request


def _opened_caller(caller: Principal, lock: Lock, action: str) -> Principal:
    cited = lock.statement
    if cited is not None:
        cut = _cutter(cited)
        boundary = None if caller.boundary is None else cut(caller.boundary)
        return replace(
            caller,
            policies=tuple(map(cut, caller.policies)),
            boundary=boundary,
            session_policies=tuple(map(cut, caller.session_policies)),
        )
    allow = _allow(action)
    if lock.layer == "boundary" and caller.boundary is not None:
        return replace(caller, boundary=_joined(caller.boundary, allow))
    if lock.layer == "session":
        return replace(caller, session_policies=(*caller.session_policies, allow))
    return replace(caller, policies=(*caller.policies, allow))


def _opened_organisation(world: IamWorld, request: Request, lock: Lock) -> IamWorld:
    """Every account's SCPs and RCPs without the Deny, or the caller's with an Allow a level."""
    cited = lock.statement
    if cited is not None:
        cut = _cutter(cited)
        changed = {
            name: replace(
                account,
                scp_levels=_levels(account, lambda level: tuple(map(cut, level))),
                rcps=None if account.rcps is None else tuple(map(cut, account.rcps)),
            )
            for name, account in world.accounts.items()
        }
        return replace(world, accounts=changed)
    account = world.account(request.principal.account)
    allow = _allow(request.action)
    opened = replace(account, scp_levels=_levels(account, lambda level: (*level, allow)))
    return replace(world, accounts={**world.accounts, account.id: opened})


def _levels(
    account: Account, change: Callable[[tuple[Policy, ...]], tuple[Policy, ...]]
) -> tuple[tuple[Policy, ...], ...] | None:
    return None if account.scp_levels is None else tuple(map(change, account.scp_levels))


def _opened_resource(world: IamWorld, request: Request, cited: Cited | None) -> Request:
    given = request.resource_policy
    policy = policy_of(world, request) if given is Side.LOOK_UP else given
    if cited is not None:
        changed = _cutter(cited)(policy) if isinstance(policy, Policy) else policy
        return replace(request, resource_policy=changed)
    allow = Policy("an Allow", parse({"Version": "2012-10-17", "Statement": [_named(request)]}))
    return replace(
        request,
        resource_policy=_joined(policy, allow) if isinstance(policy, Policy) else allow,
    )


def _named(request: Request) -> dict[str, object]:
    """An Allow for the caller's account, which still leaves the caller its own policies."""
    caller = request.principal
    who: object = {"AWS": caller.account}
    if isinstance(caller, Outside) and caller.kind in ("anonymous", "any-aws"):
        who = "*"
    elif isinstance(caller, Outside) and caller.kind != "account":
        kinds = {"service": "Service", "federated": "Federated", "canonical": "CanonicalUser"}
        who = {kinds[caller.kind]: caller.arn}
    # Trust policies have no Resource; a statement without one speaks of what carries it.
    return {"Effect": "Allow", "Principal": who, "Action": request.action}


def _allow(action: str) -> Policy:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return Policy("an Allow", parse({"Version": "2012-10-17", "Statement": [statement]}))


def _joined(policy: Policy, more: Policy) -> Policy:
    """A policy with the statements of another behind its own."""
    if not isinstance(policy.document, Document) or not isinstance(more.document, Document):
        return more
    rows = (*policy.document.statements, *more.document.statements)
    return replace(policy, document=Document(f"{policy.document.hash}+", rows))


def _cutter(cited: Cited) -> Callable[[Policy], Policy]:
    """Takes one statement out of the policy that was cited, wherever it is attached."""

    def cut(policy: Policy) -> Policy:
        document = policy.document
        same = policy.name == cited.policy and policy.arn == cited.arn
        if not same or not isinstance(document, Document):
            return policy
        rows = tuple(row for row in document.statements if row.index != cited.index)
        return replace(policy, document=Document(f"{document.hash}-{cited.index}", rows))

    return cut
