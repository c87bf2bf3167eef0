"""Whether who receives an encrypted snapshot or image can decrypt it.

* EBS: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
* AMI: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
* RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/share-encrypted-snapshot.html

The key of AWS that an account has by default cannot be shared; a customer's must admit the
receiver, by its policy or a grant. Any of the ways to the plain text is enough here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref, Step
from graph.iam.evaluate import evaluate
from graph.iam.key_states import asleep
from graph.iam.request import Request
from graph.iam.world import ANY_AWS_PRINCIPAL, Caller, IamWorld, outside_account
from graph.sharing.keys import key_state, managed_by_aws
from graph.sharing.members import all_known, members_of, organization_of, told_apart
from graph.sharing.receiving import ANYONE, asks, holds, sleeps
from graph.verdict import Answer, Verdict, all_of, any_of, condition

NAME = "decryption"
_WAYS = ("kms:Decrypt", "kms:CreateGrant", "kms:ReEncryptFrom")
_WEIGHED = 1_000
"""Accounts that one key is asked about; AWS's own limits of sharing are below that."""


class Decryption:
    """Answers for the keys of one snapshot, each question once.

    ``ways``: the actions on a key of which one is enough.
    """

    def __init__(self, snapshot: Snapshot, world: IamWorld, ways: tuple[str, ...] = _WAYS) -> None:
        self._world = world
        self._ways = ways
        self._keys = {item.id: item for item in snapshot.items("kms:key")}
        self._known: dict[tuple[str, str, str], Answer] = {}
        self._count: dict[str, int] = {}

    def limit(self, item: Item, key: object, service: str) -> Callable[[str], Answer]:
        """What must hold of a receiver of something that ``key`` encrypts.

        Args:
            item: the snapshot or image.
            key: ARN or id of the key; empty where AWS names none.
            service: that uses the key for the receiver, e.g. ``ec2``.
        """
        arn = str(key or "")
        if arn and not arn.startswith("arn:"):
            partition = item.id.split(":")[1] if item.id.startswith("arn:") else "aws"
            arn = f"arn:{partition}:kms:{item.region}:{item.account_id}:key/{arn}"
        via = f"{service}.{item.region}.amazonaws.com"
        return lambda source: self._usable(item, arn, source, via)

    def _usable(self, item: Item, key: str, source: str, via: str) -> Answer:
        if not key:
            why = (
                "It is encrypted with a key that was not read: whether it can be decrypted is open."
            )
            return asks(NAME, item, why, condition("not_collected", f"kms:key@{item.id}"))
        held = self._keys.get(key)
        ref = Ref.to(held) if held is not None else Ref.to(item)
        if held is not None and managed_by_aws(held):
            return _unusable(
                item,
                f"Shared but not usable: {key} is a key of AWS's, which other accounts cannot use.",
                ref,
            )
        answer = self._asked(key, source, via)
        if answer.verdict is Verdict.NO:
            text = f"Shared but not usable: {key} does not let {source} decrypt it."
            return replace(_unusable(item, text, ref), assumes=answer.assumes)
        parts = [self._allowed(item, key, source, answer, ref)]
        if held is not None and (state := _state(held)) in asleep():
            parts.append(sleeps(NAME, item, f"{key} is in state {state}: nobody can use it.", ref))
        elif held is not None and not state:
            parts.append(key_state(held))
        return all_of(parts)

    def _allowed(self, item: Item, key: str, source: str, answer: Answer, ref: Ref) -> Answer:
        if answer.verdict is Verdict.YES:
            found = holds(NAME, item, f"{key} lets {source} decrypt it.", ref)
            return replace(found, assumes=answer.assumes)
        text = f"Whether {key} lets {source} decrypt it is {answer.verdict}: {answer.why}"
        terms = answer.conditions or (condition("not_collected", f"kms.get_key_policy@{key}"),)
        found = asks(NAME, item, text, terms[0], ref)
        return replace(found, conditions=terms, assumes=answer.assumes)

    def _asked(self, key: str, source: str, via: str) -> Answer:
        known = self._known.get((key, source, via))
        if known is None:
            known = self._known[key, source, via] = self._weighed(key, source, via)
        return known

    def _weighed(self, key: str, source: str, via: str) -> Answer:
        """The best answer of the accounts that a source holds; one that may is enough."""
        owner = key.split(":", 5)[4] if key.count(":") >= 5 else ""
        callers = self._callers(source, owner, key)
        left = max(_WEIGHED - self._count.get(key, 0), 0)
        answers = [] if left >= len(callers) else [_NOT_WEIGHED]
        answers += self._not_listed(source, callers)
        for caller in callers[:left]:
            self._count[key] = self._count.get(key, 0) + 1
            asked = (
                Request(caller, way, key, owner, {"kms:ViaService": (via,)}) for way in self._ways
            )
            answers.append(any_of(evaluate(self._world, one) for one in asked))
            if answers[-1].verdict is Verdict.YES:
                break
        return any_of(answers)

    def _not_listed(self, source: str, callers: list[Caller]) -> list[Answer]:
        """What is left open of an organisation whose accounts were not all listed."""
        if callers and (not organization_of(source) or all_known(self._world, source)):
            return []
        where = condition("not_collected", f"organizations.list_accounts@{source}")
        why = f"which accounts {source} holds is not known."
        return [Answer(Verdict.UNKNOWN, why=why, conditions=(where,))]

    def _callers(self, source: str, owner: str, key: str) -> list[Caller]:
        if source == ANYONE:
            return [ANY_AWS_PRINCIPAL]
        if source.startswith("account:"):
            return [outside_account(source.removeprefix("account:"))]
        if not organization_of(source):
            return [outside_account(source.split(":")[4], source)]
        members = [one for one in members_of(self._world, source) if one.id != owner]
        world = self._world
        said = (world.resource_policies.get(key), world.key_grants.get(key))
        rcps = world.account(owner).rcps or ()
        return [outside_account(one.id) for one in told_apart(members, (*said, *rcps))]


_NOT_WEIGHED = Answer(
    Verdict.UNKNOWN,
    why=f"more than {_WEIGHED} receivers: the rest was not weighed one by one.",
    conditions=(condition("context", "kms-key-policy", "admits the receiver"),),
)


def _state(key: Item) -> str:
    value = key.call("describe_key").value
    found = value.get("KeyMetadata", value) if isinstance(value, dict) else {}
    return str(found.get("KeyState", "")) if isinstance(found, dict) else ""


def _unusable(item: Item, text: str, ref: Ref) -> Answer:
    step = Step(NAME, item.id, "fail", text, (ref,))
    return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))
