"""``HAS_ROLE``: which role's credentials a machine or function hands to whoever controls it.

* instance profiles: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
* metadata service: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
* execution roles: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from collector.snapshot import Item, Snapshot
from graph.derivation.relate import walked
from graph.derivation.trust import Assumptions
from graph.evidence import Ref, Step
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, all_of, any_of, condition

ENDINGS = ("shutting-down", "terminated")


@dataclass(frozen=True, slots=True)
class WorkloadPart:
    """What workloads' roles add to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def workload_part(snapshot: Snapshot, assumptions: Assumptions) -> WorkloadPart:
    """Derive the roles of EC2 instances and Lambda functions."""
    judgements = [*_instances(snapshot, assumptions), *_functions(snapshot, assumptions)]
    unread = {j.target for j in judgements if ":instance-profile/" in j.target}
    relationships = tuple(
        walked("HAS_ROLE", j.source, j.target, j.mechanism, j.answer, mechanism=j.mechanism)
        for j in judgements
        # A profile that was not read is no role: the judgement says so, nothing can be drawn.
        if j.answer.verdict is not Verdict.NO and j.target not in unread
    )
    return WorkloadPart(relationships, tuple(judgements))


def _instances(snapshot: Snapshot, assumptions: Assumptions) -> Iterator[Judgement]:
    profiles = _profiles(snapshot)
    for item in snapshot.items("ec2:instance"):
        profile = (item.item.get("IamInstanceProfile") or {}).get("Arn")
        state = (item.item.get("State") or {}).get("Name", "")
        if not profile or state in ENDINGS:
            continue
        if not profiles.get(str(profile)):
            answer = _without_role(item, str(profile), profiles)
            yield Judgement("role", item.id, str(profile), "instance-profile", answer)
        for role, ref in profiles.get(str(profile), ()):
            answer = all_of(
                (
                    _carries(item, str(profile), role, ref),
                    _trusts(assumptions, role, "ec2.amazonaws.com"),
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
        found.setdefault(arn, {})
        for index, role in enumerate(line.item.get("Roles") or ()):
            ref = Ref.to(line, f"/item/Roles/{index}")
            found[arn].setdefault(str(role.get("Arn")), ref)
    for line in snapshot.items("iam:role"):
        for index, profile in enumerate(line.item.get("InstanceProfileList") or ()):
            ref = Ref.to(line, f"/item/InstanceProfileList/{index}")
            found.setdefault(str(profile.get("Arn")), {}).setdefault(line.id, ref)
    return {arn: sorted(roles.items()) for arn, roles in found.items()}


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


def _trusts(assumptions: Assumptions, role: str, service: str) -> Answer:
    """The role's trust policy must admit the service that hands out its credentials."""
    if role not in assumptions:
        text = f"{role} was not collected, so whether it trusts {service} is not known."
        gap = condition("not_collected", "iam:role", role)
        return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))
    admitted = [
        row.answer
        for row in assumptions[role]
        if row.kind in ("service", "unknown")
        and row.source in (f"service:{service}", "any-aws-principal")
    ]
    if admitted:
        return any_of(admitted)
    text = f"The trust policy of {role} does not admit {service}."
    return Answer(
        Verdict.NO,
        why=text,
        evidence=(text,),
        steps=(Step("trust policy", role, "fail", text),),
    )


def _metadata(item: Item) -> Answer:
    """Without the metadata endpoint the credentials do not reach the machine."""
    options = item.item.get("MetadataOptions") or {}
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


def _functions(snapshot: Snapshot, assumptions: Assumptions) -> Iterator[Judgement]:
    for item in snapshot.items("lambda:function"):
        role = item.item.get("Role")
        if not role:
            continue
        text = f"The function runs with {role}."
        step = Step("execution role", item.id, "pass", text, (Ref.to(item, "/item/Role"),))
        carries = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
        answer = all_of((carries, _trusts(assumptions, str(role), "lambda.amazonaws.com")))
        yield Judgement("role", item.id, str(role), "execution-role", answer)
