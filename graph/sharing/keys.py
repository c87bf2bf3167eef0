"""KMS keys: the key policy, grants, and the state of the key.

* grants stand beside the policy: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html;
  ``ListGrants`` names each grantee, a service principal where an AWS service is the grantee
* a Deny of the key policy also binds a grantee
* states in which a key serves nobody:
  https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.document import BrokenPolicy, parse
from graph.iam.key_states import asleep
from graph.iam.kms import grant_statements
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import POLICIES, judge_policy, outside, own, policy_grants, unread
from graph.verdict import Answer, Verdict, all_of, condition

PLACE = next(place for place in POLICIES if place.type_id == "kms:key")
MECHANISM = "key-grant"
_PARTIES = {"GranteePrincipal": "use the key", "RetiringPrincipal": "retire it"}
_NAMED = (*_PARTIES, "GranteeServicePrincipal", "RetiringServicePrincipal")


def key_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every key of a customer: who outside its account its policy and its grants admit."""
    for item in snapshot.items(PLACE.type_id):
        if managed_by_aws(item):
            continue
        state = key_state(item)
        call = item.call(PLACE.operation)
        pointer = f"/calls/{PLACE.operation}/value"
        found = [*judge_policy(PLACE, item, call, pointer, world), *_granted(item, world)]
        for judgement in found:
            yield replace(judgement, answer=all_of((judgement.answer, state)))


def managed_by_aws(item: Item) -> bool:
    """Whether a KMS key is AWS's: its policy cannot be changed and admits only its own account.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    return _metadata(item).get("KeyManager") == "AWS"


def _metadata(item: Item) -> Mapping[str, Any]:
    value = item.call("describe_key").value
    found = value.get("KeyMetadata", value) if isinstance(value, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def key_state(item: Item) -> Answer:
    """``dormant`` for a key that is switched off, a condition where that was not read."""
    state = str(_metadata(item).get("KeyState", ""))
    if not state:
        where = f"kms.describe_key@{item.account_id}/{item.region}"
        text = "Whether the key is switched on was not read."
        missing = (condition("not_collected", where),)
        step = Step("key state", item.id, "unknown", text)
        return Answer(Verdict.CONDITIONAL, text, missing, evidence=(text,), steps=(step,))
    if state not in asleep():
        return Answer(Verdict.YES)
    text = f"The key is in state {state}, in which nobody can use it."
    ref = Ref.to(item, "/calls/describe_key/value/KeyMetadata/KeyState")
    step = Step("key state", item.id, "conditional", text, (ref,))
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))


def _granted(item: Item, world: IamWorld) -> Iterator[Judgement]:
    """Grantees outside the account, each under the denies of the key policy."""
    rows = _rows(item.call("list_grants"))
    if rows is None:
        why = f"The key's grants were not read ({item.call('list_grants').status})."
        yield outside(item, "any-aws-account", MECHANISM, unread("kms.list_grants", item, why))
        return
    denies, gap = _denies(item)
    for number, row in enumerate(rows):
        for role, title in _PARTIES.items():
            party = str(row.get(role, "")) if isinstance(row, Mapping) else ""
            if not party.startswith("arn:") or own(party, item.account_id):
                continue
            ref = Ref.to(item, f"/calls/list_grants/value/{number}")
            others = {name: None for name in _NAMED if name != role}
            document = {
                "Version": "2012-10-17",
                "Statement": [*grant_statements({**row, **others}), *denies],
            }
            text = f"Grant {row.get('GrantId', number)} lets {party} {title}."
            step = Step("grant", item.id, "pass", text, (ref,))
            said = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
            for grant in policy_grants("kms", item, document, ref, world):
                answer = all_of((said, grant.answer, gap))
                yield outside(item, grant.source_id, MECHANISM, answer, grant.actions)


def _rows(call: CallResult) -> list[Any] | None:
    """The grants of a key; ``None`` if they were not read, or are no list."""
    value = call.value if call.status is Status.OK else []
    if isinstance(value, Mapping):
        value = value.get("Grants")
    return value if call.known and isinstance(value, list) else None


def _denies(item: Item) -> tuple[list[Any], Answer]:
    """The denies of the key policy, and what it leaves open that they could not be read."""
    call = item.call(PLACE.operation)
    text = call.value.get("Policy") if isinstance(call.value, Mapping) else None
    if call.status is not Status.OK or not text or isinstance(parse(text), BrokenPolicy):
        where = f"kms.{PLACE.operation}@{item.account_id}/{item.region}"
        why = "The key policy, which could deny it, was not read."
        step = Step("key policy", item.id, "unknown", why)
        return [], Answer(
            Verdict.CONDITIONAL,
            why=why,
            conditions=(condition("not_collected", where),),
            evidence=(why,),
            steps=(step,),
        )
    rows = (json.loads(text) if isinstance(text, str) else text)["Statement"]
    listed = [rows] if isinstance(rows, Mapping) else rows
    return [row for row in listed if row["Effect"] == "Deny"], Answer(Verdict.YES)
