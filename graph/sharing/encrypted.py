"""What a resource's policy lets others read, where a KMS key encrypts it.

Whoever reads a secret, or a queue's messages, from another account needs the key too, and a key
of AWS's serves its own account alone.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.snapshot import Item, Snapshot
from graph.evidence import Step
from graph.iam import rules
from graph.iam.encryption import AWS_MANAGED, action_on_key
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.decrypting import NAME, Decryption
from graph.sharing.receiving import ANYONE
from graph.verdict import Answer, Verdict, all_of

_EVERYONE = ("internet", "any-aws-principal", ANYONE)


class Encrypted:
    """Judgements of access with what the key of the target leaves of them."""

    def __init__(self, snapshot: Snapshot, world: IamWorld) -> None:
        self._world = world
        self._decryption = Decryption(snapshot, world, ways=("kms:Decrypt",))
        self._items = {
            item.id: item
            for type_id in rules.data("encrypted_calls.json")["types"]
            for item in snapshot.items(type_id)
            if item.id in world.encrypted_by
        }

    def parts(self, judgement: Judgement) -> Iterator[Judgement]:
        """The judgement: what it says of calls that hand out nothing, apart from those that do."""
        item = self._items.get(judgement.target)
        keyed = tuple(one for one in judgement.actions if action_on_key(one))
        if item is None or not keyed or not _asked(judgement):
            yield judgement
            return
        if others := tuple(one for one in judgement.actions if one not in keyed):
            yield replace(judgement, actions=others)
        answer = all_of((judgement.answer, self._key(item, judgement.source)))
        yield replace(judgement, actions=keyed, answer=answer)

    def _key(self, item: Item, source: str) -> Answer:
        key = self._world.encrypted_by[item.id]
        if key == AWS_MANAGED:
            why = f"{item.id} is encrypted with a key of AWS's, which {source} cannot use."
            step = Step(NAME, item.id, "fail", why)
            return Answer(Verdict.NO, why=why, evidence=(why,), steps=(step,))
        service = item.type.partition(":")[0]
        who = ANYONE if source in _EVERYONE else source
        return self._decryption.limit(item, key, service)(who)


def _asked(judgement: Judgement) -> bool:
    """Whether callers with an identity of their own are meant, who use the key themselves."""
    source = judgement.source
    told = source in _EVERYONE or source.startswith(("account:", "org:", "arn:"))
    return told and judgement.answer.verdict.rank >= Verdict.CONDITIONAL.rank
