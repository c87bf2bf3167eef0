"""What a principal can do: every action of the catalogue through the principal's own layers.

Own layers are identity policies, permissions boundary, session policies and SCPs. What resource
policies and RCPs add or take away depends on the resource: ask for it
(:func:`graph.iam.evaluate.decide`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

from graph.iam import catalogue, layers, organisation, patterns, resource_types
from graph.iam.classes import FEW, bits_of, refined
from graph.iam.document import Document, Statement
from graph.iam.evaluate import evaluate
from graph.iam.expression import TRUE, Expression
from graph.iam.layers import Question, Said
from graph.iam.proof import Proof
from graph.iam.request import Request, facts_of
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict

MOST_PATTERNS = 40
"""Of more resource patterns than this an action is asked for on "some resource" at once."""
LAYERS = ("identity", "boundary", "session", "scp")


@dataclass(frozen=True, slots=True)
class Power:
    """Actions that get one answer.

    Attributes:
        actions: the set, as bits of :mod:`graph.iam.catalogue`.
        reach: ``all`` resources without condition, ``some`` of them without condition,
            ``conditional``, or ``unknown`` (a policy was not collected).
        resources: patterns as the policies write them; ``*`` for any.
        but: resources that a Deny or a ``NotResource`` takes out, as written.
        conditions: for ``conditional`` and ``unknown``, of the resource with fewest.
    """

    actions: int
    reach: str
    resources: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Powers:
    """What a principal can do.

    Attributes:
        principal: whose.
        powers: disjoint sets of actions, the widest reach first.
        cut: by layer (``identity`` for a Deny in the principal's own policies, ``boundary``,
            ``session``, ``scp``): actions that an identity policy allows and the layer takes away
            whole.
        unlisted: ``Action`` entries of Allow statements that no action of the catalogue matches.
        assumes: layers that were invisible and taken as absent.
    """

    principal: Principal
    powers: tuple[Power, ...]
    cut: Mapping[str, int] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()

    def reaching(self, *reach: str) -> int:
        """The set of actions of some reaches; of any if none is named."""
        found = 0
        for power in self.powers:
            if not reach or power.reach in reach:
                found |= power.actions
        return found


class _Said(NamedTuple):
    """What the layers said to one action on one resource or pattern; ``layer`` refused it."""

    answer: Answer
    layer: str
    but: tuple[str, ...]


_REACHES = ("all", "some", "conditional", "unknown")


def what_can(world: IamWorld, principal: Principal) -> Powers:
    """Every action of the catalogue that a principal's own layers let it do.

    Actions that the same statements speak of get one answer. An action is asked for each resource
    pattern that an Allow writes; patterns that cannot be a resource of the action do not count.
    The root user's identity side allows everything.
    """
    asker = _Asker(world, principal)
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], int] = {}
    cut: dict[str, int] = {}
    for part in asker.parts():
        for power, layer in asker.judged(part):
            if layer:
                cut[layer] = cut.get(layer, 0) | power.actions
            elif power.reach in _REACHES:
                key = (power.reach, power.resources, power.but, power.conditions)
                found[key] = found.get(key, 0) | _whole(world, principal, power)
    powers = [Power(actions, *key) for key, actions in found.items() if actions]
    powers.sort(key=lambda one: (_REACHES.index(one.reach), -one.actions.bit_count(), one.actions))
    return Powers(
        principal,
        tuple(powers),
        {layer: cut[layer] for layer in LAYERS if layer in cut},
        tuple(sorted(asker.unlisted())),
        tuple(sorted(asker.assumes)),
    )


def action_bits(statement: Statement) -> int:
    """The actions of the catalogue that a statement speaks of."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    found = 0
    for glob in listed or ():
        found |= catalogue.bits(patterns.shown(glob))
    return found if statement.actions is not None else _everything() & ~found


def _everything() -> int:
    return (1 << len(catalogue.all_actions())) - 1


@cache
def _without_resource() -> int:
    """The set of actions that only Resource ``*`` names."""
    found = 0
    for number, name in enumerate(catalogue.all_actions()):
        if catalogue.is_wildcard_only(name):
            found |= 1 << number
    return found


