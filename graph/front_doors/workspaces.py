"""WorkSpaces directories, whose desktops people stream, and AppStream stacks.

* https://docs.aws.amazon.com/workspaces/latest/adminguide/amazon-workspaces-ip-access-control-groups.html
* https://docs.aws.amazon.com/workspaces/latest/adminguide/workspaces-port-requirements.html
* https://docs.aws.amazon.com/appstream2/latest/APIReference/API_Stack.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import Sight, member, rows
from graph.network import ports
from graph.network.ec2_shapes import text, texts
from graph.network.reach import Reach

_CALL = "describe_workspace_directories"
_ACCESS = "WorkspaceAccessProperties"

# Sign-in, PCoIP, DCV.
_STREAMING = ports.tcp(443) | ports.tcp(4172) | ports.tcp(4195) | ports.udp(4172) | ports.udp(4195)

# A stopped desktop starts when its person signs in.
_DESKTOP_ASLEEP = ("PENDING", "SUSPENDED", "TERMINATING", "TERMINATED", "ERROR")


# WorkSpaces


def _directory(sight: Sight, item: Item) -> Iterator[Reach]:
    groups, admitted = _ip_groups(sight, item)
    locks = (
        _registered(sight, item),
        _access_endpoint(sight, item),
        _devices(item),
        groups,
        _login(item),
    )
    yield from sight.reached(item, "workspaces", locks, opened=_STREAMING, admitted=admitted)
    for desktop in _desktops(sight, item):
        yield from sight.reached(
            item,
            "workspaces",
            (*locks, _desktop_state(sight, desktop)),
            opened=_STREAMING,
            admitted=admitted,
            target=desktop.id,
            via=(item.id,),
        )


def _desktops(sight: Sight, item: Item) -> tuple[Item, ...]:
    name = text(item.item.get("DirectoryId")) or item.id.rpartition("/")[2]
    return tuple(
        one
        for one in sight.items("workspaces:workspace")
        if (one.account_id, one.region) == (item.account_id, item.region)
        and one.item.get("DirectoryId") == name
    )


def _desktop_state(sight: Sight, desktop: Item) -> Lock:
    state = text(desktop.item.get("State"))
    (ref,) = sight.refs(desktop, "/item/State")
    if not state:
        return unread("desktop", desktop.id, sight.gap(desktop, "describe_workspaces"), ref)
    make = sleeps if state in _DESKTOP_ASLEEP else passes
    return make("desktop", desktop.id, f"The desktop is {state.lower()}.", ref)


def _registered(sight: Sight, item: Item) -> Lock:
    state = text(item.item.get("State"))
    (ref,) = sight.refs(item, "/item/State")
    if not state:
        return unread("state", item.id, sight.gap(item, _CALL), ref)
    make = passes if state == "REGISTERED" else sleeps
    return make("state", item.id, f"The directory is {state.lower()}.", ref)


def _access_endpoint(sight: Sight, item: Item) -> Lock:
    """With an access endpoint, streams come through the VPC unless a protocol falls back."""
    name = "access endpoint"
    config = member(item.item, _ACCESS, "AccessEndpointConfig")
    (ref,) = sight.refs(item, f"/item/{_ACCESS}/AccessEndpointConfig")
    if config is None:
        return passes(name, item.id, "Streams come over the internet.", ref)
    if not isinstance(config, Mapping) or not isinstance(config.get("AccessEndpoints", []), list):
        return unread(name, item.id, sight.gap(item, _CALL), ref)
    if not config.get("AccessEndpoints"):
        return passes(name, item.id, "Streams come over the internet.", ref)
    fallback = texts(config.get("InternetFallbackProtocols"))
    if fallback:
        words = f"Streams of {', '.join(fallback)} may still come over the internet."
        return passes(name, item.id, words, ref)
    return stops(name, item.id, "Streams come through a VPC endpoint only.", ref)


def _devices(item: Item) -> Lock:
    """Kinds of devices that may connect; what was not told is allowed."""
    access = item.item.get(_ACCESS)
    told = access if isinstance(access, Mapping) else {}
    kinds = {key: value for key, value in told.items() if key.startswith("DeviceType")}
    open_ = sorted(key.removeprefix("DeviceType") for key in kinds if kinds[key] != "DENY")
    if kinds and not open_:
        return stops("devices", item.id, "No kind of device may connect.")
    return passes("devices", item.id, f"Devices that may connect: {', '.join(open_) or 'all'}.")


def _ip_groups(sight: Sight, item: Item) -> tuple[Lock, tuple[str, ...] | None]:
    """Address groups: without any, every address may connect; else only what they name."""
    name, told = "IP access control group", item.item.get("ipGroupIds")
    (ref,) = sight.refs(item, "/item/ipGroupIds")
    if told is None or told == []:
        return passes(
            name, item.id, "No group names who may connect: every address may.", ref
        ), None
    groups = texts(told)
    if not isinstance(told, list) or not groups:
        return unread(name, item.id, sight.gap(item, _CALL), ref), None
    cidrs = tuple(dict.fromkeys(_ranges(sight, item, groups)))
    if not cidrs:
        return stops(name, item.id, "Its groups name no address.", ref), None
    words = f"{', '.join(groups)} let {', '.join(cidrs[:5])} connect."
    return passes(name, item.id, words, ref), cidrs


def _ranges(sight: Sight, item: Item, groups: tuple[str, ...]) -> Iterator[str]:
    """Ranges of the groups; the group's own id, which is no range, where they are unknown."""
    known = sight.by_member("workspaces:ip-group", "groupId")
    for name in groups:
        line = known.get((item.account_id, item.region, name))
        rules = line.item.get("userRules") if line is not None else None
        if not isinstance(rules, list):
            yield name
            continue
        for rule in rows(rules):
            found = text(rule.get("ipRule"))
            yield found if "/" in found or not found else f"{found}/32"


