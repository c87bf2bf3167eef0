"""Who of an account may make every call of a technique, principals that are alike as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from graph.escalation.names import Names, names_in, unique
from graph.escalation.told import Tested, tested_keys
from graph.iam import catalogue
from graph.iam.classes import Holders, holders
from graph.iam.document import Document
from graph.iam.evaluate import evaluate
from graph.iam.grantees import bare, grantees
from graph.iam.powers import action_bits
from graph.iam.request import Request
from graph.iam.world import IamWorld, Principal
from graph.verdict import Answer, Verdict, all_of

_FEW = 8
"""Principals that are asked one by one."""


class Able(NamedTuple):
    """Principals with one answer, as bits of :class:`graph.iam.classes.Holders`."""

    mask: int
    answer: Answer


@dataclass(slots=True)
class Asker:
    """Questions about the principals of one account; each is asked once.

    Attributes:
        world: the IAM facts.
        account: whose principals.
        left_out: ARNs that need no answer (the account's admins).
        ids: ids of the account's collected things of a type.
    """

    world: IamWorld
    account: str
    left_out: frozenset[str] = frozenset()
    ids: Callable[[str], Iterable[str]] = lambda _: ()
    _there: dict[tuple[str, str, str], Names] = field(default_factory=dict)
    _asked: dict[object, list[Able]] = field(default_factory=dict)
    _alone: dict[object, Answer] = field(default_factory=dict)
    _allowed: list[tuple[int, int]] | None = None
    _tested: dict[str, Mapping[str, Tested]] = field(default_factory=dict)
    _wanted: int | None = None

    def holders(self, action: str) -> Holders:
        """The account's principals by what their policies say of an action."""
        return holders(self.world, self.account, action)

    def tested(self, action: str) -> Mapping[str, Tested]:
        """The condition keys (lower case) that the account's policies test for an action."""
        found = self._tested.get(action)
        if found is None:
            found = tested_keys(self.world, self.holders(action), self.account)
            self._tested[action] = found
        return found

    def names_there(self, action: str, before: str, after: str) -> Names:
        """Names that no new thing can have, which a call would make.

        Args:
            action: one of :func:`graph.escalation.names.unique`.
            before, after: what stands before and after the name in the ARN.
        """
        key = (action, before, after)
        if key not in self._there:
            self._there[key] = names_in(self.ids(unique()[action]), before, after)
        return self._there[key]

    def wanted(self, action: str) -> int:
        """Everybody of whom an answer is wanted: not admins, not roles that AWS acts as."""
        if self._wanted is None:
            held = self.holders(action)
            linked = frozenset(one.arn for one in held.members if one.service_linked)
            self._wanted = held.full & ~held.mask(self.left_out) & ~held.mask(linked)
        return self._wanted

    def any_member(self) -> Principal | None:
        """Somebody of the account, to write a request with."""
        return next(iter(self.holders("iam:PassRole").members), None)

    def able(self, request: Request) -> list[Able]:
        """Who may make one call; nobody twice, nobody whose answer is ``no``."""
        key = _key(request)
        found = self._asked.get(key)
        if found is None:
            held = self.holders(request.action)
            out = held.full & ~self.wanted(request.action)
            rows = grantees(self.world, self.account, request, by_statement=True, left_out=out)
            found = [Able(held.mask(frozenset(one.members)), one.answer) for one in rows]
            self._asked[key] = found
        return found

    def _able_of(self, request: Request, mask: int) -> list[Able]:
        """:meth:`able` of some principals at least; a few are asked one by one."""
        key = _key(request)
        if key in self._asked or mask.bit_count() > _FEW:
            return self.able(request)
        held = self.holders(request.action)
        rows = []
        for caller in held.listed(mask):
            own = (key, caller.arn)
            if own not in self._alone:
                self._alone[own] = evaluate(self.world, replace(request, principal=caller))
            answer = self._alone[own]
            if answer.verdict is Verdict.UNKNOWN:
                # Whether what was not read counts is decided over everybody's statements.
                return self.able(request)
            if answer.verdict is not Verdict.NO:
                rows.append(Able(held.mask(frozenset((caller.arn,))), answer))
        return rows

    def all_able(self, requests: Sequence[Request], within: int | None = None) -> list[Able]:
        """Who may make every call, with the answers of all together.

        Args:
            requests: the calls; their ``principal`` is replaced.
            within: bits of whom is asked about; by default everybody.
        """
        if not requests:
            return []
        found = [Able(self.wanted(requests[0].action), Answer(Verdict.YES))]
        if within is not None:
            found = [Able(found[0].mask & within, found[0].answer)]
        for request in requests:
            mask = 0
            for one in found:
                mask |= one.mask
            rows = self._able_of(request, mask)
            found = [
                Able(one.mask & row.mask, all_of((one.answer, row.answer)))
                for one in found
                for row in rows
                if one.mask & row.mask
            ]
            if not found:
                return []
        return joined(found)

    def candidates(self, actions: Iterable[str]) -> int:
        """Whose own policies have an Allow for each of some actions, whatever the resources."""
        needed = 0
        for action in actions:
            needed |= catalogue.bits(action)
        if self._allowed is None:
            self._allowed = self._by_bits()
        found = 0
        for bits, mask in self._allowed:
            if bits & needed == needed:
                found |= mask
        return found & self.wanted("iam:PassRole")

    def _by_bits(self) -> list[tuple[int, int]]:
        """Actions that Allow statements name, as bits of the catalogue, and their holders."""
        found: dict[int, int] = {}
        for number, one in enumerate(self.holders("iam:PassRole").members):
            bits = 0
            for policy in one.policies:
                if isinstance(policy.document, Document):
                    bits |= _allowed_bits(self.world, policy.document)
            found[bits] = found.get(bits, 0) | 1 << number
        return list(found.items())

    def members(self, mask: int) -> tuple[str, ...]:
        """ARNs of a mask, sorted."""
        return self.holders("iam:PassRole").names(mask)

    def answer_of(self, principal: str, requests: Sequence[Request]) -> Answer:
        """One principal's own answer, with its own proof."""
        caller = self.world.principals[principal]
        return all_of(evaluate(self.world, replace(one, principal=caller)) for one in requests)


def _key(request: Request) -> tuple[object, ...]:
    """What of a request the answers depend on, whoever asks."""
    return (
        request.action,
        request.resource,
        request.pattern,
        tuple(sorted(request.context.items())),
        request.absent,
        id(request.resource_policy),
        request.resource_tags,
    )


def _allowed_bits(world: IamWorld, document: Document) -> int:
    """The actions that some Allow of a document names; remembered per text."""
    found = world.indexes.setdefault("allowed-bits", {})
    assert isinstance(found, dict)
    bits = found.get(document.hash)
    if bits is None:
        bits = 0
        for statement in document.statements:
            if not statement.is_deny:
                bits |= action_bits(statement)
        found[document.hash] = bits
    return int(bits)


def joined(rows: Iterable[Able]) -> list[Able]:
    """Rows of the same answer as one."""
    masks: dict[Answer, int] = {}
    first: dict[Answer, Answer] = {}
    for row in rows:
        key = bare(row.answer)
        masks[key] = masks.get(key, 0) | row.mask
        first.setdefault(key, row.answer)
    return [Able(mask, first[key]) for key, mask in masks.items()]
