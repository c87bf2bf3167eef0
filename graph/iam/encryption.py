"""Calls that hand out what a KMS key encrypts: the caller has to be let use the key too.

* https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
* https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
* https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph.evidence import Step
from graph.iam import rules
from graph.iam.request import Request, Side, owner_of
from graph.iam.world import IamWorld
from graph.verdict import Answer, Verdict, condition

AWS_MANAGED = "aws-managed"
"""Stands for the key that AWS manages for a service in an account."""
NAME = "key policy"


def action_on_key(action: str) -> str:
    """What a call needs on the key beside its own permission; empty for most."""
    found: str = rules.data("encrypted_calls.json")["calls"].get(action.lower(), "")
    return found


_ENOUGH = Answer(Verdict.YES)


@dataclass(frozen=True, slots=True)
class KeyNeeded:
    """What a call needs of a key: a request that asks for it, or what is said without asking."""

    request: Request | None
    answer: Answer = _ENOUGH


def needed(world: IamWorld, request: Request) -> KeyNeeded | None:
    """What a request needs of the key of its resource; ``None``: nothing, or nothing is known."""
    action = action_on_key(request.action)
    key = world.encrypted_by.get(request.resource) if action else None
    if key is None or request.principal.kind in ("anonymous", "service"):
        return None
    if key == AWS_MANAGED:
        return KeyNeeded(None, _of_aws(request, owner_of(world, request)))
    if ":key/" not in key:
        return KeyNeeded(None, _unread(key))
    parts = key.split(":", 5)
    owner, region = (parts[4], parts[3]) if len(parts) == 6 else ("", "")
    context = {
        name: values
        for name, values in request.context.items()
        if not name.lower().startswith(("aws:sourcevpc", "aws:vpce", "kms:"))
    }
    context["kms:ViaService"] = (f"{request.service}.{region}.amazonaws.com",)
    asked = replace(
        request,
        action=action,
        resource=key,
        resource_account=owner,
        context=context,
        resource_policy=Side.LOOK_UP,
        resource_tags=None,
        pattern=False,
        other_grants_seen=False,
    )
    return KeyNeeded(asked)


def _unread(key: str) -> Answer:
    why = f"Which key {key} names was not read."
    missing = (condition("not_collected", f"kms.list_aliases@{key}"),)
    step = Step(NAME, key, "unknown", why)
    return Answer(Verdict.CONDITIONAL, why, missing, evidence=(why,), steps=(step,))


def _of_aws(request: Request, owner: str) -> Answer:
    """What a key of AWS's gives: everything to its own account's callers, nothing to others."""
    if not owner or request.principal.account == owner:
        return Answer(Verdict.YES)
    why = f"{request.resource} is encrypted with a key of AWS's, which serves {owner} alone."
    step = Step(NAME, request.resource, "fail", why)
    return Answer(Verdict.NO, why=why, evidence=(why,), steps=(step,))


def softened(answer: Answer, key: str) -> Answer:
    """What is not known of a key as a condition: the call itself may be allowed for sure."""
    if answer.verdict is not Verdict.UNKNOWN:
        return answer
    terms = answer.conditions or (condition("not_collected", f"kms.get_key_policy@{key}"),)
    return replace(answer, verdict=Verdict.CONDITIONAL, conditions=terms)