class _Index:
    """The statements of a document by the actions that they speak of."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._wide: dict[int, list[Statement]] = {}
        self._narrow: dict[int, list[Statement]] = {}
        self.masks: list[tuple[int, bool]] = []
        for statement in document.statements:
            mask = action_bits(statement)
            self.masks.append((mask, _depends(statement)))
            if mask.bit_count() > FEW:
                self._wide.setdefault(mask, []).append(statement)
                continue
            for number in bits_of(mask):
                self._narrow.setdefault(number, []).append(statement)

    def of(self, number: int) -> Document:
        """The document without what does not speak of an action."""
        rows = [row for mask, wide in self._wide.items() if mask >> number & 1 for row in wide]
        rows += self._narrow.get(number, ())
        rows.sort(key=lambda row: row.index)
        return Document(f"{self._document.hash}/{number}", tuple(rows))


def _whole(world: IamWorld, principal: Principal, power: Power) -> int:
    """A power's actions but those of which another resource type of the call is refused."""
    if power.reach == "all":
        return power.actions
    found = power.actions
    for number in bits_of(power.actions & resource_types.of_several_types()):
        action = catalogue.all_actions()[number]
        request = Request(principal, action, "*", pattern=True, resource_policy=None)
        if evaluate(world, request).verdict is Verdict.NO:
            found &= ~(1 << number)
    return found


class _Asker:
    """A principal's own layers, and questions to them."""

    def __init__(self, world: IamWorld, principal: Principal) -> None:
        self.world = world
        self.principal = principal
        self.assumes: set[str] = set()
        self._indexes: dict[int, _Index] = {}

    def _index(self, document: Document) -> _Index:
        found = self._indexes.get(id(document))
        if found is None:
            found = self._indexes[id(document)] = _Index(document)
        return found

    def _masks(self, policies: Iterable[Policy]) -> list[tuple[int, bool]]:
        """Actions of each statement, and whether what it says may differ between services."""
        return [
            mask
            for policy in policies
            if isinstance(policy.document, Document)
            for mask in self._index(policy.document).masks
        ]

    def unlisted(self) -> set[str]:
        """``Action`` entries of Allow statements that the catalogue does not have."""
        return {
            name
            for policy in self.principal.policies
            if isinstance(policy.document, Document)
            for statement in policy.document.statements
            if not statement.is_deny
            for name in statement.action_names
            if catalogue.unknown(name)
        }

    def _granted(self) -> int:
        """Actions that an Allow names, or may name where one was not collected."""
        caller = self.principal
        unread = any(not isinstance(row.document, Document) for row in caller.policies)
        if caller.kind == "root" or caller.gaps or unread:
            return _everything()
        found = 0
        for policy in caller.policies:
            if isinstance(policy.document, Document):
                masks = self._index(policy.document).masks
                for statement, (mask, _) in zip(policy.document.statements, masks, strict=True):
                    found |= 0 if statement.is_deny else mask
        return found

    def parts(self) -> Iterator[int]:
        """Sets of actions that the same statements speak of, and that some Allow names."""
        caller = self.principal
        account = self.world.account(caller.account)
        masks = self._masks(
            (
                *caller.policies,
                *((caller.boundary,) if caller.boundary else ()),
                *caller.session_policies,
                *(policy for level in account.scp_levels or () for policy in level),
            )
        )
        depending = 0
        for mask, depends in masks:
            depending |= mask if depends else 0
        split = [mask for mask, _ in masks]
        for part in refined(self._granted(), [*split, _without_resource()]):
            if part & depending:
                yield from _by_service(part)
            elif part:
                yield part

    def _narrowed(self, number: int) -> Principal:
        """The principal with nothing but the statements that speak of an action."""

        def narrow(policy: Policy) -> Policy:
            if not isinstance(policy.document, Document):
                return policy
            return replace(policy, document=self._index(policy.document).of(number))

        caller = self.principal
        return replace(
            caller,
            policies=tuple(map(narrow, caller.policies)),
            boundary=None if caller.boundary is None else narrow(caller.boundary),
            session_policies=tuple(map(narrow, caller.session_policies)),
        )

    def judged(self, part: int) -> Iterator[tuple[Power, str]]:
        """Powers over a part, each with the layer that refused it (then its reach is ``no``)."""
        number = (part & -part).bit_length() - 1
        action = catalogue.all_actions()[number]
        caller = self._narrowed(number)
        if part & _without_resource():
            yield self._power(part, [("*", self._ask(caller, action, "*", pattern=False))])
            return
        written = _written(caller)
        said: dict[str, _Said] = {}
        for fitting, actions in _by_fit(part, written).items():
            for text in fitting:
                if text not in said:
                    said[text] = self._ask(caller, action, text, pattern=_is_pattern(text))
            if fitting:
                yield self._power(actions, [(text, said[text]) for text in fitting])

    def _power(self, actions: int, asked: list[tuple[str, _Said]]) -> tuple[Power, str]:
        best = max(
            (said for _, said in asked),
            key=lambda said: (said.answer.verdict.rank, -len(said.answer.conditions)),
        )
        verdict = best.answer.verdict
        if verdict is Verdict.NO:
            return Power(actions, "no"), best.layer
        held = [(text, said) for text, said in asked if said.answer.verdict is verdict]
        resources = tuple(sorted(text for text, _ in held))
        but = tuple(sorted({out for _, said in held for out in said.but}))
        reach = str(verdict)
        if verdict is Verdict.YES:
            reach = "all" if resources == ("*",) and not but else "some"
        return Power(actions, reach, resources, but, best.answer.conditions), ""

    def _ask(self, caller: Principal, action: str, resource: str, *, pattern: bool) -> _Said:
        """One action on one resource, layer after layer."""
        request = Request(caller, action, resource, caller.account, pattern=pattern)
        facts = facts_of(self.world, request, caller.account)
        question = Question(request.action_glob, request.resource_glob, facts, caller)
        proof = Proof()
        but: set[str] = set()
        granted: Expression = TRUE
        if caller.kind != "root":
            own = layers.ask(caller.policies, question)
            own.missing += caller.gaps
            granted = (own.allowed() | own.gaps(needed=True)) & own.gaps(needed=False)
            if granted.is_false:
                return _Said(proof.answer(granted, caller.arn), "", ())
            but |= _outs(own)
            granted = granted & ~own.denied
        layer = "identity" if granted.is_false else ""
        for name, policies in (
            ("boundary", (caller.boundary,) if caller.boundary else ()),
            ("session", caller.session_policies),
        ):
            if policies:
                limit = layers.ask(policies, question)
                but |= _outs(limit)
                passes = limit.allowed()
                if limit.missing:
                    passes = passes | limit.gaps(needed=False)
                granted = granted & passes & ~limit.denied
                layer = layer or (name if granted.is_false else "")
        granted = granted & organisation.guards(self.world, request, "", question, proof)
        layer = layer or ("scp" if granted.is_false else "")
        self.assumes.update(proof.assumes)
        return _Said(proof.answer(granted, caller.arn), layer, tuple(sorted(but)))


