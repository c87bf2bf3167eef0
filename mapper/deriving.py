"""The derivation of one answer of the IAM engine: each layer, what it said, what decided."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from graph.iam import rules
from graph.iam.decision import LAYERS
from graph.iam.locks import Lock, locks
from graph.iam.world import Outside, Principal
from graph.verdict import Verdict
from queries.answers.row import row_key

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from graph.evidence import Ref, Step
    from graph.iam.decision import Cited, Decision
    from graph.iam.request import Request
    from graph.iam.world import IamWorld
    from mapper.asking import Asker, Decided
    from mapper.given import Given

ORDER = (
    ("aws", "AWS itself"),
    ("vpc_endpoint_policy", "VPC endpoint policy"),
    ("rcp", "resource control policies"),
    ("scp", "service control policies"),
    ("trust_policy", "trust policy"),
    ("resource_policy", "resource policy"),
    ("key_grants", "KMS grants"),
    ("resource_share", "resource share"),
    ("other", "beside policies"),
    ("block_public_access", "Block Public Access"),
    ("identity", "identity policies"),
    ("boundary", "permissions boundary"),
    ("session", "session policies"),
)
"""Layers in the order in which AWS weighs them, with their names for a reader.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer said.

    Attributes:
        layer: a word of :data:`ORDER`.
        name: for a reader.
        result: ``pass``, ``fail``, ``conditional``, ``unknown``, or ``none`` for a layer that
            takes no part.
        text: sentences.
        refs: where the facts stand.
    """

    layer: str
    name: str
    result: str
    text: tuple[str, ...]
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """An answer with its layers, its locks, and how many other requests the words mean."""

    asked: Decided
    layers: tuple[Layer, ...]
    locks: tuple[Lock, ...]
    others: int = 0

    @property
    def verdict(self) -> Verdict:
        """The answer's."""
        return self.asked.verdict


def derivation(
    asker: Asker, principal: str, action: str, resource: str, given: Given
) -> Derivation:
    """Derive the answer to a question; of several requests that it means, the strongest one's.

    Raises:
        WrongUsageError: a word means nothing.
    """
    found = asker.can(principal, action, resource, given)
    best = max(
        found,
        key=lambda one: (
            one.verdict.rank,
            one.request.resource == resource,
            -len(one.decision.answer.conditions),
        ),
    )
    told = tuple(_layers(asker.world, best.request, best.decision))
    shut = tuple(locks(asker.world, best.request, best.decision))
    return Derivation(best, told, shut, len(found) - 1)


def _layers(world: IamWorld, request: Request, decision: Decision) -> Iterator[Layer]:
    """Every layer in AWS's order; one that takes no part says why."""
    steps: dict[str, list[Step]] = {}
    for step in decision.answer.steps:
        steps.setdefault(LAYERS.get(step.name, "other"), []).append(step)
    allowed = decision.answer.verdict in (Verdict.YES, Verdict.CONDITIONAL)
    granted = allowed and not decision.allowed.is_false
    for word, name in ORDER:
        parts = _denied_parts(decision, word) if allowed else ()
        if word in steps:
            yield _spoken(word, name, steps[word], parts, granted=granted)
        elif parts:
            yield _in_part(word, name, parts)
        elif word == "resource_policy" and _unread_policy(world, request):
            yield Layer(word, name, "unknown", ("Not collected.",))
        elif word in _SILENT and (why := _SILENT[word](world, request)):
            yield Layer(word, name, "none", (why,))


def _spoken(
    word: str, name: str, told: Sequence[Step], parts: Sequence[Cited], *, granted: bool
) -> Layer:
    """A layer that spoke; where the call is allowed, one that does not allow was not needed."""
    named = told[0].name if word == "other" else name
    refs = tuple(dict.fromkeys(ref for step in told for ref in step.refs))
    texts = tuple(dict.fromkeys(step.text for step in told))
    counted = [step for step in told if not (granted and step.result == "fail")]
    if not counted:
        return Layer(word, named, "none", (*texts, "Not needed: what else allows it is enough."))
    if parts:
        part = _in_part(word, named, parts)
        return Layer(word, named, part.result, (*texts, *part.text), (*refs, *part.refs))
    return Layer(word, named, _weakest(counted), texts, refs)


def _denied_parts(decision: Decision, layer: str) -> tuple[Cited, ...]:
    """Denies of a layer that take away a part of what was asked."""
    return tuple(
        one
        for one in decision.statements
        if one.layer == layer and one.effect == "Deny" and one.partial
    )


def _in_part(word: str, name: str, parts: Sequence[Cited]) -> Layer:
    texts = tuple(
        f"But not: {one.policy}, statement {one.index}{f' ({one.sid})' if one.sid else ''} denies "
        "a part."
        for one in parts
    )
    refs = tuple(one.ref for one in parts if one.ref is not None)
    return Layer(word, name, "conditional", texts, refs)


def _unread_policy(world: IamWorld, request: Request) -> bool:
    from graph.iam.request import Side
    from graph.iam.resource_side import policy_of
    from graph.iam.resource_types import as_aws_asks

    return policy_of(world, as_aws_asks(request)[0]) is Side.NOT_COLLECTED


