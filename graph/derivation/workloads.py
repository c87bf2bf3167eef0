"""``HAS_ROLE``: which role's credentials a machine or function hands to whoever controls it.

* instance profiles: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
* metadata service: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
* execution roles: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.derivation.relate import walked
from graph.evidence import Ref, Step
from graph.iam.assumption import ASSUME
from graph.iam.request import Request, Side
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Outside
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, all_of, condition

ENDINGS = ("shutting-down", "terminated")


@dataclass(frozen=True, slots=True)
class WorkloadPart:
    """What workloads' roles add to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def workload_part(snapshot: Snapshot, world: IamWorld) -> WorkloadPart:
    """Derive the roles of EC2 instances and Lambda functions."""
    judgements = [*_instances(snapshot, world), *_functions(snapshot, world)]
    unread = {j.target for j in judgements if ":instance-profile/" in j.target}
    relationships = tuple(
        walked("HAS_ROLE", j.source, j.target, j.mechanism, j.answer, mechanism=j.mechanism)
        for j in judgements
        # A profile that was not read is no role: the judgement says so, nothing can be drawn.
        if j.answer.verdict is not Verdict.NO and j.target not in unread
    )
    return WorkloadPart(relationships, tuple(judgements))


def _instances(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    profiles = _profiles(snapshot)
    for item in snapshot.items("ec2:instance"):
        carried = item.item.get("IamInstanceProfile")
        profile = carried.get("Arn") if isinstance(carried, Mapping) else carried
        state = str(_object(item.item.get("State")).get("Name", ""))
        if not profile or state in ENDINGS:
            continue
        if not profiles.get(str(profile)):
            answer = _without_role(item, str(profile), profiles)
            yield Judgement("role", item.id, str(profile), "instance-profile", answer)
        for role, ref in profiles.get(str(profile), ()):
            answer = all_of(
                (
                    _carries(item, str(profile), role, ref),
                    _trusts(world, role, "ec2.amazonaws.com", item),
                    _metadata(item),
                    _running(item, state),
                )
            )
            yield Judgement("role", item.id, role, "instance-profile", answer)


def _profiles(snapshot: Snapshot) -> dict[str, list[tuple[str, Ref]]]:
    """Roles by instance profile: from the profiles' own list, else from the roles' details."""
    found: dict[str, dict[str, Ref]] = {}
    for line in snapshot.items("iam:instance-profile"):
        arn = str(line.item.get("Arn", line.id))
        roles = line.item.get("Roles") or []
        if isinstance(roles, list) and all(isinstance(role, Mapping) for role in roles):
            # Otherwise it is not known which role it holds, or that it holds none.
            found.setdefault(arn, {})
        for index, role in _objects(roles):
            ref = Ref.to(line, f"/item/Roles/{index}")
            found.setdefault(arn, {}).setdefault(str(role.get("Arn")), ref)
    for line in snapshot.items("iam:role"):
        for index, profile in _objects(line.item.get("InstanceProfileList")):
            ref = Ref.to(line, f"/item/InstanceProfileList/{index}")
            found.setdefault(str(profile.get("Arn")), {}).setdefault(line.id, ref)
    return {arn: sorted(roles.items()) for arn, roles in found.items()}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a list with their places; nothing of what is no list."""
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, Mapping):
            yield index, entry


def _without_role(item: Item, profile: str, known: Collection[str]) -> Answer:
    """Of a profile that was read it is known that it holds no role; of another nothing is."""
    ref = Ref.to(item, "/item/IamInstanceProfile")
    if profile in known:
        text = f"The instance carries {profile}, which holds no role."
        step = Step("instance profile", item.id, "fail", text, (ref,))
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))
    text = f"{profile} was not collected, so the role that the instance carries is not known."
    step = Step("instance profile", item.id, "unknown", text, (ref,))
    gap = condition("not_collected", "iam:instance-profile", profile)
    return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,), steps=(step,))


def _carries(item: Item, profile: str, role: str, ref: Ref) -> Answer:
    text = f"The instance carries {profile.rpartition('/')[2]}, which holds {role}."
    refs = (Ref.to(item, "/item/IamInstanceProfile"), ref)
    step = Step("instance profile", item.id, "pass", text, refs)
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))


def _trusts(world: IamWorld, role: str, service: str, workload: Item) -> Answer:
    """The role's trust policy must admit the service that hands out its credentials.

    ``*`` as principal admits services too: they are principals, and AWS made
    ``aws:PrincipalIsAWSService`` to tell them apart from the others that ``*`` covers.
    Whether the service says for whom it asks is not documented, so a condition on
    ``aws:SourceArn`` or ``aws:SourceAccount`` stays one, but the account is never another one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://aws.amazon.com/blogs/security/iam-makes-it-easier-to-manage-permissions-for-aws-services-accessing-resources/
    """
    known = world.principals.get(role)
    if known is None:
        text = f"{role} was not collected, so whether it trusts {service} is not known."
        gap = condition("not_collected", "iam:role", role)
        return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))
    told, untold = (
        weigh(
            world,
            Request(Outside("service", account, service), ASSUME, role, known.account),
            known.trust or Side.NOT_COLLECTED,
        ).answer
        for account in (workload.account_id, "")
    )
    return told if told.verdict is Verdict.NO else untold


def _metadata(item: Item) -> Answer:
    """Without the metadata endpoint the credentials do not reach the machine."""
    options = _object(item.item.get("MetadataOptions"))
    ref = Ref.to(item, "/item/MetadataOptions")
    if options.get("HttpEndpoint") == "disabled":
        text = "The instance metadata service is disabled, so it hands out no credentials."
        step = Step("instance metadata", item.id, "conditional", text, (ref,))
        return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))
    kind = "IMDSv2 only" if options.get("HttpTokens") == "required" else "IMDSv1 answers too"
    text = f"The instance metadata service hands out the role's credentials ({kind})."
    step = Step("instance metadata", item.id, "pass", text, (ref,))
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))


def _running(item: Item, state: str) -> Answer:
    if state in ("running", "pending"):
        return Answer(Verdict.YES)
    if not state:
        gap = condition("not_collected", "ec2:instance.State", item.id)
        text = "The instance's state is not known."
        return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))
    text = f"The instance is {state}."
    step = Step("state", item.id, "conditional", text, (Ref.to(item, "/item/State"),))
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))


def _functions(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    for item in snapshot.items("lambda:function"):
        role = item.item.get("Role")
        if not role:
            continue
        text = f"The function runs with {role}."
        step = Step("execution role", item.id, "pass", text, (Ref.to(item, "/item/Role"),))
        carries = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
        answer = all_of((carries, _trusts(world, str(role), "lambda.amazonaws.com", item)))
        yield Judgement("role", item.id, str(role), "execution-role", answer)
