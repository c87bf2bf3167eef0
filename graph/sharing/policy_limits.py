"""What stands beside a policy's statement: the network, a front door, a share of RAM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.evidence import Step
from graph.iam import patterns, rules
from graph.iam.grants import Grant
from graph.iam.policies_from_snapshot import Carried
from graph.iam.policy_places import PolicyPlace
from graph.iam.s3 import RESTRICT
from graph.iam.s3_public import called_public
from graph.iam.world import IamWorld, Policy
from graph.verdict import Answer, Verdict, all_of, condition

_UNNAMED = ("internet", "any-aws-principal", "cidr")


def elsewhere(place: PolicyPlace, grant: Grant) -> bool:
    """Whether a front door judges these callers, who are in no policy by name."""
    return place.front_door and grant.source_kind in _UNNAMED


def signed(place: PolicyPlace, grant: Grant) -> Grant:
    """What everyone gets of a type that takes signed calls only, though its service takes others.

    Everyone is then any AWS principal, and a caller from a range of addresses has to sign.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-cross-accounts.html
    """
    unsigned = rules.accepts_anonymous(f"{place.service}:*")
    if place.widest == "internet" or not unsigned:
        return grant
    if grant.source_kind == "cidr":
        return replace(grant, answer=all_of((grant.answer, _with_signature(place))))
    if grant.source_id != "internet":
        return grant
    return replace(grant, source_id=place.widest, source_kind=place.widest)


def _with_signature(place: PolicyPlace) -> Answer:
    text = f"{place.service} takes signed requests only for this."
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("authn", "sigv4"),),
        evidence=(text,),
        steps=(Step("authentication", place.type_id, "conditional", text),),
    )


def needs_network(place: PolicyPlace, target: str, grant: Grant) -> Answer:
    """The answer with what has to be reached beside, such as a mount target.

    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    if not place.network or grant.answer.verdict is Verdict.NO:
        return grant.answer
    globs = [patterns.action_glob(name) for name in place.network_actions]
    on_network = all(
        any(patterns.covers(glob, patterns.action_glob(name)) for glob in globs)
        for name in grant.actions
    )
    if not on_network and grant.source_kind != "internet":
        return grant.answer
    text = f"Callers must reach it in its network ({place.network})."
    needed = Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("context", place.network, "true"),),
        evidence=(text,),
        steps=(Step("network", target, "conditional", text),),
    )
    return all_of((grant.answer, needed))


def never_public(place: PolicyPlace, policy: Policy | None, target: str, answer: Answer) -> Answer:
    """A grant to the outside, under a Block Public Access that nobody can switch off.

    Args:
        place: where the policy stands; the services are those of ``resource_services.json``.
        policy: all that is weighed.
        target: the resource.
        answer: what the policy gives to somebody who is no AWS service.
    """
    if not rules.service_is("block_public_access_always_on", place.service):
        return answer
    public = called_public(policy.document) if policy else False
    if public is False:
        return answer
    if public is None:
        text = "Whether S3 calls the policy public, which would cut it off, is not said."
        missing = (condition("not_collected", "s3:bucket-policy-status", target),)
        step = Step(RESTRICT, target, "unknown", text)
        doubt = Answer(Verdict.CONDITIONAL, text, missing, evidence=(text,), steps=(step,))
        return all_of((answer, doubt))
    text = f"The policy is public, and {RESTRICT} is always on here: it serves its own account."
    return Answer(Verdict.NO, text, evidence=(text,), steps=(Step(RESTRICT, target, "fail", text),))


def beside_ram(rows: Sequence[Carried], grant: Grant, world: IamWorld) -> bool:
    """Whether a grant is a RAM share's, which is judged as a share.

    RAM writes a resource policy for each share.
    https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-promote.html
    """
    if not any(row.place.ram for row in rows):
        return False
    held = {arn for row in rows for arn in (row.arn, row.item.id)}
    named = [*held, *grant.resources]
    shared = {entry for arn in named for entry in world.shares.get(arn, ())}
    kind, _, rest = grant.source_id.partition(":")
    if kind == "org":
        return any(entry.rpartition("/")[2] == rest.rpartition("/")[2] for entry in shared)
    wanted = rest if kind in ("account", "service") else grant.source_id
    return bool(shared & {wanted, grant.source_id}) or any(
        entry.endswith(f":iam::{wanted}:root") for entry in shared
    )
