"""Where each type of resource keeps the policies that admit others, as a data file says it.

``policy_places.json`` is read by the engine's world (:mod:`graph.iam.resources_from_snapshot`) and
by the judgement of sharing (:mod:`graph.sharing.policies`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.iam import rules

FORMS = ("document", "named", "listed", "escaped", "permissions", "statements")
"""How a policy stands at its path.

``document``: JSON text or an object. ``named``: an object of policies by name. ``listed``: a list
of rows, each with a policy. ``escaped``: JSON text whose quotes are escaped. ``permissions``: rows
of a principal and its actions. ``statements``: statements of a short form of the service's own.
"""


class PlaceError(ValueError):
    """A row of ``policy_places.json`` is wrong; raised at the first use, so by every test."""


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """Where a type keeps its policy.

    ARNs are templates of ``{partition}``, ``{region}``, ``{account}``, ``{id}`` (the line's id),
    ``{name}`` (its last segment) and ``{argument}`` (of a call that is made once for each).

    Attributes:
        type_id: snapshot type.
        service: IAM service prefix, as in ``sqs:SendMessage``.
        mechanism: the judgement's mechanism.
        client: boto3 client name, for naming a gap.
        operation: the follow-up call that gives the policy; empty: the listed item holds it.
        path: members from the call's value (or the item) to the policy.
        source: AWS page.
        form: one of :data:`FORMS`.
        member, title, scope: of a row of ``listed``: where its policy, its name and the resource
            that it is for stand; no such resource: it is for all.
        arn: of the resource that carries the policy; default the line's id.
        arn_at: where the call's value says that ARN.
        also: member of the item with another ARN under which calls name the resource.
        each: the call is made once for each of what ``each`` (an operation) lists.
        about: patterns of what the policy may name; default the resource and what stands below it.
        account_wide: the line is no resource: the policy is the account's in the region.
        speaks_for: snapshot types of the resources that such a policy decides about.
        widest: the widest source that the service would let in, for a policy that was not read;
            ``organization``: the one of the line.
        always: every resource of the type has a policy, so that an empty text was not read.
        optional: what stands beside the policy; nothing is missing where it was not read.
        ram: a share of RAM shows here as a policy too.
        front_door: a front door judges callers whom the policy does not name.
        network: what a caller of ``network_actions`` has to reach beside.
        switch: where it is said whether the policy is in force, and the values that say no.
        without: why nobody gets in where there is no policy.
        actions: what the short forms of ``statements`` stand for.
        judged_by: the module that judges the type, where that is not ``graph.sharing.policies``.
    """

    type_id: str
    service: str
    mechanism: str
    client: str
    operation: str
    path: tuple[str, ...]
    source: str
    form: str = "document"
    member: str = ""
    title: str = ""
    scope: str = ""
    arn: str = "{id}"
    arn_at: tuple[str, ...] = ()
    also: str = ""
    each: str = ""
    about: tuple[str, ...] = ()
    account_wide: bool = False
    speaks_for: tuple[str, ...] = ()
    widest: str = ""
    always: bool = False
    optional: bool = False
    ram: bool = False
    front_door: bool = False
    network: str = ""
    network_actions: tuple[str, ...] = ()
    switch: tuple[str, tuple[str, ...]] | None = None
    without: str = ""
    actions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    judged_by: str = ""


@cache
def places() -> tuple[PolicyPlace, ...]:
    """Every row of the data file, in its order.

    Raises:
        PlaceError: a row misses a member, has one of no meaning, or an unknown form.
    """
    return tuple(map(_place, rules.data("policy_places.json")["places"]))


@cache
def places_of(type_id: str) -> tuple[PolicyPlace, ...]:
    """The places where one snapshot type keeps policies."""
    return tuple(place for place in places() if place.type_id == type_id)


@cache
def types() -> tuple[str, ...]:
    """Snapshot types that keep policies, each once."""
    return tuple(dict.fromkeys(place.type_id for place in places()))


def _place(row: dict[str, Any]) -> PolicyPlace:
    told = {"type_id": row.get("type"), **{k: v for k, v in row.items() if k != "type"}}
    for name in ("path", "arn_at", "about", "speaks_for", "network_actions"):
        if name in told:
            told[name] = tuple(told[name])
    if "switch" in told:
        told["switch"] = (told["switch"]["at"], tuple(told["switch"]["off"]))
    if "actions" in told:
        told["actions"] = tuple((name, tuple(of)) for name, of in told["actions"].items())
    told.setdefault("widest", _widest(str(told.get("service"))))
    try:
        place = PolicyPlace(**told)
    except TypeError as problem:
        raise PlaceError(f"policy_places.json: {row.get('type')}: {problem}") from None
    if place.form not in FORMS:
        raise PlaceError(f"policy_places.json: {place.type_id}: form {place.form!r} is not known")
    return place


def _widest(service: str) -> str:
    """Who could come at all: ``resource_services.json`` says which services take unsigned calls."""
    return "internet" if rules.accepts_anonymous(f"{service}:*") else "any-aws-principal"
