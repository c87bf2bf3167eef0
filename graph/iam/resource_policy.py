"""What a resource policy gives to a caller whose identity side is not ours to read.

Policy only: Block Public Access, ACLs, KMS grants and the resource's own state are the asker's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.iam import access_points, layers, organisation, patterns, refused, rules
from graph.iam.document import BrokenPolicy, Document, parse
from graph.iam.expression import FALSE, Expression, Gap, Literal, Term, address_ranges, of, of_terms
from graph.iam.layers import Question
from graph.iam.operators import Network
from graph.iam.proof import Proof
from graph.iam.request import FRESH_ACCOUNT, Request, Side, facts_of
from graph.iam.world import IamWorld, Outside, Policy, outside_account
from graph.verdict import Answer, Verdict, any_of

PolicySource = Policy | Document | BrokenPolicy | Mapping[str, Any] | str | None | Side
"""A policy in any form; ``None`` for a resource without one, ``Side.NOT_COLLECTED`` for a gap."""

BELOW = {"s3": "/*", "lambda": ":*", "logs": ":*", "execute-api": "/*", "es": "/*"}
"""What stands below a resource that carries the policy: objects, versions, streams."""


def resource_policy_access(
    policy_document: PolicySource,
    caller: Outside | str,
    actions: Iterable[str],
    resource_arn: str,
    resource_account: str,
    context: Mapping[str, tuple[str, ...]] | None = None,
    service: str = "",
    world: IamWorld | None = None,
) -> Answer:
    """Whether a resource policy lets an outside caller do any of some actions.

    Args:
        policy_document: see :data:`PolicySource`.
        caller: ``ANONYMOUS``, ``ANY_AWS_PRINCIPAL``, or an outside account's id.
        actions: e.g. ``["s3:GetObject"]``.
        resource_arn: the resource that carries the policy; what stands below it counts too.
        resource_account: its owner.
        context: known keys, e.g. ``{"lambda:FunctionUrlAuthType": ("NONE",)}``.
        service: the resource's service prefix; by default that of its ARN.
        world: brings the resource control policies of the owner's organisation.

    Returns:
        The strongest answer over actions. For the two classes of unnamed callers a fixed address
        range is ``no``: its source is the range (see :func:`graph.iam.grants.grants`).
    """
    policy = as_policy(policy_document)
    who = outside_account(caller) if isinstance(caller, str) else caller
    prefix = service or resource_arn.split(":")[2]
    answers = []
    for action in actions:
        for target in forms(prefix, resource_arn, action):
            request = Request(
                who, action, target, resource_account, context or {}, pattern=target != resource_arn
            )
            answers.append(weigh(world or IamWorld(), request, policy).answer)
    return any_of(answers)


def forms(service: str, resource_arn: str, action: str) -> list[str]:
    """The resource and what stands below it, as far as an action (or pattern) is about them.

    S3 authorises object actions against objects and bucket actions against the bucket.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
    """
    below = [resource_arn + BELOW[service]] if service in BELOW else []
    if service != "s3" or "*" in action or "?" in action:
        return [resource_arn, *below]
    return below if rules.is_object_action(action.lower()) else [resource_arn]


def as_policy(source: PolicySource) -> Policy | Side | None:
    """A policy in any form as a :class:`Policy`, ``None`` or a :class:`Side`."""
    if source is None or isinstance(source, Policy | Side):
        return source
    document = source if isinstance(source, Document | BrokenPolicy) else parse(source)
    return Policy("resource policy", document)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """An answer for a class of callers, and the address ranges that get what the class does not."""

    answer: Answer
    ranges: tuple[tuple[Network, Answer], ...] = ()


def weigh(world: IamWorld, request: Request, policy: Policy | Side | None) -> Narrowed:
    """One request of an outside caller against a policy and the RCPs above the resource."""
    proof = Proof()
    who = _title(request)
    why = refused.by_aws(world, request)
    if why:
        proof.step("AWS", request.resource, FALSE, why)
        return Narrowed(proof.answer(FALSE, who))
    allowed = _allowed(world, request, policy, proof)
    caller = request.principal
    if caller.kind not in ("anonymous", "any-aws"):
        return Narrowed(proof.answer(allowed, who))
    open_terms: list[Term] = []
    by_range: dict[Network, list[Term]] = {}
    for term in allowed.terms:
        ranges, rest = _split(term)
        if ranges is None:
            open_terms.append(rest)
        else:
            for found in ranges:
                by_range.setdefault(found, []).append(rest)
    answer = proof.answer(of_terms(open_terms, allowed.truncated), who)
    if answer.verdict is Verdict.NO and by_range:
        listed = ", ".join(map(str, by_range))
        answer = answer.because(f"{who} is not allowed: only addresses in {listed} are.")
    return Narrowed(
        answer,
        tuple(
            (network, proof.answer(of_terms(terms, truncated=False), str(network)))
            for network, terms in by_range.items()
        ),
    )


def _allowed(
    world: IamWorld, request: Request, policy: Policy | Side | None, proof: Proof
) -> Expression:
    question = Question(
        request.action_glob,
        request.resource_glob,
        access_points.facts(world, request, facts_of(world, request, request.resource_account)),
        request.principal,
    )
    caller = request.principal
    if caller.kind == "account" and world.account(caller.account).organization:
        proof.assumes.append(f"identity:{caller.account}")
    guards = organisation.guards(world, request, request.resource_account, question, proof)
    if isinstance(policy, Side):
        gap = of(Gap("resource-policy", request.resource, needed=True))
        proof.step("resource policy", request.resource, gap, "The policy was not collected.")
        return guards & gap
    if policy is None:
        text = "The resource has no policy."
        proof.step("resource policy", request.resource, FALSE, text)
        return FALSE
    said = layers.ask((policy,), question, names_principals=True)
    granted = said.allowed() | said.gaps(needed=True)
    proof.layer("resource policy", request.resource, said, granted)
    return guards & ~said.denied & granted


def _split(term: Term) -> tuple[list[Network] | None, Term]:
    """The public address ranges that a term is limited to (``None``: not limited), and the rest.

    A test that a request without the key passes does not limit: the caller can come through a VPC
    endpoint of their own. A range without a public address leaves nobody on the internet.
    """
    tests = [atom for atom in term if isinstance(atom, Literal) and atom.key == "aws:sourceip"]
    rest = frozenset(atom for atom in term if atom not in tests)
    if not tests or all(test.absent_ok for test in tests):
        return None, rest
    found = address_ranges(tests)
    if any(network.prefixlen == 0 for network in found):
        return None, rest
    return [network for network in found if not _private(network)], rest


def _private(network: Network) -> bool:
    """RFC 1918, loopback, link-local and the like: never the source of a call from outside."""
    return network.is_private or network.is_loopback or network.is_link_local


def _title(request: Request) -> str:
    caller = request.principal
    names = {"anonymous": "An unsigned caller", "any-aws": "Any AWS principal"}
    # The account that stands for all that fit has no number that could be shown.
    any_that_fits = caller.account == FRESH_ACCOUNT
    if caller.kind == "service":
        whom = "any account that fits" if any_that_fits else caller.account
        return f"{caller.arn} for {whom}" if whom else caller.arn
    account = "Any account of the source" if any_that_fits else f"Account {caller.account}"
    return names.get(caller.kind) or caller.arn or account


def covered_by(resource: str, form: str) -> bool:
    """Whether a written resource pattern stays within another."""
    return patterns.written_resource(form).matches(patterns.wild(resource))
