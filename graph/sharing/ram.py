"""Resource shares of RAM: who receives which resource, and what that means by its type.

* who can be named, and the organisation's setting:
  https://docs.aws.amazon.com/ram/latest/userguide/getting-started-sharing.html
* associations and invitations:
  https://docs.aws.amazon.com/ram/latest/APIReference/API_ResourceShareAssociation.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam import catalogue
from graph.iam.document import Document
from graph.iam.ram_permissions import meaning_of
from graph.iam.shares import ORGANISATION_SHARING
from graph.iam.shares_from_snapshot import switched_off, trusting
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, refused, unread
from graph.sharing.receiving import ANYONE, asks, holds, of_no_account, sleeps, source_of, told
from graph.verdict import Answer, Verdict, all_of, condition

MECHANISM = "ram-share"
_CALL = "get_resource_share_associations(associationType={})"
_OPERATION = "ram.get_resource_share_associations"
_TURNED_DOWN = frozenset({"REJECTED", "EXPIRED"})


def ram_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Each resource of each share of one's own, with each receiver."""
    invited, trusted = _invitations(snapshot), trusting(snapshot)
    for item in snapshot.items("ram:share"):
        if str(item.item.get("owningAccountId") or item.account_id) == item.account_id:
            yield from _of_share(item, invited, trusted, world)


_Invited = Mapping[tuple[str, str], frozenset[str]]
"""The states of all invitations, by share and by the account that was asked."""


def _invitations(snapshot: Snapshot) -> _Invited:
    """Several where an account was asked again: an old one stays beside that which it accepted."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in (item.item for item in snapshot.items("ram:invitation")):
        asked = str(row.get("resourceShareArn")), str(row.get("receiverAccountId"))
        found.setdefault(asked, set()).add(str(row.get("status")))
    return {asked: frozenset(states) for asked, states in found.items()}


def _of_share(
    item: Item, invited: _Invited, trusted: Mapping[str, bool], world: IamWorld
) -> Iterator[Judgement]:
    resources, known = _associations(item, "RESOURCE")
    receivers, known_too = _associations(item, "PRINCIPAL")
    targets = [row for row in resources if row.get("status") in ("ASSOCIATED", "ASSOCIATING")]
    if not known_too:
        why = "Whom the share names was not read."
        for row in targets or [{"associatedEntity": item.id}]:
            shared = replace(item, id=str(row.get("associatedEntity")))
            yield outside(shared, ANYONE, MECHANISM, unread(_OPERATION, item, why))
        return
    if not known:
        why = "Which resources the share holds was not read."
        for source in dict.fromkeys(source_of(row.get("associatedEntity")) for row in receivers):
            yield outside(item, source, MECHANISM, unread(_OPERATION, item, why))
        return
    state = all_of((_share_state(item), _permission(item)))
    named = [(source_of(row.get("associatedEntity")), row) for row in receivers]
    answers = {
        source: _answer(item, row, invited, all_of((state, *_organisation(item, row, trusted))))
        for source, row in named
        if not _own(source, item)
    }
    for row in targets:
        yield from _of_resource(item, str(row.get("associatedEntity")), answers, world)


def _own(source: str, item: Item) -> bool:
    return ":organizations:" not in source and own(source, item.account_id)


def _of_resource(
    item: Item, arn: str, answers: Mapping[str, Answer], world: IamWorld
) -> Iterator[Judgement]:
    shared, meaning = replace(item, id=arn), meaning_of(arn)
    actions = _stated(item, arn, world)
    if not actions:
        actions = meaning.actions if meaning is not None else _unnamed(arn)
    means = meaning.means if meaning is not None else "uses it as the share's permission says"
    text = holds("meaning of the share", shared, f"The receiver {means}.", Ref.to(item))
    for source, answer in answers.items():
        if answer.verdict is Verdict.NO:
            yield outside(shared, source, MECHANISM, answer)
            continue
        found = replace(
            answer,
            why=f"{answer.why} The receiver {means}.",
            evidence=(*answer.evidence, *text.evidence),
            steps=(*answer.steps, *text.steps),
        )
        yield told(outside(shared, source, MECHANISM, found, actions), item.account_id, world)


def _stated(item: Item, arn: str, world: IamWorld) -> tuple[str, ...]:
    """The actions of the share's own permission, where it was read."""
    documents = [
        one.policy.document
        for one in world.share_grants.get(arn, ())
        if one.share == item.id and one.policy is not None
    ]
    rows = [row for held in documents if isinstance(held, Document) for row in held.statements]
    names = {name for row in rows if not row.is_deny for name in row.action_names}
    return tuple(sorted(map(catalogue.spelled, names)))


