"""Judgements of a list of receivers: an account, an organisation, a unit, everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from collector.snapshot import Item
from graph.evidence import Ref, Step
from graph.guards import guarded
from graph.guards.facts import impossible_account
from graph.iam.document import Document
from graph.iam.grants import Grant
from graph.iam.world import IamWorld, Policy
from graph.judgement import Judgement
from graph.sharing.policies import outside, own, refused, unread
from graph.verdict import Answer, Verdict, all_of

ANYONE = "any-aws-account"
_ORGANIZATION = re.compile(r"arn:[a-z-]+:organizations::[0-9]{12}:organization/(o-[a-z0-9]+)\Z")
_ROOT = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root\Z")
_PRINCIPAL = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.")
_NOTHING_ELSE = Answer(Verdict.YES)
_NOBODY = Policy("share", Document("", ()))
"""A share is no policy: guards tell of it what is known of the receiver."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a list names.

    Attributes:
        source: node id, e.g. ``account:111122223333``, ``org:o-abc``, ``any-aws-account``.
        answer: what else must hold of this receiver; ``yes`` where nothing does.
    """

    source: str
    answer: Answer = _NOTHING_ELSE


@dataclass(frozen=True, slots=True)
class Sharing:
    """A list of receivers as it was read.

    Attributes:
        item: what is shared.
        mechanism: of the judgements.
        operation: ``client.operation`` that reads the list.
        known: whether it was read.
        status: why not.
        ref: where it stands.
        actions: what a receiver may do.
        everyone: whether the type can be shared with everybody, so that a ``no`` can be said.
        limit: what else must hold for a source, e.g. that it can decrypt.
    """

    item: Item
    mechanism: str
    operation: str
    known: bool
    status: str
    ref: Ref
    actions: tuple[str, ...] = ()
    everyone: bool = True
    limit: Callable[[str], Answer] | None = None


def source_of(value: object) -> str:
    """The node id of a receiver as AWS writes it: account id, ``all``, ARN."""
    text = str(value)
    if text.lower() == "all" or text == "*":
        return ANYONE
    if found := _ORGANIZATION.match(text):
        return f"org:{found[1]}"
    if found := _ROOT.match(text):
        return f"account:{found[1]}"
    if text.startswith("arn:") or text.endswith(".amazonaws.com"):
        return text if text.startswith("arn:") else f"service:{text.lower()}"
    return f"account:{text}"


def judged(sharing: Sharing, receivers: Iterable[Receiver], world: IamWorld) -> Iterator[Judgement]:
    """Judge each receiver of a list; at least one judgement, ``no`` for everybody included.

    Args:
        sharing: the list.
        receivers: whom it names.
        world: what is known of accounts, for the guards.
    """
    named = list(dict.fromkeys(receivers))
    item, mechanism = sharing.item, sharing.mechanism
    for receiver in named:
        if not _own(receiver.source, item):
            yield told(_one(sharing, receiver), item.account_id, world)
    if not sharing.known:
        if all(one.source != ANYONE for one in named):
            why = f"Its permissions were not read ({sharing.status}): whom they name is not known."
            answer = unread(sharing.operation, item, why)
            yield outside(item, ANYONE, mechanism, answer, sharing.actions)
        return
    if sharing.everyone and all(one.source != ANYONE for one in named):
        why = "Its permissions do not name every account."
        yield outside(item, ANYONE, mechanism, refused(item.id, mechanism, why, sharing.ref))
    elif all(_own(one.source, item) for one in named):
        why = "It is shared with nobody outside its account."
        yield outside(item, ANYONE, mechanism, refused(item.id, mechanism, why, sharing.ref))


def _own(source: str, item: Item) -> bool:
    """Whether a receiver is the account itself; a unit is not, whoever manages it."""
    return ":organizations:" not in source and own(source, item.account_id)


def _one(sharing: Sharing, receiver: Receiver) -> Judgement:
    item, mechanism, source = sharing.item, sharing.mechanism, receiver.source
    odd = of_no_account(source, item, sharing.operation, mechanism, sharing.ref)
    if odd is not None:
        return outside(item, source, mechanism, odd, sharing.actions)
    whom = "every AWS account" if source == ANYONE else source
    text = f"Its permissions name {whom}."
    step = Step(mechanism, item.id, "pass", text, (sharing.ref,))
    parts = [Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,)), receiver.answer]
    if sharing.limit is not None:
        parts.append(sharing.limit(source))
    return outside(item, source, mechanism, all_of(parts), sharing.actions)


def of_no_account(
    source: str,
    item: Item,
    operation: str,
    mechanism: str,
    ref: Ref,
    whose: str = "Its permissions",
) -> Answer | None:
    """What an entry gives that names nobody who is known to be there; ``None`` for any other.

    Args:
        source: node id, from :func:`source_of`.
        item: what is shared.
        operation: ``client.operation`` that reads the list.
        mechanism: of the judgement.
        ref: where the list stands.
        whose: begins the sentence.

    Returns:
        ``no`` for a number that no account can have; ``unknown`` for a text of unknown form,
        which AWS may read as more than we know.
    """
    kind, _, account = source.partition(":")
    if kind == "account" and account.isdigit():
        if not impossible_account(account):
            return None
        why = f"{whose} name {account!r}, which is no id that an AWS account can have."
        return refused(item.id, mechanism, why, ref)
    if source == ANYONE or kind in ("org", "service") or _PRINCIPAL.match(source):
        return None
    text = account if kind == "account" else source
    return unread(operation, item, f"{whose} name {text!r}: who that is, is not known.")


def told(one: Judgement, owner: str, world: IamWorld) -> Judgement:
    """A share with what is known of the account that receives it, among its guards."""
    if not one.source.startswith("account:") or one.answer.verdict is Verdict.NO:
        return one
    grant = Grant(one.source, "account", one.actions or ("*",), one.answer)
    found = guarded(world, _NOBODY, one.target, owner, [grant])
    return replace(one, answer=found[0].answer)


def holds(name: str, item: Item, text: str, *refs: Ref) -> Answer:
    """A ``yes`` with its one step."""
    step = Step(name, item.id, "pass", text, refs)
    return Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))


def asks(name: str, item: Item, text: str, term: str, *refs: Ref) -> Answer:
    """A ``conditional`` with its one condition."""
    step = Step(name, item.id, "conditional", text, refs)
    return Answer(
        Verdict.CONDITIONAL, why=text, conditions=(term,), evidence=(text,), steps=(step,)
    )


def sleeps(name: str, item: Item, text: str, *refs: Ref) -> Answer:
    """A ``dormant`` with its one step."""
    step = Step(name, item.id, "conditional", text, refs)
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))
