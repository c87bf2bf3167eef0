"""Managed Grafana workspaces.

https://docs.aws.amazon.com/grafana/latest/userguide/AMG-configure-nac.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network.ec2_shapes import text, texts
from graph.network.prefixes import Family
from graph.network.reach import Reach

_CALL = "describe_workspace"
_ASLEEP = ("CREATING", "CREATION_FAILED", "DELETING", "FAILED")
_LOGINS = {"AWS_SSO": "identity-center", "SAML": "saml"}


def _workspace(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_CALL)
    told = member(call.value, "workspace") if call.known else None
    network, admitted = _network(sight, item, told)
    locks = (network, _state(sight, item, told), _login(item, told))
    families = BOTH if member(told, "ipAddressType") == "DualStack" else (Family.IPV4,)
    yield from sight.reached(item, "grafana", locks, admitted=admitted, families=families)


def _network(sight: Sight, item: Item, told: object) -> tuple[Lock, tuple[str, ...] | None]:
    """Network access control: without it everybody gets to the sign-in page."""
    name = "network access"
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value/workspace/networkAccessControl")
    if not isinstance(told, Mapping) or not told:
        return unread(name, item.id, sight.gap(item, _CALL), ref), None
    control = told.get("networkAccessControl")
    if control is None:
        return passes(name, item.id, "Access is open (no network access control).", ref), None
    lists = member(control, "prefixListIds")
    if not isinstance(lists, list):
        return unread(name, item.id, sight.gap(item, _CALL), ref), None
    if not lists:
        return stops(name, item.id, "Only VPC endpoints may connect.", ref), None
    shown = ", ".join(texts(lists))
    lock = passes(name, item.id, f"Only the prefix lists {shown} and VPC endpoints.", ref)
    return lock, tuple(_cidrs(sight, item, texts(lists)))


def _cidrs(sight: Sight, item: Item, lists: tuple[str, ...]) -> Iterator[str]:
    """The ranges of prefix lists; the list's own id, which is no range, where they are unknown."""
    known = sight.by_member("ec2:prefix-list", "PrefixListId")
    for name in lists:
        line = known.get((item.account_id, item.region, name))
        call = line.call("get_managed_prefix_list_entries") if line is not None else None
        if call is None or not call.known or not isinstance(call.value, list):
            yield name
            continue
        for row in rows(call.value):
            yield text(row.get("Cidr")) or name


def _state(sight: Sight, item: Item, told: object) -> Lock:
    status = text(member(told, "status")) or text(item.item.get("status"))
    (ref,) = sight.refs(item, "/item/status")
    if not status:
        return unread("state", item.id, sight.gap(item, _CALL), ref)
    make = sleeps if status in _ASLEEP else passes
    return make("state", item.id, f"The workspace is {status.lower()}.", ref)


def _login(item: Item, told: object) -> Lock:
    providers = texts(member(told, "authentication", "providers"))
    kinds = sorted({_LOGINS[one] for one in providers if one in _LOGINS})
    how = "-or-".join(kinds or sorted(_LOGINS.values()))
    words = f"People sign in with {how.replace('-or-', ' or ')}."
    return asks_for("login", item.id, words, f"authn:{how}")


DOORS = (
    FrontDoor(
        type_id="grafana:workspace",
        mechanism="grafana",
        title="Managed Grafana workspaces",
        rule="It is active and has no network access control (or the prefix lists of it name who "
        "comes; with VPC endpoints only it is never reached); always under the condition of a "
        "sign-in with IAM Identity Center or SAML.",
        source="https://docs.aws.amazon.com/grafana/latest/userguide/AMG-configure-nac.html",
        judge=_workspace,
        test="tests/front_doors/test_grafana.py",
        needs=frozenset({"ec2:prefix-list"}),
    ),
)
"""Declarations of this service."""