def _unnamed(arn: str) -> tuple[str, ...]:
    """Of a type without a row nothing less than everything can be said."""
    service = arn.split(":", 3)[2] if arn.count(":") >= 5 else ""
    return (f"{service}:*",) if service else ()


def _associations(item: Item, kind: str) -> tuple[list[Mapping[str, Any]], bool]:
    call = item.call(_CALL.format(kind))
    rows = call.value
    if isinstance(rows, Mapping):
        rows = rows.get("resourceShareAssociations")
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return found, call.known


def _share_state(item: Item) -> Answer:
    state = str(item.item.get("status") or "ACTIVE")
    if state == "ACTIVE":
        return Answer(Verdict.YES)
    return sleeps("share state", item, f"The share is {state}.", Ref.to(item, "/item/status"))


def _permission(item: Item) -> Answer:
    """A permission of the customer's own may give less or more than the type's default."""
    call = item.call("list_resource_share_permissions")
    rows = call.value if isinstance(call.value, list) else []
    names = [str(row.get("arn")) for row in rows if isinstance(row, Mapping)]
    own_ones = [
        name
        for name in names
        if ":aws:permission/" not in name
        and not item.call(f"get_permission(permissionArn={name})").known
    ]
    if own_ones:
        text = f"The share's permission {own_ones[0]} is the owner's: its actions were not read."
        return Answer(Verdict.YES, evidence=(text,))
    return Answer(Verdict.YES, evidence=tuple(f"Its permission is {name}." for name in names[:3]))


def _answer(
    item: Item,
    row: Mapping[str, Any],
    invited: _Invited,
    state: Answer,
) -> Answer:
    """Whether one association is in force."""
    entity, status = str(row.get("associatedEntity")), str(row.get("status"))
    ref = Ref.to(item, f"/calls/{_CALL.format('PRINCIPAL')}/value")
    odd = of_no_account(
        source_of(entity), item, _OPERATION, MECHANISM, ref, "The share's principals"
    )
    if odd is not None:
        return odd
    if status not in ("ASSOCIATED", "ASSOCIATING"):
        return refused(item.id, MECHANISM, f"Its association with {entity} is {status}.", ref)
    text = f"The share {item.item.get('name') or item.id} names {entity}{_external(row)}."
    parts = [holds(MECHANISM, item, text, ref)]
    asked = invited.get((item.id, entity), frozenset())
    if asked and asked <= _TURNED_DOWN:
        told = " and ".join(sorted(asked))
        return refused(item.id, "invitation", f"The invitation to {entity} is {told}.", ref)
    if status == "ASSOCIATING" or ("PENDING" in asked and "ACCEPTED" not in asked):
        why = f"{entity} has to accept the invitation to the share first."
        parts.append(asks("invitation", item, why, condition("approval", "ram-invitation"), ref))
    if row.get("external") is True and item.item.get("allowExternalPrincipals") is False:
        why = "The share admits nobody outside the organisation now; this receiver came before."
        parts.append(replace(holds("external principals", item, why, ref), guards=()))
    found = all_of((*parts, state))
    return found.because(found.why or text)


def _organisation(
    item: Item, row: Mapping[str, Any], trusted: Mapping[str, bool]
) -> Iterator[Answer]:
    """A share with an organisation that is known not to share gives nothing until it does."""
    entity = str(row.get("associatedEntity"))
    if switched_off([entity], trusted):
        why = f"Sharing with the organisation, which {entity} needs, is not enabled."
        subject, _, value = ORGANISATION_SHARING.partition("=")
        ref = Ref.to(item, f"/calls/{_CALL.format('PRINCIPAL')}/value")
        yield asks("organisation sharing", item, why, condition("context", subject, value), ref)


def _external(row: Mapping[str, Any]) -> str:
    """Whether AWS marks the receiver as outside the owner's organisation."""
    return ", which is outside the organisation" if row.get("external") is True else ""