def _login(item: Item) -> Lock:
    saml = member(item.item, "SamlProperties", "Status")
    if isinstance(saml, str) and saml.startswith("ENABLED"):
        return asks_for("login", item.id, "AWS asks for a sign-in with SAML.", "authn:saml")
    words = "AWS asks for the directory's user and password."
    return asks_for("login", item.id, words, "authn:directory")


# AppStream


def _stack(sight: Sight, item: Item) -> Iterator[Reach]:
    words = "AWS asks for a sign-in (user pool, SAML) or a streaming URL that IAM gives."
    login = asks_for("login", item.id, words, "authn:appstream")
    yield from sight.reached(item, "appstream", (_interface(sight, item), login))


def _interface(sight: Sight, item: Item) -> Lock:
    told = item.item.get("AccessEndpoints")
    (ref,) = sight.refs(item, "/item/AccessEndpoints")
    if told is None or told == []:
        return passes("access endpoint", item.id, "People connect over the internet.", ref)
    if rows(told):
        words = "People connect through a VPC endpoint only."
        return stops("access endpoint", item.id, words, ref)
    return unread("access endpoint", item.id, sight.gap(item, "describe_stacks"), ref)


_TEST = "tests/front_doors/test_workspaces.py"

DOORS = (
    FrontDoor(
        type_id="workspaces:directory",
        mechanism="workspaces",
        title="WorkSpaces directories",
        rule="It is registered, some kind of device may connect, and streams come over the "
        "internet (no access endpoint, or one that a protocol may bypass). Its IP access control "
        "groups are the sources; without one every address may connect. Always under the "
        "condition of a sign-in that AWS asks for. Its desktops stand behind it; a stopped one "
        "starts when its person signs in.",
        source="https://docs.aws.amazon.com/workspaces/latest/adminguide/amazon-workspaces-ip-access-control-groups.html",
        judge=_directory,
        test=_TEST,
        needs=frozenset({"workspaces:ip-group", "workspaces:workspace"}),
        untold_families=True,
    ),
    FrontDoor(
        type_id="appstream:stack",
        mechanism="appstream",
        title="AppStream stacks",
        rule="It has no access endpoint (with one, people connect through the VPC only); always "
        "under the condition of a sign-in or a streaming URL that IAM gives.",
        source="https://docs.aws.amazon.com/appstream2/latest/APIReference/API_Stack.html",
        judge=_stack,
        test=_TEST,
        untold_families=True,
    ),
)
"""Declarations of these services."""
