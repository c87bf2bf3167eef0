"""OpenSearch Service domains (Elasticsearch's too).

A domain has a public endpoint unless it was made in a VPC. Its access policy admits or refuses
requests at the edge; after it comes fine-grained access control, where it is on.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.controls import facts, state
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.sight import BOTH, HTTPS, Sight, member
from graph.front_doors.signed import document_of, signed_callers
from graph.iam.grants import Grant
from graph.network import ports
from graph.network.prefixes import Family
from graph.network.reach import Reach, merge
from graph.sharing.policies import policy_grants
from graph.verdict import Verdict

_MECHANISM = "opensearch"
_CALL = "describe_domains"
_POLICY = "access policy"
_OUTSIDERS = ("internet", "any-aws-principal", "cidr")


def _domain(sight: Sight, item: Item) -> list[Reach]:
    return merge(_ways(sight, item))


def _ways(sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.call(_CALL).value
    first = [_network(sight, item, told)]
    families = BOTH if member(told, "IPAddressType") == "dualstack" else (Family.IPV4,)
    opened = HTTPS
    if member(told, "DomainEndpointOptions", "EnforceHTTPS") is False:
        opened = HTTPS | ports.tcp(80)
    last = [_fine_grained(sight, item, told), _state(item, told)]
    if first[0].step.result != "pass":
        yield from sight.reached(item, _MECHANISM, first, opened=opened, families=families)
        return
    for source, admitted, locks in _admitted(sight, item, told):
        yield from sight.reached(
            item,
            _MECHANISM,
            (*first, *locks, *last),
            opened=opened,
            families=families,
            source=source,
            admitted=admitted,
        )


_Admitted = tuple[str, tuple[str, ...] | None, tuple[Lock, ...]]


def _network(sight: Sight, item: Item, told: Any) -> Lock:
    name = "public endpoint"
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value")
    within, endpoints = member(told, "VPCOptions"), member(told, "Endpoints")
    if member(within, "VPCId") or member(within, "SubnetIds") or member(endpoints, "vpc"):
        return stops(name, item.id, "Its endpoint is in a VPC and never public.", ref)
    if not isinstance(told, dict) or not told:
        return unread(name, item.id, sight.gap(item, _CALL), ref)
    return passes(name, item.id, "Its endpoint is public: it has no VPCOptions.", ref)


def _admitted(sight: Sight, item: Item, told: Any) -> Iterator[_Admitted]:
    """Who gets past the access policy: its outsiders, and the account's own identities."""
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/AccessPolicies")
    try:
        document = document_of(member(told, "AccessPolicies"))
    except ValueError as problem:
        gap = f"{sight.gap(item, _CALL)}: {problem}"
        yield "internet", None, (unread(_POLICY, item.id, gap, ref),)
        return
    actions = tuple(facts("opensearch")["data_actions"]["names"])
    signed = signed_callers(sight, item, document, actions, ref)
    yield "internet", signed.admitted, (signed.lock, *signed.more)
    if document is None:
        return
    ranges: dict[tuple[Lock, ...], list[str]] = {}
    for grant in policy_grants("es", item, document, ref, sight.identities, actions=actions):
        if grant.source_kind not in _OUTSIDERS or grant.resources == (item.id,):
            # Requests are about what stands below the domain, never about the domain itself.
            continue
        locks = _granted(item, grant, ref)
        if grant.source_kind == "cidr":
            ranges.setdefault(locks, []).append(grant.source_id.removeprefix("cidr:"))
        else:
            yield grant.source_id, None, locks
    for locks, cidrs in ranges.items():
        # Together: halves of the address space are all of it.
        yield "internet", tuple(cidrs), locks


def _granted(item: Item, grant: Grant, ref: Ref) -> tuple[Lock, ...]:
    """The access policy as locks: what it asks of this source."""
    answer = grant.answer
    what = ", ".join(grant.actions)
    text = f"The access policy allows {what}."
    if answer.verdict is Verdict.YES:
        return (passes(_POLICY, item.id, text, ref),)
    if answer.verdict is Verdict.UNKNOWN:
        gaps = [term.removeprefix("not_collected:") for term in answer.conditions]
        return tuple(unread(_POLICY, item.id, gap, ref) for gap in gaps or [_POLICY])
    text = f"The access policy allows {what} under conditions."
    return tuple(asks_for(_POLICY, item.id, text, term, ref) for term in answer.conditions)


def _fine_grained(sight: Sight, item: Item, told: Any) -> Lock:
    name = "fine-grained access control"
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/AdvancedSecurityOptions")
    options = member(told, "AdvancedSecurityOptions")
    enabled = member(options, "Enabled")
    if enabled is False:
        return passes(name, item.id, "Fine-grained access control is off.", ref)
    if enabled is not True:
        text = "Whether fine-grained access control is on was not read."
        term = f"not_collected:{sight.gap(item, _CALL)}"
        return asks_for(name, item.id, text, term, ref)
    if member(options, "AnonymousAuthEnabled") is True:
        text = "Fine-grained access control still lets anonymous requests through (migration)."
        return passes(name, item.id, text, ref)
    text = "Fine-grained access control asks for a user (basic, SAML, JWT or IAM)."
    return asks_for(name, item.id, text, "authn:fine-grained-access-control", ref)


def _state(item: Item, told: Any) -> Lock:
    if member(told, "Created") is False:
        return state(item, "creating", ["creating"])
    return state(
        item, member(told, "DomainProcessingStatus"), facts("opensearch")["asleep"]["statuses"]
    )


DOORS = (
    FrontDoor(
        type_id="opensearch:domain",
        mechanism=_MECHANISM,
        title="OpenSearch domains",
        rule="The domain has no VPCOptions (a domain in a VPC is never public), it is in service, "
        "and its access policy lets the caller through: whom it admits without a signature is "
        "the internet or a fixed address range, evaluated by the policy engine for es:ESHttp*. "
        "Unless the policy denies them, the account's own identities get through with a "
        "signature, so that a public endpoint is at least `authn:sigv4`. Fine-grained access "
        "control adds `authn:fine-grained-access-control`, but not while AnonymousAuthEnabled. "
        "Port 80 answers too where EnforceHTTPS is false.",
        source="https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html",
        judge=_domain,
        test="tests/front_doors/test_opensearch.py",
    ),
)
"""Declarations of this service."""