def _weakest(steps: Sequence[Step]) -> str:
    results = [step.result for step in steps]
    return next((one for one in ("fail", "unknown", "conditional") if one in results), "pass")


def _no_rcp(world: IamWorld, request: Request) -> str:
    from graph.iam.request import owner_of

    account = world.account(owner_of(world, request))
    if not rules.rcp_applies(request.action.lower()):
        return f"Do not apply to {request.service}."
    return {
        "management": "Do not bind resources of the management account.",
        "none": "The resource's account is in no organisation.",
    }.get(account.membership) or (
        "Not collected; taken as absent." if account.rcps is None else "None denies it."
    )


def _no_scp(world: IamWorld, request: Request) -> str:
    caller = request.principal
    account = world.account(caller.account)
    if isinstance(caller, Principal) and caller.service_linked:
        return "Do not bind service-linked roles."
    if isinstance(caller, Outside) and not account.organization:
        return "None of ours: the caller is of no account of this organisation."
    return {
        "management": "Do not bind the management account.",
        "none": "The account is in no organisation.",
    }.get(account.membership) or (
        "Not collected; taken as absent." if account.scp_levels is None else "None is attached."
    )


def _no_resource_policy(world: IamWorld, request: Request) -> str:
    if request.action.lower().startswith("sts:assumerole"):
        return ""
    if request.resource == "*" or not rules.may_have_resource_policy(request.action.lower()):
        return "Takes no part in this action."
    return "The resource has none."


def _no_boundary(_: IamWorld, request: Request) -> str:
    return "It has none." if isinstance(request.principal, Principal) else ""


def _no_session(_: IamWorld, request: Request) -> str:
    caller = request.principal
    with_session = isinstance(caller, Principal) and caller.kind == "role"
    return "None was stated (--session-policy)." if with_session else ""


_SILENT = {
    "rcp": _no_rcp,
    "scp": _no_scp,
    "resource_policy": _no_resource_policy,
    "boundary": _no_boundary,
    "session": _no_session,
}


def statement_text(snapshot: Snapshot, ref: Ref) -> Any:
    """What stands at a place of the snapshot, policies in JSON text opened; None if nothing does.

    Args:
        snapshot: seen through its overlay.
        ref: ``pointer`` may lead into a policy that is kept as text.
    """
    parts = ref.file.split("/")
    if len(parts) < 5:
        return None
    kind = f"{parts[3]}:{parts[4].removesuffix('.jsonl')}"
    for item in snapshot.items(kind, parts[1]):
        if item.id == ref.id and item.file == ref.file:
            calls = {name: {"value": call.value} for name, call in item.calls.items()}
            return _at({"item": item.item, "calls": calls}, ref.pointer)
    return None


def _at(value: Any, pointer: str) -> Any:
    for written in pointer.split("/")[1:]:
        step = written.replace("~1", "/").replace("~0", "~")
        value = _opened(value)
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif not (isinstance(value, Mapping) and step in ("0", "Policy")):
            # A single statement need not be a list, and a call's outermost level may be left out.
            return None
    return value


def _opened(value: Any) -> Any:
    """A policy that is kept as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(unquote(value) if value.startswith("%") else value)
    except (ValueError, RecursionError):
        return None


def deciding(decision: Decision) -> Cited | None:
    """The statement that decided an answer; None where what decides is that there is none."""
    rows = decision.statements
    if decision.answer.verdict is Verdict.NO:
        denies = [one for one in rows if one.effect == "Deny" and not one.partial]
        denies.sort(key=lambda one: not one.when.is_true)
        return next(iter(denies), None) if decision.explicit else None
    if decision.answer.verdict is Verdict.UNKNOWN:
        return None
    allows = [one for one in rows if one.effect == "Allow"]
    granting = [
        one
        for one in allows
        if one.layer in ("trust_policy", "identity", "resource_policy", "key_grants")
    ]
    granting.sort(key=lambda one: (not one.when.is_true, one.layer != "trust_policy"))
    return next(iter(granting), None)


def derivation_json(asker: Asker, found: Derivation, given: Given) -> dict[str, Any]:
    """A derivation as the row of ``explain PRINCIPAL ACTION RESOURCE``."""
    made = asker.row("can", found.asked, given).as_json()
    own = found.asked
    made["key"] = row_key("explain", own.request.resource, made["principal"], made["action"],
                          given.key)  # fmt: skip
    made["layers"] = [
        {
            "layer": one.layer,
            "name": one.name,
            "result": one.result,
            "text": " ".join(one.text),
            "refs": [{"file": r.file, "id": r.id, "pointer": r.pointer} for r in one.refs],
        }
        for one in found.layers
    ]
    made["locks"] = [
        {
            "layer": one.layer,
            "text": one.text,
            "place": str(one.statement.ref) if one.statement and one.statement.ref else None,
            "without": None if one.without is None else str(one.without),
            "only_one": one.only_one,
        }
        for one in found.locks
    ]
    made["decided_by"] = None
    if (cited := deciding(own.decision)) is not None:
        text = statement_text(asker.session.snapshot, cited.ref) if cited.ref else None
        made["decided_by"] = {**cited.as_json(), "statement": text}
    made["other_requests"] = found.others
    return made
