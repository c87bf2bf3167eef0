"""Amplify Hosting: web applications, branch by branch.

* names: https://docs.aws.amazon.com/amplify/latest/userguide/custom-domains.html
* passwords: https://docs.aws.amazon.com/amplify/latest/userguide/access-control.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.firewalls import EDGE_WAF_TYPES, narrowing_of
from graph.front_doors.integrations import endpoint
from graph.front_doors.sight import Sight, member, rows
from graph.network.reach import Reach, merge

_BRANCHES, _DOMAINS = "list_branches", "list_domain_associations"


def _app(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_BRANCHES)
    (ref,) = sight.refs(item, f"/calls/{_BRANCHES}/value")
    branches = rows(call.value)
    if not call.known or not isinstance(call.value, list | None):
        lock = unread("branch", item.id, sight.gap(item, _BRANCHES), ref)
        yield from sight.reached(item, "amplify", (lock,))
    elif not branches:
        lock = stops("branch", item.id, "The application has no branch that is served.", ref)
        yield from sight.reached(item, "amplify", (lock,))
    guards = _guards(item)
    acls = tuple(one for acl in guards for one in narrowing_of(sight, acl.removeprefix("waf ")))
    found = [
        reach
        for branch in branches
        for reach in sight.reached(
            item, "amplify", _locks(sight, item, branch), guards=guards, web_acls=acls
        )
    ]
    yield from merge(found)


def _locks(sight: Sight, item: Item, branch: Mapping[str, Any]) -> tuple[Lock, ...]:
    name = str(branch.get("branchName"))
    return (
        _deployed(item, branch, name),
        _password(item, branch, name),
        endpoint(sight, item, *_names(item, branch, name)),
    )


def _deployed(item: Item, branch: Mapping[str, Any], name: str) -> Lock:
    """Without any job nothing was ever built or uploaded."""
    if str(branch.get("totalNumberOfJobs")) == "0":
        return sleeps("state", item.id, f"Nothing was deployed to the branch {name} yet.")
    return passes("branch", item.id, f"The branch {name} is served.")


def _password(item: Item, branch: Mapping[str, Any], name: str) -> Lock:
    asked = item.item.get("enableBasicAuth") is True or branch.get("enableBasicAuth") is True
    if asked:
        text = f"The branch {name} asks for a user name and a password (enableBasicAuth)."
        return asks_for("password", item.id, text, "authn:basic")
    return passes("password", item.id, f"The branch {name} asks for no password.")


def _names(item: Item, branch: Mapping[str, Any], name: str) -> Iterator[str]:
    shown = branch.get("displayName") or name
    if item.item.get("defaultDomain"):
        yield f"https://{shown}.{item.item.get('defaultDomain')}"
    for domain in rows(item.call(_DOMAINS).value):
        for sub in rows(domain.get("subDomains")):
            setting = member(sub, "subDomainSetting")
            if member(setting, "branchName") == name:
                prefix = str(member(setting, "prefix") or "")
                yield f"https://{prefix}{'.' if prefix else ''}{domain.get('domainName')}"


def _guards(item: Item) -> tuple[str, ...]:
    acl = member(item.item, "wafConfiguration", "webAclArn")
    on = member(item.item, "wafConfiguration", "wafStatus") == "ASSOCIATION_SUCCESS"
    return (f"waf {acl}",) if on and isinstance(acl, str) and acl else ()


DOORS = (
    FrontDoor(
        type_id="amplify:app",
        mechanism="amplify",
        title="Amplify applications",
        rule="It has a branch to which something was deployed. Basic authentication of the "
        "application or of the branch is a condition; the most open branch counts.",
        source="https://docs.aws.amazon.com/amplify/latest/userguide/access-control.html",
        judge=_app,
        test="tests/front_doors/test_amplify.py",
        needs=EDGE_WAF_TYPES,
        untold_families=True,
    ),
)