def _written(principal: Principal) -> list[str]:
    """Resource patterns that Allow statements write."""
    found: dict[str, None] = {}
    if principal.kind == "root" or principal.gaps:
        found["*"] = None
    for policy in principal.policies:
        if not isinstance(policy.document, Document):
            found["*"] = None
            continue
        for statement in policy.document.statements:
            if not statement.is_deny:
                found.update(dict.fromkeys(_resources(statement)))
    return ["*"] if "*" in found or len(found) > MOST_PATTERNS else list(found)


def _is_pattern(written: str) -> bool:
    """Whether a written resource stands for many: of an incomplete ARN AWS adds what is missing."""
    return "*" in written or "?" in written or bool(patterns.written_resource(written).completed)


def _depends(statement: Statement) -> bool:
    """Whether what a statement says may differ between services: conditions and variables."""
    return bool(statement.conditions) or (
        statement.variables
        and any("${" in text for text in statement.resources or statement.not_resources or ())
    )


def _by_service(part: int) -> Iterator[int]:
    for service in catalogue.services():
        if found := part & catalogue.service_bits(service):
            yield found


def _resources(statement: Statement) -> tuple[str, ...]:
    return ("*",) if statement.resources is None else statement.resources


def _by_fit(part: int, written: list[str]) -> Mapping[tuple[str, ...], int]:
    """A part by the written patterns that can be a resource of its actions."""
    if written == ["*"]:
        return {("*",): part}
    found: dict[tuple[str, ...], int] = defaultdict(int)
    names = catalogue.all_actions()
    while part:
        low = part & -part
        number = low.bit_length() - 1
        name = names[number]
        fitting = (text for text in written if catalogue.fits(name, text) is not False)
        found[tuple(fitting)] |= low
        part ^= low
    return found


def _outs(said: Said) -> set[str]:
    """Resources that a Deny of a part, or an Allow's ``NotResource``, takes out."""
    found = {
        text
        for hit in said.denies
        if hit.partial
        for text in (
            hit.statement.resources
            or [f"all but {spared}" for spared in hit.statement.not_resources or ()]
        )
    }
    if said.allows and all(hit.statement.not_resources is not None for hit in said.allows):
        found.update(text for hit in said.allows for text in hit.statement.not_resources or ())
    return found
